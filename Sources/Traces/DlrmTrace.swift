import ClusterModel
import Manifests

/// Alibaba's trace of recommendation services on disaggregated GPUs, as published in alibaba/clusterdata,
/// cluster-trace-gpu-v2025: 23,871 latency-sensitive instances of 156 applications.
///
/// An instance is a pod with the trace's requests: CPU, memory, disk (`ephemeral-storage`), whole GPUs, and percent of RDMA
/// network cards (`rdmaResource`). An application is a ReplicaSet; its pods have the labels `app` and `role` (`HN`: the part
/// on GPU machines, `CN`: the part on CPU machines) and select a pool of machines of their own, see `DlrmCluster`. Names
/// have `-` for `_`, which Kubernetes does not allow. All instances stand at once, unless the
/// trace is replayed with its times.
///
/// `max_instance_per_node` N becomes an extended resource of the application's own: each node of its pool offers N of
/// `slots.switchyard.dev/APP-ROLE`, and each of its pods takes one. With N = 1, required anti-affinity over host names
/// says the same more plainly. Roles have pools of their own, so counting them apart is counting the application. Ten of
/// 312 parts have instances with different N; there the smallest holds for all, which keeps every limit.
///
/// (A spread constraint over host names with `maxSkew` N and `minDomains` above any number of hosts says the same without
/// new resources, as the emptiest host then counts as empty. On this trace it made a run ten times as long as 174
/// resources did, and the check of a run minutes instead of seconds.)
public enum DlrmTrace {
    /// The extended resource that counts percent of RDMA network cards.
    public static let rdmaResource = "alibabacloud.com/rdma"
    /// What the names of the resources begin with that keep `max_instance_per_node`; reports may leave them out.
    public static let slotPrefix = "slots.switchyard.dev/"
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
    ///   - withTimes: whether to read when each pod came and went.
    public static func load(
        path: String, seed: UInt64 = 0, withTimes: Bool = false
    ) throws(InputErrors) -> TraceInput {
        let table = try TraceTable(path: try file(path), columns: columns)
        if withTimes { try PodHistory.check(table) }
        var histories: [String: PodHistory] = [:]
        let instances = try table.map(named: "instance_sn") { row, name throws(InputError) in
            if withTimes { histories[name] = try PodHistory(row, of: table) }
            return try DlrmInstance(row, name, of: table)
        }
        let cluster = DlrmCluster(instances)
        let nodes = cluster.nodes(seed: seed)
        var owners: [String: [OwnerReference]] = [:]
        let pods = instances.map { instance in
            let owner =
                owners[instance.part.app]
                ?? [OwnerReference(kind: "ReplicaSet", name: instance.part.app, apiVersion: "apps/v1")]
            owners[instance.part.app] = owner
            return pod(instance, limit: cluster.limits[instance.part], owner: owner)
        }
        let description =
            "dlrm: \(pods.count.grouped) pods of \(owners.count.grouped) applications, in file order, on a generated "
            + "cluster: \(cluster.summary(nodes)), \(Int(DlrmCluster.headroom * 100) - 100) % headroom, seed \(seed)"
        var input = TraceInput(nodes: nodes, pods: pods, description: description)
        for instance in instances where withTimes {
            histories[instance.name]?.service = "\(instance.part.app)-\(instance.part.role.rawValue.lowercased())"
            histories[instance.name]?.mostPerNode = cluster.limits[instance.part].map(Int.init)
        }
        input.histories = histories
        return input
    }

    private static func pod(_ instance: DlrmInstance, limit: Int64?, owner: [OwnerReference]) -> Pod {
        let part = instance.part
        var labels = [TraceNames.appLabel: part.app, roleLabel: part.role.rawValue]
        var requests = instance.requests
        var affinity = Affinity()
        if limit == 1 {
            let selector = LabelSelector(matchLabels: labels)
            affinity.requiredAntiPods = [
                PodAffinityTerm(topologyKey: TraceNames.hostLabel, labelSelector: selector)
            ]
        } else if limit != nil {
            requests[part.slotResource] = Quantity(1)
        }
        var spec = PodSpec(containers: [Container(name: "main", image: "dlrm", requests: requests)])
        spec.affinity = affinity
        spec.nodeSelector = [DlrmPool.label: instance.pool.rawValue]
        labels[TraceNames.qosLabel] = "LS"
        let metadata = ObjectMeta(
            name: instance.name, namespace: TraceNames.namespace, labels: labels, ownerReferences: owner)
        return Pod(metadata: metadata, spec: spec)
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
