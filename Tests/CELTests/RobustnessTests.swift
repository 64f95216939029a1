import Foundation
import Testing

@testable import CEL

/// Hostile input ends in an error, in bounded time and memory.
@Suite struct RobustnessTests {
    private static func code(_ source: String, limits: CELLimits = CELLimits(), cost: Int? = nil) -> String {
        outcome(source, limits: limits, costLimit: cost)
    }

    @Test func deepNesting() {
        func nested(_ open: String, _ close: String, _ depth: Int, _ core: String = "1") -> String {
            String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
        }
        for (open, close) in [
            ("(", ")"), ("[", "]"), ("{1:", "}"), ("size(", ")"), ("-(", ")"), ("true ? 1 : ", ""),
            ("[1].map(x, ", ")"), ("1 + (", ")"), ("dyn(", ")"),
        ] {
            #expect(RobustnessTests.code(nested(open, close, 100_000)) == "error limit", "\(open)")
            #expect(!RobustnessTests.code(nested(open, close, 100)).hasPrefix("error limit"), "\(open)")
        }
        #expect(RobustnessTests.code(String(repeating: "1 + ", count: 10_000) + "1") == "error limit")
        #expect(RobustnessTests.code("x" + String(repeating: ".y", count: 10_000)) == "error limit")
        #expect(RobustnessTests.code("[1]" + String(repeating: "[0]", count: 10_000)) == "error limit")
        #expect(RobustnessTests.code(String(repeating: "!", count: 100_001) + "true") == "false")
        #expect(RobustnessTests.code(String(repeating: "true && ", count: 10_000) + "true") == "true")
    }

    @Test func largeText() {
        let megabyte = String(repeating: "a", count: 1 << 20)
        #expect(RobustnessTests.code("'\(megabyte)' == ''") == "error limit")
        #expect(RobustnessTests.code(String(repeating: "9", count: 100_000)) == "error syntax")
        #expect(RobustnessTests.code("[" + String(repeating: "1,", count: 200_000) + "]") == "error limit")
        #expect(RobustnessTests.code("1" + String(repeating: "0", count: 400) + ".0") == "error syntax")
    }

    @Test func comprehensionBombs() {
        let list = "[1,2,3,4,5,6,7,8,9,10]"
        var source = "true"
        for level in 0..<12 { source = "\(list).all(v\(level), \(source))" }
        #expect(RobustnessTests.code(source) == "error costExceeded")
        // Exponential in what it would be written out; its parts are shared.
        let doubling = "['foo', 'bar']" + String(repeating: ".map(x, [x + x, x + x])", count: 60)
        #expect(RobustnessTests.code("size(\(doubling))") == "2")
        let strings = "['ab']" + String(repeating: ".map(x, x + x)", count: 60) + "[0].size()"
        #expect(RobustnessTests.code(strings) == "error costExceeded")
        #expect(RobustnessTests.code("lists.range(9223372036854775807)") == "error costExceeded")
        let absorbed = "[1].exists(x, lists.range(100000000).size() > 0) || true"
        #expect(RobustnessTests.code(absorbed) == "error costExceeded")
        #expect(RobustnessTests.code("'%.1001f'.format([1.0])") == "error invalidValue")
    }

    /// Values that share their parts are small in memory and huge when walked over.
    @Test func sharedParts() {
        func shared(_ item: String, _ use: String) -> String {
            var source = use
            for level in (1...60).reversed() {
                let inner = "v\(level - 1)"
                source = "cel.bind(v\(level), \(item.replacingOccurrences(of: "?", with: inner)), \(source))"
            }
            return "cel.bind(v0, [1], \(source))"
        }
        #expect(RobustnessTests.code(shared("[?, ?]", "v60 == [v59, v59]")) == "error costExceeded")
        #expect(RobustnessTests.code(shared("[?, ?]", "'%s'.format([v60])")) == "error costExceeded")
        #expect(RobustnessTests.code(shared("{'a': ?, 'b': ?}", "v60 == {'a': v59, 'b': v59}")) == "error costExceeded")
        #expect(RobustnessTests.code(shared("{1: ?}", "type({v60: v60} == {v60: v60})")) == "error type")
        #expect(RobustnessTests.code(shared("[?, ?]", "v60 in [v60]")) == "error costExceeded")
        let environment = CELEnvironment()
        if let program = try? environment.compile(shared("[?, ?]", "v60")),
            let value = try? program.evaluate(CELActivation(environment))
        {
            #expect(TaggedValue(value) == nil)
        } else {
            Issue.record("the shared list has no value")
        }
    }

