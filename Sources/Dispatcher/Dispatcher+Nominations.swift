import ClusterModel
import Placement
import SchedulerProtocol

/// Pods that wait for a node where room is being made for them. No other pod of their priority or below gets that room.
extension Dispatcher {
    /// Takes note of a pod's nomination, or of its end; a node that is not known is passed over.
    mutating func changeNomination(_ key: ObjectKey, _ node: String?) {
        guard let pod = pods.number(of: key) else { return }
        guard let node, let number = nodes.number(of: node), pods[pod].node < 0 else {
            endNomination(pod, frees: true)
            return
        }
        nominate(pod, to: number)
    }

    /// Keeps room for a pod on a node.
    mutating func nominate(_ pod: Int, to node: Int) {
        guard cell.nominatedNode(of: PodID(pod)) != NodeIndex(node) else { return }
        if cell.hasNominations { endNomination(pod, frees: true) }
        cell.nominate(PodID(pod), class: pods[pod].spec, to: NodeIndex(node))
        for index in slots.indices { slots[index].nominations.append(pod) }
    }

    /// Keeps no room for a pod any more.
    ///
    /// `frees` tells that the room is there for others again; else the pod has taken it.
    mutating func endNomination(_ pod: Int, frees: Bool) {
        guard cell.hasNominations, cell.endNomination(of: PodID(pod)) != nil else { return }
        for index in slots.indices { slots[index].nominations.append(pod) }
        guard frees else { return }
        pendingWakes.note(.podReleased)
        // Who has a pod in hand may have taken the room for kept.
        for index in slots.indices { slots[index].refusals &+= 1 }
    }

    /// Ends the nominations to a node of pods below a priority: a pod that was placed there may have taken their room.
    mutating func endNominations(to node: Int, below priority: Int32) {
        guard cell.hasNominations else { return }
        for other in cell.podsNominated(to: NodeIndex(node)) where pods[Int(other)].priority < priority {
            endNomination(Int(other), frees: true)
        }
    }

    /// Whether room is kept for the pod.
    func isNominated(_ pod: Int) -> Bool { cell.hasNominations && cell.nominatedNode(of: PodID(pod)) != nil }

    /// Tells a scheduler of nominations, all of them or those that have changed.
    mutating func tellNominations(_ index: Int, all: Bool = false) {
        let changed =
            all ? pods.records.indices.filter { isNominated($0) } : Set(slots[index].nominations).sorted()
        slots[index].nominations = []
        guard !changed.isEmpty else { return }
        let kept = changed.filter { isNominated($0) }
        teach(index, kept.map { pods[$0].spec })
        let nominated = kept.compactMap { pod in
            cell.nominatedNode(of: PodID(pod)).map {
                NominatedPod(pod: pod, template: Int(pods[pod].spec), node: Int($0))
            }
        }
        let ended = changed.filter { !isNominated($0) }
        for start in stride(from: 0, to: max(nominated.count, ended.count), by: limits.changesPerMessage) {
            let end = start + limits.changesPerMessage
            send(
                index,
                .nominated(
                    Array(nominated.prefix(end).dropFirst(start)), ended: Array(ended.prefix(end).dropFirst(start))))
        }
    }
}
