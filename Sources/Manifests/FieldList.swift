import ClusterModel

/// The fields of a mapping while it is read: every key once.
///
/// Keys differ if their bytes do. Of few keys a scan is cheapest; of many it would cost the square of their number.
struct FieldList {
    private static let few = 16

    /// The fields so far.
    private(set) var fields: [Value.Field] = []
    /// Keys whose values nobody asked for.
    private var dropped: [String] = []
    private var table: Set<[UInt8]> = []

    /// Whether a key is new; it is to be added or dropped next.
    mutating func isNew(_ key: String) -> Bool {
        let count = fields.count + dropped.count
        guard count >= FieldList.few else {
            for field in fields where FieldList.same(field.key, key) { return false }
            for other in dropped where FieldList.same(other, key) { return false }
            return true
        }
        if table.isEmpty { table = Set(fields.map { Array($0.key.utf8) } + dropped.map { Array($0.utf8) }) }
        return table.insert(Array(key.utf8)).inserted
    }

    /// Adds a field with a new key.
    mutating func add(_ key: String, _ value: Value) { fields.append(Value.Field(key, value)) }

    /// Notes a new key without its value.
    mutating func drop(_ key: String) { dropped.append(key) }

    /// Adds fields of which some keys may be there already; those that are there stay as they are.
    mutating func addMissing(_ others: [Value.Field]) {
        for field in others where isNew(field.key) { fields.append(field) }
    }

    /// Whether two keys have the same bytes; what Swift takes for the same text may be written in several ways.
    private static func same(_ first: String, _ second: String) -> Bool {
        first == second && first.utf8.elementsEqual(second.utf8)
    }
}

/// The keys of mappings that are passed over: checked to differ like all others, but never made into strings.
struct PassedKeys {
    private static let most = 64
    private var ranges: [Range<Int>] = []

    /// Where the keys of a mapping that begins now will stand; the mapping gives it back at its end.
    var mark: Int { ranges.count }

    /// Takes a key of the mapping that began at `mark`; nil where it has too many for this way of looking.
    mutating func insert(_ key: Range<Int>, after mark: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard ranges.count - mark < PassedKeys.most else { return nil }
        let text = UnsafeBufferPointer(rebasing: bytes[key])
        for other in ranges[mark...] where other.count == key.count {
            if UnsafeBufferPointer(rebasing: bytes[other]).elementsEqual(text) { return false }
        }
        ranges.append(key)
        return true
    }

    /// Forgets the keys of the mapping that began at `mark`.
    mutating func close(_ mark: Int) { ranges.removeSubrange(mark...) }
}
