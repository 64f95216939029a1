import ClusterModel
import Placement

/// What the cluster itself does: nodes, namespaces, groups.
extension Dispatcher {
    mutating func changeNode(_ node: Node) {
        let isNew = nodes.number(of: node.name) == nil
        let number = nodes.set(node)
        var events = cell.upsertNode(node, at: NodeIndex(number))
        if isNew { events.insert(.nodeAdded) }
        noteNodeChange(number, events)
    }

    mutating func removeNode(_ name: String, _ now: Instant) {
        guard let number = nodes.remove(name) else { return }
        for pod in cell.removeNode(at: NodeIndex(number)) { lose(Int(pod), from: number, now) }
        noteNodeChange(number, .nodeRemoved)
    }

    private mutating func noteNodeChange(_ number: Int, _ events: ClusterEvents) {
        let revision = log.append(.node(Int32(number)))
        nodes.writers[number].note(-1, revision: revision)
        pendingWakes.note(events)
    }

    /// A pod whose node left: if it was bound it has ended, if its place was only reserved it looks for another.
    private mutating func lose(_ pod: Int, from node: Int, _ now: Instant) {
        log.append(.released(pod: pod, node: Int32(node), by: -1))
        pods[pod].node = -1
        pods[pod].devices = []
        if pods[pod].state == .staged {
            groups[Int(pods[pod].group)].staged.removeAll { $0 == pod }
            requeue([pod], first: true)
        } else {
            leaveGroup(pod)
            retire(pod, .gone)
        }
    }

    mutating func changeNamespace(_ namespace: Namespace) {
        namespaces[namespace.metadata.name] = namespace
        let events = cell.setNamespace(namespace.metadata.name, labels: namespace.metadata.labels)
        for index in slots.indices { slots[index].namespacesChanged = true }
        pendingWakes.note(events.union(.namespaceLabels))
    }

    mutating func changeGroup(_ group: PodGroup, _ now: Instant) {
        let number = groups.number(of: group.metadata.key)
        let wasComplete = groups[number].isComplete
        groups[number].group = group
        guard !wasComplete, groups[number].isComplete else { return }
        noteSubmitted(number, now)
        enqueueGroup(number)
    }
}
