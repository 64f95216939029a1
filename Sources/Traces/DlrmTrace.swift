import ClusterModel
import Manifests

/// Alibaba's trace of recommendation services on disaggregated GPUs, as published in alibaba/clusterdata,
/// cluster-trace-gpu-v2025: 23,871 latency-sensitive instances of 156 applications.
///
/// An instance is a pod with the trace's requests: CPU, memory, disk (`ephemeral-storage`), whole GPUs, and percent of RDMA
/// network cards (`rdmaResource`). An application is a ReplicaSet; its pods have the labels `app` and `role` (`HN`: the part
/// on GPU machines, `CN`: the part on CPU machines) and select a pool of machines of their own, see `DlrmCluster`. Names
/// have `-` for `_`, which Kubernetes does not allow. All instances stand at once: the trace's times are not used.
///
/// `max_instance_per_node` N is exact in Kubernetes' own terms, without resources made up for it. Each pod with an N has a
/// topology spread constraint over host names: `DoNotSchedule`, `maxSkew` N, counting the pods of its application, and a
/// `minDomains` above any number of hosts. By Kubernetes' rule the emptiest host then counts as empty, so that the skew is
/// the number of the application's pods on the host, and at most N. (An extended resource for each of the 104 applications
/// with an N would be exact too, at the price of some 100 more amounts on each of 6,000 nodes, for which every reader,
/// mirror and table would pay.) With N = 1 required anti-affinity says the same more plainly. A few applications have
/// instances with different N; the constraint of one placed is kept when others follow unless the dispatcher's
/// `protectsPlacedSpread` is off.
public enum DlrmTrace {
    /// The extended resource that counts percent of RDMA network cards.
    public static let rdmaResource = "alibabacloud.com/rdma"
    /// The pod label with the trace's role: `HN` or `CN`.
    public static let roleLabel = "role"
    /// The names that the file goes by.
    static let fileNames = ["alibaba_dlrm_2025.csv", "disaggregated_DLRM_trace.csv"]

    private static let columns = [
        "instance_sn", "role", "app_name", "cpu_request", "gpu_request", "rdma_request", "memory_request",
        "disk_request", "max_instance_per_node",
    ]

    /// Reads the pods and generates a cluster that holds them.
    ///
    /// - Parameters:
    ///   - path: the CSV file, or the folder that it is in.
    ///   - seed: fixes the cluster.
    public static func load(path: String, seed: UInt64 = 0) throws(InputErrors) -> TraceInput {
        let table = try TraceTable(path: try file(path), columns: columns)
        var builder = DlrmPodBuilder()
        var cluster = DlrmCluster()
        let pods = try table.map(named: "instance_sn") { row, name throws(InputError) in
            let instance = try DlrmInstance(row, name, of: table)
            guard let pool = DlrmPool.holding(instance) else {
                throw table.fault(row, "instance_sn", expected: "an instance of at most \(DlrmPool.largest(instance))")
            }
            cluster.add(instance, to: pool)
            return builder.pod(instance, pool)
        }
        let nodes = cluster.nodes(seed: seed)
        let description =
            "dlrm: \(pods.count.grouped) pods of \(builder.appCount.grouped) applications, in file order, on a generated "
            + "cluster: \(cluster.summary(nodes)), \(Int(DlrmCluster.headroom * 100) - 100) % headroom, seed \(seed)"
        return TraceInput(nodes: nodes, pods: pods, description: description)
    }

    private static func file(_ path: String) throws(InputErrors) -> String {
        guard !path.hasSuffix(".csv") else { return path }
        do throws(InputError) {
            let files = try SourceReader.files(in: path, extensions: ["csv"])
            let found = files.first { file in fileNames.contains { file.hasSuffix("/" + $0) } }
            if let found { return found }
            throw InputError(
                .notFound, file: path, expected: "a folder with \(fileNames.joined(separator: " or "))",
                found: files.isEmpty ? "no CSV files" : files.joined(separator: ", "))
        } catch {
            throw InputErrors([error])
        }
    }
}

