internal import CScoring

/// The best node of every block for one class of pods that only ask for CPU and memory.
///
/// A placement changes one node, so one block of 64 is scored anew by vectors, whatever the class; then the best of the
/// blocks is found by groups of 64. What is kept are upper bounds (`scoring.h`): the true score of the best is worked out
/// each time, and where it lies below its bound all blocks that could beat it are looked at. So a class among many that take
/// turns pays for the blocks that the others touched meanwhile, not for a heap entry each.
struct BlockOrder {
    let classIndex: ClassIndex
    let generation: UInt32
    let request: PlainRequest
    /// What it was worked out under: prices, the order of the nodes, what the class's set of nodes admits.
    fileprivate var epoch: UInt32
    fileprivate var arrangement: UInt32 = 0
    fileprivate var permit: UInt64 = 0
    /// The position in the cell's log up to which this is right; −1 for nowhere.
    fileprivate var seen = -1
    /// How often in a row it was asked for with hardly a change in between.
    fileprivate var quickAsks = 0
    /// When it was last used, for eviction.
    var lastUse = 0
    /// By block: `bound << 32 | rank` of its best node, −1 where none has room.
    fileprivate var best: ContiguousArray<Int64> = []
    /// By 64 blocks: the largest of theirs.
    fileprivate var groupBest: ContiguousArray<Int64> = []

    init(_ request: PlainRequest, generation: UInt32, epoch: UInt32) {
        classIndex = request.classIndex
        self.generation = generation
        self.request = request
        self.epoch = epoch
    }

    /// Bytes held.
    var memoryBytes: Int { (best.count + groupBest.count) * 8 + 256 }

    /// Scores every block.
    fileprivate mutating func rebuild(_ blocks: inout BlockTable) {
        best = ContiguousArray(repeating: -1, count: blocks.count)
        groupBest = ContiguousArray(repeating: -1, count: (blocks.count + 63) / 64)
        for block in 0..<blocks.count { score(block, &blocks) }
        for group in groupBest.indices { sumUp(group) }
    }

    @inline(__always)
    private mutating func score(_ block: Int, _ blocks: inout BlockTable) {
        if blocks.lacks[block] {
            // No bound holds where a node offers no CPU or no memory; such a block is always looked at.
            best[block] = Int64(Int32.max) << 32
            return
        }
        var wanted = request.bounds
        best[block] = blocks.best(of: block, in: request.set, &wanted, least: 0)
    }

    @inline(__always)
    private mutating func sumUp(_ group: Int) {
        let first = group &* 64
        let count = min(64, best.count &- first)
        groupBest[group] = best.withUnsafeBufferPointer { all in
            all.baseAddress.map { switchyard_largest($0 + first, count) } ?? -1
        }
    }

    /// Scores the blocks anew in which nodes changed.
    ///
    /// - Complexity: O(changes + 64 × blocks changed).
    @inline(__always)
    fileprivate mutating func repair(_ cell: borrowing Cell, _ blocks: inout BlockTable, _ marks: inout BlockMarks) {
        marks.start(best.count)
        for position in (seen &- cell.changes.base)..<cell.changes.entries.count {
            let place = blocks.placeOf[Int(cell.changes.entries[position])]
            guard place >= 0 else { continue }
            let block = Int(place) >> 6
            guard marks.mark(block) else { continue }
            let old = best[block]
            score(block, &blocks)
            let group = block >> 6
            if best[block] >= groupBest[group] {
                groupBest[group] = best[block]
            } else if old == groupBest[group] {
                sumUp(group)
            }
        }
    }

    /// The largest of all blocks; mutating only so that the order is looked at where it is, and not copied out first.
    @inline(__always)
    fileprivate mutating func most() -> Int64 {
        groupBest.withUnsafeBufferPointer { all in
            all.baseAddress.map { switchyard_largest($0, all.count) } ?? -1
        }
    }
}

/// Which blocks were marked since `start`.
struct BlockMarks {
    private var stamps: ContiguousArray<UInt32> = []
    private var stamp: UInt32 = 0

    @inline(__always)
    mutating func start(_ count: Int) {
        if stamps.count < count {
            stamps.append(contentsOf: repeatElement(0, count: count - stamps.count))
        }
        stamp &+= 1
        guard stamp == 0 else { return }
        for position in stamps.indices { stamps[position] = 0 }
        stamp = 1
    }

    /// Whether the block was not marked yet.
    @inline(__always)
    mutating func mark(_ block: Int) -> Bool {
        if stamps[block] == stamp { return false }
        stamps[block] = stamp
        return true
    }
}

/// The orders of blocks that are kept, by class.
struct BlockOrders {
    fileprivate var orders: ContiguousArray<BlockOrder> = []
    /// By class: its slot in `orders`; −1 for none.
    private var slotOf: ContiguousArray<Int32> = []
    private var bytes = 0
    fileprivate var marks = BlockMarks()

