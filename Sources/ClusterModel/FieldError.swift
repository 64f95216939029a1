/// Where a value stands in its object: `spec.containers[0].image`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    /// One step into an object or a list.
    public enum Element: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    /// The steps from the root, outermost first.
    public var elements: [Element]

    /// A path of the given steps.
    public init(_ elements: [Element] = []) {
        self.elements = elements
    }

    /// A path of keys only.
    public init(_ keys: String...) {
        self.elements = keys.map { .key($0) }
    }

    /// This path with one more key at its end.
    public func appending(_ key: String) -> FieldPath { FieldPath(elements + [.key(key)]) }

    /// This path with one more index at its end.
    public func appending(_ index: Int) -> FieldPath { FieldPath(elements + [.index(index)]) }

    /// The path as Kubernetes writes it; keys that are not plain words stand in brackets.
    public var description: String {
        var text = ""
        for element in elements {
            switch element {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where key.contains(".") || key.contains("/"): text += "[\(key)]"
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            }
        }
        return text
    }
}

/// A field that does not hold what it should: where, what was expected, what was found.
public struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field, from the root of the object that was being read.
    public var path: FieldPath
    /// What may stand there.
    public var expected: String
    /// What stands there.
    public var found: String

    /// An error at a path; decoders start with an empty path, and each level on the way out adds its own step.
    public init(path: FieldPath = FieldPath([]), expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// The same error seen from one level further out.
    public func inside(_ element: FieldPath.Element) -> FieldError {
        var outer = self
        outer.path.elements.insert(element, at: 0)
        return outer
    }

    /// `spec.priority: expected an integer, found the string "high"`.
    public var description: String {
        let place = path.elements.isEmpty ? "" : "\(path): "
        return "\(place)expected \(expected), found \(found)"
    }
}

/// Reads the fields of one object, with errors that name the field.
///
/// A field that is absent and a field that is `null` are the same, as in Kubernetes.
public struct ObjectReader {
    /// The fields of the object.
    public let fields: [Value.Field]

    /// Reads `value`, which must be an object.
    public init(_ value: Value, expected: String = "a mapping") throws(FieldError) {
        guard case .object(let fields) = value else { throw FieldError(expected: expected, found: value.summary) }
        self.fields = fields
    }

    /// The value under `key`, or nil where it is absent or null.
    public func value(_ key: String) -> Value? {
        for field in fields where field.key == key {
            if case .null = field.value { return nil }
            return field.value
        }
        return nil
    }

    /// The value under `key` decoded by `decode`, or nil where it is absent.
    public func optional<T>(_ key: String, _ decode: (Value) throws(FieldError) -> T) throws(FieldError) -> T? {
        guard let value = value(key) else { return nil }
        do { return try decode(value) } catch { throw error.inside(.key(key)) }
    }

    /// The value under `key` decoded by `decode`; an error where it is absent.
    public func required<T>(
        _ key: String, _ expected: String, _ decode: (Value) throws(FieldError) -> T
    ) throws(FieldError) -> T {
        guard let result = try optional(key, decode) else {
            throw FieldError(path: FieldPath(key), expected: expected, found: "nothing")
        }
        return result
    }

    /// The list under `key`, each item decoded by `decode`; an absent list is empty.
    public func list<T>(_ key: String, _ decode: (Value) throws(FieldError) -> T) throws(FieldError) -> [T] {
        try optional(key) { value throws(FieldError) in try value.decodeList(decode) } ?? []
    }

    /// The mapping under `key`, each value decoded by `decode`; an absent mapping is empty.
    public func map<T>(
        _ key: String, _ decode: (Value) throws(FieldError) -> T
    ) throws(FieldError) -> [String: T] {
        try optional(key) { value throws(FieldError) in try value.decodeMap(decode) } ?? [:]
    }

    /// The string under `key`.
    public func string(_ key: String) throws(FieldError) -> String? {
        try optional(key) { value throws(FieldError) in try value.decodeString() }
    }

