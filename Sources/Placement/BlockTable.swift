internal import CScoring

/// Blocks of 64 nodes, by which a search for a pod unlike all before skips or scores many nodes at a time.
///
/// Nodes of the same size stand together, so that the bounds of a block are close to what its nodes really score. What a
/// node offers and has left stands in a tile of single-precision columns (`scoring.h` has the layout); sums over each tile
/// bound what any of its nodes can score.
struct BlockTable {
    /// Which nodes of the blocks a set of nodes admits.
    private struct Permit {
        /// The set, and how far it was followed, when this was worked out.
        var stamp: UInt32 = 0
        var seen = -1
        var arrangement: UInt32 = 0
        /// By place: 1 where the node is in the set.
        var bytes: ContiguousArray<UInt8> = []
        var number: UInt64 = 0
    }

    /// The nodes in the order of the blocks: by size, then by index.
    private(set) var members: ContiguousArray<Int32> = []
    /// By block: whether some node offers no CPU or no memory, so that no bound holds.
    private(set) var lacks: ContiguousArray<Bool> = []
    /// By block: the highest rank among equals of its nodes.
    private(set) var mostRank: ContiguousArray<UInt32> = []
    /// By block: the bound of the request that was asked for last.
    private(set) var bounds: ContiguousArray<Int32> = []
    /// The bounds of the nodes of the tile that was looked at last.
    private(set) var nodeBounds = ContiguousArray<Int32>(repeating: -1, count: 64)

    /// Tiles of 704 words.
    private var tiles: ContiguousArray<UInt32> = []
    /// Sums over the tiles, column by column.
    private var sums: ContiguousArray<Float> = []
    /// By node: its place in `members`, −1 for none.
    private(set) var placeOf: ContiguousArray<Int32> = []
    private var dirty = Bits()
    private var seen = -1
    private var sizesRevision: UInt32 = .max
    /// The mix that the tiles' skews go by, and the prices under which it was read.
    private var mix: MixWorth?
    private var mixEpoch: UInt32 = 0
    /// Grows when nodes are put in another order.
    private(set) var arrangement: UInt32 = 0
    /// By set of nodes.
    private var permits: ContiguousArray<Permit> = []
    private var permitCount = 0
    private var permitStamps: UInt64 = 0

    private static let tileWords = Int(SWITCHYARD_TILE_COLUMNS) * 64
    /// How many sets' permits are kept: 64 MB, and 64 at least.
    private var mostPermits: Int { max(64, (64 << 20) / max(1, members.count)) }

    /// How many blocks there are.
    var count: Int { lacks.count }

    /// Brings the tiles up to date with the cell.
    ///
    /// - Complexity: O(changes), O(nodes) where a node joined, left or offers another amount.
    ///
    /// - Parameter newMix: what the skews of nodes go by, where losses of worth are looked for; `epoch` tells it from others.
    mutating func follow(_ cell: Cell, _ order: TieOrder, _ newMix: MixWorth?, _ epoch: UInt32) {
        let mixMoved = newMix != nil && (mix == nil || epoch != mixEpoch)
        guard seen != cell.changes.end || mixMoved else { return }
        if mixMoved {
            mix = newMix
            mixEpoch = epoch
        }
        if sizesRevision != cell.sizesRevision || seen < cell.changes.base || mixMoved {
            arrange(cell, order)
            for place in members.indices { fill(place, cell, order) }
            for block in 0..<count { dirty.set(block, true) }
        } else {
            for position in (seen - cell.changes.base)..<cell.changes.entries.count {
                let place = placeOf[Int(cell.changes.entries[position])]
                guard place >= 0 else { continue }
                fill(Int(place), cell, order)
                dirty.set(Int(place) >> 6, true)
            }
        }
        seen = cell.changes.end
    }

