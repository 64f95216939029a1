/// Resolves names, checks types and makes the evaluable tree, in one walk over the syntax tree.
struct Compiler {
    /// A compiled part and its type.
    struct Typed {
        let node: Node
        let type: CELType

        init(_ node: Node, _ type: CELType) {
            self.node = node
            self.type = type
        }
    }

    /// A variable of a macro that is in scope.
    private struct Local {
        let name: String
        let slot: Int
        let type: CELType
        /// For `cel.bind`: what the variable stands for.
        let value: Node?
    }

    let environment: CELEnvironment
    /// Whether faults of types and names are reported; otherwise they fail when evaluated.
    let isChecked: Bool
    /// The faults found.
    private(set) var failures: [Failure] = []
    private(set) var localCount = 0
    private(set) var usedSlots: Set<Int> = []
    private var scope: [Local] = []
    private var foldingCost: Int
    /// Steps spent on the constant regular expressions so far.
    var patternWork = 0

    init(_ environment: CELEnvironment, isChecked: Bool) {
        self.environment = environment
        self.isChecked = isChecked
        foldingCost = environment.limits.foldingCost
    }

    // MARK: Faults, folding, scopes

    /// Reports a fault, or leaves it to the evaluation.
    mutating func fault(_ code: CELError.Code, _ message: String, _ offset: Int) -> Typed {
        let failure = Failure(code, message, offset: offset)
        if isChecked, failures.count < environment.limits.failures { failures.append(failure) }
        return Typed(FailureNode(failure), .dyn)
    }

    /// Reports a fault where types are checked.
    mutating func report(_ code: CELError.Code, _ message: String, _ offset: Int) {
        if isChecked, failures.count < environment.limits.failures {
            failures.append(Failure(code, message, offset: offset))
        }
    }

    /// The node's value as a constant, where all its parts are constants and it has one.
    mutating func fold(_ node: Node, _ parts: [Node]) -> Node {
        guard foldingCost > 0, parts.allSatisfy({ $0.constant != nil }) else { return node }
        var frame = Frame(
            cost: foldingCost, localCount: 0, variables: [], unknowns: [], limits: environment.limits)
        do throws(Failure) {
            let value = try node.evaluate(&frame)
            foldingCost = frame.remainingCost
            return ConstantNode(value, offset: node.offset)
        } catch {
            // It fails when it is evaluated, if it ever is.
            foldingCost = max(0, frame.remainingCost)
            return node
        }
    }

    mutating func withLocal<Value>(
        _ name: String, _ type: CELType, value: Node? = nil, _ work: (inout Compiler, Int) -> Value
    ) -> Value {
        let slot = localCount
        localCount += 1
        scope.append(Local(name: name, slot: slot, type: type, value: value))
        let result = work(&self, slot)
        scope.removeLast()
        return result
    }

    func isLocal(_ name: String) -> Bool {
        scope.contains { $0.name == name }
    }

    /// The full names that a name may mean, the innermost namespace first.
    func candidates(_ name: String) -> [String] {
        if name.hasPrefix(".") { return [String(name.dropFirst())] }
        var names = [String]()
        var container = environment.container[...]
        while !container.isEmpty {
            names.append(container + "." + name)
            container = container.lastIndex(of: ".").map { container[..<$0] } ?? ""
        }
        names.append(name)
        return names
    }

    // MARK: Names

    /// `a`, `a.b.c`: the longest prefix that is declared, and selections of the rest.
    mutating func name(_ expression: Expression, path: [(name: String, offset: Int)]) -> Typed {
        let first = path[0]
        if let local = scope.last(where: { $0.name == first.name }) {
            let node: Node =
                if let value = local.value {
                    value.constant.map { ConstantNode($0, offset: first.offset) }
                        ?? BoundNode(slot: local.slot, value: value, offset: first.offset)
                } else {
                    LocalNode(slot: local.slot, offset: first.offset)
                }
            return selections(Typed(node, local.type), path.dropFirst())
        }
        for length in stride(from: path.count, to: 0, by: -1) {
            let prefix = path[..<length].map(\.name).joined(separator: ".")
            for candidate in candidates(prefix) {
                if let found = declared(candidate, path[length - 1].offset) {
                    return selections(found, path[length...])
                }
            }
        }
        return undeclared(path)
    }

    /// `has(variables.x)`: true of a declared variable, whose first part stands for no value; nil for any other path.
    private mutating func presence(of path: [(name: String, offset: Int)]) -> Typed? {
        guard !isLocal(path[0].name), environment.slots[path[0].name] == nil else { return nil }
        let name = path.map(\.name).joined(separator: ".")
        if environment.slots[name] != nil { return Typed(ConstantNode(.bool(true), offset: path[0].offset), .bool) }
        guard path.count == 2, environment.variables.contains(where: { $0.name.hasPrefix(path[0].name + ".") }) else {
            return nil
        }
        return Typed(undeclared(path).node, .bool)
    }

