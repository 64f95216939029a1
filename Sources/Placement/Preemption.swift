import ClusterModel

/// How many pods of a set may be evicted, as preemption looks at it.
public struct DisruptionBudget: Hashable, Sendable {
    /// The namespace of the pods guarded.
    public var namespace: String
    /// Which pods; nil guards none.
    public var selector: LabelSelector?
    /// How many evictions are left.
    public var allowed: Int
    /// Pods whose eviction is counted already.
    public var disrupted: Set<PodID>

    /// A budget of the given parts.
    public init(namespace: String, selector: LabelSelector?, allowed: Int, disrupted: Set<PodID> = []) {
        self.namespace = namespace
        self.selector = selector
        self.allowed = allowed
        self.disrupted = disrupted
    }

    /// Whether the budget guards pods of a spec; an empty selector guards none here, as in Kubernetes' preemption.
    public func guards(_ spec: SchedulingSpec) -> Bool {
        guard let selector, !selector.isEmpty, !spec.labels.isEmpty else { return false }
        return namespace == spec.namespace && selector.matches(spec.labels)
    }
}

/// A node where evicting pods would make room.
public struct PreemptionCandidate: Hashable, Sendable {
    /// The node.
    public var node: NodeIndex
    /// The pods to evict, the most important first.
    public var victims: [PodID]
    /// How many of them a disruption budget guards.
    public var budgetViolations: Int
}

/// What preemption found.
public enum PreemptionResult: Hashable, Sendable {
    /// Evict these pods from this node.
    case evict(PreemptionCandidate)
    /// No help: why, with node counts, in Kubernetes' wording.
    case none(summary: String)
}

/// Chooses pods to evict for a pod that fits nowhere, by Kubernetes' rules (DefaultPreemption).
public struct Preemption {
    /// Budgets to respect where possible.
    public var budgets: [DisruptionBudget]
    /// When pods started, in any unit that grows with time; pods without are the youngest.
    public var startTimes: [PodID: Int64]
    /// Pods that must not be chosen, such as those of another gang that is just being placed.
    public var protected: Set<PodID> = []
    /// Pods that are leaving already because they were preempted before.
    public var leaving: Set<PodID> = []
    /// The group of each placed pod that has one, and what must be known of each group.
    public var groupOf: [PodID: Int32] = [:]
    /// See `groupOf`.
    public var groups: [Int32: VictimGroup] = [:]
    /// The placed members of groups that are disrupted as a whole.
    public var membersOf: [Int32: [PodID]] = [:]
    /// What is known from elsewhere of nodes: whether evicting pods there could help at all.
    public var isResolvable: [NodeIndex: Bool] = [:]

    /// How many candidates are enough: this share of the nodes in percent, and at least the absolute number, as in
    /// Kubernetes' arguments.
    public var minCandidateNodesPercentage = 10
    /// See `minCandidateNodesPercentage`.
    public var minCandidateNodesAbsolute = 100

    /// Preemption with the given budgets.
    public init(budgets: [DisruptionBudget] = [], startTimes: [PodID: Int64] = [:]) {
        self.budgets = budgets
        self.startTimes = startTimes
    }

    private static let notHelpful = "Preemption is not helpful for scheduling"
    static let noVictims = "No preemption victims found for incoming pod"
    /// Why a pod waits whose victims are leaving, as Kubernetes writes it.
    public static let awaitsVictims = "not eligible due to a terminating pod on the nominated node."

    /// The node and the victims for a pod of the class.
    ///
    /// - Parameter nominated: the node to which the pod is nominated, if it is; its nomination does not stand in the cell.
    /// - Complexity: O(nodes × pods on them × rules); off the hot path.
    public func choose(
        _ index: ClassIndex, nominatedTo nominated: NodeIndex? = nil, by engine: inout Engine, in cell: inout Cell
    ) -> PreemptionResult {
        guard cell.spec(of: index).mayPreempt else {
            return .none(summary: "not eligible due to preemptionPolicy=Never.")
        }
        if let nominated, awaitsVictims(index, on: nominated, by: &engine, in: &cell) {
            return .none(summary: Preemption.awaitsVictims)
        }
        let (candidates, refusals) = search(index, by: &engine, in: &cell, prunes: true)
        if let best = pick(candidates, cell) { return .evict(best) }
        let parts = refusals.map { "\($0.value) \($0.key)" }.sorted()
        let head = "0/\(cell.nodeCount) nodes are available"
        return .none(summary: parts.isEmpty ? "\(head)." : "\(head): \(parts.joined(separator: ", ")).")
    }

