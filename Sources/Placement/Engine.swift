import ClusterModel

/// What a scheduler decided about one pod.
public enum Selection: Hashable, Sendable {
    /// The pod goes to this node, on these GPU devices.
    case node(NodeIndex, DeviceSet)
    /// No node takes it; `diagnose` says why.
    case none
}

/// One scheduler's way of choosing nodes: a profile, with what it has worked out about the classes so far.
///
/// It reads a cell that its owner keeps up to date and never changes what is placed there. The same cell, seed and
/// sequence of questions give the same answers.
public struct Engine {
    /// What the scheduler cares about.
    public let profile: Profile
    /// How many bytes the orders of nodes that are kept for classes may take together; the least used go first.
    public var indexMemoryLimit = 256 << 20

    var random: SplitMix64
    var rules: ContiguousArray<ScoringRules?> = []
    let order: TieOrder
    /// Orders of nodes by class, each in a slot.
    var indexes: ContiguousArray<ScoreIndex> = []
    /// By class: its slot in `indexes`; −1 for none.
    var slotOf: ContiguousArray<Int32> = []
    var indexBytes = 0
    var uses = 0
    var scratch = ChoiceScratch()

    /// A chooser by the given profile; `seed` decides among equal nodes.
    public init(profile: Profile, seed: UInt64) {
        self.profile = profile
        var random = SplitMix64(seed)
        self.order = profile.tieBreaking == .first ? .first : TieOrder(random: &random)
        self.random = random
    }

    /// The best node for a pod of the class.
    ///
    /// - Complexity: O(buckets + changes × log nodes) for a class asked for before, O(nodes) for a new one.
    public mutating func select(_ index: ClassIndex, in cell: inout Cell) -> Selection {
        // Orders of nodes know nothing of constraints that other pods have; few pods meet such.
        if cell.concernsPlacedSpread(index) {
            prepare(index, &cell)
            guard let node = best(index, cell, within: nil), let devices = cell.chooseDevices(index, node) else {
                return .none
            }
            return .node(node, devices)
        }
        let slot = Int(index) < slotOf.count ? Int(slotOf[Int(index)]) : -1
        let node: NodeIndex
        if slot >= 0, indexes[slot].isCurrent(cell) {
            cell.nodes.refresh(cell.classes[Int(index)].staticSet)
            uses &+= 1
            indexes[slot].lastUse = uses
            indexes[slot].repair(cell)
            guard let best = indexes[slot].best(cell, &scratch) else { return .none }
            node = best.node
        } else {
            guard let best = selectAnew(index, &cell) else { return .none }
            node = best
        }
        if cell.classes[Int(index)].need.count == 0 { return .node(node, DeviceSet()) }
        guard let devices = cell.chooseDevices(index, node) else { return .none }
        return .node(node, devices)
    }

    /// Compiles the profile for a class, if that is not done yet.
    mutating func prepare(_ index: ClassIndex, _ cell: inout Cell) {
        precondition(cell.hasClass(index), "no such class")
        if Int(index) >= rules.count {
            rules.append(contentsOf: repeatElement(nil, count: Int(index) + 1 - rules.count))
        }
        if rules[Int(index)]?.generation == cell.classes[Int(index)].generation { return }
        rules[Int(index)] = cell.compile(profile, for: index)
    }

    /// Chooses for a class whose order of nodes is not at hand, and keeps the order where that is likely to pay.
    private mutating func selectAnew(_ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        let isNew = Int(index) >= rules.count || rules[Int(index)]?.generation != cell.classes[Int(index)].generation
        prepare(index, &cell)
        guard let scoring = rules[Int(index)] else { return nil }
        drop(index)
        guard scoring.fitsFastPath else { return best(index, cell, within: nil) }
        let built = BucketRules(scoring, index, cell)
        guard built.isSupported else { return best(index, cell, within: nil) }
        if isNew, built.isTrivial, built.fineAnti.isEmpty {
            cell.nodes.refresh(cell.classes[Int(index)].staticSet)
            return scan(scoring, index, cell)
        }
        let made = ScoreIndex(scoring, index, &cell, order: order)
        let found = made.best(cell, &scratch)?.node
        keep(made)
        return found
    }