    /// Brings the sums over the tiles up to date, which `bound` reads.
    ///
    /// - Complexity: O(64 × changed blocks).
    mutating func sumUp() {
        for word in dirty.words.indices where dirty.words[word] != 0 {
            var rest = dirty.words[word]
            dirty.words[word] = 0
            while rest != 0 {
                sumUp(word << 6 | rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }

    /// Orders the nodes by size.
    private mutating func arrange(_ cell: borrowing Cell, _ order: TieOrder) {
        // There are few sizes, so nodes are dealt out by size instead of sorted.
        var numbers: [SIMD2<Int64>: Int] = [:]
        var bySize: [(size: SIMD2<Int64>, nodes: ContiguousArray<Int32>)] = []
        for word in cell.nodes.present.words.indices {
            var rest = cell.nodes.present.words[word]
            while rest != 0 {
                let node = word << 6 | rest.trailingZeroBitCount
                rest &= rest &- 1
                let size = SIMD2(
                    cell.resources.allocatable[ResourceID.cpu][node],
                    cell.resources.allocatable[ResourceID.memory][node])
                let number = numbers[size] ?? bySize.count
                if number == bySize.count {
                    numbers[size] = number
                    bySize.append((size, []))
                }
                bySize[number].nodes.append(Int32(truncatingIfNeeded: node))
            }
        }
        bySize.sort { ($0.size[0], $0.size[1]) < ($1.size[0], $1.size[1]) }
        members.removeAll(keepingCapacity: true)
        lacks = ContiguousArray(repeating: false, count: (cell.nodes.count + 63) / 64)
        for (size, nodes) in bySize {
            if size[0] <= 0 || size[1] <= 0 {
                for place in members.count..<members.count + nodes.count { lacks[place >> 6] = true }
            }
            members += nodes
        }
        placeOf = ContiguousArray(repeating: -1, count: cell.nodes.capacity)
        for (place, node) in members.enumerated() { placeOf[Int(node)] = Int32(place) }
        let blocks = (members.count + 63) / 64
        tiles = ContiguousArray(repeating: 0, count: blocks * BlockTable.tileWords)
        sums = ContiguousArray(repeating: 0, count: blocks * Int(SWITCHYARD_BOUND_COLUMNS))
        bounds = ContiguousArray(repeating: -1, count: blocks)
        mostRank = ContiguousArray(repeating: 0, count: blocks)
        for (place, node) in members.enumerated() {
            mostRank[place >> 6] = max(mostRank[place >> 6], order.rank(node))
        }
        dirty = Bits()
        sizesRevision = cell.sizesRevision
        arrangement &+= 1
    }

    /// Writes a node's row of its tile.
    private mutating func fill(_ place: Int, _ cell: borrowing Cell, _ order: TieOrder) {
        let node = Int(members[place])
        let base = (place >> 6) &* BlockTable.tileWords &+ (place & 63)
        let row = VectorRow(node, cell.resources)
        for part in 0..<2 {
            tiles[base &+ part &* 64] = row.free[part].bitPattern
            tiles[base &+ (2 &+ part) &* 64] = row.taken[part].bitPattern
            tiles[base &+ (4 &+ part) &* 64] = row.used[part].bitPattern
            tiles[base &+ (6 &+ part) &* 64] = row.unit[part].bitPattern
        }
        tiles[base &+ 8 &* 64] = UInt32(bitPattern: row.evenness)
        tiles[base &+ 9 &* 64] = order.rank(members[place])
        if let mix { tiles[base &+ 10 &* 64] = Float(mix.skew(cell.resources, node)).bitPattern }
    }

    private mutating func sumUp(_ block: Int) {
        let nodes = Int32(min(64, members.count - block * 64))
        let (lacks, stride) = (lacks[block] ? 1 as Int32 : 0, count)
        tiles.withUnsafeBufferPointer { tiles in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let tile = tiles.baseAddress, let out = sums.baseAddress else { return }
                switchyard_sum_up(tile + block * BlockTable.tileWords, nodes, lacks, out, stride, block)
            }
        }
    }

    /// Works out which nodes a set admits, by place.
    ///
    /// - Complexity: O(1) where neither the set nor the order of the nodes changed, O(nodes) else.
    mutating func permit(_ set: Int, _ cell: borrowing Cell) {
        if set >= permits.count {
            permits.append(contentsOf: repeatElement(Permit(), count: set + 1 - permits.count))
        }
        let (stamp, seen) = (cell.nodes.sets[set].stamp, cell.nodes.sets[set].seen)
        if permits[set].arrangement == arrangement, permits[set].stamp == stamp, permits[set].seen == seen { return }
        if permits[set].bytes.isEmpty { permitCount += 1 }
        if permitCount > mostPermits {
            for other in permits.indices { permits[other] = Permit() }
            permitCount = 1
        }
        var bytes = ContiguousArray<UInt8>(repeating: 0, count: count * 64)
        for place in members.indices where cell.nodes.sets[set].bits[Int(members[place])] { bytes[place] = 1 }
        permitStamps &+= 1
        permits[set] = Permit(stamp: stamp, seen: seen, arrangement: arrangement, bytes: bytes, number: permitStamps)
    }

    /// Tells what a set admits, as `permit` worked it out last, from what it admitted before.
    @inline(__always)
    func permitNumber(_ set: Int) -> UInt64 { permits[set].number }

    /// Works out the bound of every block for a request.
    ///
    /// - Returns: the first block with the highest bound, or nil where no block has room.
    mutating func bound(_ request: switchyard_request) -> Int? {
        let count = count
        var request = request
        let first = sums.withUnsafeBufferPointer { sums in
            bounds.withUnsafeMutableBufferPointer { bounds -> Int in
                guard let columns = sums.baseAddress, let out = bounds.baseAddress else { return -1 }
                return switchyard_bound_blocks(columns, count, count, &request, out)
            }
        }
        return first < 0 ? nil : first
    }

    /// The node of a block with the highest bound among those of the set that have room: `bound << 32 | rank`; negative where
    /// none reaches `least`.
    ///
    /// `permit` must have been asked for the set; `nodeBounds` then has the bound of every place of the block.
    @inline(__always)
    mutating func best(of block: Int, in set: Int, _ request: inout switchyard_request, least: Int32) -> Int64 {
        tiles.withUnsafeBufferPointer { tiles in
            permits[set].bytes.withUnsafeBufferPointer { permitted in
                nodeBounds.withUnsafeMutableBufferPointer { bounds in
                    guard let tile = tiles.baseAddress, let permitted = permitted.baseAddress,
                        let out = bounds.baseAddress
                    else { return -1 }
                    return switchyard_best_of_tile(
                        tile + block &* BlockTable.tileWords, permitted + block &* 64, &request, least, out)
                }
            }
        }
    }
}
