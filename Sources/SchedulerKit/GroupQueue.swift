import BatchQueue
import ClusterModel
import Placement
import SchedulerProtocol

/// A member of a group that was placed.
struct PlacedMember {
    var pod: WirePod
    var demand: Demand
}

/// The groups of one scheduler that wait for their turn, and those that run, with the pods of each.
///
/// It translates: the protocol speaks of groups, pods and what happened to them, the queue of jobs and demands. It does no
/// input or output; the scheduler's process asks it what to start.
struct GroupQueue {
    /// A group that waits or runs.
    struct Entry {
        var group: NumberedGroup
        /// Members that wait to be placed together.
        var members: [PendingPod]
        var job: BatchJob
        /// Whether the dispatcher was told that it waits.
        var isOnHold = false
    }

    private(set) var queue: BatchQueue
    private var entries: [WireGroup: Entry] = [:]
    /// The pods of running groups, and what each takes.
    private var running: [WirePod: (group: WireGroup, demand: Demand)] = [:]
    /// Groups that came since the last decision.
    private var newcomers: [WireGroup] = []

    init(policy: QueuePolicy) { queue = BatchQueue(policy: policy) }

    var isWaiting: Bool { !queue.waiting.isEmpty }

    /// Whether a group is one for the queue: one of which it is known how long it will run.
    func takes(_ group: NumberedGroup) -> Bool { group.expectedSeconds != nil }

    // MARK: - What happens

    /// Takes note of a message that the mirror has applied already.
    mutating func take(_ message: DispatcherMessage, _ mirror: Mirror) {
        switch message {
        case .placed(_, let pods): find(pods, mirror)
        case .released(_, let pods): for pod in pods { release(pod) }
        case .rejected(let all): for rejection in all { takeBack(rejection.pod) }
        case .withdraw(let pods): withdraw(Set(pods), mirror)
        case .nodes: queue.noteChange()
        default: break
        }
    }

    /// Members of a group wait to be placed together; `demands` has what each takes.
    mutating func submit(_ group: NumberedGroup, _ members: [PendingPod], _ demands: [Demand], at now: Int) {
        var entry = entries[group.id] ?? Entry(group: group, members: [], job: job(of: group, at: now))
        queue.withdraw(group.id)
        entry.group = group
        // After a refusal members come again; after the loss of one, a new one comes alone.
        for (pod, demand) in zip(members, demands) where !entry.members.contains(where: { $0.pod == pod.pod }) {
            entry.members.append(pod)
            entry.job.demand += demand
        }
        entry.isOnHold = false
        entries[group.id] = entry
        newcomers.append(group.id)
        if entry.members.count >= group.group.minMember - group.bound { queue.submit(entry.job) }
    }

    private func job(of group: NumberedGroup, at now: Int) -> BatchJob {
        BatchJob(
            id: group.id, submitted: group.submitted ?? now, expected: (group.expectedSeconds ?? 0) * 1_000,
            demand: .zero)
    }

    /// Pods of groups that run already, of which a fresh process is told.
    private mutating func find(_ pods: [PlacedPod], _ mirror: Mirror) {
        var found: [WireGroup: Demand] = [:]
        for pod in pods {
            guard let id = pod.group, let group = mirror.group(id), takes(group), running[pod.pod] == nil,
                let index = mirror.classIndex(of: PendingPod(pod: pod.pod, template: pod.template))
            else { continue }
            let demand = Demand(mirror.cell.demand(of: index))
            running[pod.pod] = (id, demand)
            found[id, default: .zero] += demand
        }
        for (id, demand) in found.sorted(by: { $0.key < $1.key }) {
            guard let group = mirror.group(id) else { continue }
            var job = job(of: group, at: 0)
            job.demand = demand
            queue.found(job, endingAt: (group.started ?? 0) + job.expected)
        }
        queue.noteChange()
    }

    private mutating func release(_ pod: WirePod) {
        queue.noteChange()
        guard let place = running.removeValue(forKey: pod) else { return }
        queue.release(place.group, place.demand)
    }

    /// A placement was refused: what of the group may be tried again is handed over anew.
    private mutating func takeBack(_ pod: WirePod) {
        guard let place = running.removeValue(forKey: pod) else { return }
        queue.release(place.group, place.demand)
    }

    private mutating func withdraw(_ pods: Set<WirePod>, _ mirror: Mirror) {
        for pod in pods { release(pod) }
        for (id, entry) in entries where entry.members.contains(where: { pods.contains($0.pod) }) {
            var entry = entry
            for member in entry.members where pods.contains(member.pod) {
                guard let index = mirror.classIndex(of: member) else { continue }
                entry.job.demand -= Demand(mirror.cell.demand(of: index))
            }
            entry.members.removeAll { pods.contains($0.pod) }
            queue.withdraw(id)
            entries[id] = entry.members.isEmpty ? nil : entry
            if entry.members.count >= entry.group.group.minMember - entry.group.bound { queue.submit(entry.job) }
        }
    }

    // MARK: - What is to be done

    /// All that happened until now has been told.
    mutating func advance(to now: Int) { queue.advance(to: now) }

    /// The groups to be started now, in order. Each is answered by `started`, `putBack` or `giveUp`.
    mutating func decide(at now: Int, free: Demand, capacity: Demand) -> [Entry] {
        queue.decide(at: now, free: free, capacity: capacity).compactMap { entries[$0.id] }
    }

    /// A group was placed, with these of its members.
    mutating func started(_ id: WireGroup, _ placed: [PlacedMember]) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        var rest = entry.job.demand
        for member in placed {
            running[member.pod] = (id, member.demand)
            rest -= member.demand
        }
        if placed.count < entry.members.count { queue.release(id, rest) }
    }

    /// Groups that came since the last decision and ask for more than there is.
    func newcomers(over capacity: Demand) -> [Entry] {
        newcomers.compactMap { entries[$0] }.filter { !$0.job.demand.fits(in: capacity) }
    }

    /// Whether another group of the queue runs.
    func isRunning(besides id: WireGroup) -> Bool { queue.running.contains { $0.job.id != id } }

    /// The nodes have no room for a group although the sums said so: it waits until something changes.
    mutating func putBack(_ id: WireGroup) {
        guard let entry = entries[id] else { return }
        queue.putBack(entry.job, isMisfit: true)
    }

    /// A group that can never run is nobody's business here any more.
    mutating func forget(_ id: WireGroup) {
        entries[id] = nil
        queue.withdraw(id)
        queue.abandon(id)
    }

    /// The groups that wait and of which the dispatcher does not know it yet.
    mutating func takeNewlyHeld() -> [WireGroup] {
        defer { newcomers.removeAll(keepingCapacity: true) }
        return newcomers.filter { id in
            guard entries[id]?.isOnHold == false else { return false }
            entries[id]?.isOnHold = true
            return true
        }
    }
}
