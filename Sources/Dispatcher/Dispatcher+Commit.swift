import ClusterModel
import Placement
import SchedulerProtocol

/// The commit: every proposal is checked against the cell as it is now, and either counts or goes back.
extension Dispatcher {
    mutating func receive(_ message: SchedulerMessage, from index: Int, _ now: Instant) {
        guard slots[index].acceptsMessages else { return }
        slots[index].lastHeard = now
        slots[index].badBalance = max(0, slots[index].badBalance - 1)
        switch message.plausible(upTo: log.revision, limits) {
        case .ready(let ready): noteReady(index, ready, now)
        case .place(let revision, let proposals):
            var bindings: [Binding] = []
            for proposal in proposals {
                if ShadowBook.isCopy(proposal.pod) {
                    decideCopy(proposal.pod, .node(proposal.node), from: index, revision, now)
                    continue
                }
                commit(proposal, from: index, revision, &bindings, now)
            }
            if !bindings.isEmpty { directives.append(.bind(bindings)) }
        case .transaction(_, let revision, let proposals, let victims):
            if !proposals.isEmpty, proposals.allSatisfy({ ShadowBook.isCopy($0.pod) }) {
                decideCopies(proposals, from: index, revision, victims: victims, now)
            } else {
                commitAll(proposals, evicting: victims, from: index, revision, now)
            }
        case .unschedulable(let report): park(takeCopies(report, from: index, now), from: index, now)
        case .preempt(let revision, let copy, let node, let victims, _) where ShadowBook.isCopy(copy):
            decideCopy(copy, .preempt(node), from: index, revision, victims: victims, now)
        case .preempt(let revision, let pod, let node, let victims, let violations):
            preempt(pod, on: node, victims, violations: violations, from: index, revision, now)
        case .hold(let hold): keep(hold, from: index, now)
        case .explanation, .stats, .pong, .unknown: break
        }
    }

    /// Whether the pod is the scheduler's to decide; if not, says so to the scheduler.
    mutating func owns(_ pod: Int, _ index: Int, node: Int) -> Bool {
        if pods.records.indices.contains(pod), pods[pod].scheduler == Int32(index), pods[pod].isInHand {
            return true
        }
        if shadows.wasCopy(pod) { return false }
        slots[index].figures.notItsOwn += 1
        // A pod that was its own a moment ago is no fault: the message and the withdrawal crossed.
        let wasIts = pods.records.indices.contains(pod) && pods[pod].scheduler == Int32(index)
        if !wasIts { slots[index].badBalance += 1 }
        let reason: String =
            if !pods.records.indices.contains(pod) {
                "there is no pod \(pod)"
            } else if pods[pod].state == .bound {
                "the pod is bound already"
            } else {
                "the pod is not this scheduler's to place"
            }
        slots[index].answer(Rejection(pod: pod, node: node, verdict: .gone, reason: reason), limits)
        return false
    }

    private mutating func commit(
        _ proposal: ProposedPlacement, from index: Int, _ revision: Int?, _ bindings: inout [Binding], _ now: Instant
    ) {
        let pod = proposal.pod
        guard owns(pod, index, node: proposal.node) else { return }
        slots[index].lastDecision = now
        let devices: DeviceSet
        switch check(proposal, from: index) {
        case .failure(let refusal):
            refuse(pod, proposal.node, refusal.reason, from: index, revision, now)
            return
        case .success(let chosen): devices = chosen
        }
        if isMember(pod), groups[Int(pods[pod].group)].missing > 0 {
            stage(pod, on: proposal.node, devices, by: index, &bindings, now)
        } else {
            decided(pod, index)
            bind(pod, on: proposal.node, devices, by: index, &bindings, now)
        }
    }

    struct Refusal: Error {
        var reason: String
    }

