import ClusterModel
import Dispatcher
import DispatcherShell
import Foundation
import SchedulerRegistry
import Simulation
import Testing

@testable import Replay

/// Replays with real scheduler processes.
@Suite(.serialized) struct ReplayTests {
    /// The folder of the programs that were built with the tests.
    static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    static let capacity = 16

    /// Random gangs for the batch scheduler; `share` adds single pods for the other two, which want the same nodes.
    private static func jobs(_ count: Int, seed: UInt64, shared: Bool = false) -> [ReplayJob] {
        var random = SeededGenerator(seed: seed)
        var time = 0
        return (0..<count).map { id in
            time += random.next(below: 12)
            let run = 1 + random.next(below: random.next(below: 3) == 0 ? 90 : 12)
            let size = shared && id % 3 > 0 ? 1 : 1 + random.next(below: random.next(below: 3) == 0 ? capacity : 4)
            let scheduler = shared ? ["gang", "binpack", "spread"][id % 3] : "gang"
            var group: PodGroup?
            if scheduler == "gang" {
                var metadata = ObjectMeta(name: "job-\(id)", namespace: "default")
                metadata.annotations[PodGroup.expectedRunAnnotation] = "\(run * (1 + random.next(below: 3)))"
                group = PodGroup(metadata: metadata, minMember: size)
            }
            let arrivals = (0..<size).map { index in
                Arrival(
                    key: ObjectKey(namespace: "default", name: "job-\(id)-\(index)"),
                    spec: SchedulingSpec(requests: ["cpu": Quantity(1)]), group: group?.metadata.key,
                    route: PodRoute(scheduler: scheduler))
            }
            return ReplayJob(
                id: id, submitted: time, run: run, size: Double(size), group: group, arrivals: arrivals)
        }
    }

    private static func setup(policy: String?) -> SimulationSetup {
        var setup = SimulationSetup(registry: .builtIn(folder: programs))
        setup.nodes = (0..<capacity).map { number in
            Node(
                metadata: ObjectMeta(name: "node-\(number)"),
                allocatable: ["cpu": Quantity(1), "pods": Quantity(10)])
        }
        if let policy, let index = setup.registry.names.firstIndex(of: "gang") {
            setup.registry.entries[index].registration.config = .object([.init("queue", .string(policy))])
        }
        return setup
    }

    private func run(_ setup: SimulationSetup, _ jobs: [ReplayJob]) async -> ReplayResult {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) let setup = setup
            Thread.detachNewThread {
                continuation.resume(
                    returning: Replay(setup, jobs: jobs, capacity: Double(ReplayTests.capacity)).run())
            }
        }
    }

    /// Every job ran once, after it came, and never more at once than there is.
    private func check(_ result: ReplayResult, _ jobs: [ReplayJob]) {
        #expect(result.jobs.map(\.id).sorted() == jobs.map(\.id).sorted())
        #expect(result.jobs.allSatisfy { ($0.start ?? -1) >= $0.submitted }, "\(result.simulation.pending)")
        for job in result.jobs {
            guard let moment = job.start else { continue }
            let used = result.jobs.filter { other in
                guard let start = other.start, let end = other.end else { return false }
                return start <= moment && moment < end
            }.reduce(0) { $0 + $1.size }
            #expect(used <= Double(ReplayTests.capacity), "\(used) processors at \(moment)")
        }
        let pods = jobs.reduce(0) { $0 + $1.arrivals.count }
        #expect(result.simulation.placements.count == pods)
        #expect(Set(result.simulation.placements.map(\.key)).count == pods, "a pod was placed twice")
    }

    @Test(arguments: ["fcfs", "easy", "easy-sjf", "conservative", "plan"])
    func runsEveryJobAndRepeatsExactly(policy: String) async {
        let jobs = ReplayTests.jobs(150, seed: 11)
        let first = await run(ReplayTests.setup(policy: policy), jobs)
        check(first, jobs)
        let second = await run(ReplayTests.setup(policy: policy), jobs)
        #expect(first.jobs == second.jobs)
        #expect(first.simulation.placements == second.simulation.placements)
        if policy == "fcfs" { #expect(first.figures.overtakers == 0) }
    }

    @Test func threeSchedulersOnTheSameNodesRepeatExactly() async {
        let jobs = ReplayTests.jobs(240, seed: 5, shared: true)
        let first = await run(ReplayTests.setup(policy: nil), jobs)
        check(first, jobs)
        let second = await run(ReplayTests.setup(policy: nil), jobs)
        #expect(first.jobs == second.jobs)
        #expect(first.simulation.placements == second.simulation.placements)
        #expect(first.simulation.schedulers.map(\.conflicts) == second.simulation.schedulers.map(\.conflicts))
    }

    @Test(arguments: ["easy", "plan"])
    func nothingIsLostOrDoubledWhenTheSchedulerIsKilled(policy: String) async throws {
        let jobs = ReplayTests.jobs(120, seed: 3)
        var setup = ReplayTests.setup(policy: policy)
        try setup.faults.add("kill-every=60")
        let result = await run(setup, jobs)
        check(result, jobs)
        #expect((result.simulation.schedulers.first { $0.name == "gang" }?.restarts ?? 0) > 3)
    }

    @Test func jobsThatCanNeverRunAreReportedAndHoldNobodyUp() async {
        var jobs = ReplayTests.jobs(20, seed: 9)
        var metadata = ObjectMeta(name: "huge", namespace: "default")
        metadata.annotations[PodGroup.expectedRunAnnotation] = "10"
        let size = ReplayTests.capacity + 1
        let arrivals = (0..<size).map { index in
            Arrival(
                key: ObjectKey(namespace: "default", name: "huge-\(index)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(1)]), group: metadata.key,
                route: PodRoute(scheduler: "gang"))
        }
        jobs.insert(
            ReplayJob(
                id: 1_000, submitted: 0, run: 10, size: Double(size),
                group: PodGroup(metadata: metadata, minMember: size), arrivals: arrivals), at: 0)
        let result = await run(ReplayTests.setup(policy: "easy"), jobs)
        #expect(result.jobs.filter { $0.start == nil }.map(\.id) == [1_000])
        #expect(result.simulation.unschedulable.count == size)
    }
}
