import ClusterModel
import Placement
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// A dispatcher with schedulers that exist in memory alone: a seeded clock and seeded mischief instead of processes.
///
/// Keeps its own books of who stands where, from the directives alone, and holds every binding to them.
struct VirtualCluster {
    var dispatcher: Dispatcher
    var schedulers: [VirtualScheduler]
    var now = Instant.start
    var random: SeededGenerator
    /// Messages under way to the dispatcher, by scheduler.
    private var inbound: [[SchedulerMessage]]
    private var starting: Set<Int> = []
    private var killed: Set<Int> = []
    /// Pods on nodes, by pod number, as the directives tell it.
    private(set) var seats: [Int: Int] = [:]
    private var load: [Int: Int64] = [:]
    private(set) var bindings = 0
    private(set) var evictions = 0
    /// How often each scheduler was started, and each pod given out.
    private(set) var starts: [Int]
    private(set) var handouts: [Int: Int] = [:]
    /// Elements of the lists sent to each scheduler.
    private(set) var told: [Int]
    let capacity: Int64

    init(seed: UInt64, names: [String], nodes: Int, capacity: Int64, limits: Limits = .quick, mischief: Int) {
        self.random = SeededGenerator(seed: seed)
        self.capacity = capacity
        self.dispatcher = Dispatcher(
            schedulers: VirtualCluster.registrations(names), limits: limits, seed: seed)
        self.schedulers = names.map { VirtualScheduler(mischief: mischief, placesGroups: $0 != "single") }
        self.inbound = names.map { _ in [] }
        self.starts = names.map { _ in 0 }
        self.told = starts
        for index in 0..<nodes {
            dispatcher.handle(.nodeChanged(VirtualCluster.node("node-\(index)", capacity)), at: now)
        }
    }

    /// A registration for each name; one that comes several times is a scheduler of so many processes.
    static func registrations(_ names: [String]) -> [Registration] {
        names.indices.map { index in
            var registration = Registration(name: names[index])
            registration.shard = names[..<index].count { $0 == names[index] }
            registration.shards = names.count { $0 == names[index] }
            return registration
        }
    }

    /// One step of the world, chosen by the seed: a message arrives, a process dies, a scheduler thinks, time passes.
    mutating func step() {
        now = Instant(nanoseconds: now.nanoseconds + Int64.random(in: 0...5_000_000, using: &random))
        let index = Int.random(in: schedulers.indices, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50:
            if !inbound[index].isEmpty, !killed.contains(index) {
                dispatcher.handle(.received(scheduler: index, inbound[index].removeFirst()), at: now)
            }
        case 50..<90: inbound[index] += schedulers[index].think(&random)
        case 90..<94 where schedulers[index].mischief > 0:
            dispatcher.handle(.badLine(scheduler: index, reason: "x"), at: now)
        case 94 where schedulers[index].mischief > 0: die(index)
        default: dispatcher.handle(.tick, at: now)
        }
        if let due = killed.first, Bool.random(using: &random) { die(due) }
        if let ready = starting.first, Bool.random(using: &random) {
            starting.remove(ready)
            dispatcher.handle(.started(scheduler: ready), at: now)
        }
        flush()
    }

    /// Everybody behaves from now on.
    mutating func calm() {
        for index in schedulers.indices { schedulers[index].mischief = 0 }
    }

    mutating func submit(_ event: Event) {
        dispatcher.handle(event, at: now)
        flush()
    }

    private mutating func die(_ index: Int) {
        killed.remove(index)
        guard schedulers[index].isRunning else { return }
        schedulers[index] = VirtualScheduler(
            mischief: schedulers[index].mischief, placesGroups: schedulers[index].placesGroups)
        inbound[index] = []
        dispatcher.handle(.exited(scheduler: index, reason: "died"), at: now)
    }

