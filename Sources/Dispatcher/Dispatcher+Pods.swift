import ClusterModel
import Placement

/// How pods come, where they go, and how they leave.
extension Dispatcher {
    mutating func add(_ arrival: Arrival, _ now: Instant) {
        let record = PodRecord(
            state: .held, spec: use(arrival.sharedSpec), group: -1, scheduler: -1,
            priority: arrival.sharedSpec.priority, route: number(of: arrival.$route), arrived: now.nanoseconds)
        guard let pod = pods.append(record, key: arrival.key) else {
            note(.warning, nil, "pod \(arrival.key) arrived twice; the second is passed over")
            return
        }
        stateCounts[Int(record.state.rawValue)] += 1
        guard let key = arrival.group else {
            send(pod, by: record.route)
            return
        }
        let group = groups.number(of: key)
        pods[pod].group = Int32(group)
        groups[group].add(pod, task: arrival.task)
        if groups[group].route < 0 { groups[group].route = record.route }
        if groups[group].missing == 0 {
            send(pod, by: groups[group].route)
        } else if groups[group].isComplete {
            noteSubmitted(group, now)
            enqueueGroup(group)
        }
    }

    mutating func add(_ found: FoundPod, _ now: Instant) {
        guard let node = nodes.number(of: found.node) else {
            note(.error, nil, "pod \(found.key) stands on node \(found.node), which is not known; it is passed over")
            return
        }
        let spec = use(SharedSpec(found.spec))
        var record = PodRecord(
            state: .bound, spec: spec, group: -1, scheduler: -1, priority: found.spec.priority, route: -1,
            arrived: now.nanoseconds)
        let wanted = DeviceSet(rawValue: found.devices)
        record.node = Int32(node)
        record.wasFound = true
        record.devices = wanted.isEmpty ? cell.chooseDevices(spec, NodeIndex(node)) ?? [] : wanted
        guard let pod = pods.append(record, key: found.key) else {
            note(.warning, nil, "pod \(found.key) was found twice; the second is passed over")
            return
        }
        stateCounts[Int(record.state.rawValue)] += 1
        if let start = found.startSeconds { startTimes[pod] = start }
        if found.isPreempted { leaving.insert(pod) }
        if !found.isHealthy { budgets.unhealthy.insert(pod) }
        if let key = found.group {
            let group = groups.number(of: key)
            pods[pod].group = Int32(group)
            groups[group].add(pod, task: found.task)
            groups[group].bound += 1
        }
        seat(pod, on: node, devices: record.devices, by: -1)
    }

    /// The class of a spec. It is kept for good: schedulers know it by its number, which must never mean another.
    private mutating func use(_ spec: SharedSpec) -> ClassIndex {
        if let lastClass, lastClass.spec.isSame(as: spec) { return lastClass.number }
        let index = classNumbers[spec] ?? cell.register(spec.spec)
        classNumbers[spec] = index
        lastClass = (spec, index)
        return index
    }

    /// Pods that arrive together mostly go the same way.
    private mutating func number(of route: CopyOnWrite<PodRoute>) -> Int32 {
        if lastRoute >= 0, routes[Int(lastRoute)] == route { return lastRoute }
        if let number = routeNumbers[route] {
            lastRoute = number
        } else {
            routes.append(route)
            routeTargets.append(shards(ofSchedulerNamed: route.wrappedValue.scheduler))
            shadows.noteRoute(route.wrappedValue.shadow)
            lastRoute = Int32(routes.count - 1)
            routeNumbers[route] = lastRoute
        }
        return lastRoute
    }

    // MARK: - Routing

    /// The scheduler that a route leads to now; or why there is none.
    enum Destination {
        case scheduler(Int, fellBack: Bool)
        case wait(Int?, String)
        case refuse(String)
    }

