internal import CScoring

/// The nodes of a set by how full they are, by which a search for a pod unlike all before looks only at those that can win.
///
/// In a cluster that is filled evenly every block of nodes has some that are nearly the best, so that bounds of blocks rule
/// out hardly any. Here nodes that score alike stand together and move as they fill: in squares of a grid over the shares of
/// CPU and memory that are taken, a grid for the nodes of about one size. What a node of a square can score at most is known
/// to within a point, so the search (`scoring.h`) bounds all squares, looks at them in the order of their bounds and ends
/// where the next is less than the best found. Ties go by rank, of which each square knows its highest.
///
/// A square is a list of octets, eight nodes side by side for the vectors, of which only the first is not full.
struct StateGrid {
    private static let octetWords = Int(SWITCHYARD_OCTET_COLUMNS) * lanes
    private static let squareWords = Int(SWITCHYARD_SQUARE_COLUMNS) * lanes
    /// Nodes of an octet, and squares that are bounded at a time.
    private static let lanes = 8
    /// The finest grid has this many squares to each side; coarser ones half as many, and so on.
    private static let finest = 1_024
    private static let mostSizes = Int(SWITCHYARD_SIZES)

    private var octets: [UInt32] = []
    /// By octet: its place in the list of its square; how many nodes it holds; its square.
    private var links: [switchyard_link] = []
    private var filled: [Int32] = []
    private var squareOf: [Int32] = []
    private var spare: [Int32] = []

    /// Eights of squares, each of squares of one size.
    private var squares: [UInt32] = []
    private var sizeOfEight: [Int32] = []
    /// By square: its first octet, −1 for one that stands for nothing; its place in the grids.
    private var heads: [Int32] = []
    private var places: [Int32] = []
    /// By size: its squares that stand for nothing.
    private var spareSquares: [[Int32]] = []
    /// The squares by their places in the grids.
    private var squareAt: [Int32: Int32] = [:]
    private var perSide = StateGrid.finest
    private var mostSquares = 0
    /// What percentage of a node one unit of CPU, and of memory, is, over the nodes of about one size.
    private var sizes: [switchyard_size] = []

    /// By node: its size, −1 for none; and its octet and lane, −1 where it stands in no square.
    private var sizeOf: [Int32] = []
    private var laneOf: [Int32] = []
    /// The nodes that offer no CPU or no memory, for which no bound holds.
    private(set) var lacking: [Int32] = []
    /// What the search writes down by square.
    private var room: [Int32] = []

    /// The set of nodes that stand here, and what tells it from what it was before.
    let set: Int
    private var setStamp: UInt32 = 0
    private var setSeen = -1
    private var seen = -1
    private var sizesRevision: UInt32 = .max
    /// When it was last used, for eviction.
    var lastUse = 0

    init(ofSet set: Int) { self.set = set }

    /// Bytes held.
    var memoryBytes: Int {
        4 * (octets.count + 4 * links.count + squares.count + 4 * heads.count + 2 * laneOf.count + room.count)
    }

    /// Brings the grid up to date with the cell and the set, which the caller has refreshed.
    ///
    /// - Complexity: O(changes), O(nodes) where the set changed or a node joined, left or offers another amount.
    @inline(__always)
    mutating func follow(_ cell: Cell, _ order: TieOrder, prefersFull: Bool) {
        let (stamp, setNow) = (cell.nodes.sets[set].stamp, cell.nodes.sets[set].seen)
        let isSameSet = setStamp == stamp && setSeen == setNow
        guard seen != cell.changes.end || !isSameSet else { return }
        if !isSameSet || sizesRevision != cell.sizesRevision || seen < cell.changes.base {
            (setStamp, setSeen) = (stamp, setNow)
            sizesRevision = cell.sizesRevision
            findSizes(cell)
            // Bounding a square costs about as much as scoring an octet.
            mostSquares = min(1_024, max(512, cell.nodes.count / StateGrid.lanes))
            perSide = StateGrid.finest
            fill(cell, order, prefersFull)
        } else {
            for position in (seen &- cell.changes.base)..<cell.changes.entries.count {
                let node = cell.changes.entries[position]
                guard laneOf[Int(node)] >= 0 else { continue }
                move(node, cell, order, prefersFull)
            }
        }
        if squareAt.count > mostSquares { fill(cell, order, prefersFull) }
        seen = cell.changes.end
    }

    /// Puts every node where it belongs, in the finest grid that has not too many squares.
    private mutating func fill(_ cell: borrowing Cell, _ order: TieOrder, _ prefersFull: Bool) {
        while !fillOnce(cell, order, prefersFull) { perSide /= 2 }
    }

