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

    /// A part of the tree, and how often its most repeated element is repeated by counters.
    private struct Part {
        var syntax: PatternSyntax
        var repeats = 1
    }

    private struct Counter {
        var minimum: Int
        var maximum: Int?
        /// Written with numbers: `{2,3}`.
        var isNumbered = false
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var flags = Flags()
    private var depth = 0
    private let limits: CELLimits
    private let isTooLong: Bool
    /// Where the last `:]` stands.
    private lazy var lastClassEnd = scalars.indices.dropLast().last { scalars[$0] == ":" && scalars[$0 + 1] == "]" }
    /// Steps spent on classes so far.
    private(set) var work = 0
    /// The names of the groups; the first has index 1.
    private(set) var groupNames: [String?] = []
    private var seenNames: Set<String> = []

    init(_ text: String, limits: CELLimits) {
        isTooLong = text.utf8.count > limits.patternBytes
        // One that is too long is not read at all.
        scalars = isTooLong ? [] : Array(text.unicodeScalars)
        self.limits = limits
    }

    /// The tree of the whole text.
    mutating func parse() throws(Failure) -> PatternSyntax {
        if isTooLong {
            throw Failure(.limit, "the regular expression has more than \(limits.patternBytes) bytes")
        }
        let tree = try choice()
        if position < scalars.count { throw fault("unexpected ')'") }
        return tree.syntax
    }

    private func fault(_ message: String) -> Failure {
        .invalid("invalid regular expression: \(message)")
    }

    private func at(_ scalar: Unicode.Scalar) -> Bool {
        position < scalars.count && scalars[position] == scalar
    }

    private func at(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        position + 1 < scalars.count && scalars[position] == first && scalars[position + 1] == second
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard at(scalar) else { return false }
        position += 1
        return true
    }

    private mutating func take(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        guard at(first, second) else { return false }
        position += 2
        return true
    }

    /// Spends steps on a class.
    private mutating func spend(_ steps: Int) throws(Failure) {
        work += steps
        if work > limits.patternClassWork {
            throw Failure(.limit, "the regular expression has too many large classes")
        }
    }

    // MARK: Structure

    private mutating func choice() throws(Failure) -> Part {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return union(branches) { .choice($0) }
    }

    private mutating func sequence() throws(Failure) -> Part {
        var parts = [Part]()
        var isRepetition = false
        while position < scalars.count, !at("|"), !at(")") {
            if let counter = try counter() {
                if isRepetition { throw fault("a repetition of a repetition needs a group") }
                // It holds for the last element, whatever flags or quotation marks stand between.
                guard let element = parts.popLast() else { throw fault("a repetition of nothing") }
                parts.append(try repeated(element, counter))
                isRepetition = true
                continue
            }
            isRepetition = false
            if take("\\", "Q") {
                while position < scalars.count, !take("\\", "E") {
                    parts.append(Part(syntax: literal(scalars[position].value)))
                    position += 1
                }
                continue
            }
            if let part = try element() { parts.append(part) }
        }
        return parts.isEmpty ? Part(syntax: .empty) : union(parts) { .sequence($0) }
    }

    private func union(_ parts: [Part], _ join: ([PatternSyntax]) -> PatternSyntax) -> Part {
        if parts.count == 1 { return parts[0] }
        let repeats = parts.reduce(1) { max($0, $1.repeats) }
        return Part(syntax: join(parts.map(\.syntax)), repeats: repeats)
    }

    private mutating func repeated(_ element: Part, _ counter: Counter) throws(Failure) -> Part {
        let isLazy = take("?")
        let syntax = PatternSyntax.repeated(
            element.syntax, minimum: counter.minimum, maximum: counter.maximum, isGreedy: isLazy == flags.swapsGreed)
        guard counter.isNumbered else { return Part(syntax: syntax, repeats: element.repeats) }
        if counter.maximum == 0 { return Part(syntax: syntax) }
        // Counters multiply, as Go counts them.
        let times = max(counter.maximum ?? counter.minimum, 1)
        guard times == 1 || element.repeats * times <= limits.patternRepeat else { throw tooManyRepeats() }
        return Part(syntax: syntax, repeats: element.repeats * times)
    }

    private func tooManyRepeats() -> Failure {
        fault("bad repeat count; at most \(limits.patternRepeat) are allowed, counters inside one another multiplied")
    }

    /// `*`, `+`, `?`, `{2,3}`; a brace that is no counter is a plain character.
    private mutating func counter() throws(Failure) -> Counter? {
        if take("*") { return Counter(minimum: 0, maximum: nil) }
        if take("+") { return Counter(minimum: 1, maximum: nil) }
        if take("?") { return Counter(minimum: 0, maximum: 1) }
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
            throw tooManyRepeats()
        }
        return Counter(minimum: minimum, maximum: maximum, isNumbered: true)
    }

    /// A number without leading zeros.
    private mutating func number() -> Int? {
        if at("0"), position + 1 < scalars.count, ("0"..."9").contains(scalars[position + 1]) { return nil }
        var value: Int?
        while position < scalars.count, let digit = Lexer.hexDigit(scalars[position].asByte), digit < 10 {
            // Capped, so that long numbers stay too large and do not overflow.
            value = min((value ?? 0) * 10 + Int(digit), 100_000)
            position += 1
        }
        return value
    }

    /// One element; nil for a group that only sets flags.
    private mutating func element() throws(Failure) -> Part? {
        let scalar = scalars[position]
        switch scalar {
        case "(": return try group()
        case "[": return Part(syntax: .characters(try bracket()))
        case "\\": return Part(syntax: try escape())
        default: break
        }
        position += 1
        switch scalar {
        case ".": return Part(syntax: .characters(flags.dotTakesLineFeed ? .any : .anyButLineFeed))
        case "^": return Part(syntax: .assertion(flags.isMultiLine ? .lineStart : .textStart))
        case "$": return Part(syntax: .assertion(flags.isMultiLine ? .lineEnd : .textEnd))
        default: return Part(syntax: literal(scalar.value))
        }
    }

    private func literal(_ code: UInt32) -> PatternSyntax { .characters(folded(.one(code))) }

    /// A small class, with every case where case is ignored.
    private func folded(_ set: CharacterClass) -> CharacterClass { flags.ignoresCase ? set.foldingCase : set }

    private mutating func group() throws(Failure) -> Part? {
        depth += 1
        if depth > limits.patternDepth { throw fault("groups are nested more than \(limits.patternDepth) deep") }
        defer { depth -= 1 }
        let outer = flags
        position += 1
        var index: Int?
        if take("?") {
            let isNamed = at("P", "<") || (at("<") && !at("<", "=") && !at("<", "!"))
            if isNamed {
                _ = take("P")
                position += 1
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
        return index.map { Part(syntax: .group(inner.syntax, index: $0), repeats: inner.repeats) } ?? inner
    }

    private mutating func named() throws(Failure) -> Int {
        var name = ""
        while position < scalars.count, !at(">") {
            name.unicodeScalars.append(scalars[position])
            position += 1
        }
        let isValid = !name.isEmpty && name.utf8.allSatisfy { Lexer.startsName($0) || Lexer.isDigit($0) }
        guard take(">"), isValid else { throw fault("bad group name") }
        guard seenNames.insert(name).inserted else { throw fault("the group name '\(name)' stands twice") }
        groupNames.append(name)
        return groupNames.count
    }

    /// `i-s)` or `i:`; true where the group ends with the flags.
    private mutating func setFlags() throws(Failure) -> Bool {
        var value = true
        // After a minus at least one flag must stand.
        var isComplete = true
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiLine = value
            case "s": flags.dotTakesLineFeed = value
            case "U": flags.swapsGreed = value
            case "-" where value: value = false
            case ":" where isComplete: return false
            case ")" where isComplete: return true
            default: throw fault("'\(scalar)' is out of place among the flags after '(?'")
            }
            isComplete = scalar != "-"
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
            var set = try posix()
            if set == nil { set = try perlClass() }
            if let set {
                try spend(set.ranges.count)
                ranges += set.ranges
                continue
            }
            let low = try classCode()
            var high = low
            if at("-"), position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                high = try classCode()
                guard high >= low else { throw fault("bad range in a class") }
            }
            let added = folded(CharacterClass([low...high])).ranges
            try spend(added.count)
            ranges += added
        }
        position += 1
        // To sort them, and to turn them round.
        try spend(ranges.count)
        let set = CharacterClass(ranges)
        return isInverted ? set.inverted : set
    }

    /// A character of a class, or the end of a range.
    private mutating func classCode() throws(Failure) -> UInt32 {
        guard position < scalars.count else { throw fault("missing ']'") }
        if at("\\") { return try escapedCode() }
        position += 1
        return scalars[position - 1].value
    }

    /// `[:alpha:]` and its like; nil where no `:]` follows, for then the characters are plain ones.
    private mutating func posix() throws(Failure) -> CharacterClass? {
        guard at("[", ":"), let last = lastClassEnd, last >= position + 2 else { return nil }
        position += 2
        let isInverted = take("^")
        var name = ""
        while !take(":", "]") {
            name.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard let set = CharacterClass.posix(name) else {
            throw fault("unknown class [:\(StandardLibrary.shortened(name)):]")
        }
        return isInverted ? folded(set).inverted : folded(set)
    }

    // MARK: Escapes

    private mutating func escape() throws(Failure) -> PatternSyntax {
        if take("\\", "A") { return .assertion(.textStart) }
        if take("\\", "z") { return .assertion(.textEnd) }
        if take("\\", "b") { return .assertion(.wordBoundary) }
        if take("\\", "B") { return .assertion(.notWordBoundary) }
        if let set = try perlClass() { return .characters(set) }
        return literal(try escapedCode())
    }

    /// `\d`, `\pL` and their like, at a backslash; nil where it is something else.
    ///
    /// Where case is ignored, `\W` is what no case of is in `\w`.
    private mutating func perlClass() throws(Failure) -> CharacterClass? {
        guard at("\\") else { return nil }
        if take("\\", "d") { return .digit }
        if take("\\", "D") { return CharacterClass.digit.inverted }
        if take("\\", "w") { return folded(.word) }
        if take("\\", "W") { return folded(.word).inverted }
        if take("\\", "s") { return .space }
        if take("\\", "S") { return CharacterClass.space.inverted }
        var isInverted = false
        if take("\\", "P") { isInverted = true } else if !take("\\", "p") { return nil }
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
        let set = UnicodeClasses.named(name, ignoresCase: flags.ignoresCase, isInverted: isInverted)
        guard let set else { throw fault("unknown class \\p{\(StandardLibrary.shortened(name))}") }
        return set
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
