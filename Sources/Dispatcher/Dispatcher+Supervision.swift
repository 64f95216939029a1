import ClusterModel
import SchedulerProtocol

/// Starting, watching, restarting and stopping the schedulers' processes.
extension SchedulerSlot {
    /// Whether the process that sent a message is one that may still be listened to.
    var acceptsMessages: Bool {
        switch phase {
        case .greeted, .ready, .draining, .stopping: true
        default: false
        }
    }

    /// When the supervisor wants to look at this scheduler again.
    func deadlines(_ limits: Limits, isHurried: Bool) -> [Instant] {
        switch phase {
        case .starting(let since), .greeted(let since): return [since.advanced(bySeconds: limits.handshakeSeconds)]
        case .ready:
            var times = [
                lastPing.advanced(bySeconds: limits.heartbeatSeconds),
                lastHeard.advanced(bySeconds: limits.silenceSeconds),
            ]
            if undecided > 0 { times.append(lastDecision.advanced(bySeconds: limits.decisionSeconds)) }
            if let newsSince { times.append(newsSince.advanced(bySeconds: limits.newsDelaySeconds)) }
            return times
        case .draining(let since), .stopping(let since): return [since.advanced(bySeconds: limits.drain(isHurried))]
        case .dying(_, let since): return [since.advanced(bySeconds: limits.killSeconds)]
        case .backingOff(let until), .broken(let until): return [until]
        case .stopped: return []
        }
    }

    /// A pod was decided, whatever came of it: more may be in hand at once again.
    mutating func noteDecision() {
        if windowLimit < window { windowLimit *= 2 }
    }

    /// A pod got its node, which alone is progress: to say that nothing fits, or to keep pods, can go on for ever.
    mutating func noteProgress() {
        hasProgressed = true
        crashStreak = 0
        if !setAside.isEmpty { setAside = [] }
    }

    /// Lets time not count in which nobody listened.
    mutating func forgive(_ nanoseconds: Int64) {
        lastHeard = lastHeard.advanced(byNanoseconds: nanoseconds)
        lastDecision = lastDecision.advanced(byNanoseconds: nanoseconds)
        func later(_ since: Instant) -> Instant { since.advanced(byNanoseconds: nanoseconds) }
        switch phase {
        case .starting(let since): phase = .starting(since: later(since))
        case .greeted(let since): phase = .greeted(since: later(since))
        case .draining(let since): phase = .draining(since: later(since))
        case .stopping(let since): phase = .stopping(since: later(since))
        case .dying(let reason, let since): phase = .dying(reason: reason, since: later(since))
        case .ready, .backingOff, .broken, .stopped: break
        }
    }
}

extension Dispatcher {
    /// The process runs: says hello.
    mutating func greet(_ index: Int, _ now: Instant) {
        guard case .starting = slots[index].phase else { return }
        slots[index].phase = .greeted(since: now)
        slots[index].lastHeard = now
        let registration = slots[index].registration
        let hello = Hello(
            scheduler: registration.name, shard: registration.shard, shards: registration.shards,
            seed: registration.seed, protectsPlacedSpread: limits.protectsPlacedSpread,
            config: registration.config)
        directives.append(.send(scheduler: index, .hello(hello)))
    }

    mutating func noteReady(_ index: Int, _ ready: Ready, _ now: Instant) {
        guard case .greeted = slots[index].phase else { return }
        guard ready.version == SchedulerProtocol.version else {
            kill(index, "speaks protocol version \(ready.version), not \(SchedulerProtocol.version)", now)
            return
        }
        let wanted = min(ready.window, slots[index].registration.window ?? Int.max)
        slots[index].window = min(max(wanted, 1), limits.maxWindow)
        slots[index].capabilities = ready.capabilities
        slots[index].phase = .ready
        slots[index].lastPing = now
        slots[index].lastDecision = now
        slots[index].hasProgressed = false
        slots[index].readySince = now
        if firstReady == nil { firstReady = now }
        slots[index].figures.timesReady += 1
        sendSnapshot(index)
        let held = slots[index].held
        slots[index].held = []
        requeue(held, first: false)
    }

    mutating func noteBadLine(_ index: Int, _ reason: String) {
        guard slots[index].acceptsMessages else { return }
        slots[index].figures.badLines += 1
        slots[index].badBalance += 1
        if slots[index].figures.badLines == 1 {
            note(.warning, index, "sent a line that is no message: \(reason)")
        }
    }

    mutating func notePendingOutput(_ index: Int, _ bytes: Int) {
        slots[index].outputBytes = bytes
    }

