import ClusterModel
import Placement
import SchedulerProtocol

/// Routes pods to schedulers, keeps the schedulers alive, and commits what they propose.
///
/// A pure value: events go in with the time, directives come out, and a shell carries them out. So every race can be
/// replayed in a test. `handle` takes note of one event; `flush` then produces what there is to say to the schedulers, once
/// for any number of events, so that what happens together is told together.
///
/// What always holds: a pod is bound at most once, to a node on which it fits by the predicates that the schedulers use
/// too; only the scheduler that has the pod can place it; a group is bound with at least `minMember` at once or not at all;
/// and nothing waits for a slow scheduler but the pods that are its own.
public struct Dispatcher {
    /// The limits in force.
    public let limits: Limits
    /// The authoritative state of the cell.
    public internal(set) var cell = Cell()
    var slots: [SchedulerSlot]
    var pods = PodTable()
    var groups = GroupTable()
    var nodes = NodeTable()
    /// The classes of the pods that came, which are kept for good.
    var classNumbers: [SharedSpec: ClassIndex] = [:]
    /// The spec that came last, and its class: pods of a kind come together.
    var lastClass: (spec: SharedSpec, number: ClassIndex)?
    var routes: [CopyOnWrite<PodRoute>] = []
    /// The shards of the scheduler that each route names; none where none of that name is registered.
    var routeTargets: [[Int]] = []
    /// The shard of each scheduler that got the last pod, by its first shard.
    var lastShard: [Int: Int] = [:]
    var routeNumbers: [CopyOnWrite<PodRoute>: Int32] = [:]
    /// The route of the pod that came last, or −1.
    var lastRoute: Int32 = -1
    var shadows = ShadowBook()
    var namespaces: [String: Namespace] = [:]
    var budgets = BudgetBook()
    /// When pods that stood before started, in seconds since 1970, as far as it is known.
    var startTimes: [Int: Int64] = [:]
    /// Pods that are leaving because they were preempted.
    var leaving: Set<Int> = []
    var log: ChangeLog
    /// Pods in each state, by raw value.
    var stateCounts = [Int](repeating: 0, count: PodRecord.State.allCases.count)
    /// Pods that rest after too many refusals, with when each is given back.
    var resting: [(until: Instant, pod: Int)] = []
    /// Why pods were refused for good, or wait where nobody can help.
    var messages: [Int: String] = [:]
    /// What has happened since parked pods were last looked at.
    var pendingWakes = WakeCauses()
    var latencies: [Int64] = []
    var directives: [Directive] = []
    var isShuttingDown = false
    /// When the first scheduler became ready.
    var firstReady: Instant?
    /// Whether what schedulers have in hand is not waited for.
    var isHurried = false
    /// What the workload's clock shows, where it is not the dispatcher's own.
    var workloadClock: Instant?
    var random: SeededGenerator

    /// A dispatcher over the given schedulers.
    ///
    /// - Precondition: `limits.fault` is nil, and no two registrations share a name and a shard.
    public init(schedulers: [Registration], limits: Limits = Limits(), seed: UInt64 = 0) {
        precondition(limits.fault == nil, limits.fault ?? "")
        precondition(Set(schedulers.map(\.label)).count == schedulers.count, "two schedulers share a name")
        self.limits = limits
        self.log = ChangeLog(capacity: limits.changeLogLength)
        self.slots = schedulers.map { SchedulerSlot(registration: $0, now: .start) }
        self.random = SeededGenerator(seed: seed)
        cell.protectsPlacedSpread = limits.protectsPlacedSpread
        for index in slots.indices {
            slots[index].figures.conflictsWith = Array(repeating: 0, count: slots.count + 1)
            directives.append(.start(scheduler: index))
        }
    }

    /// Takes note of an event; what follows from it comes with the next `flush`.
    public mutating func handle(_ event: Event, at now: Instant) {
        switch event {
        case .nodeChanged(let node): changeNode(node)
        case .nodeRemoved(let name): removeNode(name, now)
        case .namespaceChanged(let namespace): changeNamespace(namespace)
        case .groupChanged(let group): changeGroup(group, now)
        case .budgetsChanged(let changed):
            budgets.replace(changed)
            for index in slots.indices { slots[index].budgetsChanged = true }
        case .podsArrived(let arrivals): for arrival in arrivals { add(arrival, now) }
        case .podFound(let found): add(found, now)
        case .podNominated(let key, let node): changeNomination(key, node)
        case .podRemoved(let key): if let pod = pods.number(of: key) { remove(pod, now) }
        case .started(let index): greet(index, now)
        case .exited(let index, let reason): noteExit(index, reason, now)
        case .received(let index, let message): receive(message, from: index, now)
        case .badLine(let index, let reason): noteBadLine(index, reason)
        case .outputPending(let index, let bytes): notePendingOutput(index, bytes)
        case .clockAdvanced(let moment): workloadClock = moment
        case .tick: break
        case .wasAway(let nanoseconds): forgive(nanoseconds)
        case .shutDown: isShuttingDown = true
        case .stopNow:
            isShuttingDown = true
            isHurried = true
        }
    }

