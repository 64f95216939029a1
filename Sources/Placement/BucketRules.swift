import ClusterModel

/// A topology whose domain stands in the bucket.
struct CoarseItem {
    /// Position among the bucket's domains.
    var column: Int
    var counter: Int32
    var weight: Int64
}

/// A counter whose domains are single nodes.
struct FineItem {
    var topology: Int32
    var counter: Int32
    var weight: Int64
}

/// What nodes of one bucket have in common, as far as the rules that depend on other nodes go.
///
/// Taints to be avoided and preferred terms are facts of the node; domains of coarse topologies (zones, racks) are
/// numbers whose counters are read when a choice is made. Counters of topologies whose domains are single nodes (host
/// names) stand in the bucket by value, since they change only as the node itself does.
struct BucketKey: Equatable {
    var taints: Int32 = 0
    var preference: Int64 = 0
    var isScored = true
    /// Pods that a soft constraint counts on the host; −1 where the node lacks the label.
    var softCount: Int32 = 0
    /// Pods that a hard constraint counts on the host.
    var hardCount: Int32 = 0
    /// Whether every host-wide affinity term finds its pods.
    var hasAffinity = true
    /// The host's part of InterPodAffinity's raw score.
    var neighbours: Int64 = 0
    /// Pods of the service on the host.
    var service: Int32 = 0
    /// Constraints of placed pods whose counters count the node, as bits.
    var placedSpread: UInt64 = 0
    /// Domains by column; −1 where the node lacks the label.
    var domains = SIMD8<Int32>(repeating: 0)

    /// A hash of it, for a table.
    var fingerprint: UInt32 {
        var fingerprint = Fingerprint()
        fingerprint.combine(Int64(taints) << 32 | Int64(softCount) & 0xffff_ffff)
        fingerprint.combine(preference)
        fingerprint.combine(Int64(hardCount) << 32 | Int64(service) & 0xffff_ffff)
        fingerprint.combine(neighbours)
        fingerprint.combine(placedSpread ^ (isScored ? 1 << 63 : 0) ^ (hasAffinity ? 1 << 62 : 0))
        let words = unsafeBitCast(domains, to: SIMD4<Int64>.self)
        for part in words.indices { fingerprint.combine(words[part]) }
        return fingerprint.word
    }
}

/// The rules of a class that look beyond one node, split by whether their topology's domains are single nodes.
struct BucketRules {
    /// Topologies by column of a bucket's domains.
    var columns: ContiguousArray<Int32> = []
    var hard: ContiguousArray<(column: Int, rule: SpreadRule)> = []
    var fineHard: SpreadRule?
    /// Counters that hard constraints of placed pods read and that a pod of the class changes.
    var placedSpread: ContiguousArray<CoarseItem> = []
    var affinity: ContiguousArray<CoarseItem> = []
    var fineAffinity: ContiguousArray<FineItem> = []
    var anti: ContiguousArray<CoarseItem> = []
    /// Anti-affinity, in either direction, that a host's own pods decide.
    var fineAnti: ContiguousArray<FineItem> = []
    var soft: ContiguousArray<(column: Int, rule: SoftSpread)> = []
    var fineSoft: SoftSpread?
    var neighbours: ContiguousArray<CoarseItem> = []
    var fineNeighbours: ContiguousArray<FineItem> = []
    var service: (column: Int, counter: Int32)?
    var fineService: Contribution?
    /// Whether buckets differ by anything but their domains.
    var looksAtRows = false
    /// Whether the rules can be expressed in buckets.
    var isSupported = true

    /// Whether one bucket is enough, and its nodes' own scores decide.
    var isTrivial: Bool {
        columns.isEmpty && !looksAtRows && fineHard == nil && fineAffinity.isEmpty && fineSoft == nil
            && fineNeighbours.isEmpty && fineService == nil
    }

    /// Whether a bucket is told by its one coarse domain alone.
    var isByDomain: Bool {
        columns.count == 1 && !looksAtRows && placedSpread.isEmpty && fineHard == nil && fineAffinity.isEmpty
            && fineSoft == nil
            && fineNeighbours.isEmpty && fineService == nil
    }

    init(_ rules: ScoringRules, _ index: ClassIndex, _ cell: Cell) {
        let c = Int(index)
        for rule in cell.classes[c].spread + rules.added.spread { add(hard: rule, cell) }
        if cell.protectsPlacedSpread { addPlacedSpread(index, cell) }
        for item in cell.classes[c].affinity { add(affinity: item, cell) }
        for item in cell.classes[c].anti + cell.classes[c].antiHolders { add(anti: item, cell) }
        for rule in rules.soft { add(soft: rule, cell) }
        if rules.weights[.interPodAffinity] != nil, rules.looksAtPlacedTerms { addNeighbours(rules, c, cell) }
        if rules.weights[.serviceBalance] != nil {
            for (position, item) in rules.service.enumerated() {
                if position == 1, cell.topologies[Int(item.topology)].isPerNode {
                    fineService = item
                } else if position == 0 {
                    service = (column(item.topology), item.counter)
                } else {
                    isSupported = false
                }
            }
        }
        let hasAvoidable = cell.nodes.taints.values.contains { cell.avoids($0, rules.tolerations) }
        looksAtRows = !rules.preferredNodes.isEmpty || hasAvoidable || rules.softSet >= 0
    }

    private mutating func column(_ topology: Int32) -> Int {
        if let known = columns.firstIndex(of: topology) { return known }
        guard columns.count < 8 else {
            isSupported = false
            return 0
        }
        columns.append(topology)
        return columns.count - 1
    }

