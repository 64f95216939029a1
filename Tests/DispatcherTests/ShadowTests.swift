import ClusterModel
import Placement
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// Schedulers that get copies: what they decide is compared, and never counts.
@Suite struct ShadowTests {
    /// A dispatcher with a scheduler `real`, which has number 0, its shadow, and two nodes of 4 CPUs.
    private struct World {
        var dispatcher: Dispatcher
        var now = Instant.start
        /// What each scheduler was told.
        var told: [[DispatcherMessage]] = [[], []]
        var bindings: [Binding] = []
        /// Processes to be started.
        var starting: Set<Int> = []

        init(limits: Limits = Limits(), capabilities: Ready.Capabilities = .transaction) {
            dispatcher = Dispatcher(
                schedulers: [Registration(name: "real"), Registration(name: "shadow")], limits: limits)
            for name in ["n0", "n1"] { dispatcher.handle(.nodeChanged(VirtualCluster.node(name, 4_000)), at: now) }
            flush()
            for index in 0..<2 {
                dispatcher.handle(.started(scheduler: index), at: now)
                say(.ready(Ready(window: 8, capabilities: capabilities)), index)
            }
            starting = []
        }

        mutating func flush() {
            for directive in dispatcher.flush(at: now) {
                switch directive {
                case .send(let index, let message): told[index].append(message)
                case .bind(let some): bindings += some
                case .start(let index): starting.insert(index)
                case .kill(let index): dispatcher.handle(.exited(scheduler: index, reason: "killed"), at: now)
                default: break
                }
            }
            dispatcher.checkInvariants()
        }

        mutating func say(_ message: SchedulerMessage, _ index: Int) {
            dispatcher.handle(.received(scheduler: index, message), at: now)
            dispatcher.checkInvariants()
            flush()
        }

        mutating func pass(seconds: Double) {
            now = now.advanced(bySeconds: seconds)
            flush()
        }

        mutating func arrive(
            _ names: [String], milli: Int64 = 1_000, group: ObjectKey? = nil, shadow: String = "shadow"
        ) {
            let arrivals = names.map {
                Arrival(
                    key: ObjectKey(namespace: "default", name: $0),
                    spec: SchedulingSpec(requests: ["cpu": Quantity(milli: milli)]), group: group,
                    route: PodRoute(scheduler: "real", shadow: shadow))
            }
            dispatcher.handle(.podsArrived(arrivals), at: now)
            flush()
        }

        /// The numbers of all pods that a scheduler was given.
        func given(_ index: Int) -> [Int] {
            told[index].flatMap { message -> [Int] in
                if case .pods(let pods, _) = message { pods.map(\.pod) } else { [] }
            }
        }

        func rejections(_ index: Int) -> [Rejection] {
            told[index].flatMap { message -> [Rejection] in
                if case .rejected(let all) = message { all } else { [] }
            }
        }

        func withdrawn(_ index: Int) -> [Int] {
            told[index].flatMap { message -> [Int] in
                if case .withdraw(let all) = message { all } else { [] }
            }
        }

        var figures: ShadowFigures { dispatcher.shadowFigures[0] }
        var isSettled: Bool { dispatcher.isSettled && dispatcher.areShadowsSettled }
    }

    private func place(_ pod: Int, _ node: Int, _ revision: Int? = nil) -> SchedulerMessage {
        .place(revision: revision, [ProposedPlacement(pod: pod, node: node)])
    }

    @Test func aCopyIsComparedAndNeverCommitted() throws {
        var world = World()
        world.arrive(["p"])
        #expect(world.given(0) == [0])
        let copy = try #require(world.given(1).first)
        #expect(copy != 0)
        world.say(place(copy, 1), 1)
        #expect(world.bindings.isEmpty)
        #expect(world.rejections(1).isEmpty, "its place stays assumed until the pod has one")
        world.say(place(0, 0), 0)
        #expect(world.bindings.map(\.node) == [0])
        #expect(world.rejections(1).map(\.pod) == [copy])
        #expect(world.rejections(1).map(\.verdict) == [.gone])
        let figures = world.figures
        #expect((figures.scheduler, figures.shadow) == ("real", "shadow"))
        #expect((figures.copied, figures.compared, figures.differed) == (1, 1, 1))
        #expect(figures.shadowLatencies.count == 1)
        #expect(world.isSettled)
    }

