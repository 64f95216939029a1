import ClusterModel
import Foundation
import Manifests

/// Alibaba's GPU cluster trace of 2023 (`cluster-trace-gpu-v2023`, "openb"): nodes with GPUs, and pods that ask for shares of
/// one GPU, for whole GPUs, or for CPU alone.
///
/// Where to get it: github.com/alibaba/clusterdata, folder `cluster-trace-gpu-v2023/csv`.
///
/// Nodes become nodes with `cpu`, `memory` and `nvidia.com/gpu`, their model in the label `nvidia.com/gpu.product`, and room for
/// 1,000 pods, as the trace knows no such limit. Pods stand in the namespace `default`, in the order of the file. A pod with
/// `gpu_milli` below 1,000 asks for a share of one device, any other for whole devices; `gpu_spec` becomes required node
/// affinity to its models. The trace's class of service stands in the label `switchyard.dev/qos` as it is, and as `production`,
/// `mid` or `batch` in `switchyard.dev/band`, for policies to match; `LS` and `Guaranteed` pods have limits equal to their
/// requests. No pod has a priority, as that would change the order. Times are not used.
public enum OpenBTrace {
    /// What to make of the trace.
    public struct Options: Hashable, Sendable {
        /// The workload: `openb_pod_list_NAME.csv`.
        public var workload: String
        /// Whether only the nodes that have GPUs take part.
        public var gpuNodesOnly: Bool
        /// How much GPU the pods ask for, as a multiple of what the nodes have; nil takes the file as it is.
        public var load: Double?
        /// The seed of the shuffle and of the draws; without a load it does nothing.
        public var seed: UInt64

        /// Options, with defaults for all.
        public init(
            workload: String = "default", gpuNodesOnly: Bool = false, load: Double? = nil, seed: UInt64 = 1
        ) {
            self.workload = workload
            self.gpuNodesOnly = gpuNodesOnly
            self.load = load
            self.seed = seed
        }
    }

