/// What a schedule of jobs is worth, as the literature on parallel job scheduling measures it.
///
/// Times are seconds. Percentiles are by nearest rank.
public struct ScheduleFigures: Hashable, Sendable {
    /// Jobs that ran.
    public var jobs = 0
    /// The mean time from submission to start.
    public var meanWait = 0.0
    /// Its median.
    public var medianWait = 0
    /// Its 95th percentile.
    public var p95Wait = 0
    /// Its 99th percentile.
    public var p99Wait = 0
    /// The longest.
    public var longestWait = 0
    /// The mean of (wait + run) / max(run, 10), at least 1 (Feitelson and Rudolph 1998).
    public var meanBoundedSlowdown = 0.0
    /// The mean wait with each job weighted by its run time times its size: what a unit of work waits.
    public var areaWeightedWait = 0.0
    /// The work done over what the machine could do from the first submission to the last end.
    public var utilization = 0.0
    /// The same between the submission of the first tenth and of the last tenth of the jobs, without filling and draining.
    public var middleUtilization = 0.0
    /// From the first submission to the last end.
    public var makespan = 0
    /// Jobs that started before one that was submitted earlier.
    public var overtakers = 0

    /// The shortest run time that a slowdown is measured against, in seconds.
    public static let slowdownBound = 10

    /// No figures.
    public init() {}

    /// The figures of the jobs that ran to an end, in the order of submission, on a machine of the given size.
    public init(_ all: [ReplayResult.Job], capacity: Double) {
        struct Run {
            var submitted: Int
            var start: Int
            var end: Int
            var size: Double
            var length: Int { end - start }
        }
        let runs = all.compactMap { job in
            job.start.flatMap { start in
                job.end.map { Run(submitted: job.submitted, start: start, end: $0, size: job.size) }
            }
        }
        guard let first = runs.first, capacity > 0 else { return }
        let count = Double(runs.count)
        let waits = runs.map { $0.start - $0.submitted }.sorted()
        func percentile(_ share: Double) -> Int { waits[max(0, Int((share * count).rounded(.up)) - 1)] }
        jobs = runs.count
        meanWait = waits.reduce(0.0) { $0 + Double($1) } / count
        (medianWait, p95Wait, p99Wait) = (percentile(0.5), percentile(0.95), percentile(0.99))
        longestWait = waits.last ?? 0
        let bound = ScheduleFigures.slowdownBound
        meanBoundedSlowdown =
            runs.reduce(0.0) { $0 + max(1, Double($1.end - $1.submitted) / Double(max($1.length, bound))) } / count
        let work = runs.reduce(0.0) { $0 + $1.size * Double($1.length) }
        areaWeightedWait =
            runs.reduce(0.0) { $0 + Double($1.start - $1.submitted) * Double($1.length) * $1.size } / work
        makespan = (runs.map(\.end).max() ?? 0) - first.submitted
        utilization = work / (capacity * Double(makespan))
        let (low, high) = (runs[runs.count / 10].submitted, runs[max(0, runs.count * 9 / 10 - 1)].submitted)
        if high > low {
            let inside = runs.reduce(0.0) { $0 + $1.size * Double(max(0, min($1.end, high) - max($1.start, low))) }
            middleUtilization = inside / (capacity * Double(high - low))
        }
        var latest = Int.min
        for run in runs {
            if run.start < latest { overtakers += 1 }
            latest = max(latest, run.start)
        }
    }
}
