/// A value of the expression language, as an expression sees it.
///
/// The payload of every case is at most two words, so that a value travels in registers. Host data (a pod, a map of
/// labels) is not converted: it is wrapped as `.object` or in a `CELList` and asked for a field when one is needed.
public enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    /// A sequence of Unicode code points; compared by code point, never normalised.
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    /// Data of the host that is read field by field.
    case object(any CELObject)
    case timestamp(CELTimestamp)
    case duration(CELDuration)
    /// A type as a value, by its name (`int`, `google.protobuf.Timestamp`).
    case type(String)
    case optional(CELOptional)
    /// A value of a library type (`net.IP`, `kubernetes.Quantity`).
    case opaque(any CELOpaque)
}

/// An optional value: present or absent. Absence differs from null.
public final class CELOptional: Sendable {
    /// The value, if there is one.
    public let value: CELValue?
    let depth: Int

    /// The absent value.
    public static let none = CELOptional(nil)

    /// Wraps a value, or absence.
    public init(_ value: CELValue?) {
        self.value = value
        depth = 1 + (value?.depth ?? 0)
    }
}

/// A span of time in nanoseconds; about ±292 years.
public struct CELDuration: Sendable, Hashable, Comparable {
    /// The length in billionths of a second.
    public let nanoseconds: Int64

    /// A value of the given parts.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Orders by length.
    public static func < (left: CELDuration, right: CELDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// A value of a type that a library brings and whose inside only that library's functions see.
public protocol CELOpaque: AnyObject, Sendable {
    /// The name that `type(x)` yields.
    var typeName: String { get }
    /// The text that `string(x)` yields; nil where there is no such conversion.
    var text: String? { get }
    /// Equality with another opaque value, of whatever type.
    func isEqual(to other: any CELOpaque) -> Bool
}

extension CELValue {
    /// The name of the value's type, as `type(x)` yields it.
    public var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .object(let object): object.typeName
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .type: "type"
        case .optional: "optional_type"
        case .opaque(let value): value.typeName
        }
    }

    /// How many containers stand inside one another, this one included; 0 for a scalar.
    /// Host data counts as one: the host bounds it.
    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .map(let map): map.depth
        case .optional(let optional): optional.depth
        case .object: 1
        default: 0
        }
    }

    /// Whether the value is the zero of its type, as `optional.ofNonZeroValue` understands it.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string(let value): value.isEmpty
        case .bytes(let value): value.isEmpty
        case .list(let value): value.count == 0
        case .map(let value): value.count == 0
        case .object(let value): value.count == 0
        case .timestamp(let value): value.seconds == 0 && value.nanoseconds == 0
        case .duration(let value): value.nanoseconds == 0
        case .optional(let value): value.value == nil
        case .type, .opaque: false
        }
    }
}

extension CELValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A value of the given parts.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A value of the given parts.
    public init(integerLiteral value: Int64) {
        self = .int(value)
    }

    /// A value of the given parts.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}
