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
/// It reads one cell, the same at every call, that its owner keeps up to date, and never changes what is placed there. The
/// same cell, seed and
/// sequence of questions give the same answers.
public struct Engine {
    /// What the scheduler cares about.
    public let profile: Profile
    /// How many bytes the orders of nodes that are kept for classes may take together; the least used go first.
    public var indexMemoryLimit = 256 << 20

    var random: SplitMix64
    var rules: ContiguousArray<ScoringRules?> = []
    let weights: [ScorePlugin: Int64]
    /// What of the local scores the profile alone decides, once a cell has numbered the resources.
    private(set) var template: LocalScoring?
    /// Whether pods that only ask for CPU and memory are scored by nothing else.
    private(set) var isPlain = false
    /// Whether GPUReserve runs, and whether no other score of resources stands beside LearnedPrices.
    private(set) var reservesGPUs = false
    private(set) var hasWorthAlone = false
    let order: TieOrder
    /// Orders of nodes by class, each in a slot.
    var indexes: ContiguousArray<ScoreIndex> = []
    /// By class: its slot in `indexes`; −1 for none.
    var slotOf: ContiguousArray<Int32> = []
    var indexBytes = 0
    /// Orders of the nodes of single domains, for gangs, or of the engine's share; the one used last comes last.
    var scopedIndexes: [ScoreIndex] = []
    static let scopedIndexLimit = 8
    /// The same for an engine with a share of the nodes, all of whose classes have an order of that share.
    static let sharedIndexLimit = 256
    /// The nodes that it looks at first; nil for all.
    public var share: NodeShare?
    /// The rooms of domains, for gangs; those used last come last.
    var domainRooms: [DomainRooms] = []
    var uses = 0
    var scratch = ChoiceScratch()
    var blocks = BlockTable()
    var grids = StateGrids()
    var blockOrders = BlockOrders()
    /// By class: the prices and the generation under which it was last searched for without an index.
    private var scanned: ContiguousArray<UInt64> = []
    var prices: PriceModel
    let usesPrices: Bool

    /// A chooser by the given profile; `seed` decides among equal nodes.
    public init(profile: Profile, seed: UInt64) {
        self.profile = profile
        self.weights = Dictionary(
            profile.scores.filter { $0.weight != 0 }.map { ($0.plugin, $0.weight) }, uniquingKeysWith: { $1 })
        var random = SplitMix64(seed)
        switch profile.tieBreaking {
        case .first: self.order = .first
        case .last: self.order = .last
        case .random: self.order = TieOrder(random: &random)
        }
        self.random = random
        self.prices = PriceModel(quantum: profile.priceQuantum, renewalPods: profile.priceRenewalPods)
        self.usesPrices = profile.runs(.learnedPrices)
    }

    /// The best node for a pod of the class.
    ///
    /// - Complexity: O(buckets + changes × log nodes) for a class asked for before, O(nodes) for a new one.
    public mutating func select(_ index: ClassIndex, in cell: inout Cell) -> Selection {
        var type = -1
        if usesPrices { type = prices.see(index, &cell) }
        let slot = Int(index) < slotOf.count ? Int(slotOf[Int(index)]) : -1
        let node: NodeIndex
        let blockSlot = blockOrders.slot(index, cell, prices.epoch)
        if blockSlot >= 0, searchesPlainly(index, cell), !outgrowsBlocks(blockSlot, cell) {
            // Such pods ask for no devices.
            return selectByBlocks(blockSlot, &cell).map { .node($0, DeviceSet()) } ?? .none
        } else if slot >= 0, indexes[slot].isCurrent(cell, priceEpoch: prices.epoch),
            indexes[slot].lag(cell) <= Engine.manyChanges || !searchesPlainly(index, cell)
        {
            cell.nodes.refresh(cell.classes[Int(index)].staticSet)
            uses &+= 1
            indexes[slot].lastUse = uses
            indexes[slot].repair(cell, &prices)
            guard let best = indexes[slot].best(cell, &scratch) else { return .none }
            node = best.node
        } else {
            guard let best = selectAnew(index, &cell) else { return .none }
            node = best
        }
        if cell.classes[Int(index)].need.count == 0 { return .node(node, DeviceSet()) }
        if type >= 0, prices.isReady, let devices = prices.device(type, index, node, cell) {
            return .node(node, devices)
        }
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
        compileProfile(&cell)
        guard let template else { return }
        rules[Int(index)] = cell.compile(profile, for: index, weights: weights, template: template)
    }

