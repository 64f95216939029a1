import Testing

@testable import CEL

@Suite struct RegexTests {
    @Test(arguments: [
        ("abc", "xabcx", true), ("^abc$", "abcd", false), ("^a.c$", "a\nc", false), ("(?s)^a.c$", "a\nc", true),
        ("(?m)^b$", "a\nb\nc", true), ("a{2,3}$", "aaaa", true), ("^a{2,3}$", "aaaa", false), ("a{,2}", "a{,2}", true),
        ("(?i)straße", "STRAßE", true), ("[^a-c]", "abc", false), ("[[:digit:]-]+$", "4-2", true),
        ("\\d+\\.\\d", "3.1", true),
        ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false), ("\\pL+$", "é", true),
        ("^\\p{Greek}$", "α", true),
        ("\\x{1F431}", "🐱", true), ("\\Qa.b\\E", "axb", false), ("^(?:a|ab)(?:c|bcd)$", "abcd", true),
        ("()*$", "", true),
        ("^(a*)*$", "aab", false), ("", "anything", true), ("[]a]", "]", true), ("\\A\\z", "", true), ("x*", "", true),
        ("a|", "b", true), ("(?i)k", "\u{212A}", true), ("\\.", "a", false), ("[a\\]]+$", "a]", true),
        ("\\101", "A", true),
    ])
    func matches(_ pattern: String, _ text: String, _ wanted: Bool) throws {
        var frame = Frame(cost: 1_000_000, localCount: 0, variables: [], unknowns: [], limits: CELLimits())
        #expect(try Pattern(pattern).matches(text, &frame) == wanted, "\(pattern) \(text)")
    }

    @Test(arguments: [
        "(", ")", "[", "a**", "*a", "\\1", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "a{1001}", "(a{1000}){1000}", "\\",
        "[b-a]",
        "(?P<a>x)(?P<a>y)", "\\p{Nope}", "(?z)", "\\8", "[[:nope:]]", "\\x{110000}", "((((a{100}){100}){100}){100})",
        "(((){1000}){1000}){1000}", "a{2}{3}", "(?P<>a)", "\\C",
    ])
    func refusesWhatRE2Refuses(_ pattern: String) {
        #expect(throws: Failure.self) { try Pattern(pattern) }
    }

    /// How Go's `regexp` reads what is seldom written.
    @Test(arguments: [
        ("^\\Qa\\E+b$", "aab", true), ("^\\Qab\\E+$", "abb", true), ("^\\Qab\\E+$", "abab", false),
        ("^a\\Q\\E+$", "aa", true), ("^\\Q+\\E$", "+", true), ("\\Qa|b", "a|b", true), ("^a(?i)*$", "aaa", true),
        ("^(?:a*(?i)*)$", "aa", true), ("[[:alpha]", "[", true), ("[[:alpha]", "b", false), ("^[[:a]]$", ":]", true),
        ("^[[:^alpha:]]$", "1", true), ("{", "{", true), ("a{,2", "a{,2", true), ("^a{02}$", "a{02}", true),
        ("^a{2,03}$", "a{2,03}", true), ("x{2", "x{2", true), ("(?)a", "a", true), ("(?i-s)A", "a", true),
        ("^(a{30}){30}$", String(repeating: "a", count: 900), true), ("(a{1000}){1}", "a", false),
        ("(a{1000}){0}", "", true), ("(a{100}){10}", "a", false), ("(a{1000}){0,1}", "", true),
        ("((a{500})*){2}", "", true),
    ])
    func readsAsGoDoes(_ pattern: String, _ text: String, _ wanted: Bool) throws {
        var frame = Frame(cost: 1_000_000, localCount: 0, variables: [], unknowns: [], limits: CELLimits())
        #expect(try Pattern(pattern).matches(text, &frame) == wanted, "\(pattern) \(text)")
    }

    @Test(arguments: [
        "{2}", "a|{2}", "({2})", "(?i){2}", "(?i)*", "|*", "\\Q\\E*", "(?-)a", "(?i-)a", "(?i-:a)", "(?i--s)a", "(?",
        "(?i", "[[:word", "[[:nope]:]]", "[[::]]", "(a{1000}){2}", "(a{100}){11}", "((a{2,10}){2,10}){2,11}",
        "(a{2,}){501}", "((a{500})*){3}", "(a{501}|b){2}", "a{1,1001}", "a{2,1}", "\\p{armenian-}", "\\p{", "[\\d-z",
        "[a-\\d]",
    ])
    func refusesWhatGoRefuses(_ pattern: String) {
        #expect(throws: Failure.self, "\(pattern)") { try Pattern(pattern) }
    }

    /// Letters are one where simple case folding says so, in classes too; what is not in a class is no case of it.
    @Test(arguments: [
        ("σ", "ς", true), ("ς", "Σ", true), ("ß", "ẞ", true), ("ẞ", "ß", true), ("µ", "μ", true), ("Μ", "µ", true),
        ("ǆ", "ǅ", true), ("Ǆ", "ǅ", true), ("å", "\u{212B}", true), ("ω", "\u{2126}", true), ("S", "ſ", true),
        ("i", "İ", false), ("I", "ı", false), ("ı", "I", false), ("İ", "i", false), ("ss", "ß", false),
        ("[α-ω]", "Σ", true), ("[^ς]", "Σ", false), ("ꭰ", "Ꭰ", true), ("ა", "Ა", true), ("ͅ", "ι", true),
        ("\\w", "ſ", true), ("\\W", "ſ", false), ("[\\W]", "\u{212A}", false), ("[[:lower:]]", "A", true),
        ("[[:^lower:]]", "A", false), ("\\p{Lu}", "a", true), ("\\P{Lu}", "a", false), ("[\\P{Lu}]", "a", false),
        ("[^\\p{Ll}]", "A", false), ("\\p{Greek}", "µ", true), ("\\p{Latin}", "\u{212A}", true), ("ⓐ", "Ⓐ", true),
        ("ⅷ", "Ⅷ", true), ("𐐀", "𐐨", true),
    ])
    func ignoresCase(_ pattern: String, _ text: String, _ wanted: Bool) throws {
        var frame = Frame(cost: 1_000_000, localCount: 0, variables: [], unknowns: [], limits: CELLimits())
        #expect(try Pattern("^(?i)" + pattern + "$").matches(text, &frame) == wanted, "\(pattern) \(text)")
    }

    @Test(arguments: [
        ("Armenian", "Ա"), ("Bengali", "ক"), ("Common", "1"), ("Inherited", "\u{300}"), ("Han", "漢"),
        ("Nag_Mundari", "𞓐"),
        ("Greek", "α"), ("Latin", "ﬀ"), ("Old_Italic", "𐌀"), ("Cherokee", "Ꭰ"), ("Hangul", "가"), ("Tangut", "𗀀"),
    ])
    func scripts(_ name: String, _ text: String) throws {
        var frame = Frame(cost: 1_000_000, localCount: 0, variables: [], unknowns: [], limits: CELLimits())
        #expect(try Pattern("^\\p{\(name)}$").matches(text, &frame), "\(name)")
        #expect(try !Pattern("^\\P{\(name)}$").matches(text, &frame), "\(name)")
        #expect(try !Pattern("^\\p{Thai}$").matches(text, &frame), "\(name)")
    }

    /// The table against the standard library's: each character that Unicode 15 has is of one script, others of none.
    @Test func scriptsCoverUnicode15() {
        #expect(UnicodeScripts.all.count == 163)
        let ranges = UnicodeScripts.all.values.joined().sorted { $0.lowerBound < $1.lowerBound }
        for (one, next) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound < next.lowerBound) }
        let covered = CharacterClass(Array(ranges))
        for code in stride(from: UInt32(0), through: 0x3_FFFF, by: 3) {
            guard let properties = Unicode.Scalar(code)?.properties, properties.generalCategory != .privateUse else {
                continue
            }
            let isOld = properties.age.map { $0.major <= 15 && ($0.major, $0.minor) != (15, 1) } ?? false
            let isAssigned = properties.generalCategory != .unassigned
            if covered.contains(code) != (isOld && isAssigned) { Issue.record("U+\(String(code, radix: 16))") }
        }
    }

    /// The tables are made from parts of Unicode only; what they leave out is as they take it to be.
    @Test func tablesAgreeWithTheStandardLibrary() throws {
        let codes = Array(stride(from: UInt32(0), through: CharacterClass.last, by: 499))
        let wanted = codes.map { Unicode.Scalar($0)?.properties.generalCategory ?? .surrogate }
        for (name, members) in UnicodeClasses.categories where members.count == 1 && name.count == 2 {
            let set = try #require(UnicodeClasses.named(name))
            for (code, category) in zip(codes, wanted) where set.contains(code) != (category == members[0]) {
                Issue.record("\(name) U+\(String(code, radix: 16))")
            }
            for plane in UInt32(0)...16 { #expect(!set.contains(plane << 16 + 0xFFFE)) }
        }
        for code in UInt32(0)...0x1_FFFF where code != 0x130 && code != 0x131 {
            guard let properties = Unicode.Scalar(code)?.properties, properties.changesWhenCaseMapped else { continue }
            for mapping in [properties.lowercaseMapping, properties.uppercaseMapping] {
                guard mapping.unicodeScalars.count == 1, let other = mapping.unicodeScalars.first else { continue }
                let isKnown = CharacterClass.one(code).foldingCase.contains(other.value)
                if !isKnown { Issue.record("U+\(String(code, radix: 16))") }
            }
        }
    }

    /// Classes are made once, and cost what is left to do.
    @Test func classesAreChargedAndShared() throws {
        #expect(RegexTests.work("(?i)\\pL") < 250)
        #expect(RegexTests.work("[\\pL]") > RegexTests.work("[\\d.]") + 1000)
        #expect(RegexTests.work("[\\pL") > 500)
        #expect(throws: Failure.self) { try Pattern(String(repeating: "[\\pL]", count: 2000)) }
        let steps = "lists.range(2000).exists(p, 'x'.matches(r'(?i)[\\pL\\pN]' + string(p)))"
        #expect(outcome(steps) == "error costExceeded")
        #expect(outcome("lists.range(2000).exists(p, 'x'.matches(r'(?i)\\pL' + string(p)))") == "false")
    }

    /// All constant patterns of one expression share what compiling them may take.
    @Test func constantPatternsShareABudget() {
        let classes = (0..<3000).map { "'x'.matches(r'[\\pL\\pN]\($0)')" }.joined(separator: " || ")
        let plain = (0..<20_000).map { "'x'.matches('\($0)a')" }.joined(separator: " || ")
        for source in [classes, plain] {
            let error = CELEnvironment().check(source).first
            #expect(error?.code == .limit)
            #expect(error?.message == "the expression's regular expressions take too long to compile")
        }
        #expect(outcome((0..<400).map { "'x'.matches(r'(?i)\\pL\($0)')" }.joined(separator: " || ")) == "false")
    }

    private static func work(_ pattern: String) -> Int {
        var work = 0
        _ = try? Pattern(pattern, limits: CELLimits(), work: &work)
        return work
    }

    @Test(arguments: [
        ("'a1b22'.findAll('[0-9]+')", "['1', '22']"), ("'abc'.find('b.')", "'bc'"), ("'abc'.find('x')", "''"),
        ("'aaa'.findAll('a', 2)", "['a', 'a']"), ("'baac'.findAll('a*')", "['', 'aa', '']"),
        ("regex.extract('hello world', 'hello (.*)')", "optional('world')"),
        ("regex.extractAll('id:1, id:2', 'id:(\\\\d)')", "['1', '2']"),
        ("regex.extract('x', '(a)(b)')", "error invalidValue"),
        ("regex.replace('ab cd', '(\\\\w)(\\\\w)', '\\\\2\\\\1')", "'ba dc'"),
        ("regex.replace('aaa', 'a', 'b', 2)", "'bba'"), ("'a'.matches('(')", "error invalidValue"),
        ("'foobar'.find('foo|foobar')", "'foo'"), ("'aab'.find('a+?')", "'a'"),
    ])
    func functions(_ source: String, _ wanted: String) {
        #expect(outcome(source) == wanted, "\(source)")
    }

    /// Random small patterns against the plain definition of what a pattern matches.
    @Test func agreesWithTheDefinition() throws {
        var generator = SeededGenerator(seed: 20_261)
        var small = 0
        for _ in 0..<3000 {
            let syntax = RegexTests.random(3, &generator)
            let program = try PatternProgram(syntax, groupCount: 0, limits: CELLimits())
            let length = Int.random(in: 0...6, using: &generator)
            let text = (0..<length).map { _ in Bool.random(using: &generator) ? "a" : "b" }
            let bytes = Array(text.joined().utf8)
            let wanted = (0...bytes.count).contains { !RegexTests.ends(syntax, bytes, $0).isEmpty }
            let found = bytes.withUnsafeBufferPointer { buffer in
                var machine = PatternMachine(program, buffer, capturing: false)
                return machine.run(from: 0) != nil
            }
            #expect(found == wanted, "\(syntax) \(text.joined())")
            guard let bits = PatternBits(program) else { continue }
            small += 1
            #expect(bytes.withUnsafeBufferPointer { bits.matches($0) } == wanted, "\(syntax) \(text.joined())")
        }
        #expect(small > 1000)
    }

    private static func random(_ depth: Int, _ generator: inout SeededGenerator) -> PatternSyntax {
        switch depth == 0 ? Int.random(in: 0...2, using: &generator) : Int.random(in: 0...6, using: &generator) {
        case 0: return .characters(.one(0x61))
        case 1: return .characters(.one(0x62))
        case 2:
            let assertions: [PatternSyntax.Assertion] = [.textStart, .textEnd, .wordBoundary, .notWordBoundary]
            return .assertion(assertions.randomElement(using: &generator) ?? .textEnd)
        case 3, 4: return .sequence((0..<2).map { _ in random(depth - 1, &generator) })
        case 5: return .choice((0..<2).map { _ in random(depth - 1, &generator) })
        default:
            let minimum = Int.random(in: 0...2, using: &generator)
            return .repeated(
                random(depth - 1, &generator), minimum: minimum,
                maximum: Bool.random(using: &generator) ? nil : minimum + 1,
                isGreedy: Bool.random(using: &generator))
        }
    }

    /// Where a match that begins at a position may end.
    private static func ends(_ syntax: PatternSyntax, _ text: [UInt8], _ start: Int) -> Set<Int> {
        switch syntax {
        case .empty: return [start]
        case .characters(let set): return start < text.count && set.contains(UInt32(text[start])) ? [start + 1] : []
        case .assertion(let assertion):
            let isEdge = text.isEmpty ? false : start == 0 || start == text.count
            switch assertion {
            case .textStart, .lineStart: return start == 0 ? [start] : []
            case .textEnd, .lineEnd: return start == text.count ? [start] : []
            case .wordBoundary: return isEdge ? [start] : []
            case .notWordBoundary: return isEdge ? [] : [start]
            }
        case .sequence(let parts):
            return parts.reduce([start]) { starts, part in
                starts.reduce(into: Set()) { $0.formUnion(ends(part, text, $1)) }
            }
        case .choice(let branches): return branches.reduce(into: Set()) { $0.formUnion(ends($1, text, start)) }
        case .group(let inner, _): return ends(inner, text, start)
        case .repeated(let inner, let minimum, let maximum, _):
            var reached: Set<Int> = [start]
            var result: Set<Int> = minimum == 0 ? [start] : []
            // A round that reads nothing leads nowhere new, so as many rounds as there are positions are enough.
            for round in 1...(maximum.map { max($0, 1) } ?? minimum + text.count + 1) {
                if let maximum, round > maximum { break }
                reached = reached.reduce(into: Set()) { $0.formUnion(ends(inner, text, $1)) }
                if round >= minimum { result.formUnion(reached) }
            }
            return result
        }
    }
}

extension Pattern {
    fileprivate convenience init(_ text: String) throws(Failure) {
        var work = 0
        try self.init(text, limits: CELLimits(), work: &work)
    }
}