    ///
    /// `preferred` is the shard that has the rest of the pod's group, or −1.
    mutating func destination(of number: Int32, preferred: Int32, forGroup: Bool = false) -> Destination {
        let preferred = Int(preferred)
        if preferred >= 0, slots[preferred].isAvailable, routeTargets[Int(number)].contains(preferred) {
            return .scheduler(preferred, fellBack: false)
        }
        if let shard = chooseShard(routeTargets[Int(number)], forGroup: forGroup) {
            return .scheduler(shard, fellBack: false)
        }
        let wanted = routeTargets[Int(number)].first
        let route = routes[Int(number)].wrappedValue
        let why =
            wanted.map { "scheduler \(route.scheduler) was given up: \(slots[$0].lastFailure)" }
            ?? "no scheduler named \(route.scheduler) is registered"
        switch route.unavailable {
        case .queue: return .wait(wanted, why)
        case .reject: return .refuse(why)
        case .fallback(let others):
            for name in others {
                if let other = chooseShard(shards(ofSchedulerNamed: name), forGroup: forGroup) {
                    return .scheduler(other, fellBack: true)
                }
            }
            return .wait(wanted, "\(why); nor is there any of its fallbacks (\(others.joined(separator: ", ")))")
        }
    }

    /// Puts a pod that no scheduler has into the queue of the one it is routed to.
    mutating func send(_ pod: Int, by route: Int32, first: Bool = false) {
        switch destination(of: route, preferred: isMember(pod) ? groups[Int(pods[pod].group)].shard : -1) {
        case .scheduler(let index, let fellBack):
            if pods[pod].scheduler != Int32(index) { slots[index].figures.routed += 1 }
            if fellBack { slots[index].figures.fellBack += 1 }
            pods[pod].scheduler = Int32(index)
            enqueue(pod, first: first)
        case .wait(let index, let why):
            setState(pod, .held)
            messages[pod] = why
            if let index { slots[index].held.append(pod) }
        case .refuse(let why):
            messages[pod] = why
            retire(pod, .refused)
        }
    }

    /// Puts a pod into the queue of the scheduler that it belongs to.
    mutating func enqueue(_ pod: Int, first: Bool) {
        setState(pod, .queued)
        let entry = PodQueue.Entry.pod(pod)
        let index = Int(pods[pod].scheduler)
        if first {
            slots[index].queue.prepend(entry, priority: pods[pod].priority)
        } else {
            slots[index].queue.append(entry, priority: pods[pod].priority)
        }
    }

    // MARK: - Leaving

    /// Takes a pod out of whatever it is in, because it was deleted or has ended.
    mutating func remove(_ pod: Int, _ now: Instant) {
        if pods[pod].state == .bound { unseat(pod, by: -1) } else { takeBack(pod) }
        leaveGroup(pod)
        retire(pod, .gone)
    }

    /// Takes an undecided pod from whoever has it; afterwards nobody will place it.
    mutating func takeBack(_ pod: Int) {
        let index = Int(pods[pod].scheduler)
        switch pods[pod].state {
        case .assigned:
            slots[index].undecided -= 1
            slots[index].withdrawals.append(pod)
        case .onHold:
            slots[index].withdrawals.append(pod)
        case .staged:
            unstage(pod)
        case .parked:
            slots[index].parking.remove(pod, class: pods[pod].spec)
        case .resting:
            resting.removeAll { $0.pod == pod }
        case .held where index >= 0:
            slots[index].held.removeAll { $0 == pod }
        default: break
        }
        setState(pod, .held)
    }

    func isMember(_ pod: Int) -> Bool { pods[pod].group >= 0 }

    /// Strikes a pod off its group, while its state still tells whether it counted as bound.
    mutating func leaveGroup(_ pod: Int) {
        guard isMember(pod) else { return }
        let group = Int(pods[pod].group)
        groups[group].members.removeAll { $0 == pod }
        if pods[pod].state == .bound { groups[group].bound -= 1 }
    }

    /// A pod that nothing more happens to.
    mutating func retire(_ pod: Int, _ state: PodRecord.State) {
        setState(pod, state)
        endNomination(pod, frees: true)
        guard state == .gone else { return }
        pods.forgetName(of: pod)
        startTimes[pod] = nil
    }
}
