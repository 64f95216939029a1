/// One look at the queue: what is free, what starts.
struct Pass {
    let now: Int
    var free: Demand
    let capacity: Demand
    let misfits: Set<Int>
    /// Running jobs by expected end; those that this pass starts are put among them.
    private(set) var running: [BatchQueue.Running]
    private(set) var started: [BatchJob] = []

    init(now: Int, free: Demand, capacity: Demand, misfits: Set<Int>, running: [BatchQueue.Running]) {
        self.now = now
        self.free = free
        self.capacity = capacity
        self.misfits = misfits
        self.running = running
    }

    /// Whether a job can start now.
    func fits(_ job: BatchJob) -> Bool { job.demand.fits(in: free) && !misfits.contains(job.id) }

    mutating func start(_ job: BatchJob) {
        free -= job.demand
        let end = now + job.expected
        let index = running.partition { ($0.end, $0.job.id) > (end, job.id) }
        running.insert(BatchQueue.Running(job: job, end: end), at: index)
        started.append(job)
    }

    /// Starts jobs in order until one does not fit; how many.
    @discardableResult
    mutating func startFirst(of queue: [BatchJob]) -> Int {
        var count = 0
        while count < queue.count, fits(queue[count]) {
            start(queue[count])
            count += 1
        }
        return count
    }

    /// When a job that does not fit now will, by what is expected of the running ones, and what is then free beyond it.
    ///
    /// Nil where all of them ending is not enough. A job that outlives its estimate is expected to end any moment.
    func reservation(for job: BatchJob) -> (time: Int, extra: Demand)? {
        var room = free
        var time: Int?
        for entry in running {
            let end = max(entry.end, now)
            if let time, end > time { break }
            room += entry.job.demand
            if time == nil, job.demand.fits(in: room) { time = end }
        }
        return time.map { ($0, room - job.demand) }
    }

    /// EASY: starts jobs in order, reserves for the first that does not fit, and lets others overtake it unharmed.
    mutating func backfill(_ queue: [BatchJob], shortestFirst: Bool) {
        let count = startFirst(of: queue)
        guard count < queue.count, !free.isExhausted else { return }
        let reservation = reservation(for: queue[count])
        var extra = reservation?.extra ?? free
        var candidates = queue[(count + 1)...].filter { fits($0) }
        if shortestFirst { candidates.sort { $0.isShorter(than: $1) } }
        for job in candidates where fits(job) {
            let endsInTime = reservation.map { now + job.expected <= $0.time } ?? true
            guard endsInTime || job.demand.fits(in: extra) else { continue }
            if !endsInTime { extra -= job.demand }
            start(job)
        }
    }
}
