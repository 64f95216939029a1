import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Transactions with victims, and tasks of groups, at the dispatcher.
@Suite struct GangPreemptionTests {
    /// One scheduler that is ready, and nodes of 4 CPUs each with one found pod of 3 on it, of the given priorities.
    private struct World {
        var dispatcher = Dispatcher(schedulers: [Registration(name: "gang")])
        var directives: [Directive] = []

        init(found priorities: [Int32], group: ObjectKey? = nil) {
            for (index, priority) in priorities.enumerated() {
                handle(.nodeChanged(VirtualCluster.node("n\(index)", 4_000)))
                var spec = SchedulingSpec(requests: ["cpu": Quantity(3)])
                spec.priority = priority
                handle(
                    .podFound(
                        FoundPod(
                            key: ObjectKey(namespace: "default", name: "old-\(index)"), spec: spec, group: group,
                            node: "n\(index)")))
            }
            handle(.started(scheduler: 0))
            handle(.received(scheduler: 0, .ready(Ready(window: 20, capabilities: .transaction))))
        }

        mutating func handle(_ event: Event) {
            dispatcher.handle(event, at: .start)
            directives += dispatcher.flush(at: .start)
            dispatcher.checkInvariants()
        }

        /// Members of a group, as many as tasks; their numbers follow those of the pods found.
        mutating func arrive(_ tasks: [String], minMember: Int, minByTask: [String: Int] = [:], mayPreempt: Bool = true)
        {
            var group = PodGroup(metadata: ObjectMeta(name: "g", namespace: "default"), minMember: minMember)
            group.minByTask = minByTask
            handle(.groupChanged(group))
            var spec = SchedulingSpec(requests: ["cpu": Quantity(3)])
            spec.priority = 5
            spec.mayPreempt = mayPreempt
            handle(
                .podsArrived(
                    tasks.enumerated().map { index, task in
                        var arrival = Arrival(
                            key: ObjectKey(namespace: "default", name: "g-\(index)"), spec: spec,
                            group: group.metadata.key, route: PodRoute(scheduler: "gang"))
                        arrival.task = task
                        return arrival
                    }))
        }

        mutating func propose(_ seats: [(pod: Int, node: Int)], victims: [Int] = []) {
            directives = []
            let places = seats.map { ProposedPlacement(pod: $0.pod, node: $0.node) }
            handle(.received(scheduler: 0, .transaction(id: 1, revision: nil, places, victims: victims)))
        }

        var messages: [DispatcherMessage] {
            directives.compactMap { if case .send(_, let message) = $0 { message } else { nil } }
        }
        var bound: [Int] {
            directives.flatMap { if case .bind(let all) = $0 { all.map(\.pod) } else { [Int]() } }
        }
        var evicted: [Int] {
            directives.flatMap { if case .evict(let all) = $0 { all.map(\.pod) } else { [Int]() } }
        }
        var refusals: [String] {
            messages.flatMap { if case .rejected(let all) = $0 { all.map(\.reason) } else { [String]() } }
        }
        /// Pods that the scheduler is told to be on their nodes.
        var told: [Int] {
            messages.flatMap { if case .placed(_, let all) = $0 { all.map(\.pod) } else { [Int]() } }
        }
    }

    @Test func evictsAndBindsAllAtOnce() {
        var world = World(found: [0, 1])
        world.arrive(["", ""], minMember: 2)
        world.propose([(2, 0), (3, 1)], victims: [0, 1])
        #expect(world.bound == [2, 3] && Set(world.evicted) == [0, 1])
        let preemptors = world.directives.flatMap { directive -> [Int] in
            if case .evict(let all) = directive { all.map(\.preemptor) } else { [] }
        }
        #expect(Set(preemptors) == [2, 3], "each victim leaves for the pod that takes its place")
        #expect(world.dispatcher.outcome(of: 0) == .gone)
    }

    @Test func whoNeedNotLeaveStays() {
        var world = World(found: [0, 0, 0])
        world.handle(.podRemoved(ObjectKey(namespace: "default", name: "old-1")))
        world.arrive(["", ""], minMember: 2)
        world.propose([(3, 0), (4, 1)], victims: [0, 2])
        #expect(world.bound == [3, 4] && world.evicted == [0])
        #expect(world.told.contains(2), "the scheduler, which believes that pod 2 left, is told that it is there")
    }

