#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether two strings have the same code points.
@inline(__always)
func sameText(_ left: String, _ right: String) -> Bool {
    if left.utf8.count != right.utf8.count { return false }
    // Equal bits, or equal ASCII: the standard library's fast path. Anything else needs the bytes themselves.
    if compareText(left, right) == 0 { return true }
    return false
}

/// The order of two strings by code point, which in UTF-8 is the order of the bytes: negative, zero or positive.
func compareText(_ left: String, _ right: String) -> Int {
    let order: Int?? = left.utf8.withContiguousStorageIfAvailable { leftBytes in
        right.utf8.withContiguousStorageIfAvailable { rightBytes in
            compareBytes(leftBytes, rightBytes)
        }
    }
    if case .some(.some(let order)) = order { return order }
    return Array(left.utf8).withUnsafeBufferPointer { leftBytes in
        Array(right.utf8).withUnsafeBufferPointer { compareBytes(leftBytes, $0) }
    }
}

/// The lexicographic order of two byte sequences.
@inline(__always)
func compareBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    let common = min(left.count, right.count)
    if common > 0, let leftBase = left.baseAddress, let rightBase = right.baseAddress {
        let order = memcmp(leftBase, rightBase, common)
        if order != 0 { return Int(order) }
    }
    return left.count - right.count
}

/// An order, or that the two cannot be ordered.
enum Ordering {
    case less, equal, greater
    /// A NaN is on either side.
    case unordered
    /// The types have no common order.
    case incomparable

    init<Value: Comparable>(_ left: Value, _ right: Value) {
        self = left < right ? .less : (left == right ? .equal : .greater)
    }

    init(sign: Int) {
        self = sign < 0 ? .less : (sign == 0 ? .equal : .greater)
    }

    init(_ left: Double, _ right: Double) {
        self = left < right ? .less : (left == right ? .equal : (left > right ? .greater : .unordered))
    }

    var reversed: Ordering {
        switch self {
        case .less: .greater
        case .greater: .less
        default: self
        }
    }
}

extension CELValue: Equatable {
    /// The language's `==`: numbers compare across types, other types differ unless they are the same.
    public static func == (left: CELValue, right: CELValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): sameText(left, right)
        case (.int(let left), .int(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        case (.bytes(let left), .bytes(let right)): left == right
        case (.list(let left), .list(let right)): equalLists(left, right)
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.duration(let left), .duration(let right)): left == right
        case (.type(let left), .type(let right)): left == right
        case (.optional(let left), .optional(let right)): left.value == right.value
        case (.opaque(let left), .opaque(let right)): left.isEqual(to: right)
        case (.map, .map), (.map, .object), (.object, .map), (.object, .object): equalMaps(left, right)
        default:
            if case .equal = CELValue.numericOrder(left, right) { true } else { false }
        }
    }

    private static func equalLists(_ left: CELList, _ right: CELList) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        for index in 0..<count where left[index] != right[index] { return false }
        return true
    }

    private static func equalMaps(_ left: CELValue, _ right: CELValue) -> Bool {
        if case .object(let left) = left, case .object(let right) = right, left === right { return true }
        guard left.keyCount == right.keyCount else { return false }
        switch left {
        case .map(let map):
            for entry in map.entries {
                guard let other = right.entry(entry.key), other == entry.value else { return false }
            }
        case .object(let object):
            for name in object.fieldNames {
                guard let mine = object.field(CELFieldKey(name: name)),
                    let other = right.entry(.string(name)), mine == other
                else { return false }
            }
        default: return false
        }
        return true
    }

    /// The value at a key of a map or an object; nil where it is absent.
    func entry(_ key: CELValue) -> CELValue? {
        switch self {
        case .map(let map): return map[key]
        case .object(let object):
            if case .string(let name) = key { return object.field(CELFieldKey(name: name)) }
            return nil
        default: return nil
        }
    }

    /// The order of two numbers of whatever types. Integers and doubles meet as doubles, within the integer's range.
    static func numericOrder(_ left: CELValue, _ right: CELValue) -> Ordering {
        switch (left, right) {
        case (.int(let left), .int(let right)): Ordering(left, right)
        case (.uint(let left), .uint(let right)): Ordering(left, right)
        case (.double(let left), .double(let right)): Ordering(left, right)
        case (.int(let left), .uint(let right)): order(left, right)
        case (.uint(let left), .int(let right)): order(right, left).reversed
        case (.int(let left), .double(let right)): order(left, right)
        case (.double(let left), .int(let right)): order(right, left).reversed
        case (.uint(let left), .double(let right)): order(left, right)
        case (.double(let left), .uint(let right)): order(right, left).reversed
        default: .incomparable
        }
    }

    private static func order(_ left: Int64, _ right: UInt64) -> Ordering {
        left < 0 ? .less : Ordering(UInt64(left), right)
    }

    private static func order(_ left: Int64, _ right: Double) -> Ordering {
        if right.isNaN { return .unordered }
        if right < -0x1p63 { return .greater }
        if right > 0x1p63 { return .less }
        return Ordering(Double(left), right)
    }

    private static func order(_ left: UInt64, _ right: Double) -> Ordering {
        if right.isNaN { return .unordered }
        if right < 0 { return .greater }
        if right > 0x1p64 { return .less }
        return Ordering(Double(left), right)
    }

    /// The language's order: of numbers across types, else of two values of one ordered type.
    static func order(_ left: CELValue, _ right: CELValue) -> Ordering {
        switch (left, right) {
        case (.int(let left), .int(let right)): Ordering(left, right)
        case (.string(let left), .string(let right)): Ordering(sign: compareText(left, right))
        case (.bool(let left), .bool(let right)): Ordering(left ? 1 : 0, right ? 1 : 0)
        case (.bytes(let left), .bytes(let right)):
            left.withUnsafeBufferPointer { leftBytes in
                right.withUnsafeBufferPointer { Ordering(sign: compareBytes(leftBytes, $0)) }
            }
        case (.timestamp(let left), .timestamp(let right)): Ordering(left, right)
        case (.duration(let left), .duration(let right)): Ordering(left, right)
        default: numericOrder(left, right)
        }
    }
}
