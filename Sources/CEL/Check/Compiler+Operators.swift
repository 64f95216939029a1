/// Operators, selections and indexes.
extension Compiler {
    mutating func mismatch(_ name: String, _ types: [CELType], _ offset: Int) {
        let list = types.map(\.description).joined(separator: ", ")
        report(.type, "no matching overload for '\(name)' applied to (\(list))", offset)
    }

    mutating func select(_ operand: Typed, _ field: String, isOptional: Bool, _ offset: Int) -> Typed {
        let type = fieldType(operand.type, field, offset)
        if isOptional {
            let node = OptionalSelectNode(operand.node, key(field), offset: offset)
            if case .optional = type { return Typed(fold(node, [operand.node]), type) }
            return Typed(fold(node, [operand.node]), .optional(type))
        }
        let node = fold(SelectNode(operand.node, key(field), offset: offset), [operand.node])
        return Typed(PathNode(operand.node, key(field), fieldByField: node) ?? node, type)
    }

    /// The type of a field, reporting fields that cannot be.
    mutating func fieldType(_ operand: CELType, _ field: String, _ offset: Int) -> CELType {
        switch operand {
        case .dyn: return .dyn
        case .object(let type):
            return self.field(type, field, offset)
        case .map(let key, let value) where TypeBindings.compatible(key, .string): return value
        case .optional(let inner): return .optional(fieldType(inner, field, offset))
        default:
            report(.type, "a value of type \(operand) has no field '\(field)'", offset)
            return .dyn
        }
    }

    /// The type of a field of host data, reporting one that it never has.
    mutating func field(_ type: CELObjectType, _ name: String, _ offset: Int) -> CELType {
        if let known = type.type(of: name) { return known }
        report(.undeclared, "\(type.name) has no field '\(name)'\(hint(name, type.fieldNames))", offset)
        return .dyn
    }

    mutating func index(_ operand: Typed, _ index: Typed, isOptional: Bool, _ offset: Int) -> Typed {
        var type = elementType(operand.type, index, offset)
        if isOptional {
            if case .optional = operand.type {} else { type = .optional(type) }
        }
        guard case .string(let name) = index.node.constant, !isOptional else {
            let node = IndexNode(operand.node, index.node, isOptional: isOptional, offset: offset)
            return Typed(fold(node, [operand.node, index.node]), type)
        }
        let node = fold(TextIndexNode(operand.node, key(name), offset: offset), [operand.node, index.node])
        return Typed(PathNode(operand.node, key(name), fieldByField: node) ?? node, type)
    }

    private mutating func elementType(_ operand: CELType, _ index: Typed, _ offset: Int) -> CELType {
        switch operand {
        case .dyn: return .dyn
        case .list(let element) where TypeBindings.compatible(index.type, .int): return element
        case .map(let key, let value) where TypeBindings.compatible(key, index.type): return value
        case .object(let type) where TypeBindings.compatible(index.type, .string):
            guard case .string(let name) = index.node.constant else { return .dyn }
            return field(type, name, offset)
        case .optional(let inner): return .optional(elementType(inner, index, offset))
        default:
            mismatch("_[_]", [operand, index.type], offset)
            return .dyn
        }
    }

    mutating func unary(_ operation: UnaryOperator, _ operand: Typed, _ offset: Int) -> Typed {
        if operation == .not {
            if !TypeBindings.compatible(operand.type, .bool) { mismatch("!_", [operand.type], offset) }
            return Typed(fold(NotNode(operand.node, offset: offset), [operand.node]), .bool)
        }
        switch operand.type {
        case .int, .double, .dyn: break
        default: mismatch("-_", [operand.type], offset)
        }
        return Typed(fold(NegateNode(operand.node, offset: offset), [operand.node]), operand.type)
    }

    mutating func binary(_ operation: BinaryOperator, _ left: Typed, _ right: Typed, _ offset: Int) -> Typed {
        let type = resultType(operation, left.type, right.type)
        // What a key names that the data never has would never be found.
        if operation == .inside, case .object(let host) = right.type, case .string(let name) = left.node.constant {
            _ = field(host, name, left.node.offset)
        }
        if type == nil { mismatch(operation.rawValue, [left.type, right.type], offset) }
        let node: Node
        switch operation {
        case .equal, .notEqual:
            let wanted = operation == .equal
            if case .string(let text) = right.node.constant {
                node = EqualTextNode(left.node, text, wanted: wanted, offset: offset)
            } else if case .string(let text) = left.node.constant {
                node = EqualTextNode(right.node, text, wanted: wanted, offset: offset)
            } else {
                node = EqualNode(left.node, right.node, wanted: wanted, offset: offset)
            }
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            node = OrderNode(left.node, right.node, operation, offset: offset)
        case .inside:
            node = inside(left.node, right.node, offset)
        default:
            node = ArithmeticNode(left.node, right.node, operation, offset: offset)
        }
        return Typed(fold(node, [left.node, right.node]), type ?? .dyn)
    }