    /// What the two decided about one pod, and what it counts as.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The node of each, or −1 for none.
        var real: Int
        var shadow: Int
        var milli: Int64 = 1_000
        var count: @Sendable (ShadowFigures) -> Int
    }

    static let cases = [
        Case(testDescription: "same node", real: 1, shadow: 1) { $0.agreed },
        Case(testDescription: "another node", real: 1, shadow: 0) { $0.differed },
        Case(testDescription: "no such node", real: 1, shadow: 7) { $0.wouldNotFit },
        Case(testDescription: "both found none", real: -1, shadow: -1, milli: 9_000) { $0.agreed },
        Case(testDescription: "the shadow found none", real: 0, shadow: -1) { $0.onlyScheduler },
        Case(testDescription: "only the shadow found one", real: -1, shadow: 0) { $0.onlyShadow },
        Case(testDescription: "only the shadow, and wrongly", real: -1, shadow: 0, milli: 9_000) { $0.wouldNotFit },
    ]

    @Test(arguments: cases, [true, false])
    func everyPairOfDecisionsHasItsCount(_ test: Case, shadowIsFirst: Bool) throws {
        var world = World()
        world.arrive(["p"], milli: test.milli)
        let copy = try #require(world.given(1).first)
        for index in shadowIsFirst ? [1, 0] : [0, 1] {
            let (pod, node) = index == 0 ? (0, test.real) : (copy, test.shadow)
            let none = Unschedulable(pods: [pod], revision: nil, reasons: ["full": 2], events: [.podReleased])
            world.say(node < 0 ? .unschedulable(none) : place(pod, node), index)
        }
        #expect(world.figures.compared == 1)
        #expect(test.count(world.figures) == 1, "\(world.figures)")
        #expect(world.dispatcher.areShadowsSettled)
    }

    @Test func whoKnowsThePlaceIsNotAsked() throws {
        var world = World()
        world.arrive(["p"])
        let copy = try #require(world.given(1).first)
        world.say(place(0, 0), 0)
        world.say(place(copy, 0, world.dispatcher.log.revision), 1)
        #expect((world.figures.late, world.figures.compared) == (1, 0))
        #expect(world.rejections(1).map(\.pod) == [copy])
    }

    @Test func aGroupIsComparedAsOne() throws {
        var world = World()
        let key = ObjectKey(namespace: "default", name: "g")
        world.dispatcher.handle(
            .groupChanged(PodGroup(metadata: ObjectMeta(name: "g", namespace: "default"), minMember: 3)), at: world.now)
        world.arrive(["a", "b"], milli: 3_000, group: key)
        #expect(world.given(1).isEmpty, "a group is copied whole")
        world.arrive(["c"], milli: 3_000, group: key)
        let copies = world.given(1)
        #expect(copies.count == 3)
        // Each fits alone; all on one node do not.
        world.say(.transaction(id: 1, revision: nil, copies.map { ProposedPlacement(pod: $0, node: 0) }), 1)
        #expect(world.bindings.isEmpty)
        let none = Unschedulable(pods: [0, 1, 2], revision: nil, reasons: ["full": 2], events: [.podReleased])
        world.say(.unschedulable(none), 0)
        #expect((world.figures.compared, world.figures.onlyShadow, world.figures.wouldNotFit) == (3, 1, 2))
        #expect(world.rejections(1).count == 3)
    }

    @Test func silenceCrashesAndDeletionsAreCounted() throws {
        var world = World()
        world.arrive(["p", "q", "r"])
        let copies = world.given(1)
        world.dispatcher.handle(.podRemoved(ObjectKey(namespace: "default", name: "r")), at: world.now)
        world.flush()
        #expect(world.withdrawn(1) == [copies[2]])
        #expect(world.figures.gone == 1)
        world.say(place(0, 0), 0)
        world.say(place(1, 0), 0)
        #expect(world.dispatcher.isSettled)
        #expect(!world.dispatcher.areShadowsSettled)
        world.say(place(copies[0], 0), 1)
        world.dispatcher.handle(.exited(scheduler: 1, reason: "died"), at: world.now)
        world.flush()
        #expect((world.figures.agreed, world.figures.undecided) == (1, 1))
        #expect(world.isSettled)
    }

    @Test func aSilentShadowIsAskedForItsCopiesBack() throws {
        var limits = Limits()
        limits.shadowSeconds = 1
        var world = World(limits: limits)
        world.arrive((0..<10).map { "p-\($0)" }, milli: 10)
        #expect(world.given(0).count == 8, "a window's worth")
        #expect(world.given(1).count == 4, "half a window's worth")
        for pod in 0..<10 { world.say(place(pod, 0), 0) }
        #expect(world.bindings.count == 10)
        world.pass(seconds: 1.1)
        #expect(world.withdrawn(1).sorted() == world.given(1).sorted())
        // Those that waited were decided meanwhile.
        #expect((world.figures.undecided, world.figures.late) == (4, 6))
        #expect(world.isSettled)
        // An answer that crossed the withdrawal is no fault.
        world.say(place(world.given(1)[0], 0), 1)
        #expect(world.dispatcher.figures[1].notItsOwn == 0)
    }

    @Test func aShadowThatNobodyRunsIsSaid() {
        var world = World()
        world.arrive(["p"], shadow: "nobody")
        world.say(place(0, 0), 0)
        #expect((world.figures.shadow, world.figures.undecided) == ("nobody", 1))
        #expect(world.isSettled)
    }

    @Test func aRefusedPreemptionIsPutRightInTheMirror() throws {
        var world = World()
        world.arrive(["low"], milli: 4_000, shadow: "nobody")
        world.say(place(0, 0), 0)
        world.arrive(["high"], milli: 4_000)
        let copy = try #require(world.given(1).first)
        world.told[1] = []
        world.say(.preempt(revision: nil, pod: copy, node: 0, victims: [0]), 1)
        world.say(place(1, 1), 0)
        let again = world.told[1].flatMap { message -> [Int] in
            if case .placed(_, let pods) = message { pods.map(\.pod) } else { [] }
        }
        #expect(again.contains(0), "the victim stands where it stood")
        #expect(world.dispatcher.shadowFigures[1].wouldPreempt == 1)
    }

    // MARK: - Whatever a shadow does

    /// A run with a scheduler that behaves and a shadow that does what a seed comes up with, if there is one.
    private func run(seed: UInt64, shadowed: Bool, mischief percent: Int = 40) -> (
        bindings: [Binding], world: World, shadow: VirtualScheduler
    ) {
        var arrivals = SeededGenerator(seed: seed)
        var mischief = SeededGenerator(seed: seed &+ 1_000_003)
        var world = World(limits: .quick)
        var schedulers = [
            VirtualScheduler(mischief: 0, placesGroups: true),
            VirtualScheduler(mischief: percent, placesGroups: seed % 2 == 0),
        ]
        var heard = [0, 0]
        for index in 0..<2 { schedulers[index].isRunning = true }
        func listen(_ index: Int) {
            for message in world.told[index][heard[index]...] { schedulers[index].receive(message) }
            heard[index] = world.told[index].count
        }
        for round in 0..<40 {
            if round % 4 == 0 {
                let key = ObjectKey(namespace: "default", name: "g-\(round)")
                let size = Int.random(in: 2...4, using: &arrivals)
                world.dispatcher.handle(
                    .groupChanged(
                        PodGroup(metadata: ObjectMeta(name: key.name, namespace: "default"), minMember: size)),
                    at: world.now)
                world.arrive(
                    (0..<size).map { "m-\(round)-\($0)" }, milli: 50, group: key, shadow: shadowed ? "shadow" : "nobody"
                )
            }
            for number in 0..<Int.random(in: 1...4, using: &arrivals) {
                world.arrive(
                    ["p-\(round)-\(number)"], milli: Int64.random(in: 1...4, using: &arrivals) * 50,
                    shadow: shadowed ? "shadow" : "nobody")
            }
            var isBusy = true
            while isBusy {
                if shadowed { shadowStep(&world, &schedulers[1], &heard[1], &mischief) }
                listen(0)
                let said = schedulers[0].think(&arrivals)
                for message in said { world.say(message, 0) }
                isBusy = !said.isEmpty
            }
            world.now = world.now.advanced(bySeconds: 0.01)
        }
        schedulers[1].mischief = 0
        for _ in 0..<400 where shadowed && !(world.isSettled && world.dispatcher.slots[1].phase == .ready) {
            shadowStep(&world, &schedulers[1], &heard[1], &mischief, mayDie: false)
            world.pass(seconds: 0.05)
        }
        if shadowed { shadowStep(&world, &schedulers[1], &heard[1], &mischief, mayDie: false) }
        return (world.bindings, world, schedulers[1])
    }

    private func shadowStep(
        _ world: inout World, _ shadow: inout VirtualScheduler, _ heard: inout Int, _ random: inout SeededGenerator,
        mayDie: Bool = true
    ) {
        for message in world.told[1][heard...] { shadow.receive(message) }
        heard = world.told[1].count
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4 where mayDie:
            world.dispatcher.handle(.exited(scheduler: 1, reason: "died"), at: world.now)
            shadow.isRunning = false
            world.flush()
        case 4..<8 where mayDie:
            world.dispatcher.handle(.badLine(scheduler: 1, reason: "x"), at: world.now)
        case 8..<40 where mayDie: break
        default: for message in shadow.think(&random) { world.say(message, 1) }
        }
        if world.starting.remove(1) != nil {
            shadow = VirtualScheduler(mischief: shadow.mischief, placesGroups: shadow.placesGroups)
            world.dispatcher.handle(.started(scheduler: 1), at: world.now)
            shadow.isRunning = true
            world.flush()
        }
    }

    @Test(arguments: Array(1...UInt64(60)))
    func noShadowChangesWhereAnyPodGoes(seed: UInt64) {
        let plain = run(seed: seed, shadowed: false)
        let shadowed = run(seed: seed, shadowed: true)
        let isSame = plain.bindings == shadowed.bindings
        #expect(isSame, "seed \(seed)")
        #expect(shadowed.world.isSettled, "seed \(seed)")
        let figures = shadowed.world.figures
        #expect(figures.copied == shadowed.world.dispatcher.podCount, "seed \(seed)")
        #expect(figures.open == 0, "seed \(seed)")
    }

    /// Nothing of the copies is left in the mirror, and all that counts is there.
    @Test(arguments: Array(1...UInt64(60)))
    func theMirrorOfAShadowIsRight(seed: UInt64) {
        let (bindings, world, shadow) = run(seed: seed, shadowed: true, mischief: 0)
        let seats = Dictionary(uniqueKeysWithValues: bindings.map { ($0.pod, $0.node) })
        let isSame = shadow.places == seats
        #expect(isSame, "seed \(seed)")
        #expect(shadow.undecided.isEmpty, "seed \(seed)")
        #expect(world.figures.compared > 0, "seed \(seed)")
    }
}
