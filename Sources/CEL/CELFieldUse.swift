/// A field of a variable that an expression asks for by name, as it must be there.
public struct CELFieldUse: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// Where it stands in the expression: 1-based line.
    public let line: Int
    /// 1-based column, in code points.
    public let column: Int

    /// The fields of a variable that an expression names: `variable.name`, `variable['name']`. What is asked for with `.?`,
    /// `[?…]` or `has(…)` may be absent, and does not count.
    ///
    /// Told by the tokens alone; an expression that cannot be read has none.
    public static func of(_ variable: String, in source: String) -> [CELFieldUse] {
        let text = SourceText(bytes: Array(source.utf8))
        var lexer = Lexer(text.bytes)
        var tokens: [Token] = []
        while let token = try? lexer.next(), token.kind != .end { tokens.append(token) }
        func isSymbol(_ index: Int, _ symbol: Symbol) -> Bool {
            tokens.indices.contains(index) && tokens[index].kind == .symbol(symbol)
        }
        var uses: [CELFieldUse] = []
        for index in tokens.indices where tokens[index].kind == .name(variable) && !isSymbol(index - 1, .dot) {
            let isProbe = isSymbol(index - 1, .leftParen) && index >= 2 && tokens[index - 2].kind == .name("has")
            guard !isProbe, tokens.indices.contains(index + 2) else { continue }
            let name: String
            switch tokens[index + 2].kind {
            case .name(let field) where isSymbol(index + 1, .dot): name = field
            case .quotedName(let field) where isSymbol(index + 1, .dot): name = field
            case .string(let key) where isSymbol(index + 1, .leftBracket) && isSymbol(index + 3, .rightBracket):
                name = key
            default: continue
            }
            // A function of the map, such as `schedulers.exists(…)`, is no field.
            if isSymbol(index + 1, .dot), isSymbol(index + 3, .leftParen) { continue }
            guard let place = text.place(of: tokens[index + 2].offset) else { continue }
            uses.append(CELFieldUse(name: name, line: place.line, column: place.column))
        }
        return uses
    }
}
