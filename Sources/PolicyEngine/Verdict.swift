import ClusterModel

/// Gathers what the matching rules say about one pod, in the order of evaluation, and settles the decision.
///
/// Deciding and explaining both feed their matching rules through here, so that they cannot come to different ends:
/// a rejecting rule wins over everything; the first routing rule routes; a label or annotation is written by the first rule
/// that would write it.
struct Verdict {
    /// The first rule that routes, or nil.
    private(set) var routing: CompiledRule?
    /// The first refusal, or nil.
    private(set) var rejection: PolicyRejection?
    /// The labels, annotations and node labels that the rules write.
    private(set) var changes: [MetadataChange] = []
    /// What the rules write into the spec.
    private(set) var specChanges: [SpecChange] = []
    /// What rules that only warn would do.
    private(set) var warnings: [PolicyWarning] = []
    /// What rules that are only audited would do.
    private(set) var audits: [PolicyWarning] = []
    /// Whether a rule, or the memory of the pod's group, has settled where the pod goes.
    private(set) var isRouted: Bool

    /// Whether a rule has refused the pod.
    var isRefused: Bool { if case .some = rejection { true } else { false } }

    private var writtenKeys: Set<WrittenKey> = []
    private static let searched = 8

    private struct WrittenKey: Hashable {
        let target: MetadataChange.Target
        let key: String
    }

    /// Starts a verdict; the pod of a group that was routed before is routed from the start.
    init(isRouted: Bool) {
        self.isRouted = isRouted
    }

    /// Takes in what a rule answers.
    mutating func add(_ answer: CompiledRule.Answer, of rule: CompiledRule, _ pod: Pod, _ facts: inout PodFacts) {
        // Said here and not only where rules are picked, so that explaining, which asks all rules, agrees.
        if isRouted, rule.onlyRoutes { return }
        switch answer {
        case .no, .excepted: return
        case .failed(let message):
            guard rule.failurePolicy == .fail else { return }
            refuse(rule, "the condition \(message)")
        case .yes:
            if let message = rule.rejectionMessage(pod, &facts) { return refuse(rule, message) }
            guard rule.enforcement == .enforce else { return advise(rule) }
            if !isRouted, rule.actions.routes { (routing, isRouted) = (rule, true) }
            if changes.isEmpty, let whole = rule.changes {
                changes = whole
            } else {
                for edit in rule.edits { write(edit, pod, rule.reference) }
            }
            if rule.actions.editsSpec { writeSpec(rule, pod.$spec.wrappedValue) }
        }
    }

    private mutating func refuse(_ rule: CompiledRule, _ message: String) {
        guard rule.enforcement == .enforce else {
            note(rule, "\(rule.reference) would refuse the pod: \(message)")
            return
        }
        if rejection == nil { rejection = PolicyRejection(rule: rule.reference, message: message) }
    }

    /// Says what a rule that is not enforced would do.
    private mutating func advise(_ rule: CompiledRule) {
        var parts: [String] = []
        if !isRouted, rule.actions.routes {
            parts.append("route the pod to \(rule.actions.targets.joined(separator: " or "))")
        }
        parts += rule.edits.map { "write \($0.target.rawValue) \($0.key): \($0.value)" }
        parts += rule.specContents.map { "write \(SpecChange(content: $0, rule: rule.reference).summary)" }
        if !parts.isEmpty { note(rule, "\(rule.reference) would \(parts.joined(separator: ", "))") }
    }

    private mutating func note(_ rule: CompiledRule, _ message: String) {
        let warning = PolicyWarning(rule: rule.reference, message: message)
        if rule.enforcement == .warn { warnings.append(warning) } else { audits.append(warning) }
    }

    private mutating func write(_ edit: CompiledEdit, _ pod: Pod, _ rule: RuleReference) {
        if edit.onlyIfAbsent {
            let present =
                switch edit.target {
                case .label: pod.metadata.labels[edit.key]
                case .annotation: pod.metadata.annotations[edit.key]
                case .nodeSelector: pod.$spec.wrappedValue.nodeSelector[edit.key]
                }
            if present != nil { return }
        }
        guard !isWritten(edit.target, edit.key) else { return }
        changes.append(MetadataChange(target: edit.target, key: edit.key, value: edit.value, rule: rule))
        if changes.count > Verdict.searched { writtenKeys.insert(WrittenKey(target: edit.target, key: edit.key)) }
    }

