import ClusterModel
import DequeModule
import Placement
import SchedulerProtocol

/// What a scheduler process knows: the cell as it was told, and the pods it has been asked to place.
///
/// Placements that the scheduler proposes are assumed at once; the dispatcher speaks up only where it refuses.
struct Mirror {
    var cell = Cell()
    /// The last revision told.
    private(set) var revision = 0
    /// Counts changes of the cell, to tell whether a failed search is worth repeating.
    private(set) var version = 0
    var facts = PreemptionFacts()
    /// The class of each template; −1 where it was not described, or was forgotten.
    private var classes: ContiguousArray<ClassIndex> = []
    private var groups: [WireGroup: NumberedGroup] = [:]
    /// Pods and groups to be placed, next one first.
    private(set) var work = Deque<Work>()
    /// Undecided pods and those assumed placed, until somebody takes them away.
    private var known = KnownPods()
    private(set) var isDraining = false

    enum Work {
        case pod(PendingPod)
        case group(WireGroup, [PendingPod])
        /// The time, once all before it is decided.
        case clock(Int)
        /// A sign of life is asked for, which is to say that all before it is decided.
        case ping(Int)
    }

    /// Whether a pod is the scheduler's to place, or is where it proposed.
    func isKnown(_ pod: WirePod) -> Bool { known.contains(pod) }

    /// A pod that is the scheduler's to place, or is where it proposed.
    func inHand(_ pod: WirePod) -> PendingPod? { known[pod] }

    func classIndex(of pod: PendingPod) -> ClassIndex? { classIndex(of: pod.template) }

    private func classIndex(of template: WireTemplate) -> ClassIndex? {
        guard classes.indices.contains(template), classes[template] >= 0 else { return nil }
        return classes[template]
    }

    func group(_ id: WireGroup) -> NumberedGroup? { groups[id] }

    /// Takes the next thing to do, leaving out what was withdrawn meanwhile.
    mutating func nextWork() -> Work? {
        while let next = work.popFirst() {
            switch next {
            case .pod(let pod): if known.contains(pod.pod) { return next }
            case .group(let id, let members):
                let left = members.filter { known.contains($0.pod) }
                if !left.isEmpty { return .group(id, left) }
            case .clock, .ping: return next
            }
        }
        return nil
    }

    /// Takes note of a message; true where it was about the mirror.
    mutating func apply(_ message: DispatcherMessage) {
        switch message {
        case .nodes(let revision, let upsert, let remove):
            self.revision = revision
            version += 1
            for entry in upsert { _ = cell.upsertNode(entry.node, at: NodeIndex(entry.id)) }
            for node in remove { _ = cell.removeNode(at: NodeIndex(node)) }
        case .namespaces(let all):
            version += 1
            for namespace in all {
                _ = cell.setNamespace(namespace.metadata.name, labels: namespace.metadata.labels)
            }
        case .budgets(let all): facts.set(all)
        case .standing(let standing):
            version += 1
            facts.note(standing)
        case .nominated(let pods, let ended):
            version += 1
            for pod in ended { _ = cell.endNomination(of: PodID(pod)) }
            for pod in pods {
                guard let index = classIndex(of: pod.template) else { continue }
                cell.nominate(PodID(pod.pod), class: index, to: NodeIndex(pod.node))
            }
        case .templates(let all): for template in all { learn(template) }
        case .forget(let all): for template in all { forget(template) }
        case .groups(let all): for group in all { groups[group.id] = group }
        case .pods(let pods, _): receive(pods)
        case .placed(let revision, let pods):
            self.revision = revision
            version += 1
            for pod in pods { seat(pod) }
        case .released(let revision, let pods):
            self.revision = revision
            version += 1
            for pod in pods {
                known.remove(pod)
                facts.forget(pod)
                _ = cell.release(PodID(pod))
            }
        case .rejected(let all): takeBack(all)
        case .withdraw(let pods):
            for pod in pods {
                known.remove(pod)
                if cell.release(PodID(pod)) != nil { version += 1 }
            }
        case .drain: isDraining = true
        case .hello(let hello): cell.protectsPlacedSpread = hello.protectsPlacedSpread
        case .clock(let now): work.append(.clock(now))
        case .ping(let id): work.append(.ping(id))
        case .explain, .share, .stop: break
        }
    }

    /// Assumes a placement of one's own.
    mutating func assume(_ pod: PendingPod, class index: ClassIndex, on node: NodeIndex, _ devices: DeviceSet) {
        version += 1
        cell.place(PodID(pod.pod), class: index, on: node, devices: devices)
    }

    /// Forgets a pod that was given up; it is somebody else's from now on.
    mutating func giveUp(_ pod: PendingPod) { known.remove(pod.pod) }

    private mutating func learn(_ template: NumberedTemplate) {
        guard template.id >= 0, classIndex(of: template.id) == nil else { return }
        let index = cell.register(template.spec)
        cell.retain(class: index)
        while classes.count <= template.id { classes.append(-1) }
        classes[template.id] = index
    }

    private mutating func forget(_ template: WireTemplate) {
        guard let index = classIndex(of: template) else { return }
        classes[template] = -1
        cell.release(class: index)
    }

    private mutating func seat(_ pod: PlacedPod) {
        known.remove(pod.pod)
        // A node that has left by now takes its pods along; word of their release follows.
        guard let index = classIndex(of: pod.template), cell.hasNode(NodeIndex(pod.node)) else { return }
        cell.place(
            PodID(pod.pod), class: index, on: NodeIndex(pod.node), devices: DeviceSet(rawValue: pod.devices))
    }

    /// Queues pods: members of a group that must come together as one piece of work.
    private mutating func receive(_ pods: [PendingPod]) {
        var members: [WireGroup: [PendingPod]] = [:]
        var order: [WireGroup] = []
        for pod in pods {
            known.insert(pod)
            if let id = pod.group, let group = groups[id] { facts.note(pod.pod, of: group) }
            if let id = pod.group, let group = groups[id], group.group.minMember > group.bound {
                if members[id] == nil { order.append(id) }
                members[id, default: []].append(pod)
            } else {
                work.append(.pod(pod))
            }
        }
        for id in order { work.append(.group(id, members[id] ?? [])) }
    }

    /// Undoes what was refused; pods that may be tried again come first.
    private mutating func takeBack(_ rejections: [Rejection]) {
        version += 1
        var members: [WireGroup: [PendingPod]] = [:]
        for rejection in rejections.reversed() {
            if cell.placement(of: PodID(rejection.pod))?.node == NodeIndex(rejection.node) {
                _ = cell.release(PodID(rejection.pod))
            }
            guard let pod = known[rejection.pod] else { continue }
            switch rejection.verdict {
            case .gone: known.remove(rejection.pod)
            case .retry:
                if let id = pod.group, let group = groups[id], group.group.minMember > group.bound {
                    members[id, default: []].insert(pod, at: 0)
                } else {
                    work.prepend(.pod(pod))
                }
            }
        }
        for (id, pods) in members.sorted(by: { $0.key > $1.key }) { work.prepend(.group(id, pods)) }
    }
}
