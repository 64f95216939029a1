import ClusterModel

/// The feasible nodes of one class in order of score, repaired from the cell's change log instead of worked out anew.
///
/// The score of a node has three parts, and each is kept exact in its own way:
/// - what depends on the node alone (NodeResourcesFit, BalancedAllocation, ImageLocality) orders the nodes within a
///   bucket, in a heap;
/// - what is normalised over all feasible nodes (TaintToleration, NodeAffinity, PodTopologySpread, InterPodAffinity) is
///   the same for all nodes of a bucket, and is worked out for the buckets that have a feasible node each time a choice is
///   made: the extremes over buckets are the extremes over nodes;
/// - hard rules over coarse domains (zones) refuse or admit whole buckets.
///
/// So a choice costs O(buckets), and a placement O(log nodes) for the node that changed.
struct ScoreIndex {
    let classIndex: ClassIndex
    let scoring: ScoringRules
    let rules: BucketRules
    private let generation: UInt32
    private let revision: UInt32
    private let taintCount: Int
    private let imagesRevision: UInt32
    /// What losses of worth go by, where there are prices.
    private let hasPrices: Bool
    private let priced: PricedClass
    private let priceEpoch: UInt32
    /// Which of the topologies that the class looks at have single nodes for domains.
    private let topologyKinds: ContiguousArray<Bool>
    private var requests: ContiguousArray<ResourceAmount>
    private var checksPorts: Bool
    /// The only nodes looked at; nil is all.
    let scope: Bits?

    private(set) var heaps: BucketHeaps
    private(set) var keys: ContiguousArray<BucketKey> = []
    private var bucketNumbers = NumberTable()
    /// By domain of the only column, one up: its bucket, where that is all that tells buckets apart.
    private var bucketOfDomain: ContiguousArray<Int32> = []
    /// The position in the cell's log up to which this is right.
    private var seen: Int
    /// When it was last used, for eviction.
    var lastUse = 0

    /// Works out every node.
    ///
    /// - Complexity: O(nodes × rules).
    init(
        _ scoring: ScoringRules, _ index: ClassIndex, _ cell: inout Cell, _ prices: inout PriceModel, order: TieOrder,
        scope: Bits? = nil
    ) {
        let c = Int(index)
        classIndex = index
        self.scoring = scoring
        self.scope = scope
        rules = BucketRules(scoring, index, cell)
        generation = cell.classes[c].generation
        revision = cell.classes[c].revision
        taintCount = cell.nodes.taints.count
        imagesRevision = cell.imagesRevision
        hasPrices = scoring.priceWeight != 0 && prices.isReady
        priced = hasPrices ? prices.priced(index, &cell) : .none
        priceEpoch = prices.epoch
        topologyKinds = ContiguousArray(cell.topologies.map(\.isPerNode))
        requests = cell.classes[c].requests.filter { !scoring.added.ignoredResources.contains($0.resource) }
        checksPorts = !cell.classes[c].ports.isEmpty
        seen = cell.changes.end
        heaps = BucketHeaps(order: order, capacity: cell.nodes.capacity)
        if rules.isTrivial {
            keys = [BucketKey()]
            heaps.grow(to: 1)
        }
        cell.nodes.refresh(cell.classes[c].staticSet)
        fill(cell, &prices)
    }

    private mutating func fill(_ cell: borrowing Cell, _ prices: inout PriceModel) {
        let set = Int(cell.classes[Int(classIndex)].staticSet)
        for word in cell.nodes.sets[set].bits.words.indices {
            var rest = cell.nodes.sets[set].bits.words[word]
            while rest != 0 {
                let node = word << 6 | rest.trailingZeroBitCount
                rest &= rest &- 1
                guard let (bucket, entry) = evaluate(node, cell, &prices) else { continue }
                heaps.appendUnordered(Int32(truncatingIfNeeded: node), bucket, entry)
            }
        }
        heaps.heapify()
    }

