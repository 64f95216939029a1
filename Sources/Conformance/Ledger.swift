import ClusterModel
import JSON
import Placement
import SchedulerProtocol

/// What a dispatcher would know of one scheduler: the cell, the pods in its hands, what it decided.
///
/// Every decision is checked by the plain rules of `Placement` before it counts. A pure value.
struct Ledger {
    /// What became of a pod that was given.
    enum Decision: Hashable {
        case placed(WireNode)
        case unschedulable(reasons: [String: Int], events: ClusterEvents)
    }

    private(set) var cell = Ledger.strictCell
    private(set) var revision = 0
    private(set) var nodes: [WireNode: Node] = [:]
    private var specs: [SchedulingSpec] = []
    private var classes: [ClassIndex] = []
    /// Pods by number: the template, the group.
    private var pods: [WirePod: (template: WireTemplate, group: WireGroup?)] = [:]
    private var nextPod = 100
    private(set) var groups: [WireGroup: NumberedGroup] = [:]
    private(set) var undecided: Set<WirePod> = []
    private(set) var decisions: [WirePod: Decision] = [:]
    /// Pods of which the scheduler may still speak, although they were taken from it; the messages may have crossed.
    private(set) var takenBack: Set<WirePod> = []

    /// The rules at their strictest, as `hello` announces them.
    private static var strictCell: Cell {
        var cell = Cell()
        cell.protectsPlacedSpread = true
        return cell
    }

    // MARK: - What the dispatcher says

    mutating func nextRevision() -> Int {
        revision += 1
        return revision
    }

    mutating func set(_ node: Node, at number: WireNode) {
        nodes[number] = node
        _ = cell.upsertNode(node, at: NodeIndex(number))
    }

    mutating func remove(node number: WireNode) {
        nodes[number] = nil
        _ = cell.removeNode(at: NodeIndex(number))
    }

    /// The number of a spec, and whether it is new.
    mutating func template(_ spec: SchedulingSpec) -> (number: WireTemplate, isNew: Bool) {
        if let number = specs.firstIndex(of: spec) { return (number, false) }
        specs.append(spec)
        let index = cell.register(spec)
        cell.retain(class: index)
        classes.append(index)
        return (specs.count - 1, true)
    }

    mutating func declare(_ group: NumberedGroup) { groups[group.id] = group }

    /// A new pod in the scheduler's hands.
    mutating func give(_ template: WireTemplate, group: WireGroup? = nil) -> WirePod {
        let pod = nextPod
        nextPod += 1
        pods[pod] = (template, group)
        undecided.insert(pod)
        return pod
    }

    /// A pod that somebody else places.
    mutating func placeForeign(_ template: WireTemplate, on node: WireNode) -> PlacedPod {
        let pod = nextPod
        nextPod += 1
        pods[pod] = (template, nil)
        cell.place(PodID(pod), class: classes[template], on: NodeIndex(node))
        return PlacedPod(pod: pod, template: template, node: node)
    }

    mutating func release(_ pod: WirePod) { _ = cell.release(PodID(pod)) }

    /// Takes a placement back and gives the pod to the scheduler again.
    mutating func reject(_ pod: WirePod) {
        release(pod)
        decisions[pod] = nil
        undecided.insert(pod)
    }

    /// Takes a pod from the scheduler; from now on it may speak of it only until it has heard so.
    mutating func takeBack(_ pod: WirePod) {
        release(pod)
        undecided.remove(pod)
        decisions[pod] = nil
        takenBack.insert(pod)
    }

    /// The scheduler has heard of every pod that was taken from it.
    mutating func endGrace() { takenBack = [] }

    // MARK: - What the scheduler says

