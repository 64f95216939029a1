import ClusterModel
import Foundation
import Testing

@testable import Placement

/// The ordered index against the plain loop over all nodes, step by step.
@Suite struct IndexTests {
    private static let profiles: [Profile] = [.kubeDefault, .spread, .gang, .mostAllocated, .binpack]

    /// Steps for each seed and profile; `SWITCHYARD_STEPS=40000` makes a million of them in all.
    private static let steps = ProcessInfo.processInfo.environment["SWITCHYARD_STEPS"].flatMap { Int($0) } ?? 60

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func choosesWhatThePlainLoopChooses(seed: UInt64) throws {
        // Odd seeds take some profiles and even seeds the others, so that each is seen by five.
        for (number, profile) in IndexTests.profiles.enumerated() where number % 2 == Int(seed % 2) {
            var run = IndexRun(seed: seed, profile: profile)
            for step in 0..<IndexTests.steps {
                run.change()
                run.compare("seed \(seed), \(profile.name), step \(step)")
            }
            run.cell.checkInvariants()
            for index in run.engine.indexes { index.heaps.checkInvariants() }
        }
    }

    @Test func keepsWithinItsMemory() {
        var run = IndexRun(seed: 3, profile: .kubeDefault)
        run.engine.indexMemoryLimit = 4096
        for _ in 0..<200 {
            run.change()
            run.compare("small memory")
        }
        #expect(run.engine.indexes.count <= 8)
    }

    @Test func forgetsClassesThatNobodyUses() {
        var cell = Cell()
        cell.idleClassLimit = 10
        cell.upsertNode(Node(metadata: ObjectMeta(name: "n"), allocatable: ["cpu": Quantity(1)]), at: 0)
        for number in 0..<500 {
            var spec = SchedulingSpec(labels: ["app": "a\(number)"], requests: ["cpu": Quantity(milli: 1)])
            spec.affinity.requiredAntiPods = [
                PodAffinityTerm(topologyKey: "zone", labelSelector: LabelSelector(matchLabels: spec.labels))
            ]
            cell.release(class: cell.register(spec))
        }
        #expect(cell.classCount <= 21)
        #expect(cell.liveCounters.count <= 42)
        #expect(cell.groupNumbers.count <= 42)
        cell.checkInvariants()
    }

    @Test func seesPodsThatANamespaceBringsUnderATerm() {
        var cell = Cell()
        for index in 0..<3 as Range<NodeIndex> {
            let labels = ["kubernetes.io/hostname": "n\(index)"]
            cell.upsertNode(
                Node(metadata: ObjectMeta(name: "n\(index)", labels: labels), allocatable: ["cpu": Quantity(4)]),
                at: index)
        }
        let placed = cell.register(SchedulingSpec(namespace: "b", requests: ["cpu": Quantity(1)]))
        cell.place(1, class: placed, on: 0)
        var spec = SchedulingSpec(requests: ["cpu": Quantity(milli: 100)])
        spec.affinity.requiredAntiPods = [
            PodAffinityTerm(
                topologyKey: "kubernetes.io/hostname", labelSelector: LabelSelector(),
                namespaceSelector: LabelSelector(matchLabels: ["team": "a"]))
        ]
        let waiting = cell.register(spec)
        var engine = Engine(profile: .mostAllocated, seed: 1)
        for _ in 0..<2 { #expect(engine.select(waiting, in: &cell) == .node(0, [])) }
        #expect(engine.indexes.count == 1)
        cell.setNamespace("b", labels: ["team": "a"])
        #expect(engine.select(waiting, in: &cell) != .node(0, []))
        cell.setNamespace("b", labels: [:])
        #expect(engine.select(waiting, in: &cell) == .node(0, []))
    }

    @Test func breaksTiesByOrderOrBySeed() {
        func choice(_ tie: Profile.TieBreaking, _ seed: UInt64) -> Selection {
            var profile = Profile.kubeDefault
            profile.tieBreaking = tie
            var engine = Engine(profile: profile, seed: seed)
            var cell = Cell()
            for index in 0..<50 as Range<NodeIndex> {
                cell.upsertNode(
                    Node(metadata: ObjectMeta(name: "n\(index)"), allocatable: ["cpu": Quantity(4)]), at: index)
            }
            return engine.select(cell.register(SchedulingSpec(requests: ["cpu": Quantity(1)])), in: &cell)
        }
        #expect(choice(.first, 7) == .node(0, []))
        #expect(choice(.last, 7) == .node(49, []))
        #expect(Set((1...20).map { choice(.random, $0) }).count > 5)
        #expect(choice(.random, 9) == choice(.random, 9))
    }
}

/// A cell with GPUs and an engine, changed at random.
struct IndexRun {
    var cell = Cell()
    var random: RandomCluster
    var engine: Engine
    var specs: [SchedulingSpec] = []
    var placed: [PodID] = []
    var nextPod: PodID = 0
    /// Cells without GPUs go by the mix of pods instead of prices.
    private let hasGPUs: Bool

