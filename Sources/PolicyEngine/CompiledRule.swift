import ClusterModel

/// A rule with its conditions taken apart, ready to be asked.
///
/// A class, so that asking one of many rules copies nothing.
final class CompiledRule: Sendable {
    /// The rule's name and its policy's.
    let reference: RuleReference
    /// Where the rule stands among those of all policies, in the order of evaluation.
    let number: Int
    /// Where the rule's policy stands in the set.
    let policyIndex: Int
    /// Where the rule stands in its policy.
    let ruleIndex: Int
    /// All conditions, the policy's first, in the order of the fields.
    let conditions: [Condition]
    /// The conditions that the namespace decides alone.
    let namespaceConditions: [Condition]
    /// What all others but expressions ask, the cheapest first.
    private let tests: ContiguousArray<Condition.Test>
    /// The one of `tests` by which the index finds the rule, or nil.
    let indexGuard: RuleGuard?
    /// Those of `tests` that still must be asked once the index has found the rule.
    private let testsOnceFound: ContiguousArray<Condition.Test>
    /// The expressions, in order.
    private let expressions: [PolicyExpression]
    /// Exceptions that apply to the rule.
    let exceptions: [CompiledException]
    /// What happens where an expression has no value.
    let failurePolicy: SchedulingPolicy.FailurePolicy
    /// Whether the actions are carried out.
    let enforcement: PolicyRule.Enforcement
    /// What the rule does.
    let actions: PolicyActions
    /// The route of the pods that the rule routes, without the scheduler where that depends on the pod; it means nothing
    /// where the rule routes none.
    let route: Route
    /// The labels, annotations and node labels that the rule writes, in a fixed order.
    let edits: [CompiledEdit]
    /// What comes of `edits` where no rule before has written anything; nil where that depends on the pod.
    let changes: [MetadataChange]?
    /// What stands in for the message of a refusal, or nil.
    private let messageExpression: PolicyExpression?
    /// Whether routing is all that the rule does, so that it need not be asked once a pod is routed.
    let onlyRoutes: Bool
    /// Whether pods that differ in name and identity alone get the same answer and the same actions.
    let looksAtTemplateAlone: Bool
    /// Whether the rule answers yes for every pod for which the index finds it.
    let holdsOnceFound: Bool

    /// How a rule answers for a pod.
    enum Answer: Hashable {
        /// A condition does not hold.
        case no
        /// Every condition holds.
        case yes
        /// Every condition holds, and an exception leaves the pod alone.
        case excepted(String)
        /// An expression has no value; what that means is up to the policy.
        case failed(String)
    }

    init(
        _ policy: SchedulingPolicy, number: Int, policyIndex: Int, ruleIndex: Int, scope: ExpressionScope
    ) {
        let rule = policy.rules[ruleIndex]
        let place = FieldPath([.key("spec"), .key("rules"), .index(ruleIndex)])
        self.reference = RuleReference(policy: policy.name, rule: rule.name)
        self.number = number
        self.policyIndex = policyIndex
        self.ruleIndex = ruleIndex
        var conditions = policy.matchConstraints?.conditions(at: FieldPath("spec", "matchConstraints")) ?? []
        conditions += policy.match.conditions(at: FieldPath("spec", "match"))
        conditions += rule.match.conditions(
            at: place.appending(policy.isMetadataPolicy ? "policyPredicate" : "match"))
        conditions += CompiledRule.conditions(
            policy.matchConditions, at: FieldPath("spec", "matchConditions"), scope)
        conditions += CompiledRule.conditions(rule.matchConditions, at: place.appending("matchConditions"), scope)
        self.conditions = conditions
        self.namespaceConditions = conditions.filter(\.dependsOnNamespaceAlone)
        self.expressions = conditions.compactMap { if case .expression(let item) = $0.test { item } else { nil } }
        let others = conditions.filter { condition in
            if case .expression = condition.test { return false }
            return !condition.dependsOnNamespaceAlone
        }
        let tests = ContiguousArray(others.sorted { $0.cost < $1.cost }.map(\.test))
        self.tests = tests
        self.indexGuard = RuleGuard(tests)
        var left = tests
        if let indexGuard, indexGuard.isExact { left.remove(at: indexGuard.place) }
        self.testsOnceFound = left
        let exceptions = policy.exceptions.filter { $0.rules?.contains(rule.name) ?? true }.map(CompiledException.init)
        self.exceptions = exceptions
        self.holdsOnceFound = left.isEmpty && expressions.isEmpty && exceptions.isEmpty
        self.failurePolicy = policy.failurePolicy
        self.enforcement = rule.enforcement
        self.actions = rule.actions
        self.messageExpression = rule.actions.rejectExpression.map { source in
            PolicyExpression(NamedExpression("messageExpression", source), in: scope)
        }
        self.onlyRoutes = rule.actions.reject == nil && !rule.actions.edits
        self.looksAtTemplateAlone =
            (conditions + exceptions.flatMap(\.conditions)).allSatisfy(\.looksAtTemplateAlone)
            && messageExpression == nil && rule.actions.split.isEmpty
        let edits =
            CompiledEdit.edits(.label, rule.actions.labels) + CompiledEdit.edits(.annotation, rule.actions.annotations)
            + CompiledEdit.edits(.nodeSelector, rule.actions.nodeSelector)
        let reference = reference
        self.edits = edits
        self.changes =
            edits.contains(where: \.onlyIfAbsent)
            ? nil : edits.map { MetadataChange(target: $0.target, key: $0.key, value: $0.value, rule: reference) }
        self.route = Route(
            scheduler: rule.actions.scheduler ?? "", origin: .rule, rule: reference, availability: .ready,
            whenUnavailable: rule.actions.whenUnavailable, fallback: rule.actions.fallback,
            shadow: rule.actions.shadow)
    }

