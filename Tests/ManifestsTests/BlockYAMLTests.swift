import ClusterModel
import Testing

@testable import Manifests

/// Reads text with the fast reader alone.
private func fast(_ text: String, skipping: Set<String> = []) -> Value? {
    Array(text.utf8).withUnsafeBufferPointer { BlockYAML.parse($0, skipping: skipping) }
}

@Suite struct BlockYAMLTests {
    @Test(arguments: [
        "a: 1\n", "a: 1", "- a\n- b: 1\n  c: 2\n-\n  d: 3\n- - x\n  - y\n-\n- z\n",
        "a:\n- 1\n- 2\nb:\n  - 3\nc:\nd: ~\n",
        "a: \"x\\ty\\u00e9\\\"\"\nb: 'it''s'\n'c': {}\n\"d e\": []\n",
        "a: |\n  x\n   y\n\n  z\n\n\nb: |-\n  x\n\nc: |+\n  x\n\n",
        "a:   b   # comment\n# more\n\nc: d#e\n", "f:metadata:\n  .: {}\n  k:{\"a\":\"b\"}:\n    x: y\n",
        "a: b:c\nurl: http://x.y/z?a=b&c=d\nt: 2024-01-01T00:00:00Z\n", "  a: 1\n  b: 2\n", "plain\n",
        "- |\n  x\n- y\n",
        "a: é\nb: \"日本\"\n", "a:\n    b:\n      c:\n      - d:\n          e: f\n", "# only\n", "",
        "- a: |\n    x\n    y\n  b: 1\n",
        "a: -1\nb: -x\nc: .5\n", "a : 1\n", "a:\n  # c\n  b: 1\n # d\n  c: 2\n", "a: [] # x\nb: {} \n",
    ])
    func readsWhatItMayRead(text: String) throws {
        let value = try #require(fast(text), "left to the general reader")
        #expect(value == (try GeneralYAML.parse(text) ?? .null))
    }

    @Test(arguments: [
        "a: &x 1\nb: *x\n", "a: !!str 1\n", "a: [1]\n", "a: {b: c}\n", "a: >\n  x\n", "a: \"x\n  y\"\n", "a: x\n  y\n",
        "a:\t1\n", "a: 1\r\n", "a: 1\na: 2\n", "a: b: c\n", "? a\n: b\n", "a: |2\n   x\n", "a:\n  b: 1\n c: 2\n",
        "- a\nb: c\n",
        "<<: {}\n", "a: 'x\n", "a: \"\\q\"\n", "a: \u{2028}b\n", "a: \u{85}\n", "a: @x\n", "a: 'b' c\n",
        "a: |\n\n  x\n", "a: - b\n",
        "a: |\n  x", "%x\n", "--- 1\n", "a: 1\n---\n", "a\nb\n", "a: ]\n", "\u{FEFF}a: 1\n", "a: \u{7F}\n",
    ])
    func leavesTheRest(text: String) {
        #expect(fast(text) == nil)
    }

    @Test func findsRepeatedKeysAmongMany() {
        let text = (0..<40).map { "key-\($0): x\n" }.joined()
        guard case .object(let fields)? = fast(text) else {
            Issue.record("left to the general reader")
            return
        }
        #expect(fields.count == 40)
        for index in [0, 15, 16, 17, 39] { #expect(fast(text + "key-\(index): y\n") == nil) }
    }

    @Test func passesOverSkippedKeys() throws {
        let text = """
            metadata:
              managedFields:
              - apiVersion: v1
                "quoted": 'it''s'
                f:spec:
                  k:{"name":"a"}:
                    .: {}
              name: a
              other:
                managedFields: []
            managedFields: short
            """
        #expect(
            fast(text, skipping: ["managedFields"])
                == .object([
                    .init("metadata", .object([.init("name", .string("a")), .init("other", .object([]))])),
                    .init("managedFields", .string("short")),
                ]))
        #expect(fast("m:\n- x\n- y\na: 1\n", skipping: ["m"]) == .object([.init("a", .int(1))]))
        #expect(fast("m:\na: 1\n", skipping: ["m"]) == .object([.init("m", .null), .init("a", .int(1))]))
    }

