import CEL
import ClusterModel

/// An expression with the values that it may use, as conformance files and `policy eval --batch` have it.
///
/// ```json
/// {"expr": "x + 1", "bindings": {"x": {"int": "1"}}, "value": {"int": "2"}}
/// ```
public struct CELCase: Sendable {
    /// The expression.
    public var expression: String
    /// The namespace in which names are looked up first; empty for none.
    public var container = ""
    /// The values of variables.
    public var bindings: [String: CELValue] = [:]
    /// Variables that are declared and may have no value.
    public var declared: [String] = []
    /// Whether types are checked before the expression is evaluated.
    public var isChecked = true
    /// What the expression should come to, where the case says so.
    public var expected: Expectation?

    /// What a case's expression should come to.
    public enum Expectation: Sendable {
        /// This value, of this type.
        case value(TaggedValue)
        /// No value.
        case error
    }

    /// A case of an expression alone.
    public init(_ expression: String) {
        self.expression = expression
    }

    /// Reads a case; fields that it does not know are left alone.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        expression = try object.required("expr", "an expression") { v throws(FieldError) in try v.decodeString() }
        container = try object.string("container") ?? ""
        declared = try object.stringList("declared")
        isChecked = try object.bool("disable_check") != true
        bindings = try object.map("bindings") { item throws(FieldError) in
            guard let bound = try TaggedValue(item).value else {
                throw FieldError(expected: "a value that is well formed", found: item.summary)
            }
            return bound
        }
        if let wanted = try object.optional("value", TaggedValue.init) {
            expected = .value(wanted)
        } else if object.value("error") != nil {
            expected = .error
        }
    }

    /// Compiles and evaluates the expression.
    public func evaluate() -> Result<CELValue, CELError> {
        let names = Set(declared).union(bindings.keys).sorted()
        let environment = CELEnvironment(variables: names.map { CELVariable($0) }, container: container)
        do throws(CELError) {
            let program = isChecked ? try environment.compile(expression) : try environment.compileUnchecked(expression)
            return .success(try program.evaluate(CELActivation(environment, bindings)))
        } catch {
            return .failure(error)
        }
    }
}

/// What an expression comes to, as one JSON object: `{"value": …}` or `{"error": "…"}`.
public enum CELOutcome {
    /// The object for the result of an evaluation.
    public static func json(_ result: Result<CELValue, CELError>) -> Value {
        switch result {
        case .failure(let error): return self.error(error.description)
        case .success(let value):
            do throws(TaggedValue.Obstacle) {
                return .object([.init("value", try TaggedValue(writing: value).json)])
            } catch {
                return self.error(error.description)
            }
        }
    }

    /// The object for something that has no value.
    public static func error(_ message: String) -> Value { .object([.init("error", .string(message))]) }
}
