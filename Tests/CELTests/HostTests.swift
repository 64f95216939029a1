import Testing

@testable import CEL

/// Host data, host functions, declared types and errors.
@Suite struct HostTests {
    private static let labels = Host(["app": "web", "tier": "front"])

    private static func pod() -> Host {
        Host([
            "metadata": .object(Host(["labels": .object(labels), "name": "a"])),
            "spec": .object(Host(["priority": 200])),
        ])
    }

    @Test(arguments: [
        ("object.metadata.labels['app'] == 'web' && object.spec.priority > 100", "true"),
        ("has(object.spec.nodeName) || 'tier' in object.metadata.labels", "true"),
        ("size(object.metadata.labels)", "2"), ("object.metadata.labels.exists(k, k.startsWith('ap'))", "true"),
        ("object.metadata.labels.map(k, object.metadata.labels[k])", "['web', 'front']"),
        ("object.metadata.labels == {'app': 'web', 'tier': 'front'}", "true"), ("object.spec.none", "error noSuchKey"),
        ("object.?spec.?none.orValue(0)", "0"), ("object[?'spec'].hasValue()", "true"), ("type(object)", "type map"),
        ("object.metadata.labels.all(k, v, v != '')", "true"), ("1 in object", "false"),
    ])
    func objectsReadAsMaps(_ source: String, _ wanted: String) {
        #expect(outcome(source, ["object": .object(HostTests.pod())]) == wanted, "\(source)")
    }

    @Test func onlyWhatIsUsedIsRead() throws {
        let pod = HostTests.pod()
        #expect(outcome("object.spec.priority", ["object": .object(pod)]) == "200")
        #expect(pod.lookups == 1)
    }

    /// A host that knows short cuts, but not to everything, and one that knows none: values, faults and costs are alike.
    @Test(arguments: [
        ("object.metadata.labels['app']", 1), ("object.metadata.labels.app + object.metadata.labels['tier']", 1),
        ("object.metadata.labels['none']", 0), ("object.metadata.none.app", 0), ("object.spec.priority > 100", 1),
        ("object.metadata.labels.app.more", 0), ("has(object.metadata.labels.app)", 1), ("object['metadata'].name", 1),
        ("object.metadata.labels.exists(k, object.metadata.labels[k] == 'web')", 1), ("missing.metadata.name", 0),
        ("object.metadata[?'labels'].hasValue()", 1), ("[object][0].metadata.name", 1),
    ])
    func shortCutsChangeNothing(_ source: String, _ hasValue: Int) throws {
        final class Short: CELObject {
            let inner = HostTests.pod()
            let taken = Host([:])
            var fieldNames: [String] { inner.fieldNames }
            func field(_ key: CELFieldKey) -> CELValue? { inner.field(key) }
            func value(at path: [CELFieldKey]) -> CELValue? {
                _ = taken.field(CELFieldKey(name: ""))
                var value = CELValue.object(inner)
                for key in path {
                    guard case .object(let object) = value, let next = object.field(key) else { return nil }
                    value = next
                }
                return value
            }
        }
        let environment = CELEnvironment(variables: [CELVariable("object"), CELVariable("missing")])
        let program = try environment.compile(source)
        let short = Short()
        let quick = program.evaluateWithCost(CELActivation(environment, ["object": .object(short)]))
        let plain = program.evaluateWithCost(CELActivation(environment, ["object": .object(HostTests.pod())]))
        #expect(quick.cost == plain.cost, "\(source)")
        switch (quick.result, plain.result) {
        case (.success(let one), .success(let other)): #expect(one == other && hasValue == 1, "\(source)")
        case (.failure(let one), .failure(let other)): #expect("\(one)" == "\(other)" && hasValue == 0, "\(source)")
        default: Issue.record("\(source): \(quick.result), \(plain.result)")
        }
        let asks = source.contains("object.") || source.contains("object['")
        #expect((short.taken.lookups > 0) == asks, "\(source)")
    }

    @Test func fieldsCarryTheHostsNumbers() throws {
        final class Numbered: CELObject {
            let fieldNames = ["spec"]
            func field(_ key: CELFieldKey) -> CELValue? { .int(Int64(key.number)) }
        }
        let environment = CELEnvironment(variables: [CELVariable("object")], fieldNumbers: ["spec": 7])
        let activation = CELActivation(environment, ["object": .object(Numbered())])
        #expect(try environment.compile("object.spec").evaluate(activation) == 7)
        #expect(try environment.compile("object['spec']").evaluate(activation) == 7)
        #expect(try environment.compile("object.other").evaluate(activation) == -1)
    }

    @Test func declaredFieldsAreChecked() throws {
        let spec = CELObjectType("PodSpec", fields: ["priority": { .int }])
        let pod = CELObjectType("Pod", fields: ["spec": { .object(spec) }])
        let environment = CELEnvironment(variables: [CELVariable("object", .object(pod))])
        #expect(try environment.compile("object.spec.priority + 1").resultType == .int)
        let faults = environment.check("object.spce.priority > 1 && object.spec.priority == 'a' && missing")
        #expect(faults.map(\.code) == [.undeclared, .type, .undeclared])
        #expect(faults.map(\.column) == [8, 50, 60])
        #expect(faults.first?.message == "Pod has no field 'spce'")
    }