    /// Whether a pod that is nominated to a node waits for victims that are leaving it, and so evicts no others.
    ///
    /// Source: Kubernetes' `PodEligibleToPreemptOthers`.
    public func awaitsVictims(
        _ index: ClassIndex, on node: NodeIndex, by engine: inout Engine, in cell: inout Cell
    ) -> Bool {
        guard !leaving.isEmpty, cell.hasNode(node) else { return false }
        if case .unresolvable = engine.fit(index, on: node, in: &cell) { return false }
        let priority = cell.spec(of: index).priority
        return cell.pods(on: node).contains {
            leaving.contains($0) && cell.spec(of: cell.pods[$0].classIndex).priority < priority
        }
    }

    /// Nodes where evictions would help, with their victims; and why others do not, counted.
    ///
    /// Starts at a node that the engine's seed gives, or at the first, and stops when there are enough candidates.
    public func dryRun(
        _ index: ClassIndex, by engine: inout Engine, in cell: inout Cell
    ) -> (candidates: [PreemptionCandidate], refusals: [String: Int]) {
        search(index, by: &engine, in: &cell, prunes: false)
    }

    /// - Parameter prunes: whether candidates that cannot be chosen may be counted without being worked out.
    private func search(
        _ index: ClassIndex, by engine: inout Engine, in cell: inout Cell, prunes: Bool
    ) -> (candidates: [PreemptionCandidate], refusals: [String: Int]) {
        engine.prepare(index, &cell)
        let added = engine.rules[Int(index)]?.added ?? .none
        var candidates: [PreemptionCandidate] = []
        var refusals: [String: Int] = [:]
        let nodes = cell.nodeIndices
        let enough = max(minCandidateNodesAbsolute, nodes.count / 100 * minCandidateNodesPercentage)
        let start = engine.profile.tieBreaking != .random ? 0 : engine.random.below(max(1, nodes.count))
        let prunes =
            prunes && isResolvable.isEmpty && !cell.hasNominations && cell.goesByResources(index, adding: added)
        var best: [Int64]?
        var pruned = 0
        for offset in nodes.indices {
            let node = nodes[offset < nodes.count - start ? offset + start : offset - (nodes.count - start)]
            if candidates.count + pruned >= enough { break }
            let fit = cell.fitBesideNominated(index, on: node, adding: added)
            if fit.isFit { continue }
            var helps = false
            if case .rejected = fit { helps = true }
            switch isResolvable[node] ?? helps {
            case false: refusals[Preemption.notHelpful, default: 0] += 1
            case true:
                if prunes, let best, let bound = bound(index, on: node, adding: added, cell) {
                    guard let least = bound else { continue }
                    if !least.lexicographicallyPrecedes(best) {
                        pruned += 1
                        continue
                    }
                }
                switch victims(index, on: node, adding: added, in: &cell) {
                case .success(let candidate):
                    candidates.append(candidate)
                    let key = key(candidate, cell)
                    if best.map({ key.lexicographicallyPrecedes($0) }) ?? true { best = key }
                case .failure(let refusal): for text in refusal.texts { refusals[text, default: 0] += 1 }
                }
            }
        }
        return (candidates, refusals)
    }

