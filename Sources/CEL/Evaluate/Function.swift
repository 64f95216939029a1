/// A function that expressions may call: its overloads on one type of target, and what it does.
struct Function: Sendable {
    typealias Unary = @Sendable (CELValue, inout Frame) throws(Failure) -> CELValue
    typealias Binary = @Sendable (CELValue, CELValue, inout Frame) throws(Failure) -> CELValue
    typealias Ternary = @Sendable (CELValue, CELValue, CELValue, inout Frame) throws(Failure) -> CELValue
    typealias Variadic = @Sendable ([CELValue], inout Frame) throws(Failure) -> CELValue

    enum Body: Sendable {
        case unary(Unary)
        case binary(Binary)
        case ternary(Ternary)
        case variadic(Variadic)
    }

    let name: String
    /// Overloads, all of one call style and one number of arguments.
    let signatures: [Signature]
    let body: Body
    /// The argument that is a regular expression, compiled with the expression where it is a constant.
    let patternArgument: Int?
    /// The comparison of two texts that the function is, where it is one.
    let comparison: CELTextComparison?

    init(
        _ name: String, _ signatures: [Signature], pattern: Int? = nil, comparison: CELTextComparison? = nil,
        _ body: Body
    ) {
        self.name = name
        self.signatures = signatures
        patternArgument = pattern
        self.comparison = comparison
        self.body = body
    }

    init(
        _ name: String, _ signatures: [String], pattern: Int? = nil, comparison: CELTextComparison? = nil, _ body: Body
    ) {
        self.init(name, signatures.compactMap { Signature($0) }, pattern: pattern, comparison: comparison, body)
        assert(self.signatures.count == signatures.count, "a malformed signature of \(name)")
    }

    static func unary(_ name: String, _ signatures: String..., body: @escaping Unary) -> Function {
        Function(name, signatures, .unary(body))
    }

    static func binary(
        _ name: String, _ signatures: String..., pattern: Int? = nil, body: @escaping Binary
    ) -> Function {
        Function(name, signatures, pattern: pattern, .binary(body))
    }

    static func ternary(
        _ name: String, _ signatures: String..., pattern: Int? = nil, body: @escaping Ternary
    ) -> Function {
        Function(name, signatures, pattern: pattern, .ternary(body))
    }

    static func variadic(_ name: String, _ signatures: String..., body: @escaping Variadic) -> Function {
        Function(name, signatures, .variadic(body))
    }

    /// Whether a value may be the first argument, for choosing among functions of one name when evaluating.
    func accepts(first value: CELValue) -> Bool {
        signatures.contains { signature in
            signature.parameters.first.map { value.mayBe($0) } ?? true
        }
    }
}

extension CELValue {
    /// Whether the value's outermost type is the given one.
    func mayBe(_ type: CELType) -> Bool {
        switch (type, self) {
        case (.dyn, _), (.parameter, _), (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint),
            (.double, .double), (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp),
            (.duration, .duration), (.type, .type), (.list, .list), (.map, .map), (.map, .object),
            (.object, .object), (.optional, .optional):
            true
        case (.opaque(let name), .opaque(let value)): value.typeName == name
        default: false
        }
    }
}

/// The functions of an environment.
struct FunctionTable: Sendable {
    struct Key: Hashable {
        let name: String
        let isMember: Bool
        /// The number of arguments, the target included; −1 for any number.
        let arity: Int
    }

    private var functions: [Key: [Function]] = [:]
    private var names: Set<String> = []

    mutating func add(_ added: [Function]) {
        for function in added {
            guard let signature = function.signatures.first else { continue }
            let arity = signature.isVariadic ? -1 : signature.parameters.count
            let key = Key(name: function.name, isMember: signature.isMember, arity: arity)
            functions[key, default: []].append(function)
            names.insert(function.name)
        }
    }

    /// The functions that a call of this form may mean.
    func candidates(_ name: String, isMember: Bool, arity: Int) -> [Function] {
        let exact = functions[Key(name: name, isMember: isMember, arity: arity)] ?? []
        return exact + (functions[Key(name: name, isMember: isMember, arity: -1)] ?? [])
    }

    /// Whether any function has this name.
    func contains(_ name: String) -> Bool {
        names.contains(name)
    }
}
