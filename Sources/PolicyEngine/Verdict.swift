import ClusterModel

/// Gathers what the matching rules say about one pod, in the order of evaluation, and settles the decision.
///
/// Deciding and explaining both feed their matching rules through here, so that they cannot come to different ends:
/// a rejecting rule wins over everything; the first routing rule routes; a label or annotation is written by the first rule
/// that would write it.
struct Verdict {
    /// The first rule that routes, or nil.
    private(set) var routing: CompiledRule?
    /// The first rule that refuses, or nil.
    private(set) var rejecting: CompiledRule?
    /// What the rules write.
    private(set) var changes: [MetadataChange] = []

    /// Takes in a rule that matches.
    mutating func add(_ rule: CompiledRule, _ pod: Pod) {
        if rule.actions.reject != nil {
            if rejecting == nil { rejecting = rule }
            return
        }
        if routing == nil, rule.actions.scheduler != nil { routing = rule }
        for edit in rule.edits { write(edit, pod, rule.reference) }
    }

    private mutating func write(_ edit: CompiledEdit, _ pod: Pod, _ rule: RuleReference) {
        if edit.onlyIfAbsent {
            let present = edit.target == .label ? pod.metadata.labels[edit.key] : pod.metadata.annotations[edit.key]
            if present != nil { return }
        }
        guard !changes.contains(where: { $0.key == edit.key && $0.target == edit.target }) else { return }
        changes.append(MetadataChange(target: edit.target, key: edit.key, value: edit.value, rule: rule))
    }

    /// The decision that follows from the rules taken in; `remembered` is where the pod's group was routed before.
    func settle(
        _ facts: PodFacts, _ cluster: PolicyCluster, remembered: Route?, revision: String
    ) -> PolicyDecision {
        var decision = PolicyDecision(
            outcome: .routed(Verdict.unrouted(cluster)), changes: changes, warnings: [], revision: revision)
        if let rejecting {
            let message = rejecting.actions.reject ?? ""
            return decision.refused(PolicyRejection(rule: rejecting.reference, message: message))
        }
        if let remembered {
            join(remembered, facts, &decision)
            return decision
        }
        var route = Verdict.unrouted(cluster)
        if let routing {
            route.scheduler = routing.actions.scheduler ?? route.scheduler
            route.origin = .rule
            route.rule = routing.reference
            route.whenUnavailable = routing.actions.whenUnavailable
            route.fallback = routing.actions.fallback
        }
        if let named = facts.named, named != route.scheduler || routing == nil {
            switch routing?.actions.whenNamed ?? .honour {
            case .honour: (route.scheduler, route.origin) = (named, .pod)
            case .override:
                let message = "the pod names scheduler \"\(named)\"; the rule sends it to \"\(route.scheduler)\""
                decision.warnings.append(PolicyWarning(rule: route.rule, message: message))
            case .reject:
                let message = "the pod names scheduler \"\(named)\"; only \"\(route.scheduler)\" may be named here"
                return decision.refused(route.rule.map { PolicyRejection(rule: $0, message: message) })
            }
        }
        return Verdict.place(route, cluster, decision)
    }

    /// The route of a pod that no rule routes and that names no scheduler.
    private static func unrouted(_ cluster: PolicyCluster) -> Route {
        Route(
            scheduler: cluster.defaultScheduler, origin: .default, rule: nil, availability: .ready,
            whenUnavailable: .queue, fallback: [])
    }

    /// Sends the pod where its group went.
    private func join(_ remembered: Route, _ facts: PodFacts, _ decision: inout PolicyDecision) {
        var route = remembered
        route.origin = .group
        if let named = facts.named, named != route.scheduler {
            let message = "the pod names scheduler \"\(named)\"; its group was routed to \"\(route.scheduler)\" before"
            decision.warnings.append(PolicyWarning(rule: route.rule, message: message))
        }
        decision.outcome = .routed(route)
    }

    /// Settles what happens where the scheduler chosen is not there.
    private static func place(_ chosen: Route, _ cluster: PolicyCluster, _ start: PolicyDecision) -> PolicyDecision {
        var (route, decision) = (chosen, start)
        guard let absence = absence(of: route.scheduler, cluster) else {
            decision.outcome = .routed(route)
            return decision
        }
        let problem = "scheduler \"\(route.scheduler)\" cannot take the pod: \(absence.text)"
        let standIn = route.fallback.firstIndex { Verdict.absence(of: $0, cluster) == nil }
        if route.whenUnavailable == .reject, let rule = route.rule {
            return decision.refused(PolicyRejection(rule: rule, message: problem))
        }
        if route.whenUnavailable == .fallback, let standIn {
            let name = route.fallback[standIn]
            route.availability = .standsIn(for: route.scheduler, absence)
            route.scheduler = name
            route.fallback.removeSubrange(...standIn)
            let message = "\(problem); \"\(name)\" stands in"
            decision.warnings.append(PolicyWarning(rule: route.rule, message: message))
        } else {
            route.availability = .waiting(absence)
            let also = route.whenUnavailable == .fallback ? ", nor can its fallbacks" : ""
            let message = "\(problem)\(also); the pod waits for it"
            decision.warnings.append(PolicyWarning(rule: route.rule, message: message))
        }
        decision.outcome = .routed(route)
        return decision
    }

    private static func absence(of scheduler: String, _ cluster: PolicyCluster) -> SchedulerAbsence? {
        guard let schedulers = cluster.schedulers else { return nil }
        guard let status = schedulers[scheduler] else { return .unknown }
        return status.isReady ? nil : .down
    }
}

extension PolicyDecision {
    /// The decision turned into a refusal: nothing is changed then.
    fileprivate func refused(_ rejection: PolicyRejection?) -> PolicyDecision {
        guard let rejection else { preconditionFailure("only rules refuse pods") }
        return PolicyDecision(outcome: .rejected(rejection), changes: [], warnings: [], revision: revision)
    }
}
