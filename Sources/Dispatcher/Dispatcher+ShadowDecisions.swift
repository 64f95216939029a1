import ClusterModel
import Placement
import SchedulerProtocol

/// What shadows decide, and how it compares. A copy is never committed: it is answered with a rejection once its pod is
/// decided too, so that the shadow's mirror trades the place that it assumed for the one that counts.
extension Dispatcher {
    /// Takes note of what a shadow decided about a copy.
    mutating func decideCopy(
        _ copy: Int, _ decision: ShadowBook.Decision, from index: Int, _ revision: Int?, victims: [Int] = [],
        _ now: Instant
    ) {
        guard let (number, position) = shadows.copies[copy], var unit = shadows.units[number], unit.shadow == index
        else {
            refuseCopy(copy, decision.node ?? -1, from: index)
            return
        }
        guard unit.members[position].shadow == nil else {
            // It changed its mind: the first word counts, and the mirror is put right with the answer to that.
            if let node = decision.node { refuseCopy(copy, node, from: index) }
            return
        }
        slots[index].copiesInHand -= 1
        slots[index].noteDecision()
        unit.members[position].shadow = decision
        unit.members[position].decidedAt = now.nanoseconds
        if let revision { unit.members[position].seen = revision }
        unit.members[position].victims = victims.filter { pods.records.indices.contains($0) }
        shadows.units[number] = unit
        guard unit.isDecided else { return }
        tryOn(number)
        if shadows.units[number]?.hasOutcome == true { answer(number) }
    }

    /// Takes note of what a shadow decided about a whole group; the first copy stands for those it would have pushed away.
    mutating func decideCopies(
        _ copies: [ProposedPlacement], from index: Int, _ revision: Int?, victims: [Int], _ now: Instant
    ) {
        for (position, copy) in copies.enumerated() {
            decideCopy(
                copy.pod, victims.isEmpty ? .node(copy.node) : .preempt(copy.node), from: index, revision,
                victims: position == 0 ? victims : [], now)
        }
    }

    /// A placement of a copy that is not (any more) the scheduler's to decide.
    private mutating func refuseCopy(_ copy: Int, _ node: Int, from index: Int) {
        if !shadows.wasCopy(copy) {
            slots[index].figures.notItsOwn += 1
            slots[index].badBalance += 1
        }
        slots[index].answer(
            Rejection(pod: copy, node: node, verdict: .gone, reason: "a copy is not kept"), limits)
    }

    /// Sorts the copies out of a report, and takes note of them.
    mutating func takeCopies(_ report: Unschedulable, from index: Int, _ now: Instant) -> Unschedulable {
        guard shadows.isActive, report.pods.contains(where: ShadowBook.isCopy) else { return report }
        var rest = report
        rest.pods.removeAll { ShadowBook.isCopy($0) }
        for copy in report.pods where ShadowBook.isCopy(copy) {
            decideCopy(copy, .nowhere, from: index, report.revision, now)
        }
        return rest
    }

    /// Whether the pods would have fitted where the shadow put them, all at once, in the cell as it is now but for
    /// themselves. The cell is afterwards as before.
    private mutating func tryOn(_ number: Int) {
        guard var unit = shadows.units[number] else { return }
        for member in unit.members where pods[member.pod].node >= 0 { _ = cell.release(PodID(member.pod)) }
        var tried: [Int] = []
        for position in unit.members.indices {
            let pod = unit.members[position].pod
            guard case .node(let node) = unit.members[position].shadow,
                case .success(let devices) = check(ProposedPlacement(pod: pod, node: node), from: unit.shadow)
            else { continue }
            unit.members[position].fits = true
            cell.place(PodID(pod), class: pods[pod].spec, on: NodeIndex(node), devices: devices)
            tried.append(pod)
        }
        for pod in tried { _ = cell.release(PodID(pod)) }
        for member in unit.members where pods[member.pod].node >= 0 {
            let record = pods[member.pod]
            cell.place(PodID(member.pod), class: record.spec, on: NodeIndex(record.node), devices: record.devices)
        }
        shadows.units[number] = unit
    }

    // MARK: - What became of the pods