    private static func conditions(
        _ expressions: [NamedExpression], at path: FieldPath, _ scope: ExpressionScope
    ) -> [Condition] {
        expressions.enumerated().map { index, item in
            Condition(path: path.appending(index), test: .expression(PolicyExpression(item, in: scope)))
        }
    }

    /// Whether any condition is an expression.
    var hasExpressions: Bool { !expressions.isEmpty }

    /// Whether the rule is certain to act on every pod that meets its conditions.
    var isUnconditional: Bool { enforcement == .enforce && exceptions.isEmpty }

    /// What the rule says when it refuses a pod; nil where it refuses none.
    ///
    /// As in Kubernetes, the message itself is said where its expression has no value, or one that is no single line.
    func rejectionMessage(_ pod: Pod, _ facts: inout PodFacts) -> String? {
        guard let message = actions.reject else { return nil }
        guard let messageExpression, let text = messageExpression.evaluateText(pod, &facts),
            text.utf8.count <= PolicyLimits.messageBytes,
            text.contains(where: { !$0.isWhitespace }), !text.contains(where: \.isNewline)
        else { return message }
        return text
    }

    /// How the rule answers for a pod in whose namespace its namespace conditions are known to hold.
    ///
    /// As in Kubernetes' admission policies, one expression that is false settles the matter even where another has no
    /// value.
    ///
    /// - Parameter isFound: whether the index found the rule for this pod, so that what it was found by is known to hold.
    func answer(_ pod: Pod, _ facts: inout PodFacts, timeSeconds: Int64, isFound: Bool = false) -> Answer {
        let tests = isFound ? testsOnceFound : tests
        for index in tests.indices where !tests[index].holds(pod, &facts) { return .no }
        if expressions.isEmpty, exceptions.isEmpty { return .yes }
        var failure: Answer?
        for expression in expressions {
            switch expression.evaluate(pod, &facts) {
            case .success(true): break
            case .success(false): return .no
            case .failure(let fault): failure = failure ?? .failed("\(expression.name): \(fault.message)")
            }
        }
        for exception in exceptions where exception.untilSeconds > timeSeconds {
            if exception.conditions.allSatisfy({ $0.holds(pod, &facts) }) { return .excepted(exception.name) }
        }
        return failure ?? .yes
    }
}

/// An exception with its conditions taken apart.
struct CompiledException: Sendable {
    let name: String
    let until: String
    let untilSeconds: Int64
    let conditions: [Condition]

    init(_ exception: PolicyException) {
        name = exception.name
        until = exception.until
        untilSeconds = exception.untilSeconds
        conditions = exception.match.conditions(at: FieldPath("spec", "exceptions"))
    }
}

/// One label or annotation that a rule writes.
struct CompiledEdit: Hashable, Sendable {
    let target: MetadataChange.Target
    let key: String
    let value: String
    /// Whether it is written only where the pod lacks the key.
    let onlyIfAbsent: Bool

    static func edits(_ target: MetadataChange.Target, _ edit: MetadataEdit) -> [CompiledEdit] {
        let added = edit.add.map { CompiledEdit(target: target, key: $0.key, value: $0.value, onlyIfAbsent: false) }
        let defaults = edit.default.map {
            CompiledEdit(target: target, key: $0.key, value: $0.value, onlyIfAbsent: true)
        }
        return (added + defaults).sorted { $0.key < $1.key }
    }
}
