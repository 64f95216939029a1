/// The type of an expression, as far as it is known before evaluation.
public indirect enum CELType: Sendable, Equatable {
    /// Anything; what is done with it is checked when it is evaluated.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case timestamp
    case duration
    /// The type of a type.
    case type
    case list(CELType)
    case map(CELType, CELType)
    case optional(CELType)
    /// A library's type.
    case opaque(String)
    /// Host data with known fields.
    case object(CELObjectType)
    /// In signatures: any type, the same wherever the name stands.
    case parameter(String)

    /// Whether two types are the same.
    public static func == (left: CELType, right: CELType) -> Bool {
        switch (left, right) {
        case (.dyn, .dyn), (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
            (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration), (.type, .type):
            true
        case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)): left == right
        case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
            leftKey == rightKey && leftValue == rightValue
        case (.opaque(let left), .opaque(let right)), (.parameter(let left), .parameter(let right)): left == right
        case (.object(let left), .object(let right)): left === right
        default: false
        }
    }
}

/// The fields of a host's data, for finding misspelt fields before evaluation.
public final class CELObjectType: Sendable {
    /// The name shown in messages.
    public let name: String
    private let fields: [String: @Sendable () -> CELType]

    /// A type with the given fields. They are given lazily, so that types may refer to one another.
    public init(_ name: String, fields: [String: @Sendable () -> CELType]) {
        self.name = name
        self.fields = fields
    }

    /// The type of a field; nil where there is none of that name.
    public func type(of field: String) -> CELType? {
        fields[field].map { $0() }
    }

    /// The names of all fields, sorted.
    public var fieldNames: [String] { fields.keys.sorted() }
}

extension CELType: CustomStringConvertible {
    /// The type as an expression writes it.
    public var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .type: "type"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .optional(let value): "optional_type(\(value))"
        case .opaque(let name): name
        case .object(let type): type.name
        case .parameter(let name): name
        }
    }
}

extension CELType {
    /// Whether a value of the type may be a map's key.
    var isKey: Bool {
        switch self {
        case .bool, .int, .uint, .string, .dyn: true
        default: false
        }
    }
}

/// Types bound to the parameters of one signature.
struct TypeBindings {
    private var bound: [String: CELType] = [:]

    /// Whether an argument's type fits a parameter's, binding type parameters on the way.
    mutating func accept(_ argument: CELType, as parameter: CELType) -> Bool {
        if case .parameter(let name) = parameter {
            guard let known = bound[name] else {
                bound[name] = argument
                return true
            }
            guard TypeBindings.compatible(known, argument) else { return false }
            bound[name] = TypeBindings.join(known, argument)
            return true
        }
        switch (argument, parameter) {
        case (.list(let argument), .list(let parameter)), (.optional(let argument), .optional(let parameter)):
            return accept(argument, as: parameter)
        case (.map(let argumentKey, let argumentValue), .map(let key, let value)):
            return accept(argumentKey, as: key) && accept(argumentValue, as: value)
        // Host data reads as a map with string keys.
        case (.object, .map(let key, let value)):
            return accept(.string, as: key) && accept(.dyn, as: value)
        case (.dyn, _):
            return true
        default:
            return TypeBindings.compatible(argument, parameter)
        }
    }

    /// A result type with its parameters replaced; unbound ones are dynamic.
    func substitute(_ type: CELType) -> CELType {
        switch type {
        case .parameter(let name): bound[name] ?? .dyn
        case .list(let element): .list(substitute(element))
        case .optional(let value): .optional(substitute(value))
        case .map(let key, let value): .map(substitute(key), substitute(value))
        default: type
        }
    }

    /// Whether a value may have both types.
    static func compatible(_ left: CELType, _ right: CELType) -> Bool {
        switch (left, right) {
        case (.dyn, _), (_, .dyn): true
        case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)): compatible(left, right)
        case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
            compatible(leftKey, rightKey) && compatible(leftValue, rightValue)
        case (.null, .object), (.object, .null), (.null, .opaque), (.opaque, .null), (.null, .timestamp),
            (.timestamp, .null), (.null, .duration), (.duration, .null), (.null, .optional), (.optional, .null):
            true
        case (.object, .object): true
        case (.object, .map(let key, _)), (.map(let key, _), .object): compatible(key, .string)
        default: left == right
        }
    }

    /// The type of a value that is of one type or the other.
    static func join(_ left: CELType, _ right: CELType) -> CELType {
        if left == right { return left }
        switch (left, right) {
        case (.list(let left), .list(let right)): return .list(join(left, right))
        case (.optional(let left), .optional(let right)): return .optional(join(left, right))
        case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
            return .map(join(leftKey, rightKey), join(leftValue, rightValue))
        default: return .dyn
        }
    }
}
