/// What one run of one size of a benchmark measured.
public struct RunResult: Codable, Sendable {
    /// Measured pods that were bound.
    public var pods = 0
    /// Seconds from the first measured arrival to the last measured binding.
    public var seconds = 0.0
    /// Measured pods bound a second.
    public var podsPerSecond = 0.0
    /// From intended arrival to binding.
    public var latency = Latency()
    /// Processor seconds of the dispatcher's process without admission and load generation.
    public var dispatcherCPUSeconds = 0.0
    /// Processor seconds of admission and policies, in the same process.
    public var admissionCPUSeconds = 0.0
    /// Processor seconds of making the pods, in the same process; in no figure.
    public var generatorCPUSeconds = 0.0
    /// The peak of the dispatcher's process, the benchmark's own records among it, in bytes.
    public var dispatcherPeakBytes = 0
    /// By scheduler, in the order of registration.
    public var schedulers: [SchedulerResult] = []
    /// How many pods ended how, those that are not measured among them.
    public var counts = Counts()
    /// Refused placements of all schedulers that another's commit made impossible, of all placements tried.
    public var conflictRate = 0.0
    /// A sum over all pods on nodes, their names and their nodes, in hexadecimal; equal for equal placements.
    public var checksum = ""
    /// Bindings that left a node with more CPU taken than it offers, by the benchmark's own count; always 0.
    public var overcommits = 0
    /// Why admission refused pods, with how often.
    public var refusals: [String: Int] = [:]
    /// What the dispatcher warned of and what schedulers wrote to stderr, each once, with how often.
    public var notes: [String: Int] = [:]

    /// Percentiles, in milliseconds.
    public struct Latency: Codable, Hashable, Sendable {
        /// The median.
        public var p50 = 0.0
        /// Nine of ten are below.
        public var p90 = 0.0
        /// The 99th percentile.
        public var p99 = 0.0
        /// The 99.9th percentile.
        public var p999 = 0.0
        /// The longest.
        public var max = 0.0
        /// The mean.
        public var mean = 0.0
    }

    /// How many pods ended how.
    public struct Counts: Codable, Hashable, Sendable {
        /// Those on a node.
        public var bound = 0
        /// Those that fit nowhere.
        public var unschedulable = 0
        /// Those that wait, behind a gate among others.
        public var pending = 0
        /// Those that admission or their route refused.
        public var refused = 0
        /// Deleted, evicted for good, or lost with their node.
        public var gone = 0
    }

    /// What one scheduler did and took.
    public struct SchedulerResult: Codable, Hashable, Sendable {
        /// Its name.
        public var name = ""
        /// Pods routed to it.
        public var routed = 0
        /// Placements of it that were committed.
        public var bound = 0
        /// Measured pods that it bound a second, from the first measured arrival to its own last binding.
        public var podsPerSecond = 0.0
        /// Processor seconds of all its processes.
        public var cpuSeconds = 0.0
        /// The most memory that one of its processes ever had resident.
        public var peakBytes = 0
        /// Bytes to it.
        public var bytesSent = 0
        /// Bytes from it.
        public var bytesReceived = 0
        /// Placements that others' commits made impossible, by the name of the scheduler that was first.
        public var conflictsWith: [String: Int] = [:]
        /// Placements that were wrong without anybody's doing.
        public var misplaced = 0
        /// Lines that were no messages.
        public var badLines = 0
        /// Times that its process was started again.
        public var restarts = 0
        /// Pods that it pushed off their nodes.
        public var evictions = 0

        /// All conflicts.
        public var conflicts: Int { conflictsWith.values.reduce(0, +) }
    }

    /// Processor seconds of all processes without load generation.
    public var cpuSeconds: Double {
        dispatcherCPUSeconds + admissionCPUSeconds + schedulers.reduce(0) { $0 + $1.cpuSeconds }
    }

    /// The value of a figure; that at half of the highest rate is of another run.
    public func value(of metric: Metric) -> Double {
        let perPod = pods > 0 ? 1 / Double(pods) : 0
        switch metric {
        case .podsPerSecond: return podsPerSecond
        case .p50Milliseconds: return latency.p50
        case .p99Milliseconds, .p99MillisecondsAtHalfRate: return latency.p99
        case .cpuMicrosecondsPerPod: return cpuSeconds * 1e6 * perPod
        case .conflictRate: return conflictRate
        case .bytesPerPod: return Double(schedulers.reduce(0) { $0 + $1.bytesSent + $1.bytesReceived }) * perPod
        }
    }
}

/// How one run went over time; of each case that of the median run is kept.
public struct RunSeries: Codable, Sendable {
    /// Seconds of one bin of `throughput` and of the percentiles.
    public var binSeconds = 0.0
    /// Pods a second, by bin.
    public var throughput: [Double] = []
    /// Milliseconds from intended arrival to binding of the pods bound in the bin; null where none was.
    public var p50: [Double?] = []
    /// The 99th percentile.
    public var p99: [Double?] = []
    /// Seconds since the first measured arrival of each look at queues and nodes.
    public var sampleSeconds: [Double] = []
    /// Entries queued and pods undecided, by scheduler, at each look.
    public var queues: [[Int]] = []
    /// The share of CPU taken, by group of nodes, at each look.
    public var utilization: [[Float]] = []
    /// How many nodes there are in all groups together.
    public var nodes = 0
    /// Percentiles, from 0 to 100, and their latencies in milliseconds.
    public var percentiles: [Percentile] = []

    /// One point of the percentile curve.
    public struct Percentile: Codable, Hashable, Sendable {
        /// From 0 to 100.
        public var percentile: Double
        /// The latency that so many pods do not exceed.
        public var milliseconds: Double
    }
}
