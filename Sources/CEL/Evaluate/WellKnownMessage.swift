/// Messages of `google.protobuf` that are plain values in the language: wrappers and JSON values.
enum WellKnownMessage: String, Sendable, CaseIterable {
    case bool = "google.protobuf.BoolValue"
    case bytes = "google.protobuf.BytesValue"
    case double = "google.protobuf.DoubleValue"
    case float = "google.protobuf.FloatValue"
    case int32 = "google.protobuf.Int32Value"
    case int64 = "google.protobuf.Int64Value"
    case string = "google.protobuf.StringValue"
    case uint32 = "google.protobuf.UInt32Value"
    case uint64 = "google.protobuf.UInt64Value"
    case value = "google.protobuf.Value"
    case list = "google.protobuf.ListValue"
    case structure = "google.protobuf.Struct"
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"

    /// The type of the value that the message is.
    var type: CELType {
        switch self {
        case .bool: .bool
        case .bytes: .bytes
        case .double, .float: .double
        case .int32, .int64: .int
        case .string: .string
        case .uint32, .uint64: .uint
        case .value: .dyn
        case .list: .list(.dyn)
        case .structure: .map(.string, .dyn)
        case .timestamp: .timestamp
        case .duration: .duration
        }
    }

    /// The types of the fields.
    var fields: [String: CELType] {
        switch self {
        case .value:
            [
                "null_value": .dyn, "number_value": .double, "string_value": .string, "bool_value": .bool,
                "struct_value": .dyn, "list_value": .dyn,
            ]
        case .list: ["values": .list(.dyn)]
        case .structure: ["fields": .map(.string, .dyn)]
        case .timestamp, .duration: ["seconds": .int, "nanos": .int]
        default: ["value": type]
        }
    }

    /// The value of the message with the given fields.
    func value(of fields: [(name: String, value: CELValue)]) throws(Failure) -> CELValue {
        let types = self.fields
        for field in fields {
            guard let type = types[field.name] else {
                throw Failure(.noSuchKey, "\(rawValue) has no field '\(field.name)'")
            }
            guard field.value.mayBe(type) else {
                throw Failure(.noSuchOverload, "\(rawValue).\(field.name) is \(type), not \(field.value.typeName)")
            }
        }
        switch self {
        case .timestamp:
            let instant = CELTimestamp(seconds: integer("seconds", fields), nanoseconds: integer("nanos", fields))
            guard let instant else { throw Arithmetic.overflow("timestamp") }
            return .timestamp(instant)
        case .duration:
            let (product, over) = integer("seconds", fields).multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, overSum) = product.addingReportingOverflow(integer("nanos", fields))
            if over || overSum { throw Arithmetic.overflow("duration") }
            return .duration(CELDuration(nanoseconds: sum))
        default: break
        }
        guard let field = fields.last else { return zero }
        return try converted(field.value, field.name)
    }

    private func integer(_ name: String, _ fields: [(name: String, value: CELValue)]) -> Int64 {
        for field in fields where field.name == name {
            if case .int(let value) = field.value { return value }
        }
        return 0
    }

    private var zero: CELValue {
        switch self {
        case .bool: .bool(false)
        case .bytes: .bytes([])
        case .double, .float: .double(0)
        case .int32, .int64: .int(0)
        case .string: .string("")
        case .uint32, .uint64: .uint(0)
        case .list: .list(CELList([]))
        case .structure: .map(.empty)
        case .value, .timestamp, .duration: .null
        }
    }

    private func converted(_ value: CELValue, _ field: String) throws(Failure) -> CELValue {
        switch (self, value) {
        case (.int32, .int(let number)) where Int32(exactly: number) == nil: throw Arithmetic.overflow("int32")
        case (.uint32, .uint(let number)) where UInt32(exactly: number) == nil: throw Arithmetic.overflow("uint32")
        case (.float, .double(let number)): return .double(Double(Float(number)))
        case (.structure, .map(let map)):
            for entry in map.entries {
                guard case .string = entry.key else { throw .invalid("a Struct's keys are strings") }
            }
            return value
        case (.value, _): return try json(value, field)
        default: return value
        }
    }

    private func json(_ value: CELValue, _ field: String) throws(Failure) -> CELValue {
        switch (field, value) {
        case ("null_value", .null), ("null_value", .int(0)): return .null
        case ("struct_value", .map), ("list_value", .list), ("number_value", _), ("string_value", _),
            ("bool_value", _):
            return value
        default: throw Failure.noOverload("google.protobuf.Value." + field, value)
        }
    }
}
