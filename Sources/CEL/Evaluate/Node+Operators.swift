/// `==` and `!=`.
final class EqualNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let left: Node
    private let right: Node
    private let wanted: Bool

    init(_ left: Node, _ right: Node, wanted: Bool, offset: Int) {
        self.left = left
        self.right = right
        self.wanted = wanted
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        let leftValue = try left.evaluate(&frame)
        let rightValue = try right.evaluate(&frame)
        return try frame.equal(leftValue, rightValue) == wanted
    }
}

/// `==` and `!=` with a constant string, the most common comparison of all.
final class EqualTextNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    let operand: Node
    let text: String
    let wanted: Bool

    init(_ operand: Node, _ text: String, wanted: Bool, offset: Int) {
        self.operand = operand
        self.text = text
        self.wanted = wanted
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        guard case .string(let value) = try operand.evaluate(&frame) else { return !wanted }
        // Texts of different lengths differ without being read.
        if value.utf8.count == text.utf8.count { try frame.charge(text.utf8.count >> 6) }
        return sameText(value, text) == wanted
    }
}

/// `<`, `<=`, `>` and `>=`.
final class OrderNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let left: Node
    private let right: Node
    private let operation: BinaryOperator

    init(_ left: Node, _ right: Node, _ operation: BinaryOperator, offset: Int) {
        self.left = left
        self.right = right
        self.operation = operation
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        let leftValue = try left.evaluate(&frame)
        let rightValue = try right.evaluate(&frame)
        try frame.charge(comparing: leftValue, rightValue)
        switch CELValue.order(leftValue, rightValue) {
        case .less: return operation == .less || operation == .lessOrEqual
        case .equal: return operation == .lessOrEqual || operation == .greaterOrEqual
        case .greater: return operation == .greater || operation == .greaterOrEqual
        case .unordered: return false
        case .incomparable: throw Failure.noOverload(operation.rawValue, leftValue, rightValue).located(offset)
        }
    }
}

/// `in`.
final class InsideNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    let element: Node
    let container: Node

    init(_ element: Node, _ container: Node, offset: Int) {
        self.element = element
        self.container = container
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        let wanted = try element.evaluate(&frame)
        let container = try container.evaluate(&frame)
        switch container {
        case .list(let list):
            for index in 0..<list.count {
                try frame.charge(1)
                if try frame.equal(list[index], wanted) { return true }
            }
            return false
        case .map, .object:
            try frame.charge(key: wanted)
            return container.entry(wanted) != nil
        default: throw Failure.noOverload("@in", wanted, container).located(offset)
        }
    }
}

/// `in` over a constant list of keys: one hash look-up.
final class InsideSetNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    private let element: Node
    private let keys: Set<CELKey>

    init(_ element: Node, keys: Set<CELKey>, offset: Int) {
        self.element = element
        self.keys = keys
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        let wanted = try element.evaluate(&frame)
        try frame.charge(key: wanted)
        guard let key = CELKey(wanted) else { return false }
        return keys.contains(key)
    }
}

/// `+`, `-`, `*`, `/` and `%`.
final class ArithmeticNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let left: Node
    private let right: Node
    private let operation: BinaryOperator

    init(_ left: Node, _ right: Node, _ operation: BinaryOperator, offset: Int) {
        self.left = left
        self.right = right
        self.operation = operation
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let leftValue = try left.evaluate(&frame)
        let rightValue = try right.evaluate(&frame)
        do throws(Failure) {
            return try Arithmetic.apply(operation, leftValue, rightValue, &frame)
        } catch {
            throw error.located(offset)
        }
    }
}

final class NegateNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let operand: Node

    init(_ operand: Node, offset: Int) {
        self.operand = operand
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let value = try operand.evaluate(&frame)
        switch value {
        case .double(let number): return .double(-number)
        case .int(let number):
            guard number != Int64.min else { throw Arithmetic.overflow("int").located(offset) }
            return .int(-number)
        default: throw Failure.noOverload("-_", value).located(offset)
        }
    }
}

/// The arithmetic operators on values.
enum Arithmetic {
    static func overflow(_ type: String) -> Failure {
        .invalid("the result is outside the range of \(type)")
    }

    static func apply(
        _ operation: BinaryOperator, _ left: CELValue, _ right: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try integer(operation, left, right, "int"))
        case (.uint(let left), .uint(let right)): return .uint(try integer(operation, left, right, "uint"))
        case (.double(let leftNumber), .double(let rightNumber)):
            switch operation {
            case .add: return .double(leftNumber + rightNumber)
            case .subtract: return .double(leftNumber - rightNumber)
            case .multiply: return .double(leftNumber * rightNumber)
            case .divide: return .double(leftNumber / rightNumber)
            default: throw Failure.noOverload(operation.rawValue, left, right)
            }
        default:
            if operation == .add, let joined = try concatenate(left, right, &frame) { return joined }
            if let time = try time(operation, left, right) { return time }
            throw Failure.noOverload(operation.rawValue, left, right)
        }
    }

    private static func integer<Value: FixedWidthInteger>(
        _ operation: BinaryOperator, _ left: Value, _ right: Value, _ type: String
    ) throws(Failure) -> Value {
        let outcome: (partialValue: Value, overflow: Bool)
        switch operation {
        case .add: outcome = left.addingReportingOverflow(right)
        case .subtract: outcome = left.subtractingReportingOverflow(right)
        case .multiply: outcome = left.multipliedReportingOverflow(by: right)
        case .divide, .modulo:
            if right == 0 { throw .invalid(operation == .divide ? "division by zero" : "modulus by zero") }
            outcome =
                operation == .divide
                ? left.dividedReportingOverflow(by: right) : left.remainderReportingOverflow(dividingBy: right)
        default: throw Failure(.noSuchOverload, "no matching overload for '\(operation.rawValue)'")
        }
        if outcome.overflow { throw overflow(type) }
        return outcome.partialValue
    }

    private static func concatenate(
        _ left: CELValue, _ right: CELValue, _ frame: inout Frame
    ) throws(Failure) -> CELValue? {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try frame.charge(bytes: left.utf8.count + right.utf8.count)
            return .string(left + right)
        case (.bytes(let left), .bytes(let right)):
            try frame.charge(bytes: left.count + right.count)
            return .bytes(left + right)
        case (.list(let left), .list(let right)):
            try frame.charge(left.count + right.count)
            return .list(CELList(left.elements + right.elements))
        default: return nil
        }
    }

    private static func time(
        _ operation: BinaryOperator, _ left: CELValue, _ right: CELValue
    ) throws(Failure) -> CELValue? {
        switch (operation, left, right) {
        case (.add, .duration(let left), .duration(let right)):
            return .duration(
                CELDuration(
                    nanoseconds: try integer(
                        .add, left.nanoseconds, right.nanoseconds, "duration")))
        case (.subtract, .duration(let left), .duration(let right)):
            return .duration(
                CELDuration(
                    nanoseconds: try integer(
                        .subtract, left.nanoseconds, right.nanoseconds, "duration")))
        case (.add, .timestamp(let instant), .duration(let span)), (.add, .duration(let span), .timestamp(let instant)):
            guard let sum = instant.adding(span) else { throw overflow("timestamp") }
            return .timestamp(sum)
        case (.subtract, .timestamp(let instant), .duration(let span)):
            guard let difference = instant.subtracting(span) else { throw overflow("timestamp") }
            return .timestamp(difference)
        case (.subtract, .timestamp(let left), .timestamp(let right)):
            guard let span = left.since(right) else { throw overflow("duration") }
            return .duration(span)
        default: return nil
        }
    }
}