    private mutating func fillOnce(_ cell: borrowing Cell, _ order: TieOrder, _ prefersFull: Bool) -> Bool {
        octets.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
        filled.removeAll(keepingCapacity: true)
        squareOf.removeAll(keepingCapacity: true)
        spare.removeAll(keepingCapacity: true)
        squares.removeAll(keepingCapacity: true)
        sizeOfEight.removeAll(keepingCapacity: true)
        spareSquares = Array(repeating: [], count: sizes.count)
        room.removeAll(keepingCapacity: true)
        heads.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        squareAt.removeAll(keepingCapacity: true)
        laneOf = Array(repeating: -1, count: cell.nodes.capacity)
        for node in sizeOf.indices where sizeOf[node] >= 0 {
            insert(Int32(truncatingIfNeeded: node), VectorRow(node, cell.resources), order, prefersFull)
            if squareAt.count > mostSquares, perSide > 1 { return false }
        }
        return true
    }

    /// Tells the nodes apart by size: by quarters of powers of two of CPU and of memory, coarser where those are too many.
    private mutating func findSizes(_ cell: Cell) {
        for steps in [4.0, 1, 0] {
            sizes.removeAll()
            lacking.removeAll()
            sizeOf = Array(repeating: -1, count: cell.nodes.capacity)
            var numbers: [SIMD2<Int32>: Int32] = [:]
            cell.nodes.present.forEach { node in
                guard cell.nodes.sets[set].bits[node] else { return }
                let offered = SIMD2(
                    Double(cell.resources.allocatable[ResourceID.cpu][node]),
                    Double(cell.resources.allocatable[ResourceID.memory][node]))
                guard offered[0] > 0, offered[1] > 0 else { return lacking.append(Int32(truncatingIfNeeded: node)) }
                let kind = SIMD2(offered[0].sizeNumber(steps: steps), offered[1].sizeNumber(steps: steps))
                let unit = SIMD2(Float(100 / offered[0]), Float(100 / offered[1]))
                let number = numbers[kind] ?? Int32(sizes.count)
                if number == sizes.count {
                    numbers[kind] = number
                    sizes.append(switchyard_size(least: (unit[0], unit[1]), most: (unit[0], unit[1])))
                }
                sizeOf[node] = number
                let known = sizes[Int(number)]
                sizes[Int(number)] = switchyard_size(
                    least: (min(known.least.0, unit[0]), min(known.least.1, unit[1])),
                    most: (max(known.most.0, unit[0]), max(known.most.1, unit[1])))
            }
            if sizes.count <= StateGrid.mostSizes { return }
        }
    }

    /// Takes a node that changed to the square where it belongs now.
    @inline(__always)
    private mutating func move(_ node: Int32, _ cell: borrowing Cell, _ order: TieOrder, _ prefersFull: Bool) {
        let row = VectorRow(Int(node), cell.resources)
        let lane = Int(laneOf[Int(node)])
        let square = Int(squareOf[lane / StateGrid.lanes])
        if places[square] == place(Int(sizeOf[Int(node)]), row) {
            write(row, node, order.rank(node), at: lane)
            widen(square, row, order.rank(node))
        } else {
            remove(lane)
            insert(node, row, order, prefersFull)
        }
    }

    /// The place in the grids of a node of some size.
    @inline(__always)
    private func place(_ size: Int, _ row: VectorRow) -> Int32 {
        let scale = Float(perSide) / 100
        let column = max(0, min(perSide - 1, Int(min(row.taken[0], 100) * scale)))
        let line = max(0, min(perSide - 1, Int(min(row.taken[1], 100) * scale)))
        return Int32(truncatingIfNeeded: (size &* perSide &+ column) &* perSide &+ line)
    }

    // MARK: Nodes in octets

    @inline(__always)
    private mutating func insert(_ node: Int32, _ row: VectorRow, _ order: TieOrder, _ prefersFull: Bool) {
        let size = Int(sizeOf[Int(node)])
        let place = place(size, row)
        let square = squareAt[place].map { Int($0) } ?? newSquare(size, place, prefersFull)
        var octet = Int(heads[square])
        if octet < 0 || filled[octet] == StateGrid.lanes { octet = newOctet(square) }
        let lane = octet &* StateGrid.lanes &+ Int(filled[octet])
        filled[octet] &+= 1
        write(row, node, order.rank(node), at: lane)
        widen(square, row, order.rank(node))
    }

    /// Puts an empty octet at the head of a square.
    private mutating func newOctet(_ square: Int) -> Int {
        let octet: Int
        if let free = spare.popLast() {
            octet = Int(free)
        } else {
            octet = links.count
            octets.append(contentsOf: repeatElement(0, count: StateGrid.octetWords))
            links.append(switchyard_link())
            filled.append(0)
            squareOf.append(-1)
        }
        for lane in 0..<StateGrid.lanes { clear(octet &* StateGrid.lanes &+ lane) }
        links[octet] = switchyard_link(next: heads[square], rank: 0)
        filled[octet] = 0
        squareOf[octet] = Int32(truncatingIfNeeded: square)
        heads[square] = Int32(truncatingIfNeeded: octet)
        return octet
    }

