/// Elements in memory of their own that are never changed: what is compiled once and read for every pod.
///
/// It has one owner and is only ever borrowed, so that reading an element counts no reference, which an array's may.
struct FixedBuffer<Element: ~Copyable>: ~Copyable {
    private let start: UnsafeMutablePointer<Element>
    /// How many elements there are.
    let count: Int

    /// Elements made one by one, in order.
    init(count: Int, _ make: (Int) -> Element) {
        self.count = count
        start = UnsafeMutablePointer.allocate(capacity: count)
        for index in 0..<count { (start + index).initialize(to: make(index)) }
    }

    deinit {
        start.deinitialize(count: count)
        start.deallocate()
    }

    /// An element; in optimised code the caller must see to it that it is there.
    @inline(__always)
    subscript(index: Int) -> Element {
        _read {
            assert(index >= 0 && index < count)
            yield start[index]
        }
    }
}

extension FixedBuffer {
    /// The elements of a collection.
    init(_ elements: some RandomAccessCollection<Element>) {
        self.init(count: elements.count) { elements[elements.index(elements.startIndex, offsetBy: $0)] }
    }
}

extension FixedBuffer: @unchecked Sendable where Element: Sendable & ~Copyable {
    // Written before anybody else can see it, and never again.
}
