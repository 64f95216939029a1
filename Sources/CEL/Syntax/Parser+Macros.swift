/// The macros: calls that are rewritten into other trees while parsing.
extension Parser {
    /// `has(a.b)`; nil where the call is no macro.
    mutating func expandGlobal(
        _ name: String, _ arguments: [Expression], _ offset: Int
    ) throws(Failure) -> Expression? {
        guard name == "has" || name == ".has", arguments.count == 1 else { return nil }
        var argument = arguments[0]
        if case .group(let inner) = argument.kind { argument = inner }
        guard case .select(let operand, let field, optional: false) = argument.kind else {
            throw Failure(.syntax, "has() takes a selection such as has(a.b)", offset: argument.offset)
        }
        return try node(.presence(operand, field), offset, operand)
    }

    /// `list.all(x, p)`, `cel.bind(x, v, e)` and the like; nil where the call is no macro.
    mutating func expandMember(
        _ target: Expression, _ name: String, _ arguments: [Expression], _ offset: Int
    ) throws(Failure) -> Expression? {
        if case .name("cel") = target.kind { return try expandCEL(name, arguments, offset) }
        switch (name, arguments.count) {
        case ("optMap", 2), ("optFlatMap", 2):
            let variable = try variableName(arguments[0])
            let flat = name == "optFlatMap"
            let kind = Expression.Kind.optionalMap(target, variable, body: arguments[1], flat: flat)
            return try node(kind, offset, target, arguments[1])
        case ("all", 2), ("exists", 2), ("exists_one", 2), ("existsOne", 2), ("filter", 2), ("map", 2), ("map", 3),
            ("sortBy", 2),
            ("all", 3), ("exists", 3), ("exists_one", 3), ("existsOne", 3),
            ("transformList", 3), ("transformList", 4), ("transformMap", 3), ("transformMap", 4),
            ("transformMapEntry", 3), ("transformMapEntry", 4):
            return try comprehension(target, name, arguments, offset)
        default:
            return nil
        }
    }

    private mutating func comprehension(
        _ range: Expression, _ name: String, _ arguments: [Expression], _ offset: Int
    ) throws(Failure) -> Expression {
        guard let operation = Comprehension.Operation(rawValue: name == "exists_one" ? "existsOne" : name) else {
            throw unexpected("a macro")
        }
        let hasTwo = operation != .map && arguments.count > 2
        let first = try variableName(arguments[0])
        let second = hasTwo ? try variableName(arguments[1]) : nil
        if first == second {
            throw Failure(.syntax, "the two variables of \(name)() must differ", offset: arguments[1].offset)
        }
        let rest = Array(arguments.dropFirst(hasTwo ? 2 : 1))
        let filter: Expression? = operation == .filter || rest.count < 2 ? nil : rest[0]
        let body = rest[rest.count - 1]
        let macro = Comprehension(
            operation: operation, range: range, first: first, second: second, filter: filter, body: body)
        return try node(.comprehension(macro), offset, over: [range] + rest)
    }

    /// `cel.bind`, `cel.block` and the names that stand inside a block.
    private mutating func expandCEL(
        _ name: String, _ arguments: [Expression], _ offset: Int
    ) throws(Failure) -> Expression? {
        switch (name, arguments.count) {
        case ("bind", 3):
            let variable = try variableName(arguments[0])
            return try node(.bind(variable, arguments[1], body: arguments[2]), offset, arguments[1], arguments[2])
        case ("block", 2):
            guard case .list(let items) = arguments[0].kind else {
                throw Failure(.syntax, "cel.block() takes a list of expressions", offset: arguments[0].offset)
            }
            // A block is a chain of bindings, each of which sees those before it.
            var body = arguments[1]
            for (index, item) in items.enumerated().reversed() {
                body = try node(.bind("@index\(index)", item.value, body: body), offset, item.value, body)
            }
            return body
        case ("index", 1):
            return try node(.name("@index\(try ordinal(arguments[0]))"), offset)
        case ("iterVar", 2):
            return try node(.name("@it:\(try ordinal(arguments[0])):\(try ordinal(arguments[1]))"), offset)
        case ("accuVar", 2):
            return try node(.name("@ac:\(try ordinal(arguments[0])):\(try ordinal(arguments[1]))"), offset)
        default:
            return nil
        }
    }

    private func ordinal(_ expression: Expression) throws(Failure) -> Int64 {
        guard case .literal(.int(let value)) = expression.kind, value >= 0 else {
            throw Failure(.syntax, "expected a number that is not negative", offset: expression.offset)
        }
        return value
    }

    private func variableName(_ expression: Expression) throws(Failure) -> String {
        guard case .name(let name) = expression.kind, !name.hasPrefix(".") else {
            throw Failure(.syntax, "expected a simple name for the macro's variable", offset: expression.offset)
        }
        return name
    }
}