    private mutating func count(_ message: DispatcherMessage, to index: Int) {
        switch message {
        case .pods(let pods, _):
            for pod in pods { handouts[pod.pod, default: 0] += 1 }
            told[index] += pods.count
        case .placed(_, let pods): told[index] += pods.count
        case .released(_, let pods), .withdraw(let pods): told[index] += pods.count
        case .rejected(let all): told[index] += all.count
        default: told[index] += 1
        }
    }

    private mutating func flush() {
        for directive in dispatcher.flush(at: now) {
            switch directive {
            case .start(let index):
                schedulers[index].isRunning = true
                starts[index] += 1
                starting.insert(index)
            case .kill(let index): killed.insert(index)
            case .send(let index, let message):
                count(message, to: index)
                schedulers[index].receive(message)
            case .bind(let all): for binding in all { note(binding) }
            case .evict(let all):
                for eviction in all {
                    evictions += 1
                    #expect(seats[eviction.pod] == eviction.node, "an evicted pod stands where it is evicted")
                    leave(eviction.pod)
                }
            case .note: break
            }
        }
    }

    private mutating func note(_ binding: Binding) {
        bindings += 1
        #expect(seats[binding.pod] == nil, "pod \(binding.pod) is bound twice")
        #expect(dispatcher.pods[binding.pod].scheduler == Int32(binding.scheduler))
        seats[binding.pod] = binding.node
        load[binding.node, default: 0] += milli(binding.pod)
        #expect(load[binding.node] ?? 0 <= capacity, "node \(binding.node) is over capacity")
    }

    private mutating func leave(_ pod: Int) {
        guard let node = seats.removeValue(forKey: pod) else { return }
        load[node, default: 0] -= milli(pod)
    }

    /// A node leaves with all that stands on it, and another joins.
    mutating func replaceNode(_ number: Int, by name: String) {
        guard let old = dispatcher.nodeName(number) else { return }
        for pod in seats.filter({ $0.value == number }).keys { leave(pod) }
        submit(.nodeRemoved(name: old))
        submit(.nodeChanged(VirtualCluster.node(name, capacity)))
    }

    static func node(_ name: String, _ capacity: Int64) -> Node {
        Node(
            metadata: ObjectMeta(name: name),
            allocatable: ["cpu": Quantity(milli: capacity), "memory": Quantity(64 << 30)])
    }

    mutating func delete(_ key: ObjectKey) {
        if let pod = dispatcher.number(of: key) { leave(pod) }
        submit(.podRemoved(key))
    }

    private func milli(_ pod: Int) -> Int64 {
        dispatcher.cell.spec(of: dispatcher.pods[pod].spec).requests["cpu"]?.milliValue ?? 0
    }

    /// The books agree with the dispatcher, and no group is half bound.
    func check() {
        for pod in 0..<dispatcher.podCount {
            let isBound = dispatcher.pods[pod].state == .bound
            #expect(isBound == (seats[pod] != nil), "pod \(pod): the dispatcher's books differ from the directives")
        }
        for group in dispatcher.groups.records {
            let bound = group.members.count { dispatcher.pods[$0].state == .bound }
            #expect(bound == group.bound)
        }
        dispatcher.checkInvariants()
    }
}

/// A scheduler of a few lines, which can misbehave in every way that a seed comes up with.
struct VirtualScheduler {
    var isRunning = false
    /// Percent of its decisions that are wrong on purpose.
    var mischief: Int
    private var replies: [SchedulerMessage] = []
    private var pods: [PendingPod] = []
    /// Every pod that it was given.
    private var given: [Int: PendingPod] = [:]
    private var templates: [Int: Int64] = [:]
    private var priorities: [Int: Int32] = [:]
    /// The priorities of pods that others placed.
    private var levels: [Int: Int32] = [:]
    private var free: [Int: Int64] = [:]
    private var groups: [Int: NumberedGroup] = [:]
    private var seats: [Int: (node: Int, milli: Int64)] = [:]
    private var revision = 0

