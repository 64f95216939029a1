import ClusterModel
import Placement
import Testing

@testable import Dispatcher

/// One scheduler in several processes.
@Suite struct ShardTests {
    private func world(_ seed: UInt64) -> VirtualCluster {
        VirtualCluster(seed: seed, names: ["a", "a", "b"], nodes: 200, capacity: 4_000, mischief: 0)
    }

    private func arrivals(_ count: Int, _ stem: String, group: String? = nil) -> [Arrival] {
        (0..<count).map {
            Arrival(
                key: ObjectKey(namespace: "default", name: "\(stem)-\($0)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(milli: 100)]),
                group: group.map { ObjectKey(namespace: "default", name: $0) }, route: PodRoute(scheduler: "a"))
        }
    }

    private func settle(_ world: inout VirtualCluster) {
        var steps = 0
        while !world.dispatcher.isSettled, steps < 200_000 {
            world.step()
            steps += 1
        }
        world.check()
    }

    @Test(arguments: 1...10) func podsAreShared(seed: UInt64) {
        var world = world(seed)
        world.submit(.podsArrived(arrivals(1_500, "pod")))
        settle(&world)
        let bound = world.dispatcher.figures.map(\.bound)
        #expect(world.dispatcher.schedulerNames == ["a/0", "a/1", "b"])
        #expect(bound[0] + bound[1] == 1_500 && bound[2] == 0)
        #expect(min(bound[0], bound[1]) >= 400, "seed \(seed): \(bound)")
        for pod in 0..<world.dispatcher.podCount {
            guard case .bound(_, _, let scheduler) = world.dispatcher.outcome(of: pod) else { continue }
            #expect(scheduler == "a", "pods name the scheduler, not its process")
        }
    }

    @Test(arguments: 1...10) func aGroupStaysInOneProcess(seed: UInt64) {
        var world = world(seed)
        for group in 0..<40 {
            world.submit(
                .groupChanged(PodGroup(metadata: ObjectMeta(name: "g\(group)", namespace: "default"), minMember: 8)))
            world.submit(.podsArrived(arrivals(8, "g\(group)-first", group: "g\(group)")))
        }
        settle(&world)
        // Members that come later follow the others.
        for group in 0..<40 { world.submit(.podsArrived(arrivals(3, "g\(group)-late", group: "g\(group)"))) }
        settle(&world)
        for group in world.dispatcher.groups.records {
            #expect(group.bound == 11)
            #expect(Set(group.members.map { world.dispatcher.pods[$0].scheduler }).count == 1, "seed \(seed)")
        }
        #expect(Set(world.dispatcher.groups.records.map(\.shard)).count == 2, "both processes get groups")
    }

    /// Whoever is left takes over what a shard that was given up had.
    @Test func aDeadShardLosesNothing() {
        var limits = Limits.quick
        limits.crashesBeforeBreak = 3
        var dispatcher = Dispatcher(schedulers: VirtualCluster.registrations(["a", "a"]), limits: limits)
        dispatcher.handle(.nodeChanged(VirtualCluster.node("node-0", 4_000)), at: .start)
        dispatcher.handle(.podsArrived(arrivals(600, "pod")), at: .start)
        #expect(dispatcher.loads.allSatisfy { $0.queued > 0 })
        var now = Instant.start
        for _ in 0..<3 {
            _ = dispatcher.flush(at: now)
            dispatcher.handle(.exited(scheduler: 0, reason: "died"), at: now)
            now = now.advanced(bySeconds: 0.2)
            _ = dispatcher.flush(at: now)
        }
        #expect(dispatcher.loads[0].queued == 0 && dispatcher.loads[1].queued == 600)
        let both = dispatcher.loadsByScheduler
        #expect(both.map(\.name) == ["a"] && both[0].load.queued == 600 && both[0].load.isAvailable)
    }
}