    /// What hashes, compares or copies a value costs in proportion to its size.
    @Test(arguments: [
        ("sets.contains(list, [1])", 50_000), ("sets.equivalent(list, [1])", 50_000),
        ("sets.intersects(list, [1])", 50_000), ("sets.contains([text], [1])", 32_768),
        ("{text: 1}", 32_768), ("[1].transformMap(i, v, {text: v})", 32_768),
        ("[1].transformMapEntry(i, v, {text: v})", 65_536), ("[text].distinct()", 32_768), ("small[text]", 32_768),
        ("small[?text]", 32_768), ("text in small", 32_768), ("object[?text]", 32_768), ("text in object", 32_768),
        ("text in ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'a']", 32_768), ("text <= other", 16_384),
        ("text > other", 16_384), ("bytes <= bytes", 16_384), ("[text, other].isSorted()", 16_384),
        ("[text, other].max()", 32_768), ("list.transformMap(i, v, v)", 70_000),
        ("object.exists(k, true)", 1000), ("object.all(k, v, v == 1)", 4000),
        ("{text: 1} == {other: 1}", 98_304),
    ])
    func workOnDataIsCharged(_ source: String, _ least: Int) throws {
        let text = String(repeating: "a", count: 1 << 20)
        let pairs = (0..<1000).map { ("k\($0)", CELValue.int(1)) }
        let bindings: [String: CELValue] = [
            "text": .string(text), "other": .string(String(repeating: "a", count: 1 << 20)), "small": .map(CELMap([:])),
            "bytes": .bytes(Array(text.utf8)), "list": .list(CELList((0..<10_000).map { .int($0) })),
            "object": .object(Host(Dictionary(uniqueKeysWithValues: pairs))),
        ]
        let environment = CELEnvironment(variables: bindings.keys.sorted().map { CELVariable($0) })
        let program = try environment.compile(source)
        let cost = program.evaluateWithCost(CELActivation(environment, bindings)).cost
        // Some steps are spent on the expression itself.
        #expect((least...(least + least / 4 + 10)).contains(cost), "\(source) costs \(cost)")
    }

    /// A constant of the source is no cheaper to look up or to compare, on whatever way.
    @Test func longConstantsAreCharged() throws {
        let name = String(repeating: "a", count: 1 << 19)
        let same = CELValue.string(String(repeating: "a", count: 1 << 19))
        let inner = CELValue.object(Host([name: 1]))
        let bindings: [String: CELValue] = ["object": inner, "map": .map(CELMap([name: 1])), "text": same]
        let environment = CELEnvironment(variables: bindings.keys.sorted().map { CELVariable($0) })
        for (source, least) in [
            ("object['\(name)']", 16_384), ("map['\(name)']", 16_384), ("map.\(name)", 16_384),
            ("map.?\(name)", 16_384),
            ("has(map.\(name))", 16_384), ("[map][0].\(name)", 16_384), ("text == '\(name)'", 8192),
        ] {
            let program = try environment.compile(source)
            let cost = program.evaluateWithCost(CELActivation(environment, bindings)).cost
            #expect(cost >= least, "\(source.prefix(20)) costs \(cost)")
        }
    }

    /// A macro over a map reads its entries where they stand.
    @Test func macrosOverMapsCopyNothing() throws {
        let pairs = (0..<200_000).map { (key: CELValue.int($0), value: CELValue.int($0)) }
        let bindings: [String: CELValue] = ["map": .map(CELMap(uniqueKeys: pairs))]
        let environment = CELEnvironment(variables: [CELVariable("map")])
        let program = try environment.compile("lists.range(10000).all(x, map.exists(k, v, k == 0 && v == 0))")
        let start = ContinuousClock().now
        #expect(try program.evaluateBool(CELActivation(environment, bindings)))
        #expect(ContinuousClock().now - start < .seconds(5))
        #expect(outcome("{'b': 1, 'a': 2}.transformList(k, v, k + string(v))") == "['b1', 'a2']")
    }

