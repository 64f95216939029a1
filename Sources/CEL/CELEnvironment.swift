/// A variable that expressions may use.
public struct CELVariable: Sendable {
    /// The variable's name.
    public let name: String
    /// The variable's type.
    public let type: CELType

    /// A variable; its name may be qualified (`a.b`).
    public init(_ name: String, _ type: CELType = .dyn) {
        self.name = name
        self.type = type
    }
}

/// Function libraries beyond the standard definitions.
public enum CELLibrary: String, Sendable, CaseIterable {
    /// `charAt`, `format`, `join`, `replace`, `split`, `substring` and others on strings.
    case strings
    /// `math.greatest`, `math.ceil`, `math.bitAnd` and others.
    case math
    /// `base64.encode`, `base64.decode`.
    case encoders
    /// `sets.contains`, `sets.equivalent`, `sets.intersects`.
    case sets
    /// `sum`, `min`, `max`, `isSorted`, `slice`, `flatten`, `distinct`, `sort` and others on lists.
    case lists
    /// `find`, `findAll`, `regex.extract`, `regex.extractAll`, `regex.replace`.
    case regex
    /// `optional.of`, `orValue` and others. (The syntax `a.?b` is always there.)
    case optionals
    /// Kubernetes' `quantity`.
    case quantity
    /// Kubernetes' `url`.
    case url
    /// `ip` and `cidr`.
    case network
    /// Kubernetes' `semver`.
    case semver
    /// Kubernetes' `format.dns1123Label()` and others.
    case format
}

/// What expressions are compiled against: variables, libraries, the container for names, limits.
public struct CELEnvironment: Sendable {
    /// The declared variables; a variable's slot is its position.
    public let variables: [CELVariable]
    /// The namespace in which names are looked up first (`a.b`); empty for none.
    public let container: String
    /// The limits in force.
    public let limits: CELLimits
    /// Numbers that the host gives to field names; see `CELFieldKey`.
    public let fieldNumbers: [String: Int]
    /// Finds the name that a misspelt one was meant to be among those there are; nil where errors make no guess.
    let suggestion: (@Sendable (String, [String]) -> String?)?
    let slots: [String: Int]
    let functions: FunctionTable
    let typeNames: Set<String>

    /// An environment. Of two variables with one name the last is used.
    public init(
        variables: [CELVariable] = [], container: String = "",
        libraries: Set<CELLibrary> = Set(CELLibrary.allCases), functions: [CELFunction] = [],
        fieldNumbers: [String: Int] = [:], limits: CELLimits = CELLimits(),
        suggestion: (@Sendable (String, [String]) -> String?)? = nil
    ) {
        self.variables = variables
        self.container = container
        self.limits = limits
        self.fieldNumbers = fieldNumbers
        self.suggestion = suggestion
        var slots = [String: Int]()
        for (slot, variable) in variables.enumerated() { slots[variable.name] = slot }
        self.slots = slots
        var table = FunctionTable()
        table.add(StandardLibrary.functions)
        for library in CELLibrary.allCases where libraries.contains(library) { table.add(library.functions) }
        table.add(functions.map(\.function))
        self.functions = table
        typeNames = CELEnvironment.standardTypes.union(libraries.flatMap(\.typeNames))
    }

    private static let standardTypes: Set<String> = [
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "dyn",
        "optional_type", "google.protobuf.Timestamp", "google.protobuf.Duration",
    ]

    /// The slot of a variable; nil where it is not declared.
    public func slot(of name: String) -> Int? {
        slots[name]
    }

    /// Compiles an expression, checking names and types.
    public func compile(_ source: String) throws(CELError) -> CELProgram {
        try compile(source, isChecked: true)
    }

    /// Compiles without checking types: whatever is wrong is an error only if evaluation reaches it.
    public func compileUnchecked(_ source: String) throws(CELError) -> CELProgram {
        try compile(source, isChecked: false)
    }

