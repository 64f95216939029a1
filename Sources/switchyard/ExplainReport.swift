import ClusterModel
import Placement
import PolicyEngine

/// Why a pod goes where it goes, for people and for machines.
struct ExplainReport {
    var pod: ObjectKey
    var scheduler: String
    var profile: String
    var route: PolicyExplanation
    var hasPolicies: Bool
    var explanation: Explanation
    /// The one node to show, or nil for all.
    var only: String?
    /// The node that the pod stands on already.
    var standsOn: String?
    /// The scheduling gates that hold the pod back.
    var gates: [String] = []
    /// The group whose members are placed together.
    var group: ObjectKey?
    /// What becomes of the group as a whole.
    var groupReport: GroupReport?
    /// Whether evicting pods makes room; nil where there is room.
    var preemption: PreemptionReport?

    /// What preemption would do.
    struct PreemptionReport {
        /// The node, and the pods to evict; nil where preemption is no help.
        var node: String?
        var victims: [String] = []
        var budgetViolations = 0
        /// Why it is no help, as Kubernetes writes it.
        var summary = ""

        init(_ result: PreemptionResult, _ cluster: Cluster, _ cell: Cell) {
            switch result {
            case .none(let summary): self.summary = summary
            case .evict(let candidate):
                node = cell.nodeName(candidate.node)
                victims = candidate.victims.map { cluster.pods[Int($0)].metadata.key.description }
                budgetViolations = candidate.budgetViolations
            }
        }
    }

    /// Kubernetes' line, with what became of preemption.
    private var summary: String {
        guard let preemption, preemption.node == nil else { return explanation.diagnosis.summary }
        return "\(explanation.diagnosis.summary) preemption: \(preemption.summary)"
    }

    private func name(_ node: NodeIndex?) -> String? {
        node.flatMap { wanted in explanation.nodes.first { $0.node == wanted }?.name }
    }

    private var shown: [Explanation.NodeReport] {
        explanation.nodes.filter { only == nil || $0.name == only }
    }

    var value: Value {
        var policy = ObjectBuilder()
        policy.add("name", .string(route.decision.rule?.policy ?? ""))
        policy.add("rule", .string(route.decision.rule?.rule ?? ""))
        policy.add("decision", .string(route.decision.headline))
        policy.add("trace", route.value["trace"])
        var object = ObjectBuilder()
        object.add("pod", pod.description)
        object.add("scheduler", scheduler)
        object.add("profile", profile)
        object.add("policy", policy.value)
        object.add("nodes", .object(shown.map { .init($0.name, $0.value) }))
        object.add("chosen", name(explanation.chosen).map { .string($0) } ?? .null)
        object.add("runnerUp", name(explanation.runnerUp).map { .string($0) } ?? .null)
        object.add("best", .strings(explanation.best.compactMap { name($0) }))
        object.add("summary", summary)
        object.add("schedulingGates", gates) { .string($0) }
        object.add("group", group?.description)
        object.add("groupPlan", groupReport?.value)
        if let node = preemption?.node {
            object.add(
                "preemption",
                .object([
                    .init("node", .string(node)), .init("victims", .strings(preemption?.victims ?? [])),
                    .init("budgetViolations", .int(Int64(preemption?.budgetViolations ?? 0))),
                ]))
        }
        let weights = explanation.weights.sorted { $0.key.rawValue < $1.key.rawValue }
        object.add("weights", .object(weights.map { .init($0.key.rawValue, .int($0.value)) }))
        object.add("wouldHelp", .strings(explanation.diagnosis.events.names))
        return object.value
    }

    var text: String {
        var lines = [Terminal.bold("Pod \(pod)".printable)]
        if let standsOn { lines.append("  stands on \(standsOn.printable); explained as if it did not") }
        if hasPolicies {
            lines.append("  \(route.decision.headline)".printable)
        }
        lines.append("  scheduler \(scheduler), profile \(profile)".printable)
        if !gates.isEmpty {
            lines.append("  waits for its scheduling gates: \(gates.joined(separator: ", "))".printable)
        }
        if let group {
            lines.append("  is one of \(group), placed together or not at all; below, the pod by itself".printable)
        }
        if let groupReport { lines.append("  \(groupReport.line)".printable) }
        lines += verdict
        if !feasibleTable.isEmpty { lines += ["", Terminal.bold("Nodes that take it"), feasibleTable.text] }
        if !refusedTable.isEmpty { lines += ["", Terminal.bold("Nodes that do not"), refusedTable.text] }
        if !explanation.skipped.isEmpty, !feasibleTable.isEmpty {
            let names = explanation.skipped.map(\.rawValue).sorted().joined(separator: ", ")
            lines += ["", Terminal.dim("  no say about this pod: \(names)")]
        }
        return lines.joined(separator: "\n")
    }

