/// `[a, b, ?c]`.
final class ListNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let items: [(node: Node, isOptional: Bool)]

    init(_ items: [(node: Node, isOptional: Bool)], offset: Int) {
        self.items = items
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1 + items.count)
        var elements = [CELValue]()
        elements.reserveCapacity(items.count)
        for item in items {
            let value = try item.node.evaluate(&frame)
            if !item.isOptional {
                elements.append(value)
            } else if let present = try Aggregates.present(value, item.node.offset) {
                elements.append(present)
            }
        }
        return try frame.checkDepth(.list(CELList(elements)))
    }
}

/// `{k: v, ?k: v}`.
final class MapNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let items: [(key: Node, value: Node, isOptional: Bool)]

    init(_ items: [(key: Node, value: Node, isOptional: Bool)], offset: Int) {
        self.items = items
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1 + items.count)
        var builder = MapBuilder()
        for item in items {
            let key = try item.key.evaluate(&frame)
            let value = try item.value.evaluate(&frame)
            if !item.isOptional {
                try builder.insert(key, value, item.key.offset, &frame)
            } else if let present = try Aggregates.present(value, item.value.offset) {
                try builder.insert(key, present, item.key.offset, &frame)
            }
        }
        return try frame.checkDepth(.map(builder.map))
    }
}

/// `google.protobuf.Int32Value{value: 1}` and its like: messages that are plain values in the language.
final class MessageNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let message: WellKnownMessage
    private let fields: [(name: String, node: Node, isOptional: Bool)]

    init(_ message: WellKnownMessage, _ fields: [(name: String, node: Node, isOptional: Bool)], offset: Int) {
        self.message = message
        self.fields = fields
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1 + fields.count)
        var values = [(name: String, value: CELValue)]()
        for field in fields {
            let value = try field.node.evaluate(&frame)
            if !field.isOptional {
                values.append((field.name, value))
            } else if let present = try Aggregates.present(value, field.node.offset) {
                values.append((field.name, present))
            }
        }
        do throws(Failure) {
            return try message.value(of: values)
        } catch {
            throw error.located(offset)
        }
    }
}

enum Aggregates {
    /// The value of an optional element; nil where it is absent.
    static func present(_ value: CELValue, _ offset: Int) throws(Failure) -> CELValue? {
        guard case .optional(let optional) = value else {
            throw Failure(
                .noSuchOverload, "an element with '?' must be an optional, not \(value.typeName)", offset: offset)
        }
        return optional.value
    }
}

/// A call of a function that is known when compiling.
final class CallNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    let function: Function
    let arguments: [Node]

    init(_ function: Function, _ arguments: [Node], offset: Int) {
        self.function = function
        self.arguments = arguments
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        switch function.body {
        case .unary(let body):
            let first = try arguments[0].evaluate(&frame)
            do throws(Failure) { return try body(first, &frame) } catch { throw error.located(offset) }
        case .binary(let body):
            let first = try arguments[0].evaluate(&frame)
            let second = try arguments[1].evaluate(&frame)
            do throws(Failure) { return try body(first, second, &frame) } catch { throw error.located(offset) }
        case .ternary(let body):
            let first = try arguments[0].evaluate(&frame)
            let second = try arguments[1].evaluate(&frame)
            let third = try arguments[2].evaluate(&frame)
            do throws(Failure) { return try body(first, second, third, &frame) } catch { throw error.located(offset) }
        case .variadic(let body):
            let values = try CallNode.values(arguments, &frame)
            do throws(Failure) { return try body(values, &frame) } catch { throw error.located(offset) }
        }
    }

    static func values(_ arguments: [Node], _ frame: inout Frame) throws(Failure) -> [CELValue] {
        var values = [CELValue]()
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(&frame)) }
        return values
    }
}

/// A call whose function depends on the type of the first argument.
final class DispatchNode: Node, @unchecked Sendable {
    // Immutable, as every node.
    private let functions: [Function]
    private let arguments: [Node]

    init(_ functions: [Function], _ arguments: [Node], offset: Int) {
        self.functions = functions
        self.arguments = arguments
        super.init(offset: offset)
    }

    override func evaluate(_ frame: inout Frame) throws(Failure) -> CELValue {
        try frame.charge(1)
        let values = try CallNode.values(arguments, &frame)
        guard let function = functions.first(where: { values.isEmpty || $0.accepts(first: values[0]) }) else {
            throw Failure.noOverload(functions.first?.name ?? "", values).located(offset)
        }
        do throws(Failure) {
            switch function.body {
            case .unary(let body): return try body(values[0], &frame)
            case .binary(let body): return try body(values[0], values[1], &frame)
            case .ternary(let body): return try body(values[0], values[1], values[2], &frame)
            case .variadic(let body): return try body(values, &frame)
            }
        } catch {
            throw error.located(offset)
        }
    }
}
