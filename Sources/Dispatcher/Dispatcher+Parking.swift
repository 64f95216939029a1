import ClusterModel
import Placement
import SchedulerProtocol

/// What has happened that may help pods which fitted nowhere.
struct WakeCauses {
    private(set) var events: ClusterEvents = []
    /// The events that wake groups too.
    private(set) var groupEvents: ClusterEvents = []
    /// Classes of the pods placed, as flags by class and as a list.
    private var isPlaced: [Bool] = []
    private(set) var placed: [ClassIndex] = []

    var isEmpty: Bool { events.isEmpty }

    mutating func note(_ more: ClusterEvents, wakesGroups: Bool = true) {
        events.formUnion(more)
        if wakesGroups { groupEvents.formUnion(more) }
    }

    mutating func notePlaced(_ spec: ClassIndex) {
        note(.podPlaced)
        while isPlaced.count <= Int(spec) { isPlaced.append(false) }
        guard !isPlaced[Int(spec)] else { return }
        isPlaced[Int(spec)] = true
        placed.append(spec)
    }

    mutating func removeAll() {
        events = []
        groupEvents = []
        for spec in placed { isPlaced[Int(spec)] = false }
        placed.removeAll(keepingCapacity: true)
    }
}

/// Pods that fit nowhere: they sleep, and events that can help wake them.
extension Dispatcher {
    mutating func park(_ report: Unschedulable, from index: Int, _ now: Instant) {
        let before = log.revision
        var parkedGroups: Set<Int> = []
        for pod in report.pods where owns(pod, index, node: -1) {
            slots[index].lastDecision = now
            decided(pod, index)
            if !report.awaitsVictims { endNomination(pod, frees: true) }
            if isMember(pod), groups[Int(pods[pod].group)].missing > 0 {
                let group = Int(pods[pod].group)
                setState(pod, .parked)
                guard parkedGroups.insert(group).inserted else { continue }
                giveUpStaged(group)
                for member in groups[group].members where pods[member].state == .held { setState(member, .parked) }
                slots[index].parking.park(group: group, events: report.events, reasons: report.reasons)
            } else if mayFitByNow(pod, report, index) {
                pods[pod].retries = pods[pod].retries.addingClamped(1)
                enqueue(pod, first: true)
            } else {
                setState(pod, .parked)
                slots[index].parking.park(
                    pod, class: pods[pod].spec, events: report.events,
                    reasons: isNominated(pod) ? nil : report.reasons,
                    ownReasons: isNominated(pod) ? report.reasons : nil)
            }
        }
        for group in parkedGroups where mayGroupFitByNow(group, report, index, until: before) {
            guard slots[index].parking.wake(group: group) else { continue }
            groups[group].retries += 1
            enqueueGroup(group, first: true)
        }
    }

    /// Gives the reserved places of a group back that turned out not to be enough, and wakes those who waited for them.
    ///
    /// The group is not parked yet, so that its own places do not wake it.
    private mutating func giveUpStaged(_ group: Int) {
        guard !groups[group].staged.isEmpty else { return }
        unstageAll(group)
        wakeParked()
    }

    /// Whether something that helps has happened since the scheduler decided, which it could not know.
    private func mayFitByNow(_ pod: Int, _ report: Unschedulable, _ index: Int) -> Bool {
        // One of a class is enough to find out; the others sleep meanwhile and follow it.
        if slots[index].parking.lots[pods[pod].spec] != nil, !isNominated(pod) { return false }
        guard Int(pods[pod].retries) < limits.retriesPerPod else { return false }
        // It decided while it took room for taken that it has been given back since.
        if pods[pod].assignedRefusals != slots[index].refusals { return true }
        return hasHappened(
            report, to: index, since: max(report.revision ?? 0, pods[pod].assignedRevision), class: pods[pod].spec)
    }

    private func mayGroupFitByNow(_ group: Int, _ report: Unschedulable, _ index: Int, until last: Int) -> Bool {
        guard groups[group].retries < limits.retriesPerPod else { return false }
        var (hadOldView, told) = (false, Int.max)
        for pod in groups[group].members where pods[pod].state == .parked {
            if pods[pod].assignedRefusals != slots[index].refusals { hadOldView = true }
            told = min(told, pods[pod].assignedRevision)
        }
        let seen = max(report.revision ?? 0, told == .max ? 0 : told)
        return hadOldView || hasHappened(report, to: index, since: seen, until: last, group: group)
    }

    private func hasHappened(
        _ report: Unschedulable, to index: Int, since seen: Int, until last: Int? = nil, class spec: ClassIndex? = nil,
        group: Int? = nil
    ) -> Bool {
        let isEchoed = slots[index].capabilities.contains(.echo)
        // Own commits carry no message, so a scheduler that has read everything still names an old revision.
        let seen = seen >= slots[index].toldRevision ? max(seen, slots[index].cursor) : seen
        var revision = last ?? log.revision
        guard revision - seen <= limits.changesLookedThrough else { return true }
        while revision > seen {
            switch log[revision] {
            case .node:
                if !report.events.isDisjoint(with: Dispatcher.nodeEvents) {
                    return true
                }
            case .released(let other, _, _):
                if report.events.contains(.podReleased), group == nil || !hasExhaustedStaging(other) { return true }
            case .placed(let other, _, let by):
                // What it placed itself it knew, although nobody told it of the revision.
                if by == Int32(index), !isEchoed { break }
                guard report.events.contains(.podPlaced) else { break }
                if let spec, cell.placement(of: pods[other].spec, mayHelp: spec) { return true }
                if let group,
                    groups[group].members.contains(where: {
                        cell.placement(of: pods[other].spec, mayHelp: pods[$0].spec)
                    })
                {
                    return true
                }
            }
            revision -= 1
        }
        return false
    }

    private static let nodeEvents: ClusterEvents = [
        .nodeAdded, .nodeRemoved, .nodeLabels, .nodeTaints, .nodeAllocatable,
    ]

    /// Lets those try again whom something that happened since the last time can help.
    mutating func wakeParked() {
        guard !pendingWakes.isEmpty || slots.contains(where: \.hasRoomBack) else { return }
        for index in slots.indices {
            let roomBack: ClusterEvents = slots[index].hasRoomBack ? .podReleased : []
            slots[index].hasRoomBack = false
            guard !slots[index].parking.isEmpty else { continue }
            let (forPods, forGroups) = (
                pendingWakes.events.union(roomBack), pendingWakes.groupEvents.union(roomBack)
            )
            let awake = slots[index].parking.lots.filter { canHelp($0.value.events.intersection(forPods), $0.key) }
            for spec in awake.keys.sorted() {
                if let pod = slots[index].parking.wakeOne(class: spec) { enqueue(pod, first: false) }
            }
            let groupsAwake = slots[index].parking.groups.filter { entry in
                let events = entry.value.events.intersection(forGroups)
                return groups[entry.key].members.contains { canHelp(events, pods[$0].spec) }
            }
            for group in groupsAwake.keys.sorted() {
                if slots[index].parking.wake(group: group) { enqueueGroup(group) }
            }
        }
        pendingWakes.removeAll()
    }

    private func canHelp(_ events: ClusterEvents, _ spec: ClassIndex) -> Bool {
        if events.isEmpty { return false }
        if events != .podPlaced { return true }
        return pendingWakes.placed.contains { cell.placement(of: $0, mayHelp: spec) }
    }
}