    /// The fault of a name that nobody declared, with the name that was meant.
    ///
    /// Where the first part is that of declared names, as in `variables.x`, the second one is at fault.
    private mutating func undeclared(_ path: [(name: String, offset: Int)]) -> Typed {
        let first = path[0]
        let group = first.name + "."
        let members = environment.variables.map(\.name).filter { $0.hasPrefix(group) }
        guard path.count > 1, !members.isEmpty else {
            let hint = hint(first.name, environment.variables.map(\.name) + scope.map(\.name))
            return fault(.undeclared, "undeclared reference to '\(first.name)'\(hint)", first.offset)
        }
        let name = group + path[1].name
        return fault(.undeclared, "undeclared reference to '\(name)'\(hint(name, members))", path[1].offset)
    }

    /// ` (did you mean 'x'?)`, or nothing.
    func hint(_ name: String, _ names: [String]) -> String {
        environment.suggestion?(name, names).map { " (did you mean '\($0)'?)" } ?? ""
    }

    private mutating func declared(_ name: String, _ offset: Int) -> Typed? {
        if let slot = environment.slots[name] {
            usedSlots.insert(slot)
            return Typed(VariableNode(slot: slot, name: name, offset: offset), environment.variables[slot].type)
        }
        if environment.typeNames.contains(name) {
            return Typed(ConstantNode(.type(name), offset: offset), .type)
        }
        // The one value of a protocol buffers enumeration that the well-known messages need.
        if name == "google.protobuf.NullValue.NULL_VALUE" { return Typed(ConstantNode(.int(0), offset: offset), .int) }
        return nil
    }

    private mutating func selections(_ operand: Typed, _ path: ArraySlice<(name: String, offset: Int)>) -> Typed {
        var operand = operand
        for part in path { operand = select(operand, part.name, isOptional: false, part.offset) }
        return operand
    }

    func key(_ name: String) -> CELFieldKey {
        CELFieldKey(name: name, number: environment.fieldNumbers[name] ?? -1)
    }

    // MARK: The walk

    /// The evaluable form of a tree.
    mutating func compile(_ expression: Expression) -> Typed {
        let offset = expression.offset
        switch expression.kind {
        case .literal(let value): return Typed(ConstantNode(value, offset: offset), value.literalType)
        case .group(let inner): return compile(inner)
        case .name, .select:
            if let path = expression.path { return name(expression, path: path) }
            guard case .select(let operand, let field, let isOptional) = expression.kind else { break }
            return select(compile(operand), field, isOptional: isOptional, offset)
        case .presence(let operand, let field):
            if let path = operand.path, let typed = presence(of: path + [(field, offset)]) { return typed }
            let operand = compile(operand)
            _ = fieldType(operand.type, field, offset)
            return Typed(fold(PresenceNode(operand.node, key(field), offset: offset), [operand.node]), .bool)
        case .index(let operand, let index, let isOptional):
            return self.index(compile(operand), compile(index), isOptional: isOptional, offset)
        case .call(let name, let arguments): return call(name, arguments, offset)
        case .member(let target, let name, let arguments): return member(target, name, arguments, offset)
        case .unary(let operation, let operand): return unary(operation, compile(operand), offset)
        case .binary(let operation, let left, let right):
            return binary(operation, compile(left), compile(right), offset)
        case .and(let operands): return logic(operands, deciding: false, offset)
        case .or(let operands): return logic(operands, deciding: true, offset)
        case .conditional(let condition, let yes, let no): return conditional(condition, yes, no, offset)
        case .list(let items): return list(items, offset)
        case .map(let items): return map(items, offset)
        case .message(let name, let fields): return message(name, fields, offset)
        case .comprehension(let macro): return comprehension(macro, offset)
        case .bind(let name, let value, let body):
            let value = compile(value)
            return withLocal(name, value.type, value: value.node) { compiler, slot in
                let body = compiler.compile(body)
                return Typed(BindNode(slot: slot, body: body.node, offset: offset), body.type)
            }
        case .optionalMap(let target, let name, let body, let isFlat):
            return optionalMap(compile(target), name, body, isFlat: isFlat, offset)
        }
        return fault(.syntax, "malformed expression", offset)
    }
}

extension Expression {
    /// The parts of `a.b.c`, where the tree is only names and plain selections.
    var path: [(name: String, offset: Int)]? {
        var parts = [(name: String, offset: Int)]()
        var current = self
        while true {
            switch current.kind {
            case .name(let name):
                parts.append((name, current.offset))
                return parts.reversed()
            case .select(let operand, let field, optional: false):
                parts.append((field, current.offset))
                current = operand
            default:
                return nil
            }
        }
    }
}

extension CELValue {
    /// The type of a literal.
    var literalType: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        default: .dyn
        }
    }
}
