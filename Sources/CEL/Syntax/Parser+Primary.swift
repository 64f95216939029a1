/// Literals, names, calls, selections and indexes.
extension Parser {
    /// A literal, a name, a call, a list, a map, a message or a parenthesis.
    mutating func primary() throws(Failure) -> Expression {
        let offset = token.offset
        switch token.kind {
        case .int(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw Failure(.syntax, "the number is outside the range of int", offset: offset)
            }
            return try literal(.int(value))
        case .uint(let value): return try literal(.uint(value))
        case .double(let value): return try literal(.double(value))
        case .string(let value): return try literal(.string(value))
        case .bytes(let value): return try literal(.bytes(value))
        case .name("true"): return try literal(.bool(true))
        case .name("false"): return try literal(.bool(false))
        case .name("null"): return try literal(.null)
        case .symbol(.leftParen):
            try advance()
            let inner = try expression()
            try expect(.rightParen)
            if case .select = inner.kind { return try node(.group(inner), inner.offset, inner) }
            return inner
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try map()
        case .symbol(.dot):
            try advance()
            return try name(prefix: ".", offset)
        case .name: return try name(prefix: "", offset)
        default: throw unexpected("an expression")
        }
    }

    private mutating func literal(_ value: CELValue) throws(Failure) -> Expression {
        let offset = token.offset
        try advance()
        return try node(.literal(value), offset)
    }

    private mutating func name(prefix: String, _ offset: Int) throws(Failure) -> Expression {
        guard case .name(let word) = token.kind, word != "in", word != "true", word != "false", word != "null" else {
            throw unexpected("a name")
        }
        if Parser.isReserved(word) {
            throw Failure(.syntax, "'\(word)' is a reserved word", offset: token.offset)
        }
        try advance()
        let name = prefix + word
        if try take(.leftParen) {
            let arguments = try self.arguments()
            if let expanded = try expandGlobal(name, arguments, offset) { return expanded }
            return try node(.call(name, arguments), offset, over: arguments)
        }
        let variable = try node(.name(name), offset)
        return at(.leftBrace) ? try message(variable) : variable
    }

    /// The arguments of a call, after its parenthesis was opened.
    private mutating func arguments() throws(Failure) -> [Expression] {
        var arguments = [Expression]()
        if try take(.rightParen) { return arguments }
        repeat { arguments.append(try expression()) } while try take(.comma)
        try expect(.rightParen)
        return arguments
    }

    /// Selections, member calls and indexes after an operand.
    mutating func postfix(_ operand: Expression) throws(Failure) -> Expression {
        var operand = operand
        while true {
            if try take(.dot) {
                operand = try selection(operand)
            } else if at(.leftBracket) {
                let offset = token.offset
                try advance()
                let optional = try take(.question)
                let index = try expression()
                try expect(.rightBracket)
                operand = try node(.index(operand, index, optional: optional), offset, operand, index)
            } else {
                return operand
            }
        }
    }

    private mutating func selection(_ operand: Expression) throws(Failure) -> Expression {
        let optional = try take(.question)
        let offset = token.offset
        let field: String
        switch token.kind {
        case .name(let word) where word != "in" && word != "true" && word != "false" && word != "null":
            field = word
        case .quotedName(let word):
            try advance()
            return try node(.select(operand, word, optional: optional), offset, operand)
        default:
            throw unexpected("a field's name")
        }
        try advance()
        if !optional, try take(.leftParen) {
            let arguments = try self.arguments()
            if let expanded = try expandMember(operand, field, arguments, offset) { return expanded }
            return try node(.member(operand, field, arguments), offset, over: [operand] + arguments)
        }
        let selected = try node(.select(operand, field, optional: optional), offset, operand)
        return at(.leftBrace) && !optional ? try message(selected) : selected
    }

    // MARK: Aggregates

    private mutating func list() throws(Failure) -> Expression {
        let offset = token.offset
        try expect(.leftBracket)
        var items = [Expression.ListItem]()
        while !at(.rightBracket) {
            let optional = try take(.question)
            items.append(Expression.ListItem(value: try expression(), optional: optional))
            guard try take(.comma) else { break }
        }
        try expect(.rightBracket)
        return try node(.list(items), offset, over: items.map(\.value))
    }

    private mutating func map() throws(Failure) -> Expression {
        let offset = token.offset
        try expect(.leftBrace)
        var items = [Expression.MapItem]()
        while !at(.rightBrace) {
            let optional = try take(.question)
            let key = try expression()
            try expect(.colon)
            items.append(Expression.MapItem(key: key, value: try expression(), optional: optional))
            guard try take(.comma) else { break }
        }
        try expect(.rightBrace)
        return try node(.map(items), offset, over: items.map(\.key) + items.map(\.value))
    }

    /// `Name{field: value}`, where the operand is a qualified name.
    private mutating func message(_ operand: Expression) throws(Failure) -> Expression {
        guard let name = operand.qualifiedName else { throw unexpected("an operator") }
        try expect(.leftBrace)
        var items = [Expression.FieldItem]()
        while !at(.rightBrace) {
            let optional = try take(.question)
            let offset = token.offset
            let field: String
            switch token.kind {
            case .name(let word), .quotedName(let word): field = word
            default: throw unexpected("a field's name")
            }
            try advance()
            try expect(.colon)
            let value = try expression()
            items.append(Expression.FieldItem(name: field, value: value, optional: optional, offset: offset))
            guard try take(.comma) else { break }
        }
        try expect(.rightBrace)
        return try node(.message(name, items), operand.offset, over: items.map(\.value))
    }
}

extension Expression {
    /// The text of `a.b.c` where the tree is only names and plain selections.
    var qualifiedName: String? {
        switch kind {
        case .name(let name): return name
        case .select(let operand, let field, optional: false):
            return operand.qualifiedName.map { $0 + "." + field }
        default: return nil
        }
    }
}
