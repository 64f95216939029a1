/// How full a cluster was over the time of a replay, and how long pods waited for it.
public struct UseFigures: Hashable, Sendable {
    /// The mean over time, from the first arrival to the last moment.
    public var mean = ClusterUse()
    /// The highest value of each share.
    public var peak = ClusterUse()
    /// Of the GPU time that pods would have held if each had started when it came, and no more than there is, what they
    /// held; nil where nobody asked for GPUs.
    public var gpuServed: Double?
    /// Work that started.
    public var started = 0
    /// Work that never did.
    public var neverStarted = 0
    /// The mean time from arrival to start, in seconds, of what started.
    public var meanWait = 0.0
    /// Its median.
    public var medianWait = 0
    /// Its 95th percentile, by nearest rank.
    public var p95Wait = 0
    /// The longest.
    public var longestWait = 0
    /// Placements committed per placement lost to another scheduler's commit; nil where none was lost.
    public var podsPerConflict: Double?

    /// No figures.
    public init() {}

    /// The figures of a timeline and of what became of the jobs.
    init(_ moments: [Timeline.Moment], _ jobs: [ReplayResult.Job]) {
        let waits = jobs.compactMap { job in job.start.map { $0 - job.submitted } }.sorted()
        started = waits.count
        neverStarted = jobs.count - waits.count
        if !waits.isEmpty {
            func percentile(_ share: Double) -> Int {
                waits[max(0, Int((share * Double(waits.count)).rounded(.up)) - 1)]
            }
            meanWait = waits.reduce(0.0) { $0 + Double($1) } / Double(waits.count)
            (medianWait, p95Wait, longestWait) = (percentile(0.5), percentile(0.95), waits[waits.count - 1])
        }
        var sum = SIMD8<Double>.zero
        var highest = SIMD8<Double>.zero
        var (held, wanted) = (0.0, 0.0)
        for (moment, next) in zip(moments, moments.dropFirst()) {
            let seconds = Double(next.time - moment.time)
            sum += moment.use.lanes * seconds
            held += moment.use.gpu * seconds
            wanted += min(1, moment.use.offeredGPU) * seconds
        }
        for moment in moments { highest = pointwiseMax(highest, moment.use.lanes) }
        peak = ClusterUse(highest)
        if wanted > 0 { gpuServed = held / wanted }
        guard let first = moments.first?.time, let last = moments.last?.time, last > first else { return }
        mean = ClusterUse(sum / Double(last - first))
    }
}
