/// How nodes with equal scores are ordered: a reversible numbering in which larger comes first.
///
/// Blocks of 64 nodes, and the nodes within each, are numbered by `(index × factor) xor mask`; with factor 1 and all bits in
/// the mask the lowest index comes first, with none the highest, with an odd factor from a seed the order is a fixed random one. Equal nodes that
/// follow each other lie in one block, so that their columns share cache lines.
struct TieOrder {
    private let factor: UInt32
    private let inverse: UInt32
    private let mask: UInt32

    /// The lowest node index first.
    static let first = TieOrder(factor: 1, mask: .max)

    /// The highest node index first.
    static let last = TieOrder(factor: 1, mask: 0)

    /// A random order.
    init(random: inout SplitMix64) {
        self.init(
            factor: UInt32(truncatingIfNeeded: random.next()) | 1, mask: UInt32(truncatingIfNeeded: random.next()))
    }

    private init(factor: UInt32, mask: UInt32) {
        self.factor = factor
        self.mask = mask
        // Newton's iteration doubles the bits that are right; five are enough from three.
        var inverse = factor
        for _ in 0..<5 { inverse = inverse &* (2 &- factor &* inverse) }
        self.inverse = inverse
    }

    @inline(__always)
    func rank(_ node: Int32) -> UInt32 {
        let number = UInt32(bitPattern: node)
        return ((((number >> 6) &* factor) << 6) | ((number &* factor) & 63)) ^ mask
    }

    @inline(__always)
    func node(_ rank: UInt32) -> Int32 {
        let number = rank ^ mask
        return Int32(bitPattern: (((number >> 6) &* inverse) << 6) | ((number &* inverse) & 63))
    }
}

/// A feasible node with its score, as one number: the larger, the better.
///
/// ```
/// bits 63–32  score of the node alone        bits 31–0  rank among equals
/// ```
typealias HeapEntry = UInt64

/// Nodes in buckets, each bucket a heap whose top is its best node.
///
/// Every node is in one bucket at most. Heaps have four children a place, so that a repair touches few cache lines.
///
/// - Complexity: an update is O(log₄ nodes in the bucket), the top is O(1).
struct BucketHeaps {
    var order: TieOrder
    private(set) var heaps: ContiguousArray<ContiguousArray<HeapEntry>> = []
    /// The buckets that hold a node, in no order: as pods are placed, most buckets that there were are left behind empty.
    private(set) var live: ContiguousArray<Int32> = []
    /// By bucket: where it is in `live`, −1 for nowhere.
    private var livePlace: ContiguousArray<Int32> = []
    /// By node: its bucket, −1 for none.
    private(set) var bucketOf: ContiguousArray<Int32>
    /// By node: where it is in its heap.
    private var place: ContiguousArray<Int32>

    init(order: TieOrder, capacity: Int) {
        self.order = order
        bucketOf = ContiguousArray(repeating: -1, count: capacity)
        place = ContiguousArray(repeating: 0, count: capacity)
    }

    /// Adds empty buckets up to `count`.
    mutating func grow(to count: Int) {
        guard count > heaps.count else { return }
        livePlace.append(contentsOf: repeatElement(-1, count: count - heaps.count))
        heaps.append(contentsOf: repeatElement([], count: count - heaps.count))
    }

    @inline(__always)
    private mutating func noteAppended(_ bucket: Int) {
        guard livePlace[bucket] < 0 else { return }
        livePlace[bucket] = Int32(truncatingIfNeeded: live.count)
        live.append(Int32(truncatingIfNeeded: bucket))
    }

    private mutating func noteEmptied(_ bucket: Int) {
        let position = Int(livePlace[bucket])
        livePlace[bucket] = -1
        guard let last = live.popLast(), position < live.count else { return }
        live[position] = last
        livePlace[Int(last)] = Int32(truncatingIfNeeded: position)
    }

    /// Puts a node at the end of a bucket without order; `heapify` follows.
    @inline(__always)
    mutating func appendUnordered(_ node: Int32, _ bucket: Int32, _ entry: HeapEntry) {
        bucketOf[Int(node)] = bucket
        heaps[Int(bucket)].append(entry)
        noteAppended(Int(bucket))
    }

    /// Orders all buckets, in O(nodes).
    mutating func heapify() {
        for bucket in heaps.indices {
            let count = heaps[bucket].count
            heaps[bucket].withUnsafeMutableBufferPointer { heap in
                place.withUnsafeMutableBufferPointer { place in
                    for position in 0..<count {
                        place[Int(order.node(UInt32(truncatingIfNeeded: heap[position])))] = Int32(position)
                    }
                    guard count > 1 else { return }
                    for position in stride(from: (count - 2) / 4, through: 0, by: -1) {
                        BucketHeaps.siftDown(heap, place, order, position)
                    }
                }
            }
        }
    }

