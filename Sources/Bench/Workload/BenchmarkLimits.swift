/// The limits of benchmarks, in one place.
enum BenchmarkLimits {
    /// The most nodes, pods or repetitions that a number of a workload may state.
    static let maxCount: Int64 = 20_000_000
    /// The most runs of one case.
    static let maxRuns = 1_000
    /// Seconds that one run may take unless its file says otherwise.
    static let timeoutSeconds = 120.0
    /// Pods generated and put through admission at a time, so that what each costs can be told apart.
    static let chunk = 256
    /// Pods of one stream that are made before what is measured begins; those beyond are made as they are needed.
    static let preparedPods = 1 << 19
    /// Nanoseconds between samples of queues and nodes at the beginning of a run; doubled whenever there are too many.
    static let sampleNanoseconds: Int64 = 5_000_000
    /// Samples kept of a run.
    static let maxSamples = 240
    /// Rows of the heat map of nodes.
    static let heatMapRows = 40
    /// Bytes of the pipes' lines kept to measure the floor with; longer runs are extrapolated from these.
    static let recordedBytes = 256 << 20
}