    /// Reads nodes and pods from the trace's folder.
    ///
    /// With a load the pods are the whole file, shuffled by the seed, followed by draws with replacement; the list ends with the
    /// pod whose request brings the sum to `load` times the GPUs of the nodes. The second pod of a name is called `NAME--2`, the
    /// third `NAME--3`.
    public static func load(directory: String, options: Options = Options()) throws(InputError) -> ClusterInput {
        var input = ClusterInput()
        // The folder's list of GPU nodes has the same nodes under other names. Taking them from the one list keeps each name
        // for one node.
        let nodeFile = directory + "/openb_node_list_all_node.csv"
        let nodeTable = try CSVTable(path: nodeFile, columns: ["sn", "cpu_milli", "memory_mib", "gpu", "model"])
        for row in nodeTable.rows {
            let node = try node(row)
            let devices = node.allocatable[GPU.deviceResource] ?? .zero
            if !options.gpuNodesOnly || devices > .zero { input.nodes.append(node) }
        }
        let podFile = try workloadFile(options.workload, in: directory)
        let podTable = try CSVTable(
            path: podFile, columns: ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"])
        for row in podTable.rows {
            input.pods.append(try pod(row))
            input.podSources.append(ClusterInput.PodSource(file: 0, line: row.line))
        }
        input.files = [podFile]
        input.namespaces = [Namespace(name: "default")]
        if let load = options.load { try draw(load, options.seed, &input) }
        return input
    }

    /// The names of the workloads in a folder.
    public static func workloads(in directory: String) throws(InputError) -> [String] {
        try SourceReader.files(in: directory, extensions: ["csv"]).compactMap { path in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            guard name.hasPrefix(podPrefix) else { return nil }
            return String(name.dropFirst(podPrefix.count).dropLast(".csv".count))
        }
    }

    private static let podPrefix = "openb_pod_list_"

    private static func workloadFile(_ name: String, in directory: String) throws(InputError) -> String {
        let present = try workloads(in: directory)
        guard present.contains(name) else {
            let expected =
                present.isEmpty
                ? "a folder with openb_pod_list_*.csv" : "a workload, one of \(present.joined(separator: ", "))"
            throw InputError(.notFound, file: directory, expected: expected, found: "\"\(name)\"")
        }
        return "\(directory)/\(podPrefix)\(name).csv"
    }

    private static let amounts: ClosedRange<Int64> = 0...1_000_000_000_000

    private static func node(_ row: CSVTable.Row) throws(InputError) -> Node {
        let name = row.string("sn")
        guard !name.isEmpty else { throw row.error("sn", expected: "a name") }
        let devices = try row.int("gpu", in: 0...Int64(GPU.maxDevices)) ?? 0
        let memoryMiB = try row.int("memory_mib", in: amounts) ?? 0
        var allocatable: ResourceList = [
            "cpu": Quantity(milli: try row.int("cpu_milli", in: amounts) ?? 0),
            "memory": Quantity(memoryMiB << 20, format: .binarySI), "pods": Quantity(1_000),
        ]
        if devices > 0 { allocatable[GPU.deviceResource] = Quantity(devices) }
        var labels = ["kubernetes.io/hostname": name]
        if !row.string("model").isEmpty { labels[GPU.modelLabel] = row.string("model") }
        return Node(metadata: ObjectMeta(name: name, labels: labels), allocatable: allocatable)
    }

    private static func pod(_ row: CSVTable.Row) throws(InputError) -> Pod {
        let name = row.string("name")
        guard !name.isEmpty else { throw row.error("name", expected: "a name") }
        let memoryMiB = try row.int("memory_mib", in: amounts) ?? 0
        var requests: ResourceList = [
            "cpu": Quantity(milli: try row.int("cpu_milli", in: amounts) ?? 0),
            "memory": Quantity(memoryMiB << 20, format: .binarySI),
        ]
        let devices = try row.int("num_gpu", in: 0...Int64(GPU.maxDevices)) ?? 0
        let share = try row.int("gpu_milli", in: 0...GPU.milliPerDevice) ?? 0
        if devices == 1, share > 0, share < GPU.milliPerDevice {
            requests[GPU.shareResource] = Quantity(share)
        } else if devices > 0 {
            requests[GPU.deviceResource] = Quantity(devices)
        }
        let qos = row.string("qos")
        var labels: [String: String] = [:]
        if !qos.isEmpty { labels = ["switchyard.dev/qos": qos, "switchyard.dev/band": bands[qos] ?? "mid"] }
        let isLimited = qos == "LS" || qos == "Guaranteed"
        var spec = PodSpec(containers: [
            Container(name: "main", requests: requests, limits: isLimited ? requests : [:])
        ])
        if devices > 0 { spec.affinity.requiredNodes = models(row.string("gpu_spec")) }
        return Pod(metadata: ObjectMeta(name: name, namespace: "default", labels: labels), spec: spec)
    }

    /// What the trace's classes of service mean to a policy: long-running services, and work that may wait.
    private static let bands = ["LS": "production", "Guaranteed": "production", "Burstable": "mid", "BE": "batch"]

    /// `V100M16|V100M32` as the nodes that have one of these models; nil where any will do.
    private static func models(_ spec: String) -> NodeSelector? {
        var models: [String] = []
        for model in spec.split(separator: "|").map(String.init) where !models.contains(model) { models.append(model) }
        guard !models.isEmpty else { return nil }
        let requirement = SelectorRequirement(key: GPU.modelLabel, operator: .in, values: models)
        return NodeSelector(terms: [NodeSelectorTerm(matchExpressions: [requirement])])
    }

    /// Shuffles the pods and adds draws, until they ask for `load` times the GPUs of the nodes.
    private static func draw(_ load: Double, _ seed: UInt64, _ input: inout ClusterInput) throws(InputError) {
        let capacity = input.nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) }
        let target = load * Double(capacity * GPU.milliPerDevice)
        let requests = input.pods.map { gpuMilli($0) }
        guard load.isFinite, load > 0, load <= 100, requests.contains(where: { $0 > 0 }) else {
            throw InputError(
                .field, file: input.files[0], expected: "a load between 0 and 100, of pods that ask for GPUs",
                found: "\(load), of \(requests.count { $0 > 0 }) such pods")
        }
        var generator = SeededGenerator(seed: seed)
        var order = Array(requests.indices)
        generator.shuffle(&order)
        var pods: [Pod] = []
        var sources: [ClusterInput.PodSource] = []
        var copies = [Int](repeating: 0, count: requests.count)
        var asked: Int64 = 0
        while Double(asked) < target {
            let index = pods.count < order.count ? order[pods.count] : generator.next(below: order.count)
            var pod = input.pods[index]
            copies[index] += 1
            if copies[index] > 1 { pod.metadata.name += "--\(copies[index])" }
            pods.append(pod)
            sources.append(input.podSources[index])
            asked += requests[index]
        }
        input.pods = pods
        input.podSources = sources
    }

    /// What a pod asks for of GPUs, in thousandths of a device.
    public static func gpuMilli(_ pod: Pod) -> Int64 {
        pod.spec.containers.reduce(0) { sum, container in
            let devices = container.requests[GPU.deviceResource]?.value ?? 0
            return sum + devices * GPU.milliPerDevice + (container.requests[GPU.shareResource]?.value ?? 0)
        }
    }
}
