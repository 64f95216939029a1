/// The hash of texts in tables of our own, which costs a fifth of what `Hasher` does.
public enum PlainText {
    /// Whether a text of other bytes is equal: in ASCII only K (that of kelvin), the semicolon (the Greek question mark) and
    /// the grave accent have a twin.
    public static func hasTwin(_ text: String) -> Bool { text.utf8.contains { $0 >= 0x80 || "K;`".utf8.contains($0) } }

    /// Whether two texts have the same bytes, as Kubernetes compares texts; to `==` canonically equivalent ones are equal.
    @inlinable
    @inline(__always)
    public static func isSame(_ left: String, _ right: String) -> Bool {
        // Most differ in length; equal ones of one length have the same bytes but for rare ones beyond ASCII.
        left.utf8.count == right.utf8.count && left == right
            && left.utf8.withContiguousStorageIfAvailable { bytes in bytes.elementsEqual(right.utf8) }
                ?? left.utf8.elementsEqual(right.utf8)
    }

    /// A hash of the bytes of a text; nil where it is not plain ASCII, as there two texts of different bytes may be equal.
    ///
    /// Eight bytes at a time, each multiplied and folded as in wyhash; the last eight may overlap those before. Another
    /// in every process, so that no stranger can choose texts that collide.
    @inlinable
    @inline(__always)
    public static func hash(_ text: String) -> UInt64? {
        text.utf8.withContiguousStorageIfAvailable { bytes -> UInt64? in
            guard let base = bytes.baseAddress else { return 0 }
            let start = UnsafeRawPointer(base)
            let count = bytes.count
            var seen: UInt64 = 0
            var hash = UInt64(truncatingIfNeeded: count) &+ seed
            var offset = 0
            while count - offset > 8 {
                let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                seen |= word
                hash = fold(hash ^ word)
                offset += 8
            }
            let word = tail(start, count)
            if (seen | word) & 0x8080_8080_8080_8080 != 0 { return nil }
            return fold(hash ^ word)
        } ?? nil
    }

    @usableFromInline static let seed = UInt64.random(in: .min ... .max)

    /// The last eight bytes, or all there are.
    @inlinable
    @inline(__always)
    static func tail(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 8 { return start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) }
        if count >= 4 {
            let (first, last) = (
                start.loadUnaligned(as: UInt32.self), start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            )
            return UInt64(first) | UInt64(last) << 32
        }
        if count == 0 { return 0 }
        let (first, middle, last) = (
            start.load(as: UInt8.self), start.load(fromByteOffset: count / 2, as: UInt8.self),
            start.load(fromByteOffset: count - 1, as: UInt8.self)
        )
        return UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16
    }

    /// Both halves of the product with an odd number whose bits are well mixed.
    @inlinable
    @inline(__always)
    static func fold(_ word: UInt64) -> UInt64 {
        let (high, low) = word.multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        return high ^ low
    }
}

/// A hash of several values, in the order in which they are combined; for tables of our own.
///
/// Equal values have equal fingerprints within one process.
public struct Fingerprint: Sendable {
    @usableFromInline private(set) var value: UInt64 = 0

    /// A fingerprint of nothing.
    @inlinable
    public init() {}

    /// What was combined, in as many bits as a table keeps.
    @inlinable
    public var word: UInt32 { UInt32(truncatingIfNeeded: value) }

    /// Adds a number.
    @inlinable
    @inline(__always)
    public mutating func combine(_ number: UInt64) {
        value = PlainText.fold(value &+ 0x9e37_79b9_7f4a_7c15 ^ number) &+ number
    }

    /// Adds a number.
    @inlinable
    @inline(__always)
    public mutating func combine(_ number: Int64) { combine(UInt64(bitPattern: number)) }

    /// Adds a text.
    @inlinable
    @inline(__always)
    public mutating func combine(_ text: String) { combine(Fingerprint.of(text)) }

    /// Adds texts by text, whatever their order.
    @inlinable
    public mutating func combine(_ texts: [String: String]) {
        var sum: UInt64 = 0
        for (key, text) in texts { sum &+= PlainText.fold(Fingerprint.of(key) &* 3 ^ Fingerprint.of(text)) }
        combine(sum)
    }

    /// Adds quantities by resource, whatever their order.
    @inlinable
    public mutating func combine(_ resources: ResourceList) {
        var sum: UInt64 = 0
        for (name, quantity) in resources {
            sum &+= PlainText.fold(
                Fingerprint.of(name) &* 3 ^ UInt64(truncatingIfNeeded: quantity.nanos)
                    ^ UInt64(truncatingIfNeeded: quantity.nanos >> 64))
        }
        combine(sum)
    }

    @usableFromInline
    @inline(__always)
    static func of(_ text: String) -> UInt64 { PlainText.hash(text) ?? UInt64(bitPattern: Int64(text.hashValue)) }
}
