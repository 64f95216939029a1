import ClusterModel
import Manifests
import Testing

/// The same values in every form of YAML and JSON mean the same.
@Suite struct FormsTests {
    /// Strings that mean something else without quotes, or break what is careless.
    static let oddStrings = [
        "", "no", "Yes", "y", "null", "~", "0x10", "1e3", "010", "1_000", "12", "-1", ".5", ".inf", "2024-01-01", "- a",
        "a: b", "a:", ":a", "# x", "a #b", "a#b", "*x", "&x", "!x", "|", ">", "%x", "@x", "`x`", "[a", "]", "{a", "}",
        ",",
        "?", "? a", "-", "--", "---", "...", "<<", "=", "'", "''", "\"", "\\", "\\n", "it's", "say \"x\"", " lead",
        "trail ", "  ", "a  b", "tab\there", "\t", "line\nbreak", "line\n\nbreak\n", "many\n\n\n", "\n", "\nx", "é",
        "日本",
        "\u{1F600} smile", "\u{2028}", "a\u{2029}b", "a\u{85}b", "\u{FEFF}", "\u{A0}", "\u{1B}[31m", "\u{7F}", "\u{1}",
        "key: |\n  block\n", "#!/bin/sh\nrm -f /tmp/*/x && sync &\n*a: b\n", "a\n b\n  c", "x\n---\ny\n",
        "{{ .Values.x }}",
        "http://x.y:80/z?a=b&c=*d", "1.2.3.4", "1:30", "a, b", "[x]: y", String(repeating: "long ", count: 300),
    ]

    private static func string(_ generator: inout SeededGenerator) -> String {
        let first = oddStrings[generator.next(below: oddStrings.count)]
        return generator.next(below: 4) > 0 ? first : first + oddStrings[generator.next(below: oddStrings.count)]
    }

    private static func value(_ generator: inout SeededGenerator, depth: Int) -> Value {
        switch generator.next(below: depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(generator.next(below: 2) == 0)
        case 2: return .int([0, 1, -1, 7, 1 << 40, .max, .min][generator.next(below: 7)])
        case 3: return .double([0.5, -2.25, 1e21, 1e-7, 123456.75][generator.next(below: 5)])
        case 4, 5: return .string(string(&generator))
        case 6: return .array((0..<generator.next(below: 4)).map { _ in value(&generator, depth: depth - 1) })
        default:
            var fields: [Value.Field] = []
            // Now and then as many keys as need a table.
            for index in 0..<(generator.next(below: 12) == 0 ? 30 : generator.next(below: 5)) {
                let key = generator.next(below: 3) == 0 ? string(&generator).prefix(60) + "\(index)k" : "key-\(index)"
                fields.append(.init(key, value(&generator, depth: depth - 1)))
            }
            return .object(fields)
        }
    }