    /// Looks at every scheduler's deadlines.
    mutating func superviseAll(_ now: Instant) {
        for index in slots.indices {
            switch slots[index].phase {
            case .starting(let since), .greeted(let since):
                guard since.advanced(bySeconds: limits.handshakeSeconds) <= now else { break }
                kill(index, "was not ready within \(limits.handshakeSeconds) s", now)
            case .ready: watch(index, now)
            case .draining(let since), .stopping(let since):
                guard since.advanced(bySeconds: limits.drain(isHurried)) <= now else { break }
                kill(index, "did not stop within \(limits.drain(isHurried)) s", now)
            case .backingOff(let until), .broken(let until):
                guard until <= now, !isShuttingDown else { break }
                slots[index].phase = .starting(since: now)
                slots[index].figures.restarts += 1
                directives.append(.start(scheduler: index))
            case .dying(_, let since):
                guard since.advanced(bySeconds: limits.killSeconds) <= now else { break }
                let text = "did not end within \(limits.killSeconds) s of being killed; it is left to the system"
                note(.error, index, text)
                noteExit(index, "could not be killed", now)
            case .stopped: break
            }
            if slots[index].acceptsMessages, slots[index].badBalance >= limits.badLineBalance {
                kill(index, "sent \(limits.badLineBalance) bad lines more than good ones", now)
            }
        }
    }

    private mutating func watch(_ index: Int, _ now: Instant) {
        if slots[index].outputBytes > limits.outputLimitBytes || !log.reaches(slots[index].cursor)
            || hasTooMuchToHear(index)
        {
            kill(index, "does not read what it is sent", now)
        } else if slots[index].lastHeard.advanced(bySeconds: limits.silenceSeconds) <= now {
            kill(index, "gave no sign of life for \(limits.silenceSeconds) s", now)
        } else if slots[index].undecided > 0,
            slots[index].lastDecision.advanced(bySeconds: limits.decisionSeconds) <= now
        {
            let pods = slots[index].undecided
            kill(index, "decided nothing for \(limits.decisionSeconds) s with \(pods) pods at hand", now)
        } else if slots[index].lastPing.advanced(bySeconds: limits.heartbeatSeconds) <= now {
            slots[index].pings += 1
            slots[index].lastPing = now
            directives.append(.send(scheduler: index, .ping(slots[index].pings)))
            slots[index].isClockDue = true
        }
    }

    /// Whether more waits to be told, beside what is in its pipe, than is kept for one that does not read.
    private func hasTooMuchToHear(_ index: Int) -> Bool {
        let slot = slots[index]
        return slot.isDeaf || slot.withdrawals.count + slot.retold.count > limits.withdrawalsKept
    }

    /// Lets time not count in which nobody listened to the schedulers.
    mutating func forgive(_ nanoseconds: Int64) {
        for index in slots.indices { slots[index].forgive(nanoseconds) }
        guard stateCounts[Int(PodRecord.State.staged.rawValue)] > 0 else { return }
        for group in groups.records.indices where !groups[group].staged.isEmpty {
            groups[group].stagedSince = groups[group].stagedSince.advanced(byNanoseconds: nanoseconds)
        }
    }

    mutating func kill(_ index: Int, _ reason: String, _ now: Instant) {
        note(.error, index, "\(reason); it is killed")
        slots[index].phase = .dying(reason: reason, since: now)
        directives.append(.kill(scheduler: index))
    }

    /// The process has ended: its pods go back into the queue, and it is started again, later each time.
    mutating func noteExit(_ index: Int, _ reason: String, _ now: Instant) {
        let before = slots[index].phase
        switch before {
        case .backingOff, .broken, .stopped: return
        default: break
        }
        var why = reason
        if case .dying(let cause, _) = before { why = cause }
        let inHand = slots[index].assigned.filter { pods[$0].isInHand && pods[$0].scheduler == Int32(index) }
        let orphans = inHand.filter { pods[$0].state == .assigned }
        let hadCopies = slots[index].copiesInHand > 0
        let lived = slots[index].readySince.map { now.seconds(since: $0) } ?? 0
        if shadows.isActive { loseCopies(of: index) }
        slots[index].forgetProcess()
        slots[index].figures.lastExit = why
        if case .stopping = before {
            slots[index].phase = .stopped
            requeue(orphans, first: true)
            return
        }
        if isShuttingDown {
            slots[index].phase = .stopped
            requeue(orphans, first: true)
            return
        }
        slots[index].lastFailure = why
        // One that ran for long is no loop of crashes, although there may have been nothing to place.
        if lived >= limits.breakSeconds { slots[index].crashStreak = 0 }
        slots[index].crashStreak = slots[index].hasProgressed ? 0 : slots[index].crashStreak + 1
        if slots[index].crashStreak == 0 {
            slots[index].windowLimit = .max
        } else {
            slots[index].windowLimit = 1
            // A copy may be what it died of.
            if !hadCopies { blame(orphans, index, why) }
        }
        slots[index].hasProgressed = false
        planRestart(index, why, now)
        requeue(inHand.filter { pods[$0].isInHand }, first: true)
    }

