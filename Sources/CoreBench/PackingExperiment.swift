import ClusterModel
import Placement

/// How much of a load fits when CPU, memory and an extended resource are asked for in other proportions than nodes offer.
///
/// Pods arrive one by one until what was asked for reaches 1.3 times what there is of CPU or of memory, whichever is the
/// scarcer; nothing leaves, and what fits nowhere is dropped.
public struct PackingExperiment: Sendable {
    /// A kind of cluster and of pods.
    public enum Scene: String, CaseIterable, Sendable {
        /// Nodes of 4 GiB a core; half the load asks for 1 GiB a core, half for 12.
        case twoShapes = "two-shapes"
        /// Nodes of 2, 4 and 8 GiB a core; pods of 1 to 16.
        case threeFamilies = "three-families"
        /// Nodes and pods of about 4 GiB a core: nothing to gain but from how sizes fit.
        case even
        /// As `three-families`, with two hundred kinds of pods of many sizes.
        case manySizes = "many-sizes"
        /// A fifth of the nodes has eight devices of an extended resource; pods that ask for some take CPU beside them.
        case devices
    }

    /// What one run gave, in percent.
    public struct Outcome: Sendable {
        /// What of the scarcer of CPU and memory is taken when what arrived reaches 100 % of it.
        public var at100 = 0.0
        /// The same at 130 %.
        public var at130 = 0.0
        /// What of the extended resource is taken at the end.
        public var devices = 0.0
        /// Pods that arrived.
        public var pods = 0
        /// Pods that were placed.
        public var placed = 0
        /// Nanoseconds of processor time a pod.
        public var nanosecondsPerPod = 0.0
    }

    /// The extended resource of `devices`.
    static let device = "example.com/device"

    private struct Kind {
        var cpuMilli: Int64
        var memoryMiB: Int64
        var devices: Int64 = 0
        /// How often it comes.
        var frequency: Double
    }

    /// The scene.
    public let scene: Scene
    /// How many nodes.
    public let nodes: Int

    /// An experiment of a scene.
    public init(_ scene: Scene, nodes: Int = 400) {
        self.scene = scene
        self.nodes = nodes
    }

    private func node(_ index: Int) -> (cpuMilli: Int64, memoryMiB: Int64, devices: Int64) {
        switch scene {
        case .twoShapes, .even: return (32_000, 128 << 10, 0)
        case .threeFamilies, .manySizes: return (32_000, [64, 128, 256][index % 3] << 10, 0)
        case .devices: return (32_000, 128 << 10, index % 5 == 0 ? 8 : 0)
        }
    }

    /// The kinds of pods; small ones come more often, so that each size asks for about as much.
    private func kinds(_ random: inout Generator) -> [Kind] {
        let sizes: [Int64] = [500, 1000, 2000, 4000, 8000]
        var ratios: [Double] = []
        switch scene {
        case .twoShapes: ratios = [1, 12]
        case .threeFamilies, .devices: ratios = [1, 2, 4, 8, 16]
        case .even: ratios = [3.5, 4, 4.5]
        case .manySizes:
            return (0..<200).map { _ in
                let cpu = Int64(500 + random.below(9500))
                let ratio = [1.0, 2, 4, 8, 16][random.below(5)] * (0.7 + 0.006 * Double(random.below(100)))
                return kind(cpu, ratio, &random)
            }
        }
        var kinds = ratios.flatMap { ratio in sizes.map { kind(ratio > 8 ? $0 / 2 : $0, ratio, &random) } }
        if scene == .devices {
            // Of what the devices offer about nine tenths are asked for when the load reaches 100 %.
            let asked = kinds.reduce((cpu: 0.0, memory: 0.0)) {
                ($0.cpu + $1.frequency * Double($1.cpuMilli), $0.memory + $1.frequency * Double($1.memoryMiB))
            }
            let share = max(asked.cpu / 32_000, asked.memory / Double(128 << 10))
            let asking: [(Int64, Int64, Int64)] = [(4000, 4096, 1), (8000, 8192, 2), (2000, 16_384, 1)]
            for (cpu, memory, devices) in asking {
                kinds.append(
                    Kind(
                        cpuMilli: cpu, memoryMiB: memory, devices: devices,
                        frequency: 0.9 * share * 8 / 5 / 3 / Double(devices)))
            }
        }
        return kinds
    }

