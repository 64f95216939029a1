import ClusterModel
import Placement
import SchedulerProtocol

/// Preemption across schedulers: the scheduler proposes victims, whoever placed them; the dispatcher arbitrates.
extension Dispatcher {
    mutating func preempt(
        _ pod: Int, on node: Int, _ victims: [Int], from index: Int, _ revision: Int?, _ now: Instant
    ) {
        guard owns(pod, index, node: node) else { return }
        slots[index].lastDecision = now
        if let fault = preemptionFault(pod, node, victims) {
            slots[index].retold += victims.filter { pods.records.indices.contains($0) }
            refuse(pod, node, fault, from: index, revision, now)
            return
        }
        for victim in victims { _ = cell.release(PodID(victim)) }
        switch check(ProposedPlacement(pod: pod, node: node), from: index) {
        case .failure(let refusal):
            for victim in victims { giveSeatBack(victim) }
            slots[index].retold += victims
            refuse(pod, node, "even without the victims: \(refusal.reason)", from: index, revision, now)
        case .success(let devices):
            for victim in victims { evict(victim, by: index, for: pod, now) }
            var bindings: [Binding] = []
            decided(pod, index)
            bind(pod, on: node, devices, by: index, &bindings, now)
            directives.append(.bind(bindings))
        }
    }

    private func preemptionFault(_ pod: Int, _ node: Int, _ victims: [Int]) -> String? {
        if victims.isEmpty { return "a preemption needs victims" }
        if Set(victims).count != victims.count { return "a victim stands twice in the preemption" }
        if isMember(pod), groups[Int(pods[pod].group)].missing > 0 { return "a pod group cannot preempt" }
        if !cell.spec(of: pods[pod].spec).mayPreempt { return "the pod may not preempt: preemptionPolicy is Never" }
        for victim in victims {
            guard pods.records.indices.contains(victim), pods[victim].state == .bound,
                pods[victim].node == Int32(truncatingIfNeeded: node)
            else { return "victim \(victim) is not on the node" }
            if pods[victim].priority >= pods[pod].priority {
                return "victim \(pods.keys[victim]) has priority \(pods[victim].priority), not below "
                    + "\(pods[pod].priority)"
            }
            if isMember(victim) {
                let group = groups[Int(pods[victim].group)]
                let leaving = victims.count { pods[$0].group == pods[victim].group }
                if group.bound - leaving < group.minMember, group.bound > leaving {
                    return "victim \(pods.keys[victim]) would leave its pod group below minMember"
                }
            }
        }
        return nil
    }

    private mutating func giveSeatBack(_ victim: Int) {
        let record = pods[victim]
        cell.place(PodID(victim), class: record.spec, on: NodeIndex(record.node), devices: record.devices)
    }

    /// Pushes a pod off its node. One that this run placed is queued again, as its controller would make it anew; one that
    /// stood there before is gone.
    private mutating func evict(_ victim: Int, by index: Int, for pod: Int, _ now: Instant) {
        directives.append(
            .evict([Eviction(pod: victim, node: Int(pods[victim].node), preemptor: pod)]))
        slots[index].figures.evictions += 1
        unseat(victim, by: index)
        if isMember(victim) { groups[Int(pods[victim].group)].bound -= 1 }
        guard !pods[victim].wasFound else {
            if isMember(victim) { groups[Int(pods[victim].group)].members.removeAll { $0 == victim } }
            retire(victim, .gone)
            return
        }
        pods[victim].boundAt = -1
        setState(victim, .held)
        if !isMember(victim) {
            send(victim, by: pods[victim].route)
        } else if groups[Int(pods[victim].group)].missing > 0 {
            enqueueGroup(Int(pods[victim].group))
        } else {
            send(victim, by: groups[Int(pods[victim].group)].route)
        }
    }
}