    @Test(arguments: 1...40) func valuesAreTheSameInEveryForm(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let value = Value.object([
                .init("a", FormsTests.value(&generator, depth: 4)), .init("b", .int(Int64(round))),
            ])
            for form in FormWriter.Form.allCases {
                var writer = FormWriter(form, seed: seed &* 100 + UInt64(round))
                let text = writer.document(value)
                #expect(values(text) == [value], "seed \(seed), round \(round), \(form):\n\(text)")
                #expect(
                    values(text.replacing("\n", with: "\r\n")) == [value], "seed \(seed), \(form), with CRLF:\n\(text)")
            }
        }
    }

    private func values(_ text: String) -> [Value]? {
        do { return try SourceReader.documents(text: text, file: "f.yaml").map(\.value) } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    /// Clusters in every form, as documents and as lists: the same nodes and pods.
    @Test(arguments: 1...25) func clustersAreTheSameInEveryForm(seed: UInt64) throws {
        var maker = ManifestMaker(seed: seed)
        let objects = maker.objects()
        let expected = try input([FormWriter.Form.jsonOnOneLine], objects, seed, asList: false)
        #expect(expected.pods.count >= 3 && expected.setAside == nil, "\(expected.setAside as Any)")
        #expect(expected.pods.map { $0.metadata.annotations["odd"] ?? "none" } == maker.annotations)
        #expect(expected.pods.contains { $0.spec.containers.contains { $0.held != nil } } == maker.hasResize)
        for form in FormWriter.Form.allCases {
            for asList in [false, true] {
                let found = try input([form], objects, seed, asList: asList)
                #expect(found.pods == expected.pods, "seed \(seed), \(form)")
                #expect(found.nodes == expected.nodes, "seed \(seed), \(form)")
                #expect(found.warnings == expected.warnings, "seed \(seed), \(form)")
            }
        }
        let mixed = try input(FormWriter.Form.allCases, objects, seed, asList: false)
        #expect(mixed.pods == expected.pods)
    }

    private func input(
        _ forms: [FormWriter.Form], _ objects: [Value], _ seed: UInt64, asList: Bool
    ) throws -> ClusterInput {
        var text = ""
        if asList {
            let list = Value.object([
                .init("apiVersion", .string("v1")), .init("items", .array(objects)), .init("kind", .string("List")),
                .init("metadata", .object([.init("resourceVersion", .string(""))])),
            ])
            var writer = FormWriter(forms[0], seed: seed)
            text = writer.document(list)
        } else {
            for (index, object) in objects.enumerated() {
                var writer = FormWriter(forms[index % forms.count], seed: seed &+ UInt64(index))
                text += "---\n" + writer.document(object)
            }
        }
        return try ClusterInput(texts: [("f.yaml", text)], strict: true)
    }

    /// A list in every spelling that YAML has for one.
    @Test(arguments: [
        "kind: List\napiVersion: v1\nitems:\n- ITEM-1\n- ITEM-2\n", "kind: List\nitems :\n- ITEM-1\n- ITEM-2\n",
        "kind: List\n\"items\":\n- ITEM-1\n- ITEM-2\n", "'items':\n- ITEM-1\n- ITEM-2\n'kind': List\n",
        "items:\n  # one\n  - ITEM-1\n\n# two\n  - ITEM-2\nkind: List\n", "{kind: List, items: [ITEM-1, ITEM-2]}\n",
        "items: [ITEM-1,\n  ITEM-2]\nkind: List\n", "kind: List\nitems:   # here\n- ITEM-1\n-   ITEM-2\n",
        "kind: List\nitems: !!seq\n- ITEM-1\n- ITEM-2\n", "kind: List\n? items\n: - ITEM-1\n  - ITEM-2\n",
        "kind: PodList\nitems:\n-\n  ITEM-1\n- ITEM-2\nmetadata: {}\n",
        "kind: List\nitems:\n- kind: List\n  items:\n  - ITEM-1\n- kind: PodList\n  items: [ITEM-2]\n",
        "kind: List\nitems:\n- kind: List\n  items: []\n- ITEM-1\n- ITEM-2\n- kind: List\n  items:\n",
        "kind: List\nitems:\n- &a ITEM-1\n- {<<: *a, metadata: {name: pod-2}}\n",
        "kind: List\nx: &s {containers: [{name: c}]}\nitems:\n- ITEM-1\n- {<<: {kind: Pod}, metadata: {name: pod-2}, spec: *s}\n",
        "kind: List\nitems:\n- ITEM-1\n- ITEM-2\n- kind: ConfigMap\n  data:\n    x: \"a\n- b\n  c\"\n",
        "kind: List\nitems:\n- ITEM-1\n- ITEM-2\n- kind: ConfigMap\n  data:\n    x: |\n      items:\n      - b\n",
    ])
    func listsAreTheSameInEverySpelling(text: String) throws {
        let item = { (number: Int) in "{kind: Pod, metadata: {name: pod-\(number)}, spec: {containers: [{name: c}]}}" }
        let whole = text.replacing("ITEM-1", with: item(1)).replacing("ITEM-2", with: item(2))
        for text in [whole, whole.replacing("\n", with: "\r\n")] {
            let input = try ClusterInput(texts: [("f.yaml", text)], strict: true)
            #expect(input.pods.map(\.metadata.name) == ["pod-1", "pod-2"])
            #expect(input.pods.allSatisfy { $0.spec.containers.map(\.name) == ["c"] })
        }
    }

    /// What nothing reads is left out in every form, and what is wrong with it is wrong in every form.
    @Test(arguments: [
        ("env:\n    - name: a\n      name: b\n", "env: [{name: a, name: b}]", #""env": [{"name": "a", "name": "b"}]"#),
        ("env: []\n    env: []\n", "env: [], env: []", #""env": [], "env": []"#),
        (
            "livenessProbe:\n      exec: {command: [*x]}\n", "livenessProbe: {exec: {command: [*x]}}",
            #""livenessProbe": {"exec": {"command": ["\q"]}}"#
        ),
    ])
    func passesOverWithTheSameStrictness(block: String, flow: String, json: String) throws {
        let texts = [
            "kind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: a\n    \(block)",
            "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, \(flow)}]}}",
            #"{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", \#(json)}]}}"#,
        ]
        for text in texts {
            let error = try #require(throws: InputErrors.self) { try ClusterInput(texts: [("f", text)]) }
            #expect(error.errors.map(\.code) == [block.contains("*x") ? .syntax : .duplicateKey], "\(error)")
        }
    }
}
