/// Jobs that wait, jobs that run, and who starts next.
///
/// A pure value without clock or processes: events go in with the time, starts come out. Jobs fit by the sums of what is
/// free and what they take; whether the pieces really fit on nodes is up to the caller, who hands a job back with
/// `putBack` where they do not.
public struct BatchQueue: Sendable {
    /// How the next job is chosen.
    public let policy: QueuePolicy
    /// Waiting jobs in the order of submission.
    public private(set) var waiting: [BatchJob] = []
    /// Running jobs by when they are expected to end, the first first.
    public private(set) var running: [Running] = []
    /// Jobs that found no room on the nodes although the sums said so; they are not tried again until something changes.
    private var misfits: Set<Int> = []
    private var planner = Planner()
    private var reservations = Reservations()
    /// Jobs that have ended since the last decision: when each began, and how long it was expected to run.
    private var ended: [(start: Int, expected: Int)] = []

    /// A job that runs.
    public struct Running: Hashable, Sendable {
        /// The job; its demand is what it still takes.
        public var job: BatchJob
        /// When it is expected to end, in milliseconds.
        public var end: Int
    }

    /// An empty queue.
    public init(policy: QueuePolicy) { self.policy = policy }

    // MARK: - Events

    /// A job waits from now on.
    public mutating func submit(_ job: BatchJob) {
        misfits.removeAll()
        insert(job)
    }

    /// A job runs already, expected to end at `end`: the caller has found it so.
    public mutating func found(_ job: BatchJob, endingAt end: Int) { run(job, until: end) }

    /// A waiting job waits no more, because somebody took it away.
    public mutating func withdraw(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index)
        reservations.noteHole()
    }

    /// A running job gave back part of what it takes, or all of it.
    public mutating func release(_ id: Int, _ part: Demand) {
        noteChange()
        guard let index = running.firstIndex(where: { $0.job.id == id }) else { return }
        running[index].job.demand -= part
        guard running[index].job.demand.isExhausted else { return }
        let entry = running.remove(at: index)
        ended.append((entry.end - entry.job.expected, entry.job.expected))
    }

    /// A job that was to start does not run after all, and waits again. `isMisfit`: the nodes had no room for it.
    public mutating func putBack(_ job: BatchJob, isMisfit: Bool) {
        running.removeAll { $0.job.id == job.id }
        reservations.noteHole()
        insert(job)
        if isMisfit { misfits.insert(job.id) }
    }

    /// A job that was to start never will.
    public mutating func abandon(_ id: Int) {
        running.removeAll { $0.job.id == id }
        reservations.noteHole()
    }

    /// Something changed that may let a job fit which did not.
    public mutating func noteChange() {
        misfits.removeAll()
        reservations.noteHole()
    }

    /// Jobs of which it was said since the last time that they ended, ended no later than now.
    public mutating func advance(to now: Int) {
        for job in ended { planner.learn(ran: now - job.start, expected: job.expected) }
        ended.removeAll(keepingCapacity: true)
    }

    // MARK: - Decisions

    /// The jobs that start now, in this order; they count as running from here on.
    ///
    /// - Parameters:
    ///   - now: the time in milliseconds.
    ///   - free: what is free in all.
    ///   - capacity: what there is in all.
    public mutating func decide(at now: Int, free: Demand, capacity: Demand) -> [BatchJob] {
        advance(to: now)
        guard !waiting.isEmpty else { return [] }
        var pass = Pass(now: now, free: free, capacity: capacity, misfits: misfits, running: running)
        switch policy {
        case .fcfs: pass.startFirst(of: waiting)
        case .easy: pass.backfill(waiting, shortestFirst: false)
        case .easySJF: pass.backfill(waiting, shortestFirst: true)
        case .conservative: reservations.decide(waiting, in: &pass)
        case .plan: planner.decide(waiting, in: &pass)
        }
        guard !pass.started.isEmpty else { return [] }
        let ids = Set(pass.started.map(\.id))
        waiting.removeAll { ids.contains($0.id) }
        for job in pass.started { run(job, until: now + job.expected) }
        return pass.started
    }

    // MARK: - Keeping order

    private mutating func insert(_ job: BatchJob) {
        waiting.insert(job, at: waiting.partition { job.isBefore($0) })
    }

    private mutating func run(_ job: BatchJob, until end: Int) {
        let index = running.partition { ($0.end, $0.job.id) > (end, job.id) }
        running.insert(Running(job: job, end: end), at: index)
    }
}

extension Array {
    /// The first index at which `isAfter` holds, in an array where it holds from there on.
    func partition(_ isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
