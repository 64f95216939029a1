/// Calls, aggregates and macros.
extension Compiler {
    mutating func call(_ name: String, _ arguments: [Expression], _ offset: Int) -> Typed {
        let compiled = arguments.map { compile($0) }
        for candidate in candidates(name) where environment.functions.contains(candidate) {
            let functions = environment.functions.candidates(candidate, isMember: false, arity: compiled.count)
            return apply(candidate, functions, compiled, offset)
        }
        return fault(.undeclared, "undeclared reference to the function '\(name)'", offset)
    }

    mutating func member(_ target: Expression, _ name: String, _ arguments: [Expression], _ offset: Int) -> Typed {
        // `strings.quote(x)`: what looks like a target may be a namespace.
        if let path = target.path, !isLocal(path[0].name) {
            let qualified = path.map(\.name).joined(separator: ".") + "." + name
            for candidate in candidates(qualified) where environment.functions.contains(candidate) {
                let functions = environment.functions.candidates(
                    candidate, isMember: false, arity: arguments.count)
                return apply(candidate, functions, arguments.map { compile($0) }, offset)
            }
        }
        guard environment.functions.contains(name) else {
            // The target's own faults are reported too.
            if isChecked { _ = compile(target) }
            return fault(.undeclared, "undeclared reference to the function '\(name)'", offset)
        }
        let compiled = [compile(target)] + arguments.map { compile($0) }
        let functions = environment.functions.candidates(name, isMember: true, arity: compiled.count)
        return apply(name, functions, compiled, offset)
    }

    /// A call of one of the given functions, as the types of the arguments decide.
    private mutating func apply(
        _ name: String, _ functions: [Function], _ arguments: [Typed], _ offset: Int
    ) -> Typed {
        let types = arguments.map(\.type)
        var fitting = [Function]()
        var result: CELType?
        for function in functions {
            var fits = false
            for signature in function.signatures {
                guard let type = signature.result(for: types) else { continue }
                fits = true
                // Where several overloads may be meant, only what they agree on is known.
                result = result.map { $0 == type ? type : .dyn } ?? type
            }
            if fits { fitting.append(function) }
        }
        if fitting.isEmpty {
            let list = types.map(\.description).joined(separator: ", ")
            let message = "no matching overload for '\(name)' applied to (\(list))"
            if isChecked || functions.isEmpty { return fault(isChecked ? .type : .noSuchOverload, message, offset) }
            fitting = functions
        }
        var nodes = arguments.map(\.node)
        let original = nodes
        if name == "or" || name == "orValue", nodes.count == 2 {
            let node = OptionalOrNode(nodes[0], nodes[1], yieldsValue: name == "orValue", offset: offset)
            return Typed(fold(node, nodes), result ?? .dyn)
        }
        if fitting.count == 1, let position = fitting[0].patternArgument, let pattern = pattern(nodes[position]) {
            nodes[position] = pattern
        }
        let node: Node =
            fitting.count == 1
            ? CallNode(fitting[0], nodes, offset: offset) : DispatchNode(fitting, nodes, offset: offset)
        return Typed(fold(node, original), result ?? .dyn)
    }

    /// A constant regular expression, compiled; a malformed one is reported, and what all of them have no steps left for.
    private mutating func pattern(_ node: Node) -> Node? {
        guard case .string(let text) = node.constant else { return nil }
        let limit = environment.limits.allPatternWork
        do throws(Failure) {
            guard patternWork + Pattern.leastWork(text) <= limit else {
                throw Failure(.limit, "the expression's regular expressions take too long to compile")
            }
            let pattern = try Pattern(text, limits: environment.limits, work: &patternWork)
            return ConstantNode(.opaque(pattern), offset: node.offset)
        } catch {
            // Unless it is reported it is compiled when it is evaluated, at the evaluation's cost.
            report(error.code, error.message, node.offset)
            return nil
        }
    }

    // MARK: Aggregates

    /// The type of an element, looking into the optional of `?x`.
    private mutating func elementType(_ typed: Typed, isOptional: Bool, _ offset: Int) -> CELType {
        guard isOptional else { return typed.type }
        switch typed.type {
        case .optional(let inner): return inner
        case .dyn: return .dyn
        default:
            report(.type, "an element with '?' must be an optional, not \(typed.type)", offset)
            return .dyn
        }
    }

    mutating func list(_ items: [Expression.ListItem], _ offset: Int) -> Typed {
        var nodes = [(node: Node, isOptional: Bool)]()
        var element: CELType?
        for item in items {
            let typed = compile(item.value)
            let type = elementType(typed, isOptional: item.optional, item.value.offset)
            element = element.map { TypeBindings.join($0, type) } ?? type
            nodes.append((typed.node, item.optional))
        }
        return Typed(fold(ListNode(nodes, offset: offset), nodes.map(\.node)), .list(element ?? .dyn))
    }