    var count: Int { orders.count }

    /// The slot of a class's order, −1 where there is none under these prices.
    @inline(__always)
    func slot(_ index: ClassIndex, _ cell: borrowing Cell, _ epoch: UInt32) -> Int {
        guard Int(index) < slotOf.count else { return -1 }
        let slot = Int(slotOf[Int(index)])
        guard slot >= 0, orders[slot].generation == cell.classes[Int(index)].generation,
            orders[slot].epoch == epoch
        else { return -1 }
        return slot
    }

    /// Keeps an order, and drops the least used ones beyond the limit.
    mutating func keep(_ order: BlockOrder, limit: Int) -> Int {
        drop(order.classIndex)
        let index = Int(order.classIndex)
        if index >= slotOf.count {
            slotOf.append(contentsOf: repeatElement(-1, count: index + 1 - slotOf.count))
        }
        orders.append(order)
        slotOf[index] = Int32(orders.count - 1)
        bytes += order.memoryBytes
        while bytes > limit, orders.count > 1 {
            guard let oldest = orders.indices.dropLast().min(by: { orders[$0].lastUse < orders[$1].lastUse }) else {
                break
            }
            drop(orders[oldest].classIndex)
        }
        return Int(slotOf[index])
    }

    mutating func drop(_ index: ClassIndex) {
        guard Int(index) < slotOf.count, slotOf[Int(index)] >= 0 else { return }
        let slot = Int(slotOf[Int(index)])
        bytes = max(0, bytes - orders[slot].memoryBytes)
        slotOf[Int(index)] = -1
        guard let last = orders.popLast(), slot < orders.count else { return }
        orders[slot] = last
        slotOf[Int(last.classIndex)] = Int32(slot)
    }
}

extension Engine {
    /// With so few changes since it was asked last, a class's heap is the quicker to repair; with so many, its blocks are.
    private static let fewChanges = 4
    static let manyChanges = 32
    /// Making a heap costs as much for each node as an order of blocks costs more in this many choices.
    private static let choicesPerNode = 3

    /// Whether a class of plain pods comes so often with nothing in between that a heap of all nodes will pay, as it has paid
    /// for itself if it comes as often again.
    @inline(__always)
    func outgrowsBlocks(_ slot: Int, _ cell: borrowing Cell) -> Bool {
        blockOrders.orders[slot].quickAsks > Engine.choicesPerNode &* cell.nodes.count
    }

    /// The best node by the order of blocks kept for the class.
    ///
    /// - Complexity: O(changes + 64 × blocks changed + blocks / 64).
    @inline(__always)
    mutating func selectByBlocks(_ slot: Int, _ cell: inout Cell) -> NodeIndex? {
        let set = blockOrders.orders[slot].request.set
        followPlainly(set, &cell)
        uses &+= 1
        blockOrders.orders[slot].lastUse = uses
        let isQuick = cell.changes.end &- blockOrders.orders[slot].seen <= Engine.fewChanges
        blockOrders.orders[slot].quickAsks = isQuick ? blockOrders.orders[slot].quickAsks &+ 1 : 0
        let permit = blocks.permitNumber(set)
        let isRight =
            blockOrders.orders[slot].seen >= cell.changes.base
            && blockOrders.orders[slot].arrangement == blocks.arrangement && blockOrders.orders[slot].permit == permit
        if isRight {
            blockOrders.orders[slot].repair(cell, &blocks, &blockOrders.marks)
        } else {
            blockOrders.orders[slot].rebuild(&blocks)
            blockOrders.orders[slot].arrangement = blocks.arrangement
            blockOrders.orders[slot].permit = permit
        }
        blockOrders.orders[slot].seen = cell.changes.end
        return bestOfBlocks(slot, cell)
    }

    @inline(__always)
    private mutating func bestOfBlocks(_ slot: Int, _ cell: borrowing Cell) -> NodeIndex? {
        let most = blockOrders.orders[slot].most()
        guard most >= 0 else { return nil }
        let request = blockOrders.orders[slot].request
        var found = PlainBest()
        let (bound, rank) = (most >> 32, UInt32(truncatingIfNeeded: most))
        if bound < Int64(Int32.max) {
            let node = order.node(rank)
            judge(node, request, cell, &found)
            if found.node == node, found.score == bound { return node }
        }
        for block in 0..<blocks.count where blockOrders.orders[slot].best[block] >> 32 >= max(0, found.score) {
            look(block, request, cell, &found)
        }
        return found.node
    }

    /// Makes an order of blocks for a class and chooses by it.
    mutating func startBlocks(_ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        guard let template else { return nil }
        var made = BlockOrder(
            plainRequest(index, template, cell), generation: cell.classes[Int(index)].generation, epoch: prices.epoch)
        made.lastUse = uses &+ 1
        return selectByBlocks(blockOrders.keep(made, limit: indexMemoryLimit), &cell)
    }
}