    private func kind(_ cpuMilli: Int64, _ gibPerCore: Double, _ random: inout Generator) -> Kind {
        let memory = Int64(Double(cpuMilli) * gibPerCore * 1.024)
        return Kind(
            cpuMilli: cpuMilli, memoryMiB: memory,
            frequency: (30 + Double(random.below(100))) / Double(max(cpuMilli, 500)))
    }

    /// Runs the experiment with a seed, which draws how often each kind comes, and the pods.
    public func run(profile: Profile, seed: UInt64) -> Outcome {
        var random = Generator(seed)
        for _ in 0..<16 { _ = random.below(2) }
        var cell = Cell()
        var offered = (cpu: 0.0, memory: 0.0, devices: 0.0)
        for index in 0..<nodes {
            let size = node(index)
            var offers: ResourceList = [
                "cpu": Quantity(milli: size.cpuMilli), "memory": Quantity(size.memoryMiB << 20), "pods": Quantity(1000),
            ]
            if size.devices > 0 { offers[PackingExperiment.device] = Quantity(size.devices) }
            cell.upsertNode(
                Node(metadata: ObjectMeta(name: "n\(index)"), allocatable: offers), at: NodeIndex(index))
            offered.cpu += Double(size.cpuMilli)
            offered.memory += Double(size.memoryMiB)
            offered.devices += Double(size.devices)
        }
        let kinds = kinds(&random)
        let classes = kinds.map { kind in
            var requests: ResourceList = [
                "cpu": Quantity(milli: kind.cpuMilli), "memory": Quantity(kind.memoryMiB << 20),
            ]
            if kind.devices > 0 { requests[PackingExperiment.device] = Quantity(kind.devices) }
            return cell.register(SchedulingSpec(requests: requests))
        }
        let total = kinds.reduce(0) { $0 + $1.frequency }
        var engine = Engine(profile: profile, seed: seed)
        var outcome = Outcome()
        var arrived = (cpu: 0.0, memory: 0.0)
        var taken = (cpu: 0.0, memory: 0.0, devices: 0.0)
        let before = Memory.cpuSeconds
        while max(arrived.cpu / offered.cpu, arrived.memory / offered.memory) < 1.3 {
            var draw = total * Double(random.below(1 << 30)) / Double(1 << 30)
            var number = 0
            while number < kinds.count - 1, draw >= kinds[number].frequency {
                draw -= kinds[number].frequency
                number += 1
            }
            arrived.cpu += Double(kinds[number].cpuMilli)
            arrived.memory += Double(kinds[number].memoryMiB)
            let pod = PodID(outcome.pods)
            outcome.pods += 1
            if case .node(let node, let devices) = engine.select(classes[number], in: &cell) {
                cell.place(pod, class: classes[number], on: node, devices: devices)
                outcome.placed += 1
                taken.cpu += Double(kinds[number].cpuMilli)
                taken.memory += Double(kinds[number].memoryMiB)
                taken.devices += Double(kinds[number].devices)
            }
            outcome.at130 = 100 * max(taken.cpu / offered.cpu, taken.memory / offered.memory)
            if max(arrived.cpu / offered.cpu, arrived.memory / offered.memory) < 1 { outcome.at100 = outcome.at130 }
        }
        outcome.devices = offered.devices > 0 ? 100 * taken.devices / offered.devices : 0
        outcome.nanosecondsPerPod = (Memory.cpuSeconds - before) * 1e9 / Double(max(1, outcome.pods))
        return outcome
    }

    // MARK: Report

    /// The columns' names.
    public static let header = row(["scene", "profile", "at 100", "at 130", "devices", "placed", "pods", "cpu ns/pod"])

    /// Means of several seeds as a line.
    public func line(profile: Profile, seeds: Int) -> String {
        let outcomes = (1...max(1, seeds)).map { run(profile: profile, seed: UInt64($0)) }
        func mean(_ value: (Outcome) -> Double) -> Double {
            outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
        }
        return PackingExperiment.row([
            scene.rawValue, profile.name, CoreReport.decimals(mean(\.at100)), CoreReport.decimals(mean(\.at130)),
            scene == .devices ? CoreReport.decimals(mean(\.devices)) : "-", "\(Int(mean { Double($0.placed) }))",
            "\(Int(mean { Double($0.pods) }))", "\(Int(mean(\.nanosecondsPerPod)))",
        ])
    }

    private static func row(_ cells: [String]) -> String {
        CoreReport.row(cells, widths: [15, 14, 8, 8, 8, 8, 8, 10])
    }
}