    /// A pod that was alone in the hands of a scheduler when it crashed, more than once, is what crashes it.
    private mutating func blame(_ orphans: [Int], _ index: Int, _ why: String) {
        guard orphans.count == 1, let pod = orphans.first else { return }
        pods[pod].crashes &+= 1
        guard Int(pods[pod].crashes) >= limits.crashesBeforePodIsSetAside else { return }
        messages[pod] =
            "set aside: scheduler \(slots[index].name) ended \(pods[pod].crashes) times with this pod "
            + "alone in hand (\(why))"
        setState(pod, .held)
        slots[index].setAside.append(pod)
        note(.error, index, "pod \(pods.keys[pod]) is set aside: the scheduler ends whenever it gets it")
    }

    private mutating func planRestart(_ index: Int, _ why: String, _ now: Instant) {
        let streak = slots[index].crashStreak
        if streak >= limits.crashesBeforeBreak {
            slots[index].phase = .broken(until: now.advanced(bySeconds: limits.breakSeconds))
            note(.error, index, "given up after \(streak) ends in a row without a decision: \(why)")
            slots[index].figures.timesGivenUp += 1
            let waiting = slots[index].queue.removeAll()
            reroute(waiting, from: index)
            return
        }
        // Also after progress: a program that ends at once must not be started in a tight loop, whatever ended it.
        let wait = min(limits.backoffSeconds * Double(1 << min(max(0, streak - 1), 30)), limits.maxBackoffSeconds)
        slots[index].phase = .backingOff(
            until: now.advanced(bySeconds: wait * Double.random(in: 0.5...1, using: &random)))
        if streak > 0 { note(.warning, index, "ended (\(why)); it is started again") }
    }

    /// Sends what waited for a scheduler that was given up where its policy says.
    private mutating func reroute(_ waiting: [PodQueue.Entry], from index: Int) {
        for entry in waiting {
            switch entry {
            case .pod(let pod):
                guard pods[pod].state == .queued, pods[pod].scheduler == Int32(index) else { continue }
                requeue([pod], first: false)
            case .group(let group):
                requeue(groups[group].members.filter { pods[$0].state == .queued }, first: false)
            }
        }
        // It ended at every pod, so it was not their fault; another may well place them.
        let blamed = slots[index].setAside.filter { pods[$0].state == .held && pods[$0].scheduler == Int32(index) }
        slots[index].setAside = []
        for pod in blamed {
            pods[pod].crashes = 0
            messages[pod] = nil
        }
        requeue(blamed, first: false)
        let parked = slots[index].parking.removeAll()
        requeue(parked.pods, first: false)
        requeue(parked.groups.flatMap { groups[$0].members.filter { pods[$0].state == .parked } }, first: false)
    }

    /// Puts pods that nobody has any more back into a queue, in order; members of a group that is not running go back as
    /// a group.
    mutating func requeue(_ orphans: [Int], first: Bool) {
        var whole: [Int] = []
        for pod in first ? orphans.reversed() : orphans {
            setState(pod, .held)
            if isMember(pod), groups[Int(pods[pod].group)].missing > 0 {
                if !whole.contains(Int(pods[pod].group)) { whole.append(Int(pods[pod].group)) }
            } else {
                send(pod, by: isMember(pod) ? groups[Int(pods[pod].group)].route : pods[pod].route, first: first)
            }
        }
        for group in whole {
            unstageAll(group)
            if groups[group].isComplete { enqueueGroup(group, first: first) }
        }
    }

    /// Lets every scheduler finish what it has, then stops it.
    mutating func shutDown(_ now: Instant) {
        for index in slots.indices {
            switch slots[index].phase {
            case .ready:
                let isIdle = slots[index].undecided == 0 || isHurried
                slots[index].phase = isIdle ? .stopping(since: now) : .draining(since: now)
                directives.append(.send(scheduler: index, isIdle ? .stop : .drain))
            case .draining where slots[index].undecided == 0 || isHurried:
                slots[index].phase = .stopping(since: now)
                directives.append(.send(scheduler: index, .stop))
            case .starting, .greeted: kill(index, "no longer needed", now)
            case .backingOff, .broken: slots[index].phase = .stopped
            default: break
            }
        }
    }
}
