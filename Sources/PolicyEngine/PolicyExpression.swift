import CEL
import ClusterModel

/// A compiled expression of a policy.
struct PolicyExpression: Hashable, Sendable {
    /// The name that messages give it.
    let name: String
    /// The expression as it was written.
    let source: String
    /// The variables that it may use.
    let scope: ExpressionScope
    private let program: Result<CELProgram, CELError>

    /// Compiles an expression; one that does not compile keeps its fault, and has no value for any pod.
    init(_ expression: NamedExpression, in scope: ExpressionScope) {
        self.name = expression.name
        self.source = expression.expression
        self.scope = scope
        self.program = scope.compile(expression.expression)
    }

    /// Expressions are the same where they say the same about the same variables.
    static func == (a: PolicyExpression, b: PolicyExpression) -> Bool {
        a.source == b.source && a.scope.definitions == b.scope.definitions
    }

    /// Feeds the source to the hasher, in step with `==`.
    func hash(into hasher: inout Hasher) { hasher.combine(source) }

    /// Why the expression cannot be a condition, or nil.
    var fault: String? {
        switch program {
        case .failure(let error): return error.description
        case .success(let program):
            switch program.resultType {
            case .bool, .dyn: return nil
            default: return "an expression of type \(program.resultType)"
            }
        }
    }

    /// Whether the expression is true for a pod, or why it has no value.
    func evaluate(_ pod: Pod, _ facts: inout PodFacts) -> Result<Bool, ExpressionFailure> {
        switch program {
        case .failure(let error): return .failure(ExpressionFailure(message: error.description))
        case .success(let program):
            var activation = scope.activation(facts.expressionInputs(pod))
            let variableFault = scope.computeVariables(program.variables, &activation)
            do throws(CELError) {
                return .success(try program.evaluateBool(activation, costLimit: PolicyLimits.expressionCost))
            } catch {
                return .failure(ExpressionFailure(message: variableFault ?? error.description))
            }
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

    /// The names of what is known of a pod; their slots are their places here.
    static let inputs: [CELVariable] = [
        CELVariable("object", .object(CELTypes.pod)), CELVariable("namespaceObject", .object(CELTypes.namespace)),
        CELVariable("request", .object(CELTypes.request)), CELVariable("podGroup", .dyn),
        CELVariable("schedulers", .map(.string, .dyn)),
    ]

    init(_ definitions: [NamedExpression]) {
        self.definitions = definitions
        // A variable sees those before it, so none can go round in a circle; each is compiled against its forerunners.
        var variables = ExpressionScope.inputs
        var programs: [(slot: Int, name: String, program: Result<CELProgram, CELError>)] = []
        for definition in definitions {
            let environment = CELEnvironment(variables: variables, limits: ExpressionScope.limits)
            let program = ExpressionScope.compile(definition.expression, environment)
            let type = (try? program.get().resultType) ?? .dyn
            programs.append((variables.count, "variables.\(definition.name)", program))
            variables.append(CELVariable("variables.\(definition.name)", type))
        }
        self.programs = programs
        self.environment = CELEnvironment(variables: variables, limits: ExpressionScope.limits)
    }

    /// The scope of a policy: policies without variables of their own share one.
    static func of(_ policy: SchedulingPolicy) -> ExpressionScope {
        policy.variables.isEmpty ? bare : ExpressionScope(policy.variables)
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
        programs.enumerated().compactMap { index, entry in
            guard case .failure(let error) = entry.program else { return nil }
            return FieldError(
                path: FieldPath([.key("spec"), .key("variables"), .index(index), .key("expression")]),
                expected: "an expression in CEL", found: error.description)
        }
    }

    func compile(_ source: String) -> Result<CELProgram, CELError> { ExpressionScope.compile(source, environment) }

    private static func compile(_ source: String, _ environment: CELEnvironment) -> Result<CELProgram, CELError> {
        do throws(CELError) { return .success(try environment.compile(source)) } catch { return .failure(error) }
    }

    func activation(_ inputs: [CELValue]) -> CELActivation {
        var activation = CELActivation(environment)
        for (slot, value) in inputs.enumerated() { activation[slot] = value }
        return activation
    }

    /// Computes the variables that are asked for, and those that they use; what went wrong first, if anything.
    ///
    /// A variable without a value stays unset, so that an expression fails only if it comes to use it.
    func computeVariables(_ wanted: [String], _ activation: inout CELActivation) -> String? {
        guard !programs.isEmpty, wanted.contains(where: { $0.hasPrefix("variables.") }) else { return nil }
        var needed = Set(wanted)
        for entry in programs.reversed() where needed.contains(entry.name) {
            if let program = try? entry.program.get() { needed.formUnion(program.variables) }
        }
        var fault: String?
        for entry in programs where needed.contains(entry.name) {
            do throws(CELError) {
                activation[entry.slot] = try entry.program.get().evaluate(
                    activation, costLimit: PolicyLimits.expressionCost)
            } catch {
                fault = fault ?? "\(entry.name): \(error.description)"
            }
        }
        return fault
    }
}
