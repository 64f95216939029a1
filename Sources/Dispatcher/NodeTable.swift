import ClusterModel

/// All nodes by number, and their numbers by name.
///
/// Numbers of nodes that left are not given again: a placement under way when its node left must not land on another.
struct NodeTable {
    private(set) var nodes: [Node?] = []
    private var numbers: [String: Int] = [:]
    /// Who changed each node last, for telling whose commit a conflict was lost to.
    var writers: [LastWriters] = []

    /// The last two changes of a node by different writers.
    struct LastWriters {
        var last: (revision: Int, writer: Int32) = (0, -1)
        var lastByAnother: (revision: Int, writer: Int32) = (0, -1)

        mutating func note(_ writer: Int32, revision: Int) {
            if writer != last.writer { lastByAnother = last }
            last = (revision, writer)
        }

        /// The newest change after `revision` by somebody else than `writer`.
        func other(than writer: Int32, after revision: Int) -> Int32? {
            let candidate = last.writer == writer ? lastByAnother : last
            return candidate.revision > revision ? candidate.writer : nil
        }
    }

    var count: Int { numbers.count }

    func number(of name: String) -> Int? { numbers[name] }

    /// The node of a number, or nil where there is none (any more).
    func node(_ number: Int) -> Node? { nodes.indices.contains(number) ? nodes[number] : nil }

    mutating func set(_ node: Node) -> Int {
        if let number = numbers[node.name] {
            nodes[number] = node
            return number
        }
        numbers[node.name] = nodes.count
        nodes.append(node)
        writers.append(LastWriters())
        return nodes.count - 1
    }

    mutating func remove(_ name: String) -> Int? {
        guard let number = numbers.removeValue(forKey: name) else { return nil }
        nodes[number] = nil
        return number
    }
}
