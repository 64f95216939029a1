import ClusterModel

@testable import PolicyEngine

/// What a set of policies decides, by the documents alone: no compiled conditions, no index, no memory of namespaces.
struct DecisionOracle {
    let policies: [SchedulingPolicy]
    let cluster: PolicyCluster
    var exceptions: [PolicyException] = []

    func matches(_ match: PolicyMatch, _ pod: Pod) -> Bool {
        let namespace = pod.metadata.namespace
        let labels = cluster.namespaces[namespace] ?? ["kubernetes.io/metadata.name": namespace]
        func any(_ patterns: [NamePattern]?, _ name: String?) -> Bool {
            patterns.map { list in name.map { name in list.contains { $0.matches(name) } } ?? false } ?? true
        }
        guard any(match.namespaces, namespace) else { return false }
        if let excluded = match.excludeNamespaces, any(excluded, namespace) { return false }
        guard match.namespaceSelector?.matches(labels) ?? true else { return false }
        guard match.labelSelector?.matches(pod.metadata.labels) ?? true else { return false }
        guard match.annotationSelector?.matches(pod.metadata.annotations) ?? true else { return false }
        let owner = pod.metadata.ownerReferences.first?.kind ?? "None"
        guard match.ownerKinds?.contains(owner) ?? true else { return false }
        guard any(match.priorityClasses, pod.spec.priorityClassName) else { return false }
        guard match.priority?.contains(Int64(pod.spec.priority ?? 0)) ?? true else { return false }
        guard match.qosClasses?.contains(pod.spec.qosClass) ?? true else { return false }
        let group = pod.groupKey
        switch match.podGroup {
        case nil: break
        case .any: if group == nil { return false }
        case .absent: if group != nil { return false }
        case .group(let names, let minMember):
            guard let group, any(names, group.name) else { return false }
            if let minMember, !minMember.contains(Int64(cluster.groups[group]?.minMember ?? 1)) { return false }
        }
        let requests = pod.spec.effectiveRequests
        for (resource, range) in match.requests where !range.contains(requests[resource] ?? .zero) { return false }
        let named = pod.spec.schedulerName.flatMap { $0 == "default-scheduler" ? nil : $0 }
        guard any(match.schedulerNames, named) else { return false }
        if !match.any.isEmpty, !match.any.contains(where: { matches($0, pod) }) { return false }
        return !match.except.contains { matches($0, pod) }
    }

    enum Answer { case no, yes, excepted, failed }

    /// What each rule answers, in the order of evaluation.
    func answers(_ pod: Pod) -> [(name: String, policy: SchedulingPolicy, rule: PolicyRule, answer: Answer)] {
        policies.sorted { ($0.order, $0.name) < ($1.order, $1.name) }.flatMap { policy in
            policy.rules.map { rule in
                ("\(policy.name)/\(rule.name)", policy, rule, answer(policy, rule, pod))
            }
        }
    }

    private func answer(_ policy: SchedulingPolicy, _ rule: PolicyRule, _ pod: Pod) -> Answer {
        guard matches(policy.match, pod), matches(rule.match, pod) else { return .no }
        guard rule.schedule?.holds(at: cluster.timeSeconds) ?? true else { return .no }
        if let percent = rule.percent {
            let sample = PolicySample(
                rule: RuleReference(policy: policy.name, rule: rule.name), percent: percent)
            guard sample.contains(pod, pod.groupKey) else { return .no }
        }
        let values = (policy.matchConditions + rule.matchConditions).map { condition in
            RandomPolicies.expressions.first { $0.source == condition.expression }?.meaning(pod)
        }
        if values.contains(false) { return .no }
        let isExcepted = (policy.exceptions + exceptions).contains { exception in
            (exception.policies?.contains { $0.matches(policy.name) } ?? true)
                && (exception.schedule?.holds(at: cluster.timeSeconds) ?? true)
                && (exception.rules?.contains(rule.name) ?? true) && exception.untilSeconds > cluster.timeSeconds
                && matches(exception.match, pod)
        }
        if isExcepted { return .excepted }
        return values.contains(nil) || !makesItsTexts(rule.actions, pod) ? .failed : .yes
    }

    /// The rules that act, in the order of evaluation; those that only route are idle once a pod is routed.
    func acting(_ pod: Pod, isRouted: Bool) -> [(name: String, rule: PolicyRule, answer: Answer)] {
        var isRouted = isRouted
        return answers(pod).compactMap { name, policy, rule, answer in
            let onlyRoutes = rule.actions.reject == nil && !rule.actions.edits
            guard rule.enforcement == .enforce, answer == .yes || (answer == .failed && policy.failurePolicy == .fail),
                !(isRouted && onlyRoutes)
            else { return nil }
            if answer == .yes, rule.actions.routes { isRouted = true }
            return (name, rule, answer)
        }
    }

    /// The refusing rule or the schedulers first chosen, before anything is known of their state.
    func outcome(_ pod: Pod, isRouted: Bool) -> (rejecting: String?, routing: String?, chosen: [String]) {
        let rules = acting(pod, isRouted: isRouted)
        let rejecting = rules.first { $0.answer == .failed || $0.rule.actions.reject != nil }
        let routing = rules.first { $0.rule.actions.routes }
        return (rejecting?.name, routing?.name, routing?.rule.actions.targets ?? [cluster.defaultScheduler])
    }
}