    @Test func patternsStayLinear() {
        let text = String(repeating: "a", count: 30_000)
        #expect(RobustnessTests.code("'\(text)'.matches('(a*)*b')") == "false")
        #expect(RobustnessTests.code("'\(text)'.matches('^(a|aa)+$')") == "true")
        #expect(RobustnessTests.code("'\(text)'.matches('(a?){500}b')") == "error costExceeded")
        #expect(RobustnessTests.code("'\(text)'.findAll('a.*b|a').size()") == "error costExceeded")
        let many = (0..<3000).map { _ in "'a'.matches('x{900}y{900}z{900}')" }.joined(separator: " || ")
        #expect(RobustnessTests.code(many) == "error limit")
        let made = "lists.range(3000).exists(p, 'a'.matches('x{900}y{900}z{900}' + string(p)))"
        #expect(RobustnessTests.code(made) == "error costExceeded")
        let classes = "(?i)" + String(repeating: "[\\\\pL]", count: 2000)
        #expect(RobustnessTests.code("'a'.matches('\(classes)')").hasPrefix("error"))
        let half = String(repeating: "a", count: 20_000)
        #expect(RobustnessTests.code("'\(text)'.contains('\(half)b')") == "error costExceeded")
    }

    /// Random token soup, random trees and damaged copies of both: no crash, and the same outcome folded or not,
    /// checked or not. `CEL_FUZZ_RUNS` sets how many, `CEL_FUZZ_SEED` where to begin.
    @Test func fuzz() throws {
        let environment = ProcessInfo.processInfo.environment
        let runs = environment["CEL_FUZZ_RUNS"].flatMap(Int.init) ?? 4000
        let seed = environment["CEL_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        var generator = SeededGenerator(seed: seed)
        var unfolded = CELLimits()
        unfolded.foldingCost = 0
        let variables = ["x", "y", "object"].map { CELVariable($0) }
        let folding = CELEnvironment(variables: variables)
        let plain = CELEnvironment(variables: variables, limits: unfolded)
        let bindings: [String: CELValue] = ["x": 3, "y": "text", "object": .object(Host(["a": 1, "b": "c"]))]
        var compiled = 0
        for run in 0..<runs {
            let source = Generator.source(&generator)
            let faults = folding.check(source)
            let arePlaced = faults.allSatisfy { $0.line > 0 && !$0.rendered().isEmpty }
            #expect(arePlaced, "seed \(seed), run \(run): \(source)")
            let checked = try? folding.compile(source)
            #expect((checked != nil) == faults.isEmpty, "seed \(seed), run \(run): \(source)")
            guard let program = checked ?? (try? folding.compileUnchecked(source)) else { continue }
            compiled += 1
            let first = program.evaluateWithCost(CELActivation(folding, bindings), costLimit: 20_000)
            let other = try plain.compileUnchecked(source)
                .evaluateWithCost(CELActivation(plain, bindings), costLimit: 200_000)
            guard first.cost < 20_000, other.cost < 200_000 else { continue }
            #expect(
                Generator.summary(first.result) == Generator.summary(other.result),
                "seed \(seed), run \(run): \(source)")
        }
        // A generator that makes only nonsense would test only the parser.
        #expect(compiled > runs / 2, "only \(compiled) of \(runs) compiled")
    }
}

/// Makes sources that are sometimes right.
private enum Generator {
    static func summary(_ result: Result<CELValue, CELError>) -> String {
        switch result {
        case .success(let value): show(value)
        case .failure: "error"
        }
    }

