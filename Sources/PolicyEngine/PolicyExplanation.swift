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
    public func explain(_ pod: Pod) -> PolicyExplanation {
        var facts = PodFacts(
            pod, namespaceLabels: cluster.labels(ofNamespace: pod.metadata.namespace), groups: cluster.groups)
        var memory = groupRoutes
        let remembered = facts.group.flatMap { memory.route(of: $0) }
        var verdict = Verdict()
        var matched = ContiguousArray(repeating: false, count: policies.rules.count)
        var conditions: [[ConditionTrace]] = []
        for (number, rule) in policies.rules.enumerated() {
            let traces = rule.conditions.map { $0.trace(pod, &facts) }
            matched[number] = traces.allSatisfy(\.holds)
            if matched[number] { verdict.add(rule, pod) }
            conditions.append(traces)
        }
        let decision = verdict.settle(facts, cluster, remembered: remembered, revision: policies.revision)
        var result = PolicyExplanation(pod: pod.metadata.key, decision: decision, policies: [])
        for policy in policies.policies {
            result.policies.append(PolicyTrace(policy: policy.name, order: policy.order, rules: []))
        }
        for (number, rule) in policies.rules.enumerated() {
            let effects = matched[number] ? effects(of: rule, verdict, decision, isRemembered: remembered != nil) : []
            result.policies[rule.policyIndex].rules.append(
                RuleTrace(
                    rule: rule.reference.rule, matched: matched[number], conditions: conditions[number],
                    effects: effects))
        }
        return result
    }

    private func effects(
        of rule: CompiledRule, _ verdict: Verdict, _ decision: PolicyDecision, isRemembered: Bool
    ) -> [String] {
        if let rejecting = verdict.rejecting {
            if rejecting.reference == rule.reference { return ["refuses the pod: \(rule.actions.reject ?? "")"] }
            return ["nothing: \(rejecting.reference) refuses the pod"]
        }
        var effects: [String] = []
        if let scheduler = rule.actions.scheduler {
            if isRemembered {
                effects.append("nothing to route: the pod's group was routed before")
            } else if verdict.routing?.reference != rule.reference {
                effects.append("nothing to route: \(verdict.routing.map { "\($0.reference)" } ?? "") routed before")
            } else {
                effects.append(routingEffect(scheduler, rule, decision))
            }
        }
        for edit in rule.edits {
            let writer = decision.changes.first { $0.target == edit.target && $0.key == edit.key }
            let name = "\(edit.target.rawValue) \(edit.key)"
            if writer?.rule == rule.reference {
                effects.append("writes \(name): \(edit.value)")
            } else if let writer {
                effects.append("leaves \(name): \(writer.rule) wrote it before")
            } else if decision.rejection == nil {
                effects.append("leaves \(name): the pod has it")
            }
        }
        return effects
    }

    private func routingEffect(_ scheduler: String, _ rule: CompiledRule, _ decision: PolicyDecision) -> String {
        switch decision.outcome {
        case .rejected(let rejection): return "refuses the pod: \(rejection.message)"
        case .routed(let route):
            switch (route.origin, route.availability) {
            case (.pod, _): return "honours the pod's own choice, \(route.scheduler)"
            case (_, .waiting(let absence)): return "routes to \(scheduler), where the pod waits: \(absence.text)"
            case (_, .standsIn(_, let absence)):
                return "routes to \(scheduler); \(absence.text), so \(route.scheduler) stands in"
            default: return "routes to \(scheduler)"
            }
        }
    }
}
