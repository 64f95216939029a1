import ClusterModel
import Placement
import SchedulerProtocol

/// Pod groups: all or nothing, whether the scheduler proposes them in a transaction or one by one.
extension Dispatcher {
    /// Puts the members of a group that nobody has into its scheduler's queue, as one entry.
    mutating func enqueueGroup(_ group: Int, first: Bool = false) {
        let waiting = groups[group].members.filter {
            (pods[$0].state == .held || pods[$0].state == .parked) && !isTired($0)
        }
        guard let leader = waiting.first, !isHopeless(group, waiting) else { return }
        switch destination(of: groups[group].route, preferred: groups[group].shard, forGroup: true) {
        case .scheduler(let index, let fellBack):
            groups[group].shard = Int32(index)
            for pod in waiting {
                if pods[pod].scheduler != Int32(index) { slots[index].figures.routed += 1 }
                if fellBack { slots[index].figures.fellBack += 1 }
                pods[pod].scheduler = Int32(index)
                messages[pod] = nil
                setState(pod, .queued)
            }
            if first {
                slots[index].queue.prepend(.group(group), priority: pods[leader].priority)
            } else {
                slots[index].queue.append(.group(group), priority: pods[leader].priority)
            }
        case .wait(let index, let why):
            for pod in waiting {
                setState(pod, .held)
                messages[pod] = why
                if let index { slots[index].held.append(pod) }
            }
        case .refuse(let why):
            for pod in waiting {
                messages[pod] = why
                retire(pod, .refused)
            }
        }
    }

    /// Whether too many members have used up their tries for the group to come together; then the others wait too.
    private mutating func isHopeless(_ group: Int, _ waiting: [Int]) -> Bool {
        guard groups[group].missing > 0 else { return false }
        let tired = groups[group].members.count { pods[$0].state != .bound && isTired($0) }
        guard tired > 0, groups[group].members.count - groups[group].bound - tired < groups[group].missing else {
            return false
        }
        for pod in waiting {
            setState(pod, .held)
            messages[pod] = "too many members of pod group \(groups[group].key) were refused too often"
        }
        return true
    }

    /// Whether a pod was refused so often that it is not given out any more.
    func isTired(_ pod: Int) -> Bool { Int(pods[pod].rounds) > limits.refusalRounds }

    /// The tasks of a group of which too few members would be bound if these were too.
    private func shortTasks(_ group: Int, _ more: [Int]) -> [String: Int] {
        guard groups[group].hasTasks else { return [:] }
        return groups[group].shortTasks(groups[group].members.filter { pods[$0].state == .bound } + more)
    }

    /// Commits all of the proposals or none, and evicts the victims that must leave for them. Afterwards the group has at
    /// least `minMember` bound, and of each task what it needs, or as many as before.
    mutating func commitAll(
        _ proposals: [ProposedPlacement], evicting victims: [Int], from index: Int, _ revision: Int?, _ now: Instant
    ) {
        guard let fault = transactionFault(proposals, index) ?? victimFault(proposals, victims) else {
            place(proposals, evicting: victims, from: index, revision, now)
            return
        }
        slots[index].retold += victims.filter { pods.records.indices.contains($0) }
        for proposal in proposals where owns(proposal.pod, index, node: proposal.node) {
            slots[index].lastDecision = now
            refuse(proposal.pod, proposal.node, fault, from: index, revision, now)
        }
    }

    /// What is wrong with a transaction whatever the cell looks like, or nil.
    private func transactionFault(_ proposals: [ProposedPlacement], _ index: Int) -> String? {
        var members: [Int32: Set<Int>] = [:]
        for proposal in proposals {
            guard pods.records.indices.contains(proposal.pod), pods[proposal.pod].scheduler == Int32(index),
                pods[proposal.pod].isInHand
            else { return "the transaction has a pod that is not this scheduler's to place" }
            guard members[pods[proposal.pod].group, default: []].insert(proposal.pod).inserted else {
                return "the transaction has a pod twice"
            }
        }
        for (group, pods) in members where group >= 0 && groups[Int(group)].missing > pods.count {
            let record = groups[Int(group)]
            return "the transaction has \(pods.count) of the \(record.missing) members that pod group \(record.key) "
                + "still needs at once"
        }
        for (group, pods) in members where group >= 0 && groups[Int(group)].missing > 0 {
            guard let short = shortTasks(Int(group), Array(pods)).min(by: { $0.key < $1.key }) else { continue }
            return "the transaction leaves pod group \(groups[Int(group)].key) \(short.value) short of the members of "
                + "task \(short.key) that it needs at once"
        }
        return nil
    }