    init(seed: UInt64, profile: Profile) {
        random = RandomCluster(seed: seed)
        hasGPUs = !seed.isMultiple(of: 4) && seed != 5
        engine = Engine(profile: profile, seed: seed)
        cell.idleClassLimit = 5
        cell.protectsPlacedSpread = seed.isMultiple(of: 3)
        for index in 0..<40 as Range<NodeIndex> { upsert(index) }
        for _ in 0..<12 { specs.append(spec()) }
    }

    private mutating func spec() -> SchedulingSpec {
        var spec = random.spec()
        switch random.random.below(6) {
        case 0: spec.requests[GPU.deviceResource] = Quantity(random.pick([1, 2, 4, 40]))
        case 2: spec.requests["example.com/device"] = Quantity(random.pick([1, 2]))
        case 1: spec.requests[GPU.shareResource] = Quantity(random.pick([100, 455, 500, 1000]))
        default: break
        }
        return spec
    }

    private mutating func upsert(_ index: NodeIndex) {
        var node = random.node(index)
        node.metadata.labels[GPU.modelLabel] = random.pick(["A", "B"])
        if random.chance(30) { node.allocatable["example.com/device"] = Quantity(4) }
        if hasGPUs, random.chance(60) { node.allocatable[GPU.deviceResource] = Quantity(random.pick([1, 4, 8, 66])) }
        cell.upsertNode(node, at: index)
    }

    mutating func change() {
        switch random.random.below(24) {
        case 0: upsert(NodeIndex(random.random.below(48)))
        case 1:
            let gone = Set(cell.removeNode(at: NodeIndex(random.random.below(48))))
            placed.removeAll(where: gone.contains)
        case 2: cell.setNamespace("team-a", labels: random.chance(50) ? ["team": "a"] : [:])
        case 3: specs[random.random.below(specs.count)] = spec()
        case 4...9:
            guard !placed.isEmpty else { return }
            cell.release(placed.remove(at: random.random.below(placed.count)))
        default:
            let index = cell.register(random.pick(specs))
            defer { cell.release(class: index) }
            guard case .node(let node, let devices) = engine.select(index, in: &cell) else { return }
            cell.place(nextPod, class: index, on: node, devices: devices)
            placed.append(nextPod)
            nextPod += 1
        }
    }

    mutating func compare(_ context: String) {
        let index = cell.register(random.pick(specs))
        defer { cell.release(class: index) }
        // Asked twice, so that both the first search and the index answer; prices may move with each pod seen.
        for _ in 0..<2 {
            let fast = engine.select(index, in: &cell)
            engine.prepare(index, &cell)
            let plain = engine.best(index, cell, within: nil)
            switch fast {
            case .none: #expect(plain == nil, "\(context): nothing chosen")
            case .node(let node, let devices):
                #expect(node == plain, "\(context): for \(cell.spec(of: index))")
                #expect(cell.fit(index, on: node).isFit, "\(context)")
                #expect(cell.fitDevices(index, node, devices), "\(context): \(devices.indices)")
            }
        }
    }
}
