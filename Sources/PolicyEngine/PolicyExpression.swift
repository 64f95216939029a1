import CEL
import ClusterModel

/// A compiled expression of a policy.
///
/// A class, so that to ask it copies nothing.
final class PolicyExpression: Hashable, Sendable {
    /// The name that messages give it.
    let name: String
    /// The expression as it was written.
    let source: String
    /// The variables that it may use.
    let scope: ExpressionScope
    /// What the expression comes to, compiled.
    let program: Result<CELProgram, CELError>
    /// The slots of what is known of a pod that the expression, or a variable that it uses, asks for.
    let inputs: [Int]
    /// The policy's variables that the expression uses, with those that they use, by their place, in order.
    let variables: [Int]
    /// What the expression comes to where it only compares texts of the pod with constants; else nil.
    let textCondition: CELTextCondition<PodText>?

    /// Compiles an expression; one that does not compile keeps its fault, and has no value for any pod.
    init(_ expression: NamedExpression, in scope: ExpressionScope) {
        self.name = expression.name
        self.source = expression.expression
        self.scope = scope
        let program = scope.compile(expression.expression)
        self.program = program
        textCondition = try? program.get().textCondition?.map { PodText($0) }
        (self.inputs, self.variables) = scope.needs((try? program.get().variables) ?? [])
    }

    /// Expressions are the same where they say the same about the same variables.
    static func == (a: PolicyExpression, b: PolicyExpression) -> Bool {
        a.source == b.source && a.scope.definitions == b.scope.definitions && a.scope.parameters == b.scope.parameters
    }

    /// Feeds the source to the hasher, in step with `==`.
    func hash(into hasher: inout Hasher) { hasher.combine(source) }

    /// Why the expression cannot be a condition, or nil.
    var fault: String? {
        switch program {
        case .failure(let error): return error.placed
        case .success(let program):
            switch program.resultType {
            case .bool, .dyn: return nil
            default: return "an expression of type \(program.resultType)"
            }
        }
    }

    /// Everything that keeps the expression from being a condition, in the order of its text.
    var faults: [String] {
        if case .failure = program { return scope.check(source).map(\.placed) }
        return fault.map { [$0] } ?? []
    }

    /// Why the expression cannot be a text, or nil.
    var textFault: String? {
        switch program {
        case .failure(let error): return error.placed
        case .success(let program):
            switch program.resultType {
            case .string, .dyn: return nil
            default: return "an expression of type \(program.resultType)"
            }
        }
    }

    /// Why the expression cannot be a value that is written, or nil.
    var valueFault: String? {
        guard case .success(let program) = program, case .optional(let type) = program.resultType else {
            return textFault
        }
        return type == .string || type == .dyn ? nil : "an expression of type \(program.resultType)"
    }

    /// The text to write for a pod, nil where the value is an optional without one, or why there is no text.
    func evaluateValue(_ pod: Pod, _ facts: inout PodFacts) -> Result<String?, ExpressionFailure> {
        if case .failure(let error) = program { return .failure(ExpressionFailure(message: error.description)) }
        switch facts.value(self, pod) {
        case .failure(let failure): return .failure(failure)
        case .success(.string(let text)): return .success(text)
        case .success(let other):
            if case .optional(let optional) = other {
                guard let value = optional.value else { return .success(nil) }
                if case .string(let text) = value { return .success(text) }
            }
            return .failure(ExpressionFailure(message: "expected a string, found \(other.typeName)"))
        }
    }

    /// The text that the expression is for a pod; nil where it has no value, or one of another type.
    func evaluateText(_ pod: Pod, _ facts: inout PodFacts) -> String? {
        guard case .success = program, case .success(.string(let text)) = facts.value(self, pod) else { return nil }
        return text
    }