    @Test func hostFunctions() throws {
        let double = try #require(
            CELFunction("twice", "(int) -> int") { values in
                guard case .int(let number) = values[0], number < 100 else {
                    return .failure(CELFunctionError("too large"))
                }
                return .success(.int(number * 2))
            })
        let environment = CELEnvironment(functions: [double])
        let activation = CELActivation(environment)
        #expect(try environment.compile("twice(21)").evaluate(activation) == 42)
        #expect(throws: CELError.self) { try environment.compile("twice(100)").evaluate(activation) }
        #expect(throws: CELError.self) { try environment.compile("twice('a')") }
        #expect(CELFunction("bad", "(int -> int") { _ in .success(.null) } == nil)
    }

    @Test func errorsPointAtTheSource() throws {
        let environment = CELEnvironment(variables: [CELVariable("x", .int)])
        let error = try #require(environment.check("'é' == 'e' &&\n\tx + 'a' == 1").first)
        #expect((error.line, error.column) == (2, 4))
        #expect(
            error.rendered(name: "rule.yaml") == """
                rule.yaml:2:4: no matching overload for '_+_' applied to (int, string)
                 | \tx + 'a' == 1
                 | \t  ^
                """)
        let failed = #expect(throws: CELError.self) {
            try environment.compile("[1][x]").evaluate(CELActivation(environment, ["x": 5]))
        }
        #expect(failed?.description == "1:4: index out of bounds: the list has 1 elements")
        let unfinished = environment.check("1 +").first?.description
        #expect(unfinished == "1:4: expected an expression, found the end of the expression")
    }

    /// Of a long line a window is shown, and the caret stands under the place whatever the width of its characters.
    @Test(arguments: ["a", "é", "語", "🐱"])
    func longLinesAreCutAroundThePlace(_ character: String) throws {
        let filler = String(repeating: character, count: 1000)
        let source = "'\(filler)' + ü + '\(filler)'"
        let error = try #require(CELEnvironment().check(source).first)
        #expect((error.line, error.column) == (1, 1006))
        let lines = error.rendered().split(separator: "\n").map { Array($0.unicodeScalars) }
        #expect(lines.count == 3 && lines.allSatisfy { $0.count < 180 })
        let caret = try #require(lines[2].firstIndex(of: "^"))
        #expect(lines[1][caret] == "ü")
        #expect(lines[1][3] == "…" && lines[1].last == "…")
        #expect(error.sourceLine.unicodeScalars.count == 162)
    }

    /// What fits in the window is shown whole.
    @Test func shortLinesAreNotCut() throws {
        let source = "'' ==\r\n'\(String(repeating: "é", count: 70))' + x + '\(String(repeating: "é", count: 70))'\r\n"
        let error = try #require(CELEnvironment().check(source).first)
        #expect((error.line, error.column) == (2, 76))
        #expect(error.sourceLine.unicodeScalars.count == 151 && !error.sourceLine.contains("…"))
    }

    /// A value of shared parts is small in memory; what its text takes where it is written out has a limit.
    @Test func writtenTextHasALimit() throws {
        let text = CELValue.string(String(repeating: "a", count: 1 << 20))
        func list(_ count: Int) -> CELValue { .list(CELList([CELValue](repeating: text, count: count))) }
        #expect(TaggedValue(list(16)) != nil)
        #expect(throws: TaggedValue.Obstacle.size) { try TaggedValue(writing: list(17)) }
        let bytes = CELValue.bytes([UInt8](repeating: 0, count: 13 << 20))
        #expect(throws: TaggedValue.Obstacle.size) { try TaggedValue(writing: bytes) }
        let pairs = (0..<17).map { (key: CELValue.int(Int64($0)), value: text) }
        #expect(throws: TaggedValue.Obstacle.size) { try TaggedValue(writing: .map(CELMap(uniqueKeys: pairs))) }
        #expect(throws: TaggedValue.Obstacle.type("optional_type")) { try TaggedValue(writing: .optional(.none)) }
    }

    @Test func taggedValuesGoBothWays() throws {
        let value = TaggedValue.map([
            (.string("a"), .list([.int("-1"), .uint("1"), .double("-0.0"), .null, .bool(true), .bytes("AP8=")])),
            (.int("2"), .map([(.bool(true), .timestamp("2020-01-01T00:00:00.5Z"))])),
            (.uint("3"), .duration("-1.5s")), (.string("b"), .type("int")),
        ])
        let decoded = try #require(value.value)
        #expect(TaggedValue(decoded) == value)
        #expect(TaggedValue.int("x").value == nil)
        #expect(TaggedValue.map([(.int("1"), .null), (.uint("1"), .null)]).value == nil)
        #expect(TaggedValue(.optional(.none)) == nil)
    }
}
