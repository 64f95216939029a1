import ClusterModel
import ClusterTestKit
import Foundation
import JSON
import Manifests
import Testing

/// What a text holds: the JSON of its documents, or its error.
func read(_ text: String, file: String = "f.yaml") -> String {
    do {
        return try SourceReader.documents(text: text, file: file).map(\.value.json).joined(separator: " ")
    } catch {
        return "\(error)"
    }
}

@Suite struct SourceReaderTests {
    @Test(arguments: [
        ("a: 1\nb: [x, \"y\", 'z']\n", #"{"a":1,"b":["x","y","z"]}"#),
        ("a: 1\n---\nb: 2\n--- # comment\n\n---\nc:\n- d\n...\n---\n", #"{"a":1} {"b":2} {"c":["d"]}"#),
        ("--- {a: 1}\n--- [1, 2]\n", #"{"a":1} [1,2]"#),
        ("%YAML 1.1\n---\na: 1\n", #"{"a":1}"#),
        ("\u{FEFF}a: 1\n", #"{"a":1}"#),
        ("a: 1\r\nb:\r\n- 2\r\n", #"{"a":1,"b":[2]}"#),
        ("# only\n---\n{\"a\": 1}\n{\"b\": [\"}\"]}\n", #"{"a":1} {"b":["}"]}"#),
        ("{a: 'it}'}\n", #"{"a":"it}"}"#),
        ("a: |\n  x\n   y\n\nb: >-\n  one\n  two\n", #"{"a":"x\n y\n","b":"one two"}"#),
        ("base: &b {x: 1, z: 2}\nc:\n  <<: *b\n  z: 3\n", #"{"base":{"x":1,"z":2},"c":{"z":3,"x":1}}"#),
        ("a: !!str 5\nb: !!int \"7\"\nc: !x y\n", #"{"a":"5","b":7,"c":"y"}"#),
    ])
    func readsDocuments(text: String, json: String) {
        #expect(read(text) == json)
    }

    @Test(arguments: [
        ("1", "1"), ("-17", "-17"), ("+5", "5"), ("0x1F", "31"), ("0o17", "15"), ("017", "15"), ("0b11", "3"),
        ("08", "8.0"), ("1_000", "1000"), ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e+18"), ("1.5", "1.5"), (".5", "0.5"), ("1.", "1.0"),
        ("1e3", "1000.0"), ("1E-2", "0.01"), (".inf", "null"), (".nan", "null"), ("true", "true"), ("FALSE", "false"),
        ("yes", "true"), ("Off", "false"), ("~", "null"), ("null", "null"), ("", "null"), ("250m", "\"250m\""),
        ("1.2.3", "\"1.2.3\""), ("10.0.0.1", "\"10.0.0.1\""), ("2024-01-01T00:00:00Z", "\"2024-01-01T00:00:00Z\""),
        ("1e", "\"1e\""), ("0x", "\"0x\""), ("+-1", "\"+-1\""), ("-", "\"-\""), (".", "\".\""), ("inf", "\"inf\""),
        ("nope", "\"nope\""), ("tRue", "\"tRue\""), ("1Gi", "\"1Gi\""), ("'1'", "\"1\""), ("\"true\"", "\"true\""),
        ("--1", "\"--1\""), ("0x-1", "\"0x-1\""),
    ])
    func resolvesPlainScalars(text: String, json: String) {
        // A lone dash would open a list in block style.
        #expect(
            read(text == "-" ? "a: {b: x}" : "a: \(text)\n") == (text == "-" ? #"{"a":{"b":"x"}}"# : "{\"a\":\(json)}"))
        if text != "-", !text.isEmpty { #expect(read("- \(text)\n") == "[\(json)]") }
    }

    @Test(arguments: [
        ("a: 1\nb: : 2\n", "f.yaml:2:4: expected valid YAML, found a syntax error"),
        ("a: 1\n---\nb: 1\nb: 2\n", "f.yaml:4:1: expected each key once, found the key \"b\" more than once"),
        ("a:\n\t- b\n", "f.yaml:2:1: expected valid YAML, found a tab, where YAML allows only spaces"),
        ("a: \"unfinished\n", "f.yaml:2:1: expected valid YAML, found a syntax error"),
        ("{\"a\": 1,\n \"a\": 2}", "f.json:2:4: expected valid JSON, found a syntax error (duplicate object key"),
        ("x: 1\n---\n{\"a\": tru}", "f.json:3:9: expected valid JSON, found a syntax error"),
        ("", "f.yaml: expected at least one object, found no objects"),
        ("# nothing\n---\n", "f.yaml: expected at least one object, found no objects"),
        ("a: b\0c", "f.yaml:1:5: expected UTF-8 text, found a NUL byte at offset 4"),
        ("a: *nowhere\n", "f.yaml:1:4: expected valid YAML, found a syntax error (found undefined alias *nowhere)"),
        ("? [a]\n: b\n", "f.yaml:1:3: expected valid YAML, found a key that is not a plain string"),
        ("a: b: c\n", "f.yaml:1:5: expected valid YAML"),
    ])
    func saysWhereTheTextIsWrong(text: String, error: String) {
        let file = error.hasPrefix("f.json") ? "f.json" : "f.yaml"
        #expect(read(text, file: file).hasPrefix(error), "\(read(text, file: file))")
    }

    @Test func refusesTextThatIsNotUTF8() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("bad.yaml", bytes: Array("a: 1\nb: caf".utf8) + [0xE9, 0x0A])
        let error = try #require(throws: InputError.self) { try SourceReader.documents(path: path) }
        #expect(error.code == .encoding)
        #expect(error.line == 2)
        #expect(error.column == 7)
        #expect(error.found == "the byte 0xE9 at offset 11, which is not UTF-8")
    }

    @Test func refusesAliasesThatMultiply() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(read(text).contains("f.yaml:7:10: expected a document of reasonable size"))
        #expect(read(text).contains("aliases that stand for too many values"))
    }

    /// Keys that are aliases of trees of aliases: refused where the first of them stands, and at once.
    @Test(arguments: ["? *a4\n: x\n", "*a4 : x\n", "[*a4]: x\n", "? {a: *a4}\n: x\n"])
    func refusesKeysThatAreTrees(key: String) {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...4 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let keys = String(repeating: key, count: 500)
        let found = read(text + keys)
        #expect(found.hasPrefix("f.yaml:6:"), "\(found)")
        #expect(found.contains("a key that is not a plain string"), "\(found)")
    }

    @Test(arguments: ["[", "{a: ", "- ", "{\"a\":", "[["]) func refusesDeepNesting(opening: String) {
        let text = read(String(repeating: opening, count: 100_000))
        #expect(text.hasPrefix("f.yaml:"), "\(text.prefix(200))")
    }

    @Test func refusesNestingBeyondTheLimit() {
        let deep = { (depth: Int) in
            (0..<depth).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        }
        #expect(read(deep(150)).hasPrefix("{\"a\":{\"a\""))
        #expect(read(deep(300)).contains("nesting deeper than 200"))
        #expect(read(deep(300)).hasPrefix("f.yaml:"))
    }

    @Test func findsFieldsAgain() throws {
        let text = """
            # a comment
            kind: Pod
            spec:
              containers:
              - name: a
                image: "x"
              -   name: b
                  ports:
                  - {hostPort: 1,   name: p}
            ---
            {"kind": "Pod",
              "spec": {"a": [1, {"b": "x"}], "c": 5}}
            """
        let documents = try SourceReader.documents(text: text, file: "f.yaml")
        let yaml = try #require(documents.first)
        let place = { (document: SourceDocument, elements: [FieldPath.Element]) in
            document.location(of: FieldPath(elements)).map { "\($0.line):\($0.column)" }
        }
        #expect(place(yaml, []) == "2:1")
        #expect(place(yaml, [.key("kind")]) == "2:7")
        #expect(place(yaml, [.key("spec"), .key("containers"), .index(1), .key("name")]) == "7:13")
        #expect(
            place(yaml, [.key("spec"), .key("containers"), .index(1), .key("ports"), .index(0), .key("name")]) == "9:31"
        )
        #expect(place(yaml, [.key("spec"), .key("containers"), .index(0), .key("absent")]) == "5:5")
        let json = try #require(documents.last)
        #expect(json.index == 1)
        #expect(place(json, []) == "11:1")
        #expect(place(json, [.key("spec"), .key("a"), .index(1), .key("b")]) == "12:27")
        #expect(place(json, [.key("spec"), .key("a"), .index(9)]) == "12:17")
        #expect(place(json, [.key("spec"), .key("d"), .key("e")]) == "12:11")
        let error = yaml.error(FieldError(path: FieldPath("kind"), expected: "x", found: "y"), object: "Pod a/b")
        #expect("\(error)" == "f.yaml:2:7: Pod a/b: kind: expected x, found y")
    }

    @Test func readsFilesAndFolders() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("b.yaml", text: "b: 1\n")
        let path = try folder.write("a.json", text: "{}")
        _ = try folder.write(".hidden.yaml", text: "x")
        _ = try folder.write("notes.txt", text: "x")
        #expect(
            try SourceReader.files(in: folder.path).map { ($0 as NSString).lastPathComponent } == ["a.json", "b.yaml"])
        #expect(try SourceReader.documents(path: path).map(\.value) == [.object([])])
        let fault = { (path: String) in
            (try? #require(throws: InputError.self) { try SourceReader.documents(path: path) })?.code
        }
        #expect(fault(folder.path) == .unreadable)
        #expect(fault(folder.path + "/absent.yaml") == .notFound)
        #expect(throws: InputError.self) { try SourceReader.files(in: path) }
        #expect(throws: InputError.self) { try SourceReader.files(in: folder.path + "/absent") }
    }

    @Test func survivesGarbage() {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("-:?[]{},&*!|>'\"%@` \n\n  ab1\t#~<.".utf8)
        var read = 0
        for _ in 0..<5_000 {
            let bytes = (0..<generator.next(below: 30)).map { _ in alphabet[generator.next(below: alphabet.count)] }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let documents = try? SourceReader.documents(text: text, file: "f.yaml") else { continue }
            read += 1
            for document in documents { #expect(document.location(of: FieldPath("a", "b")) != nil) }
        }
        #expect(read > 50)
    }
}
