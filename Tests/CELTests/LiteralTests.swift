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
    }
}
