import ClusterModel
import Foundation
import Testing

@testable import Placement

/// The searches by squares and by blocks, for pods that only ask for CPU and memory and are all different, against the plain loop.
@Suite struct PlainScanTests {
    private static let profiles: [Profile] = [.kubeDefault, .gang, .mostAllocated, .binpack, weighted]

    /// Weights that make a point of one plug-in weigh more than all of another.
    private static let weighted: Profile = {
        var profile = Profile(
            name: "weighted",
            scores: [.init(.nodeResourcesFit, weight: 7), .init(.nodeResourcesBalancedAllocation, weight: 1000)])
        profile.tieBreaking = .last
        return profile
    }()

    private static let steps = ProcessInfo.processInfo.environment["SWITCHYARD_STEPS"].flatMap { Int($0) } ?? 60

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func choosesWhatThePlainLoopChooses(seed: UInt64) throws {
        for (number, profile) in PlainScanTests.profiles.enumerated() where number % 2 == Int(seed % 2) {
            var run = PlainRun(seed: seed, profile: profile)
            for step in 0..<PlainScanTests.steps { run.step("seed \(seed), \(profile.name), step \(step)") }
            // A test that took another way would show nothing.
            #expect(run.scans > PlainScanTests.steps / 2, "seed \(seed), \(profile.name)")
            #expect(run.engine.blockOrders.count > 0, "seed \(seed), \(profile.name)")
            #expect((run.engine.grids.count > 0) == (profile.name != "binpack"), "seed \(seed), \(profile.name)")
            run.cell.checkInvariants()
        }
    }

    /// A grid is made anew whenever a node offers another amount, in the room that the one before had.
    @Test func aGridMadeAgainTakesNoMoreRoom() {
        var cell = Cell()
        var engine = Engine(profile: .kubeDefault, seed: 1)
        var bytes: [Int] = []
        for round in 0..<40 as Range<Int64> {
            for index in 0..<64 as Range<NodeIndex> {
                cell.upsertNode(
                    Node(
                        metadata: ObjectMeta(name: "n\(index)"),
                        allocatable: ["cpu": Quantity(16 + round % 2), "memory": Quantity(64 << 30)]), at: index)
            }
            for pod in 0..<2 as Range<Int64> {
                let index = cell.register(SchedulingSpec(requests: ["cpu": Quantity(milli: 100 + 2 * round + pod)]))
                guard case .node = engine.select(index, in: &cell) else { return #expect(Bool(false), "no node") }
                cell.release(class: index)
            }
            bytes.append(engine.grids[0].memoryBytes)
        }
        #expect(bytes.allSatisfy { $0 == bytes[0] }, "\(bytes)")
    }

    @Test func boundsHoldForRoundAndForHugeNumbers() {
        // Percentages that are whole numbers are where rounding would show.
        for (offered, request) in [(100, 1), (1000, 10), (3, 1), (1 << 40, 1 << 33), (7, 7)] as [(Int64, Int64)] {
            var cell = Cell()
            for index in 0..<130 as Range<NodeIndex> {
                cell.upsertNode(
                    Node(
                        metadata: ObjectMeta(name: "n\(index)"),
                        allocatable: ["cpu": Quantity(milli: offered), "memory": Quantity(offered)]), at: index)
            }
            var engine = Engine(profile: .kubeDefault, seed: 3)
            for pod in 0..<300 as Range<PodID> {
                let spec = SchedulingSpec(
                    labels: ["n": "\(pod)"], requests: ["cpu": Quantity(milli: request), "memory": Quantity(request)])
                let index = cell.register(spec)
                let found = engine.select(index, in: &cell)
                engine.prepare(index, &cell)
                let plain = engine.best(index, cell, within: nil)
                #expect(found == plain.map { .node($0, []) } ?? .none, "\(offered), \(request), pod \(pod)")
                if let plain { cell.place(pod, class: index, on: plain) }
                cell.release(class: index)
            }
        }
    }
}

/// A cell of a few hundred nodes in several sizes, and pods of which no two are alike.
struct PlainRun {
    var cell = Cell()
    var engine: Engine
    var random: SplitMix64
    var placed: [PodID] = []
    var scans = 0
    /// Classes that come again and again.
    private var recurring: [ClassIndex] = []
    private var nextPod: PodID = 0
    private let nodes: Int

