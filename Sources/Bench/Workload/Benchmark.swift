import ClusterModel
import CoreBench
import Manifests

/// A workload file: what is done to a cluster, in several sizes, with which schedulers and policies.
public struct Benchmark: Sendable {
    /// Its name.
    public var name: String
    /// What it is for, in a sentence.
    public var summary: String
    /// The file that it was read from.
    public var file: String
    /// The sizes, smallest first as a rule.
    public var sizes: [Size]
    /// The folder of policies, or nil for none: then every pod goes to the default scheduler.
    public var policies: String?
    /// The files that register the schedulers; none for the built-in three.
    public var schedulers: [String]
    /// Namespaces, priority classes, services, budgets and collections that are there before anything else.
    public var objects: ClusterInput
    /// Shares of the highest rate at which the latency is measured as well, in an open loop.
    public var latencyAt: [Double]
    /// Seconds that one run may take.
    public var timeoutSeconds: Double

    /// A benchmark without any size yet, with the usual rest.
    init(name: String, file: String) {
        self.name = name
        self.file = file
        summary = ""
        sizes = []
        schedulers = []
        objects = ClusterInput()
        latencyAt = []
        timeoutSeconds = BenchmarkLimits.timeoutSeconds
    }

    /// One size of a benchmark.
    public struct Size: Sendable {
        /// Its name: `small`, `medium` and `large`, or others.
        public var name: String
        /// What it is good for: `smoke` runs in seconds in the tests, `short` in a minute, `performance` takes its time.
        public var labels: [String]
        /// The numbers that the operations name.
        public var parameters: Parameters
        /// The files that register its schedulers; nil for those of the benchmark.
        public var schedulers: [String]?
        /// What its figures should reach.
        public var goals: [Goal]
        /// What must have become of the pods at the end.
        public var expected: Expectation
        /// What is measured.
        var work: Work
    }

    /// What is measured.
    enum Work: Sendable {
        /// Operations on a cluster, through live scheduler processes.
        case cluster([Operation])
        /// `Placement` alone, on one thread.
        case core(CoreBench.Workload, profile: String, nodes: Int, pods: Int)
    }

    /// How many pods must have ended how; nil for any number.
    public struct Expectation: Hashable, Sendable {
        /// Measured pods that were bound; nil for all of them.
        public var measured: Int?
        /// Pods on a node.
        public var bound: Int?
        /// Pods that fit nowhere.
        public var unschedulable: Int?
        /// Pods that wait, behind a gate or for their group or scheduler.
        public var pending: Int?
        /// Pods that admission refused.
        public var refused: Int?
    }

    /// The size of that name, or nil.
    public func size(_ name: String) -> Size? { sizes.first { $0.name == name } }

    /// The size that is run where none is asked for: `medium`, or the first.
    public var usualSize: Size { size("medium") ?? sizes[0] }

    /// Nodes, pods and so on of a size, in a line.
    public static func parametersText(_ parameters: Parameters) -> String {
        parameters.sorted { $0.key < $1.key }.map { key, value in
            "\(key) \(Int64(exactly: value).map(String.init) ?? String(value))"
        }.joined(separator: ", ")
    }
}

/// What a figure should reach.
public struct Goal: Hashable, Sendable, Codable {
    /// The figure.
    public var metric: Metric
    /// The least that it should be, or nil.
    public var min: Double?
    /// The most that it should be, or nil.
    public var max: Double?
    /// The size of the same benchmark of whose figure the figure is a share; nil for the figure itself.
    public var of: String?

    /// Whether a value reaches the goal.
    public func isMet(by value: Double) -> Bool { value >= min ?? -.infinity && value <= max ?? .infinity }
}

/// A figure of a result that goals and comparisons speak of.
public enum Metric: String, CaseIterable, Hashable, Sendable, Codable {
    /// Measured pods bound a second.
    case podsPerSecond
    /// The median from intended arrival to binding, in milliseconds.
    case p50Milliseconds
    /// The 99th percentile of the same.
    case p99Milliseconds
    /// The 99th percentile where pods arrive at half of the highest rate, whatever becomes of them.
    case p99MillisecondsAtHalfRate
    /// Processor time of all processes, load generation left out, a measured pod, in microseconds.
    case cpuMicrosecondsPerPod
    /// Placements lost to another's commit, of all placements tried.
    case conflictRate
    /// Bytes over all pipes a measured pod.
    case bytesPerPod

    /// Whether more of it is better.
    public var isBetterHigher: Bool { self == .podsPerSecond }
}