    /// Every fault of an expression, in the order of the source; empty where it compiles.
    public func check(_ source: String) -> [CELError] {
        let text = SourceText(bytes: Array(source.utf8))
        do throws(Failure) {
            let tree = try Parser.parse(text, limits: limits)
            var compiler = Compiler(self, isChecked: true)
            _ = compiler.compile(tree)
            return compiler.failures.sorted { $0.offset < $1.offset }.map { $0.error(in: text) }
        } catch {
            return [error.error(in: text)]
        }
    }

    private func compile(_ source: String, isChecked: Bool) throws(CELError) -> CELProgram {
        let text = SourceText(bytes: Array(source.utf8))
        do throws(Failure) {
            let tree = try Parser.parse(text, limits: limits)
            var compiler = Compiler(self, isChecked: isChecked)
            let root = compiler.compile(tree)
            if let first = compiler.failures.min(by: { $0.offset < $1.offset }) { throw first }
            return CELProgram(
                source: source, resultType: root.type, root: root.node, localCount: compiler.localCount,
                variables: compiler.usedSlots.sorted().map { variables[$0].name }, limits: limits)
        } catch {
            throw error.error(in: text)
        }
    }
}

extension Failure {
    func error(in source: SourceText) -> CELError {
        CELError(code: code, message: message, offset: offset, source: source, unknowns: unknowns)
    }
}

/// The values of an environment's variables for evaluations.
public struct CELActivation: Sendable {
    var values: [CELValue?]
    var unknowns: Set<Int> = []
    private let slots: [String: Int]

    /// An activation without values.
    public init(_ environment: CELEnvironment) {
        values = [CELValue?](repeating: nil, count: environment.variables.count)
        slots = environment.slots
    }

    /// An activation with values by name; names that are not declared are ignored.
    public init(_ environment: CELEnvironment, _ bindings: [String: CELValue]) {
        self.init(environment)
        for (name, value) in bindings { self[name] = value }
    }

    /// The value of the variable in a slot.
    public subscript(slot: Int) -> CELValue? {
        get { values[slot] }
        set { values[slot] = newValue }
    }

    /// Whether the variable in a slot has a value.
    public func hasValue(_ slot: Int) -> Bool { if case nil = values[slot] { false } else { true } }

    /// The value of a variable by name.
    public subscript(name: String) -> CELValue? {
        get { slots[name].flatMap { values[$0] } }
        set {
            if let slot = slots[name] { values[slot] = newValue }
        }
    }

    /// Marks a variable as not known yet: what depends on it fails with `.unknown` unless something else decides.
    public mutating func setUnknown(_ name: String) {
        guard let slot = slots[name] else { return }
        values[slot] = nil
        unknowns.insert(slot)
    }
}

/// A compiled expression. Immutable; may be evaluated on any number of threads at once.
///
/// A class, so that to evaluate one of many copies nothing of it.
public final class CELProgram: Sendable {
    /// The text it was compiled from.
    public let source: String
    /// The type of the result, as far as it is known.
    public let resultType: CELType
    let root: Node
    let localCount: Int
    /// The declared variables that the expression uses.
    public let variables: [String]
    /// What the expression comes to where it only compares texts with constants, and is sure to stay within the cost that
    /// its environment allows; else nil.
    public let textCondition: CELTextCondition<CELPath>?
    let limits: CELLimits

    init(
        source: String, resultType: CELType, root: Node, localCount: Int, variables: [String], limits: CELLimits
    ) {
        self.source = source
        self.resultType = resultType
        self.root = root
        self.localCount = localCount
        self.variables = variables
        self.limits = limits
        // Its nodes, fields and constants cost one each and a sixteenth for each byte, and take a byte of source at least.
        let mayCost = 3 * source.utf8.count
        self.textCondition = mayCost <= limits.evaluationCost ? root.textCondition(isHeld: true) : nil
    }

