import ClusterModel
import Foundation

/// Gathers what the matching rules say about one pod, in the order of evaluation, into a decision, and settles it.
///
/// Deciding and explaining both feed their matching rules through here, so that they cannot come to different ends:
/// a rejecting rule wins over everything; the first routing rule routes; a label or annotation is written by the first rule
/// that would write it.
///
/// The decision stands apart, from `begin` to `settle`, so that it is handed out without a copy of it.
struct Verdict {
    /// The first rule that routes, or nil.
    private(set) var routing: CompiledRule?
    /// Whether a rule, or the memory of the pod's group, has settled where the pod goes.
    private(set) var isRouted: Bool

    private var writtenKeys: Set<WrittenKey> = []
    /// Keys that rules remove and that the pod lacks.
    private var keptAbsent: [WrittenKey] = []
    /// What rules write that the pod has already, so that no later rule takes it away.
    var claims: [SpecChange] = []
    private static let searched = 8

    private struct WrittenKey: Hashable {
        let target: MetadataChange.Target
        let key: String
    }

    /// Starts a verdict; the pod of a group that was routed before is routed from the start.
    init(isRouted: Bool) {
        self.isRouted = isRouted
    }

    /// The decision before any rule is heard: the pod goes where its group went, or where pods go that no rule routes.
    static func begin(_ route: CopyOnWrite<Route>, revision: String) -> PolicyDecision {
        PolicyDecision(outcome: .routed(route), changes: [], warnings: [], revision: revision)
    }

    /// Takes in what a rule answers.
    mutating func add(
        _ answer: CompiledRule.Answer, of rule: CompiledRule, _ pod: Pod, _ facts: inout PodFacts,
        to decision: inout PolicyDecision
    ) {
        // Said here and not only where rules are picked, so that explaining, which asks all rules, agrees.
        if isRouted, rule.onlyRoutes { return }
        switch answer {
        case .no, .excepted: return
        case .failed(let message):
            guard rule.failurePolicy == .fail else { return }
            refuse(rule, "the \(message)", &decision)
        case .yes:
            if let message = rule.rejectionMessage(pod, &facts) { return refuse(rule, message, &decision) }
            guard rule.enforcement == .enforce else { return advise(rule, facts, &decision) }
            if !isRouted, rule.actions.routes { (routing, isRouted) = (rule, true) }
            if decision.changes.isEmpty, keptAbsent.isEmpty, let whole = rule.changes {
                decision.changes = whole
            } else {
                for edit in rule.edits { write(edit, pod, facts, rule.reference, &decision) }
            }
            if rule.actions.editsSpec { writeSpec(rule, pod.$spec.wrappedValue, &decision) }
        }
    }

    func refuse(_ rule: CompiledRule, _ message: String, _ decision: inout PolicyDecision) {
        guard rule.enforcement == .enforce else {
            note(rule, "\(rule.reference) would refuse the pod: \(message)", &decision)
            return
        }
        if !decision.isRefused { decision.outcome = .rejected(PolicyRejection(rule: rule.reference, message: message)) }
    }

    /// Says what a rule that is not enforced would do.
    private func advise(_ rule: CompiledRule, _ facts: borrowing PodFacts, _ decision: inout PolicyDecision) {
        var parts: [String] = []
        if !isRouted, rule.actions.routes {
            parts.append("route the pod to \(rule.actions.targets.joined(separator: " or "))")
        }
        for edit in rule.edits {
            let name = "\(edit.target.rawValue) \(edit.key)"
            switch edit.content {
            case .text(let text): parts.append("write \(name): \(text)")
            case .removal: parts.append("remove \(name)")
            case .expression(let expression):
                if let text = facts.text(of: expression) { parts.append("write \(name): \(text)") }
            }
        }
        parts += rule.specWishes
        if !parts.isEmpty { note(rule, "\(rule.reference) would \(parts.joined(separator: ", "))", &decision) }
    }

    private func note(_ rule: CompiledRule, _ message: String, _ decision: inout PolicyDecision) {
        let warning = PolicyWarning(rule: rule.reference, message: message)
        if rule.enforcement == .warn { decision.warnings.append(warning) } else { decision.audits.append(warning) }
    }