    /// Looks at the pods copied that have changed since the last time.
    mutating func settleShadows() {
        let changed = shadows.changed
        shadows.changed.removeAll(keepingCapacity: true)
        for (pod, state, revision) in changed where pods[pod].state == state {
            guard let number = shadows.unitOfPod[pod], var unit = shadows.units[number],
                let position = unit.members.firstIndex(where: { $0.pod == pod }),
                unit.members[position].outcome == nil
            else { continue }
            switch state {
            case .bound:
                unit.members[position].outcome = .node(Int(pods[pod].node))
                unit.members[position].outcomeRevision = min(unit.members[position].outcomeRevision, revision)
            case .parked: unit.members[position].outcome = .nowhere
            case .refused, .gone: unit.members[position].outcome = .nothing
            case .staged:
                // Schedulers are told of reserved places too.
                unit.members[position].outcomeRevision = min(unit.members[position].outcomeRevision, revision)
                shadows.units[number] = unit
                continue
            default: continue
            }
            shadows.units[number] = unit
            guard unit.hasOutcome else { continue }
            switch unit.stage {
            case .queued: break
            case .handed where unit.members.allSatisfy { $0.outcome == .nothing }: giveUp(unit: number)
            case .handed: if unit.isDecided { answer(number) }
            case .answered: compare(number)
            }
        }
    }

    /// Lets the shadow forget a unit, and compares as soon as there is something to compare with.
    mutating func answer(_ number: Int) {
        guard var unit = shadows.units[number], unit.stage != .answered else { return }
        let wasHanded = unit.stage == .handed
        unit.stage = .answered
        shadows.units[number] = unit
        shadows.openUnits -= 1
        if wasHanded { withdraw(unit) }
        if unit.hasOutcome || unit.isGivenUp { compare(number) }
    }

    private mutating func withdraw(_ unit: ShadowBook.Unit) {
        let index = unit.shadow
        for member in unit.members {
            shadows.copies[member.copy] = nil
            switch member.shadow {
            case .node(let node), .preempt(let node):
                slots[index].answer(
                    Rejection(pod: member.copy, node: node, verdict: .gone, reason: "the pod was only a copy"), limits)
            case nil, .nothing: slots[index].withdrawals.append(member.copy)
            case .nowhere: break
            }
            slots[index].retold += member.victims
        }
    }

    /// Counts a unit of which both have said what they have to say.
    private mutating func compare(_ number: Int) {
        guard let unit = shadows.units.removeValue(forKey: number) else { return }
        for member in unit.members {
            shadows.unitOfPod[member.pod] = nil
            compare(member, of: unit)
        }
    }

    private mutating func compare(_ member: ShadowBook.Member, of unit: ShadowBook.Unit) {
        let pair = unit.pair
        shadows.pairs[pair].open -= 1
        if member.outcome == .nothing {
            shadows.pairs[pair].gone += 1
            return
        }
        if unit.isLate || (!unit.isGivenUp && member.seen >= member.outcomeRevision) {
            shadows.pairs[pair].late += 1
            return
        }
        guard !unit.isGivenUp, let decision = member.shadow, let outcome = member.outcome else {
            shadows.pairs[pair].undecided += 1
            return
        }
        shadows.pairs[pair].compared += 1
        switch (decision, outcome) {
        case (.node(let its), .node(let real)) where its == real: shadows.pairs[pair].agreed += 1
        case (.preempt(let its), .node(let real)) where its == real: shadows.pairs[pair].agreed += 1
        case (.nowhere, .nowhere): shadows.pairs[pair].agreed += 1
        case (.preempt, _): shadows.pairs[pair].wouldPreempt += 1
        case (.nowhere, _): shadows.pairs[pair].onlyScheduler += 1
        case _ where !member.fits: shadows.pairs[pair].wouldNotFit += 1
        case (_, .nowhere): shadows.pairs[pair].onlyShadow += 1
        default: shadows.pairs[pair].differed += 1
        }
        let record = pods[member.pod]
        guard record.boundAt >= 0 else { return }
        shadows.pairs[pair].shadowLatencies.append(member.decidedAt - record.arrived)
        shadows.pairs[pair].schedulerLatencies.append(record.boundAt - record.arrived)
    }
}
