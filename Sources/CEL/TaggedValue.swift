/// A value together with the name of its type, as conformance files and command lines write it: `{"int": "1"}`.
///
/// A neutral tree, so that reading and writing JSON stays outside this library.
public indirect enum TaggedValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// Decimal digits.
    case int(String)
    case uint(String)
    /// A number, or `nan`, `inf`, `-inf`.
    case double(String)
    case string(String)
    /// Base64.
    case bytes(String)
    case list([TaggedValue])
    case map([(key: TaggedValue, value: TaggedValue)])
    case type(String)
    /// RFC 3339.
    case timestamp(String)
    /// Seconds: `1.5s`.
    case duration(String)

    /// The same in type and value; maps in any order.
    public static func == (left: TaggedValue, right: TaggedValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)), (.uint(let left), .uint(let right)),
            (.string(let left), .string(let right)), (.bytes(let left), .bytes(let right)),
            (.type(let left), .type(let right)), (.timestamp(let left), .timestamp(let right)),
            (.duration(let left), .duration(let right)):
            sameText(left, right)
        case (.double(let left), .double(let right)): TaggedValue.sameDouble(left, right)
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)):
            left.count == right.count
                && left.allSatisfy { entry in
                    right.contains { $0.key == entry.key && $0.value == entry.value }
                }
        default: false
        }
    }

    /// Equal bits, so that −0 differs from 0; all NaN are the same.
    private static func sameDouble(_ left: String, _ right: String) -> Bool {
        guard let left = Double(left), let right = Double(right) else { return left == right }
        return left.isNaN ? right.isNaN : left.bitPattern == right.bitPattern
    }

    /// Why a value has no tagged form.
    public enum Obstacle: Error, Equatable, CustomStringConvertible {
        /// A value of this type has none: optionals, and the types of libraries.
        case type(String)
        /// Written out, the value's parts or texts would be too many.
        case size

        /// The reason, for people.
        public var description: String {
            switch self {
            case .type(let name): "a value of type \(name) has no form in JSON"
            case .size:
                "written out, the result is larger than \(CELLimits.writtenParts) parts or \(CELLimits.writtenBytes) bytes"
            }
        }
    }

    /// What may still be written: shared parts count as often as they stand, so that a small value may be huge.
    private struct Budget {
        var parts = CELLimits.writtenParts
        var bytes = CELLimits.writtenBytes

        mutating func spend(bytes count: Int) throws(Obstacle) {
            parts -= 1
            bytes -= count
            if parts < 0 || bytes < 0 { throw .size }
        }
    }

    /// The tagged form; nil where the value has none.
    public init?(_ value: CELValue) {
        do throws(Obstacle) { try self.init(writing: value) } catch { return nil }
    }

    /// The tagged form, or why there is none.
    public init(writing value: CELValue) throws(Obstacle) {
        var budget = Budget()
        self = try TaggedValue.tag(value, &budget)
    }

    private static func tag(_ value: CELValue, _ budget: inout Budget) throws(Obstacle) -> TaggedValue {
        try budget.spend(bytes: value.textBytes)
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(String(value))
        case .uint(let value): return .uint(String(value))
        case .double(let value):
            if value.isNaN { return .double("nan") }
            return .double(value.isInfinite ? (value < 0 ? "-inf" : "inf") : value.description)
        case .string(let value): return .string(value)
        case .bytes(let value): return .bytes(Base64.encode(value))
        case .list(let list):
            var elements = [TaggedValue]()
            for index in 0..<list.count { elements.append(try tag(list[index], &budget)) }
            return .list(elements)
        case .map, .object:
            var entries = [(key: TaggedValue, value: TaggedValue)]()
            for key in value.keys {
                let entry = value.entry(key) ?? .null
                entries.append((try tag(key, &budget), try tag(entry, &budget)))
            }
            return .map(entries)
        case .timestamp(let value): return .timestamp(value.description)
        case .duration(let value): return .duration(value.description)
        case .type(let name): return .type(name)
        case .optional, .opaque: throw .type(value.typeName)
        }
    }

    /// The value; nil where a text is malformed, a key is no key, or the nesting is too deep.
    public var value: CELValue? { value(depth: CELLimits().valueDepth) }

    private func value(depth: Int) -> CELValue? {
        if depth <= 0 { return nil }
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let text): return Int64(text).map { .int($0) }
        case .uint(let text): return UInt64(text).map { .uint($0) }
        case .double(let text): return Double(text).map { .double($0) }
        case .string(let text): return .string(text)
        case .bytes(let text): return Base64.decode(text).map { .bytes($0) }
        case .list(let elements):
            var values = [CELValue]()
            for element in elements {
                guard let value = element.value(depth: depth - 1) else { return nil }
                values.append(value)
            }
            return .list(CELList(values))
        case .map(let entries):
            var values = [(key: CELValue, value: CELValue)]()
            for entry in entries {
                guard let key = entry.key.value(depth: depth - 1),
                    let value = entry.value.value(depth: depth - 1)
                else { return nil }
                values.append((key, value))
            }
            return CELMap(checking: values).map { .map($0) }
        case .type(let name): return .type(name)
        case .timestamp(let text): return CELTimestamp(text).map { .timestamp($0) }
        case .duration(let text): return CELDuration(text).map { .duration($0) }
        }
    }
}

extension CELValue {
    /// Bytes that the value's own text takes when it is written; what has none of a length of its own counts nothing.
    fileprivate var textBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): (bytes.count + 2) / 3 * 4
        default: 0
        }
    }
}