    /// Takes a node out of its square; the last of the square's first octet takes its lane.
    @inline(__always)
    private mutating func remove(_ lane: Int) {
        let square = Int(squareOf[lane / StateGrid.lanes])
        let head = Int(heads[square])
        filled[head] &-= 1
        let last = head &* StateGrid.lanes &+ Int(filled[head])
        if last != lane {
            let (from, to) = (StateGrid.word(last), StateGrid.word(lane))
            for column in 0..<Int(SWITCHYARD_OCTET_COLUMNS) {
                octets[to &+ column &* StateGrid.lanes] = octets[from &+ column &* StateGrid.lanes]
            }
            laneOf[Int(octets[to &+ 10 &* StateGrid.lanes])] = Int32(truncatingIfNeeded: lane)
            links[lane / StateGrid.lanes].rank = highestRank(lane / StateGrid.lanes)
        }
        clear(last)
        guard filled[head] == 0 else {
            links[head].rank = highestRank(head)
            return
        }
        heads[square] = links[head].next
        spare.append(Int32(truncatingIfNeeded: head))
        if heads[square] < 0 { removeSquare(square) }
    }

    /// The first word of a lane.
    @inline(__always)
    private static func word(_ lane: Int) -> Int { (lane / lanes) &* octetWords &+ lane % lanes }

    /// Makes a lane one without a node.
    @inline(__always)
    private mutating func clear(_ lane: Int) {
        octets[StateGrid.word(lane)] = StateGrid.nothing
        octets[StateGrid.word(lane) &+ 9 &* StateGrid.lanes] = 0
    }

    /// The highest rank of the nodes of an octet.
    @inline(__always)
    private func highestRank(_ octet: Int) -> UInt32 {
        octets.withUnsafeBytes { words in
            words.loadUnaligned(
                fromByteOffset: 4 &* (octet &* StateGrid.octetWords &+ 9 &* StateGrid.lanes), as: SIMD8<UInt32>.self
            ).max()
        }
    }

    /// What is free where there is nothing: not as much as any pod asks for, not even as one that asks for nothing.
    private static let nothing = Float.nan.bitPattern

    @inline(__always)
    private mutating func write(_ row: VectorRow, _ node: Int32, _ rank: UInt32, at lane: Int) {
        laneOf[Int(node)] = Int32(truncatingIfNeeded: lane)
        let first = StateGrid.word(lane)
        for part in 0..<2 {
            octets[first &+ part &* StateGrid.lanes] =
                row.free[part] == -.infinity ? StateGrid.nothing : row.free[part].bitPattern
            octets[first &+ (2 &+ part) &* StateGrid.lanes] = row.taken[part].bitPattern
            octets[first &+ (4 &+ part) &* StateGrid.lanes] = row.used[part].bitPattern
            octets[first &+ (6 &+ part) &* StateGrid.lanes] = row.unit[part].bitPattern
        }
        octets[first &+ 8 &* StateGrid.lanes] = UInt32(bitPattern: row.evenness)
        octets[first &+ 9 &* StateGrid.lanes] = rank
        octets[first &+ 10 &* StateGrid.lanes] = UInt32(bitPattern: node)
        links[lane / StateGrid.lanes].rank = max(links[lane / StateGrid.lanes].rank, rank)
    }

    // MARK: Squares

    /// The first word of a square.
    @inline(__always)
    private static func squareWord(_ square: Int) -> Int { (square / lanes) &* squareWords &+ square % lanes }

    private mutating func newSquare(_ size: Int, _ place: Int32, _ prefersFull: Bool) -> Int {
        if spareSquares[size].isEmpty {
            let first = Int32(truncatingIfNeeded: heads.count)
            spareSquares[size] = (0..<Int32(StateGrid.lanes)).reversed().map { first + $0 }
            squares.append(contentsOf: repeatElement(StateGrid.nothing, count: StateGrid.squareWords))
            sizeOfEight.append(Int32(truncatingIfNeeded: size))
            heads.append(contentsOf: repeatElement(-1, count: StateGrid.lanes))
            places.append(contentsOf: repeatElement(-1, count: StateGrid.lanes))
            room.append(contentsOf: repeatElement(0, count: 2 * StateGrid.lanes))
        }
        let square = Int(spareSquares[size].removeLast())
        places[square] = place
        squareAt[place] = Int32(truncatingIfNeeded: square)
        let edges = SIMD2(Float(Int(place) / perSide % perSide), Float(Int(place) % perSide)) + (prefersFull ? 1 : 0)
        let columns: [Float] = [
            -.infinity, -.infinity, edges[0] * (100 / Float(perSide)), edges[1] * (100 / Float(perSide)), .infinity,
            -.infinity,
        ]
        let first = StateGrid.squareWord(square)
        for (column, value) in columns.enumerated() { squares[first + column * StateGrid.lanes] = value.bitPattern }
        squares[first + 6 * StateGrid.lanes] = 100
        squares[first + 7 * StateGrid.lanes] = 0
        return square
    }