    init(seed: UInt64, profile: Profile) {
        random = SplitMix64(seed)
        engine = Engine(profile: profile, seed: seed)
        nodes = [5, 64, 65, 200, 300][Int(seed % 5)]
        cell.idleClassLimit = 20
        for index in 0..<NodeIndex(nodes) { upsert(index) }
    }

    private mutating func pick<T>(_ items: [T]) -> T { items[random.below(items.count)] }

    private mutating func upsert(_ index: NodeIndex) {
        var offers: ResourceList = [
            "cpu": Quantity(milli: pick([1000, 4000, 4000, 16_000, 96_000, 333])),
            "memory": Quantity(pick([1 << 30, 4 << 30, 16 << 30, 1_000_003])), "pods": Quantity(pick([3, 110, 110])),
        ]
        // Nodes without CPU, without memory, and of absurd size are rare.
        switch random.below(60) {
        case 0: offers["cpu"] = nil
        case 1: offers["memory"] = .zero
        case 2: offers["memory"] = Quantity(Int64.max)
        default: break
        }
        var node = Node(metadata: ObjectMeta(name: "n\(index)"), allocatable: offers)
        if random.below(10) == 0 { node.taints = [Taint(key: "dedicated", effect: .noSchedule)] }
        node.unschedulable = random.below(20) == 0
        cell.upsertNode(node, at: index)
    }

    private mutating func spec() -> SchedulingSpec {
        var requests: ResourceList = [:]
        if random.below(10) > 0 { requests["cpu"] = Quantity(milli: Int64(1 + random.below(900))) }
        if random.below(10) > 0 { requests["memory"] = Quantity(Int64(1 + random.below(400 << 20))) }
        var spec = SchedulingSpec(labels: ["n": "\(nextPod)"], requests: requests)
        if random.below(4) == 0 { spec.tolerations = [Toleration(key: "dedicated", operator: .exists)] }
        return spec
    }

    mutating func step(_ context: String) {
        switch random.below(12) {
        case 0: upsert(NodeIndex(random.below(nodes)))
        case 1:
            let gone = Set(cell.removeNode(at: NodeIndex(random.below(nodes))))
            placed.removeAll(where: gone.contains)
        case 2, 3:
            if !placed.isEmpty { cell.release(placed.remove(at: random.below(placed.count))) }
        case 4:
            // Over-committed by someone who does not ask.
            guard let node = cell.nodeIndices.randomElement(using: &random) else { break }
            let index = cell.register(SchedulingSpec(requests: ["cpu": Quantity(50), "memory": Quantity(1 << 36)]))
            place(index, node)
        default: break
        }
        let index = cell.register(spec())
        if engine.searchesPlainly(index, cell) { scans += 1 }
        compare(index, context)
        comeAgain(index, context)
    }

    /// Keeps some classes, and asks for them by turns and many times in a row.
    private mutating func comeAgain(_ index: ClassIndex, _ context: String) {
        if recurring.count < 6 { recurring.append(index) } else { cell.release(class: index) }
        if random.below(50) == 0 { cell.release(class: recurring.remove(at: random.below(recurring.count))) }
        for _ in 0..<random.below(4) {
            guard !recurring.isEmpty else { return }
            let again = pick(recurring)
            // Many times in a row, so that orders of blocks give way to heaps where nodes are few.
            for _ in 0..<(random.below(20) == 0 ? 40 : 1) { compare(again, "\(context), again") }
        }
    }

    private mutating func compare(_ index: ClassIndex, _ context: String) {
        let fast = engine.select(index, in: &cell)
        engine.prepare(index, &cell)
        let plain = engine.best(index, cell, within: nil)
        #expect(fast == plain.map { .node($0, []) } ?? .none, "\(context): \(cell.spec(of: index).requests)")
        if let plain { place(index, plain) }
    }

    private mutating func place(_ index: ClassIndex, _ node: NodeIndex) {
        cell.place(nextPod, class: index, on: node)
        placed.append(nextPod)
        nextPod += 1
    }
}
