import ClusterModel

extension Value {
    /// Copies a tree out of its document.
    public init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .int: self = .int(Int64(node.int ?? 0))
        case .double: self = .double(node.double ?? 0)
        case .string: self = .string(node.string ?? "")
        case .array:
            var items: [Value] = []
            items.reserveCapacity(node.count)
            for item in node.items { items.append(Value(item)) }
            self = .array(items)
        case .object:
            var fields: [Field] = []
            fields.reserveCapacity(node.count)
            for (key, value) in node.fields { fields.append(Field(key, Value(value))) }
            self = .object(fields)
        }
    }

    /// Parses a whole JSON text.
    public init(json bytes: UnsafeRawBufferPointer) throws(JSONError) {
        self = try JSONDocument(bytes).withRoot { Value($0) }
    }

    /// Parses a whole JSON text.
    ///
    /// - Parameter allowsNUL: whether strings, though never keys, may hold `\u0000`.
    public init(json bytes: [UInt8], allowsNUL: Bool = false) throws(JSONError) {
        self = try JSONDocument(bytes, allowsNUL: allowsNUL).withRoot { Value($0) }
    }

    /// Parses a whole JSON text.
    public init(json text: String) throws(JSONError) {
        self = try JSONDocument(text).withRoot { Value($0) }
    }

    /// The value as JSON on one line, without a newline at its end.
    public var json: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The value as JSON for people: one field or item a line, two spaces a level, no newline at the end.
    public var prettyJSON: String {
        var writer = JSONWriter(pretty: true)
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
