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
    /// The labels, annotations and node labels that the rule writes or removes, in a fixed order.
    let edits: [CompiledEdit]
    /// Those whose values expressions make.
    let madeEdits: [CompiledEdit]
    /// What comes of `edits` where no rule before has written anything; nil where that depends on the pod.
    let changes: [MetadataChange]?
    /// What stands in for the message of a refusal, or nil.
    private let messageExpression: PolicyExpression?
    /// Whether routing is all that the rule does, so that it need not be asked once a pod is routed.
    let onlyRoutes: Bool
    /// Whether pods that differ in name and identity alone get the same answer and the same actions.
    let looksAtTemplateAlone: Bool
    /// The object without which the policy's `failurePolicy` decides; nil for none.
    private let neededParameters: PolicyParameters?
    /// Whether the rule has neither expressions nor exceptions.
    private let asksNothingMore: Bool
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
        _ policy: SchedulingPolicy, number: Int, policyIndex: Int, ruleIndex: Int, scope: ExpressionScope,
        exceptions shared: [PolicyException] = []
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
        conditions += CompiledRule.occasions(of: rule, at: place, reference)
        if let parameters = policy.parameters, parameters.whenMissing == .allow {
            conditions.append(Condition(path: FieldPath("spec", "paramRef"), test: .parameters(parameters)))
        }
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
        let exceptions = (policy.exceptions + shared).filter { $0.isAbout(rule.name, of: policy.name) }
            .map(CompiledException.init)
        self.exceptions = exceptions
        let edits =
            CompiledEdit.edits(.label, rule.actions.labels, scope)
            + CompiledEdit.edits(.annotation, rule.actions.annotations, scope)
            + CompiledEdit.edits(.nodeSelector, rule.actions.nodeSelector, scope)
        let madeEdits = edits.filter { if case .expression = $0.content { true } else { false } }
        self.neededParameters = policy.parameters.flatMap { $0.whenMissing == .deny ? $0 : nil }
        self.asksNothingMore =
            expressions.isEmpty && exceptions.isEmpty && madeEdits.isEmpty && neededParameters == nil
        self.holdsOnceFound = left.isEmpty && asksNothingMore
        self.failurePolicy = policy.failurePolicy
        self.enforcement = rule.enforcement
        self.actions = rule.actions
        self.messageExpression = rule.actions.rejectExpression.map { source in
            PolicyExpression(NamedExpression("messageExpression", source), in: scope)
        }
        self.onlyRoutes = rule.actions.reject == nil && !rule.actions.edits
        self.looksAtTemplateAlone =
            (conditions + exceptions.flatMap(\.conditions)).allSatisfy(\.looksAtTemplateAlone)
            && messageExpression == nil && rule.actions.split.isEmpty && madeEdits.isEmpty && policy.parameters == nil
        let reference = reference
        let changes = edits.compactMap { $0.change(by: reference) }
        self.edits = edits
        self.madeEdits = madeEdits
        self.changes = changes.count == edits.count ? changes : nil
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

    /// When and for which share of the pods the rule holds, as conditions.
    private static func occasions(
        of rule: PolicyRule, at place: FieldPath, _ reference: RuleReference
    ) -> [Condition] {
        var result: [Condition] = []
        if let schedule = rule.schedule {
            let test = Condition.Test.schedule(ScheduleTest(schedule))
            result.append(Condition(path: place.appending("schedule"), test: test))
        }
        if let percent = rule.percent {
            let test = Condition.Test.sample(PolicySample(rule: reference, percent: percent))
            result.append(Condition(path: place.appending("percent"), test: test))
        }
        return result
    }

    /// Whether any condition is an expression.
    var hasExpressions: Bool { !expressions.isEmpty }

    /// Whether the rule is certain to act on every pod that meets its conditions.
    var isUnconditional: Bool {
        enforcement == .enforce && exceptions.isEmpty
            && ((madeEdits.isEmpty && neededParameters == nil) || failurePolicy == .fail)
    }

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
        if asksNothingMore { return .yes }
        if let needed = neededParameters, needed.object(for: pod, in: facts.cluster.wrappedValue) == nil {
            return .failed("parameters: there is no \(needed.words)")
        }
        var failure: Answer?
        for expression in expressions {
            switch expression.evaluate(pod, &facts) {
            case .success(true): break
            case .success(false): return .no
            case .failure(let fault): failure = failure ?? .failed("condition \(expression.name): \(fault.message)")
            }
        }
        for exception in exceptions where exception.holds(at: timeSeconds) {
            if exception.conditions.allSatisfy({ $0.holds(pod, &facts) }) { return .excepted(exception.name) }
        }
        if let failure { return failure }
        return makeTexts(pod, &facts).map { .failed($0) } ?? .yes
    }
}

/// An exception with its conditions taken apart.
struct CompiledException: Sendable {
    let name: String
    let until: String
    private let untilSeconds: Int64
    private let schedule: ScheduleTest?
    let conditions: [Condition]

    init(_ exception: PolicyException) {
        schedule = exception.schedule.map(ScheduleTest.init)
        name = exception.name
        until = exception.until
        untilSeconds = exception.untilSeconds
        conditions = exception.match.conditions(at: FieldPath("spec", "exceptions"))
    }

    /// Whether the exception is in force at a time.
    func holds(at seconds: Int64) -> Bool { untilSeconds > seconds && schedule?.holds(at: seconds) ?? true }

    /// Why the exception is not in force at a time, or nil.
    func idleness(at seconds: Int64) -> String? {
        if untilSeconds <= seconds { return "\(name) ended \(until)" }
        guard let schedule, !schedule.holds(at: seconds) else { return nil }
        return "\(name) wants a time \(schedule.schedule.words); found \(schedule.schedule.wallClock(at: seconds))"
    }
}