    /// The least key that a node's victims can have, where resources alone decide whether evictions help there: the pod of
    /// lowest priority on its own, the one that started last.
    ///
    /// - Returns: `.some(nil)` where evicting every pod of lower priority does not help; nil where it must be tried.
    private func bound(
        _ index: ClassIndex, on node: NodeIndex, adding added: AddedRules, _ cell: borrowing Cell
    ) -> [Int64]?? {
        let n = Int(node)
        let priority = cell.classes[Int(index)].spec.priority
        var lowest = Int64.max
        var latest: Int64? = .min
        var anyLeaves = false
        var pod = cell.firstPod[n]
        var freed = ContiguousArray(repeating: Int64(0), count: cell.classes[Int(index)].requests.count)
        while pod >= 0 {
            let record = cell.pods[pod]
            let other = Int(record.classIndex)
            if cell.classes[other].spec.priority < priority, !protected.contains(pod) {
                if cell.classes[other].isHuge { return nil }
                lowest = min(lowest, Int64(cell.classes[other].spec.priority))
                if cell.classes[other].spec.isTerminating { anyLeaves = true }
                latest = latest.flatMap { known in startTimes[pod].map { max(known, $0) } }
                for item in cell.classes[other].requests {
                    for position in freed.indices
                    where cell.classes[Int(index)].requests[position].resource == item.resource {
                        freed[position] += item.amount
                    }
                }
            }
            pod = record.nextOnNode
        }
        if lowest == .max { return .some(nil) }
        for position in freed.indices {
            let item = cell.classes[Int(index)].requests[position]
            let free = cell.resources.free[item.resource][n]
            if free < Amount.floor / 2 { return nil }
            if !added.ignoredResources.contains(item.resource), free + freed[position] < item.amount {
                return .some(nil)
            }
        }
        return [
            0, lowest, lowest + Int64(Int32.max) + 1, 1, latest.map { -max($0, -.max) } ?? .min, anyLeaves ? 0 : 1,
        ]
    }

    /// By priority, then by who started first.
    func isMoreImportant(_ a: PodID, _ b: PodID, _ cell: Cell) -> Bool {
        let (left, right) = (priority(a, cell), priority(b, cell))
        if left != right { return left > right }
        let (leftStart, rightStart) = (startTimes[a] ?? .max, startTimes[b] ?? .max)
        return leftStart != rightStart ? leftStart < rightStart : a < b
    }

    func priority(_ pod: PodID, _ cell: Cell) -> Int32 { cell.spec(of: cell.pods[pod].classIndex).priority }

    /// The pods that exceed some budget when all are evicted in order.
    ///
    /// Source: Kubernetes' `filterPodsWithPDBViolation`.
    func guardedPods(_ pods: [PodID], _ cell: Cell) -> Set<PodID> {
        var left = budgets.map(\.allowed)
        var violating: Set<PodID> = []
        for pod in pods {
            let spec = cell.spec(of: cell.pods[pod].classIndex)
            for (number, budget) in budgets.enumerated() where budget.guards(spec) {
                if budget.disrupted.contains(pod) { continue }
                left[number] -= 1
                if left[number] < 0 { violating.insert(pod) }
            }
        }
        return violating
    }

    /// The best candidate in Kubernetes' order: fewest budget violations, lowest highest priority of a victim, lowest sum
    /// of priorities, fewest victims, latest start of the most important victims; then, where Kubernetes takes any, fewest
    /// victims that are not leaving already, and the first node.
    func pick(_ candidates: [PreemptionCandidate], _ cell: Cell) -> PreemptionCandidate? {
        var best: (key: [Int64], candidate: PreemptionCandidate)?
        for candidate in candidates {
            let key = key(candidate, cell)
            if let found = best, !key.lexicographicallyPrecedes(found.key) { continue }
            best = (key, candidate)
        }
        return best?.candidate
    }

    /// What Kubernetes orders candidates by, the smaller the better.
    func key(_ candidate: PreemptionCandidate, _ cell: Cell) -> [Int64] {
        let priorities = candidate.victims.map { Int64(priority($0, cell)) }
        let highest = priorities.max() ?? Int64(Int32.min)
        let sum = priorities.reduce(0) { $0 + $1 + Int64(Int32.max) + 1 }
        let earliest =
            candidate.victims.filter { Int64(priority($0, cell)) == highest }
            .map { startTimes[$0] ?? .max }.min() ?? .max
        return [
            Int64(candidate.budgetViolations), highest, sum, Int64(candidate.victims.count),
            earliest == .max ? .min : -max(earliest, -.max),
            Int64(candidate.victims.count { !cell.spec(of: cell.pods[$0].classIndex).isTerminating }),
        ]
    }
}

extension Cell {
    /// Whether resources alone decide if evicting pods makes room for a pod of the class on a node that refuses it.
    func goesByResources(_ index: ClassIndex, adding added: AddedRules) -> Bool {
        let record = classes[Int(index)]
        return record.ports.isEmpty && record.volumes == nil && record.need.count == 0 && !record.isHuge
            && record.spread.isEmpty
            && added.spread.isEmpty && added.disabled.isEmpty && record.affinity.isEmpty && record.anti.isEmpty
            && record.antiHolders.isEmpty && (!protectsPlacedSpread || record.contributions.isEmpty)
    }
}