    /// The value of the expression.
    /// - Parameter costLimit: what the evaluation may cost; the environment's limit where nil.
    public func evaluate(_ activation: CELActivation, costLimit: Int? = nil) throws(CELError) -> CELValue {
        let limit = costLimit ?? limits.evaluationCost
        var budget = limit
        return try evaluate(activation, costLimit: limit, budget: &budget)
    }

    /// The value of a condition; an error where it is no bool.
    public func evaluateBool(_ activation: CELActivation, costLimit: Int? = nil) throws(CELError) -> Bool {
        let limit = costLimit ?? limits.evaluationCost
        var budget = limit
        return try evaluateBool(activation, costLimit: limit, budget: &budget)
    }

    /// The value of the expression, at the cost of a budget that several evaluations share.
    /// - Parameter costLimit: what this evaluation may cost, if as much is left of the budget.
    public func evaluate(
        _ activation: CELActivation, costLimit: Int, budget: inout Int
    ) throws(CELError) -> CELValue {
        try spending(&budget, costLimit, activation) { frame throws(Failure) in try root.evaluate(&frame) }
    }

    /// The value of a condition, likewise.
    public func evaluateBool(
        _ activation: CELActivation, costLimit: Int, budget: inout Int
    ) throws(CELError) -> Bool {
        try spending(&budget, costLimit, activation) { frame throws(Failure) in try root.evaluateBool(&frame) }
    }

    @inline(__always)
    private func spending<T>(
        _ budget: inout Int, _ costLimit: Int, _ activation: CELActivation,
        _ body: (inout Frame) throws(Failure) -> T
    ) throws(CELError) -> T {
        let limit = min(costLimit, max(budget, 0))
        var frame = frame(activation, limit)
        // What is beyond the limit was refused and not spent; it may be as much as an int holds.
        defer { budget -= limit - max(0, frame.remainingCost) }
        do throws(Failure) {
            return try body(&frame)
        } catch {
            throw located(error)
        }
    }

    /// The outcome of an evaluation and what it cost.
    public func evaluateWithCost(
        _ activation: CELActivation, costLimit: Int? = nil
    ) -> (result: Result<CELValue, CELError>, cost: Int) {
        var frame = frame(activation, costLimit)
        let limit = frame.remainingCost
        do throws(Failure) {
            let value = try root.evaluate(&frame)
            return (.success(value), limit - frame.remainingCost)
        } catch {
            return (.failure(located(error)), limit - max(0, frame.remainingCost))
        }
    }

    private func frame(_ activation: CELActivation, _ costLimit: Int?) -> Frame {
        Frame(
            cost: costLimit ?? limits.evaluationCost, localCount: localCount, variables: activation.values,
            unknowns: activation.unknowns, limits: limits)
    }

    private func located(_ failure: Failure) -> CELError {
        failure.error(in: SourceText(bytes: Array(source.utf8)))
    }
}

/// A function that a host adds.
public struct CELFunction: Sendable {
    let function: Function

    /// A function with one overload, or nil where the signature is malformed.
    /// - Parameters:
    ///   - signature: `(string, int) -> bool`, or with a target `string.(int) -> bool`; type parameters are single
    ///     letters.
    ///   - body: the value for the arguments (the target first), or a message that says why there is none.
    public init?(
        _ name: String, _ signature: String,
        body: @escaping @Sendable ([CELValue]) -> Result<CELValue, CELFunctionError>
    ) {
        guard let signature = Signature(signature) else { return nil }
        function = Function(
            name, [signature],
            .variadic { (values, _) throws(Failure) -> CELValue in
                for (value, type) in zip(values, signature.parameters) where !value.mayBe(type) {
                    throw Failure.noOverload(name, values)
                }
                switch body(values) {
                case .success(let value): return value
                case .failure(let error): throw Failure.invalid(error.message)
                }
            })
    }
}

/// Why a host's function has no value.
public struct CELFunctionError: Error, Sendable {
    /// What went wrong.
    public let message: String

    /// An error with this message.
    public init(_ message: String) {
        self.message = message
    }
}