    mutating func map(_ items: [Expression.MapItem], _ offset: Int) -> Typed {
        var nodes = [(key: Node, value: Node, isOptional: Bool)]()
        var keyType: CELType?
        var valueType: CELType?
        for item in items {
            let key = compile(item.key)
            let value = compile(item.value)
            if !key.type.isKey {
                report(.type, "a value of type \(key.type) cannot be a map's key", item.key.offset)
            }
            let type = elementType(value, isOptional: item.optional, item.value.offset)
            // Only a scalar may be a key; forgetting others keeps a type's size in proportion to the text.
            let scalar = key.type.isKey ? key.type : .dyn
            keyType = keyType.map { TypeBindings.join($0, scalar) } ?? scalar
            valueType = valueType.map { TypeBindings.join($0, type) } ?? type
            nodes.append((key.node, value.node, item.optional))
        }
        let node = fold(MapNode(nodes, offset: offset), nodes.flatMap { [$0.key, $0.value] })
        return Typed(node, .map(keyType ?? .dyn, valueType ?? .dyn))
    }

    mutating func message(_ name: String, _ items: [Expression.FieldItem], _ offset: Int) -> Typed {
        guard let message = candidates(name).lazy.compactMap({ WellKnownMessage(rawValue: $0) }).first else {
            return fault(.undeclared, "undeclared reference to the type '\(name)'", offset)
        }
        var nodes = [(name: String, node: Node, isOptional: Bool)]()
        for item in items {
            let value = compile(item.value)
            let type = elementType(value, isOptional: item.optional, item.value.offset)
            guard let field = message.fields[item.name] else {
                return fault(.undeclared, "\(message.rawValue) has no field '\(item.name)'", item.offset)
            }
            if !TypeBindings.compatible(type, field) {
                report(.type, "\(message.rawValue).\(item.name) is \(field), not \(type)", item.offset)
            }
            nodes.append((item.name, value.node, item.optional))
        }
        return Typed(fold(MessageNode(message, nodes, offset: offset), nodes.map(\.node)), message.type)
    }

    // MARK: Macros

    mutating func comprehension(_ macro: Comprehension, _ offset: Int) -> Typed {
        let range = compile(macro.range)
        let keyType: CELType
        let valueType: CELType
        switch range.type {
        case .list(let element): (keyType, valueType) = (.int, element)
        case .map(let key, let value): (keyType, valueType) = (key, value)
        case .object: (keyType, valueType) = (.string, .dyn)
        case .dyn: (keyType, valueType) = (.dyn, .dyn)
        default:
            return fault(.type, "a macro walks over a list or a map, not over \(range.type)", offset)
        }
        if let second = macro.second {
            return withLocal(macro.first, keyType) { compiler, first in
                compiler.withLocal(second, valueType) { compiler, second in
                    compiler.body(
                        of: macro, range.node, MacroSlots(first: first, second: second), key: keyType,
                        element: valueType, offset)
                }
            }
        }
        var elementType = keyType
        if case .list(let element) = range.type { elementType = element }
        return withLocal(macro.first, elementType) { compiler, first in
            compiler.body(
                of: macro, range.node, MacroSlots(first: first, second: nil), key: keyType,
                element: elementType, offset)
        }
    }

    private mutating func body(
        of macro: Comprehension, _ range: Node, _ slots: MacroSlots, key: CELType, element: CELType, _ offset: Int
    ) -> Typed {
        let filter = macro.filter.map { condition($0, macro) }
        switch macro.operation {
        case .all, .exists:
            let node = QuantifierNode(
                range, slots, body: condition(macro.body, macro), deciding: macro.operation == .exists, offset: offset)
            return Typed(node, .bool)
        case .existsOne:
            return Typed(ExistsOneNode(range, slots, body: condition(macro.body, macro), offset: offset), .bool)
        case .filter:
            let node = CollectListNode(
                range, slots, filter: condition(macro.body, macro), body: nil, offset: offset)
            return Typed(node, .list(element))
        case .map, .transformList:
            let body = compile(macro.body)
            let node = CollectListNode(range, slots, filter: filter, body: body.node, offset: offset)
            return Typed(node, .list(body.type))
        case .transformMap:
            let body = compile(macro.body)
            let node = CollectMapNode(
                range, slots, filter: filter, body: body.node, yieldsEntries: false, offset: offset)
            return Typed(node, .map(key, body.type))
        case .sortBy:
            return Typed(SortByNode(range, slots, key: compile(macro.body).node, offset: offset), .list(element))
        case .transformMapEntry:
            let body = compile(macro.body)
            switch body.type {
            case .map, .dyn: break
            default: report(.type, "transformMapEntry() takes a map, not \(body.type)", macro.body.offset)
            }
            let node = CollectMapNode(
                range, slots, filter: filter, body: body.node, yieldsEntries: true, offset: offset)
            return Typed(node, body.type)
        }
    }

    private mutating func condition(_ expression: Expression, _ macro: Comprehension) -> Node {
        let typed = compile(expression)
        if !TypeBindings.compatible(typed.type, .bool) {
            report(.type, "\(macro.operation.rawValue)() takes a bool, found \(typed.type)", expression.offset)
        }
        return typed.node
    }

    mutating func optionalMap(
        _ target: Typed, _ name: String, _ body: Expression, isFlat: Bool, _ offset: Int
    ) -> Typed {
        let inner: CELType
        switch target.type {
        case .optional(let type): inner = type
        case .dyn: inner = .dyn
        default:
            mismatch(isFlat ? "optFlatMap" : "optMap", [target.type], offset)
            inner = .dyn
        }
        return withLocal(name, inner) { compiler, slot in
            let body = compiler.compile(body)
            let node = OptionalMapNode(target.node, slot: slot, body: body.node, isFlat: isFlat, offset: offset)
            return Typed(node, isFlat ? body.type : .optional(body.type))
        }
    }
}
