import CoreBench

/// What `bench run` measured: the machine, the build, and every case.
public struct BenchResult: Codable, Sendable {
    /// `BenchResult`, so that a file of another kind is not taken for one.
    public var kind = BenchResult.kind
    /// The version of this layout.
    public var version = BenchResult.version
    /// Where it was measured, and when.
    public var machine: Machine
    /// What was measured.
    public var build: Build
    /// The seed of every random choice.
    public var seed: UInt64
    /// One a size of a benchmark, in the order in which they were run.
    public var cases: [CaseResult]

    /// What the files say they are.
    public static let kind = "BenchResult"
    /// The version of the layout that is written and read.
    public static let version = 1

    /// A result of the given parts.
    public init(machine: Machine, build: Build, seed: UInt64, cases: [CaseResult]) {
        self.machine = machine
        self.build = build
        self.seed = seed
        self.cases = cases
    }
}

extension BenchResult {
    /// The value that a goal of a case speaks of; nil where it was not measured.
    public func value(of goal: Goal, in item: CaseResult) -> Double? {
        guard let value = item.value(of: goal.metric) else { return nil }
        guard let size = goal.of else { return value }
        let other = cases.first { $0.benchmark == item.benchmark && $0.size == size }
        return other?.value(of: goal.metric).flatMap { $0 > 0 ? value / $0 : nil }
    }
}

/// What was measured of one size of a benchmark.
public struct CaseResult: Codable, Sendable {
    /// The benchmark's name.
    public var benchmark: String
    /// The size's name.
    public var size: String
    /// What the benchmark is for.
    public var summary: String
    /// The numbers of the size.
    public var parameters: Parameters
    /// The schedulers that ran, and their commands.
    public var schedulers: [String]
    /// The commands of the schedulers, in the same order.
    public var commands: [String]
    /// The folder of policies; empty for none.
    public var policies: String
    /// The runs that count, in order.
    public var runs: [RunResult]
    /// Which of them the series is of: the one with the median throughput.
    public var medianRun: Int
    /// How that run went over time.
    public var series: RunSeries
    /// Runs at a share of the highest rate, in an open loop.
    public var openLoop: [OpenLoopResult]
    /// The least that moving and parsing the same bytes takes; nil where it was not measured.
    public var floor: FloorResult?
    /// What the figures should reach.
    public var goals: [Goal]
    /// What went wrong, empty where nothing did: pods that did not end as they had to, runs that did not end.
    public var failures: [String]
    /// `Placement` alone, where that is what the benchmark measures.
    public var core: CoreResult?

    /// The benchmark and the size: `basic/medium`.
    public var name: String { "\(benchmark)/\(size)" }

    /// The values of a figure, by run.
    public func values(_ metric: Metric) -> [Double] { runs.map { $0.value(of: metric) } }

    /// The median of a figure, and how far the runs lie apart.
    public func spread(_ metric: Metric) -> Spread { Spread(values(metric)) }

    /// The value of a figure that goals speak of; nil where it was not measured.
    public func value(of metric: Metric) -> Double? {
        if metric == .p99MillisecondsAtHalfRate { return openLoop.first { $0.share == 0.5 }?.run.latency.p99 }
        if let core {
            switch metric {
            case .podsPerSecond: return core.podsPerSecond
            case .cpuMicrosecondsPerPod: return core.cpuNanosecondsPerPod / 1e3
            default: return nil
            }
        }
        return runs.isEmpty ? nil : spread(metric).median
    }

    /// Whether all runs placed the same pods on the same nodes.
    public var isRepeatable: Bool { Set(runs.map(\.checksum)).count == 1 }
}

/// What a run at a fixed rate measured.
public struct OpenLoopResult: Codable, Sendable {
    /// The share of the median throughput of the closed loop.
    public var share: Double
    /// Pods a second that arrived.
    public var rate: Double
    /// What the run measured.
    public var run: RunResult
    /// How that run went over time.
    public var series: RunSeries
}

/// What `Placement` alone measured.
public struct CoreResult: Codable, Sendable {
    /// The kind of pods.
    public var workload: String
    /// The profile's name.
    public var profile: String
    /// How many nodes.
    public var nodes: Int
    /// How many pods were placed.
    public var pods: Int
    /// Pods placed a second.
    public var podsPerSecond: Double
    /// Processor time a pod.
    public var cpuNanosecondsPerPod: Double
    /// Seconds that adding the nodes took.
    public var setupSeconds: Double
    /// Memory a node.
    public var bytesPerNode: Double
    /// The least that moving the bytes touched takes a pod.
    public var floorNanoseconds: Double
    /// A sum over the placements, in hexadecimal.
    public var checksum: String

    init(_ measurement: CoreBench.Measurement) {
        workload = measurement.workload.rawValue
        profile = measurement.profile
        nodes = measurement.nodes
        pods = measurement.pods
        podsPerSecond = measurement.podsPerSecond
        cpuNanosecondsPerPod = measurement.cpuNanosecondsPerPod
        setupSeconds = measurement.setupSeconds
        bytesPerNode = measurement.bytesPerNode
        floorNanoseconds = measurement.floorNanoseconds
        checksum = String(measurement.checksum, radix: 16)
    }
}