    @Test(
        arguments: [
            ([(2, 0), (3, 1)], [0], "Insufficient cpu"), ([(2, 0)], [0], "2 members"),
            ([(2, 0), (3, 1)], [0, 0], "twice"),
            ([(2, 0), (3, 1)], [0, 7], "on no node"), ([(2, 0), (3, 1)], [0, -1], "on no node"),
            ([(2, 0), (3, 0)], [0, 1], "Insufficient cpu"), ([(2, 0), (3, 1)], [2, 3], "on no node"),
        ] as [([(Int, Int)], [Int], String)])
    func nobodyLeavesForATransactionThatDoesNotHold(seats: [(Int, Int)], victims: [Int], why: String) {
        var world = World(found: [0, 0])
        world.arrive(["", ""], minMember: 2)
        world.propose(seats.map { (pod: $0.0, node: $0.1) }, victims: victims)
        #expect(world.bound.isEmpty && world.evicted.isEmpty)
        #expect(world.refusals.contains { $0.contains(why) }, "\(world.refusals)")
        for victim in Set(victims) where [0, 1].contains(victim) { #expect(world.told.contains(victim)) }
        world.propose([(2, 0), (3, 1)], victims: [0, 1])
        #expect(world.bound == [2, 3], "it is still the scheduler's to place")
    }

    @Test func victimsAreBelowEveryMemberAndPreemptionIsAllowed() {
        var world = World(found: [0, 5])
        world.arrive(["", ""], minMember: 2)
        world.propose([(2, 0), (3, 1)], victims: [0, 1])
        #expect(world.bound.isEmpty && world.refusals.contains { $0.contains("has priority 5, not below 5") })
        world = World(found: [0, 0])
        world.arrive(["", ""], minMember: 2, mayPreempt: false)
        world.propose([(2, 0), (3, 1)], victims: [0, 1])
        #expect(world.bound.isEmpty && world.refusals.contains { $0.contains("preemptionPolicy is Never") })
    }

    @Test func aGroupGoesWholeOrStaysAboveItsMinimum() {
        let key = ObjectKey(namespace: "default", name: "victims")
        var world = World(found: [0, 0, 0], group: key)
        world.handle(
            .groupChanged(PodGroup(metadata: ObjectMeta(name: key.name, namespace: key.namespace), minMember: 2)))
        world.arrive(["", ""], minMember: 2)
        world.propose([(3, 0), (4, 1)], victims: [0, 1])
        #expect(world.bound.isEmpty && world.refusals.contains { $0.contains("below minMember") })
    }

    @Test func tasksAreAmongThoseThatStartAtOnce() throws {
        var world = World(found: [0, 0, 0])
        for index in 0..<3 { world.handle(.podRemoved(ObjectKey(namespace: "default", name: "old-\(index)"))) }
        world.arrive(["ps", "ps", "worker"], minMember: 2, minByTask: ["ps": 1, "worker": 1])
        let tasks = world.messages.flatMap { message -> [GroupTask] in
            if case .groups(let all) = message { all.flatMap(\.tasks) } else { [] }
        }
        #expect(
            tasks == [
                GroupTask(name: "ps", missing: 1, pods: [3, 4]), GroupTask(name: "worker", missing: 1, pods: [5]),
            ])
        world.propose([(3, 0), (4, 1)])
        #expect(world.bound.isEmpty && world.refusals.contains { $0.contains("1 short of the members of task worker") })
        world.propose([(4, 1), (5, 2)])
        #expect(world.bound == [4, 5])
    }

    @Test func aGroupWaitsForTheTasksThatItNeeds() {
        var world = World(found: [])
        world.arrive(["ps", "ps"], minMember: 2, minByTask: ["ps": 1, "worker": 1])
        let outcome = world.dispatcher.outcome(of: 0)
        guard case .pending(_, let message) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message == "pod group default/g has 0 of the 1 members of task worker that it needs")
    }

    /// Members placed one by one are reserved until every task has enough.
    @Test func reservationsWaitForTheTasks() {
        var world = World(found: [0, 0, 0])
        for index in 0..<3 { world.handle(.podRemoved(ObjectKey(namespace: "default", name: "old-\(index)"))) }
        world.arrive(["ps", "ps", "worker"], minMember: 2, minByTask: ["worker": 1])
        world.directives = []
        for (pod, node) in [(3, 0), (4, 1)] {
            world.handle(.received(scheduler: 0, .place(revision: nil, [ProposedPlacement(pod: pod, node: node)])))
        }
        #expect(world.bound.isEmpty)
        world.handle(.received(scheduler: 0, .place(revision: nil, [ProposedPlacement(pod: 5, node: 2)])))
        #expect(world.bound == [3, 4, 5])
    }

    @Test func membersThatHaveRunCount() {
        var world = World(found: [0])
        world.handle(.podRemoved(ObjectKey(namespace: "default", name: "old-0")))
        var group = PodGroup(metadata: ObjectMeta(name: "g", namespace: "default"), minMember: 3)
        group.finishedByTask = ["": 2]
        world.handle(.groupChanged(group))
        world.handle(
            .podsArrived([
                Arrival(
                    key: ObjectKey(namespace: "default", name: "g-2"),
                    spec: SchedulingSpec(requests: ["cpu": Quantity(3)]), group: group.metadata.key,
                    route: PodRoute(scheduler: "gang"))
            ]))
        let told = world.messages.compactMap { message -> NumberedGroup? in
            if case .groups(let all) = message { all.first } else { nil }
        }
        #expect(told.last?.bound == 2 && told.last?.missing == 1)
        world.propose([(1, 0)])
        #expect(world.bound == [1])
    }
}
