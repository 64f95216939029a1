import ClusterModel

/// How many members of one class each domain of a topology has room for, kept from gang to gang.
///
/// Gangs of one kind come one after the other, and each changes few nodes; so the nodes are counted once, and afterwards
/// those that changed.
struct DomainRooms {
    private let classIndex: ClassIndex
    private let generation: UInt32
    private let wanted: Int64
    private let topology: Int
    /// The position in the cell's log up to which the counts hold.
    private var seen: Int
    /// The domain of each node, −1 for none, and how many members it holds, at most `wanted`.
    private var domainOf: ContiguousArray<Int32>
    private var counts: ContiguousArray<Int64>
    /// The sum of the counts in each domain.
    private(set) var totals: ContiguousArray<Int64>
    /// The nodes of each domain, ascending.
    private(set) var nodes: [[NodeIndex]]

    /// Counts every node.
    ///
    /// - Complexity: O(nodes × requests of the class).
    init(_ classIndex: ClassIndex, wanted: Int64, topology: Int, _ cell: borrowing Cell) {
        self.classIndex = classIndex
        self.generation = cell.classes[Int(classIndex)].generation
        self.wanted = wanted
        self.topology = topology
        self.seen = cell.changes.end
        self.domainOf = ContiguousArray(repeating: -1, count: cell.nodes.capacity)
        self.counts = ContiguousArray(repeating: 0, count: cell.nodes.capacity)
        self.totals = ContiguousArray(repeating: 0, count: cell.topologies[topology].capacity)
        self.nodes = Array(repeating: [], count: totals.count)
        for node in cell.nodeIndices {
            let domain = cell.topologies[topology].domainOf[Int(node)]
            guard domain >= 0 else { continue }
            domainOf[Int(node)] = domain
            counts[Int(node)] = DomainRooms.room(classIndex, wanted, Int(node), cell)
            totals[Int(domain)] += counts[Int(node)]
            nodes[Int(domain)].append(node)
        }
    }

    /// Whether these are the counts asked for, and the log still tells what has changed since.
    func isFor(_ classIndex: ClassIndex, wanted: Int64, topology: Int, _ cell: Cell) -> Bool {
        self.classIndex == classIndex && self.wanted == wanted && self.topology == topology
            && generation == cell.classes[Int(classIndex)].generation && seen >= cell.changes.base
            && domainOf.count == cell.nodes.capacity && totals.count == cell.topologies[topology].capacity
    }

    /// Counts the nodes that changed.
    ///
    /// - Returns: whether every node is in the domain in which it was; otherwise the counts are of no use.
    /// - Complexity: O(changes × requests of the class).
    mutating func repair(_ cell: borrowing Cell) -> Bool {
        for position in (seen - cell.changes.base)..<cell.changes.entries.count {
            let node = Int(cell.changes.entries[position])
            let domain = cell.topologies[topology].domainOf[node]
            guard domain == domainOf[node] else { return false }
            guard domain >= 0 else { continue }
            let room = DomainRooms.room(classIndex, wanted, node, cell)
            totals[Int(domain)] += room - counts[node]
            counts[node] = room
        }
        seen = cell.changes.end
        return true
    }

    /// How many members of a class, of those wanted, a node's resources allow.
    @inline(__always)
    static func room(_ index: ClassIndex, _ wanted: Int64, _ node: Int, _ cell: borrowing Cell) -> Int64 {
        var count = wanted
        for position in cell.classes[Int(index)].requests.indices {
            let item = cell.classes[Int(index)].requests[position]
            if item.resource == ResourceID.share { continue }
            let amount = max(1, item.amount)
            let free = cell.resources.free[item.resource][node]
            // A division costs more than all the rest, and most nodes have room for all or for none.
            let (all, overflows) = amount.multipliedReportingOverflow(by: wanted)
            if !overflows, free >= all { continue }
            count = free < amount ? 0 : min(count, free / amount)
        }
        return count
    }
}