    /// Where the pod goes and by how much, or why it goes nowhere and what would help.
    private var verdict: [String] {
        guard let chosen = explanation.chosen, let name = name(chosen) else {
            var lines = ["  \(summary)".printable]
            if let node = preemption?.node, let preemption {
                let broken = preemption.budgetViolations
                lines.append(
                    "  would go to \(Terminal.bold(node)) after evicting "
                        + preemption.victims.joined(separator: ", ").printable
                        + (broken > 0 ? ", \(broken) of them against a disruption budget" : ""))
            }
            let events = explanation.diagnosis.events.names
            if !events.isEmpty { lines.append("  would be tried again after: \(events.joined(separator: ", "))") }
            return lines
        }
        let isHypothetical =
            standsOn != nil || !gates.isEmpty || route.decision.rejection != nil || groupReport?.waits == true
        let others = explanation.best.count - 1
        var lines = [
            "  \(isHypothetical ? "would go" : "goes") to \(Terminal.bold(name))"
                + (others > 0 ? ", one of \(others + 1) nodes that score the same" : "")
        ]
        if let other = only.flatMap({ wanted in explanation.nodes.first { $0.name == wanted }?.node }), other != chosen
        {
            if let line = comparison(chosen, other) { lines.append("  \(line)") }
        } else if let runnerUp = explanation.runnerUp, let line = comparison(chosen, runnerUp) {
            lines.append("  next is \(line)")
        }
        return lines
    }

    /// How much less another node scores than the chosen one, and for what.
    private func comparison(_ chosen: NodeIndex, _ other: NodeIndex) -> String? {
        guard let best = explanation.nodes.first(where: { $0.node == chosen }),
            let next = explanation.nodes.first(where: { $0.node == other }), next.isFeasible
        else { return nil }
        let differences = explanation.weights.compactMap { plugin, weight -> (text: String, size: Int64)? in
            let (first, second) = (best.scores[plugin] ?? 0, next.scores[plugin] ?? 0)
            guard first != second else { return nil }
            let text = "\(plugin.rawValue) \(second) against \(first)" + (weight == 1 ? "" : ", times \(weight)")
            return (text, abs(first - second) * weight)
        }.sorted { ($1.size, $0.text) < ($0.size, $1.text) }
        let why = differences.map(\.text).joined(separator: "; ")
        if next.total == best.total { return "\(next.name), equal; ties go by \(profile)'s order" }
        return "\(next.name), \(best.total - next.total) points behind (\(why))"
    }

    private static let shownAtMost = 30

    private var feasibleTable: Table {
        let nodes = shown.filter(\.isFeasible).sorted { ($1.total, $0.node) < ($0.total, $1.node) }
        let plugins = Set(nodes.flatMap(\.scores.keys)).sorted { $0.rawValue < $1.rawValue }
        let titles = plugins.map { plugin in
            let weight = explanation.weights[plugin] ?? 1
            return ">\(plugin.rawValue)" + (weight == 1 ? "" : " ×\(weight)")
        }
        var table = Table(["node", ">total"] + titles)
        for node in nodes.prefix(ExplainReport.shownAtMost) {
            table.add([node.name, "\(node.total)"] + plugins.map { score($0, node) })
        }
        if nodes.count > ExplainReport.shownAtMost {
            table.add(["… \(nodes.count - ExplainReport.shownAtMost) more", ""] + plugins.map { _ in "" })
        }
        return table
    }

    /// A score of 0 to 100, with what it was before it was normalised where that differs.
    private func score(_ plugin: ScorePlugin, _ node: Explanation.NodeReport) -> String {
        guard let score = node.scores[plugin] else { return "-" }
        guard let raw = node.rawScores[plugin], raw != score else { return "\(score)" }
        return "\(score) (raw \(raw))"
    }

    private var refusedTable: Table {
        let nodes = shown.filter { !$0.isFeasible }
        if only != nil || nodes.count <= ExplainReport.shownAtMost {
            let hasFurther = nodes.contains { !$0.furtherReasons.isEmpty }
            var table = Table(["node", "why"] + (hasFurther ? ["further"] : []) + ["would have to change"])
            for node in nodes {
                table.add(
                    [node.name, words(node.reasons)] + (hasFurther ? [words(node.furtherReasons)] : [])
                        + [node.remedies.joined(separator: "; ")])
            }
            return table
        }
        var groups: [String: [String]] = [:]
        for node in nodes { groups[words(node.reasons), default: []].append(node.name) }
        var table = Table([">nodes", "why", "for example"])
        for (why, names) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            table.add([Format.count(names.count), why, names.prefix(3).joined(separator: ", ")])
        }
        return table
    }

    private func words(_ reasons: [Reason]) -> String { reasons.map(\.message).joined(separator: ", ") }
}

extension PolicyDecision {
    /// The rule that decided, or nil where none did.
    var rule: RuleReference? { route?.rule ?? rejection?.rule }
}

extension Explanation.NodeReport {
    fileprivate var value: Value {
        let scores = self.scores.sorted { $0.key.rawValue < $1.key.rawValue }
        let raw = rawScores.sorted { $0.key.rawValue < $1.key.rawValue }
        return .object([
            .init("feasible", .bool(isFeasible)), .init("reasons", .strings(reasons.map(\.message))),
            .init("furtherReasons", .strings(furtherReasons.map(\.message))),
            .init("remedies", .strings(remedies)),
            .init("scores", .object(scores.map { .init($0.key.rawValue, .int($0.value)) })),
            .init("rawScores", .object(raw.map { .init($0.key.rawValue, .int($0.value)) })),
            .init("total", .int(total)),
        ])
    }
}