    private mutating func write(
        _ edit: CompiledEdit, _ pod: Pod, _ facts: borrowing PodFacts, _ rule: RuleReference,
        _ decision: inout PolicyDecision
    ) {
        let value: String?
        switch edit.content {
        case .text(let text):
            if edit.onlyIfAbsent, edit.isPresent(in: pod) { return }
            value = text
        case .expression(let expression):
            if edit.onlyIfAbsent, edit.isPresent(in: pod) { return }
            guard let text = facts.text(of: expression) else { return }
            value = text
        case .removal: value = nil
        }
        guard !isWritten(edit.target, edit.key, decision) else { return }
        if value == nil, !edit.isPresent(in: pod) {
            // Nothing to remove, and still no later rule writes the key.
            keptAbsent.append(WrittenKey(target: edit.target, key: edit.key))
            return
        }
        decision.changes.append(MetadataChange(target: edit.target, key: edit.key, value: value, rule: rule))
        if decision.changes.count > Verdict.searched {
            writtenKeys.insert(WrittenKey(target: edit.target, key: edit.key))
        }
    }

    /// Whether a rule has written or removed the key; few changes are searched one by one, which costs less than hashing.
    private mutating func isWritten(
        _ target: MetadataChange.Target, _ key: String, _ decision: PolicyDecision
    ) -> Bool {
        if !keptAbsent.isEmpty, keptAbsent.contains(WrittenKey(target: target, key: key)) { return true }
        if decision.changes.count < Verdict.searched {
            return decision.changes.contains { $0.key == key && $0.target == target }
        }
        if writtenKeys.isEmpty {
            for change in decision.changes { writtenKeys.insert(WrittenKey(target: change.target, key: change.key)) }
        }
        return writtenKeys.contains(WrittenKey(target: target, key: key))
    }

    /// Settles the decision once the rules are heard.
    func settle(
        _ decision: inout PolicyDecision, _ pod: Pod, _ facts: PodFacts, _ routes: SettledRoutes
    ) {
        if isRouted, routing == nil {
            follow(&decision, facts)
        } else if !decision.isRefused {
            choose(&decision, pod, facts, routes)
        }
        if !decision.isRefused, !decision.specChanges.isEmpty {
            checkResources(&decision, pod)
            settleNodes(&decision, pod.$spec.wrappedValue.affinity)
        }
        if decision.isRefused { (decision.changes, decision.specChanges, decision.warnings) = ([], [], []) }
    }

    /// Lets the pod go where its group went: what it names itself does not count, and whether the scheduler is there is
    /// asked anew.
    private func follow(_ decision: inout PolicyDecision, _ facts: PodFacts) {
        guard case .routed(var route) = decision.outcome else { return }
        let scheduler = route.wrappedValue.scheduler
        if let named = facts.named, named != scheduler {
            let group = "its group was routed to \"\(scheduler)\" before"
            warn(route.wrappedValue.rule, "the pod names scheduler \"\(named)\"; \(group)", &decision)
        }
        let absence = facts.cluster.wrappedValue.absence(of: scheduler)
        if let absence {
            let problem = "scheduler \"\(scheduler)\", to which its group was routed, cannot take the pod"
            warn(route.wrappedValue.rule, "\(problem): \(absence.text); the pod waits for it", &decision)
        }
        let wasWaiting = if case .waiting = route.wrappedValue.availability { true } else { false }
        guard wasWaiting || absence != nil else { return }
        route.wrappedValue.availability = absence.map { .waiting($0) } ?? .ready
        decision.outcome = .routed(route)
    }

    /// Chooses the scheduler by the first rule that routes, by what the pod names, and by who is there.
    private func choose(
        _ decision: inout PolicyDecision, _ pod: Pod, _ facts: PodFacts, _ routes: SettledRoutes
    ) {
        // The usual cases first, in which nothing else has a say.
        if case .none = facts.named {
            guard let routing else {
                if !routes.takesUnrouted { choose(routes.unrouted.wrappedValue, &decision, facts) }
                return
            }
            if let route = routes.byRule[routing.number] {
                decision.outcome = .routed(route)
                return
            }
        }
        var route = routing?.route ?? routes.unrouted.wrappedValue
        if let routing, routing.actions.scheduler == nil { route.scheduler = routing.target(of: pod, facts.group) }
        choose(route, &decision, facts)
    }