    /// What is to be done now: for each scheduler what it has not been told yet, as far as its pipe takes it.
    public mutating func flush(at now: Instant) -> [Directive] {
        superviseAll(now)
        giveBackRested(now)
        expireStaging(now)
        wakeParked()
        keepApart()
        if shadows.isActive {
            settleShadows()
            expireShadows(now)
        }
        for index in slots.indices where slots[index].phase == .ready {
            guard slots[index].outputBytes < limits.outputHighWaterBytes, !mayWait(index, now) else { continue }
            slots[index].newsSince = nil
            tell(index, now)
        }
        if shadows.isActive { tellShadows(now) }
        if isShuttingDown { shutDown(now) }
        defer { directives.removeAll(keepingCapacity: true) }
        return directives
    }

    /// When `flush` wants to be called next even if nothing happens, or nil.
    public var deadline: Instant? {
        var earliest: Instant?
        func consider(_ candidate: Instant) {
            if earliest.map({ candidate < $0 }) ?? true { earliest = candidate }
        }
        for slot in slots { slot.deadlines(limits, isHurried: isHurried).forEach(consider) }
        for rest in resting { consider(rest.until) }
        if shadows.isActive, let due = shadowDeadline { consider(due) }
        // The groups are many and reservations rare, and this is asked at every turn.
        let hasStaged = stateCounts[Int(PodRecord.State.staged.rawValue)] > 0
        for group in hasStaged ? groups.records : [] where !group.staged.isEmpty {
            consider(group.stagedSince.advanced(bySeconds: limits.stagingSeconds))
        }
        return earliest
    }

    /// Whether every pod is bound, refused, or waits for something that no scheduler can bring about.
    public var isSettled: Bool {
        let active: [PodRecord.State] = [.queued, .assigned, .staged, .resting]
        return pendingWakes.isEmpty && !slots.contains(where: \.hasRoomBack)
            && active.allSatisfy { stateCounts[Int($0.rawValue)] == 0 }
    }

    /// Whether every scheduler has exited.
    public var isStopped: Bool { slots.allSatisfy { $0.phase == .stopped } }

    // MARK: - Small steps that the other parts share

    mutating func setState(_ pod: Int, _ state: PodRecord.State) {
        stateCounts[Int(pods.records[pod].state.rawValue)] -= 1
        stateCounts[Int(state.rawValue)] += 1
        noteHold(pod, leaving: pods.records[pod].state, entering: state)
        if !budgets.isEmpty { noteHealth(pod, leaving: pods.records[pod].state, entering: state) }
        pods.records[pod].state = state
        if shadows.isActive, pods.records[pod].wasCopied { shadows.changed.append((pod, state, log.revision)) }
    }

    mutating func note(_ level: Note.Level, _ scheduler: Int? = nil, _ text: String) {
        directives.append(.note(Note(level: level, scheduler: scheduler.map { slots[$0].name }, text: text)))
    }

    /// The numbers of the processes of the scheduler of that name.
    func shards(ofSchedulerNamed name: String) -> [Int] {
        slots.indices.filter { slots[$0].registration.name == name }
    }

    /// The one of a scheduler's shards that gets the next pod or group; nil where none is available.
    ///
    /// For pods it stays the same until another has clearly less to do: pods in a row are told in few words, and pods alike
    /// are placed faster one after the other. A group, which is a whole piece of work, goes to the idlest.
    mutating func chooseShard(_ shards: [Int], forGroup: Bool = false) -> Int? {
        guard shards.count > 1, let first = shards.first else {
            return shards.first.flatMap { slots[$0].isAvailable ? $0 : nil }
        }
        let available = shards.filter { slots[$0].isAvailable }
        guard let idlest = available.min(by: { slots[$0].load < slots[$1].load }) else { return nil }
        if !forGroup, let last = lastShard[first], slots[last].isAvailable,
            slots[last].load <= slots[idlest].load + limits.podsPerMessage
        {
            return last
        }
        lastShard[first] = idlest
        return idlest
    }
}
