import ClusterModel
import Dispatcher
import Foundation
import SchedulerRegistry
import Simulation
import Testing

@testable import Replay

/// Replays of single pods that come and go, through real scheduler processes.
@Suite(.serialized) struct PodReplayTests {
    private static let devices = 8

    private static func setup() -> SimulationSetup {
        var setup = SimulationSetup(registry: .builtIn(folder: ReplayTests.programs))
        setup.nodes = (0..<4).map { number in
            Node(
                metadata: ObjectMeta(
                    name: "node-\(number)", labels: ["topology.kubernetes.io/zone": "zone-\(number % 2)"]),
                allocatable: ["cpu": Quantity(64), "pods": Quantity(100), GPU.deviceResource: Quantity(2)])
        }
        return setup
    }

    /// Random pods of three services that ask for whole GPUs or shares, some for ever; together more than there is.
    private static func jobs(seed: UInt64) -> [ReplayJob] {
        var random = SeededGenerator(seed: seed)
        var time = 0
        return (0..<120).map { id in
            time += random.next(below: 20)
            let isShare = random.next(below: 2) == 0
            let milli = isShare ? 100 * (1 + random.next(below: 9)) : 1_000
            let requests: ResourceList =
                isShare
                ? ["cpu": Quantity(1), GPU.shareResource: Quantity(Int64(milli))]
                : ["cpu": Quantity(1), GPU.deviceResource: Quantity(1)]
            let arrival = Arrival(
                key: ObjectKey(namespace: "default", name: "pod-\(id)"), spec: SchedulingSpec(requests: requests),
                route: PodRoute(scheduler: ["binpack", "spread"][id % 2]))
            return ReplayJob(
                id: id, submitted: time, run: id % 40 == 7 ? nil : 1 + random.next(below: 150),
                size: Double(milli) / 1_000, service: .init(name: "service-\(id % 3)", mostPerNode: 100),
                arrivals: [arrival])
        }
    }

    private func run(_ jobs: [ReplayJob]) async -> ReplayResult {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: Replay(
                        PodReplayTests.setup(), jobs: jobs, capacity: Double(PodReplayTests.devices)
                    ).run())
            }
        }
    }

    @Test(arguments: [UInt64(1), 2])
    func figuresFollowFromStartsAndEnds(seed: UInt64) async throws {
        let jobs = PodReplayTests.jobs(seed: seed)
        let result = await run(jobs)
        let second = await run(jobs)
        #expect(result.jobs == second.jobs && result.use == second.use && result.services == second.services)
        #expect(result.timeline == second.timeline)
        // The same figures, second by second from what started when.
        let first = try #require(jobs.first?.submitted)
        let last = first + result.traceSeconds
        var (held, highest, waiting) = (0.0, 0.0, 0)
        for second in first..<last {
            let used = result.jobs.reduce(0.0) { sum, job in
                guard let start = job.start, start <= second, second < job.end ?? .max else { return sum }
                return sum + job.size
            }
            waiting += result.jobs.count { $0.submitted <= second && second < $0.start ?? .max }
            held += used
            highest = max(highest, used)
        }
        let capacity = Double(PodReplayTests.devices)
        #expect(highest <= capacity + 1e-9, "seed \(seed)")
        #expect(abs(result.use.mean.gpu - held / capacity / Double(last - first)) < 1e-9, "seed \(seed)")
        #expect(abs(result.use.peak.gpu - highest / capacity) < 1e-9, "seed \(seed)")
        #expect(waiting > 0, "seed \(seed): the cluster was never full, so nothing is shown")
        let waits = result.jobs.compactMap { job in job.start.map { $0 - job.submitted } }
        #expect(waits.allSatisfy { $0 >= 0 } && result.use.longestWait == waits.max())
        #expect(result.use.started + result.use.neverStarted == jobs.count)
        #expect(result.services.map(\.name) == ["service-0", "service-1", "service-2"])
        #expect(result.services.reduce(0) { $0 + $1.pods } == waits.count)
        #expect(result.services.allSatisfy { Double($0.worstSkew) >= $0.meanSkew && $0.mostOnNode > 0 })
    }

    @Test func skewIsAMeanOverTheTimeInWhichThereArePods() {
        let nodes = (0..<2).map {
            Node(
                metadata: ObjectMeta(name: "n\($0)", labels: ["topology.kubernetes.io/zone": "z\($0)"]),
                allocatable: [:])
        }
        var meter = ServiceMeter(nodes)
        let service = ReplayJob.Service(name: "s", mostPerNode: 1)
        func change(_ node: Int, _ delta: Int, at time: Int) {
            meter.account(service, until: time)
            meter.change(service, node: node, named: "n\(node)", by: delta)
            meter.settle(at: time)
        }
        change(0, 2, at: 10)
        change(1, 1, at: 20)
        change(0, -2, at: 30)
        change(1, -1, at: 50)
        // Skew 2 for 10 s, 1 for 10 s, 1 for 20 s; nothing stands after that.
        let spread = meter.spreads(until: 500)[0]
        #expect(spread.meanSkew == 50.0 / 40)
        #expect(spread.worstSkew == 2 && spread.mostOnNode == 2 && spread.pods == 3 && spread.limit == 1)
    }
}
