import ClusterModel
import Placement
import SchedulerProtocol

/// Preemption across schedulers: the scheduler proposes victims, whoever placed them; the dispatcher arbitrates.
extension Dispatcher {
    mutating func preempt(
        _ pod: Int, on node: Int, _ victims: [Int], violations: Int?, from index: Int, _ revision: Int?, _ now: Instant
    ) {
        guard owns(pod, index, node: node) else { return }
        slots[index].lastDecision = now
        let arbiter = arbiter(over: victims.filter { pods.records.indices.contains($0) })
        if let fault = preemptionFault(pod, node, victims, arbiter) {
            refusePreemption(pod, node, victims, fault, from: index, revision, now)
            return
        }
        guard let needed = needed(victims, for: pod, on: node, arbiter) else {
            let fit = fitWithout(victims, pod, node)
            let reason = "even without the victims: \(fit.reasons.map(\.message).joined(separator: ", "))"
            refusePreemption(pod, node, victims, reason, from: index, revision, now)
            return
        }
        let broken = arbiter.budgetViolations(of: needed, in: cell)
        if let violations, broken > violations {
            let reason =
                "evicting the victims would break a disruption budget \(broken) times, not \(violations): others "
                + "have used it up"
            refusePreemption(pod, node, victims, reason, from: index, revision, now)
            return
        }
        // Its mirror took all of them off their nodes.
        let kept = Set(victims).subtracting(needed.map { Int($0) })
        slots[index].retold += kept.sorted()
        carryOut(needed.map { Int($0) }, for: pod, on: node, by: index, now)
    }

    private mutating func refusePreemption(
        _ pod: Int, _ node: Int, _ victims: [Int], _ reason: String, from index: Int, _ revision: Int?, _ now: Instant
    ) {
        slots[index].retold += victims.filter { pods.records.indices.contains($0) }
        // It has counted the evictions against its budgets.
        slots[index].budgetsChanged = true
        refuse(pod, node, reason, from: index, revision, now)
    }

    /// The victims without those that need not leave; nil where the pod does not fit even without all of them.
    private mutating func needed(
        _ victims: [Int], for pod: Int, on node: Int, _ arbiter: Preemption
    ) -> [PodID]? {
        guard nodes.node(node) != nil else { return nil }
        // The pod's own nomination must not stand in its way.
        let own = cell.endNomination(of: PodID(pod))
        defer { if let own { cell.nominate(PodID(pod), class: own.class, to: own.node) } }
        return arbiter.needed(
            victims.map { PodID($0) }, for: pods[pod].spec, on: NodeIndex(node), in: &cell)?.victims
    }

    /// Why a pod does not fit on a node even without the victims, for the scheduler's author.
    private mutating func fitWithout(_ victims: [Int], _ pod: Int, _ node: Int) -> Fit {
        for victim in victims { _ = cell.release(PodID(victim)) }
        let fit = cell.fitBesideNominated(pods[pod].spec, on: NodeIndex(node), for: PodID(pod))
        for victim in victims.reversed() {
            let record = pods[victim]
            cell.place(PodID(victim), class: record.spec, on: NodeIndex(record.node), devices: record.devices)
        }
        return fit
    }

    /// Evicts the victims and binds the pod. Where some of them are leaving already, the others leave too and the pod is
    /// nominated to the node: it gets the room once it is there.
    private mutating func carryOut(
        _ victims: [Int], for pod: Int, on node: Int, by index: Int, _ now: Instant
    ) {
        let awaited = victims.filter { cell.spec(of: pods[$0].spec).isTerminating }
        for victim in victims where !awaited.contains(victim) { evict(victim, by: index, for: pod, now) }
        decided(pod, index)
        endNominations(to: node, below: pods[pod].priority)
        guard awaited.isEmpty else {
            letWait(pod, for: awaited, on: node, by: index)
            return
        }
        let devices = cell.chooseDevices(pods[pod].spec, NodeIndex(node)) ?? []
        var bindings: [Binding] = []
        bind(pod, on: node, devices, by: index, &bindings, now)
        directives.append(.bind(bindings))
    }

