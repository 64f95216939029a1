import BatchQueue
import HeapModule
import Replay
import Traces

/// A trace through a batch queue alone, from event to event, without processes and nodes.
public enum BatchRun {
    /// The figures of the schedule that a policy makes of a trace.
    public static func figures(of trace: JobTrace, policy: QueuePolicy) -> ScheduleFigures {
        let starts = starts(of: trace, policy: policy)
        let runs = zip(trace.jobs, starts).map { job, start in
            ReplayResult.Job(
                id: job.id, submitted: job.submitted, run: job.run, size: Double(job.processors), start: start)
        }
        return ScheduleFigures(runs, capacity: Double(trace.capacity))
    }

    /// When each job starts, in seconds: at each moment first all ends, then all arrivals, then one decision.
    static func starts(of trace: JobTrace, policy: QueuePolicy) -> [Int] {
        struct End: Comparable {
            var time: Int
            var index: Int
            static func < (a: End, b: End) -> Bool { (a.time, a.index) < (b.time, b.index) }
        }
        let jobs = trace.jobs
        let capacity = Demand(trace.capacity)
        var queue = BatchQueue(policy: policy)
        var starts = Array(repeating: -1, count: jobs.count)
        var ends = Heap<End>()
        var free = trace.capacity
        var next = 0
        while next < jobs.count || !ends.isEmpty {
            let now = min(next < jobs.count ? jobs[next].submitted : .max, ends.min?.time ?? .max)
            while let end = ends.min, end.time == now {
                ends.removeMin()
                free += jobs[end.index].processors
                queue.release(end.index, Demand(jobs[end.index].processors))
            }
            while next < jobs.count, jobs[next].submitted == now {
                queue.submit(
                    BatchJob(
                        id: next, submitted: now * 1_000, expected: jobs[next].estimate * 1_000,
                        demand: Demand(jobs[next].processors)))
                next += 1
            }
            for job in queue.decide(at: now * 1_000, free: Demand(free), capacity: capacity) {
                precondition(starts[job.id] < 0, "a job starts once")
                starts[job.id] = now
                free -= jobs[job.id].processors
                ends.insert(End(time: now + jobs[job.id].run, index: job.id))
            }
            precondition(free >= 0, "more runs than there are processors")
        }
        return starts
    }
}