    /// What is passed over is read with the same strictness, or a text would mean something else in another style.
    @Test(arguments: [
        "m:\n  a: 1\n  a: 2\n", "m:\n- a\nm:\n- b\n", "m:\n  a: \"x\ny: 1\"\nz: 2\n", "m:\n  a: *nowhere\n",
        "m:\n  a: [1\n", "m:\n  x: \"\\q\"\n", "m:\n  a:\t1\n", "m:\n  a: b: c\n", "m:\n    x\na: 1\n",
    ])
    func readsClosely(skipped text: String) {
        #expect(fast(text, skipping: ["m"]) == nil)
        #expect(fast(text) == nil || text.contains("    x"))
    }

    /// Random trees written in random block style, and random damage to them: the fast reader answers what Yams answers, or
    /// nothing.
    @Test(arguments: 1...40) func agreesWithTheGeneralReader(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var answered = 0
        for _ in 0..<60 {
            var text = YAMLMaker.document(&generator)
            let damage = generator.next(below: 3)
            var bytes = Array(text.utf8)
            for _ in 0..<damage where !bytes.isEmpty {
                let alphabet = Array(" \n:-#'\"|>&*[]{}x0~\t,?!%".utf8)
                let place = generator.next(below: bytes.count)
                switch generator.next(below: 3) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(alphabet[generator.next(below: alphabet.count)], at: place)
                default: bytes[place] = alphabet[generator.next(below: alphabet.count)]
                }
            }
            text = String(decoding: bytes, as: UTF8.self)
            guard let value = fast(text) else { continue }
            answered += 1
            let general = try? GeneralYAML.parse(text) ?? .null
            #expect(value == general, "seed \(seed):\n\(text)")
        }
        #expect(answered >= 20, "most of the texts are plain enough")
    }
}

/// Writes random YAML in block style.
private enum YAMLMaker {
    static func document(_ generator: inout SeededGenerator) -> String {
        var text = ""
        block(&generator, 0, 4, &text)
        return text
    }

    private static func block(_ generator: inout SeededGenerator, _ column: Int, _ depth: Int, _ text: inout String) {
        let pad = String(repeating: " ", count: column)
        let isList = generator.next(below: 3) == 0
        for index in 0...generator.next(below: 4) {
            if generator.next(below: 12) == 0 { text += "\(pad)# a comment: x\n" }
            if generator.next(below: 12) == 0 { text += "\n" }
            let start = isList ? "\(pad)-" : "\(pad)\(key(&generator))\(index):"
            if depth > 0, generator.next(below: 3) == 0 {
                if isList, generator.next(below: 2) == 0 {
                    // A mapping or list that begins on the line of its dash.
                    var inner = ""
                    block(&generator, column + 2, depth - 1, &inner)
                    text += "\(pad)- \(inner.drop { $0 == " " || $0 == "\n" })"
                } else {
                    text += "\(start)\n"
                    block(&generator, column + 1 + generator.next(below: 3), depth - 1, &text)
                }
            } else {
                text += "\(start)\(scalar(&generator, column))\n"
            }
        }
    }

    private static func key(_ generator: inout SeededGenerator) -> String {
        let keys = ["a", "app.kubernetes.io/name", "f:x", "\"quoted key\"", "'s'", "-k", ".", "true", "b c", "é"]
        let text = keys[generator.next(below: keys.count)]
        // The caller appends an index, so that keys differ; a quoted key gets it in front of its end.
        return text.hasPrefix("\"") || text.hasPrefix("'") ? "k" : text
    }

    private static func scalar(_ generator: inout SeededGenerator, _ column: Int) -> String {
        let pad = String(repeating: " ", count: column + 1)
        let scalars = [
            "", " x", " 1", " -2.5", " true", " ~", " \"a\\nb\"", " 'it''s'", " []", " {}", "  spaced  ", " x # c",
            " a:b",
            " 250m", " \"\"", " ''", " |\n\(pad)one\n\(pad) two", " |-\n\(pad)x\n\n\(pad)y", " |+\n\(pad)z\n",
            " 2024-01-01",
            " null", " \"\\u00e9\\x41\\/\"", " x y z", " #c", " =", " 0x1f", " é日",
        ]
        return scalars[generator.next(below: scalars.count)]
    }
}
