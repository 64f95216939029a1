import BatchQueue
import ClusterModel

/// A job of a test: what the queue is told, and how long it really runs.
struct TestJob: Hashable {
    var id: Int
    var submitted: Int
    var run: Int
    var expected: Int
    var processors: Int
}

/// Random workloads that make a machine of a few processors busy.
enum Workload {
    static func random(seed: UInt64, jobs: Int, capacity: Int, exact: Bool) -> [TestJob] {
        var random = SeededGenerator(seed: seed)
        var time = 0
        return (0..<jobs).map { id in
            time += random.next(below: 3) == 0 ? random.next(below: 30) : random.next(below: 4)
            let run = 1 + random.next(below: random.next(below: 4) == 0 ? 80 : 10)
            let processors = 1 + random.next(below: random.next(below: 3) == 0 ? capacity : max(1, capacity / 3))
            return TestJob(
                id: id, submitted: time, run: run, expected: exact ? run : run * (1 + random.next(below: 4)),
                processors: processors)
        }
    }
}

/// Runs a queue from event to event: at each moment first all ends, then all arrivals, then one decision.
struct QueueMachine {
    static func starts(_ jobs: [TestJob], policy: QueuePolicy, capacity: Int) -> [Int] {
        var queue = BatchQueue(policy: policy)
        var starts = Array(repeating: -1, count: jobs.count)
        var next = 0
        var free = capacity
        while next < jobs.count || !queue.running.isEmpty {
            let ends = queue.running.map { starts[$0.job.id] + jobs[$0.job.id].run }
            let now = min(next < jobs.count ? jobs[next].submitted : .max, ends.min() ?? .max)
            for entry in queue.running where starts[entry.job.id] + jobs[entry.job.id].run == now {
                free += jobs[entry.job.id].processors
                queue.release(entry.job.id, entry.job.demand)
            }
            while next < jobs.count, jobs[next].submitted == now {
                let job = jobs[next]
                queue.submit(
                    BatchJob(
                        id: job.id, submitted: job.submitted * 1_000, expected: job.expected * 1_000,
                        demand: Demand(job.processors)))
                next += 1
            }
            for job in queue.decide(at: now * 1_000, free: Demand(free), capacity: Demand(capacity)) {
                starts[job.id] = now
                free -= jobs[job.id].processors
            }
        }
        return starts
    }
}

/// FCFS and EASY as their definitions read, second by second and processor by processor, sharing nothing with the queue.
struct SlowReference {
    let jobs: [TestJob]
    let capacity: Int
    private(set) var starts: [Int]

    init(_ jobs: [TestJob], capacity: Int, backfills: Bool, shortestFirst: Bool) {
        self.jobs = jobs
        self.capacity = capacity
        starts = Array(repeating: -1, count: jobs.count)
        var now = 0
        while starts.contains(-1) {
            while let head = waiting(now).first, used(at: now, asOf: now) + head.processors <= capacity {
                starts[head.id] = now
            }
            if backfills, let head = waiting(now).first { backfill(behind: head, now, shortestFirst) }
            now += 1
        }
    }

    private func waiting(_ now: Int) -> [TestJob] { jobs.filter { $0.submitted <= now && starts[$0.id] < 0 } }

    /// Processors in use at a second, as it looks now: a job runs until it ends, or, later than now, as long as expected.
    private func used(at second: Int, asOf now: Int) -> Int {
        jobs.filter { job in
            let start = starts[job.id]
            guard start >= 0, start + job.run > now else { return false }
            return second == now || start + job.expected > second
        }.reduce(0) { $0 + $1.processors }
    }

    /// The first second at which the job would find room.
    private func earliest(_ job: TestJob, _ now: Int) -> Int {
        var second = now
        while used(at: second, asOf: now) + job.processors > capacity { second += 1 }
        return second
    }

    /// Whoever fits starts, if the head's turn comes no later for it.
    private mutating func backfill(behind head: TestJob, _ now: Int, _ shortestFirst: Bool) {
        let promised = earliest(head, now)
        var others = Array(waiting(now).dropFirst())
        if shortestFirst { others.sort { ($0.expected, $0.id) < ($1.expected, $1.id) } }
        for job in others where used(at: now, asOf: now) + job.processors <= capacity {
            starts[job.id] = now
            if earliest(head, now) > promised { starts[job.id] = -1 }
        }
    }
}

/// Conservative backfilling as its definition reads, with a count of processors for every second, sharing nothing with
/// the queue. Reservations are looked at when something ends or arrives, as a scheduler that has no timer does.
struct SlowConservative {
    let jobs: [TestJob]
    let capacity: Int
    private(set) var starts: [Int]
    private var reserved: [Int: Int] = [:]

    init(_ jobs: [TestJob], capacity: Int) {
        self.jobs = jobs
        self.capacity = capacity
        starts = Array(repeating: -1, count: jobs.count)
        var now = 0
        while starts.contains(-1) {
            let hasEnd = jobs.contains { starts[$0.id] >= 0 && starts[$0.id] + $0.run == now }
            if hasEnd || jobs.contains(where: { $0.submitted == now }) { look(now, hasEnd: hasEnd) }
            now += 1
        }
    }

    private mutating func look(_ now: Int, hasEnd: Bool) {
        let waiting = jobs.filter { $0.submitted <= now && starts[$0.id] < 0 }
        // One that could not be kept is void.
        for job in waiting where reserved[job.id, default: now] < now { reserved[job.id] = nil }
        for job in waiting where reserved[job.id] == nil || hasEnd {
            reserved[job.id] = nil
            var second = now
            while !fits(job, at: second, now) { second += 1 }
            reserved[job.id] = second
        }
        for job in waiting where reserved[job.id] == now {
            starts[job.id] = now
            reserved[job.id] = nil
        }
    }

    private func fits(_ job: TestJob, at start: Int, _ now: Int) -> Bool {
        (start..<start + job.expected).allSatisfy { second in
            let used = jobs.filter { other in
                let begin = starts[other.id]
                if begin >= 0 { return begin + other.run > now && second < begin + other.expected }
                return reserved[other.id].map { $0 <= second && second < $0 + other.expected } ?? false
            }.reduce(0) { $0 + $1.processors }
            return used + job.processors <= capacity
        }
    }
}