/// One line of the trace.
struct DlrmInstance {
    /// The role of an instance, and so the kind of machine that it runs on.
    enum Role: String {
        case gpu = "HN"
        case cpu = "CN"
    }

    var name: String
    var role: Role
    var app: String
    /// The most pods of the application on one node, or nil for any number.
    var maxPerNode: Int32?
    var requests: ResourceList

    init(_ row: TraceTable.Row, _ name: String, of table: TraceTable) throws(InputError) {
        guard let role = Role(rawValue: table.text(row, "role")) else {
            throw table.fault(row, "role", expected: "HN or CN")
        }
        self.name = name
        self.role = role
        app = try table.name(row, "app_name")
        let most = try table.number(row, "max_instance_per_node", in: -1...Int64(Int32.max))
        guard most != 0 else {
            throw table.fault(row, "max_instance_per_node", expected: "-1 for any number, or at least 1")
        }
        maxPerNode = most < 0 ? nil : Int32(most)
        requests = [
            "cpu": try table.quantity(row, "cpu_request"),
            "memory": try table.quantity(row, "memory_request", unit: "Gi"),
            "ephemeral-storage": try table.quantity(row, "disk_request", unit: "Gi"),
            GPU.deviceResource: Quantity(try table.number(row, "gpu_request", in: 0...Int64(GPU.maxDevices))),
            DlrmTrace.rdmaResource: Quantity(try table.number(row, "rdma_request")),
        ].filter { $0.value > .zero }
    }
}

/// Makes pods, which share what is the same for all of an application.
struct DlrmPodBuilder {
    /// What tells apart the rules of pods.
    private struct RuleKey: Hashable {
        var app: String
        var maxPerNode: Int32?
    }

    private var rules: [RuleKey: (affinity: Affinity, spread: [TopologySpreadConstraint])] = [:]
    private var owners: [String: [OwnerReference]] = [:]

    /// How many applications there are so far.
    var appCount: Int { owners.count }

    /// The pod of an instance.
    mutating func pod(_ instance: DlrmInstance, _ pool: DlrmPool) -> Pod {
        var spec = PodSpec(containers: [Container(name: "main", image: "dlrm", requests: instance.requests)])
        let key = RuleKey(app: instance.app, maxPerNode: instance.maxPerNode)
        let rule = rules[key] ?? DlrmPodBuilder.rule(key)
        rules[key] = rule
        spec.affinity = rule.affinity
        spec.topologySpreadConstraints = rule.spread
        spec.nodeSelector = [DlrmPool.label: pool.rawValue]
        let owner =
            owners[instance.app] ?? [OwnerReference(kind: "ReplicaSet", name: instance.app, apiVersion: "apps/v1")]
        owners[instance.app] = owner
        let labels = [
            TraceNames.appLabel: instance.app, DlrmTrace.roleLabel: instance.role.rawValue, TraceNames.qosLabel: "LS",
        ]
        let metadata = ObjectMeta(
            name: instance.name, namespace: TraceNames.namespace, labels: labels, ownerReferences: owner)
        return Pod(metadata: metadata, spec: spec)
    }

    private static func rule(_ key: RuleKey) -> (affinity: Affinity, spread: [TopologySpreadConstraint]) {
        let selector = LabelSelector(matchLabels: [TraceNames.appLabel: key.app])
        switch key.maxPerNode {
        case nil:
            return (Affinity(), [])
        case 1:
            let term = PodAffinityTerm(topologyKey: TraceNames.hostLabel, labelSelector: selector)
            return (Affinity(requiredAntiPods: [term]), [])
        case .some(let most):
            let constraint = TopologySpreadConstraint(
                maxSkew: most, topologyKey: TraceNames.hostLabel, whenUnsatisfiable: .doNotSchedule,
                labelSelector: selector, minDomains: Int32.max)
            return (Affinity(), [constraint])
        }
    }
}
