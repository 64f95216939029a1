import ClusterModel
import Glibc
import Placement

/// The packing experiment on the openb trace: the whole workload shuffled, then draws with replacement until the GPU
/// requests reach 1.3 times the cluster's GPUs; nothing leaves, and what fits nowhere is dropped.
public struct OpenbExperiment {
    /// What one run gave.
    public struct Outcome: Sendable {
        /// Percent of all GPUs allocated when the requests that arrived reached 100 % of them.
        public var at100: Double
        /// The same at 130 %.
        public var at130: Double
        /// The time of the run.
        public var seconds: Double
        /// The processor time of it.
        public var cpuSeconds: Double
        /// Pods that arrived.
        public var pods: Int
        /// A sum over the placements.
        public var checksum: UInt64
    }

    private let nodes: [Node]
    private let specs: [(spec: SchedulingSpec, gpuMilli: Int64)]

    /// Reads the trace's node list and a workload's pod list; nil where they cannot be read.
    public init?(folder: String, workload: String) {
        guard let nodeRows = Table.read("\(folder)/openb_node_list_gpu_node.csv"),
            let podRows = Table.read("\(folder)/openb_pod_list_\(workload).csv")
        else { return nil }
        nodes = nodeRows.map { row in
            Node(
                metadata: ObjectMeta(name: row["sn"] ?? "", labels: [GPU.modelLabel: row["model"] ?? ""]),
                allocatable: [
                    "cpu": Quantity(milli: Int64(row["cpu_milli"] ?? "") ?? 0),
                    "memory": Quantity((Int64(row["memory_mib"] ?? "") ?? 0) << 20),
                    GPU.deviceResource: Quantity(Int64(row["gpu"] ?? "") ?? 0), "pods": Quantity(10_000),
                ])
        }
        specs = podRows.map { row in
            let count = Int64(row["num_gpu"] ?? "") ?? 0
            let milli = Int64(row["gpu_milli"] ?? "") ?? 0
            var requests: ResourceList = [
                "cpu": Quantity(milli: Int64(row["cpu_milli"] ?? "") ?? 0),
                "memory": Quantity((Int64(row["memory_mib"] ?? "") ?? 0) << 20),
            ]
            let isShare = count == 1 && milli < GPU.milliPerDevice
            if isShare { requests[GPU.shareResource] = Quantity(milli) }
            if count > 0, !isShare { requests[GPU.deviceResource] = Quantity(count) }
            var spec = SchedulingSpec(requests: requests)
            let models = (row["gpu_spec"] ?? "").split(separator: "|").map(String.init)
            if count > 0, !models.isEmpty {
                let requirement = SelectorRequirement(key: GPU.modelLabel, operator: .in, values: models)
                spec.affinity.requiredNodes = NodeSelector(terms: [NodeSelectorTerm(matchExpressions: [requirement])])
            }
            return (spec, count == 0 ? 0 : isShare ? milli : count * GPU.milliPerDevice)
        }
    }

    /// Runs the experiment with a seed.
    public func run(profile: Profile, seed: UInt64) -> Outcome {
        var cell = Cell()
        for (index, node) in nodes.enumerated() { cell.upsertNode(node, at: NodeIndex(index)) }
        var engine = Engine(profile: profile, seed: seed)
        let classes = specs.map { cell.register($0.spec) }
        let capacity = nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) * GPU.milliPerDevice }
        var random = Generator(seed)
        var order = Array(specs.indices)
        for position in order.indices.reversed() where position > 0 {
            order.swapAt(position, random.below(position + 1))
        }
        var outcome = Outcome(at100: 0, at130: 0, seconds: 0, cpuSeconds: 0, pods: 0, checksum: 0)
        let cpuBefore = Memory.cpuSeconds
        var arrived: Int64 = 0
        var allocated: Int64 = 0
        let time = ContinuousClock().measure {
            while Double(arrived) < 1.3 * Double(capacity) {
                let number = outcome.pods < order.count ? order[outcome.pods] : random.below(specs.count)
                let pod = PodID(outcome.pods)
                outcome.pods += 1
                arrived += specs[number].gpuMilli
                if case .node(let node, let devices) = engine.select(classes[number], in: &cell) {
                    cell.place(pod, class: classes[number], on: node, devices: devices)
                    allocated += specs[number].gpuMilli
                    outcome.checksum = (outcome.checksum ^ UInt64(node)) &* 0x100_0000_01b3 &+ devices.rawValue
                }
                let share = 100 * Double(arrived) / Double(capacity)
                if share < 100.5 { outcome.at100 = 100 * Double(allocated) / Double(capacity) }
                outcome.at130 = 100 * Double(allocated) / Double(capacity)
            }
        }
        outcome.seconds = time.seconds
        outcome.cpuSeconds = Memory.cpuSeconds - cpuBefore
        return outcome
    }
}

/// A small generator of random numbers.
struct Generator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 11) % UInt64(bound))
    }
}

/// A file of comma-separated values with a header.
enum Table {
    static func read(_ path: String) -> [[String: String]]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let header = lines.first?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) else {
            return nil
        }
        return lines.dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return Dictionary(zip(header, fields)) { $1 }
        }
    }
}