    /// Whether a placement can be made now, and with which devices. The same predicates as the schedulers use.
    mutating func check(_ proposal: ProposedPlacement, from index: Int) -> Result<DeviceSet, Refusal> {
        guard nodes.node(proposal.node) != nil else {
            return .failure(Refusal(reason: "there is no node \(proposal.node)"))
        }
        let spec = pods[proposal.pod].spec
        let node = NodeIndex(proposal.node)
        let fit =
            cell.hasNominations
            ? cell.fitBesideNominated(spec, on: node, for: PodID(proposal.pod)) : cell.fit(spec, on: node)
        guard case .fits = fit else {
            let isKept = cell.hasNominations && cell.fit(spec, on: node).isFit
            let beside = isKept ? " beside pods nominated to the node" : ""
            return .failure(Refusal(reason: fit.reasons.map(\.message).joined(separator: ", ") + beside))
        }
        let wanted = DeviceSet(rawValue: proposal.devices)
        if !wanted.isEmpty {
            guard cell.fitDevices(spec, node, wanted) else {
                return .failure(Refusal(reason: "the GPU devices chosen are not free"))
            }
            return .success(wanted)
        }
        guard let chosen = cell.chooseDevices(spec, node) else {
            return .failure(Refusal(reason: "no GPU device is free"))
        }
        return .success(chosen)
    }

    /// Takes a pod out of its scheduler's hands, because it is decided.
    mutating func decided(_ pod: Int, _ index: Int) {
        if pods[pod].state == .assigned { slots[index].undecided -= 1 }
        slots[index].contention *= 1 - 1 / limits.contentionMemory
        slots[index].noteDecision()
    }

    mutating func bind(
        _ pod: Int, on node: Int, _ devices: DeviceSet, by index: Int, _ bindings: inout [Binding], _ now: Instant
    ) {
        seat(pod, on: node, devices: devices, by: index)
        announce(pod, by: index, &bindings, now)
    }

    /// Makes a pod that has its seat count as bound.
    mutating func announce(_ pod: Int, by index: Int, _ bindings: inout [Binding], _ now: Instant) {
        setState(pod, .bound)
        if isMember(pod) { noteBoundMember(of: Int(pods[pod].group), now) }
        pods[pod].boundAt = now.nanoseconds
        pods[pod].forgetTries()
        slots[index].noteProgress()
        if !messages.isEmpty { messages[pod] = nil }
        slots[index].figures.bound += 1
        latencies.append(now.nanoseconds - pods[pod].arrived)
        let record = pods[pod]
        bindings.append(
            Binding(pod: pod, node: Int(record.node), devices: record.devices.rawValue, scheduler: index))
        guard !slots[index].parking.isEmpty else { return }
        for follower in slots[index].parking.wakeFollowers(class: record.spec) { enqueue(follower, first: false) }
    }

    /// Gives a pod its place in the cell.
    mutating func seat(_ pod: Int, on node: Int, devices: DeviceSet, by index: Int) {
        cell.place(PodID(pod), class: pods[pod].spec, on: NodeIndex(node), devices: devices)
        noteSeat(pod, on: node, devices: devices, by: index)
    }

    /// Records a place that a pod has in the cell by now, for the schedulers to be told.
    mutating func noteSeat(_ pod: Int, on node: Int, devices: DeviceSet, by index: Int) {
        pods[pod].node = Int32(node)
        pods[pod].devices = devices
        if cell.hasNominations, let kept = cell.nominatedNode(of: PodID(pod)) {
            endNomination(pod, frees: kept != NodeIndex(node))
        }
        let revision = log.append(.placed(pod: pod, node: Int32(node), by: Int32(index)))
        nodes.writers[node].note(Int32(index), revision: revision)
        pendingWakes.notePlaced(pods[pod].spec)
    }

    /// Takes a pod's place in the cell away; doing it twice is harmless.
    mutating func unseat(_ pod: Int, by index: Int, wakesGroups: Bool = true) {
        let node = Int(pods[pod].node)
        guard node >= 0 else { return }
        _ = cell.release(PodID(pod))
        if !leaving.isEmpty { leaving.remove(pod) }
        let revision = log.append(.released(pod: pod, node: Int32(node), by: Int32(index)))
        nodes.writers[node].note(Int32(index), revision: revision)
        pods[pod].node = -1
        pods[pod].devices = []
        pendingWakes.note(.podReleased, wakesGroups: wakesGroups)
    }

