import ClusterModel
import Placement
import SchedulerProtocol

/// What schedulers are told of placed pods so that they can choose among them whom to evict.
extension Dispatcher {
    /// What preemption must know of a group; nil where it is no gang, so that it can lose any member.
    func victimGroup(_ group: Int) -> VictimGroup? {
        guard let declared = groups[group].group else { return nil }
        return VictimGroup(
            minMember: max(0, declared.minMember - groups[group].finished), bound: groups[group].bound,
            goesWhole: declared.isDisruptedWhole)
    }

    /// Tells a scheduler what is known of pods that it was told of as placed.
    mutating func tellStanding(_ index: Int, _ told: [Int]) {
        guard !startTimes.isEmpty || !leaving.isEmpty || hasGroups else { return }
        for start in stride(from: 0, to: told.count, by: limits.changesPerMessage) {
            let standing = standing(told[start..<min(start + limits.changesPerMessage, told.count)])
            if !standing.isEmpty { send(index, .standing(standing)) }
        }
    }

    private func standing(_ told: ArraySlice<Int>) -> Standing {
        var standing = Standing()
        var places: [Int32: Int] = [:]
        for pod in told {
            if let seconds = startTimes[pod] { standing.starts.append(Standing.Start(pod: pod, seconds: Int(seconds))) }
            if leaving.contains(pod) { standing.leaving.append(pod) }
            let number = pods[pod].group
            guard number >= 0, let group = victimGroup(Int(number)) else { continue }
            if let place = places[number] {
                standing.groups[place].pods.append(pod)
            } else {
                places[number] = standing.groups.count
                standing.groups.append(
                    Standing.Group(
                        id: Int(number), minMember: group.minMember, goesWhole: group.goesWhole, pods: [pod]))
            }
        }
        return standing
    }

    /// Whether any pod belongs to a group.
    private var hasGroups: Bool { !groups.records.isEmpty }

    /// What the dispatcher judges a preemption by: the budgets as they are, and the groups of the pods concerned.
    func arbiter(over victims: [Int]) -> Preemption {
        var preemption = Preemption(budgets: budgets.disruptionBudgets)
        for victim in victims {
            if let start = startTimes[victim] { preemption.startTimes[PodID(victim)] = start }
            let number = pods[victim].group
            guard number >= 0, let group = victimGroup(Int(number)) else { continue }
            preemption.groupOf[PodID(victim)] = number
            preemption.groups[number] = group
        }
        return preemption
    }
}