    /// Compiles what the profile alone decides, once there is a cell.
    private mutating func compileProfile(_ cell: inout Cell) {
        guard template == nil else { return }
        if weights[.interPodAffinity] != nil { cell.keepScoringCounters() }
        let compiled = LocalScoring(profile, &cell.resources)
        isPlain = compiled.looksAtCPUAndMemoryAlone && profile.addsOnlyResourceScores
        reservesGPUs = compiled.reserveWeight != 0
        hasWorthAlone = compiled.fitWeight == 0 && compiled.balancedWeight == 0
        template = compiled
    }

    /// Chooses for a class whose order of nodes is not at hand, and keeps the order where that is likely to pay.
    private mutating func selectAnew(_ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        precondition(cell.hasClass(index), "no such class")
        compileProfile(&cell)
        let isNew = noteScan(index, cell.classes[Int(index)].generation)
        // What comes here with an order of blocks has outgrown it.
        if searchesPlainly(index, cell), blockOrders.slot(index, cell, prices.epoch) < 0 {
            drop(index)
            return isNew ? scanPlainly(index, &cell) : startBlocks(index, &cell)
        }
        blockOrders.drop(index)
        prepare(index, &cell)
        guard let scoring = rules[Int(index)] else { return nil }
        drop(index)
        guard scoring.fitsFastPath else { return best(index, cell, within: nil) }
        let built = BucketRules(scoring, index, cell)
        guard built.isSupported else { return best(index, cell, within: nil) }
        if isNew, built.isTrivial, built.fineAnti.isEmpty {
            cell.nodes.refresh(cell.classes[Int(index)].staticSet)
            return scan(scoring, index, &cell)
        }
        var made = ScoreIndex(scoring, index, &cell, &prices, order: order)
        let found = made.best(cell, &scratch)?.node
        keep(made)
        return found
    }

    /// Whether the class is asked for the first time under these prices; a class that comes again is worth an index.
    private mutating func noteScan(_ index: ClassIndex, _ generation: UInt32) -> Bool {
        if Int(index) >= scanned.count {
            scanned.append(contentsOf: repeatElement(0, count: Int(index) + 1 - scanned.count))
        }
        let mark = UInt64(prices.epoch) << 32 | UInt64(generation)
        defer { scanned[Int(index)] = mark }
        return scanned[Int(index)] != mark
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
}

extension Engine {
    /// What LearnedPrices says of nodes, or nil where there are no prices.
    mutating func losses(_ index: ClassIndex, _ nodes: [NodeIndex], _ cell: Cell) -> [Int64]? {
        guard usesPrices else { return nil }
        var cell = cell
        prices.follow(&cell)
        guard prices.isReady else { return nil }
        let priced = prices.priced(index, &cell)
        return nodes.map { Int64(prices.loss(priced, Int($0), cell.resources)) }
    }

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
    mutating func best(_ index: ClassIndex, _ cell: Cell, within scope: Bits?) -> NodeIndex? {
        guard let rules = rules[Int(index)] else { return nil }
        let feasible = cell.nodeIndices.filter {
            scope?[Int($0)] ?? true && cell.fit(index, on: $0, adding: rules.added).isFit
        }
        let table = ScoreTable(rules, index, feasible, cell, losses: losses(index, feasible, cell))
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
