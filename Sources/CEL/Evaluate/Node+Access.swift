/// `operand.field`.
final class SelectNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node
    private let key: CELFieldKey
    private let cost: Int

    init(_ operand: Node, _ key: CELFieldKey, offset: Int) {
        self.operand = operand
        self.key = key
        cost = key.lookUpCost
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(cost)
        let value = try operand.evaluate(&frame)
        switch value {
        case .object(let object):
            if let field = object.field(key) { return field }
        case .map(let map):
            if let field = map[name: key.name] { return field }
        case .optional(let optional):
            guard let inner = optional.value else { return value }
            return .optional(CELOptional(try Access.field(inner, key, offset)))
        default:
            throw Access.noFields(value, key.name, offset)
        }
        throw Failure(.noSuchKey, "no such key: '\(key.name)'", offset: offset)
    }
}

/// `operand.?field`.
final class OptionalSelectNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node
    private let key: CELFieldKey
    private let cost: Int

    init(_ operand: Node, _ key: CELFieldKey, offset: Int) {
        self.operand = operand
        self.key = key
        cost = key.lookUpCost
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(cost)
        let value = try operand.evaluate(&frame)
        guard case .optional(let optional) = value else {
            return .optional(CELOptional(try Access.field(value, key, offset)))
        }
        guard let inner = optional.value else { return value }
        return .optional(CELOptional(try Access.field(inner, key, offset)))
    }
}

/// `has(operand.field)`.
final class PresenceNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node
    private let key: CELFieldKey
    private let cost: Int

    init(_ operand: Node, _ key: CELFieldKey, offset: Int) {
        self.operand = operand
        self.key = key
        cost = key.lookUpCost
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(cost)
        let value = try operand.evaluate(&frame)
        guard case .optional(let optional) = value else { return try Access.field(value, key, offset) != nil }
        guard let inner = optional.value else { return false }
        return try Access.field(inner, key, offset) != nil
    }
}

/// `operand[index]` and `operand[?index]`.
final class IndexNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node
    private let index: Node
    private let isOptional: Bool

    init(_ operand: Node, _ index: Node, isOptional: Bool, offset: Int) {
        self.operand = operand
        self.index = index
        self.isOptional = isOptional
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let value = try operand.evaluate(&frame)
        let key = try index.evaluate(&frame)
        try frame.charge(key: key)
        if case .optional(let optional) = value {
            guard let inner = optional.value else { return value }
            return .optional(CELOptional(try Access.element(inner, key, offset)))
        }
        let found = try Access.element(value, key, offset)
        if isOptional { return .optional(CELOptional(found)) }
        if let found { return found }
        if case .list(let list) = value {
            throw Failure(.invalidValue, "index out of bounds: the list has \(list.count) elements", offset: offset)
        }
        throw Failure(.noSuchKey, "no such key: \(Access.describe(key))", offset: offset)
    }
}

/// `operand[key]` where the key is a constant string: labels and annotations.
final class TextIndexNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node
    private let key: CELFieldKey
    private let cost: Int

    init(_ operand: Node, _ key: CELFieldKey, offset: Int) {
        self.operand = operand
        self.key = key
        cost = key.lookUpCost
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(cost)
        let value = try operand.evaluate(&frame)
        if case .object(let object) = value, let found = object.field(key) { return found }
        if case .optional(let optional) = value {
            guard let inner = optional.value else { return value }
            return .optional(CELOptional(try Access.element(inner, .string(key.name), offset)))
        }
        if let found = try Access.element(value, .string(key.name), offset) { return found }
        throw Failure(.noSuchKey, "no such key: '\(key.name)'", offset: offset)
    }
}

/// `variable.field.field['key']`: a path of plain fields from a variable, which a host's object may find at once.
final class PathNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    let path: CELPath
    private let cost: Int
    /// The same, field by field: the meaning of the path, wherever there is no short cut.
    private let fieldByField: Node

    /// The path that goes one field beyond `operand`; nil where that is neither a variable nor a path itself.
    init?(_ operand: Node, _ key: CELFieldKey, fieldByField: Node) {
        switch operand {
        case let variable as VariableNode: path = CELPath(slot: variable.slot, fields: [key])
        case let shorter as PathNode: path = CELPath(slot: shorter.path.slot, fields: shorter.path.fields + [key])
        default: return nil
        }
        cost = path.fields.reduce(1) { $0 + $1.lookUpCost }
        self.fieldByField = fieldByField
        super.init(offset: fieldByField.offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        if case .object(let object)? = frame.variables[path.slot], let value = object.value(at: path.fields) {
            try frame.charge(cost)
            return value
        }
        return try fieldByField.evaluate(&frame)
    }
}

extension CELFieldKey {
    /// What one look-up of the field costs.
    fileprivate var lookUpCost: Int { 1 + Frame.lookUpCost(name) }
}

/// What selections and indexes share.
enum Access {
    /// The field of a map or an object; nil where it is absent.
    static func field(_ value: CELValue, _ key: CELFieldKey, _ offset: Int) throws(Failure) -> CELValue? {
        switch value {
        case .object(let object): return object.field(key)
        case .map(let map): return map[name: key.name]
        default: throw noFields(value, key.name, offset)
        }
    }

    /// The element of a list, a map or an object; nil where it is absent.
    static func element(_ value: CELValue, _ key: CELValue, _ offset: Int) throws(Failure) -> CELValue? {
        switch value {
        case .list(let list):
            guard let position = position(key) else {
                throw Failure.noOverload("_[_]", value, key).located(offset)
            }
            return position >= 0 && position < list.count ? list[position] : nil
        case .map, .object:
            switch key {
            case .bool, .int, .uint, .double, .string: return value.entry(key)
            default: throw Failure.noOverload("_[_]", value, key).located(offset)
            }
        default:
            throw Failure.noOverload("_[_]", value, key).located(offset)
        }
    }

    /// A list's index: an int, or another number that equals one. −1 where it is past every list.
    private static func position(_ key: CELValue) -> Int? {
        switch key {
        case .int(let value): Int(value)
        case .uint(let value): Int(exactly: value) ?? -1
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    static func noFields(_ value: CELValue, _ name: String, _ offset: Int) -> Failure {
        Failure(.noSuchOverload, "a value of type \(value.typeName) has no field '\(name)'", offset: offset)
    }

    /// A key as a message shows it.
    static func describe(_ key: CELValue) -> String {
        switch key {
        case .string(let value): "'\(value)'"
        case .int(let value): String(value)
        case .uint(let value): "\(value)u"
        case .double(let value): String(value)
        case .bool(let value): String(value)
        default: key.typeName
        }
    }
}
