/// What a counter counts.
enum CountedPods: Hashable {
    /// Pods that the group's condition selects.
    case selected(Int32)
    /// Pods that hold a term about the group's pods.
    case holding(HeldTerm)

    /// The group concerned.
    var group: Int32 {
        switch self {
        case .selected(let group): group
        case .holding(let term): term.group
        }
    }
}

/// What tells two counters apart.
struct CounterKey: Hashable {
    var counted: CountedPods
    /// The topology whose domains are counted.
    var topology: Int32
    /// The set of nodes whose pods count; −1 is every node.
    var eligible: Int32
    /// Whether the domains themselves are counted, for a spread constraint.
    var spreads: Bool
    /// Whether pods that are leaving are passed over, as all rules of topology spread do.
    var passesOverLeaving: Bool
}

/// Counts of pods by topology domain, kept up to date as pods come and go.
///
/// This is what makes spread constraints and rules between pods cost O(1) a node: a placement adds one to a few counters,
/// and a check reads them.
struct DomainCounter {
    let key: CounterKey
    var references = 0
    /// Pods, by domain.
    private(set) var counts: ContiguousArray<Int32> = []
    /// The sum over the domains.
    private(set) var total: Int64 = 0
    /// Eligible nodes by domain, where the counter spreads.
    private(set) var nodesIn: ContiguousArray<Int32> = []
    /// Domains with an eligible node.
    private(set) var domainCount = 0
    /// Nodes that were eligible when they joined the counter.
    private var joined = Bits()
    /// How many domains with an eligible node have each count, where there are many domains.
    private var histogram: ContiguousArray<Int32> = []
    private var lowest = 0

    init(_ key: CounterKey) { self.key = key }

    /// The count of a domain.
    @inline(__always)
    subscript(domain: Int32) -> Int32 {
        Int(domain) < counts.count ? counts[Int(domain)] : 0
    }

    /// Whether a node's pods count.
    @inline(__always)
    func counts(node: Int) -> Bool { key.eligible < 0 || joined[node] }

    /// The smallest count of a domain with an eligible node; nil where there is none.
    ///
    /// - Complexity: O(1), amortised over the changes.
    @inline(__always)
    var minimum: Int32? { domainCount == 0 ? nil : Int32(lowest) }

    private mutating func grow(_ domain: Int32) {
        let needed = Int(domain) + 1 - counts.count
        guard needed > 0 else { return }
        counts.append(contentsOf: repeatElement(0, count: needed))
        if key.spreads { nodesIn.append(contentsOf: repeatElement(0, count: needed)) }
    }

    /// Counts an eligible node into its domain.
    mutating func join(_ node: Int, _ domain: Int32) {
        if key.eligible >= 0 { joined.set(node, true) }
        guard key.spreads, domain >= 0 else { return }
        grow(domain)
        nodesIn[Int(domain)] += 1
        if nodesIn[Int(domain)] == 1 {
            domainCount += 1
            raise(counts[Int(domain)])
        }
    }

    /// Takes a node that counted out of its domain; its pods must have been taken out before.
    mutating func leave(_ node: Int, _ domain: Int32) {
        if key.eligible >= 0 { joined.set(node, false) }
        guard key.spreads, domain >= 0 else { return }
        nodesIn[Int(domain)] -= 1
        if nodesIn[Int(domain)] == 0 {
            domainCount -= 1
            lower(counts[Int(domain)])
        }
    }

    /// Adds pods (or takes them out, below zero) in a domain.
    @inline(__always)
    mutating func add(_ domain: Int32, _ amount: Int32) {
        grow(domain)
        let old = counts[Int(domain)]
        counts[Int(domain)] = old &+ amount
        total &+= Int64(amount)
        if key.spreads, nodesIn[Int(domain)] > 0 {
            lower(old)
            raise(old &+ amount)
        }
    }

    private mutating func raise(_ count: Int32) {
        let level = Int(count)
        if level >= histogram.count {
            histogram.append(contentsOf: repeatElement(0, count: level + 1 - histogram.count))
        }
        histogram[level] += 1
        if level < lowest || domainCount == 1 { lowest = level }
        settle()
    }

    private mutating func lower(_ count: Int32) {
        histogram[Int(count)] -= 1
        settle()
    }

    /// Moves `lowest` up to the first level that has a domain.
    @inline(__always)
    private mutating func settle() {
        guard lowest < histogram.count, histogram[lowest] == 0 else { return }
        climb()
    }

    private mutating func climb() {
        var level = lowest
        while level < histogram.count, histogram[level] == 0 { level += 1 }
        // Between taking a domain out of one level and putting it into another there may be none.
        lowest = level < histogram.count ? level : 0
    }

    /// Checks the derived figures against the counts.
    func checkInvariants() {
        precondition(total == counts.reduce(0) { $0 + Int64($1) }, "a counter's total is wrong")
        guard key.spreads else { return }
        let present = counts.indices.filter { nodesIn[$0] > 0 }
        precondition(domainCount == present.count, "a counter's number of domains is wrong")
        precondition(minimum == present.map { counts[$0] }.min(), "a counter's minimum is wrong")
        precondition(counts.allSatisfy { $0 >= 0 }, "a counter is below zero")
    }
}
