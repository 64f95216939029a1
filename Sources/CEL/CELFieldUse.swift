/// Which fields of a variable an expression relies on, told without compiling it.
public enum CELFieldUse {
    /// The fields of a variable that an expression names, `variable.name` or `variable['name']`, without asking whether they
    /// are there: what `has(…)`, `in`, `.?` or `[?…]` asks for anywhere in it may be absent.
    ///
    /// Told by the tokens alone; of an expression that cannot be read, by those before the fault.
    public static func names(of variable: String, in source: String) -> [String] {
        guard source.contains(variable) else { return [] }
        var lexer = Lexer(Array(source.utf8))
        var tokens: [Token.Kind] = []
        while let token = try? lexer.next(), token.kind != .end { tokens.append(token.kind) }
        func token(_ index: Int) -> Token.Kind? { tokens.indices.contains(index) ? tokens[index] : nil }
        var named: [String] = []
        var probed: Set<String> = []
        for index in tokens.indices where tokens[index] == .name(variable) && token(index - 1) != .symbol(.dot) {
            if token(index - 1) == .name("in"), case .string(let key) = token(index - 2) { probed.insert(key) }
            let isField = token(index + 1) == .symbol(.dot)
            guard isField || token(index + 1) == .symbol(.leftBracket) else { continue }
            let isOptional = token(index + 2) == .symbol(.question)
            let place = index + (isOptional ? 3 : 2)
            let name: String
            switch token(place) {
            // A function of the map, such as `schedulers.exists(…)`, is no field.
            case .name(let field) where isField && token(place + 1) != .symbol(.leftParen): name = field
            case .quotedName(let field) where isField: name = field
            case .string(let key) where !isField && token(place + 1) == .symbol(.rightBracket): name = key
            default: continue
            }
            let isHas = token(index - 1) == .symbol(.leftParen) && token(index - 2) == .name("has")
            if isOptional || isHas { probed.insert(name) } else { named.append(name) }
        }
        return named.filter { !probed.contains($0) }
    }
}
