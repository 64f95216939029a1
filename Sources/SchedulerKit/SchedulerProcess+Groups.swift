import ClusterModel
import Placement
import SchedulerProtocol

/// What two gangs have in common that fit in the same places.
struct GangShape: Hashable {
    private var members: [[Int]]
    private var tasks: [Gang.Task]
    private var minMember: Int
    private var topologyKeys: [String]
    private var minResources: ResourceList

    init(_ gang: Gang, _ minResources: ResourceList) {
        members = gang.members.map { [Int($0.classIndex), $0.pods.count] }
        // Members of tasks are told apart, which makes each such gang one of its own.
        tasks = gang.tasks
        minMember = gang.minMember
        topologyKeys = gang.requiredTopologyKeys
        self.minResources = minResources
    }
}

/// Groups: enough members at once in one transaction, or none of them.
extension SchedulerProcess {
    mutating func decide(_ members: [PendingPod], of id: WireGroup) {
        guard let numbered = mirror.group(id), let classes = classes(of: members, numbered) else { return }
        // A search that found nothing finds nothing again for a gang like it as long as nothing has changed.
        let shape = GangShape(gang(members, classes, of: numbered), numbered.group.minResources)
        if failedGangs[shape] != mirror.version {
            if place(members, classes, of: numbered) || preempt(for: members, classes, of: numbered) { return }
            if failedGangs.count > 1_000 { failedGangs.removeAll() }
            failedGangs[shape] = mirror.version
        }
        giveUp(members, Set(classes), of: numbered)
    }

    /// The classes of a group's members, one for each; nil where one was never described.
    func classes(of members: [PendingPod], _ numbered: NumberedGroup) -> [ClassIndex]? {
        let classes = members.compactMap { mirror.classIndex(of: $0) }
        if classes.count == members.count { return classes }
        log("pod group \(numbered.group.metadata.key) has a member whose template was never described")
        return nil
    }

    /// The members as the planner takes them.
    private func gang(_ members: [PendingPod], _ classes: [ClassIndex], of numbered: NumberedGroup) -> Gang {
        var gang = Gang(
            members: Gang.Members.runs(of: members.indices.lazy.map { (classes[$0], PodID(members[$0].pod)) }),
            minMember: numbered.missing, requiredTopologyKeys: numbered.group.requiredTopologyKeys,
            preferredTopologyKeys: numbered.group.preferredTopologyKeys)
        gang.tasks = numbered.tasks.map { task in
            Gang.Task(name: task.name, pods: Set(task.pods.map { PodID($0) }), minMember: task.missing)
        }
        return gang
    }

    /// Proposes places for enough members of a group at once; false where there are none.
    mutating func place(_ members: [PendingPod], _ classes: [ClassIndex], of numbered: NumberedGroup) -> Bool {
        sendProposals()
        let gang = gang(members, classes, of: numbered)
        guard mirror.cell.lacking(numbered.group.minResources).isEmpty,
            let plan = algorithm?.place(gang, in: &mirror.cell),
            plan.items.count >= numbered.missing
        else { return false }
        propose(plan, members, classes)
        return true
    }

    /// Proposes places for as many members of a group as it needs and pods that must leave for them all; false where
    /// there is no such way.
    private mutating func preempt(
        for members: [PendingPod], _ classes: [ClassIndex], of numbered: NumberedGroup
    ) -> Bool {
        let gang = gang(members, classes, of: numbered)
        let facts = mirror.facts.preemption(in: mirror.cell)
        guard let found = algorithm?.preempt(for: gang, in: &mirror.cell, by: facts) else { return false }
        let seats = found.victims.compactMap { victim in
            mirror.cell.placement(of: victim).map {
                GangPlan.Item(pod: victim, classIndex: $0.class, node: $0.node, devices: $0.devices)
            }
        }
        let before = numbered.group.minResources.isEmpty ? nil : mirror.facts
        mirror.facts.spend(on: found.victims, in: mirror.cell)
        for victim in seats { _ = mirror.cell.release(victim.pod) }
        guard mirror.cell.lacking(numbered.group.minResources).isEmpty else {
            for seat in seats {
                mirror.cell.place(seat.pod, class: seat.classIndex, on: seat.node, devices: seat.devices)
            }
            if let before { mirror.facts = before }
            return false
        }
        propose(found.plan, members, classes, victims: found.victims)
        return true
    }

    /// Takes a plan's places and proposes them; members that it leaves out are given up, each by itself.
    private mutating func propose(
        _ plan: GangPlan, _ members: [PendingPod], _ classes: [ClassIndex], victims: [PodID] = []
    ) {
        for item in plan.items {
            guard let pod = mirror.inHand(Int(item.pod)) else { continue }
            mirror.assume(pod, class: item.classIndex, on: item.node, item.devices)
        }
        transactions += 1
        let places = plan.items.map {
            ProposedPlacement(pod: Int($0.pod), node: Int($0.node), devices: $0.devices.rawValue)
        }
        send(
            .transaction(
                id: transactions, revision: mirror.revision, places, victims: victims.map { Int($0) }))
        guard !plan.left.isEmpty else { return }
        let left = Set(plan.left)
        for (pod, index) in zip(members, classes) where left.contains(PodID(pod.pod)) { giveUp(pod, index) }
    }

    /// Reports a group of which not enough members can be placed, with the reasons of the classes of its members.
    mutating func giveUp(_ members: [PendingPod], _ classes: Set<ClassIndex>, of numbered: NumberedGroup) {
        for pod in members { mirror.giveUp(pod) }
        var reasons: [String: Int] = [:]
        // A group that is short of room waits for room even where a single member of it would fit.
        var events: ClusterEvents = [.podReleased, .nodeAdded, .nodeAllocatable, .nodeTaints, .nodeLabels]
        for index in classes.sorted() {
            guard let diagnosis = algorithm?.diagnose(index, in: &mirror.cell) else { continue }
            reasons.merge(diagnosis.reasons) { max($0, $1) }
            events.formUnion(diagnosis.events)
        }
        reasons[reason(for: numbered)] = mirror.cell.nodeCount
        send(
            .unschedulable(
                Unschedulable(
                    pods: members.map(\.pod), revision: mirror.revision, reasons: reasons, events: events)))
    }

    /// Why a group cannot start, in words.
    private func reason(for numbered: NumberedGroup) -> String {
        let key = numbered.group.metadata.key
        let lacking = mirror.cell.lacking(numbered.group.minResources)
        if !lacking.isEmpty {
            return "pod group \(key): its minResources are not free: \(lacking.joined(separator: ", "))"
        }
        let tasks = numbered.tasks.map { "\($0.missing) of task \($0.name)" }
        let among = tasks.isEmpty ? "" : ", \(tasks.joined(separator: " and ")) among them"
        return "pod group \(key): no room for \(numbered.missing) of its members at once\(among)"
    }
}