    /// Whether the expression is true for a pod, or why it has no value.
    func evaluate(_ pod: Pod, _ facts: inout PodFacts) -> Result<Bool, ExpressionFailure> {
        if let textCondition, let answer = textCondition.holds(for: pod) { return .success(answer) }
        return switch program {
        case .failure(let error): .failure(ExpressionFailure(message: error.description))
        case .success: facts.evaluate(self, pod)
        }
    }
}

/// Why an expression has no value.
struct ExpressionFailure: Error, Hashable, Sendable {
    let message: String
}

/// What the expressions of one policy are compiled against: what is known of a pod, and the policy's own variables.
final class ExpressionScope: Sendable {
    /// The policy's variables.
    let definitions: [NamedExpression]
    private let environment: CELEnvironment
    private let programs: [(slot: Int, name: String, program: Result<CELProgram, CELError>)]

    /// What is known of a pod; the slots of the names are the cases' numbers.
    enum Input: Int, CaseIterable {
        case object, namespaceObject, request, podGroup, schedulers
    }

    /// The names of what is known of a pod, in the order of `Input`.
    static let inputs: [CELVariable] = [
        CELVariable("object", CELTypes.pod), CELVariable("namespaceObject", .object(CELTypes.namespace)),
        CELVariable("request", .object(CELTypes.request)), CELVariable("podGroup", .dyn),
        CELVariable("schedulers", .map(.string, .dyn)),
    ]

    /// The object that expressions see as `params`, under a name of its own after the others; nil for none.
    let parameters: PolicyParameters?
    /// The names of what is known of a pod.
    private let inputs: [CELVariable]
    /// The slot of `params`; -1 where there is none.
    let parametersSlot: Int

    init(_ definitions: [NamedExpression], _ parameters: PolicyParameters? = nil) {
        self.definitions = definitions
        self.parameters = parameters
        let extra = parameters == nil ? [] : [CELVariable("params", .dyn)]
        inputs = ExpressionScope.inputs + extra
        parametersSlot = parameters == nil ? -1 : ExpressionScope.inputs.count
        // A variable sees those before it, so none can go round in a circle; each is compiled against its forerunners.
        var variables = inputs
        var programs: [(slot: Int, name: String, program: Result<CELProgram, CELError>)] = []
        for definition in definitions {
            let environment = ExpressionScope.environment(variables)
            let program = ExpressionScope.compile(definition.expression, environment)
            let type = (try? program.get().resultType) ?? .dyn
            programs.append((variables.count, "variables.\(definition.name)", program))
            variables.append(CELVariable("variables.\(definition.name)", type))
        }
        self.programs = programs
        let environment = ExpressionScope.environment(variables)
        self.environment = environment
        self.emptyActivation = CELActivation(environment)
    }

    /// The scope of a policy: policies without variables of their own share one.
    static func of(_ policy: SchedulingPolicy) -> ExpressionScope {
        policy.variables.isEmpty && policy.parameters == nil
            ? bare : ExpressionScope(policy.variables, policy.parameters)
    }

    private static let bare = ExpressionScope([])

    private static var limits: CELLimits {
        var limits = CELLimits()
        limits.sourceBytes = PolicyLimits.expressionBytes
        limits.evaluationCost = PolicyLimits.expressionCost
        return limits
    }

    /// What is wrong with the variables.
    var faults: [FieldError] {
        var variables = inputs
        var result: [FieldError] = []
        for (index, entry) in programs.enumerated() {
            if case .failure = entry.program {
                let path = FieldPath([.key("spec"), .key("variables"), .index(index), .key("expression")])
                let found = ExpressionScope.environment(variables).check(definitions[index].expression)
                result += found.map {
                    FieldError(path: path, expected: "an expression in CEL", found: $0.placed)
                }
            }
            variables.append(CELVariable(entry.name, (try? entry.program.get().resultType) ?? .dyn))
        }
        return result
    }

    /// Every fault of an expression, in the order of its text.
    func check(_ source: String) -> [CELError] { environment.check(source) }

    func compile(_ source: String) -> Result<CELProgram, CELError> { ExpressionScope.compile(source, environment) }

