import CEL
import ClusterModel

extension TaggedValue {
    /// Reads `{"int": "1"}`: an object with one key, the type, as conformance files write values.
    public init(_ value: Value) throws(FieldError) {
        guard case .object(let fields) = value, fields.count == 1, let field = fields.first else {
            throw FieldError(expected: "an object with one key, the value's type", found: value.summary)
        }
        do { self = try TaggedValue.read(field) } catch { throw error.inside(.key(field.key)) }
    }

    private static func read(_ field: Value.Field) throws(FieldError) -> TaggedValue {
        let content = field.value
        switch field.key {
        case "null": return .null
        case "bool": return .bool(try content.decodeBool())
        case "int": return .int(try content.decodeString())
        case "uint": return .uint(try content.decodeString())
        case "double": return .double(try content.decodeString())
        case "string": return .string(try content.decodeString())
        case "bytes": return .bytes(try content.decodeString())
        case "type": return .type(try content.decodeString())
        case "timestamp": return .timestamp(try content.decodeString())
        case "duration": return .duration(try content.decodeString())
        case "list": return .list(try content.decodeList(TaggedValue.init))
        case "map":
            let pairs = try content.decodeList { item throws(FieldError) in
                let pair = try item.decodeList(TaggedValue.init)
                guard pair.count == 2 else {
                    throw FieldError(expected: "a key and its value", found: item.summary)
                }
                return pair
            }
            return .map(pairs.map { (key: $0[0], value: $0[1]) })
        default:
            throw FieldError(
                expected: "null, bool, int, uint, double, string, bytes, list, map, type, timestamp or duration",
                found: "\"\(field.key)\"")
        }
    }

    /// The value as an object with one key, its type.
    public var json: Value {
        switch self {
        case .null: TaggedValue.tagged("null", .null)
        case .bool(let flag): TaggedValue.tagged("bool", .bool(flag))
        case .int(let text): TaggedValue.tagged("int", .string(text))
        case .uint(let text): TaggedValue.tagged("uint", .string(text))
        case .double(let text): TaggedValue.tagged("double", .string(text))
        case .string(let text): TaggedValue.tagged("string", .string(text))
        case .bytes(let text): TaggedValue.tagged("bytes", .string(text))
        case .list(let items): TaggedValue.tagged("list", .array(items.map(\.json)))
        case .map(let entries):
            TaggedValue.tagged("map", .array(entries.map { .array([$0.key.json, $0.value.json]) }))
        case .type(let name): TaggedValue.tagged("type", .string(name))
        case .timestamp(let text): TaggedValue.tagged("timestamp", .string(text))
        case .duration(let text): TaggedValue.tagged("duration", .string(text))
        }
    }

    private static func tagged(_ type: String, _ content: Value) -> Value { .object([.init(type, content)]) }
}