    private mutating func add(hard rule: SpreadRule, _ cell: Cell) {
        if cell.topologies[Int(rule.topology)].isPerNode, fineHard == nil {
            fineHard = rule
        } else {
            hard.append((column(rule.topology), rule))
        }
    }

    private mutating func addPlacedSpread(_ index: ClassIndex, _ cell: Cell) {
        for item in cell.classes[Int(index)].contributions {
            let holders = cell.spreadHolders[item.counter] ?? []
            guard holders.contains(where: { $0.holder != index }) else { continue }
            if cell.topologies[Int(item.topology)].isPerNode || placedSpread.count == 64 { isSupported = false }
            placedSpread.append(
                CoarseItem(column: column(item.topology), counter: item.counter, weight: Int64(item.amount)))
        }
    }

    private mutating func add(affinity item: Contribution, _ cell: Cell) {
        if cell.topologies[Int(item.topology)].isPerNode {
            fineAffinity.append(FineItem(topology: item.topology, counter: item.counter, weight: 1))
        } else {
            affinity.append(CoarseItem(column: column(item.topology), counter: item.counter, weight: 1))
        }
    }

    private mutating func add(anti item: Contribution, _ cell: Cell) {
        if cell.topologies[Int(item.topology)].isPerNode {
            fineAnti.append(FineItem(topology: item.topology, counter: item.counter, weight: 1))
        } else {
            anti.append(CoarseItem(column: column(item.topology), counter: item.counter, weight: 1))
        }
    }

    private mutating func add(soft rule: SoftSpread, _ cell: Cell) {
        // Only for host names is the number of domains the number of nodes; others are counted by domain.
        if rule.isHostname, cell.topologies[Int(rule.topology)].isPerNode, fineSoft == nil {
            fineSoft = rule
        } else {
            soft.append((column(rule.topology), rule))
        }
    }

    private mutating func addNeighbours(_ rules: ScoringRules, _ c: Int, _ cell: Cell) {
        for item in cell.classes[c].preferred + cell.classes[c].preferredHolders {
            add(neighbour: item.counter, item.topology, item.weight, cell)
        }
        guard rules.hardPodAffinityWeight != 0 else { return }
        for item in cell.classes[c].affinityHolders {
            add(neighbour: item.counter, item.topology, rules.hardPodAffinityWeight, cell)
        }
    }

    private mutating func add(neighbour counter: Int32, _ topology: Int32, _ weight: Int64, _ cell: Cell) {
        if cell.topologies[Int(topology)].isPerNode {
            fineNeighbours.append(FineItem(topology: topology, counter: counter, weight: weight))
        } else {
            neighbours.append(CoarseItem(column: column(topology), counter: counter, weight: weight))
        }
    }

    // MARK: One node

    /// The bucket of a node, or nil where a rule that the node alone decides refuses it.
    @inline(__always)
    func key(_ node: Int, _ rules: ScoringRules, _ cell: borrowing Cell) -> BucketKey? {
        if !fineAnti.isEmpty, isRefused(node, cell) { return nil }
        var key = BucketKey()
        for position in columns.indices {
            key.domains[position] = cell.topologies[Int(columns[position])].domainOf[node]
        }
        if looksAtRows { addRow(node, rules, cell, &key) }
        for position in placedSpread.indices where cell.counters[Int(placedSpread[position].counter)].counts(node: node)
        {
            key.placedSpread |= 1 << UInt64(position & 63)
        }
        if let rule = fineHard {
            let domain = cell.topologies[Int(rule.topology)].domainOf[node]
            if domain < 0 { return nil }
            key.hardCount = cell.counters[Int(rule.counter)][domain]
        }
        for item in fineAffinity {
            let domain = cell.topologies[Int(item.topology)].domainOf[node]
            if domain < 0 { return nil }
            if cell.counters[Int(item.counter)][domain] <= 0 { key.hasAffinity = false }
        }
        if let rule = fineSoft {
            let domain = cell.topologies[Int(rule.topology)].domainOf[node]
            key.softCount = domain < 0 ? -1 : cell.counters[Int(rule.counter)][domain]
        }
        for item in fineNeighbours {
            let domain = cell.topologies[Int(item.topology)].domainOf[node]
            if domain >= 0 { key.neighbours &+= item.weight &* Int64(cell.counters[Int(item.counter)][domain]) }
        }
        if let item = fineService {
            let domain = cell.topologies[Int(item.topology)].domainOf[node]
            key.service = domain < 0 ? 0 : cell.counters[Int(item.counter)][domain]
        }
        return key
    }

    /// Whether anti-affinity on the host refuses the node.
    @inline(__always)
    func isRefused(_ node: Int, _ cell: borrowing Cell) -> Bool {
        for position in fineAnti.indices {
            let domain = cell.topologies[Int(fineAnti[position].topology)].domainOf[node]
            if domain >= 0, cell.counters[Int(fineAnti[position].counter)][domain] > 0 { return true }
        }
        return false
    }

    private func addRow(_ node: Int, _ rules: ScoringRules, _ cell: Cell, _ key: inout BucketKey) {
        for taint in cell.nodes.rows[node].taints where cell.avoids(cell.nodes.taints[taint], rules.tolerations) {
            key.taints += 1
        }
        for item in rules.preferredNodes where item.matcher.matches(cell.nodes.rows[node], cell.nodes.strings) {
            key.preference += item.weight
        }
        key.isScored = rules.softSet < 0 || cell.nodes.meets(rules.softSet, node)
    }
}
