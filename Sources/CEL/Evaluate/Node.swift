/// A node of the compiled expression.
class Node: @unchecked Sendable {
    // Immutable once the compiler has made it: there is no serialiser.

    /// Byte offset in the source.
    final let offset: Int

    init(offset: Int) {
        self.offset = offset
    }

    /// The node's value.
    func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        throw Failure(.invalidValue, "not evaluable", offset: offset)
    }

    /// The node's value as a condition.
    func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        guard case .bool(let value) = try evaluate(&frame) else {
            throw Failure(.noSuchOverload, "expected a bool", offset: offset)
        }
        return value
    }

    /// The value where it does not depend on anything.
    var constant: CELValue? { nil }
}

/// A node whose value is a bool: the value is boxed only where somebody wants a value.
class BoolNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    final override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        .bool(try evaluateBool(&frame))
    }
}

final class ConstantNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let value: CELValue

    init(_ value: CELValue, offset: Int) {
        self.value = value
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue { value }
    override var constant: CELValue? { value }
}

/// A failure that was known when compiling an unchecked expression; raised only if it is reached.
final class FailureNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let failure: Failure

    init(_ failure: Failure) {
        self.failure = failure
        super.init(offset: failure.offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue { throw failure }
}

/// A declared variable.
final class VariableNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    let slot: Int
    private let name: String

    init(slot: Int, name: String, offset: Int) {
        self.slot = slot
        self.name = name
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        if let value = frame.variables[slot] { return value }
        if frame.unknowns.contains(slot) {
            throw Failure(.unknown, "the value of '\(name)' is not known yet", offset: offset, unknowns: [name])
        }
        throw Failure(.undeclared, "no value for the variable '\(name)'", offset: offset)
    }
}

/// A variable of a macro.
final class LocalNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let slot: Int

    init(slot: Int, offset: Int) {
        self.slot = slot
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        guard let value = frame.locals[slot] else {
            throw Failure(.undeclared, "the macro's variable has no value here", offset: offset)
        }
        return value
    }
}

/// A variable of `cel.bind`: evaluated at the first use, so that an error in it matters only if it is used.
final class BoundNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let slot: Int
    private let value: Node

    init(slot: Int, value: Node, offset: Int) {
        self.slot = slot
        self.value = value
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        if let known = frame.locals[slot] { return known }
        let fresh = try value.evaluate(&frame)
        frame.locals[slot] = fresh
        return fresh
    }
}

/// `cel.bind`: forgets what an earlier round of a surrounding macro computed.
final class BindNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let slot: Int
    private let body: Node

    init(slot: Int, body: Node, offset: Int) {
        self.slot = slot
        self.body = body
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        frame.locals[slot] = nil
        return try body.evaluate(&frame)
    }
}

final class ConditionalNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let condition: Node
    private let yes: Node
    private let no: Node

    init(_ condition: Node, _ yes: Node, _ no: Node, offset: Int) {
        self.condition = condition
        self.yes = yes
        self.no = no
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        return try condition.evaluateBool(&frame) ? try yes.evaluate(&frame) : try no.evaluate(&frame)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        return try condition.evaluateBool(&frame) ? try yes.evaluateBool(&frame) : try no.evaluateBool(&frame)
    }
}

/// `&&` and `||` over any number of operands. An operand that decides wins over failures of the others.
final class LogicNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    let operands: [Node]
    /// The operand's value that decides: false for `&&`, true for `||`.
    let deciding: Bool

    init(_ operands: [Node], deciding: Bool, offset: Int) {
        self.operands = operands
        self.deciding = deciding
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        var failure: Failure?
        for operand in operands {
            do throws(Failure) {
                if try operand.evaluateBool(&frame) == deciding { return deciding }
            } catch {
                if error.isFinal { throw error }
                failure = Failure.merge(failure, error)
            }
        }
        if let failure { throw failure }
        return !deciding
    }
}

final class NotNode: BoolNode, @unchecked Sendable {
    // Immutable, as every node.
    let operand: Node

    init(_ operand: Node, offset: Int) {
        self.operand = operand
        super.init(offset: offset)
    }

    override func evaluateBool(_ frame: inout Frame) throws(Failure) -> Bool {
        try frame.charge(1)
        return !(try operand.evaluateBool(&frame))
    }
}
