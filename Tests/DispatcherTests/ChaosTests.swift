import ClusterModel
import Testing

@testable import Dispatcher

/// Seeded random orders of everything that can happen, with schedulers that misbehave; the invariants hold at every step.
@Suite struct ChaosTests {
    static let seeds = Array(1...UInt64(30))

    /// With an even seed `a` is two processes.
    @Test(arguments: seeds)
    func invariantsHoldWhateverSchedulersDo(seed: UInt64) {
        var world = VirtualCluster(
            seed: seed, names: seed % 2 == 0 ? ["a", "b", "single", "a"] : ["a", "b", "single"], nodes: 6,
            capacity: 4_000, mischief: 25)
        var submitted: [ObjectKey] = []
        for round in 0..<60 {
            if round % 3 == 0 { submitted += arrive(&world, round: round, seed: seed) }
            if round % 7 == 5, let key = submitted.randomElement(using: &world.random) { world.delete(key) }
            if round % 11 == 9 {
                world.replaceNode(Int.random(in: 0..<6, using: &world.random), by: "node-new-\(round)")
            }
            for _ in 0..<40 { world.step() }
            world.check()
        }
        world.calm()
        var steps = 0
        while !world.dispatcher.isSettled, steps < 200_000 {
            world.step()
            steps += 1
        }
        world.check()
        #expect(world.dispatcher.isSettled, "seed \(seed): pods still move after \(steps) calm steps")
        #expect(world.bindings > 0)
        for pod in 0..<world.dispatcher.podCount {
            if case .pending(_, let message) = world.dispatcher.outcome(of: pod) {
                #expect(!message.isEmpty, "seed \(seed): pod \(pod) is pending and nobody says why")
            }
        }
        checkGroups(world, seed)
    }

    /// Schedulers that misbehave without end: everything comes to rest nevertheless, after a stated number of steps, with
    /// bounded rounds a pod and words a scheduler.
    @Test(arguments: seeds, [60, 100]) func everythingComesToRestBesideMischiefWithoutEnd(seed: UInt64, mischief: Int) {
        var limits = Limits.quick
        // Given up for good, as for a run that is shorter than the rest.
        limits.breakSeconds = 1e6
        var world = VirtualCluster(
            seed: seed, names: ["a", "b", "single"], nodes: 4, capacity: 2_000, limits: limits, mischief: mischief)
        for round in 0..<8 { _ = arrive(&world, round: round, seed: seed) }
        let most = 400_000
        var steps = 0
        while !world.dispatcher.isSettled, steps < most {
            world.step()
            steps += 1
        }
        world.check()
        #expect(world.dispatcher.isSettled, "seed \(seed): pods still move after \(steps) steps")
        let rounds = limits.retriesPerPod + limits.refusalRounds + limits.crashesBeforeBreak * world.bindings
        #expect(world.handouts.values.allSatisfy { $0 <= rounds }, "\(world.handouts)")
        // Each binding resets the count of ends, so there may be as many times five starts.
        let mostStarts = limits.crashesBeforeBreak * (world.bindings + 1) + 1
        #expect(world.starts.allSatisfy { $0 <= mostStarts }, "\(world.starts)")
        #expect(world.told.allSatisfy { $0 <= 20 * steps }, "\(world.told) words in \(steps) steps")
    }

    /// Deletions may leave a running group short; without them a group is whole or not there.
    private func checkGroups(_ world: VirtualCluster, _ seed: UInt64) {
        for group in world.dispatcher.groups.records where group.members.count >= group.minMember {
            #expect(
                group.bound == 0 || group.bound >= group.minMember,
                "seed \(seed): pod group \(group.key) has \(group.bound) of \(group.minMember) bound")
        }
    }

    private func arrive(_ world: inout VirtualCluster, round: Int, seed: UInt64) -> [ObjectKey] {
        var arrivals: [Arrival] = []
        let names = ["a", "b", "single", "nobody"]
        for index in 0..<Int.random(in: 1...6, using: &world.random) {
            let name = names.randomElement(using: &world.random) ?? "a"
            let milli = Int64.random(in: 1...12, using: &world.random) * 100
            var spec = SchedulingSpec(requests: ["cpu": Quantity(milli: milli)])
            spec.priority = Int32.random(in: 0...2, using: &world.random)
            arrivals.append(
                Arrival(
                    key: ObjectKey(namespace: "default", name: "p-\(round)-\(index)"), spec: spec,
                    route: PodRoute(scheduler: name, unavailable: name == "nobody" ? .fallback(["a"]) : .queue)))
        }
        if Bool.random(using: &world.random) {
            let size = Int.random(in: 2...5, using: &world.random)
            let key = ObjectKey(namespace: "default", name: "g-\(round)")
            world.submit(
                .groupChanged(PodGroup(metadata: ObjectMeta(name: key.name, namespace: "default"), minMember: size)))
            for index in 0..<size {
                var spec = SchedulingSpec(requests: ["cpu": Quantity(milli: round % 4 == 0 ? 900 : 300)])
                // Groups of every other round may push others away, of whose groups the rest must hold too.
                spec.priority = Int32(round / 2 % 4)
                arrivals.append(
                    Arrival(
                        key: ObjectKey(namespace: "default", name: "m-\(round)-\(index)"), spec: spec, group: key,
                        route: PodRoute(scheduler: round % 2 == 0 ? "b" : "single")))
            }
        }
        world.submit(.podsArrived(arrivals))
        return arrivals.filter { $0.group == nil }.map(\.key)
    }
}
