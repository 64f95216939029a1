import ClusterModel
import SchedulerProtocol

/// Schedulers that keep a queue of their own: batch schedulers that look at all waiting jobs to choose the next.
///
/// What such a scheduler holds is still its own, takes no place in its window, and is not waited for. It learns the time
/// and, after a restart, what runs since when, because it plans by them.
extension PodRecord {
    /// Whether the scheduler may place the pod now: it is undecided, or kept for later.
    var isInHand: Bool { state == .assigned || state == .onHold }
}

extension Dispatcher {
    /// Lets a scheduler keep pods for later. Saying it again changes the reason alone.
    mutating func keep(_ hold: Hold, from index: Int, _ now: Instant) {
        for pod in hold.pods where owns(pod, index, node: -1) {
            messages[pod] = hold.reason
            putOnHold(pod, index, now)
        }
        for group in Set(hold.groups).sorted() where !shadows.wasCopy(group) {
            guard groups.records.indices.contains(group) else {
                slots[index].badBalance += 1
                continue
            }
            for pod in groups[group].members where pods[pod].scheduler == Int32(index) {
                groups[group].holdReason = hold.reason
                putOnHold(pod, index, now)
            }
        }
    }

    /// A pod on hold is no progress: a scheduler that takes pods in, says so and crashes each time must be given up.
    private mutating func putOnHold(_ pod: Int, _ index: Int, _ now: Instant) {
        guard pods[pod].state == .assigned else { return }
        slots[index].lastDecision = now
        slots[index].undecided -= 1
        setState(pod, .onHold)
    }

    /// Counts the pods that each scheduler keeps.
    mutating func noteHold(_ pod: Int, leaving old: PodRecord.State, entering new: PodRecord.State) {
        guard old == .onHold || new == .onHold, old != new else { return }
        slots[Int(pods[pod].scheduler)].onHold += new == .onHold ? 1 : -1
    }

    // MARK: - Time

    /// The workload's clock, in milliseconds.
    func clockMilliseconds(_ now: Instant) -> Int { Int((workloadClock ?? now).nanoseconds / 1_000_000) }

    /// Tells a scheduler with a queue that it knows all that happened until now.
    ///
    /// It is told with news, and with every ping, so that it can plan by time alone. Pings go by the real clock, so where the
    /// workload has a clock of its own, which stands still between news, they are no occasion: a run would not repeat.
    mutating func tellClock(_ index: Int, _ now: Instant, isNews: Bool) {
        let isDue = slots[index].isClockDue && workloadClock == nil
        slots[index].isClockDue = false
        guard isNews || isDue, slots[index].capabilities.contains(.hold) else { return }
        send(index, .clock(clockMilliseconds(now)))
    }

    /// Notes when a group had enough members for the first time.
    mutating func noteSubmitted(_ group: Int, _ now: Instant) {
        if groups[group].submitted == nil { groups[group].submitted = clockMilliseconds(now) }
    }

    /// Counts a member that is bound, and notes when the first was.
    mutating func noteBoundMember(of group: Int, _ now: Instant) {
        groups[group].bound += 1
        if groups[group].started == nil { groups[group].started = clockMilliseconds(now) }
    }

    // MARK: - Describing groups

    /// A group as a scheduler is told of it; nil where it was never declared.
    func numbered(_ group: Int, for index: Int) -> NumberedGroup? {
        guard let declared = groups[group].group else { return nil }
        var described = NumberedGroup(
            id: group, group: declared, bound: groups[group].bound + groups[group].finished,
            tasks: missingTasks(of: group, for: index))
        if !declared.minResources.isEmpty { described.group.minResources = missingResources(of: group) }
        if slots[index].capabilities.contains(.hold) {
            described.submitted = groups[group].submitted
            described.expectedSeconds = declared.expectedRunSeconds
            described.started = groups[group].started
        }
        return described
    }

    /// Describes the groups that run to a fresh process that plans by when they end; the groups described.
    mutating func describeRunning(to index: Int) -> Set<Int> {
        guard slots[index].capabilities.contains(.hold) else { return [] }
        let running = groups.records.indices.filter { groups[$0].bound > 0 && groups[$0].group != nil }
        for start in stride(from: 0, to: running.count, by: limits.podsPerMessage) {
            let chunk = running[start..<min(start + limits.podsPerMessage, running.count)]
            send(index, .groups(chunk.compactMap { numbered($0, for: index) }))
        }
        return Set(running)
    }
}
