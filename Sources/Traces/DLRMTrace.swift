import ClusterModel
import Manifests

/// Alibaba's trace of 2025 of disaggregated recommendation models (`cluster-trace-gpu-v2025`): long-running instances of 156
/// applications, each on nodes with GPUs (role `HN`) or with CPUs alone (`CN`).
///
/// Where to get it: github.com/alibaba/clusterdata, folder `cluster-trace-gpu-v2025`.
///
/// Instances become pods of the namespace `default`, in the order of the file, named as in the trace with hyphens for the
/// underscores. CPU, memory, GPUs and disk (as `ephemeral-storage`) are what they are; RDMA, which the trace counts in percent of a
/// network card, is the extended resource `switchyard.dev/rdma`. Limits equal requests, as in the trace. All instances exist at
/// once; times are not used. A pod's node selector ties it to the pool of its role, and one ReplicaSet owns the instances of an
/// application and role.
///
/// `max_instance_per_node` = N allows N instances of the application and role on one node. Topology spread constraints cannot say
/// that (they bound differences, not counts), so for N = 1 it is required anti-affinity on the host, and otherwise an extended
/// resource for each such set, `slots.switchyard.dev/APP-ROLE-N`, of which every node of the pool has N and every pod takes 1. This
/// is exact, and Kubernetes itself holds to it. Instances with −1 are not bound.
///
/// The trace has no nodes; `DLRMCluster` makes some.
public enum DLRMTrace {
    /// The resource that counts percents of an RDMA network card.
    public static let rdmaResource = "switchyard.dev/rdma"
    /// The label, on nodes and in node selectors, that tells the pools apart: `hn` or `cn`.
    public static let poolLabel = "switchyard.dev/pool"
    static let slotPrefix = "slots.switchyard.dev/"
    private static let fileName = "alibaba_dlrm_2025.csv"

    /// Reads the trace, the file or its folder, and makes a cluster that holds it all.
    ///
    /// - Parameter seed: fixes the generated cluster; the pods are the same for every seed.
    public static func load(path: String, seed: UInt64 = 1) throws(InputError) -> ClusterInput {
        let file = path.hasSuffix(".csv") ? path : "\(path)/\(fileName)"
        let table = try CSVTable(
            path: file,
            columns: [
                "instance_sn", "role", "app_name", "cpu_request", "gpu_request", "rdma_request", "memory_request",
                "disk_request", "max_instance_per_node",
            ])
        return try convert(table, seed: seed)
    }

    static func convert(_ table: CSVTable, seed: UInt64) throws(InputError) -> ClusterInput {
        var input = ClusterInput()
        input.files = [table.file]
        input.namespaces = [Namespace(name: "default")]
        for row in table.rows {
            input.pods.append(try pod(row))
            input.podSources.append(ClusterInput.PodSource(file: 0, line: row.line))
        }
        input.collections = owners(of: input.pods)
        input.nodes = DLRMCluster.nodes(for: input.pods, seed: seed)
        return input
    }

    private static func pod(_ row: CSVTable.Row) throws(InputError) -> Pod {
        let name = row.string("instance_sn").replacing("_", with: "-")
        let application = row.string("app_name").replacing("_", with: "-")
        guard !name.isEmpty else { throw row.error("instance_sn", expected: "a name") }
        guard !application.isEmpty else { throw row.error("app_name", expected: "a name") }
        let pool = row.string("role").lowercased()
        guard pool == "hn" || pool == "cn" else { throw row.error("role", expected: "HN or CN") }
        var requests: ResourceList = [
            "cpu": try row.quantity("cpu_request"), "memory": try row.quantity("memory_request", suffix: "Gi"),
            "ephemeral-storage": try row.quantity("disk_request", suffix: "Gi"),
            rdmaResource: try row.quantity("rdma_request"), GPU.deviceResource: try row.quantity("gpu_request"),
        ].filter { $0.value > .zero }
        var spec = PodSpec()
        let owner = "\(application)-\(pool)"
        let labels = ["app": application, "switchyard.dev/role": pool, "switchyard.dev/set": owner]
        let most = try row.int("max_instance_per_node", in: -1...10_000) ?? -1
        if most == 1 {
            let term = PodAffinityTerm(
                topologyKey: "kubernetes.io/hostname",
                labelSelector: LabelSelector(matchLabels: ["switchyard.dev/set": owner]))
            spec.affinity.requiredAntiPods = [term]
        } else if most > 1 {
            requests["\(slotPrefix)\(owner)-\(most)"] = Quantity(1)
        }
        spec.containers = [Container(name: "main", requests: requests, limits: requests)]
        spec.nodeSelector = [poolLabel: pool]
        let reference = OwnerReference(kind: "ReplicaSet", name: owner, apiVersion: "apps/v1")
        return Pod(
            metadata: ObjectMeta(name: name, namespace: "default", labels: labels, ownerReferences: [reference]),
            spec: spec)
    }

    /// One ReplicaSet for each application and role, in the order of their first pods, with the first pod as its template.
    private static func owners(of pods: [Pod]) -> [PodCollection] {
        var sizes: [String: Int] = [:]
        var first: [(name: String, pod: Pod)] = []
        for pod in pods {
            guard let name = pod.metadata.controller?.name else { continue }
            if sizes[name] == nil { first.append((name, pod)) }
            sizes[name, default: 0] += 1
        }
        return first.map { name, pod in
            PodCollection(
                kind: .replicaSet, metadata: ObjectMeta(name: name, namespace: "default"), replicas: sizes[name] ?? 0,
                selector: LabelSelector(matchLabels: ["switchyard.dev/set": name]), templateLabels: pod.metadata.labels,
                template: pod.spec)
        }
    }
}