    private func choose(_ chosen: Route, _ decision: inout PolicyDecision, _ facts: PodFacts) {
        var route = chosen
        if let named = facts.named { heed(named, &route, &decision) }
        if decision.isRefused { return }
        let cluster = facts.cluster.wrappedValue
        if let absence = cluster.absence(of: route.scheduler) { standIn(absence, &route, cluster, &decision) }
        if !decision.isRefused { decision.outcome = .routed(CopyOnWrite(wrappedValue: route)) }
    }

    /// Takes in that the pod names a scheduler itself.
    private func heed(_ named: String, _ route: inout Route, _ decision: inout PolicyDecision) {
        guard let routing else { return (route.scheduler, route.origin) = (named, .pod) }
        if named == route.scheduler { return }
        if routing.actions.targets.contains(named), routing.actions.whenNamed == .reject {
            // One of a split: the rule sends pods there itself.
            return route.scheduler = named
        }
        switch routing.actions.whenNamed {
        case .honour: (route.scheduler, route.origin, route.shadow) = (named, .pod, nil)
        case .override:
            warn(
                route.rule, "the pod names scheduler \"\(named)\"; the rule sends it to \"\(route.scheduler)\"",
                &decision)
        case .reject:
            let message = "the pod names scheduler \"\(named)\"; only \"\(route.scheduler)\" may be named here"
            decision.outcome = .rejected(PolicyRejection(rule: routing.reference, message: message))
        }
    }

    /// Settles what happens where the scheduler chosen is not there.
    private func standIn(
        _ absence: SchedulerAbsence, _ route: inout Route, _ cluster: PolicyCluster, _ decision: inout PolicyDecision
    ) {
        let problem = "scheduler \"\(route.scheduler)\" cannot take the pod: \(absence.text)"
        let standIn = route.fallback.firstIndex { cluster.absence(of: $0) == nil }
        if route.whenUnavailable == .reject, let rule = route.rule {
            decision.outcome = .rejected(PolicyRejection(rule: rule, message: problem))
        } else if route.whenUnavailable == .fallback, let standIn {
            let name = route.fallback[standIn]
            route.availability = .standsIn(for: route.scheduler, absence)
            route.scheduler = name
            route.fallback.removeSubrange(...standIn)
            warn(route.rule, "\(problem); \"\(name)\" stands in", &decision)
        } else {
            route.availability = .waiting(absence)
            let also = route.whenUnavailable == .fallback ? ", nor can its fallbacks" : ""
            warn(route.rule, "\(problem)\(also); the pod waits for it", &decision)
        }
    }

    private func warn(_ rule: RuleReference?, _ message: String, _ decision: inout PolicyDecision) {
        decision.warnings.append(PolicyWarning(rule: rule, message: message))
    }
}

extension CompiledRule {
    /// The scheduler of a pod: the one, or that of the pod's place in the split.
    ///
    /// Rendezvous hashing with weights (Schindelhauer and Schomaker 2005): each scheduler draws a length of time from an
    /// exponential distribution with its weight as the rate, and the shortest wins. The draw depends on the rule, the
    /// scheduler and the pod's group, or else its owner, or else its name; so what belongs together stays together, the
    /// order of the shares counts for nothing, and a weight that changes moves pods to its scheduler or from it only.
    func target(of pod: Pod, _ group: ObjectKey?) -> String {
        if let scheduler = actions.scheduler { return scheduler }
        let hash = reference.hash(of: pod, group)
        var best: (time: Double, scheduler: String)?
        for share in actions.split where share.weight > 0 {
            var own = hash
            own.add(share.scheduler)
            // In (0, 1], as many as a Double holds evenly.
            let uniform = Double((own.mixed >> 11) + 1) * 0x1p-53
            let time = -log(uniform) / Double(share.weight)
            if time < best?.time ?? .infinity { best = (time, share.scheduler) }
        }
        return best?.scheduler ?? actions.split.first?.scheduler ?? ""
    }
}