    /// Keeps an order of nodes, and drops the least used ones beyond the limit.
    private mutating func keep(_ made: ScoreIndex) {
        let index = Int(made.classIndex)
        if index >= slotOf.count {
            slotOf.append(contentsOf: repeatElement(-1, count: index + 1 - slotOf.count))
        }
        uses &+= 1
        slotOf[index] = Int32(indexes.count)
        indexes.append(made)
        indexes[indexes.count - 1].lastUse = uses
        indexBytes += made.memoryBytes
        while indexBytes > indexMemoryLimit, indexes.count > 1 {
            guard let oldest = indexes.indices.dropLast().min(by: { indexes[$0].lastUse < indexes[$1].lastUse }) else {
                break
            }
            drop(indexes[oldest].classIndex)
        }
    }

    /// Forgets the order of nodes of a class.
    private mutating func drop(_ index: ClassIndex) {
        guard Int(index) < slotOf.count, slotOf[Int(index)] >= 0 else { return }
        let slot = Int(slotOf[Int(index)])
        indexBytes = max(0, indexBytes - indexes[slot].memoryBytes)
        slotOf[Int(index)] = -1
        guard let last = indexes.popLast(), slot < indexes.count else { return }
        indexes[slot] = last
        slotOf[Int(last.classIndex)] = Int32(slot)
    }

    /// The best node by one pass over all nodes, for a class with no rules beyond single nodes.
    private func scan(_ scoring: ScoringRules, _ index: ClassIndex, _ cell: borrowing Cell) -> NodeIndex? {
        let c = Int(index)
        let requests = cell.classes[c].requests.filter { !scoring.added.ignoredResources.contains($0.resource) }
        let checksPorts = !cell.classes[c].ports.isEmpty
        let set = Int(cell.classes[c].staticSet)
        var most: Int64 = -1
        var winner: NodeIndex?
        for word in cell.nodes.sets[set].bits.words.indices {
            var rest = cell.nodes.sets[set].bits.words[word]
            next: while rest != 0 {
                let node = word << 6 | rest.trailingZeroBitCount
                rest &= rest &- 1
                for position in requests.indices
                where cell.resources.free[requests[position].resource][node] < requests[position].amount {
                    continue next
                }
                if checksPorts, !cell.portsFree(index, node) { continue }
                if scoring.added.nodeSet >= 0, !cell.nodes.meets(scoring.added.nodeSet, node) { continue }
                let score = scoring.local.total(cell, node)
                let rank = order.rank(Int32(truncatingIfNeeded: node))
                if score < most || score == most && winner.map({ order.rank($0) > rank }) ?? false { continue }
                most = score
                winner = NodeIndex(truncatingIfNeeded: node)
            }
        }
        return winner
    }
}

extension Engine {
    /// The best node among some; nil is all.
    mutating func select(_ index: ClassIndex, in cell: inout Cell, within scope: Bits?) -> Selection {
        guard let scope else { return select(index, in: &cell) }
        prepare(index, &cell)
        guard let node = best(index, cell, within: scope), let devices = cell.chooseDevices(index, node) else {
            return .none
        }
        return .node(node, devices)
    }

    /// Chooses by the plain loop over all nodes: the reference that every faster way must agree with.
    func best(_ index: ClassIndex, _ cell: Cell, within scope: Bits?) -> NodeIndex? {
        guard let rules = rules[Int(index)] else { return nil }
        let feasible = cell.nodeIndices.filter {
            scope?[Int($0)] ?? true && cell.fit(index, on: $0, adding: rules.added).isFit
        }
        let table = ScoreTable(rules, index, feasible, cell)
        guard let most = table.totals.max() else { return nil }
        return feasible.indices.filter { table.totals[$0] == most }.map { feasible[$0] }
            .max { order.rank($0) < order.rank($1) }
    }
}

/// A small generator of random numbers with a seed (SplitMix64, by Steele, Lea and Flood).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1, by multiplication instead of division.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
    }
}
