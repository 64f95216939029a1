/// A node's place in the columns: dense, given by the caller, stable while the node lives; gaps are allowed.
public typealias NodeIndex = Int32
/// A registered scheduling spec: one equivalence class of pods.
public typealias ClassIndex = Int32
/// A pod's small number, given by the caller; not negative, and reused only after the pod was released.
public typealias PodID = Int32

/// GPU devices of one node, device `i` as bit `i`; empty for pods without GPUs.
public struct DeviceSet: OptionSet, Hashable, Sendable {
    /// One bit a device.
    public let rawValue: UInt64

    /// The devices of the set bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The devices of the given indices; indices that no node can have are passed over.
    public init(indices: [Int]) {
        var bits: UInt64 = 0
        for index in indices where index >= 0 && index < 64 { bits |= 1 << UInt64(index) }
        self.rawValue = bits
    }

    /// How many devices.
    public var count: Int { rawValue.nonzeroBitCount }

    /// The devices' indices, ascending.
    public var indices: [Int] {
        var result: [Int] = []
        var rest = rawValue
        while rest != 0 {
            result.append(rest.trailingZeroBitCount)
            rest &= rest &- 1
        }
        return result
    }
}

/// A set of rows, one bit each, that grows on demand.
struct Bits: Equatable {
    var words: ContiguousArray<UInt64> = []

    /// Whether row `index` is in the set.
    @inline(__always)
    subscript(index: Int) -> Bool {
        let word = index >> 6
        return word < words.count && words[word] & (1 << UInt64(index & 63)) != 0
    }

    /// Puts row `index` in or out of the set.
    mutating func set(_ index: Int, _ on: Bool) {
        let word = index >> 6
        if word >= words.count {
            guard on else { return }
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        let bit: UInt64 = 1 << UInt64(index & 63)
        if on { words[word] |= bit } else { words[word] &= ~bit }
    }

    /// Makes room for rows below `count`.
    mutating func grow(to count: Int) {
        let needed = (count + 63) >> 6
        if needed > words.count { words.append(contentsOf: repeatElement(0, count: needed - words.count)) }
    }

    /// How many rows are in the set.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Calls `body` with every row in the set, ascending.
    func forEach(_ body: (Int) -> Void) {
        for (word, bits) in words.enumerated() {
            var rest = bits
            while rest != 0 {
                body(word << 6 + rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }
}

/// Gives every distinct value a small number, for good.
struct Interner<Value: Hashable> {
    private(set) var values: ContiguousArray<Value> = []
    private var numbers: [Value: Int32] = [:]

    /// The number of `value`, a new one if it was not seen before.
    mutating func intern(_ value: Value) -> Int32 {
        if let number = numbers[value] { return number }
        let number = Int32(values.count)
        values.append(value)
        numbers[value] = number
        return number
    }

    /// The number of `value`, or nil if it was never seen.
    func find(_ value: Value) -> Int32? { numbers[value] }

    /// The value of a number that `intern` gave.
    subscript(number: Int32) -> Value { values[Int(number)] }

    /// How many distinct values there are.
    var count: Int { values.count }
}
