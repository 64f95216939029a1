import ClusterModel

/// A share of the nodes, for one of several engines that place pods on one cell at the same time.
///
/// Engines alike choose alike, and would all take the node that is best for all of them. Each looks among its own nodes
/// first, so they meet only where one of them has no room left.
public struct NodeShare: Hashable, Sendable {
    /// Which share, from 0.
    public var shard: Int
    /// How many there are.
    public var shards: Int
    private var bits = Bits()
    private var capacity = 0

    /// A share; nil where there is but one.
    public init?(shard: Int, of shards: Int) {
        guard shards > 1 else { return nil }
        precondition((0..<shards).contains(shard), "shard \(shard) of \(shards)")
        self.shard = shard
        self.shards = shards
    }

    /// Two shares are alike if they are of the same nodes.
    public static func == (a: NodeShare, b: NodeShare) -> Bool { (a.shard, a.shards) == (b.shard, b.shards) }

    /// Feeds which share it is.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(shard)
        hasher.combine(shards)
    }

    /// The share's nodes below `capacity`: every `shards`-th.
    fileprivate mutating func nodes(below capacity: Int) -> Bits {
        if capacity != self.capacity {
            bits = Bits()
            for node in stride(from: shard, to: capacity, by: shards) { bits.set(node, true) }
            self.capacity = capacity
        }
        return bits
    }
}

extension Engine {
    /// The best node for a pod of the class among those of the engine's share; among all where none of these takes it, or
    /// where the class has rules that need a look at all nodes.
    ///
    /// - Complexity: that of `select`, and O(nodes) for a class that was not among the last few asked for.
    public mutating func selectInShare(_ index: ClassIndex, in cell: inout Cell) -> Selection {
        guard var share, cell.classes[Int(index)].need.count == 0 else { return select(index, in: &cell) }
        let scope = share.nodes(below: cell.nodes.capacity)
        self.share = share
        var scoped = takeScoped(index, scope) ?? scopedIndex(index, scope, &cell)
        guard scoped != nil else { return select(index, in: &cell) }
        let selection = choose(index, scope, &scoped, &cell)
        keepScoped(scoped)
        // The prices must know of each pod once, and `select` lets them know itself.
        if case .none = selection { return select(index, in: &cell) }
        if usesPrices { _ = prices.see(index, &cell) }
        return selection
    }
}
