import ClusterModel
import Placement
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// What the dispatcher makes of preemptions: budgets, groups, pods that are leaving, and room that is kept.
@Suite struct PreemptionRulesTests {
    /// Schedulers `a` and `b` and some nodes of 4 CPUs.
    private struct World {
        var dispatcher: Dispatcher
        var now = Instant.start
        var told: [[DispatcherMessage]] = [[], []]
        var bound: [Int: Int] = [:]
        var evicted: [Int] = []

        init(nodes: Int) {
            dispatcher = Dispatcher(schedulers: [Registration(name: "a"), Registration(name: "b")])
            for number in 0..<nodes {
                dispatcher.handle(.nodeChanged(VirtualCluster.node("n\(number)", 4_000)), at: now)
            }
            flush()
            for index in 0..<2 {
                dispatcher.handle(.started(scheduler: index), at: now)
                say(.ready(Ready(window: 8, capabilities: .transaction)), index)
            }
        }

        mutating func flush() {
            // Long enough for news to be told to schedulers that have nothing to decide.
            now = now.advanced(bySeconds: 0.01)
            for directive in dispatcher.flush(at: now) {
                switch directive {
                case .send(let index, let message): told[index].append(message)
                case .bind(let some): for binding in some { bound[binding.pod] = binding.node }
                case .evict(let some): evicted += some.map(\.pod)
                default: break
                }
            }
            dispatcher.checkInvariants()
        }

        mutating func happen(_ event: Event) {
            dispatcher.handle(event, at: now)
            flush()
        }

        mutating func say(_ message: SchedulerMessage, _ index: Int) { happen(.received(scheduler: index, message)) }

        mutating func find(
            _ name: String, on node: String, priority: Int32 = 0, group: String? = nil, leaving: Bool = false,
            labels: [String: String] = ["app": "x"], _ change: (inout FoundPod) -> Void = { _ in }
        ) -> Int {
            var spec = World.spec(priority, labels)
            spec.isTerminating = leaving
            var found = FoundPod(
                key: World.key(name), spec: spec, group: group.map { World.key($0) }, node: node)
            change(&found)
            happen(.podFound(found))
            return dispatcher.podCount - 1
        }

        mutating func arrive(_ name: String, priority: Int32, to scheduler: String = "a", milli: Int64 = 3_000) -> Int {
            let arrival = Arrival(
                key: World.key(name), spec: World.spec(priority, ["app": "new"], milli),
                route: PodRoute(scheduler: scheduler))
            happen(.podsArrived([arrival]))
            return dispatcher.podCount - 1
        }

        static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

        static func spec(_ priority: Int32, _ labels: [String: String], _ milli: Int64 = 3_000) -> SchedulingSpec {
            var spec = SchedulingSpec(labels: labels, requests: ["cpu": Quantity(milli: milli)])
            spec.priority = priority
            return spec
        }

        func rejections(_ index: Int) -> [Rejection] {
            told[index].flatMap { if case .rejected(let all) = $0 { all } else { [Rejection]() } }
        }

        /// How many each budget allows, as a scheduler was told last.
        func allowed(_ index: Int) -> [Int]? {
            told[index].compactMap { if case .budgets(let all) = $0 { all.map(\.allowed) } else { nil } }.last
        }

        func standing(_ index: Int) -> [Standing] {
            told[index].compactMap { if case .standing(let standing) = $0 { standing } else { nil } }
        }

        /// Nominations as a scheduler was told of them.
        func nominated(_ index: Int) -> [Int: Int] {
            var result: [Int: Int] = [:]
            for case .nominated(let pods, let ended) in told[index] {
                for pod in ended { result[pod] = nil }
                for pod in pods { result[pod.pod] = pod.node }
            }
            return result
        }

        func placedAgain(_ index: Int, _ pod: Int) -> Int {
            told[index].reduce(0) { count, message in
                if case .placed(_, let pods) = message { count + pods.count { $0.pod == pod } } else { count }
            }
        }
    }

