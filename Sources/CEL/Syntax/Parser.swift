/// Builds the syntax tree by precedence climbing, within the limits on size and nesting.
struct Parser {
    private var lexer: Lexer
    var token: Token
    let limits: CELLimits
    private var nodes = 0
    private var nesting = 0

    /// Words that are no variable names.
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    /// The tree of a source text.
    static func parse(_ source: SourceText, limits: CELLimits) throws(Failure) -> Expression {
        if source.bytes.count > limits.sourceBytes {
            throw Failure(.limit, "the expression has \(source.bytes.count) bytes; \(limits.sourceBytes) are allowed")
        }
        var parser = Parser(source, limits: limits)
        try parser.advance()
        let root = try parser.expression()
        guard case .end = parser.token.kind else { throw parser.unexpected("an operator or the end") }
        return root
    }

    private init(_ source: SourceText, limits: CELLimits) {
        lexer = Lexer(source.bytes)
        token = Token(kind: .end, offset: 0)
        self.limits = limits
    }

    // MARK: Tokens

    mutating func advance() throws(Failure) {
        token = try lexer.next()
    }

    func at(_ symbol: Symbol) -> Bool {
        token.kind == .symbol(symbol)
    }

    mutating func take(_ symbol: Symbol) throws(Failure) -> Bool {
        guard at(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: Symbol) throws(Failure) {
        guard try take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    func unexpected(_ wanted: String) -> Failure {
        let found: String
        switch token.kind {
        case .end: found = "the end of the expression"
        case .name(let name): found = "'\(name)'"
        case .quotedName(let name): found = "'`\(name)`'"
        case .int, .uint, .double: found = "a number"
        case .string: found = "a string"
        case .bytes: found = "bytes"
        case .symbol(let symbol): found = "'\(symbol.rawValue)'"
        }
        return Failure(.syntax, "expected \(wanted), found \(found)", offset: token.offset)
    }

    // MARK: Nodes

    /// A node over the given children, counted against the limits.
    mutating func node(
        _ kind: Expression.Kind, _ offset: Int, _ children: Expression...
    ) throws(Failure) -> Expression {
        try node(kind, offset, over: children)
    }

    mutating func node(
        _ kind: Expression.Kind, _ offset: Int, over children: [Expression]
    ) throws(Failure) -> Expression {
        nodes += 1
        if nodes > limits.nodes {
            throw Failure(.limit, "the expression has more than \(limits.nodes) parts", offset: offset)
        }
        var height = 0
        for child in children { height = max(height, child.height) }
        if height >= limits.depth {
            throw Failure(.limit, "the expression is nested more than \(limits.depth) deep", offset: offset)
        }
        return Expression(kind, offset: offset, height: height + 1)
    }

    /// Guards the parser's own recursion.
    mutating func enter() throws(Failure) {
        nesting += 1
        if nesting > limits.depth {
            throw Failure(.limit, "the expression is nested more than \(limits.depth) deep", offset: token.offset)
        }
    }

    mutating func leave() {
        nesting -= 1
    }

    // MARK: Operators

    /// `or ? expression : expression`.
    mutating func expression() throws(Failure) -> Expression {
        try enter()
        let condition = try disjunction()
        if at(.question) {
            let offset = token.offset
            try advance()
            let yes = try disjunction()
            try expect(.colon)
            let no = try expression()
            leave()
            return try node(.conditional(condition, yes, no), offset, condition, yes, no)
        }
        leave()
        return condition
    }

    private mutating func disjunction() throws(Failure) -> Expression {
        let first = try conjunction()
        guard at(.or) else { return first }
        let offset = token.offset
        var operands = [first]
        while try take(.or) { operands.append(try conjunction()) }
        return try node(.or(operands), offset, over: operands)
    }

    private mutating func conjunction() throws(Failure) -> Expression {
        let first = try binary(minimum: 1)
        guard at(.and) else { return first }
        let offset = token.offset
        var operands = [first]
        while try take(.and) { operands.append(try binary(minimum: 1)) }
        return try node(.and(operands), offset, over: operands)
    }

    /// The operator at the token and how tightly it binds: relations 1, sums 2, products 3.
    private var binaryOperator: (operation: BinaryOperator, strength: Int)? {
        switch token.kind {
        case .name("in"): return (.inside, 1)
        case .symbol(let symbol):
            switch symbol {
            case .equal: return (.equal, 1)
            case .notEqual: return (.notEqual, 1)
            case .less: return (.less, 1)
            case .lessOrEqual: return (.lessOrEqual, 1)
            case .greater: return (.greater, 1)
            case .greaterOrEqual: return (.greaterOrEqual, 1)
            case .plus: return (.add, 2)
            case .minus: return (.subtract, 2)
            case .star: return (.multiply, 3)
            case .slash: return (.divide, 3)
            case .percent: return (.modulo, 3)
            default: return nil
            }
        default: return nil
        }
    }

    private mutating func binary(minimum: Int) throws(Failure) -> Expression {
        var left = try unary()
        while let (operation, strength) = binaryOperator, strength >= minimum {
            let offset = token.offset
            try advance()
            let right = try binary(minimum: strength + 1)
            left = try node(.binary(operation, left, right), offset, left, right)
        }
        return left
    }

    private mutating func unary() throws(Failure) -> Expression {
        guard at(.not) || at(.minus) else { return try postfix(try primary()) }
        let offset = token.offset
        let symbol: Symbol = at(.not) ? .not : .minus
        var count = 0
        while at(symbol) {
            count += 1
            try advance()
        }
        // The sign next to a number is part of the number: it alone makes the smallest int.
        var operand: Expression
        if symbol == .minus, let literal = try negativeLiteral(offset) {
            count -= 1
            operand = try postfix(literal)
        } else if symbol == .not, at(.minus) {
            try advance()
            guard let literal = try negativeLiteral(offset) else { throw unexpected("a number") }
            operand = try postfix(literal)
        } else {
            operand = try postfix(try primary())
        }
        // Pairs cancel, as the reference grammar has it, but the operand's type is still judged.
        let rounds = count == 0 ? 0 : (count % 2 == 1 ? 1 : 2)
        for _ in 0..<rounds {
            operand = try node(.unary(symbol == .not ? .not : .negate, operand), offset, operand)
        }
        return operand
    }

    private mutating func negativeLiteral(_ offset: Int) throws(Failure) -> Expression? {
        switch token.kind {
        case .int(let magnitude):
            try advance()
            // The lexer let at most 2⁶³ through, and −2⁶³ is an int.
            return try node(.literal(.int(0 &- Int64(truncatingIfNeeded: magnitude))), offset)
        case .double(let value):
            try advance()
            return try node(.literal(.double(-value)), offset)
        default:
            return nil
        }
    }

    static func isReserved(_ name: String) -> Bool {
        reserved.contains(name)
    }
}
