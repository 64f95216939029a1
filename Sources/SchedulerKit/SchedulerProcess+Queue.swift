import BatchQueue
import ClusterModel
import Placement
import SchedulerProtocol

/// Groups that wait for their turn in a queue of the scheduler's own.
extension SchedulerProcess {
    /// Puts a group into the queue, if the scheduler has one and it is a group for it.
    mutating func enqueue(_ members: [PendingPod], of id: WireGroup) -> Bool {
        guard let numbered = mirror.group(id), queue?.takes(numbered) == true,
            let classes = classes(of: members, numbered)
        else { return false }
        queue?.submit(numbered, members, classes.map { Demand(mirror.cell.demand(of: $0)) }, at: clock)
        return true
    }

    /// Starts the groups whose turn it is, and says which of the new ones wait.
    mutating func startJobs(at now: Int) {
        clock = now
        queue?.advance(to: now)
        guard queue?.isWaiting == true else { return }
        sendProposals()
        sendHopeless()
        let capacity = Demand(mirror.cell.totals().offered)
        for entry in queue?.newcomers(over: capacity) ?? [] { giveUp(entry) }
        var isSettled = false
        while !isSettled {
            isSettled = true
            let free = Demand(mirror.cell.totals().free)
            for entry in queue?.decide(at: now, free: free, capacity: capacity) ?? [] {
                if !start(entry) { isSettled = false }
            }
        }
        let held = queue?.takeNewlyHeld() ?? []
        guard !held.isEmpty, let policy = algorithm?.queuePolicy else { return }
        send(.hold(Hold(groups: held, reason: "waits for its turn in the batch queue (policy \(policy.rawValue))")))
    }

    /// Reports a group that cannot run on these nodes, for the same reasons as one that is in no queue.
    private mutating func giveUp(_ entry: GroupQueue.Entry) {
        queue?.forget(entry.group.id)
        guard let classes = classes(of: entry.members, entry.group) else { return }
        giveUp(entry.members, Set(classes), of: entry.group)
    }

    /// Places a group whose turn it is; false where the nodes have no room for it, whatever the sums say.
    private mutating func start(_ entry: GroupQueue.Entry) -> Bool {
        let id = entry.group.id
        guard let classes = classes(of: entry.members, entry.group) else { return true }
        guard place(entry.members, classes, of: entry.group) else {
            // While others of the queue run, their end may help; with none it is the nodes that are wrong for it.
            if queue?.isRunning(besides: id) == true { queue?.putBack(id) } else { giveUp(entry) }
            return false
        }
        // Members beyond the least number may have found no room.
        let seated = zip(entry.members, classes).filter { mirror.cell.placement(of: PodID($0.0.pod)) != nil }
        queue?.started(
            id, seated.map { PlacedMember(pod: $0.0.pod, demand: Demand(mirror.cell.demand(of: $0.1))) })
        return true
    }
}