    /// Lets a pod wait until its victims, which are leaving, have left.
    private mutating func letWait(_ pod: Int, for victims: [Int], on node: Int, by index: Int) {
        nominate(pod, to: node)
        let new = victims.filter { leaving.insert($0).inserted }
        if !new.isEmpty {
            for slot in slots.indices { slots[slot].retoldFacts += new }
        }
        slots[index].retold += victims
        slots[index].answer(
            Rejection(
                pod: pod, node: node, verdict: .gone, reason: "room is kept for it until its victims have left"), limits
        )
        setState(pod, .parked)
        let name = nodes.node(node)?.name ?? ""
        slots[index].parking.park(
            pod, class: pods[pod].spec, events: [.podReleased, .nodeAdded, .nodeAllocatable, .nodeRemoved],
            ownReasons: ["waits for \(victims.count) pods that are leaving node \(name)": 1])
    }

    private func preemptionFault(_ pod: Int, _ node: Int, _ victims: [Int], _ arbiter: Preemption) -> String? {
        // Looked at first: a number of any size is no index of a node.
        if nodes.node(node) == nil { return "there is no node \(node)" }
        if victims.isEmpty { return "a preemption needs victims" }
        if Set(victims).count != victims.count { return "a victim stands twice in the preemption" }
        if isMember(pod), groups[Int(pods[pod].group)].missing > 0 { return "a pod group preempts by a transaction" }
        if !cell.spec(of: pods[pod].spec).mayPreempt { return "the pod may not preempt: preemptionPolicy is Never" }
        let losing = Dictionary(victims.filter { pods.records.indices.contains($0) }.map { (pods[$0].group, 1) }) {
            $0 + $1
        }
        for victim in victims {
            guard pods.records.indices.contains(victim), pods[victim].state == .bound,
                pods[victim].node == Int32(truncatingIfNeeded: node)
                    || arbiter.groupOf[PodID(victim)].flatMap({ arbiter.groups[$0]?.goesWhole }) == true
            else { return "victim \(victim) is not on the node" }
            if pods[victim].priority >= pods[pod].priority {
                return "victim \(pods.keys[victim]) has priority \(pods[victim].priority), not below "
                    + "\(pods[pod].priority)"
            }
            if let number = arbiter.groupOf[PodID(victim)], let group = arbiter.groups[number],
                !group.mayLose(losing[number] ?? 0)
            {
                return "victim \(pods.keys[victim]) would leave its pod group below minMember"
            }
        }
        return nil
    }

    mutating func giveSeatBack(_ victim: Int) {
        let record = pods[victim]
        cell.place(PodID(victim), class: record.spec, on: NodeIndex(record.node), devices: record.devices)
    }

    /// Pushes a pod off its node. One that this run placed is queued again, as its controller would make it anew; one that
    /// stood there before is gone.
    mutating func evict(_ victim: Int, by index: Int, for pod: Int, _ now: Instant) {
        directives.append(
            .evict([Eviction(pod: victim, node: Int(pods[victim].node), preemptor: pod)]))
        slots[index].figures.evictions += 1
        unseat(victim, by: index)
        if isMember(victim) { groups[Int(pods[victim].group)].bound -= 1 }
        guard !pods[victim].wasFound else {
            if isMember(victim) { groups[Int(pods[victim].group)].members.removeAll { $0 == victim } }
            retire(victim, .gone)
            return
        }
        pods[victim].boundAt = -1
        setState(victim, .held)
        if !isMember(victim) {
            send(victim, by: pods[victim].route)
        } else if groups[Int(pods[victim].group)].missing > 0 {
            enqueueGroup(Int(pods[victim].group))
        } else {
            send(victim, by: groups[Int(pods[victim].group)].route)
        }
    }
}
