import ClusterModel
import ClusterTestKit
import JSON
import Testing

@Suite struct JSONDocumentTests {
    @Test func readsEveryKind() throws {
        let text = #"{"s":"a\u00e9\n😀","i":-9223372036854775808,"d":1.5e3,"t":true,"f":false,"n":null,"a":[1,[],{}]}"#
        let document = try JSONDocument(text)
        document.withRoot { root in
            #expect(root.kind == .object)
            #expect(root.count == 7)
            #expect(root["s"]?.string == "aé\n😀")
            #expect(root["s"]?.equals("aé\n😀") == true)
            #expect(root["s"]?.equals("a") == false)
            #expect(root["i"]?.int == Int.min)
            #expect(root["i"]?.int32 == nil)
            #expect(root["d"]?.double == 1500)
            #expect(root["d"]?.int == nil)
            #expect(root["t"]?.bool == true)
            #expect(root["f"]?.bool == false)
            #expect(root["n"]?.isNull == true)
            #expect(root["a"]?.count == 3)
            #expect(root["a"]?[0]?.int32 == 1)
            #expect(root["a"]?[3] == nil)
            #expect(root["a"]?[-1] == nil)
            #expect(root["absent"] == nil)
            #expect(root.value(forKey: "d")?.double == 1500)
            #expect(root.fields.map(\.key) == ["s", "i", "d", "t", "f", "n", "a"])
            #expect(root["a"]?.items.map(\.kind) == [.int, .array, .object])
        }
    }

    @Test func answersNothingForTheWrongKind() throws {
        try JSONDocument("[1]").withRoot { root in
            #expect(root["key"] == nil)
            #expect(root.string == nil)
            #expect(root.int == nil)
            #expect(root.bool == nil)
            #expect(root.double == nil)
            #expect(Array(root.fields).isEmpty)
            #expect(root[0]?[0] == nil)
            #expect(root[0].map { Array($0.items).count } == 0)
        }
    }

    @Test(arguments: [
        ("", 1), ("{", 1), ("{\"a\":1,\n\"a\":2}", 2), ("[1,\n\n2,]", 3), ("{\"a\":\"\\u0000\"}", 1),
        ("[99999999999999999999]", 1), ("[1e999]", 1), ("[NaN]", 1), ("[01]", 1), ("{} {}", 1), ("[\"\u{1}\"]", 1),
    ])
    func refusesWhatIsNotJSON(text: String, line: Int) throws {
        let error = try #require(throws: JSONError.self) { try Value(json: text) }
        #expect(error.line == line)
        #expect(error.column >= 1)
        #expect(!error.text.isEmpty)
    }

    @Test func refusesTextThatIsNotUTF8() {
        #expect(throws: JSONError.self) { try Value(json: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try Value(json: [0x22, 0xC0, 0x80, 0x22]) }
        #expect(throws: JSONError.self) { try Value(json: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func boundsNesting() throws {
        let deep = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(try Value(json: deep(2_000)) != .null)
        #expect(throws: JSONError.self) { try Value(json: deep(3_000)) }
        #expect(throws: JSONError.self) { try Value(json: String(repeating: "[", count: 1_000_000)) }
    }

    @Test func survivesGarbage() {
        var generator = SeededGenerator(seed: 1)
        var read = 0
        for _ in 0..<20_000 {
            let alphabet = Array("{}[]\",:0123456789.eE-+truefalsn\\u \n".utf8) + [0x00, 0x7F, 0xC3, 0xA9, 0xFF]
            let bytes = (0..<generator.next(below: 24)).map { _ in alphabet[generator.next(below: alphabet.count)] }
            guard let value = try? Value(json: bytes) else { continue }
            read += 1
            #expect((try? Value(json: value.json)) == value)
        }
        #expect(read > 100, "the generator makes some texts that are JSON")
    }
}

@Suite struct JSONWriterTests {
    @Test func writesMessages() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("type")
        writer.literal("place")
        writer.key("nodes")
        writer.beginArray()
        writer.int(Int64.min)
        writer.int(0)
        writer.int(UInt16(65535))
        writer.endArray()
        writer.key("empty")
        writer.beginObject()
        writer.endObject()
        writer.key(named: "a\"b")
        writer.string("tab\t nl\n cr\r quote\" back\\ bell\u{7} é 😀")
        writer.key("flags")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.double(0.1)
        writer.double(.nan)
        writer.double(-.infinity)
        writer.endArray()
        writer.endObject()
        writer.newline()
        writer.beginArray()
        writer.endArray()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            text == #"{"type":"place","nodes":[-9223372036854775808,0,65535],"empty":{},"#
                + #""a\"b":"tab\t nl\n cr\r quote\" back\\ bell\u0007 é 😀","flags":[true,null,0.1,null,null]}"#
                + "\n[]")
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
        writer.int(7)
        #expect(writer.bytes == Array("7".utf8))
    }

    @Test func writesForPeople() throws {
        let value = try Value(json: #"{"a":[1,{"b":[]}],"c":{},"d":"x"}"#)
        #expect(
            value.prettyJSON == """
                {
                  "a": [
                    1,
                    {
                      "b": []
                    }
                  ],
                  "c": {},
                  "d": "x"
                }
                """)
        #expect(try Value(json: value.prettyJSON) == value)
    }

    @Test(arguments: 1...20) func readsBackWhatItWrote(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let value = Self.tree(&generator, depth: 4)
            #expect(try Value(json: value.json) == value, "seed \(seed)")
            #expect(try Value(json: value.prettyJSON) == value, "seed \(seed)")
        }
    }

    static func tree(_ generator: inout SeededGenerator, depth: Int) -> Value {
        switch generator.next(below: depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(generator.next(below: 2) == 0)
        case 2: return .int(Int64(bitPattern: generator.next()) >> generator.next(below: 64))
        case 3:
            let number = Double(bitPattern: generator.next())
            return number.isFinite ? .double(number) : .double(0.25)
        case 4, 5: return .string(text(&generator))
        case 6: return .array((0..<generator.next(below: 5)).map { _ in tree(&generator, depth: depth - 1) })
        default:
            return .object(
                (0..<generator.next(below: 5)).map { index in
                    .init("\(index)\(text(&generator))", tree(&generator, depth: depth - 1))
                })
        }
    }

    static func text(_ generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = [
            "a", "Z", "\"", "\\", "\n", "\t", "\u{1}", "\u{1F}", "/", "é", "😀", "\u{7F}", "0", " ",
        ]
        return String((0..<generator.next(below: 12)).map { _ in alphabet[generator.next(below: alphabet.count)] })
    }

    @Test func nulIsReadWhereItIsAskedFor() throws {
        let text = Array(#"{"a": "x\u0000y"}"#.utf8)
        #expect(throws: JSONError.self) { try Value(json: text) }
        #expect(try Value(json: text, allowsNUL: true)["a"] == .string("x\u{0}y"))
        #expect(try Value(json: text, allowsNUL: true).json == #"{"a":"x\u0000y"}"#)
    }
}
