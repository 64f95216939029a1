import ClusterModel
import Placement
import SchedulerProtocol

/// Groups that push others off their nodes: with victims a transaction is committed whole, or nobody leaves.
extension Dispatcher {
    /// What is wrong with the victims of a transaction whatever the cell looks like, or nil.
    func victimFault(_ proposals: [ProposedPlacement], _ victims: [Int]) -> String? {
        guard !victims.isEmpty else { return nil }
        guard let priority = proposals.map({ pods[$0.pod].priority }).min() else { return "a preemption needs a pod" }
        if Set(victims).count != victims.count { return "a victim stands twice in the transaction" }
        if !proposals.allSatisfy({ cell.spec(of: pods[$0.pod].spec).mayPreempt }) {
            return "a pod of the transaction may not preempt: preemptionPolicy is Never"
        }
        var leaving: [Int32: Int] = [:]
        for victim in victims {
            guard pods.records.indices.contains(victim), pods[victim].state == .bound else {
                return "victim \(victim) is on no node"
            }
            if pods[victim].priority >= priority {
                return "victim \(pods.keys[victim]) has priority \(pods[victim].priority), not below \(priority)"
            }
            leaving[pods[victim].group, default: 0] += 1
        }
        for (group, count) in leaving.sorted(by: { $0.key < $1.key }) where !mayLose(count, of: group) {
            return "the victims would leave pod group \(groups[Int(group)].key) below minMember"
        }
        return nil
    }

    /// Whether a group goes on without so many of its members, or is gone with them.
    private func mayLose(_ count: Int, of group: Int32) -> Bool {
        guard group >= 0 else { return true }
        return victimGroup(Int(group))?.mayLose(count) ?? true
    }

    /// The victims that must leave with those that do, because their group does not go on without them.
    private func withGroups(_ gone: Set<PodID>, among leaving: [GangPlan.Item]) -> Set<PodID> {
        var losing: [Int32: Int] = [:]
        for pod in gone { losing[pods[Int(pod)].group, default: 0] += 1 }
        let whole = losing.filter { !mayLose($0.value, of: $0.key) }
        if whole.isEmpty { return gone }
        return gone.union(leaving.map(\.pod).filter { whole[pods[Int($0)].group] != nil })
    }

    /// Takes victims off their nodes in the cell alone, the log does not know yet; they stand there in the order in which
    /// they are to be kept, the most important first.
    mutating func takeOff(_ victims: [Int]) -> [GangPlan.Item] {
        let ordered = victims.sorted { (pods[$1].priority, $0) < (pods[$0].priority, $1) }
        return ordered.map { victim in
            let record = pods[victim]
            _ = cell.release(PodID(victim))
            return GangPlan.Item(
                pod: PodID(victim), classIndex: record.spec, node: NodeIndex(record.node), devices: record.devices)
        }
    }

    /// Evicts the victims that must leave for placements that have their seats in the cell by now; the others stay.
    mutating func evict(
        _ leaving: [GangPlan.Item], for proposals: [ProposedPlacement], by index: Int, _ now: Instant
    ) {
        guard !leaving.isEmpty else { return }
        var seats = proposals.map { proposal in
            GangPlan.Item(
                pod: PodID(proposal.pod), classIndex: pods[proposal.pod].spec, node: NodeIndex(proposal.node),
                devices: pods[proposal.pod].devices)
        }
        let evicted = cell.reprieve(leaving, beside: &seats)
        for seat in seats { pods[Int(seat.pod)].devices = seat.devices }
        let gone = withGroups(Set(evicted.map(\.pod)), among: leaving)
        for victim in leaving where gone.contains(victim.pod) { _ = cell.release(victim.pod) }
        // The scheduler believes that all of them left.
        slots[index].retold += leaving.filter { !gone.contains($0.pod) }.map { Int($0.pod) }
        for victim in leaving where gone.contains(victim.pod) {
            let preemptor = seats.first { $0.node == victim.node } ?? seats[0]
            evict(Int(victim.pod), by: index, for: Int(preemptor.pod), now)
        }
    }
}

/// What of a group is told to schedulers beside its members.
extension Dispatcher {
    /// The tasks of a group of which members are missing, with the pods that a scheduler can bind for them.
    func missingTasks(of group: Int, for index: Int) -> [GroupTask] {
        guard groups[group].missing > 0, groups[group].hasTasks else { return [] }
        let short = groups[group].shortTasks(groups[group].members.filter { pods[$0].state == .bound })
        let loose = groups[group].members.filter { pods[$0].state != .bound && pods[$0].scheduler == Int32(index) }
        return short.sorted { $0.key < $1.key }.map { task in
            GroupTask(name: task.key, missing: task.value, pods: loose.filter { groups[group].tasks[$0] == task.key })
        }
    }

    /// What must be free for a group to start: what it asks for, without what its members take that are bound.
    func missingResources(of group: Int) -> ResourceList {
        var left = groups[group].group?.minResources ?? [:]
        guard groups[group].bound > 0 else { return left }
        for pod in groups[group].members where pods[pod].state == .bound {
            for (name, amount) in cell.spec(of: pods[pod].spec).requests {
                guard let wanted = left[name] else { continue }
                let rest = wanted.milliValue.subtractingReportingOverflow(amount.milliValue)
                left[name] = rest.overflow || rest.partialValue <= 0 ? nil : Quantity(milli: rest.partialValue)
            }
        }
        return left
    }
}