    /// The whole number under `key`.
    public func int(_ key: String) throws(FieldError) -> Int64? {
        try optional(key) { value throws(FieldError) in try value.decodeInt() }
    }

    /// The whole number under `key`, which must lie in `range`.
    public func int(_ key: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        try optional(key) { value throws(FieldError) in
            let number = try value.decodeInt()
            guard range.contains(number) else {
                let bound = range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range)"
                throw FieldError(expected: "a whole number, \(bound)", found: "\(number)")
            }
            return number
        }
    }

    /// The boolean under `key`.
    public func bool(_ key: String) throws(FieldError) -> Bool? {
        try optional(key) { value throws(FieldError) in try value.decodeBool() }
    }

    /// The mapping of strings under `key`, as labels and annotations are; absent is empty.
    public func strings(_ key: String) throws(FieldError) -> [String: String] {
        try map(key) { value throws(FieldError) in try value.decodeString() }
    }

    /// The list of strings under `key`; absent is empty.
    public func stringList(_ key: String) throws(FieldError) -> [String] {
        try list(key) { value throws(FieldError) in try value.decodeString() }
    }

    /// The value under `key`, which must be one of the cases of a string enumeration.
    public func choice<T: RawRepresentable & CaseIterable>(
        _ key: String, of type: T.Type = T.self
    ) throws(FieldError) -> T? where T.RawValue == String {
        try optional(key) { value throws(FieldError) in
            let text = try value.decodeString()
            guard let result = T(rawValue: text) else {
                let names = T.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw FieldError(expected: "one of \(names)", found: value.summary)
            }
            return result
        }
    }

    /// An object under `key` read by an `ObjectReader`, or nil where it is absent.
    public func object<T>(
        _ key: String, _ decode: (ObjectReader) throws(FieldError) -> T
    ) throws(FieldError) -> T? {
        try optional(key) { value throws(FieldError) in try decode(ObjectReader(value)) }
    }

    /// The list of objects under `key`, each read by an `ObjectReader`; absent is empty.
    public func objects<T>(
        _ key: String, _ decode: (ObjectReader) throws(FieldError) -> T
    ) throws(FieldError) -> [T] {
        try list(key) { value throws(FieldError) in try decode(ObjectReader(value)) }
    }
}

extension Value {
    /// The string held.
    public func decodeString() throws(FieldError) -> String {
        switch self {
        case .string(let text): return text
        case .bool:
            // In YAML a bare n, y, no, yes, on or off is a boolean.
            throw FieldError(expected: "a string", found: "\(summary) (a word such as no or y stands in quotes)")
        default: throw FieldError(expected: "a string", found: summary)
        }
    }

    /// The whole number held.
    public func decodeInt() throws(FieldError) -> Int64 {
        switch self {
        case .int(let number): return number
        case .double(let number):
            if let exact = Int64(exactly: number) { return exact }
            throw FieldError(expected: "a whole number", found: summary)
        default: throw FieldError(expected: "a whole number", found: summary)
        }
    }

    /// The boolean held.
    public func decodeBool() throws(FieldError) -> Bool {
        guard case .bool(let value) = self else { throw FieldError(expected: "true or false", found: summary) }
        return value
    }

    /// The items of a list, each decoded by `decode`.
    public func decodeList<T>(_ decode: (Value) throws(FieldError) -> T) throws(FieldError) -> [T] {
        guard case .array(let items) = self else { throw FieldError(expected: "a list", found: summary) }
        var result: [T] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            do { result.append(try decode(item)) } catch { throw error.inside(.index(index)) }
        }
        return result
    }

    /// The values of a mapping, each decoded by `decode`.
    public func decodeMap<T>(_ decode: (Value) throws(FieldError) -> T) throws(FieldError) -> [String: T] {
        guard case .object(let fields) = self else { throw FieldError(expected: "a mapping", found: summary) }
        var result: [String: T] = [:]
        result.reserveCapacity(fields.count)
        for field in fields {
            do { result[field.key] = try decode(field.value) } catch { throw error.inside(.key(field.key)) }
        }
        return result
    }
}
