import ClusterModel

/// Why the policies decided about a pod as they did: every policy and rule, matched or not.
public struct PolicyExplanation: Hashable, Sendable {
    /// The pod's namespace and name.
    public var pod: ObjectKey
    /// What was decided.
    public var decision: PolicyDecision
    /// The policies in the order of evaluation.
    public var policies: [PolicyTrace]
}

/// What one policy had to say about a pod.
public struct PolicyTrace: Hashable, Sendable {
    /// The policy's name.
    public var policy: String
    /// Its place in the order of evaluation, as the policy states it.
    public var order: Int64
    /// Its rules in order.
    public var rules: [RuleTrace]
}

/// What one rule had to say about a pod.
public struct RuleTrace: Hashable, Sendable {
    /// The rule's name.
    public var rule: String
    /// Whether every condition held.
    public var matched: Bool
    /// The conditions in the order of the file, the policy's own first.
    public var conditions: [ConditionTrace]
    /// What came of a match, in words; empty where the rule did not match.
    public var effects: [String]
    /// Exceptions that might have kept a matching rule from the pod, and why each does not.
    public var idleExceptions: [String] = []

    /// The first condition that failed, or nil where the rule matched.
    public var failed: ConditionTrace? { conditions.first { !$0.holds } }
}

/// How one condition came out.
public struct ConditionTrace: Hashable, Sendable {
    /// Where the condition stands in its document.
    public var path: FieldPath
    /// Whether it held.
    public var holds: Bool
    /// What it wants: `namespace matches "team-*"`.
    public var wanted: String
    /// What the pod has: `"default"`.
    public var found: String
}

extension PolicyEngine {
    /// Says for every policy and rule whether it matches the pod, which condition fails, and what comes of it.
    ///
    /// Asks every condition of every rule, without the index, and settles by the same `Verdict` as `decide`; leaves the
    /// engine as it is.
    public func explain(_ pod: Pod, for request: PolicyRequest? = nil) -> PolicyExplanation {
        var facts = PodFacts(pod, $cluster, request)
        var memory = groupRoutes
        let remembered = facts.group.flatMap { memory.route(of: $0) }
        var verdict = Verdict(isRouted: remembered != nil)
        var decision = Verdict.begin(remembered ?? routes.unrouted, revision: policies.revision)
        var answers: [CompiledRule.Answer] = []
        var conditions: [[ConditionTrace]] = []
        for rule in policies.rules {
            let inNamespace = rule.namespaceConditions.allSatisfy { $0.holds(pod, &facts) }
            let answer = inNamespace ? rule.answer(pod, &facts, timeSeconds: cluster.timeSeconds) : .no
            // Deciding stops at the first refusal, before later rules can warn.
            if !decision.isRefused { verdict.add(answer, of: rule, pod, &facts, to: &decision) }
            answers.append(answer)
            conditions.append(rule.conditions.map { $0.trace(pod, &facts) })
        }
        let gathered = decision
        verdict.settle(&decision, pod, facts, routes)
        var result = PolicyExplanation(pod: pod.metadata.key, decision: decision, policies: [])
        for policy in policies.policies {
            result.policies.append(PolicyTrace(policy: policy.name, order: policy.order, rules: []))
        }
        for (number, rule) in policies.rules.enumerated() {
            result.policies[rule.policyIndex].rules.append(
                RuleTrace(
                    rule: rule.reference.rule, matched: answers[number] == .yes, conditions: conditions[number],
                    effects: effects(
                        answers[number], of: rule, pod, gathered, verdict.routing, decision,
                        isRemembered: remembered != nil),
                    idleExceptions: idleExceptions(of: rule, answers[number], pod, &facts)))
        }
        return result
    }

    /// Why exceptions do not apply to a rule that has a say about the pod.
    private func idleExceptions(
        of rule: CompiledRule, _ answer: CompiledRule.Answer, _ pod: Pod, _ facts: inout PodFacts
    ) -> [String] {
        guard answer == .yes else { return [] }
        return rule.exceptions.map { exception in
            if let idleness = exception.idleness(at: cluster.timeSeconds) { return idleness }
            let failing = exception.conditions.map { $0.trace(pod, &facts) }.first { !$0.holds }
            return "\(exception.name) wants \(failing?.wanted ?? ""); found \(failing?.found ?? "")"
        }
    }

    private func effects(
        _ answer: CompiledRule.Answer, of rule: CompiledRule, _ pod: Pod, _ gathered: PolicyDecision,
        _ routing: CompiledRule?, _ decision: PolicyDecision, isRemembered: Bool
    ) -> [String] {
        switch answer {
        case .no: return []
        case .excepted(let name): return ["nothing: the exception \(name) leaves the pod alone"]
        case .failed where rule.failurePolicy == .ignore: return ["nothing: an expression has no value"]
        case .yes, .failed: break
        }
        let audits = gathered.audits.filter { $0.rule == rule.reference }
        if let rejection = gathered.rejection, audits.isEmpty {
            if rejection.rule == rule.reference { return ["refuses the pod: \(rejection.message)"] }
            return ["nothing: \(rejection.rule) refuses the pod"]
        }
        if rule.enforcement != .enforce {
            let notes = (gathered.warnings + gathered.audits).filter { $0.rule == rule.reference }.map(\.message)
            let verb = rule.enforcement == .warn ? "warns" : "records in the audit"
            return notes.isEmpty ? ["nothing to tell"] : notes.map { "\(verb): \($0)" }
        }
        var effects: [String] = []
        if rule.actions.routes {
            if isRemembered {
                effects.append("nothing to route: the pod's group was routed before")
            } else if routing?.reference != rule.reference {
                effects.append("nothing to route: \(routing.map { "\($0.reference)" } ?? "") routed before")
            } else {
                effects.append(routingEffect(decision))
            }
        }
        for edit in rule.edits {
            let writer = decision.changes.first { $0.target == edit.target && $0.key == edit.key }
            let name = "\(edit.target.rawValue) \(edit.key)"
            if let writer, writer.rule == rule.reference {
                effects.append(writer.effect)
            } else if let writer {
                effects.append("leaves \(name): \(writer.rule) \(writer.value == nil ? "removed" : "wrote") it before")
            } else if decision.rejection == nil {
                effects.append(
                    "leaves \(name): \(edit.onlyIfAbsent && edit.isPresent(in: pod) ? "the pod has it" : "there is nothing to do")"
                )
            }
        }
        effects += decision.specChanges.filter { $0.rule == rule.reference }.map(\.effect)
        if decision.rejection == nil {
            effects += rule.leftContents(pod.$spec.wrappedValue, decision).map { "leaves \($0)" }
        }
        return effects
    }

    private func routingEffect(_ decision: PolicyDecision) -> String {
        switch decision.outcome {
        case .rejected(let rejection): return "refuses the pod: \(rejection.message)"
        case .routed(let shared):
            let route = shared.wrappedValue
            switch (route.origin, route.availability) {
            case (.pod, _): return "honours the pod's own choice, \(route.scheduler)"
            case (_, .waiting(let absence)): return "routes to \(route.scheduler), where the pod waits: \(absence.text)"
            case (_, .standsIn(let chosen, let absence)):
                return "routes to \(chosen); \(absence.text), so \(route.scheduler) stands in"
            default: return "routes to \(route.scheduler)" + (route.shadow.map { ", with \($0) in its shadow" } ?? "")
            }
        }
    }
}
