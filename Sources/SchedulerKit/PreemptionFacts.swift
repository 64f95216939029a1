import ClusterModel
import Placement
import SchedulerProtocol

/// What a scheduler was told for the sake of preemption: budgets, when pods started, groups of placed pods.
///
/// It is gathered as it comes and worked out when somebody preempts, which is rare.
struct PreemptionFacts {
    /// Budgets, start times and pods that are leaving.
    private var known = Preemption()
    /// Members of groups, as they were told, of which `groupOf` does not know yet.
    private var news: [(group: WireGroup, pod: WirePod)] = []
    private var rules: [WireGroup: (minMember: Int, goesWhole: Bool)] = [:]
    private var groupOf: [PodID: Int32] = [:]
    private var membersOf: [Int32: [PodID]] = [:]

    private static let newsLimit = 1 << 16

    mutating func set(_ budgets: [Budget]) {
        known.budgets = budgets.map {
            DisruptionBudget(
                namespace: $0.key.namespace, selector: $0.selector, allowed: $0.allowed,
                disrupted: Set($0.disrupted.compactMap { PodID(exactly: $0) }))
        }
    }

    mutating func note(_ standing: Standing) {
        for start in standing.starts {
            if let pod = PodID(exactly: start.pod) { known.startTimes[pod] = Int64(start.seconds) }
        }
        for group in standing.groups {
            rules[group.id] = (group.minMember, group.goesWhole)
            for pod in group.pods { join(pod, group.id) }
        }
        known.leaving.formUnion(standing.leaving.compactMap { PodID(exactly: $0) })
    }

    /// Takes note of a member that the scheduler is to place itself.
    mutating func note(_ pod: WirePod, of group: NumberedGroup) {
        if rules[group.id]?.minMember != group.group.minMember {
            rules[group.id] = (group.group.minMember, rules[group.id]?.goesWhole ?? false)
        }
        join(pod, group.id)
    }

    private mutating func join(_ pod: WirePod, _ group: WireGroup) {
        news.append((group, pod))
        // Pods that are given out again and again must not pile up.
        if news.count > PreemptionFacts.newsLimit { sortIn() }
    }

    /// A pod is gone from its node.
    mutating func forget(_ pod: WirePod) {
        guard !known.startTimes.isEmpty || !known.leaving.isEmpty, let pod = PodID(exactly: pod) else { return }
        known.startTimes[pod] = nil
        known.leaving.remove(pod)
    }

    /// Counts evictions that the scheduler proposes itself, until it is told of the budgets anew.
    ///
    /// - Precondition: the pods still stand in the cell.
    mutating func spend(on victims: [PodID], in cell: Cell) { known.spend(on: victims, in: cell) }

    private mutating func sortIn() {
        for (group, pod) in news {
            guard let number = Int32(exactly: group), let pod = PodID(exactly: pod),
                groupOf.updateValue(number, forKey: pod) == nil
            else { continue }
            membersOf[number, default: []].append(pod)
        }
        news.removeAll(keepingCapacity: true)
    }

    /// Preemption in the cell as it is now.
    ///
    /// - Complexity: O(members of groups).
    mutating func preemption(in cell: Cell) -> Preemption {
        sortIn()
        guard !membersOf.isEmpty else { return known }
        var preemption = known
        preemption.groupOf = groupOf
        for (number, members) in membersOf {
            guard let rule = rules[Int(number)], rule.minMember > 0 || rule.goesWhole else { continue }
            let placed = members.filter { cell.placement(of: $0) != nil }
            preemption.groups[number] = VictimGroup(
                minMember: rule.minMember, bound: placed.count, goesWhole: rule.goesWhole)
            if rule.goesWhole { preemption.membersOf[number] = placed }
        }
        return preemption
    }
}