    /// Whether this still stands for the class and its rules; otherwise it must be worked out anew.
    ///
    /// Mutating, as `lag`, only so that it looks at the index where it is: an element of an array would be copied out first.
    mutating func isCurrent(_ cell: borrowing Cell, priceEpoch epoch: UInt32) -> Bool {
        let c = Int(classIndex)
        guard cell.classes[c].generation == generation, cell.classes[c].revision == revision else { return false }
        guard seen >= cell.changes.base, cell.changes.end &- seen <= max(64, cell.nodes.count / 2) else { return false }
        guard heaps.bucketOf.count == cell.nodes.capacity, cell.nodes.taints.count == taintCount else { return false }
        guard scoring.priceWeight == 0 || epoch == priceEpoch else { return false }
        guard cell.imagesRevision == imagesRevision, keys.count <= 64 + cell.nodes.count else { return false }
        if rules.isTrivial, rules.fineAnti.isEmpty { return true }
        guard cell.topologies.count >= topologyKinds.count else { return false }
        for topology in topologyKinds.indices where cell.topologies[topology].isPerNode != topologyKinds[topology] {
            return false
        }
        return true
    }

    /// How many changes have to be caught up with.
    @inline(__always)
    mutating func lag(_ cell: borrowing Cell) -> Int { cell.changes.end &- seen }

    /// Brings the index up to date with the changes since it was last used.
    ///
    /// - Complexity: O(changes × log nodes).
    @inline(__always)
    mutating func repair(_ cell: borrowing Cell, _ prices: inout PriceModel) {
        let end = cell.changes.end
        var position = seen &- cell.changes.base
        let count = cell.changes.entries.count
        while position < count {
            update(cell.changes.entries[position], cell, &prices)
            position &+= 1
        }
        seen = end
    }

    @inline(__always)
    private mutating func update(_ node: Int32, _ cell: borrowing Cell, _ prices: inout PriceModel) {
        let set = Int(cell.classes[Int(classIndex)].staticSet)
        guard cell.nodes.sets[set].bits[Int(node)], let (bucket, entry) = evaluate(Int(node), cell, &prices) else {
            heaps.remove(node)
            return
        }
        heaps.set(node, bucket, entry)
    }

    /// The bucket and the entry of a node that the static conditions allow, or nil where something refuses it.
    @inline(__always)
    private mutating func evaluate(
        _ node: Int, _ cell: borrowing Cell, _ prices: inout PriceModel
    ) -> (bucket: Int32, entry: HeapEntry)? {
        for position in requests.indices {
            if cell.resources.free[requests[position].resource][node] < requests[position].amount { return nil }
        }
        if checksPorts, !cell.portsFree(classIndex, node) { return nil }
        if let scope, !scope[node] { return nil }
        if scoring.added.nodeSet >= 0, !cell.nodes.meets(scoring.added.nodeSet, node) { return nil }
        let bucket: Int32
        if rules.isTrivial {
            if !rules.fineAnti.isEmpty, rules.isRefused(node, cell) { return nil }
            bucket = 0
        } else if rules.isByDomain {
            if !rules.fineAnti.isEmpty, rules.isRefused(node, cell) { return nil }
            bucket = domainBucket(cell.topologies[Int(rules.columns[0])].domainOf[node])
        } else {
            guard let key = rules.key(node, scoring, cell) else { return nil }
            // A change to a node seldom takes it to another bucket.
            let last = heaps.bucketOf[node]
            bucket = last >= 0 && keys[Int(last)] == key ? last : number(key)
        }
        var score = scoring.local.total(cell, node)
        if hasPrices {
            score &+= PricedScore.none &+ scoring.priceWeight &* Int64(prices.loss(priced, node, cell.resources))
        } else if scoring.priceWeight != 0 {
            score &+= scoring.priceWeight &* scoring.local.fit(cell.resources, node)
        }
        return (
            bucket, UInt64(truncatingIfNeeded: score) << 32 | UInt64(heaps.order.rank(Int32(truncatingIfNeeded: node)))
        )
    }

    private mutating func domainBucket(_ domain: Int32) -> Int32 {
        let slot = Int(domain) + 1
        if slot >= bucketOfDomain.count {
            bucketOfDomain.append(contentsOf: repeatElement(-1, count: slot + 1 - bucketOfDomain.count))
        }
        if bucketOfDomain[slot] < 0 {
            var key = BucketKey()
            key.domains[0] = domain
            bucketOfDomain[slot] = number(key)
        }
        return bucketOfDomain[slot]
    }

    private mutating func number(_ key: BucketKey) -> Int32 {
        let hash = key.fingerprint
        if let known = bucketNumbers.number(hash: hash, { keys[$0] == key }) { return Int32(known) }
        let number = keys.count
        keys.append(key)
        heaps.grow(to: keys.count)
        bucketNumbers.insert(number, hash: hash)
        return Int32(number)
    }

    /// Bytes held.
    var memoryBytes: Int { heaps.memoryBytes + keys.count * 200 }
}