    private mutating func place(
        _ proposals: [ProposedPlacement], evicting victims: [Int], from index: Int, _ revision: Int?, _ now: Instant
    ) {
        if !proposals.isEmpty { slots[index].lastDecision = now }
        let leaving = takeOff(victims)
        // Seats are taken in the cell alone first: the log must not tell of a placement that is taken back.
        for (position, proposal) in proposals.enumerated() {
            switch check(proposal, from: index) {
            case .success(let devices):
                let pod = proposal.pod
                cell.place(PodID(pod), class: pods[pod].spec, on: NodeIndex(proposal.node), devices: devices)
                pods[pod].devices = devices
            case .failure(let refusal):
                for undone in proposals[..<position] {
                    _ = cell.release(PodID(undone.pod))
                    pods[undone.pod].devices = []
                }
                for victim in leaving { giveSeatBack(Int(victim.pod)) }
                slots[index].retold += victims
                takeBackTransaction(proposals, failing: position, refusal.reason, index, revision, now)
                return
            }
        }
        evict(leaving, for: proposals, by: index, now)
        var bindings: [Binding] = []
        for proposal in proposals {
            decided(proposal.pod, index)
            noteSeat(proposal.pod, on: proposal.node, devices: pods[proposal.pod].devices, by: index)
            announce(proposal.pod, by: index, &bindings, now)
        }
        if !bindings.isEmpty { directives.append(.bind(bindings)) }
    }

    /// Refuses a whole transaction because one of its placements no longer holds.
    private mutating func takeBackTransaction(
        _ proposals: [ProposedPlacement], failing: Int, _ reason: String, _ index: Int, _ revision: Int?,
        _ now: Instant
    ) {
        let culprit = proposals[failing]
        let others = proposals.enumerated().filter { $0.offset != failing }.map(\.element)
        let verdict = refuse(
            culprit.pod, culprit.node, reason, from: index, revision, now, others: others.map(\.pod))
        for other in others {
            slots[index].answer(
                Rejection(
                    pod: other.pod, node: other.node, verdict: verdict,
                    reason: "another placement of the transaction was refused"), limits)
        }
    }

    // MARK: - Staging, for schedulers that place members one by one

    /// Reserves a member's place; once enough are reserved, all of them count.
    mutating func stage(
        _ pod: Int, on node: Int, _ devices: DeviceSet, by index: Int, _ bindings: inout [Binding], _ now: Instant
    ) {
        let group = Int(pods[pod].group)
        decided(pod, index)
        seat(pod, on: node, devices: devices, by: index)
        setState(pod, .staged)
        if groups[group].staged.isEmpty { groups[group].stagedSince = now }
        groups[group].staged.append(pod)
        guard groups[group].staged.count >= groups[group].missing, shortTasks(group, groups[group].staged).isEmpty
        else {
            return
        }
        let staged = groups[group].staged
        groups[group].staged = []
        groups[group].failedStagings = 0
        for member in staged { announce(member, by: Int(pods[member].scheduler), &bindings, now) }
    }

    /// Gives one reserved place back.
    mutating func unstage(_ pod: Int) {
        groups[Int(pods[pod].group)].staged.removeAll { $0 == pod }
        unseat(pod, by: Int(pods[pod].scheduler), wakesGroups: !hasExhaustedStaging(pod))
    }

    /// Gives every reserved place of a group back; its members are held afterwards.
    mutating func unstageAll(_ group: Int) {
        guard !groups[group].staged.isEmpty else { return }
        groups[group].failedStagings += 1
        for pod in groups[group].staged {
            unseat(pod, by: Int(pods[pod].scheduler), wakesGroups: !hasExhaustedStaging(pod))
            setState(pod, .held)
        }
        groups[group].staged = []
    }

    /// Whether the pod's group has reserved in vain so often that its giving back no longer wakes groups: two groups that
    /// each hold what the other needs would wake each other for ever.
    func hasExhaustedStaging(_ pod: Int) -> Bool {
        isMember(pod) && groups[Int(pods[pod].group)].failedStagings > limits.refusalRounds
    }

    /// Gives reservations back whose group did not come together in time, and lets the group try again later.
    mutating func expireStaging(_ now: Instant) {
        guard stateCounts[Int(PodRecord.State.staged.rawValue)] > 0 else { return }
        for group in groups.records.indices where !groups[group].staged.isEmpty {
            let deadline = groups[group].stagedSince.advanced(bySeconds: limits.stagingSeconds)
            guard deadline <= now else { continue }
            let waited = groups[group].staged
            unstageAll(group)
            rest(waited, "its pod group did not come together in time", now)
        }
    }
}
