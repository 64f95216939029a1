import ClusterModel
import Manifests

/// Alibaba's GPU cluster trace of 2023 (`openb`), as published in alibaba/clusterdata, cluster-trace-gpu-v2023.
///
/// Nodes keep their names and offer CPU, memory and GPU devices, and room for 1,000 pods each: every pod of the trace asks
/// for a core or more and the largest node has 128, so the number of pods never binds, as it does not in the published
/// experiments. Node labels: the host name, and `GPU.modelLabel` where there are GPUs.
///
/// A pod asks for whole devices (`GPU.deviceResource`), or with `num_gpu` 1 and `gpu_milli` below 1,000 for a share of one
/// (`GPU.shareResource`); `gpu_spec` becomes required node affinity to those models. The trace does not say what owns a
/// pod. So that policies can tell services from batch work, the converter gives owners by `qos`:
///
/// | qos | pods | owner |
/// |---|---|---|
/// | BE | all | a Job of the pod's own: best-effort work that ends |
/// | LS, LSR, Guaranteed | without GPUs | one ReplicaSet for all of the same shape: replicas of a long-running service |
/// | anything else | | none |
///
/// With the policies shipped, BE pods then go to the gang scheduler, CPU-only services to the spreading one, and services
/// with GPUs to the packing one. Phases and limits of the trace are not used; its times are for a replay.
public enum OpenbTrace {
    /// The number of pods that a node has room for.
    public static let podsPerNode: Int64 = 1000