    /// Takes note of decisions; throws where one is not the scheduler's to make, or breaks a rule.
    ///
    /// - Returns: pods that took their place.
    mutating func take(_ message: SchedulerMessage) throws(Fault) -> [WirePod] {
        switch message {
        case .place(let seen, let proposals):
            try expectKnown(seen)
            var placed: [WirePod] = []
            for proposal in proposals where try accept(proposal) { placed.append(proposal.pod) }
            try expectWholeGroups(placed)
            return placed
        case .transaction(_, let seen, let proposals, let victims):
            try expectKnown(seen)
            if !victims.isEmpty {
                throw Fault("it pushes pods off their nodes, although none has a lower priority than the group at hand")
            }
            var placed: [WirePod] = []
            for proposal in proposals where try accept(proposal) { placed.append(proposal.pod) }
            try expectWholeGroups(placed)
            return placed
        case .unschedulable(let report):
            try expectKnown(report.revision)
            for pod in report.pods where try mayDecide(pod) {
                decisions[pod] = .unschedulable(reasons: report.reasons, events: report.events)
            }
            return []
        case .hold(let hold):
            // What is kept for later stays undecided; the scenes of the kit give no reason to keep anything.
            for pod in hold.pods where !undecided.contains(pod) && !takenBack.contains(pod) {
                throw Fault("it keeps pod \(pod) for later, which is not its to place")
            }
            for group in hold.groups where groups[group] == nil {
                throw Fault("it keeps pod group \(group) for later, which does not exist")
            }
            return []
        case .preempt: throw Fault("it pushes pods off a node, although none has a lower priority than the pod at hand")
        case .ready, .explanation, .pong, .stats, .unknown: return []
        }
    }

    private func expectKnown(_ seen: Int?) throws(Fault) {
        guard let seen, seen > revision || seen < 0 else { return }
        throw Fault("it decided on revision \(seen), but the newest that it was told is \(revision)")
    }

    /// Whether the decision counts; throws where the pod was never the scheduler's to decide.
    private mutating func mayDecide(_ pod: WirePod) throws(Fault) -> Bool {
        if undecided.remove(pod) != nil { return true }
        if takenBack.contains(pod) { return false }
        if decisions[pod] != nil { throw Fault("it decided pod \(pod) twice") }
        throw Fault("it decided pod \(pod), which was \(pods[pod] == nil ? "never given to it" : "not its to decide")")
    }

    private mutating func accept(_ proposal: ProposedPlacement) throws(Fault) -> Bool {
        let (pod, number) = (proposal.pod, proposal.node)
        guard try mayDecide(pod), let template = pods[pod]?.template else { return false }
        guard let node = nodes[number] else {
            throw Fault("it placed pod \(pod) on node \(number), which does not exist")
        }
        let index = classes[template]
        let fit = cell.fit(index, on: NodeIndex(number))
        guard fit.isFit else {
            let reasons = fit.reasons.map(\.message).joined(separator: ", ")
            throw Fault("it placed pod \(pod) on node \(node.name), where it does not fit: \(reasons)")
        }
        let wanted = DeviceSet(rawValue: proposal.devices)
        guard wanted.isEmpty || cell.fitDevices(index, NodeIndex(number), wanted) else {
            throw Fault(
                "it chose GPU devices \(wanted.indices) of node \(node.name) for pod \(pod), which are not free")
        }
        cell.place(PodID(pod), class: index, on: NodeIndex(number), devices: wanted)
        decisions[pod] = .placed(number)
        return true
    }

    /// Every group of which members were placed has enough of them now.
    private mutating func expectWholeGroups(_ placed: [WirePod]) throws(Fault) {
        var counts: [WireGroup: Int] = [:]
        for pod in placed { if let group = pods[pod]?.group { counts[group, default: 0] += 1 } }
        for (id, count) in counts.sorted(by: { $0.key < $1.key }) {
            guard let group = groups[id] else { continue }
            let missing = group.group.minMember - group.bound
            if count < missing {
                throw Fault(
                    "it placed \(count) members of pod group \(group.group.metadata.key) at once, which needs \(missing)"
                )
            }
            groups[id]?.bound += count
        }
    }

    /// Where a pod stands by now.
    func placedPod(_ pod: WirePod) -> PlacedPod? {
        guard let placement = cell.placement(of: PodID(pod)), let template = pods[pod]?.template else { return nil }
        return PlacedPod(
            pod: pod, template: template, node: Int(placement.node), devices: placement.devices.rawValue)
    }

    /// Whether a pod of the spec fits on any node now.
    mutating func fitsSomewhere(_ spec: SchedulingSpec) -> Bool {
        let index = classes[template(spec).number]
        return nodes.keys.contains { cell.fit(index, on: NodeIndex($0)).isFit }
    }
}
