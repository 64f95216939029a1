/// A tree of plain data, as JSON and YAML both carry it.
///
/// Readers of manifests and of protocol messages produce it, and the types of this module decode themselves from it, so
/// that a pod means the same wherever it came from. An object keeps the order of its keys.
public enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([Value])
    case object([Field])

    /// One key of an object with its value.
    public struct Field: Hashable, Sendable {
        /// The key as it stood in the source.
        public var key: String
        /// The value under the key.
        public var value: Value

        /// Pairs a key with a value.
        public init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// The value under `key` of an object; nil where this is not an object or has no such key.
    ///
    /// - Complexity: O(keys); the objects of a manifest are short, and a scan beats hashing there.
    public subscript(key: String) -> Value? {
        guard case .object(let fields) = self else { return nil }
        for field in fields where field.key == key { return field.value }
        return nil
    }

    /// The value at a path of keys and indices, or nil where there is none.
    public subscript(path: FieldPath) -> Value? {
        var current = self
        for element in path.elements {
            switch (element, current) {
            case (.key(let key), .object):
                guard let next = current[key] else { return nil }
                current = next
            case (.index(let index), .array(let items)) where items.indices.contains(index):
                current = items[index]
            default:
                return nil
            }
        }
        return current
    }

    /// What the value is, in words for an error message: `a string "x"`, `a list of 3`.
    public var summary: String {
        switch self {
        case .null: "null"
        case .bool(let value): "the boolean \(value)"
        case .int(let value): "the number \(value)"
        case .double(let value): "the number \(value)"
        case .string(let text): "the string \"\(Value.shortened(text))\""
        case .array(let items): items.isEmpty ? "an empty list" : "a list of \(items.count)"
        case .object(let fields): fields.isEmpty ? "an empty mapping" : "a mapping of \(fields.count)"
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(57) + "..."
    }
}

extension Value {
    /// An object of string to string, sorted by key, so that the same labels always read the same.
    public static func strings(_ values: [String: String]) -> Value {
        .object(values.sorted { $0.key < $1.key }.map { Field($0.key, .string($0.value)) })
    }

    /// A list of strings.
    public static func strings(_ values: [String]) -> Value {
        .array(values.map { .string($0) })
    }
}

/// Collects the fields of an object, leaving out those that have nothing to say.
public struct ObjectBuilder {
    /// The fields so far, in order.
    public private(set) var fields: [Value.Field] = []

    /// Starts an empty object.
    public init() {}

    /// Adds a field; nil adds nothing.
    public mutating func add(_ key: String, _ value: Value?) {
        if let value { fields.append(Value.Field(key, value)) }
    }

    /// Adds a string field; nil and the empty string add nothing.
    public mutating func add(_ key: String, _ text: String?) {
        if let text, !text.isEmpty { fields.append(Value.Field(key, .string(text))) }
    }

    /// Adds a mapping of strings unless it is empty.
    public mutating func add(_ key: String, _ values: [String: String]) {
        if !values.isEmpty { fields.append(Value.Field(key, .strings(values))) }
    }

    /// Adds a list unless it is empty.
    public mutating func add<T>(_ key: String, _ items: [T], _ encode: (T) -> Value) {
        if !items.isEmpty { fields.append(Value.Field(key, .array(items.map(encode)))) }
    }

    /// The object built.
    public var value: Value { .object(fields) }
}