    /// Takes an empty square away.
    private mutating func removeSquare(_ square: Int) {
        squareAt[places[square]] = nil
        squares[StateGrid.squareWord(square)] = StateGrid.nothing
        spareSquares[Int(sizeOfEight[square / StateGrid.lanes])].append(Int32(truncatingIfNeeded: square))
    }

    /// Makes what a square says of its nodes true of one more.
    @inline(__always)
    private mutating func widen(_ square: Int, _ row: VectorRow, _ rank: UInt32) {
        let first = StateGrid.squareWord(square)
        let difference = row.used[0] - row.used[1]
        squares.withUnsafeMutableBufferPointer { words in
            func raise(_ column: Int, _ value: Float) {
                let at = first &+ column &* StateGrid.lanes
                if value > Float(bitPattern: words[at]) { words[at] = value.bitPattern }
            }
            raise(0, row.free[0])
            raise(1, row.free[1])
            raise(5, difference)
            let least = first &+ 4 &* StateGrid.lanes
            if difference < Float(bitPattern: words[least]) { words[least] = difference.bitPattern }
            let even = first &+ 6 &* StateGrid.lanes
            words[even] = min(words[even], UInt32(bitPattern: row.evenness))
            let highest = first &+ 7 &* StateGrid.lanes
            words[highest] = max(words[highest], rank)
        }
    }

    // MARK: Searching

    /// The node with the highest bound among those that have room: `bound << 32 | rank`; −1 for none.
    mutating func best(_ request: inout switchyard_request) -> Int64 {
        switchyard_best_of_squares(
            &squares, sizeOfEight.count, sizeOfEight, sizes, sizes.count, heads, octets, links, &request, &room)
    }

    /// The nodes with room whose `bound << 32 | rank` is larger than `beaten`.
    mutating func nodes(_ request: inout switchyard_request, betterThan beaten: Int64) -> [Int32] {
        var found = [Int32](repeating: 0, count: laneOf.count)
        let count = switchyard_better_than(
            &squares, sizeOfEight.count, sizeOfEight, sizes, sizes.count, heads, octets, links, &request, &room, beaten,
            &found)
        found.removeLast(found.count - count)
        return found
    }
}

extension Double {
    /// The number of a size among powers of two that are cut into `steps` each; 0 for no steps.
    fileprivate func sizeNumber(steps: Double) -> Int32 {
        steps == 0 ? 0 : Int32(exponent) * Int32(steps) + Int32((significand - 1) * steps)
    }
}

/// The grids that are kept, by set of nodes.
struct StateGrids {
    private var grids: ContiguousArray<StateGrid> = []
    /// By set: its grid, −1 for none; and whether the set was asked for before.
    private var slotOf: ContiguousArray<Int32> = []
    private var isKnown = Bits()
    private var uses = 0
    /// How many bytes they may take together.
    private static let mostBytes = 64 << 20

    var count: Int { grids.count }

    /// The place of the grid of a set; −1 where the set comes for the first time, as then a grid may never pay.
    mutating func slot(ofSet set: Int) -> Int {
        if set >= slotOf.count { slotOf.append(contentsOf: repeatElement(-1, count: set + 1 - slotOf.count)) }
        uses &+= 1
        if slotOf[set] < 0 {
            guard isKnown[set] else {
                isKnown.set(set, true)
                return -1
            }
            makeRoom()
            slotOf[set] = Int32(truncatingIfNeeded: grids.count)
            grids.append(StateGrid(ofSet: set))
        }
        grids[Int(slotOf[set])].lastUse = uses
        return Int(slotOf[set])
    }

    subscript(slot: Int) -> StateGrid {
        get { grids[slot] }
        _modify { yield &grids[slot] }
    }

    /// Drops the least used grids beyond the limit; their sets have to come twice again.
    private mutating func makeRoom() {
        while grids.reduce(0, { $0 + $1.memoryBytes }) > StateGrids.mostBytes,
            let oldest = grids.indices.min(by: { grids[$0].lastUse < grids[$1].lastUse })
        {
            slotOf[grids[oldest].set] = -1
            isKnown.set(grids[oldest].set, false)
            guard let last = grids.popLast(), oldest < grids.count else { continue }
            grids[oldest] = last
            slotOf[last.set] = Int32(truncatingIfNeeded: oldest)
        }
    }
}