    /// Whether a rule has written the key; few changes are searched one by one, which costs less than hashing.
    private mutating func isWritten(_ target: MetadataChange.Target, _ key: String) -> Bool {
        if changes.count < Verdict.searched { return changes.contains { $0.key == key && $0.target == target } }
        if writtenKeys.isEmpty {
            for change in changes { writtenKeys.insert(WrittenKey(target: change.target, key: change.key)) }
        }
        return writtenKeys.contains(WrittenKey(target: target, key: key))
    }

    /// Writes into the spec; of several rules with a default, or with a priority class, the first one writes it.
    private mutating func writeSpec(_ rule: CompiledRule, _ spec: PodSpec) {
        let actions = rule.actions
        if !actions.tolerations.isEmpty {
            let isBare =
                spec.tolerations.isEmpty
                && !specChanges.contains { if case .toleration = $0.content { true } else { false } }
            let items = actions.tolerations.add + (isBare ? actions.tolerations.default : [])
            for item in items where !spec.tolerations.contains(item) { append(.toleration(item), rule) }
        }
        if !actions.topologySpread.isEmpty {
            let isBare =
                spec.topologySpreadConstraints.isEmpty
                && !specChanges.contains { if case .topologySpread = $0.content { true } else { false } }
            let items = actions.topologySpread.add + (isBare ? actions.topologySpread.default : [])
            for item in items where !spec.topologySpreadConstraints.contains(item) {
                append(.topologySpread(item), rule)
            }
        }
        guard let edit = actions.priorityClass,
            !specChanges.contains(where: { if case .priorityClass = $0.content { true } else { false } })
        else { return }
        switch edit {
        case .add(let name): if spec.priorityClassName != name { append(.priorityClass(name), rule) }
        case .default(let name):
            if spec.priorityClassName.isEmpty, spec.priority ?? 0 == 0 { append(.priorityClass(name), rule) }
        }
    }

    private mutating func append(_ content: SpecChange.Content, _ rule: CompiledRule) {
        guard !specChanges.contains(where: { $0.content == content }) else { return }
        specChanges.append(SpecChange(content: content, rule: rule.reference))
    }

    /// The decision that follows from the rules taken in; `remembered` is where the pod's group was routed before.
    func settle(
        _ pod: Pod, _ facts: PodFacts, _ cluster: PolicyCluster, remembered: Route?, revision: String
    ) -> PolicyDecision {
        if let rejection { return refusal(rejection, revision) }
        if let remembered { return join(remembered, facts, revision) }
        var warnings = warnings
        guard let routing else {
            var route = Verdict.unrouted(cluster)
            if let named = facts.named { (route.scheduler, route.origin) = (named, .pod) }
            return place(route, warnings, cluster, revision)
        }
        var route = routing.route
        if routing.actions.scheduler == nil { route.scheduler = routing.target(of: pod, facts.group) }
        if let named = facts.named, named != route.scheduler {
            switch routing.actions.whenNamed {
            case .honour: (route.scheduler, route.origin, route.shadow) = (named, .pod, nil)
            case .override:
                let message = "the pod names scheduler \"\(named)\"; the rule sends it to \"\(route.scheduler)\""
                warnings.append(PolicyWarning(rule: route.rule, message: message))
            case .reject:
                let message = "the pod names scheduler \"\(named)\"; only \"\(route.scheduler)\" may be named here"
                return refusal(PolicyRejection(rule: routing.reference, message: message), revision)
            }
        }
        return place(route, warnings, cluster, revision)
    }

    /// The pod is refused, and nothing is changed.
    private func refusal(_ rejection: PolicyRejection, _ revision: String) -> PolicyDecision {
        PolicyDecision(outcome: .rejected(rejection), changes: [], audits: audits, warnings: [], revision: revision)
    }

    private func routed(_ route: Route, _ warnings: [PolicyWarning], _ revision: String) -> PolicyDecision {
        PolicyDecision(
            outcome: .routed(route), changes: changes, specChanges: specChanges, audits: audits, warnings: warnings,
            revision: revision)
    }