    /// Reads nodes and pods from the folder with the trace's files.
    ///
    /// - Parameters:
    ///   - folder: holds `openb_node_list_all_node.csv` and `openb_pod_list_NAME.csv`.
    ///   - workload: the NAME of the pod list.
    ///   - gpuNodesOnly: leaves out nodes without GPUs. They are left out of the list of all nodes: the list of GPU nodes
    ///     that is published too has the same machines in the same order under other names.
    ///   - load: nil for the pods in file order. Otherwise the whole file is shuffled, and then pods are drawn from it with
    ///     replacement until the GPU requests of all reach this many times the cluster's GPUs. The second pod of a name is
    ///     called `NAME--2`, the third `NAME--3`.
    ///   - seed: fixes shuffle and draws.
    ///   - withTimes: whether to read when each pod came and went, which not every workload tells.
    public static func load(
        folder: String, workload: String = "default", gpuNodesOnly: Bool = false, load: Double? = nil, seed: UInt64 = 0,
        withTimes: Bool = false
    ) throws(InputErrors) -> TraceInput {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let podFile = prefix + podListPrefix + workload + ".csv"
        try checkWorkload(workload, file: podFile, folder: folder)
        var nodes = try nodes(file: prefix + "openb_node_list_all_node.csv")
        if gpuNodesOnly { nodes.removeAll { $0.allocatable[GPU.deviceResource] == nil } }
        var (pods, histories) = try pods(file: podFile, withTimes: withTimes)
        let devices = nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) }
        var order = "in file order"
        if let load {
            do throws(InputError) {
                try OpenbLoad(load: load, devices: devices, seed: seed, file: podFile).apply(to: &pods)
            } catch {
                throw InputErrors([error])
            }
            order = "shuffled and drawn to a load of \(load) by seed \(seed)"
        }
        let requested = pods.reduce(0) { $0 + $1.requestedGPUMilli } / GPU.milliPerDevice
        let description =
            "openb \(workload): \(pods.count.grouped) pods asking for \(requested.grouped) GPUs, \(order), on "
            + "\(nodes.count.grouped) nodes with \(devices.grouped) GPUs\(gpuNodesOnly ? " (GPU nodes only)" : "")"
        var input = TraceInput(nodes: nodes, pods: pods, description: description)
        input.histories = histories
        return input
    }

    /// The workloads in a folder, sorted by name.
    public static func workloads(in folder: String) throws(InputError) -> [String] {
        try SourceReader.files(in: folder, extensions: ["csv"]).compactMap { path in
            let name = path.split(separator: "/").last ?? ""
            guard name.hasPrefix(podListPrefix) else { return nil }
            return String(name.dropFirst(podListPrefix.count).dropLast(".csv".count))
        }
    }

    private static let podListPrefix = "openb_pod_list_"

    private static func checkWorkload(_ workload: String, file: String, folder: String) throws(InputErrors) {
        do throws(InputError) {
            let known = try workloads(in: folder)
            guard !known.contains(workload) else { return }
            let expected =
                known.isEmpty
                ? "a folder with files \(podListPrefix)NAME.csv"
                : "a workload of the folder: \(known.joined(separator: ", "))"
            throw InputError(.notFound, file: file, expected: expected, found: "no workload \"\(workload)\"")
        } catch {
            throw InputErrors([error])
        }
    }

    // MARK: Nodes

    private static func nodes(file: String) throws(InputErrors) -> [Node] {
        let table = try TraceTable(path: file, columns: ["sn", "cpu_milli", "memory_mib", "gpu", "model"])
        return try table.map(named: "sn") { row, name throws(InputError) in
            var allocatable: ResourceList = [
                "cpu": Quantity(milli: try table.number(row, "cpu_milli")),
                "memory": try table.mebibytes(row),
                "pods": Quantity(podsPerNode),
            ]
            var labels = [TraceNames.hostLabel: name]
            let devices = try table.number(row, "gpu", in: 0...Int64(GPU.maxDevices))
            if devices > 0 {
                allocatable[GPU.deviceResource] = Quantity(devices)
                let model = try table.label(row, "model")
                if !model.isEmpty { labels[GPU.modelLabel] = model }
            }
            return Node(metadata: ObjectMeta(name: name, labels: labels), allocatable: allocatable)
        }
    }

    // MARK: Pods

    private static func pods(
        file: String, withTimes: Bool
    ) throws(InputErrors) -> ([Pod], [String: PodHistory]) {
        // gpu_spec and qos are missing in some workloads.
        let columns = ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"]
        let table = try TraceTable(path: file, columns: columns)
        if withTimes { try PodHistory.check(table) }
        var histories: [String: PodHistory] = [:]
        let pods = try table.map(named: "name") { row, name throws(InputError) in
            if withTimes { histories[name] = try PodHistory(row, of: table) }
            return try pod(row, name, of: table)
        }
        return (pods, histories)
    }

    private static func pod(_ row: TraceTable.Row, _ name: String, of table: TraceTable) throws(InputError) -> Pod {
        let cpuMilli = try table.number(row, "cpu_milli")
        var requests: ResourceList = ["cpu": Quantity(milli: cpuMilli), "memory": try table.mebibytes(row)]
        let devices = try table.number(row, "num_gpu", in: 0...Int64(GPU.maxDevices))
        let milli = try table.number(row, "gpu_milli", in: (devices == 1 ? 1 : 0)...GPU.milliPerDevice)
        if devices > 1 || (devices == 1 && milli >= GPU.milliPerDevice) {
            requests[GPU.deviceResource] = Quantity(devices)
        } else if devices == 1 {
            requests[GPU.shareResource] = Quantity(milli)
        }
        var spec = PodSpec(containers: [Container(name: "main", image: "openb", requests: requests)])
        let models = table.text(row, "gpu_spec").split(separator: "|").map(String.init)
        if devices > 0, !models.isEmpty {
            let requirement = SelectorRequirement(key: GPU.modelLabel, operator: .in, values: models)
            spec.affinity.requiredNodes = NodeSelector(terms: [NodeSelectorTerm(matchExpressions: [requirement])])
        }
        var metadata = ObjectMeta(name: name, namespace: TraceNames.namespace)
        let qos = try table.label(row, "qos")
        if !qos.isEmpty { metadata.labels[TraceNames.qosLabel] = qos }
        if qos == "BE" {
            metadata.ownerReferences = [job(of: name)]
        } else if devices == 0, ["LS", "LSR", "Guaranteed"].contains(qos) {
            let service = "openb-\(qos.lowercased())-\(cpuMilli)m-\(table.text(row, "memory_mib"))mi"
            metadata.labels[TraceNames.appLabel] = service
            metadata.ownerReferences = [OwnerReference(kind: "ReplicaSet", name: service, apiVersion: "apps/v1")]
        }
        return Pod(metadata: metadata, spec: spec)
    }

    /// The Job that owns a best-effort pod.
    static func job(of pod: String) -> OwnerReference {
        OwnerReference(kind: "Job", name: pod, apiVersion: "batch/v1")
    }
}

extension TraceTable {
    fileprivate func mebibytes(_ row: Row) throws(InputError) -> Quantity {
        Quantity(try number(row, "memory_mib") << 20, format: .binarySI)
    }
}

extension Pod {
    /// The GPUs that the pod asks for, in thousandths of a device.
    var requestedGPUMilli: Int64 {
        let requests = spec.containers.first?.requests ?? [:]
        let devices = requests[GPU.deviceResource]?.value ?? 0
        return devices * GPU.milliPerDevice + (requests[GPU.shareResource]?.value ?? 0)
    }
}
