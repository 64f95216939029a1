import BatchQueue
import Testing

@Suite struct BatchQueueTests {
    private func job(_ id: Int, at submitted: Int, for seconds: Int, _ demand: Demand) -> BatchJob {
        BatchJob(id: id, submitted: submitted, expected: seconds * 1_000, demand: demand)
    }

    @Test(arguments: QueuePolicy.allCases)
    func everyResourceCounts(policy: QueuePolicy) {
        var queue = BatchQueue(policy: policy)
        let capacity = Demand(SIMD4(8, 100, 0, 4))
        queue.submit(job(1, at: 0, for: 10, Demand(SIMD4(2, 90, 0, 0))))
        queue.submit(job(2, at: 1, for: 10, Demand(SIMD4(2, 20, 0, 0))))
        queue.submit(job(3, at: 2, for: 10, Demand(SIMD4(2, 10, 0, 4))))
        let started = queue.decide(at: 3, free: capacity, capacity: capacity).map(\.id)
        #expect(started.contains(2) != started.contains(1), "both ask for more memory than there is: \(started)")
        #expect(policy == .fcfs || started.contains(3), "job 3 fits beside either: \(started)")
    }

    @Test(arguments: QueuePolicy.allCases)
    func whatDoesNotFitOnNodesIsNotTriedAgainUntilSomethingChanges(policy: QueuePolicy) {
        var queue = BatchQueue(policy: policy)
        let all = Demand(8)
        queue.submit(job(1, at: 0, for: 10, Demand(4)))
        let started = queue.decide(at: 0, free: all, capacity: all)
        #expect(started.map(\.id) == [1])
        queue.putBack(started[0], isMisfit: true)
        #expect(queue.waiting.map(\.id) == [1])
        #expect(queue.running.isEmpty)
        #expect(queue.decide(at: 1_000, free: all, capacity: all).isEmpty)
        queue.noteChange()
        #expect(queue.decide(at: 2_000, free: all, capacity: all).map(\.id) == [1])
    }

    @Test(arguments: QueuePolicy.allCases)
    func jobsEndPieceByPiece(policy: QueuePolicy) {
        var queue = BatchQueue(policy: policy)
        queue.submit(job(1, at: 0, for: 10, Demand(4)))
        _ = queue.decide(at: 0, free: Demand(4), capacity: Demand(4))
        queue.release(1, Demand(3))
        #expect(queue.running.map(\.job.demand) == [Demand(1)])
        queue.submit(job(2, at: 1, for: 10, Demand(3)))
        #expect(queue.decide(at: 1, free: Demand(3), capacity: Demand(4)).map(\.id) == [2])
        queue.release(1, Demand(1))
        #expect(queue.running.map(\.job.id) == [2])
    }

    @Test(arguments: QueuePolicy.allCases)
    func jobsTakenAwayDoNotStart(policy: QueuePolicy) {
        var queue = BatchQueue(policy: policy)
        queue.submit(job(1, at: 0, for: 10, Demand(4)))
        queue.withdraw(1)
        #expect(queue.decide(at: 0, free: Demand(4), capacity: Demand(4)).isEmpty)
    }

    @Test(arguments: [QueuePolicy.easy, .easySJF, .plan])
    func jobsFoundRunningCount(policy: QueuePolicy) {
        var queue = BatchQueue(policy: policy)
        queue.found(job(1, at: 0, for: 100, Demand(6)), endingAt: 100_000)
        queue.submit(job(2, at: 1, for: 100, Demand(8)))
        queue.submit(job(3, at: 2, for: 90, Demand(2)))
        queue.submit(job(4, at: 3, for: 900, Demand(2)))
        // Job 2 can start at 100 s; job 3 has ended by then, job 4 would be in its way.
        #expect(queue.decide(at: 5_000, free: Demand(2), capacity: Demand(8)).map(\.id) == [3])
    }
}
