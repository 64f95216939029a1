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
        object.add("summary", explanation.diagnosis.summary)
        object.add("wouldHelp", .strings(explanation.diagnosis.events.names))
        return object.value
    }

    var text: String {
        var lines = [Terminal.bold("Pod \(pod)")]
        if let standsOn { lines.append("  stands on \(standsOn); explained as if it did not") }
        if hasPolicies {
            lines.append("  \(route.decision.headline)")
        }
        lines.append("  scheduler \(scheduler), profile \(profile)")
        if let chosen = name(explanation.chosen) {
            let others = explanation.best.count - 1
            lines.append(
                "  goes to \(Terminal.bold(chosen))"
                    + (others > 0 ? ", one of \(others + 1) nodes that score the same" : "")
                    + (name(explanation.runnerUp).map { "; next is \($0)" } ?? ""))
        } else {
            lines.append("  \(explanation.diagnosis.summary)")
            let events = explanation.diagnosis.events.names
            if !events.isEmpty { lines.append("  would be tried again after: \(events.joined(separator: ", "))") }
        }
        if !feasibleTable.isEmpty { lines += ["", Terminal.bold("Nodes that take it"), feasibleTable.text] }
        if !refusedTable.isEmpty { lines += ["", Terminal.bold("Nodes that do not"), refusedTable.text] }
        if !explanation.skipped.isEmpty {
            let names = explanation.skipped.map(\.rawValue).sorted().joined(separator: ", ")
            lines += ["", Terminal.dim("  no say about this pod: \(names)")]
        }
        return lines.joined(separator: "\n")
    }

    private static let shownAtMost = 30

    private var feasibleTable: Table {
        let nodes = shown.filter(\.isFeasible).sorted { ($1.total, $0.node) < ($0.total, $1.node) }
        let plugins = Set(nodes.flatMap(\.scores.keys)).sorted { $0.rawValue < $1.rawValue }
        var table = Table(["node", ">total"] + plugins.map { ">\($0.rawValue)" })
        for node in nodes.prefix(ExplainReport.shownAtMost) {
            table.add(
                [node.name, "\(node.total)"] + plugins.map { plugin in node.scores[plugin].map(String.init) ?? "-" })
        }
        if nodes.count > ExplainReport.shownAtMost {
            table.add(["… \(nodes.count - ExplainReport.shownAtMost) more", ""] + plugins.map { _ in "" })
        }
        return table
    }

    private var refusedTable: Table {
        let nodes = shown.filter { !$0.isFeasible }
        if only != nil || nodes.count <= ExplainReport.shownAtMost {
            var table = Table(["node", "why", "further"])
            for node in nodes {
                table.add([node.name, words(node.reasons), words(node.furtherReasons)])
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
            .init("scores", .object(scores.map { .init($0.key.rawValue, .int($0.value)) })),
            .init("rawScores", .object(raw.map { .init($0.key.rawValue, .int($0.value)) })),
            .init("total", .int(total)),
        ])
    }
}
