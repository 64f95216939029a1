import ClusterModel
import ClusterTestKit
import Manifests
import Testing

/// What texts mean to kubectl: to sigs.k8s.io/yaml, which is go-yaml 2 and a step to JSON.
@Suite struct YAMLMeaningTests {
    /// Keys become strings as Go writes their values.
    @Test(arguments: [
        ("8080", "8080"), ("0x10", "16"), ("010", "8"), ("1_000", "1000"), ("true", "true"), ("y", "true"),
        ("Off", "false"), ("1.0", "1"), ("1.50", "1.5"), ("1e3", "1000"), ("1e6", "1e+06"),
        ("1234567.0", "1.234567e+06"),
        ("0.0001", "0.0001"), ("0.00001", "1e-05"), (".5", "0.5"), ("-2.5", "-2.5"), (".inf", ".inf"),
        ("-.inf", "-.inf"), ("'8080'", "8080"), ("\"true\"", "true"), ("'y'", "y"), ("no-way", "no-way"),
        ("2024-01-01", "2024-01-01"), ("name", "name"), ("null-x", "null-x"), ("0x", "0x"), ("x.y/z", "x.y/z"),
    ])
    func makesStringsOfKeys(key: String, name: String) {
        #expect(read("\(key): v\n") == "{\"\(name)\":\"v\"}", "in block style")
        #expect(read("a: {\(key): v}\n") == "{\"a\":{\"\(name)\":\"v\"}}", "in flow style")
        #expect(read("? \(key)\n: v\n") == "{\"\(name)\":\"v\"}", "with a question mark")
    }

    @Test(
        arguments: [
            ("~: v\n", "f.yaml:1:1: expected valid YAML, found a key that is not a plain string but null"),
            ("a:\n  null: v\n", "f.yaml:2:3: expected valid YAML, found a key that is not a plain string but null"),
            (
                "a: {[x]: v}\n",
                "f.yaml:1:5: expected valid YAML, found a key that is not a plain string but a list of 1"
            ),
            ("1: a\n0x1: b\n", "f.yaml:2:1: expected each key once, found the key \"1\" more than once"),
            ("a: 1\nb:\n  c: 1\n  d: 2\n  'c': 3\n", "f.yaml:5:3: expected each key once"),
            ("a: {x: 1,\n  x: 2}\n", "f.yaml:2:3: expected each key once"),
            ("a: !!int x\n", "f.yaml:1:4: expected valid YAML, found the string \"x\" with the tag !!int"),
            ("a: !!binary ':'\n", "f.yaml:1:4: expected valid YAML, found a text that is not in base 64"),
            ("a: &a [*a]\n", "f.yaml:1:8: expected valid YAML, found the alias *a inside of what it stands for"),
            ("x: 1\n---\na: b\n\n  c: [\n", "f.yaml:5:4: expected valid YAML"),
            (
                "é: [é, é\u{2028}é, *x]\n",
                "f.yaml:1:13: expected valid YAML, found a syntax error (found undefined alias *x)"
            ),
            (
                "x: 1\n---\na: \"b\n",
                "f.yaml:4:1: expected valid YAML, found a syntax error (found unexpected end of stream"
            ),
            (
                "x: 1\n---\na: \"b\n",
                "found a syntax error (found unexpected end of stream while scanning a quoted scalar"
            ),
            ("x: 1\n---\na: \"b\n", "that begins on line 3)"),
            ("a: \u{1B}b\n", "f.yaml:1:4: expected valid YAML, found the character U+001B, which YAML wants escaped"),
            ("a: !e!x y\n", "f.yaml:1:4: expected valid YAML, found a syntax error (found undefined tag handle"),
        ] as [(String, String)])
    func saysWhatIsWrong(text: String, error: String) {
        #expect(read(text).contains(error), "\(read(text))")
    }