    private static let guarded = LabelSelector(matchLabels: ["app": "x"])

    private func budget(_ allowed: Int, disrupted: [Int] = []) -> Event {
        .budgetsChanged([
            Budget(
                key: World.key("budget"), selector: PreemptionRulesTests.guarded, allowed: allowed,
                disrupted: disrupted)
        ])
    }

    private func preempt(_ pod: Int, _ node: Int, _ victims: [Int], violations: Int? = nil) -> SchedulerMessage {
        .preempt(revision: nil, pod: pod, node: node, victims: victims, violations: violations)
    }

    @Test func victimsThatNeedNotLeaveStay() {
        var world = World(nodes: 1)
        let found = (0..<4).map { number in
            world.find("old-\(number)", on: "n0") {
                $0.spec.requests["cpu"] = Quantity(1)
                $0.startSeconds = 100 - Int64(number)
            }
        }
        let pod = world.arrive("urgent", priority: 9, milli: 2_000)
        world.say(preempt(pod, 0, found), 0)
        #expect(world.bound == [pod: 0])
        #expect(Set(world.evicted) == [found[0], found[1]], "those that started last go")
        // The scheduler's mirror took all four off their node; the two that stay are told of again.
        #expect(found.map { world.placedAgain(0, $0) } == [1, 1, 2, 2])
        #expect(found.map { world.placedAgain(1, $0) } == [1, 1, 1, 1])
        #expect(world.standing(1).flatMap(\.starts).map(\.seconds) == [100, 99, 98, 97])
    }

    @Test func aPodThatFitsAnywayEvictsNobody() {
        var world = World(nodes: 2)
        let old = world.find("old", on: "n0")
        let pod = world.arrive("urgent", priority: 9, milli: 1_000)
        world.say(preempt(pod, 0, [old]), 0)
        #expect(world.bound == [pod: 0] && world.evicted.isEmpty)
    }

    @Test func budgetsAreUsedUpAndStaleProposalsRefused() {
        var world = World(nodes: 3)
        let found = (0..<3).map { world.find("old-\($0)", on: "n\($0)") }
        world.happen(budget(1))
        let (first, second) = (world.arrive("p", priority: 9), world.arrive("q", priority: 9, to: "b"))
        #expect([world.allowed(0), world.allowed(1)] == [[1], [1]])
        world.say(preempt(first, 0, [found[0]], violations: 0), 0)
        #expect(world.allowed(1) == [0], "the other scheduler is told at once")
        // It did not know yet when it decided.
        world.say(preempt(second, 1, [found[1]], violations: 0), 1)
        #expect(world.bound == [first: 0] && world.evicted == [found[0]])
        #expect(world.rejections(1).map(\.verdict) == [.retry])
        #expect(world.rejections(1).first?.reason.contains("disruption budget") == true)
        // Kubernetes breaks a budget where nothing else helps.
        world.say(preempt(second, 1, [found[1]], violations: 1), 1)
        #expect(world.bound == [first: 0, second: 1])
        #expect(world.allowed(0) == [0])
    }

    @Test func aBudgetGrowsWithThePodsThatItGuards() {
        var world = World(nodes: 2)
        // Two are missing of those that the budget wants.
        world.happen(budget(-2))
        for number in 0..<3 {
            let arrival = Arrival(
                key: World.key("new-\(number)"), spec: World.spec(0, ["app": "x"], 1_000),
                route: PodRoute(scheduler: "a"))
            world.happen(.podsArrived([arrival]))
            world.say(.place(revision: nil, [ProposedPlacement(pod: number, node: 0)]), 0)
        }
        _ = world.arrive("other", priority: 0)
        #expect(world.allowed(0) == [1])
        world.happen(.podRemoved(World.key("new-0")))
        #expect(world.allowed(0) == [0])
    }

