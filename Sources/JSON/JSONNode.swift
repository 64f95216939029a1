import CJansson

/// A view of one value in a `JSONDocument`.
///
/// A node owns nothing: it is a pointer into the document, valid only inside the `withRoot` call that it came from. Every
/// accessor answers nil (or nothing) where the value is of another kind, so that a reader checks and reads in one step.
public struct JSONNode {
    let pointer: UnsafeMutablePointer<json_t>

    /// The kinds of JSON value; numbers with a fraction or an exponent are `double`.
    public enum Kind: Int32, Hashable, Sendable {
        case object = 0
        case array
        case string
        case int
        case double
        case `true`
        case `false`
        case null
    }

    /// What the value is.
    public var kind: Kind { Kind(rawValue: switchyard_json_kind(pointer)) ?? .null }

    /// Whether the value is `null`.
    public var isNull: Bool { kind == .null }

    /// The whole number, or nil.
    public var int: Int? { kind == .int ? Int(json_integer_value(pointer)) : nil }

    /// The whole number where it fits in 32 bits, or nil.
    public var int32: Int32? { int.flatMap { Int32(exactly: $0) } }

    /// The number, whole or not, or nil.
    public var double: Double? {
        switch kind {
        case .int: Double(json_integer_value(pointer))
        case .double: json_real_value(pointer)
        default: nil
        }
    }

    /// The boolean, or nil.
    public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The text, or nil.
    public var string: String? { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    /// Runs `body` with the bytes of a string, without a copy; nil where this is not a string.
    public func withUTF8<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R? {
        guard kind == .string, let start = json_string_value(pointer) else { return nil }
        let length = json_string_length(pointer)
        return try start.withMemoryRebound(to: UInt8.self, capacity: length) {
            try body(UnsafeBufferPointer(start: $0, count: length))
        }
    }

    /// Whether the value is exactly this string; no copy is made.
    public func equals(_ text: StaticString) -> Bool {
        withUTF8 { bytes in
            bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        } ?? false
    }

    /// The number of items of an array or of fields of an object; 0 for anything else.
    public var count: Int {
        switch kind {
        case .array: json_array_size(pointer)
        case .object: json_object_size(pointer)
        default: 0
        }
    }

    /// The item of an array at an index; nil where this is not an array or the index is out of range.
    ///
    /// - Complexity: O(1).
    public subscript(index: Int) -> JSONNode? {
        guard kind == .array, index >= 0 else { return nil }
        return json_array_get(pointer, index).map { JSONNode(pointer: $0) }
    }

    /// Appends the items of an array of whole numbers; false, with nothing said of what was appended, for anything else.
    ///
    /// - Complexity: O(items), without a look at each through a node of its own.
    public func appendIntegers(to numbers: inout [Int]) -> Bool {
        guard kind == .array else { return false }
        let count = json_array_size(pointer)
        numbers.reserveCapacity(numbers.count + count)
        for index in 0..<count {
            guard let item = json_array_get(pointer, index), switchyard_json_kind(item) == Kind.int.rawValue else {
                return false
            }
            numbers.append(Int(json_integer_value(item)))
        }
        return true
    }

    /// The value under a key of an object; nil where this is not an object or has no such key.
    ///
    /// - Complexity: O(1), about 10 ns.
    public subscript(key: StaticString) -> JSONNode? {
        key.utf8Start.withMemoryRebound(to: CChar.self, capacity: key.utf8CodeUnitCount) { start in
            json_object_getn(pointer, start, key.utf8CodeUnitCount).map { JSONNode(pointer: $0) }
        }
    }

    /// The value under a key that is known only at run time.
    public func value(forKey key: String) -> JSONNode? {
        json_object_getn(pointer, key, key.utf8.count).map { JSONNode(pointer: $0) }
    }
}

extension JSONNode {
    /// The items of an array in order; empty for anything else.
    public var items: Items { Items(array: self) }

    /// The fields of an object in the order of the text; empty for anything else.
    public var fields: Fields { Fields(object: self) }

    /// The items of an array.
    public struct Items: Sequence, IteratorProtocol {
        private let array: JSONNode
        private var index = 0
        private let count: Int

        init(array: JSONNode) {
            self.array = array
            self.count = array.kind == .array ? array.count : 0
        }

        /// The next item, or nil after the last.
        public mutating func next() -> JSONNode? {
            guard index < count else { return nil }
            defer { index += 1 }
            return array[index]
        }
    }

    /// The fields of an object.
    public struct Fields: Sequence, IteratorProtocol {
        private let object: JSONNode
        private var position: UnsafeMutableRawPointer?

        init(object: JSONNode) {
            self.object = object
            // For anything but an object jansson answers no position.
            self.position = json_object_iter(object.pointer)
        }

        /// The next field, or nil after the last.
        public mutating func next() -> (key: String, value: JSONNode)? {
            guard let position, let key = json_object_iter_key(position), let value = json_object_iter_value(position)
            else { return nil }
            self.position = json_object_iter_next(object.pointer, position)
            let length = json_object_iter_key_len(position)
            let text = key.withMemoryRebound(to: UInt8.self, capacity: length) {
                String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
            }
            return (text, JSONNode(pointer: value))
        }
    }
}
