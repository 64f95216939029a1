/// A map from keys (bool, int, uint, string) to values, in the order of insertion.
///
/// Keys follow the language's equality: 1, 1u and 1.0 are one key. Small maps are searched, larger ones hashed.
public final class CELMap: Sendable {
    /// The entries in the order of insertion.
    public let entries: [(key: CELValue, value: CELValue)]
    private let index: [CELKey: Int]
    let depth: Int

    /// Maps up to this size are searched entry by entry, which is faster there than hashing.
    private static let searchedSize = 8

    /// The empty map.
    public static let empty = CELMap(uniqueKeys: [])

    /// A map of string keys.
    public convenience init(_ fields: [String: CELValue]) {
        self.init(uniqueKeys: fields.map { (key: .string($0.key), value: $0.value) })
    }

    /// A map of the given entries; nil where a key is not of a key's type or stands twice.
    public convenience init?(checking entries: [(key: CELValue, value: CELValue)]) {
        var seen = Set<CELKey>()
        for entry in entries {
            guard let key = CELKey(literal: entry.key), seen.insert(key).inserted else { return nil }
        }
        self.init(uniqueKeys: entries)
    }

    /// A map of entries whose keys are known to be valid and to differ.
    convenience init(uniqueKeys entries: [(key: CELValue, value: CELValue)]) {
        var index = [CELKey: Int]()
        if entries.count > CELMap.searchedSize {
            index.reserveCapacity(entries.count)
            for (position, entry) in entries.enumerated() {
                guard let key = CELKey(entry.key) else { continue }
                index[key] = position
            }
        }
        self.init(uniqueKeys: entries, index: index)
    }

    /// The same, with the positions of the keys; those of a map that is searched are not needed.
    init(uniqueKeys entries: [(key: CELValue, value: CELValue)], index: [CELKey: Int]) {
        self.entries = entries
        var deepest = 0
        for entry in entries { deepest = max(deepest, entry.value.depth) }
        depth = deepest + 1
        self.index = entries.count > CELMap.searchedSize ? index : [:]
        assert(self.index.isEmpty || index.count == entries.count, "a key stands twice, or its position is missing")
    }

    /// How many entries there are.
    public var count: Int { entries.count }

    /// The value of a key, or nil where there is no such key.
    public subscript(key: CELValue) -> CELValue? {
        if case .string(let name) = key { return self[name: name] }
        guard let wanted = CELKey(key) else { return nil }
        if entries.count > CELMap.searchedSize {
            return index[wanted].map { entries[$0].value }
        }
        for entry in entries where CELKey(entry.key) == wanted { return entry.value }
        return nil
    }

    /// The value of a string key.
    public subscript(name name: String) -> CELValue? {
        if entries.count > CELMap.searchedSize {
            return index[.string(CodePoints(name))].map { entries[$0].value }
        }
        for entry in entries {
            if case .string(let key) = entry.key, sameText(key, name) { return entry.value }
        }
        return nil
    }
}

/// A string that is compared and hashed by its bytes; Swift's own comparison unites canonically equivalent strings.
struct CodePoints: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: CodePoints, right: CodePoints) -> Bool {
        sameText(left.text, right.text)
    }

    func hash(into hasher: inout Hasher) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if done == nil { hasher.combine(bytes: Array(text.utf8)) }
    }
}

extension Hasher {
    fileprivate mutating func combine(bytes: [UInt8]) {
        bytes.withUnsafeBytes { combine(bytes: $0) }
    }
}

/// A map key in canonical form: numbers that are equal have one form.
enum CELKey: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    /// Only values past `Int64.max`.
    case uint(UInt64)
    case string(CodePoints)

    /// The form for a look-up; nil where no key can equal the value.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = CELKey(unsigned: value)
        case .double(let value):
            if let whole = Int64(exactly: value) {
                self = .int(whole)
            } else if let whole = UInt64(exactly: value) {
                self = CELKey(unsigned: whole)
            } else {
                return nil
            }
        case .string(let value): self = .string(CodePoints(value))
        default: return nil
        }
    }

    /// The form for a map literal's key; doubles are no keys.
    init?(literal value: CELValue) {
        if case .double = value { return nil }
        self.init(value)
    }

    private init(unsigned value: UInt64) {
        self = value <= UInt64(Int64.max) ? .int(Int64(value)) : .uint(value)
    }
}
