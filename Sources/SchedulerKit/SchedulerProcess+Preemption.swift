import ClusterModel
import Placement
import SchedulerProtocol

/// Pods that push others off a node, and those that wait for the room that this makes.
extension SchedulerProcess {
    /// The node and the victims for a pod of the class, where it may preempt and some pod is below it.
    mutating func preemption(for index: ClassIndex) -> PreemptionCandidate? {
        guard mirror.cell.spec(of: index).mayPreempt,
            mirror.cell.holdsPods(below: mirror.cell.spec(of: index).priority)
        else { return nil }
        return algorithm?.preempt(
            for: index, in: &mirror.cell, by: mirror.facts.preemption(in: mirror.cell))
    }

    /// Proposes a node with the pods that must leave it. The dispatcher strikes off those that need not.
    mutating func preempt(for pod: PendingPod, _ index: ClassIndex, _ candidate: PreemptionCandidate) {
        sendProposals()
        mirror.facts.spend(on: candidate.victims, in: mirror.cell)
        for victim in candidate.victims { _ = mirror.cell.release(victim) }
        let devices = mirror.cell.chooseDevices(index, candidate.node) ?? []
        mirror.assume(pod, class: index, on: candidate.node, devices)
        send(
            .preempt(
                revision: mirror.revision, pod: pod.pod, node: Int(candidate.node),
                victims: candidate.victims.map { Int($0) }, violations: candidate.budgetViolations))
    }

    /// Decides about a pod for which room is kept on a node: it goes there if it can by now, or anywhere else; it waits on
    /// while its victims are leaving, or looks for others.
    mutating func decide(_ pod: PendingPod, _ index: ClassIndex, nominatedTo node: NodeIndex) {
        // Its own nomination must not stand in its way. It ends when the dispatcher says so.
        mirror.cell.endNomination(of: PodID(pod.pod))
        defer { mirror.cell.nominate(PodID(pod.pod), class: index, to: node) }
        if algorithm?.takes(index, on: node, in: &mirror.cell) ?? false,
            let devices = mirror.cell.chooseDevices(index, node)
        {
            propose(pod, index, node, devices)
            return
        }
        if case .node(let other, let devices) = algorithm?.place(index, in: &mirror.cell) ?? .none {
            propose(pod, index, other, devices)
            return
        }
        let facts = mirror.facts.preemption(in: mirror.cell)
        if algorithm?.awaitsVictims(for: index, on: node, in: &mirror.cell, by: facts) ?? false {
            awaitVictims(pod, index)
        } else if let candidate = preemption(for: index) {
            preempt(for: pod, index, candidate)
        } else {
            giveUp(pod, index)
        }
    }

    private mutating func propose(
        _ pod: PendingPod, _ index: ClassIndex, _ node: NodeIndex, _ devices: DeviceSet
    ) {
        mirror.assume(pod, class: index, on: node, devices)
        proposals.append(ProposedPlacement(pod: pod.pod, node: Int(node), devices: devices.rawValue))
    }

    private mutating func awaitVictims(_ pod: PendingPod, _ index: ClassIndex) {
        guard let diagnosis = algorithm?.diagnose(index, in: &mirror.cell) else { return }
        sendProposals()
        sendHopeless()
        mirror.giveUp(pod)
        var reasons = diagnosis.reasons
        reasons["preemption: \(Preemption.awaitsVictims)"] = 1
        send(
            .unschedulable(
                Unschedulable(
                    pods: [pod.pod], revision: mirror.revision, reasons: reasons,
                    events: diagnosis.events.union(.podReleased), awaitsVictims: true)))
    }
}