    private static func compile(_ source: String, _ environment: CELEnvironment) -> Result<CELProgram, CELError> {
        do throws(CELError) { return .success(try environment.compile(source)) } catch { return .failure(error) }
    }

    private static func environment(_ variables: [CELVariable]) -> CELEnvironment {
        CELEnvironment(
            variables: variables, fieldNumbers: CELField.numbers, limits: limits,
            suggestion: { name, names in Spelling.nearest(to: name, among: names) })
    }

    /// What expressions that use some names need: slots of inputs, and places of variables in the order of computing.
    func needs(_ names: [String]) -> (inputs: [Int], variables: [Int]) {
        var needed = Set(names)
        for entry in programs.reversed() where needed.contains(entry.name) {
            if let program = try? entry.program.get() { needed.formUnion(program.variables) }
        }
        return (
            inputs.indices.filter { needed.contains(inputs[$0].name) },
            programs.indices.filter { needed.contains(programs[$0].name) }
        )
    }

    /// An activation in which nothing has a value yet.
    let emptyActivation: CELActivation

    /// Computes one of the policy's variables into its slot; what went wrong, if anything.
    ///
    /// A variable without a value stays unset, so that an expression fails only if it comes to use it.
    func compute(_ variable: Int, _ activation: inout CELActivation, _ budget: inout Int) -> String? {
        let entry = programs[variable]
        do throws(CELError) {
            let program = try entry.program.get()
            activation[entry.slot] = try program.evaluate(
                activation, costLimit: PolicyLimits.expressionCost, budget: &budget)
            return nil
        } catch {
            return "\(entry.name): \(error.placed)"
        }
    }
}

/// What the expressions of one scope see of one pod, made as they ask for it.
struct ExpressionInputs {
    /// The scope.
    let scope: ExpressionScope
    /// The values made so far.
    var activation: CELActivation
    /// What became of each variable: nil where it is not computed yet, else what went wrong, empty where nothing did.
    private var faults: [String?] = []

    /// Inputs for the expressions of a scope.
    init(_ scope: ExpressionScope) {
        self.scope = scope
        activation = scope.emptyActivation
        if !scope.definitions.isEmpty { faults = Array(repeating: nil, count: scope.definitions.count) }
    }

    /// Whether an expression of this scope, whose inputs are made, is true.
    ///
    /// - Parameter budget: what all expressions for the pod may still cost.
    mutating func evaluate(
        _ expression: PolicyExpression, _ budget: inout Int
    ) -> Result<Bool, ExpressionFailure> {
        run(expression, &budget) { (program, activation, budget) throws(CELError) in
            try program.evaluateBool(activation, costLimit: PolicyLimits.expressionCost, budget: &budget)
        }
    }

    /// The value of an expression of this scope whose inputs are made.
    mutating func value(
        _ expression: PolicyExpression, _ budget: inout Int
    ) -> Result<CELValue, ExpressionFailure> {
        run(expression, &budget) { (program, activation, budget) throws(CELError) in
            try program.evaluate(activation, costLimit: PolicyLimits.expressionCost, budget: &budget)
        }
    }

    private mutating func run<T>(
        _ expression: PolicyExpression, _ budget: inout Int,
        _ body: (CELProgram, CELActivation, inout Int) throws(CELError) -> T
    ) -> Result<T, ExpressionFailure> {
        var fault: String?
        for variable in expression.variables {
            if faults[variable] == nil { faults[variable] = scope.compute(variable, &activation, &budget) ?? "" }
            if fault == nil, let message = faults[variable], !message.isEmpty { fault = message }
        }
        do throws(CELError) {
            return .success(try body(try expression.program.get(), activation, &budget))
        } catch {
            return .failure(ExpressionFailure(message: fault ?? error.placed))
        }
    }
}

extension CELError {
    /// The message with its place, told apart from places in files: `no such key: app (at 1:23 of the expression)`.
    var placed: String { line > 0 ? "\(message) (at \(line):\(column) of the expression)" : message }
}
