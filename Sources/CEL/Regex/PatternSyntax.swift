/// The syntax tree of a regular expression.
indirect enum PatternSyntax: Sendable {
    case empty
    case characters(CharacterClass)
    case assertion(Assertion)
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    /// At most `maximum` times; without end where nil.
    case repeated(PatternSyntax, minimum: Int, maximum: Int?, isGreedy: Bool)
    case group(PatternSyntax, index: Int)

    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary
    }
}

/// Reads the RE2 syntax; what RE2 refuses (back references, look-around) is refused.
struct PatternParser {
    private struct Flags {
        var ignoresCase = false
        var isMultiLine = false
        var dotTakesLineFeed = false
        var swapsGreed = false
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var flags = Flags()
    private var depth = 0
    private var foldedCodes = 0
    private let limits: CELLimits
    /// The names of the groups; the first has index 1.
    private(set) var groupNames: [String?] = []

    init(_ text: String, limits: CELLimits) {
        scalars = Array(text.unicodeScalars)
        self.limits = limits
    }

    /// The tree of the whole text.
    mutating func parse() throws(Failure) -> PatternSyntax {
        if scalars.count > limits.patternBytes {
            throw Failure(.limit, "the regular expression has more than \(limits.patternBytes) characters")
        }
        let tree = try choice()
        if position < scalars.count { throw fault("unexpected ')'") }
        return tree
    }

    private func fault(_ message: String) -> Failure {
        .invalid("invalid regular expression: \(message)")
    }