    /// Where it believes each pod to stand.
    var places: [Int: Int] { seats.mapValues(\.node) }
    /// The pods that it still has to decide.
    var undecided: [Int] { pods.map(\.pod) }

    /// Whether it proposes a group in one transaction; otherwise member by member.
    let placesGroups: Bool

    init(mischief: Int, placesGroups: Bool) {
        self.mischief = mischief
        self.placesGroups = placesGroups
    }

    mutating func receive(_ message: DispatcherMessage) {
        switch message {
        case .hello: replies.append(.ready(Ready(window: 20, capabilities: placesGroups ? .transaction : [])))
        case .nodes(let revision, let upsert, let remove):
            self.revision = revision
            for entry in upsert {
                let used = seats.values.filter { $0.node == entry.id }.reduce(0) { $0 + $1.milli }
                free[entry.id] = (entry.node.allocatable["cpu"]?.milliValue ?? 0) - used
            }
            for node in remove { free[node] = nil }
        case .templates(let all):
            for entry in all {
                templates[entry.id] = entry.spec.requests["cpu"]?.milliValue ?? 0
                priorities[entry.id] = entry.spec.priority
            }
        case .groups(let all): for entry in all { groups[entry.id] = entry }
        case .pods(let all, _):
            pods += all
            for pod in all { given[pod.pod] = pod }
        case .placed(let revision, let all):
            self.revision = revision
            for entry in all {
                seat(entry.pod, on: entry.node, templates[entry.template] ?? 0)
                levels[entry.pod] = priorities[entry.template]
            }
        case .released(let revision, let all):
            self.revision = revision
            for pod in all { leave(pod) }
        case .rejected(let all):
            for rejection in all {
                leave(rejection.pod)
                pods.removeAll { $0.pod == rejection.pod }
                // What may be tried again is decided again, at once.
                if rejection.verdict == .retry, let pod = given[rejection.pod] { pods.append(pod) }
            }
        case .withdraw(let all):
            for pod in all { leave(pod) }
            pods.removeAll { all.contains($0.pod) }
        case .ping(let id): replies.append(.pong(id))
        default: break
        }
    }

    private mutating func seat(_ pod: Int, on node: Int, _ milli: Int64) {
        leave(pod)
        seats[pod] = (node, milli)
        free[node, default: 0] -= milli
    }

    private mutating func leave(_ pod: Int) {
        guard let seat = seats.removeValue(forKey: pod) else { return }
        free[seat.node, default: 0] += seat.milli
    }

    /// Decides some of what it has.
    mutating func think(_ random: inout SeededGenerator) -> [SchedulerMessage] {
        var messages = replies
        replies = []
        guard isRunning, let pod = pods.first else { return messages }
        if Int.random(in: 0..<100, using: &random) < mischief {
            messages.append(mistake(&random))
        } else if placesGroups, let id = pod.group, let group = groups[id], group.group.minMember > group.bound {
            messages.append(contentsOf: decideGroup(id, group))
        } else {
            pods.removeFirst()
            messages.append(decide(pod))
        }
        return messages
    }

    private mutating func decide(_ pod: PendingPod) -> SchedulerMessage {
        let milli = templates[pod.template] ?? 0
        guard let node = free.filter({ $0.value >= milli }).keys.min() else {
            return .unschedulable(
                Unschedulable(
                    pods: [pod.pod], revision: revision, reasons: ["Insufficient cpu": free.count],
                    events: [.podReleased, .nodeAdded]))
        }
        seat(pod.pod, on: node, milli)
        return .place(revision: revision, [ProposedPlacement(pod: pod.pod, node: node)])
    }