    /// Moves a node to a bucket with an entry, or changes its entry there.
    @inline(__always)
    mutating func set(_ node: Int32, _ bucket: Int32, _ entry: HeapEntry) {
        let old = bucketOf[Int(node)]
        if old == bucket {
            let position = Int(place[Int(node)])
            let before = heaps[Int(bucket)][position]
            if before == entry { return }
            heaps[Int(bucket)][position] = entry
            if entry > before { rise(Int(bucket), position) } else { sink(Int(bucket), position) }
            return
        }
        if old >= 0 { remove(node) }
        bucketOf[Int(node)] = bucket
        heaps[Int(bucket)].append(entry)
        noteAppended(Int(bucket))
        let position = heaps[Int(bucket)].count - 1
        place[Int(node)] = Int32(truncatingIfNeeded: position)
        rise(Int(bucket), position)
    }

    /// Takes a node out of its bucket, if it is in one.
    @inline(__always)
    mutating func remove(_ node: Int32) {
        let bucket = Int(bucketOf[Int(node)])
        guard bucket >= 0 else { return }
        bucketOf[Int(node)] = -1
        let position = Int(place[Int(node)])
        guard let last = heaps[bucket].popLast() else { return }
        if heaps[bucket].isEmpty { noteEmptied(bucket) }
        guard position < heaps[bucket].count else { return }
        let before = heaps[bucket][position]
        heaps[bucket][position] = last
        place[Int(order.node(UInt32(truncatingIfNeeded: last)))] = Int32(truncatingIfNeeded: position)
        if last > before { rise(bucket, position) } else { sink(bucket, position) }
    }

    private mutating func rise(_ bucket: Int, _ position: Int) {
        let order = order
        heaps[bucket].withUnsafeMutableBufferPointer { heap in
            place.withUnsafeMutableBufferPointer { place in
                let entry = heap[position]
                var position = position
                while position > 0 {
                    let parent = (position &- 1) >> 2
                    guard heap[parent] < entry else { break }
                    heap[position] = heap[parent]
                    place[Int(order.node(UInt32(truncatingIfNeeded: heap[parent])))] = Int32(
                        truncatingIfNeeded: position)
                    position = parent
                }
                heap[position] = entry
                place[Int(order.node(UInt32(truncatingIfNeeded: entry)))] = Int32(truncatingIfNeeded: position)
            }
        }
    }

    private mutating func sink(_ bucket: Int, _ position: Int) {
        let order = order
        heaps[bucket].withUnsafeMutableBufferPointer { heap in
            place.withUnsafeMutableBufferPointer { place in
                BucketHeaps.siftDown(heap, place, order, position)
            }
        }
    }

    @inline(__always)
    private static func siftDown(
        _ heap: UnsafeMutableBufferPointer<HeapEntry>, _ place: UnsafeMutableBufferPointer<Int32>, _ order: TieOrder,
        _ start: Int
    ) {
        let entry = heap[start]
        let count = heap.count
        var position = start
        while true {
            let first = position &* 4 &+ 1
            guard first < count else { break }
            var best = first
            var most = heap[first]
            let end = min(first &+ 4, count)
            var child = first &+ 1
            while child < end {
                if heap[child] > most {
                    most = heap[child]
                    best = child
                }
                child &+= 1
            }
            guard most > entry else { break }
            heap[position] = most
            place[Int(order.node(UInt32(truncatingIfNeeded: most)))] = Int32(truncatingIfNeeded: position)
            position = best
        }
        heap[position] = entry
        place[Int(order.node(UInt32(truncatingIfNeeded: entry)))] = Int32(truncatingIfNeeded: position)
    }

    /// Bytes held.
    var memoryBytes: Int {
        heaps.reduce(0) { $0 + $1.capacity * 8 + 16 } + bucketOf.capacity * 4 + place.capacity * 4
            + live.capacity * 4 + livePlace.capacity * 4
    }

    /// Checks order and places.
    func checkInvariants() {
        precondition(
            live.sorted() == heaps.indices.filter { !heaps[$0].isEmpty }.map { Int32($0) }, "a bucket is miscounted")
        for (bucket, heap) in heaps.enumerated() {
            for (position, entry) in heap.enumerated() {
                precondition(position == 0 || heap[(position - 1) / 4] >= entry, "a heap is out of order")
                let node = Int(order.node(UInt32(truncatingIfNeeded: entry)))
                precondition(Int(place[node]) == position && Int(bucketOf[node]) == bucket, "a node is misplaced")
            }
        }
    }
}
