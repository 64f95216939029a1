import CEL
import Testing

/// Values written as expressions.
@Suite struct LiteralTests {
    /// What is written evaluates to the same value.
    @Test(arguments: [
        "null", "true", "-9223372036854775808", "18446744073709551615u", "1.5", "1e300", "0.1 + 0.2", "1.0",
        "'it\\'s\\n\\t\\\\ \\u0000 \\u007f é 😀'", "b'\\x00\\xffa\\'\\\\'",
        "[1, 2u, [], ['a']]", "{'k': {1: true}, 2u: []}",
        "duration('-1.5s')", "timestamp('2026-11-22T23:40:30.5Z')", "type('')", "optional.of([1])", "optional.none()",
        "ip('::1')", "cidr('10.0.0.0/8')", "url('https://example.com/a?b=c')",
    ])
    func readsBack(_ source: String) throws {
        let environment = CELEnvironment()
        let value = try environment.compile(source).evaluate(CELActivation(environment))
        let again = try environment.compile(value.literal).evaluate(CELActivation(environment))
        #expect(again == value && again.typeName == value.typeName, "\(source) is written \(value.literal)")
    }

    @Test func doublesThatAreNoNumbers() throws {
        let environment = CELEnvironment()
        for (source, wanted) in [("0.0 / 0.0", "double('nan')"), ("-1.0 / 0.0", "double('-inf')")] {
            let literal = try environment.compile(source).evaluate(CELActivation(environment)).literal
            #expect(literal == wanted)
            _ = try environment.compile(literal).evaluate(CELActivation(environment))
        }
    }

    @Test func valuesWithoutTextAndLongOnes() throws {
        let environment = CELEnvironment()
        func literal(_ source: String) throws -> String {
            try environment.compile(source).evaluate(CELActivation(environment)).literal
        }
        #expect(try literal("quantity('1Gi')") == "<kubernetes.Quantity>")
        let long = try literal("lists.range(60000).map(x, [x, x])")
        #expect(long.utf8.count < 70_000 && long.contains("…"))
        let text = "'0123456789'" + String(repeating: ".replace('', '0123456789')", count: 4)
        #expect(try literal(text).utf8.count < 70_000)
        #expect(try literal("bytes(\(text))").utf8.count < 70_000)
    }

    /// Of the prefixes only r, b and br are the language's; others are told of where they stand.
    @Test(arguments: [
        ("r'\\n'", "'\\n'", 0), ("R\"a\"", "'a'", 0), ("b'a'", "b[97]", 0), ("br'\\n'", "b[92, 110]", 0),
        ("Br'''a'''", "b[97]", 0), ("bR\"a\"", "b[97]", 0), ("rb'a'", "", 1), ("1 == 1 && Rb\"a\" == b'a'", "", 11),
        ("rB'''a'''", "", 1), ("rr'a'", "", 3), ("bb'a'", "", 3), ("u'a'", "", 2), ("brb'a'", "", 4),
    ])
    func prefixes(_ source: String, _ wanted: String, _ column: Int) {
        let environment = CELEnvironment()
        do throws(CELError) {
            let value = try environment.compile(source).evaluate(CELActivation(environment))
            #expect(column == 0 && show(value) == wanted, "\(source)")
        } catch {
            #expect(error.code == .syntax && error.column == column, "\(source): \(error)")
        }
    }

    /// The minus is that of int and double, whether the type is known beforehand or not.
    @Test(arguments: [
        "duration('1s')", "timestamp('2026-01-01T00:00:00Z')", "1u", "'a'", "b'a'", "true", "null", "[1]", "{}",
        "type(1)", "optional.of(1)", "quantity('1')",
    ])
    func onlyNumbersHaveAMinus(_ operand: String) {
        #expect(outcome("-\(operand)") == "error type", "\(operand)")
        #expect(outcome("-dyn(\(operand))") == "error noSuchOverload", "\(operand)")
        #expect(outcome("-\(operand)", isChecked: false) == "error noSuchOverload", "\(operand)")
    }
}