    static func source(_ generator: inout SeededGenerator) -> String {
        let kind = Int.random(in: 0..<10, using: &generator)
        if kind == 0 {
            let tokens = (0..<Int.random(in: 1...12, using: &generator)).map { _ in pick(soup, &generator) }
            return tokens.joined(separator: Bool.random(using: &generator) ? " " : "")
        }
        var source = tree(Int.random(in: 1...4, using: &generator), &generator)
        if kind < 3 {
            // Damage a few bytes.
            var bytes = Array(source.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[place], at: place)
                }
            }
            source = String(decoding: bytes, as: UTF8.self)
        }
        return source
    }

    private static func pick(_ list: [String], _ generator: inout SeededGenerator) -> String {
        list.randomElement(using: &generator) ?? ""
    }

    private static func tree(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        guard depth > 0 else { return pick(leaves, &generator) }
        var text = pick(shapes, &generator)
        while let hole = text.firstIndex(of: "§") {
            text.replaceSubrange(hole...hole, with: tree(depth - 1, &generator))
        }
        return text
    }

    private static let leaves = [
        "1", "0", "-1", "9223372036854775807", "-9223372036854775808", "2u", "18446744073709551615u", "1.5", "0.0",
        "1e308",
        "'a'", "'é🐱'", "''", "b'\\xff'", "true", "false", "null", "x", "y", "object", "object.a", "[]", "{}", "int",
        "z",
        "timestamp(0)", "duration('1h')", "optional.none()", "'9'", "[1, 2, 3]", "{'a': 1}", "'(a|b)*c'",
        "quantity('1Gi')",
        "ip('10.0.0.1')", "cidr('10.0.0.0/8')", "semver('1.2.3')", "url('http://a/b?c=d')", "'%s %d'", "v",
    ]

    private static let shapes = [
        "§ + §", "§ - §", "§ * §", "§ / §", "§ % §", "§ == §", "§ != §", "§ < §", "§ >= §", "§ in §", "§ && §",
        "§ || §",
        "!(§)", "-(§)", "(§) ? (§) : (§)", "[§, §]", "[?§, §]", "{§: §}", "{?§: §}", "(§)[§]", "(§)[?§]", "(§).a",
        "(§).?a",
        "has((§).a)", "(§).all(v, §)", "(§).exists(v, §)", "(§).exists_one(v, §)", "(§).map(v, §)", "(§).filter(v, §)",
        "(§).map(v, §, §)", "(§).all(v, w, §)", "(§).transformList(v, w, §)", "(§).transformMap(v, w, §)",
        "cel.bind(v, §, §)",
        "(§).transformMapEntry(v, w, §)", "size(§)", "int(§)", "uint(§)", "double(§)", "string(§)", "bytes(§)",
        "bool(§)",
        "type(§)", "dyn(§)", "timestamp(§)", "duration(§)", "(§).matches(§)", "(§).contains(§)", "(§).split(§)",
        "(§).join(§)",
        "(§).substring(§, §)", "(§).replace(§, §)", "(§).indexOf(§)", "(§).lastIndexOf(§, §)", "(§).charAt(§)",
        "(§).format([§])",
        "(§).getHours()", "(§).getDayOfYear('Asia/Tokyo')", "math.greatest(§, §)", "math.abs(§)",
        "math.bitShiftLeft(§, §)",
        "math.round(§)", "(§).sort()", "(§).sortBy(v, §)", "(§).distinct()", "(§).flatten()", "(§).slice(§, §)",
        "(§).sum()",
        "(§).min()", "(§).orValue(§)", "optional.of(§)", "(§).optMap(v, §)", "sets.contains(§, §)", "(§).findAll(§)",
        "regex.replace(§, §, §)", "base64.encode(§)", "base64.decode(§)", "(§).compareTo(§)", "(§).add(§)",
        "(§).reverse()",
        "google.protobuf.Int32Value{value: §}", "lists.range(§)", "strings.quote(§)", "(§).trim()", "quantity(§)",
        "ip(§)",
    ]

    private static let soup =
        leaves + [
            "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "<", "in",
            "has", "r'",
            "'''", "\"", "\\", "`", "//", "\n", "0x", "1e", "b'", "for", "\u{0}", ".?", "[?", "all", "cel", "x.y.z",
            "1.", ".5",
        ]
}