    @Test(
        arguments: [
            // Aliases and merges.
            ("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n", #"{"a":{"b":1},"c":{"b":1},"d":{"e":2,"b":1}}"#),
            ("a: &x 5\n*x : v\n", #"{"a":5,"5":"v"}"#),
            (
                "a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc:\n  <<: [*x, *y]\n",
                #"{"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":1,"l":3}}"#
            ),
            ("a: &x {k: 1}\nb: &y {l: 3}\nc:\n  <<: *x\n  <<: *y\n", #"{"a":{"k":1},"b":{"l":3},"c":{"k":1,"l":3}}"#),
            ("'<<': 1\n", #"{"<<":1}"#), ("a: &x 1\nb: &x 2\nc: *x\n", #"{"a":1,"b":2,"c":2}"#),
            // Tags.
            (
                "a: !!float 3\nb: !!bool 'yes'\nc: !!null ''\nd: !!binary aGk=\n",
                #"{"a":3.0,"b":true,"c":null,"d":"hi"}"#
            ),
            ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 5\n", #"{"a":"5"}"#),
            ("%YAML 1.1\n--- # x\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", #"{"a":1} {"b":2}"#),
            // Scalars over several lines.
            (
                "a: one\n  two\n\n  three\nb: 'x\n\n  y'\nc: \"p \\\n  q\"\n",
                #"{"a":"one two\nthree","b":"x\ny","c":"p q"}"#
            ),
            ("a: |2-\n   x\n  y\nb: >+\n  p\n  q\n\n", #"{"a":" x\ny","b":"p q\n\n"}"#),
            ("a: |\n  # not a comment\n  *not: &an alias\n", ##"{"a":"# not a comment\n*not: &an alias\n"}"##),
            ("a: 'x # y'\nb: x # y\nc: x#y\n", #"{"a":"x # y","b":"x","c":"x#y"}"#),
            // Flow style over several lines, with a comma at the end, and without blanks.
            ("a: [1,\n  2, # two\n  {b: c,\n   d: e,},\n]\n", #"{"a":[1,2,{"b":"c","d":"e"}]}"#),
            ("{\"a\":1, 'b':2, c: 3}\n", #"{"a":1,"b":2,"c":3}"#),
            ("a: [http://x:80/y, b]\n", #"{"a":["http://x:80/y","b"]}"#),
            // Documents: with marks of byte order where files were joined, of comments alone, ended by dots.
            ("\u{FEFF}# x\n---\n\u{FEFF}a: 1\n\u{FEFF}---\nb: 2\n...\n# y\n---\n", #"{"a":1} {"b":2}"#),
            ("--- |\n x\n--- \"y\"\n--- [z]\n", #""x\n" "y" ["z"]"#), ("---\n- a\n---\n~\n---\n- b\n", #"["a"] ["b"]"#),
            // Numbers beyond 64 bits and beyond floats.
            (
                "a: 18446744073709551616\nb: 1e400\nc: -0x8000000000000000\n",
                #"{"a":1.8446744073709552e+19,"b":"1e400","c":-9223372036854775808}"#
            ),
            ("é: 1\n\"e\u{301}\": 2\n", "{\"é\":1,\"e\u{301}\":2}"),
        ] as [(String, String)])
    func readsAsKubectl(text: String, json: String) {
        #expect(read(text) == json)
        // Line ends of Windows and of old Macs mean the same.
        #expect(read(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")) == json)
        #expect(read(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r")) == json)
    }

    /// What only looks like aliases, anchors and keys: scripts and Markdown in strings, in every style.
    @Test func takesScriptsForText() {
        let lines = (0..<40).map { "rm -f /tmp/\($0)/* && sync & wait\n? *is: it\n- [x]: **bold** &amp *x :\n" }
        let block = "a: |\n" + lines.joined().split(separator: "\n").map { "  \($0)\n" }.joined()
        #expect(read(block + "b: [1]\n") == read("a: \"\(lines.joined().replacing("\n", with: "\\n"))\"\nb: [1]\n"))
        #expect(read(block + "b: [1]\n").hasPrefix(#"{"a":"rm -f /tmp/0/* && sync & wait\n? *is"#))
    }

    /// Random YAML with aliases: as many values as were written out, or an error; never more than a moment's work.
    @Test func boundsAliasesByWhatTheyStandFor() {
        let long = "a: &a \(String(repeating: "x", count: 60_000))\n"
        let few = (0..<100).map { "b\($0): *a\n" }.joined()
        #expect(read(long + few).utf8.count > 6_000_000)
        let many = (0..<3_000).map { "b\($0): *a\n" }.joined()
        #expect(read(long + many).contains("aliases that stand for too many values"))
        var deep = "a0: &a0 [x]\n"
        for level in 1...150 { deep += "a\(level): &a\(level) [[*a\(level - 1)]]\n" }
        #expect(read(deep).contains("nesting deeper than 200"))
    }
}

@Suite struct LinearReadingTests {
    /// The line and the column of an error, however long its line is; found once for all.
    @Test func findsPlacesOnLongLines() {
        let object = #"{"kind":"Namespace","metadata":{"name":"Bad"}}"#
        let text = Array(repeating: object, count: 20_000).joined()
        let clock = ContinuousClock()
        var errors: [InputError] = []
        let time = clock.measure {
            do throws(InputErrors) {
                _ = try ClusterInput(texts: [("f.json", text)])
            } catch { errors = error.errors }
        }
        #expect(errors.first?.column == 40)
        #expect(errors.dropFirst().first?.column == 40 + object.utf8.count)
        // A walk back to the beginning of the line for each would be 8 billion bytes.
        #expect(time < .seconds(20), "\(time)")
    }

    @Test func countsCharactersAndLines() throws {
        var generator = SeededGenerator(seed: 11)
        var text = ""
        for _ in 0..<20_000 { text += ["a", "é", "\n", "日", "x: ", "\u{1F600}"][generator.next(below: 6)] }
        text = String(repeating: "é", count: 5_000) + "\n" + text + "\n"
        for _ in 0..<50 {
            // A character that YAML refuses shows where it stands.
            let scalars = Array(text.unicodeScalars)
            let place = generator.next(below: scalars.count)
            let before = scalars[..<place]
            var bad = String.UnicodeScalarView(before)
            bad.append("\u{7}")
            bad.append(contentsOf: scalars[place...])
            let line = before.count { $0 == "\n" } + 1
            let column = (before.lastIndex(of: "\n").map { place - $0 - 1 } ?? place) + 1
            let error = try #require(throws: InputError.self) {
                try SourceReader.documents(text: "\"" + String(bad).replacing("\n", with: "\n") + "\"", file: "f.yaml")
            }
            #expect(error.line == line)
            #expect(error.column == (line == 1 ? column + 1 : column))
        }
    }
}

@Suite struct EncodingTests {
    private static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
        ("\u{FEFF}" + text).utf16.flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return bigEndian ? bytes.reversed() : bytes
        }
    }

    @Test(arguments: [true, false]) func readsWhatPowerShellWrites(bigEndian: Bool) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "a.yaml", bytes: EncodingTests.utf16("a: \"é\u{1F600}\"\r\nb:\r\n- 日\r\n", bigEndian: bigEndian))
        #expect(try SourceReader.documents(path: path).map(\.value.json) == ["{\"a\":\"é\u{1F600}\",\"b\":[\"日\"]}"])
        let bad = try folder.write("b.yaml", bytes: EncodingTests.utf16("a: é\r\nbé: [\r\n", bigEndian: bigEndian))
        let error = try #require(throws: InputError.self) { try SourceReader.documents(path: bad) }
        #expect("\(error)".hasPrefix("\(bad):3:1: expected valid YAML"), "\(error)")
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "found text in UTF-32"),
            ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61], "found text in UTF-32"),
            ([0xFF, 0xFE, 0x61, 0, 0x00, 0xDC], "1:2: expected text in UTF-16, found half a surrogate pair"),
            ([0xFF, 0xFE, 0x61, 0, 0x00, 0xD8, 0x61, 0], "1:2: expected text in UTF-16, found half a surrogate pair"),
            ([0xFF, 0xFE, 0x0A, 0, 0x61], "2:1: expected text in UTF-16, found half a character"),
            ([0xFF, 0xFE, 0x61, 0, 0, 0], "1:2: expected text in UTF-16, found a NUL character"),
            ([0x61, 0, 0x3A, 0], "found a NUL byte at offset 1"),
        ] as [([UInt8], String)])
    func saysWhatCannotBeDecoded(bytes: [UInt8], words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.yaml", bytes: bytes)
        let error = try #require(throws: InputError.self) { try SourceReader.documents(path: path) }
        #expect(error.code == .encoding)
        #expect("\(error)".contains(words), "\(error)")
    }
}
