import ClusterModel

/// Why a pod fits nowhere, and what could help.
public struct Diagnosis: Hashable, Sendable {
    /// How many nodes there are.
    public var nodeCount: Int
    /// How many of them take the pod after all.
    public var feasibleCount: Int
    /// Reasons in Kubernetes' wording, with the number of nodes that gave each.
    public var reasons: [String: Int]
    /// Events that are worth another try.
    public var events: ClusterEvents
    /// How many nodes refuse in a way that evicting pods could change.
    public var resolvableCount: Int

    /// The counts as Kubernetes writes them.
    ///
    /// `0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint(s).`
    public var summary: String {
        let head = "\(feasibleCount)/\(nodeCount) nodes are available"
        // Kubernetes sorts the texts that begin with the counts.
        let parts = reasons.map { "\($0.value) \($0.key)" }.sorted()
        return parts.isEmpty ? "\(head)." : "\(head): \(parts.joined(separator: ", "))."
    }
}

/// Everything about the choice for one pod, node by node.
public struct Explanation: Hashable, Sendable {
    /// One node's part.
    public struct NodeReport: Hashable, Sendable {
        /// The node.
        public var node: NodeIndex
        /// Its name.
        public var name: String
        /// Whether it takes the pod.
        public var isFeasible: Bool
        /// Why not: the reasons of the first filter that refuses.
        public var reasons: [Reason]
        /// Why not, by the filters after the first.
        public var furtherReasons: [Reason]
        /// Whether evicting pods could change the refusal.
        public var isResolvable: Bool
        /// What the node lacks of the resources that the pod asks for: how much more would have to be free.
        public var lacking: ResourceList
        /// What would have to change there, filter by filter, where it can be told in a few words.
        public var remedies: [String]
        /// Scores before normalisation, of the plug-ins that do not skip the pod.
        public var rawScores: [ScorePlugin: Int64]
        /// Scores of 0 to 100.
        public var scores: [ScorePlugin: Int64]
        /// The weighted sum.
        public var total: Int64
    }

    /// Every node, by index.
    public var nodes: [NodeReport]
    /// Plug-ins of the profile that add nothing for this pod.
    public var skipped: Set<ScorePlugin>
    /// What each plug-in's score is multiplied by.
    public var weights: [ScorePlugin: Int64]
    /// The nodes with the highest total; any of them may be chosen.
    public var best: [NodeIndex]
    /// The node that the profile takes among the best.
    public var chosen: NodeIndex?
    /// The best of the others.
    public var runnerUp: NodeIndex?
    /// The refusals, counted.
    public var diagnosis: Diagnosis

    /// Lets the pod go to the node to which it is nominated, if that takes it: schedulers ask it before all others.
    public mutating func prefer(_ nominated: NodeIndex?) {
        guard let nominated, nominated != chosen, nodes.contains(where: { $0.node == nominated && $0.isFeasible })
        else {
            return
        }
        (chosen, runnerUp) = (nominated, chosen)
    }
}

extension Engine {
    /// Whether a node takes a pod of the class under the profile's rules, beside the pods nominated to it.
    public mutating func fit(_ index: ClassIndex, on node: NodeIndex, in cell: inout Cell) -> Fit {
        prepare(index, &cell)
        return cell.fitBesideNominated(index, on: node, adding: rules[Int(index)]?.added ?? .none)
    }

    /// Why the nodes refuse a pod of the class.
    ///
    /// - Complexity: O(nodes × rules); off the hot path.
    public mutating func diagnose(_ index: ClassIndex, in cell: inout Cell) -> Diagnosis {
        prepare(index, &cell)
        let added = rules[Int(index)]?.added ?? .none
        var reasons: [Reason: Int] = [:]
        var feasible = 0
        var resolvable = 0
        for node in cell.nodeIndices {
            let fit = cell.fitBesideNominated(index, on: node, adding: added)
            if fit.isFit { feasible += 1 }
            if case .rejected = fit { resolvable += 1 }
            for reason in fit.reasons { reasons[reason, default: 0] += 1 }
        }
        var texts: [String: Int] = [:]
        for (reason, count) in reasons { texts[reason.message, default: 0] += count }
        return Diagnosis(
            nodeCount: cell.nodeCount, feasibleCount: feasible, reasons: texts,
            events: cell.wakingEvents(index, reasons.keys), resolvableCount: resolvable)
    }

    /// How every node stands to a pod of the class: fit or why not, and each plug-in's score.
    ///
    /// - Complexity: O(nodes × rules); off the hot path.
    public mutating func explain(_ index: ClassIndex, in cell: inout Cell) -> Explanation {
        prepare(index, &cell)
        let diagnosis = diagnose(index, in: &cell)
        guard let rules = rules[Int(index)] else {
            return Explanation(nodes: [], skipped: [], weights: [:], best: [], diagnosis: diagnosis)
        }
        var reports: [Explanation.NodeReport] = []
        var feasible: [NodeIndex] = []
        for node in cell.nodeIndices {
            var refusals = cell.refusals(index, on: node, adding: rules.added)
            var remedies = cell.remedies(index, on: node, refusals.flatMap(\.reasons))
            if refusals.isEmpty, cell.hasNominations {
                let fit = cell.fitBesideNominated(index, on: node, adding: rules.added)
                if !fit.isFit { refusals = [fit] }
                remedies = fit.isFit ? [] : ["kept for pods that preemption nominated to it"]
            }
            var isResolvable = !refusals.isEmpty
            for case .unresolvable in refusals { isResolvable = false }
            if refusals.isEmpty { feasible.append(node) }
            reports.append(
                Explanation.NodeReport(
                    node: node, name: cell.nodeName(node) ?? "", isFeasible: refusals.isEmpty,
                    reasons: refusals.first?.reasons ?? [], furtherReasons: refusals.dropFirst().flatMap(\.reasons),
                    isResolvable: isResolvable, lacking: cell.lacking(index, node),
                    remedies: remedies, rawScores: [:], scores: [:],
                    total: 0))
        }
        let table = ScoreTable(rules, index, feasible, cell, losses: losses(index, feasible, cell))
        var position = 0
        for report in reports.indices where reports[report].isFeasible {
            reports[report].rawScores = table.raw.mapValues { $0[position] }
            reports[report].scores = table.normalized.mapValues { $0[position] }
            reports[report].total = table.totals[position]
            position += 1
        }
        let ranked = feasible.indices.sorted { a, b in
            table.totals[a] != table.totals[b]
                ? table.totals[a] > table.totals[b] : order.rank(feasible[a]) > order.rank(feasible[b])
        }
        let best = ranked.filter { table.totals[$0] == table.totals[ranked[0]] }.map { feasible[$0] }
        return Explanation(
            nodes: reports, skipped: table.skipped, weights: rules.weights, best: best, chosen: best.first,
            runnerUp: ranked.count > 1 ? feasible[ranked[1]] : nil, diagnosis: diagnosis)
    }
}