    /// `in`; over a constant list of more than a few keys it is a hash look-up.
    private func inside(_ element: Node, _ container: Node, _ offset: Int) -> Node {
        guard case .list(let list) = container.constant, list.count > 8 else {
            return InsideNode(element, container, offset: offset)
        }
        var keys = Set<CELKey>()
        for value in list.elements {
            // Doubles that equal no integer, and values that are no keys, need the comparison itself.
            guard let key = CELKey(value) else { return InsideNode(element, container, offset: offset) }
            keys.insert(key)
        }
        return InsideSetNode(element, keys: keys, offset: offset)
    }

    /// The operator's result type; nil where no overload fits.
    private func resultType(_ operation: BinaryOperator, _ left: CELType, _ right: CELType) -> CELType? {
        switch operation {
        case .equal, .notEqual: return TypeBindings.compatible(left, right) ? .bool : nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return isOrdered(left, right) ? .bool : nil
        case .inside:
            switch right {
            case .dyn: return .bool
            case .list(let element): return TypeBindings.compatible(left, element) ? .bool : nil
            case .map(let key, _): return TypeBindings.compatible(left, key) ? .bool : nil
            case .object: return TypeBindings.compatible(left, .string) ? .bool : nil
            default: return nil
            }
        default: return arithmeticType(operation, left, right)
        }
    }

    private func isOrdered(_ left: CELType, _ right: CELType) -> Bool {
        func isOrdered(_ type: CELType) -> Bool {
            switch type {
            case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .dyn: true
            default: false
            }
        }
        func isNumber(_ type: CELType) -> Bool { type == .int || type == .uint || type == .double }
        guard isOrdered(left), isOrdered(right) else { return false }
        return TypeBindings.compatible(left, right) || (isNumber(left) && isNumber(right))
    }

    private func arithmeticType(_ operation: BinaryOperator, _ left: CELType, _ right: CELType) -> CELType? {
        switch (left, right) {
        case (.int, .int), (.uint, .uint): return left
        case (.double, .double): return operation == .modulo ? nil : left
        case (.string, .string), (.bytes, .bytes): return operation == .add ? left : nil
        case (.list, .list):
            return operation == .add && TypeBindings.compatible(left, right) ? TypeBindings.join(left, right) : nil
        case (.duration, .duration): return operation == .add || operation == .subtract ? .duration : nil
        case (.timestamp, .duration): return operation == .add || operation == .subtract ? .timestamp : nil
        case (.duration, .timestamp): return operation == .add ? .timestamp : nil
        case (.timestamp, .timestamp): return operation == .subtract ? .duration : nil
        case (.dyn, .dyn): return .dyn
        case (.dyn, let known), (let known, .dyn):
            switch known {
            case .int, .uint: return known
            case .double: return operation == .modulo ? nil : known
            case .string, .bytes, .list: return operation == .add ? known : nil
            case .timestamp, .duration: return operation == .add || operation == .subtract ? .dyn : nil
            default: return nil
            }
        default: return nil
        }
    }

    mutating func logic(_ operands: [Expression], deciding: Bool, _ offset: Int) -> Typed {
        var nodes = [Node]()
        for operand in operands {
            let typed = compile(operand)
            if !TypeBindings.compatible(typed.type, .bool) {
                report(.type, "expected a bool, found \(typed.type)", operand.offset)
            }
            nodes.append(typed.node)
        }
        return Typed(fold(LogicNode(nodes, deciding: deciding, offset: offset), nodes), .bool)
    }

    mutating func conditional(_ condition: Expression, _ yes: Expression, _ no: Expression, _ offset: Int) -> Typed {
        let condition = compile(condition)
        let yes = compile(yes)
        let no = compile(no)
        if !TypeBindings.compatible(condition.type, .bool) || !TypeBindings.compatible(yes.type, no.type) {
            mismatch("_?_:_", [condition.type, yes.type, no.type], offset)
        }
        let type = TypeBindings.join(yes.type, no.type)
        if case .bool(let value) = condition.node.constant { return Typed(value ? yes.node : no.node, type) }
        return Typed(ConditionalNode(condition.node, yes.node, no.node, offset: offset), type)
    }
}