    @Test func podsThatAreNotHealthyOrCountedAlreadyUseUpNothing() {
        var world = World(nodes: 3)
        let sick = world.find("sick", on: "n0") { $0.isHealthy = false }
        let counted = world.find("counted", on: "n1")
        world.happen(budget(1, disrupted: [counted]))
        let (first, second) = (world.arrive("p", priority: 9), world.arrive("q", priority: 9))
        world.say(preempt(first, 0, [sick], violations: 0), 0)
        world.say(preempt(second, 1, [counted], violations: 0), 0)
        #expect(world.bound == [first: 0, second: 1])
        #expect(world.allowed(1) == [1])
    }

    @Test func groupsKeepTheirLeastMembersOrLoseAll() {
        var world = World(nodes: 3)
        world.happen(.groupChanged(PodGroup(metadata: ObjectMeta(name: "gang", namespace: "default"), minMember: 2)))
        let gang = (0..<2).map { world.find("gang-\($0)", on: "n\($0)", group: "gang") }
        let lone = world.find("lone", on: "n2", group: "never-declared")
        let pod = world.arrive("urgent", priority: 9)
        #expect(world.standing(0).flatMap(\.groups).flatMap(\.pods) == gang)
        #expect(world.standing(0).flatMap(\.groups).allSatisfy { $0.minMember == 2 && !$0.goesWhole })
        world.say(preempt(pod, 0, [gang[0]]), 0)
        #expect(world.rejections(0).first?.reason.contains("below minMember") == true)
        // A group that nobody declared has no least number.
        world.say(preempt(pod, 2, [lone]), 0)
        #expect(world.bound == [pod: 2] && world.evicted == [lone])
    }

    @Test func roomIsKeptForWhoIsNominated() {
        var world = World(nodes: 2)
        _ = world.find("old", on: "n1", priority: 100)
        let rival = world.arrive("rival", priority: 9, to: "b")
        let pod = world.arrive("waits", priority: 9)
        world.happen(.podNominated(World.key("waits"), node: "n0"))
        #expect([world.nominated(0), world.nominated(1)] == [[pod: 0], [pod: 0]])
        world.say(.place(revision: nil, [ProposedPlacement(pod: rival, node: 0)]), 1)
        #expect(world.rejections(1).first?.reason == "Insufficient cpu beside pods nominated to the node")
        let higher = world.arrive("higher", priority: 10, to: "b", milli: 1_000)
        world.say(.place(revision: nil, [ProposedPlacement(pod: higher, node: 0)]), 1)
        #expect(world.bound == [higher: 0], "a pod of higher priority does not look at it")
        world.say(.place(revision: nil, [ProposedPlacement(pod: pod, node: 0)]), 0)
        #expect(world.bound == [higher: 0, pod: 0])
        #expect(world.nominated(1).isEmpty)
    }

    @Test(arguments: ["deleted", "elsewhere", "unschedulable", "cleared"])
    func roomIsKeptNoLonger(end: String) {
        var world = World(nodes: 2)
        let pod = world.arrive("waits", priority: 9)
        world.happen(.podNominated(World.key("waits"), node: "n0"))
        let rival = world.arrive("rival", priority: 0, to: "b")
        let report = Unschedulable(
            pods: [rival], revision: Int.max, reasons: ["Insufficient cpu": 2], events: .podReleased)
        world.say(.unschedulable(report), 1)
        let before = world.told[1].count
        switch end {
        case "deleted": world.happen(.podRemoved(World.key("waits")))
        case "elsewhere": world.say(.place(revision: nil, [ProposedPlacement(pod: pod, node: 1)]), 0)
        case "cleared": world.happen(.podNominated(World.key("waits"), node: nil))
        default:
            var given = report
            given.pods = [pod]
            world.say(.unschedulable(given), 0)
        }
        world.flush()
        let isGivenAgain = world.told[1][before...].contains {
            if case .pods(let pods, _) = $0 { pods.map(\.pod) == [rival] } else { false }
        }
        #expect(isGivenAgain, "who was refused the room is asked about again")
        #expect(world.nominated(1).isEmpty)
        world.say(.place(revision: nil, [ProposedPlacement(pod: rival, node: 0)]), 1)
        #expect(world.bound[rival] == 0)
    }

