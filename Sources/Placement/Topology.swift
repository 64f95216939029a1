/// The domains that the values of one node label make, numbered densely.
struct Topology {
    /// The interned label key.
    let key: Int32
    /// The domain of each node; −1 where the node is absent or lacks the label.
    private(set) var domainOf: ContiguousArray<Int32> = []
    /// How many nodes each domain has; a domain without nodes is free for another value.
    private(set) var nodesIn: ContiguousArray<Int32> = []
    /// The interned label value of each domain.
    private(set) var valueOf: ContiguousArray<Int32> = []
    private var domainOfValue: [Int32: Int32] = [:]
    private var free: [Int32] = []
    /// How many domains have two nodes or more.
    private(set) var sharedDomains = 0

    init(key: Int32) { self.key = key }

    /// One past the largest domain number in use.
    var capacity: Int { nodesIn.count }
    /// How many domains have a node.
    var count: Int { domainOfValue.count }
    /// Whether every domain is a single node, as with host names; such domains change only as their node does.
    var isPerNode: Bool { sharedDomains == 0 }

    /// The domain of a label value, or −1.
    func domain(ofValue value: Int32) -> Int32 { domainOfValue[value] ?? -1 }

    /// Makes room for nodes below `count`.
    mutating func grow(to count: Int) {
        guard count > domainOf.count else { return }
        domainOf.append(contentsOf: repeatElement(-1, count: count - domainOf.count))
    }

    /// Puts a node into the domain of `value`; −1 is no domain.
    mutating func set(_ node: Int, value: Int32) {
        let old = domainOf[node]
        if old >= 0 {
            if valueOf[Int(old)] == value { return }
            leave(old)
        }
        domainOf[node] = value < 0 ? -1 : enter(value)
    }

    private mutating func leave(_ domain: Int32) {
        let index = Int(domain)
        nodesIn[index] -= 1
        if nodesIn[index] == 1 { sharedDomains -= 1 }
        guard nodesIn[index] == 0 else { return }
        domainOfValue[valueOf[index]] = nil
        free.append(domain)
    }

    private mutating func enter(_ value: Int32) -> Int32 {
        if let domain = domainOfValue[value] {
            nodesIn[Int(domain)] += 1
            if nodesIn[Int(domain)] == 2 { sharedDomains += 1 }
            return domain
        }
        let domain: Int32
        if let reused = free.popLast() {
            domain = reused
            valueOf[Int(reused)] = value
            nodesIn[Int(reused)] = 1
        } else {
            domain = Int32(nodesIn.count)
            nodesIn.append(1)
            valueOf.append(value)
        }
        domainOfValue[value] = domain
        return domain
    }
}