    private mutating func decideGroup(_ id: Int, _ group: NumberedGroup) -> [SchedulerMessage] {
        let members = pods.filter { $0.group == id }
        pods.removeAll { $0.group == id }
        var proposals: [ProposedPlacement] = []
        for pod in members {
            let milli = templates[pod.template] ?? 0
            guard let node = free.filter({ $0.value >= milli }).keys.min() else { continue }
            seat(pod.pod, on: node, milli)
            proposals.append(ProposedPlacement(pod: pod.pod, node: node))
        }
        let victims = evict(for: members, &proposals, group)
        if proposals.count >= group.group.minMember - group.bound, !proposals.isEmpty {
            let rest = members.map(\.pod).filter { pod in !proposals.contains { $0.pod == pod } }
            return [.transaction(id: 1, revision: revision, proposals, victims: victims)]
                + (rest.isEmpty ? [] : [.unschedulable(unfit(rest))])
        }
        for proposal in proposals { leave(proposal.pod) }
        return [.unschedulable(unfit(members.map(\.pod)))]
    }

    /// Pushes pods of lower priority away until the group has what it needs, without a thought for who need not leave.
    private mutating func evict(
        for members: [PendingPod], _ proposals: inout [ProposedPlacement], _ group: NumberedGroup
    ) -> [Int] {
        var victims: [Int] = []
        var waiting = members.filter { pod in !proposals.contains { $0.pod == pod.pod } }
        while proposals.count < group.missing, let pod = waiting.first {
            let priority = priorities[pod.template] ?? 0
            let lower = seats.filter { seat in
                (levels[seat.key] ?? .max) < priority && !members.contains { $0.pod == seat.key }
            }
            guard let victim = lower.keys.min(), let seat = seats[victim] else { break }
            leave(victim)
            victims.append(victim)
            guard (free[seat.node] ?? 0) >= templates[pod.template] ?? 0 else { continue }
            waiting.removeFirst()
            self.seat(pod.pod, on: seat.node, templates[pod.template] ?? 0)
            proposals.append(ProposedPlacement(pod: pod.pod, node: seat.node))
        }
        return victims
    }

    private func unfit(_ pods: [Int]) -> Unschedulable {
        Unschedulable(
            pods: pods, revision: revision, reasons: ["Insufficient cpu": free.count],
            events: [.podReleased, .nodeAdded])
    }

    /// Something that no scheduler should send.
    private mutating func mistake(_ random: inout SeededGenerator) -> SchedulerMessage {
        let pod = Int.random(in: -1...80, using: &random)
        let node = Int.random(in: -1...8, using: &random)
        let own = pods.randomElement(using: &random)?.pod ?? pod
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .place(revision: nil, [ProposedPlacement(pod: pod, node: node)])
        case 1:
            return .place(revision: 0, [ProposedPlacement(pod: own, node: node), ProposedPlacement(pod: own, node: 0)])
        case 2: return .transaction(id: 7, revision: nil, [ProposedPlacement(pod: own, node: node)])
        case 3:
            return .transaction(
                id: 8, revision: revision,
                [ProposedPlacement(pod: own, node: 0), ProposedPlacement(pod: own, node: 1)])
        case 4: return .unschedulable(unfit([own, pod]))
        case 5: return .preempt(revision: revision, pod: own, node: node, victims: Array(seats.keys.sorted().prefix(2)))
        case 6: return .preempt(revision: nil, pod: own, node: 0, victims: [pod, pod])
        case 8:
            return .transaction(
                id: 9, revision: revision, [ProposedPlacement(pod: own, node: node)],
                victims: Array(seats.keys.sorted().prefix(3)) + [pod])
        case 7: return .place(revision: Int.max, [ProposedPlacement(pod: own, node: 0, devices: 3)])
        default: return .ready(Ready(window: 1, capabilities: []))
        }
    }
}

extension Limits {
    /// Limits with which a virtual run of a few seconds sees everything happen.
    static var quick: Limits {
        var limits = Limits()
        limits.changeLogLength = 1 << 18
        limits.stagingSeconds = 0.5
        limits.breakSeconds = 0.5
        limits.maxBackoffSeconds = 0.2
        limits.badLineBalance = 20
        return limits
    }
}