    /// Sends a placement back: counts whose fault it was, and stops a pod that is refused again and again.
    ///
    /// `others` are pods that share its fate: the rest of its transaction.
    @discardableResult
    mutating func refuse(
        _ pod: Int, _ node: Int, _ reason: String, from index: Int, _ revision: Int?, _ now: Instant,
        others: [Int] = []
    ) -> Rejection.Verdict {
        // A conflict means that somebody else got on, so the cluster does too; mistakes alone could go on for ever.
        if countConflict(pod, node, index, revision) {
            pods[pod].conflicts = pods[pod].conflicts.addingClamped(1)
        } else {
            pods[pod].mistakes = pods[pod].mistakes.addingClamped(1)
        }
        let place = Int32(truncatingIfNeeded: node)
        pods[pod].refusals = pods[pod].refusedNode == place ? pods[pod].refusals &+ 1 : 1
        pods[pod].refusedNode = place
        let isLoop =
            Int(pods[pod].refusals) >= limits.refusalsPerNode || Int(pods[pod].mistakes) >= limits.mistakesPerPod
            || Int(pods[pod].conflicts) >= limits.conflictsPerPod
        let verdict: Rejection.Verdict = isLoop ? .gone : .retry
        let free = nodes.node(node) == nil ? [:] : cell.freeResources(of: NodeIndex(node))
        slots[index].answer(
            Rejection(pod: pod, node: node, verdict: verdict, reason: reason, free: free), limits)
        slots[index].refusals &+= 1
        slots[index].hasRoomBack = true
        if isLoop {
            slots[index].undecided -= ([pod] + others).count { pods[$0].state == .assigned }
            rest([pod] + others, "scheduler \(slots[index].name) keeps proposing what is refused: \(reason)", now)
        }
        return verdict
    }

    /// Counts a refusal as a conflict, or as the scheduler's own mistake; tells whether it was a conflict.
    private mutating func countConflict(_ pod: Int, _ node: Int, _ index: Int, _ revision: Int?) -> Bool {
        // It had read at least what it was told before it was given the pod, or the pod back, whatever it says.
        let seen = max(revision ?? 0, pods[pod].assignedRevision)
        guard nodes.writers.indices.contains(node) else {
            slots[index].figures.misplaced += 1
            slots[index].badBalance += 1
            return false
        }
        // Rules between pods can be broken by a commit on another node of the domain, so look at the whole log too.
        let writer = nodes.writers[node].other(than: Int32(index), after: seen) ?? lastOtherWriter(index, after: seen)
        guard let writer else {
            slots[index].figures.misplaced += 1
            return false
        }
        slots[index].figures.conflicts += 1
        slots[index].figures.conflictsWith[writer < 0 ? slots.count : Int(writer)] += 1
        noteMeeting(of: index, with: Int(writer))
        return true
    }

    private func lastOtherWriter(_ index: Int, after seen: Int) -> Int32? {
        var revision = log.revision
        // A scheduler that lags by more than this has conflicts with everybody; the newest is as good as any.
        let floor = max(seen, log.revision - limits.changesLookedThrough, log.revision - limits.changeLogLength + 1)
        while revision > floor {
            switch log[revision] {
            case .placed(_, _, let by), .released(_, _, let by): if by != Int32(index) { return by }
            case .node: return -1
            }
            revision -= 1
        }
        return nil
    }

    /// Lets pods that were refused too often wait, each time longer; after some rounds they are left pending.
    mutating func rest(_ tired: [Int], _ why: String, _ now: Instant) {
        guard let leader = tired.first else { return }
        let round = Int(pods[leader].rounds) + 1
        let wait = limits.refusalBackoffSeconds * Double(1 << min(round - 1, 16))
        let until = now.advanced(bySeconds: wait * Double.random(in: 0.5...1, using: &random))
        for pod in tired {
            messages[pod] = why
            pods[pod].refusals = 0
            pods[pod].mistakes = 0
            pods[pod].conflicts = 0
            pods[pod].refusedNode = -1
            pods[pod].rounds = UInt8(clamping: round)
            setState(pod, round <= limits.refusalRounds ? .resting : .held)
            if round <= limits.refusalRounds { resting.append((until, pod)) }
        }
    }

    mutating func giveBackRested(_ now: Instant) {
        guard resting.contains(where: { $0.until <= now }) else { return }
        let due = resting.filter { $0.until <= now }.map(\.pod)
        resting.removeAll { $0.until <= now }
        var dueGroups: [Int] = []
        for pod in due {
            setState(pod, .held)
            if isMember(pod), groups[Int(pods[pod].group)].missing > 0 {
                if dueGroups.last != Int(pods[pod].group) { dueGroups.append(Int(pods[pod].group)) }
            } else {
                send(pod, by: isMember(pod) ? groups[Int(pods[pod].group)].route : pods[pod].route, first: true)
            }
        }
        for group in dueGroups where groups[group].isComplete { enqueueGroup(group, first: true) }
    }
}