    @Test func nominationsToNowhereAreIgnored() {
        var world = World(nodes: 1)
        let pod = world.arrive("waits", priority: 9)
        world.happen(.podNominated(World.key("waits"), node: "no-such-node"))
        world.happen(.podNominated(World.key("no-such-pod"), node: "n0"))
        #expect(world.nominated(0).isEmpty && !world.dispatcher.cell.hasNominations)
        world.say(.place(revision: nil, [ProposedPlacement(pod: pod, node: 0)]), 0)
        world.happen(.podNominated(World.key("waits"), node: "n0"))
        #expect(world.bound == [pod: 0] && !world.dispatcher.cell.hasNominations, "it has its place")
    }

    @Test func victimsThatAreLeavingAlreadyAreWaitedFor() {
        var world = World(nodes: 1)
        let leaving = world.find("leaving", on: "n0", leaving: true) { $0.spec.requests["cpu"] = Quantity(2) }
        let other = world.find("other", on: "n0") { $0.spec.requests["cpu"] = Quantity(2) }
        let pod = world.arrive("urgent", priority: 9, milli: 4_000)
        let rival = world.arrive("rival", priority: 5, to: "b", milli: 1_000)
        world.say(preempt(pod, 0, [leaving, other]), 0)
        #expect(world.evicted == [other], "nobody is evicted twice")
        #expect(world.bound.isEmpty)
        #expect(world.rejections(0).map(\.verdict) == [.gone])
        #expect(world.nominated(1) == [pod: 0])
        #expect(world.standing(1).flatMap(\.leaving) == [leaving])
        world.say(.place(revision: nil, [ProposedPlacement(pod: rival, node: 0)]), 1)
        #expect(world.rejections(1).count == 1, "the room is kept")
        // The eviction woke it, and it waits on.
        var report = Unschedulable(
            pods: [pod], revision: Int.max, reasons: ["Insufficient cpu": 1], events: .podReleased)
        report.awaitsVictims = true
        world.say(.unschedulable(report), 0)
        #expect(world.nominated(1) == [pod: 0])
        #expect(world.dispatcher.outcome(of: pod) == .unschedulable(scheduler: "a", reasons: ["Insufficient cpu": 1]))
        let before = world.told[0].count
        world.happen(.podRemoved(World.key("leaving")))
        world.flush()
        let isGivenAgain = world.told[0][before...].contains {
            if case .pods(let pods, _) = $0 { pods.map(\.pod) == [pod] } else { false }
        }
        #expect(isGivenAgain)
        world.say(.place(revision: nil, [ProposedPlacement(pod: pod, node: 0)]), 0)
        #expect(world.bound == [pod: 0] && world.nominated(1).isEmpty)
    }

    @Test func aFreshProcessIsToldOfNominationsAndFacts() {
        var world = World(nodes: 1)
        _ = world.find("old", on: "n0", leaving: true) {
            $0.startSeconds = 7
            $0.isPreempted = true
            $0.spec.requests["cpu"] = Quantity(1)
        }
        let pod = world.arrive("waits", priority: 9)
        world.happen(.podNominated(World.key("waits"), node: "n0"))
        world.happen(.exited(scheduler: 1, reason: "died"))
        world.told[1] = []
        world.now = world.now.advanced(bySeconds: 1)
        world.flush()
        world.happen(.started(scheduler: 1))
        world.say(.ready(Ready(window: 8, capabilities: .transaction)), 1)
        #expect(world.nominated(1) == [pod: 0])
        #expect(world.standing(1) == [Standing(starts: [Standing.Start(pod: 0, seconds: 7)], leaving: [0])])
    }
}
