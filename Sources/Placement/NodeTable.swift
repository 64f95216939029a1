import ClusterModel

/// A label as two interned strings.
struct LabelPair: Hashable {
    var key: Int32
    var value: Int32
}

/// An image present on a node.
struct ImageRef: Hashable {
    var name: Int32
    var sizeBytes: Int64
}

/// What of a node does not change with the pods on it.
struct NodeRow {
    var name: Int32 = -1
    /// Sorted by key.
    var labels: ContiguousArray<LabelPair> = []
    /// Interned taints, in the node's order.
    var taints: ContiguousArray<Int32> = []
    var images: ContiguousArray<ImageRef> = []
    var isUnschedulable = false

    /// The interned value of a label, or −1.
    ///
    /// - Complexity: O(labels) for short lists, O(log labels) for long ones.
    func label(_ key: Int32) -> Int32 {
        if labels.count <= 16 {
            for pair in labels where pair.key == key { return pair.value }
            return -1
        }
        var low = 0
        var high = labels.count
        while low < high {
            let middle = (low + high) / 2
            if labels[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < labels.count && labels[low].key == key ? labels[low].value : -1
    }
}

/// The nodes' rows, and the sets of nodes that conditions on them select.
///
/// The sets are the static part of feasibility: bitsets by condition, shared by all classes that state the same
/// condition, and repaired from a log when labels, taints or cordons change.
struct NodeTable {
    /// Rows by node index; those of absent nodes are empty.
    private(set) var rows: ContiguousArray<NodeRow> = []
    /// The nodes that exist.
    private(set) var present = Bits()
    /// How many nodes exist.
    private(set) var count = 0
    /// Names, label keys, label values, resource names.
    var strings = Interner<String>()
    /// Every taint seen.
    private(set) var taints = Interner<Taint>()
    /// Changes to rows: labels, taints, cordons, arrivals and departures.
    private(set) var log = ChangeLog()
    private(set) var sets: ContiguousArray<NodeSet> = []
    private var setNumbers: [NodeCondition: Int32] = [:]
    private var freeSets: [Int32] = []
    private var stamps: UInt32 = 0
    /// Whether any taint was seen that is to be avoided.
    private(set) var hasAvoidableTaints = false

    /// One past the largest node index ever used.
    @inline(__always)
    var capacity: Int { rows.count }

    /// The row as a `Node` states it, with everything interned.
    mutating func intern(_ node: Node) -> NodeRow {
        var row = NodeRow()
        row.name = strings.intern(node.name)
        row.labels.reserveCapacity(node.labels.count)
        for (key, value) in node.labels {
            row.labels.append(LabelPair(key: strings.intern(key), value: strings.intern(value)))
        }
        row.labels.sort { $0.key < $1.key }
        for taint in node.taints { row.taints.append(intern(taint)) }
        for image in node.images {
            for name in Set(image.names) {
                row.images.append(ImageRef(name: strings.intern(name), sizeBytes: max(0, image.sizeBytes)))
            }
        }
        row.images.sort { ($0.name, $0.sizeBytes) < ($1.name, $1.sizeBytes) }
        row.isUnschedulable = node.unschedulable
        return row
    }

    private mutating func intern(_ taint: Taint) -> Int32 {
        let known = taints.count
        let number = taints.intern(taint)
        if taints.count > known {
            if taint.effect == .preferNoSchedule { hasAvoidableTaints = true }
            for set in sets.indices { sets[set].learn(taint) }
        }
        return number
    }

    /// Makes room for rows below `count`.
    mutating func grow(to count: Int) {
        guard count > rows.count else { return }
        rows.append(contentsOf: repeatElement(NodeRow(), count: count - rows.count))
        present.grow(to: count)
    }

    /// Sets a node's row; nil removes the node.
    mutating func set(_ node: Int, _ row: NodeRow?) {
        if present[node] != (row != nil) { count += row == nil ? -1 : 1 }
        present.set(node, row != nil)
        rows[node] = row ?? NodeRow()
        log.append(Int32(node), limit: max(4096, rows.count))
    }

    // MARK: Sets

    /// The number of the set of nodes that meet a condition; the caller owns one reference to it.
    ///
    /// - Complexity: O(1) for a known condition; a new one is evaluated when first used.
    mutating func retainSet(_ condition: NodeCondition) -> Int32 {
        if let number = setNumbers[condition] {
            sets[Int(number)].references += 1
            return number
        }
        var set = NodeSet(condition, strings: &strings)
        stamps &+= 1
        set.stamp = stamps
        for taint in taints.values { set.learn(taint) }
        if case .all(let parts) = condition {
            for part in parts { sets[Int(part)].references += 1 }
        }
        let number: Int32
        if let free = freeSets.popLast() {
            number = free
            sets[Int(free)] = set
        } else {
            number = Int32(sets.count)
            sets.append(set)
        }
        setNumbers[condition] = number
        return number
    }

    /// Takes one more reference to a set.
    mutating func retainSet(numbered number: Int32) { sets[Int(number)].references += 1 }

    /// Gives up one reference to a set; the last one frees it.
    mutating func releaseSet(_ number: Int32) {
        sets[Int(number)].references -= 1
        guard sets[Int(number)].references == 0 else { return }
        let condition = sets[Int(number)].condition
        setNumbers[condition] = nil
        sets[Int(number)] = NodeSet.unused
        freeSets.append(number)
        if case .all(let parts) = condition {
            for part in parts { releaseSet(part) }
        }
    }

    /// Brings a set's bits up to date with the rows.
    ///
    /// - Complexity: O(1) where nothing changed, O(changes) after changes, O(nodes) for a new set.
    mutating func refresh(_ number: Int32) {
        let index = Int(number)
        let seen = sets[index].seen
        guard seen != log.end else { return }
        sets[index].bits.grow(to: rows.count)
        if seen < log.base {
            rebuild(index)
        } else {
            for position in (seen - log.base)..<log.entries.count {
                let node = Int(log.entries[position])
                sets[index].bits.set(node, meets(number, node))
            }
        }
        sets[index].seen = log.end
    }

    private mutating func rebuild(_ index: Int) {
        if case .all(let parts) = sets[index].condition {
            for part in parts { refresh(part) }
            var words = present.words
            for part in parts {
                for word in words.indices { words[word] &= sets[Int(part)].bits.words[word] }
            }
            sets[index].bits.words = words
            return
        }
        var bits = Bits()
        bits.grow(to: rows.count)
        present.forEach { node in if meets(Int32(index), node) { bits.set(node, true) } }
        sets[index].bits = bits
    }

    /// Whether a node meets a set's condition, worked out from its row.
    func meets(_ number: Int32, _ node: Int) -> Bool {
        guard present[node] else { return false }
        if case .all(let parts) = sets[Int(number)].condition {
            return parts.allSatisfy { meets($0, node) }
        }
        return sets[Int(number)].matches(rows[node], strings)
    }

    /// Checks what must hold of the table.
    func checkInvariants() {
        precondition(present.count == count, "the node count is wrong")
        for (index, set) in sets.enumerated() where set.references > 0 && set.seen == log.end {
            present.forEach { node in
                precondition(set.bits[node] == meets(Int32(index), node), "set \(index) is wrong about node \(node)")
            }
        }
    }
}