    /// The route of a pod that no rule routes and that names no scheduler.
    private static func unrouted(_ cluster: PolicyCluster) -> Route {
        Route(
            scheduler: cluster.defaultScheduler, origin: .default, rule: nil, availability: .ready,
            whenUnavailable: .queue, fallback: [])
    }

    /// Sends the pod where its group went.
    private func join(_ remembered: Route, _ facts: PodFacts, _ revision: String) -> PolicyDecision {
        var (route, warnings) = (remembered, warnings)
        route.origin = .group
        if let named = facts.named, named != route.scheduler {
            let message = "the pod names scheduler \"\(named)\"; its group was routed to \"\(route.scheduler)\" before"
            warnings.append(PolicyWarning(rule: route.rule, message: message))
        }
        return routed(route, warnings, revision)
    }

    /// Settles what happens where the scheduler chosen is not there.
    private func place(
        _ chosen: Route, _ warnings: [PolicyWarning], _ cluster: PolicyCluster, _ revision: String
    ) -> PolicyDecision {
        guard let absence = Verdict.absence(of: chosen.scheduler, cluster) else {
            return routed(chosen, warnings, revision)
        }
        var (route, warnings) = (chosen, warnings)
        let problem = "scheduler \"\(route.scheduler)\" cannot take the pod: \(absence.text)"
        let standIn = route.fallback.firstIndex { Verdict.absence(of: $0, cluster) == nil }
        if route.whenUnavailable == .reject, let rule = route.rule {
            return refusal(PolicyRejection(rule: rule, message: problem), revision)
        }
        if route.whenUnavailable == .fallback, let standIn {
            let name = route.fallback[standIn]
            route.availability = .standsIn(for: route.scheduler, absence)
            route.scheduler = name
            route.fallback.removeSubrange(...standIn)
            let message = "\(problem); \"\(name)\" stands in"
            warnings.append(PolicyWarning(rule: route.rule, message: message))
        } else {
            route.availability = .waiting(absence)
            let also = route.whenUnavailable == .fallback ? ", nor can its fallbacks" : ""
            let message = "\(problem)\(also); the pod waits for it"
            warnings.append(PolicyWarning(rule: route.rule, message: message))
        }
        return routed(route, warnings, revision)
    }

    private static func absence(of scheduler: String, _ cluster: PolicyCluster) -> SchedulerAbsence? {
        guard let schedulers = cluster.schedulers else { return nil }
        guard let status = schedulers.value(ofKey: scheduler) else { return .unknown }
        return status.isReady ? nil : .down
    }
}

extension CompiledRule {
    /// What the rule would write into a bare spec.
    fileprivate var specContents: [SpecChange.Content] {
        var result = (actions.tolerations.add + actions.tolerations.default).map { SpecChange.Content.toleration($0) }
        result += (actions.topologySpread.add + actions.topologySpread.default).map { .topologySpread($0) }
        switch actions.priorityClass {
        case .add(let name), .default(let name): result.append(.priorityClass(name))
        case nil: break
        }
        return result
    }

    /// The scheduler of a pod: the one, or that of the pod's place in the split.
    ///
    /// The place is a hash of the rule and of the pod's group, or else its owner, or else its name, so that what belongs
    /// together stays together, and a greater weight only ever adds pods to a scheduler that stands first.
    func target(of pod: Pod, _ group: ObjectKey?) -> String {
        if let scheduler = actions.scheduler { return scheduler }
        let total = actions.split.reduce(0) { $0 + $1.weight }
        guard total > 0, let last = actions.split.last else { return actions.split.first?.scheduler ?? "" }
        var hash = ContentHash()
        hash.add(reference.policy)
        hash.add(reference.rule)
        hash.add(pod.metadata.namespace)
        if let group {
            hash.add("group \(group.name)")
        } else if let owner = pod.metadata.controller {
            hash.add("\(owner.kind) \(owner.name)")
        } else {
            hash.add(pod.metadata.name)
        }
        var place = Int64(hash.mixed.multipliedFullWidth(by: UInt64(total)).high)
        for share in actions.split {
            if place < share.weight { return share.scheduler }
            place -= share.weight
        }
        return last.scheduler
    }
}
