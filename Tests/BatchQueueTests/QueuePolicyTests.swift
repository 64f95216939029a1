import BatchQueue
import ClusterModel
import Testing

@Suite struct QueuePolicyTests {
    static let cases = (1...UInt64(40)).flatMap { seed in [true, false].map { (seed, $0) } }

    @Test(arguments: cases)
    func agreesWithTheDefinitions(seed: UInt64, exact: Bool) {
        let jobs = Workload.random(seed: seed, jobs: 40, capacity: 8, exact: exact)
        for (policy, backfills, shortestFirst) in [
            (QueuePolicy.fcfs, false, false), (.easy, true, false), (.easySJF, true, true),
        ] {
            let slow = SlowReference(jobs, capacity: 8, backfills: backfills, shortestFirst: shortestFirst)
            let starts = QueueMachine.starts(jobs, policy: policy, capacity: 8)
            #expect(starts == slow.starts, "seed \(seed), exact estimates \(exact), policy \(policy)")
        }
    }

    @Test(arguments: cases)
    func conservativeAgreesWithItsDefinition(seed: UInt64, exact: Bool) {
        let jobs = Workload.random(seed: seed, jobs: 40, capacity: 8, exact: exact)
        let slow = SlowConservative(jobs, capacity: 8)
        let starts = QueueMachine.starts(jobs, policy: .conservative, capacity: 8)
        #expect(starts == slow.starts, "seed \(seed), exact estimates \(exact)")
    }

    @Test(arguments: cases)
    func startsEveryJobOnceAndNeverTooMany(seed: UInt64, exact: Bool) {
        let jobs = Workload.random(seed: seed, jobs: 120, capacity: 16, exact: exact)
        for policy in QueuePolicy.allCases {
            let starts = QueueMachine.starts(jobs, policy: policy, capacity: 16)
            let again = QueueMachine.starts(jobs, policy: policy, capacity: 16)
            #expect(starts == again, "seed \(seed), \(policy): the same jobs, another schedule")
            for job in jobs {
                #expect(starts[job.id] >= job.submitted, "seed \(seed), \(policy): job \(job.id) at \(starts[job.id])")
                let moment = starts[job.id]
                let used = jobs.filter { starts[$0.id] <= moment && moment < starts[$0.id] + $0.run }
                    .reduce(0) { $0 + $1.processors }
                #expect(used <= 16, "seed \(seed), \(policy): \(used) of 16 processors at \(moment)")
            }
        }
    }

    /// What the default is for: over many busy workloads, shorter waits than EASY's two forms, and none longer than EASY's.
    @Test(arguments: [true, false])
    func planBeatsEasy(exact: Bool) {
        var mean: [QueuePolicy: Double] = [:]
        var longest: [QueuePolicy: Double] = [:]
        for seed in UInt64(100)..<124 {
            let jobs = Workload.random(seed: seed, jobs: 250, capacity: 16, exact: exact)
            for policy in QueuePolicy.allCases {
                let starts = QueueMachine.starts(jobs, policy: policy, capacity: 16)
                let waits = jobs.map { Double(starts[$0.id] - $0.submitted) }
                mean[policy, default: 0] += waits.reduce(0, +) / Double(waits.count)
                longest[policy, default: 0] += waits.max() ?? 0
            }
        }
        #expect(mean[.plan, default: .infinity] < mean[.easySJF, default: 0], "\(mean)")
        #expect(mean[.easySJF, default: .infinity] < mean[.easy, default: 0], "\(mean)")
        #expect(longest[.plan, default: .infinity] <= longest[.easy, default: 0], "\(longest)")
    }
}