    private func at(_ scalar: Unicode.Scalar) -> Bool {
        position < scalars.count && scalars[position] == scalar
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = text.unicodeScalars
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    // MARK: Structure

    private mutating func choice() throws(Failure) -> PatternSyntax {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(Failure) -> PatternSyntax {
        var parts = [PatternSyntax]()
        while position < scalars.count, !at("|"), !at(")") {
            if take("\\Q") {
                while position < scalars.count, !take("\\E") {
                    parts.append(try literal(scalars[position]))
                    position += 1
                    if at("\\"), take("\\E") { break }
                }
                continue
            }
            guard let part = try element() else { continue }
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : (parts.isEmpty ? .empty : .sequence(parts))
    }

    private mutating func repeated(_ element: PatternSyntax) throws(Failure) -> PatternSyntax {
        var element = element
        var count = 0
        while let (minimum, maximum) = try counter() {
            count += 1
            if count > 1 { throw fault("a repetition of a repetition needs a group") }
            let isLazy = take("?")
            element = .repeated(element, minimum: minimum, maximum: maximum, isGreedy: isLazy == flags.swapsGreed)
        }
        return element
    }

    /// `*`, `+`, `?`, `{2,3}`; a brace that is no counter is a plain character.
    private mutating func counter() throws(Failure) -> (minimum: Int, maximum: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        guard let minimum = number() else {
            position = start
            return nil
        }
        var maximum: Int? = minimum
        if take(",") { maximum = number() }
        guard take("}") else {
            position = start
            return nil
        }
        let most = maximum ?? minimum
        guard minimum <= limits.patternRepeat, most <= limits.patternRepeat, most >= minimum else {
            throw fault("bad repeat count; at most \(limits.patternRepeat) are allowed")
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while position < scalars.count, let digit = Lexer.hexDigit(scalars[position].asByte), digit < 10 {
            // Capped, so that long numbers stay too large and do not overflow.
            value = min((value ?? 0) * 10 + Int(digit), 100_000)
            position += 1
        }
        return value
    }

    /// One element; nil for a group that only sets flags.
    private mutating func element() throws(Failure) -> PatternSyntax? {
        let scalar = scalars[position]
        switch scalar {
        case "(": return try group()
        case "[": return .characters(try bracket())
        case "\\": return try escape()
        case "*", "+", "?": throw fault("nothing to repeat before '\(scalar)'")
        default: break
        }
        position += 1
        switch scalar {
        case ".": return .characters(flags.dotTakesLineFeed ? .any : .anyButLineFeed)
        case "^": return .assertion(flags.isMultiLine ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiLine ? .lineEnd : .textEnd)
        default: return try literal(scalar)
        }
    }

    private mutating func literal(_ scalar: Unicode.Scalar) throws(Failure) -> PatternSyntax {
        .characters(try folded(.one(scalar.value)))
    }

    /// The class with both cases where case is ignored.
    private mutating func folded(_ set: CharacterClass) throws(Failure) -> CharacterClass {
        guard flags.ignoresCase else { return set }
        foldedCodes += set.foldingWork
        if foldedCodes > limits.patternFolding {
            throw Failure(.limit, "the regular expression ignores case in too many classes")
        }
        return set.foldingCase
    }

    private mutating func group() throws(Failure) -> PatternSyntax? {
        depth += 1
        if depth > limits.patternDepth { throw fault("groups are nested more than \(limits.patternDepth) deep") }
        defer { depth -= 1 }
        let outer = flags
        position += 1
        var index: Int?
        if take("?") {
            if take("P<") || (!at2("<=") && !at2("<!") && take("<")) {
                index = try named()
            } else if try setFlags() {
                // The flags hold to the end of the enclosing group, which restores its own.
                return nil
            }
        } else {
            groupNames.append(nil)
            index = groupNames.count
        }
        let inner = try choice()
        guard take(")") else { throw fault("missing ')'") }
        flags = outer
        return index.map { .group(inner, index: $0) } ?? inner
    }

    private func at2(_ text: String) -> Bool {
        scalars[position...].starts(with: text.unicodeScalars)
    }

    private mutating func named() throws(Failure) -> Int {
        var name = ""
        while position < scalars.count, !at(">") {
            name.unicodeScalars.append(scalars[position])
            position += 1
        }
        let isValid = !name.isEmpty && name.utf8.allSatisfy { Lexer.startsName($0) || Lexer.isDigit($0) }
        guard take(">"), isValid else { throw fault("bad group name") }
        if groupNames.contains(name) { throw fault("the group name '\(name)' stands twice") }
        groupNames.append(name)
        return groupNames.count
    }

    /// `i-s)` or `i:`; true where the group ends with the flags.
    private mutating func setFlags() throws(Failure) -> Bool {
        var value = true
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiLine = value
            case "s": flags.dotTakesLineFeed = value
            case "U": flags.swapsGreed = value
            case "-" where value: value = false
            case ":": return false
            case ")": return true
            default: throw fault("'(?\(scalar)' is not supported")
            }
        }
        throw fault("missing ')'")
    }

    // MARK: Classes

    private mutating func bracket() throws(Failure) -> CharacterClass {
        position += 1
        let isInverted = take("^")
        var ranges = [ClosedRange<UInt32>]()
        var isFirst = true
        while isFirst || !at("]") {
            isFirst = false
            guard position < scalars.count else { throw fault("missing ']'") }
            if take("[:") {
                ranges += try posix().ranges
                continue
            }
            let low: UInt32
            switch try classItem() {
            case .set(let inner):
                ranges += inner.ranges
                continue
            case .code(let code): low = code
            }
            var high = low
            if at("-"), position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                guard case .code(let code) = try classItem(), code >= low else { throw fault("bad range in a class") }
                high = code
            }
            ranges.append(low...high)
        }
        position += 1
        let set = try folded(CharacterClass(ranges))
        return isInverted ? set.inverted : set
    }

    private enum ClassItem {
        case code(UInt32)
        case set(CharacterClass)
    }

    private mutating func classItem() throws(Failure) -> ClassItem {
        guard position < scalars.count else { throw fault("missing ']'") }
        let scalar = scalars[position]
        guard scalar == "\\" else {
            position += 1
            return .code(scalar.value)
        }
        if let set = try perlClass() { return .set(set) }
        return .code(try escapedCode())
    }

    private mutating func posix() throws(Failure) -> CharacterClass {
        let isInverted = take("^")
        var name = ""
        while position < scalars.count, scalars[position].properties.isAlphabetic {
            name.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard take(":]"), let set = CharacterClass.posix(name) else { throw fault("unknown class [:\(name):]") }
        return isInverted ? set.inverted : set
    }

    // MARK: Escapes

    private mutating func escape() throws(Failure) -> PatternSyntax {
        if take("\\A") { return .assertion(.textStart) }
        if take("\\z") { return .assertion(.textEnd) }
        if take("\\b") { return .assertion(.wordBoundary) }
        if take("\\B") { return .assertion(.notWordBoundary) }
        if let set = try perlClass() { return .characters(try folded(set)) }
        return .characters(try folded(.one(try escapedCode())))
    }

    /// `\d`, `\pL` and their like, at a backslash; nil where it is something else.
    private mutating func perlClass() throws(Failure) -> CharacterClass? {
        if take("\\d") { return .digit }
        if take("\\D") { return CharacterClass.digit.inverted }
        if take("\\w") { return .word }
        if take("\\W") { return CharacterClass.word.inverted }
        if take("\\s") { return .space }
        if take("\\S") { return CharacterClass.space.inverted }
        var isInverted = false
        if take("\\P") { isInverted = true } else if !take("\\p") { return nil }
        var name = ""
        if take("{") {
            if take("^") { isInverted.toggle() }
            while position < scalars.count, !at("}") {
                name.unicodeScalars.append(scalars[position])
                position += 1
            }
            guard take("}") else { throw fault("missing '}'") }
        } else if position < scalars.count {
            name.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard let set = UnicodeClasses.named(name) else { throw fault("unknown class \\p{\(name)}") }
        return isInverted ? set.inverted : set
    }

    /// An escaped character, at a backslash.
    private mutating func escapedCode() throws(Failure) -> UInt32 {
        position += 1
        guard position < scalars.count else { throw fault("a backslash at the end") }
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x": return try hexadecimal()
        case "0"..."7":
            // A digit other than 0 alone would be a back reference.
            var code = scalar.value - 0x30
            var digits = 1
            while digits < 3, position < scalars.count, ("0"..."7").contains(scalars[position]) {
                code = code * 8 + scalars[position].value - 0x30
                position += 1
                digits += 1
            }
            guard scalar == "0" || digits > 1 else { throw fault("back references are not supported") }
            return code
        default:
            let isLetter = Lexer.startsName(scalar.asByte) && scalar != "_"
            guard scalar.isASCII, !isLetter, !Lexer.isDigit(scalar.asByte) else {
                throw fault("unknown escape '\\\(scalar)'")
            }
            return scalar.value
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        let isBraced = take("{")
        var code: UInt32 = 0
        var digits = 0
        while position < scalars.count, isBraced || digits < 2, let digit = Lexer.hexDigit(scalars[position].asByte) {
            code = code << 4 | digit
            digits += 1
            position += 1
            if code > CharacterClass.last { throw fault("a code past U+10FFFF") }
        }
        guard digits > 0, isBraced ? take("}") : digits == 2 else { throw fault("bad escape \\x") }
        return code
    }
}

extension Unicode.Scalar {
    /// The scalar as a byte; 0 outside ASCII.
    fileprivate var asByte: UInt8 {
        isASCII ? UInt8(value) : 0
    }
}
