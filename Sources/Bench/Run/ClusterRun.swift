import ClusterModel
import Dispatcher
import DispatcherShell
import Glibc
import Manifests
import PolicyEngine
import SchedulerRegistry
import Simulation

/// One run of one size of a benchmark: a dispatcher and live scheduler processes of its own, from the first operation to
/// the last.
///
/// The run's thread generates pods, puts them through admission and turns the shell's loop. What generating costs is
/// measured and taken off, for in a cluster somebody else does it.
final class ClusterRun {
    /// What a run needs to know.
    struct Plan {
        var operations: [Operation]
        var objects: ClusterInput
        var registry: SchedulerRegistry
        var policies: PolicySet?
        /// The folder whose changes are put in force while pods arrive; nil where the policies stay.
        var watch: Watch?
        var faults = FaultPlan()
        var limits = Limits()
        var seed: UInt64 = 0
        var timeoutSeconds: Double
        /// Measured pods come at this rate instead of the operation's own; nil for the operation's.
        var perSecond: Double?
        /// Whether the lines on the pipes are kept, to measure the floor with.
        var recordsLines = false
    }

    /// A folder of policies, and whom to tell of what becomes of its changes.
    struct Watch {
        var folder: String
        var report: @Sendable (PolicyReloader.Directive) -> Void
    }

    /// Why a run came to no good.
    struct Failure: Error {
        var description: String
    }

    let plan: Plan
    let shell: Shell
    var intake: Intake
    /// Where new policies come from; nil where they stay.
    let feed: PolicyFeed?
    let service: ServiceSelectors
    let schedulerNumbers: [String: Int]
    /// The processes of each scheduler, by their numbers with the shell.
    let shards: [[Int]]
    let progress: (Progress) -> Void

    var streams: [PodStream] = []
    /// What the observer writes: apart from the run, which owns the shell that calls it.
    let scribe: Scribe
    var nextOperation = 0
    /// Streams whose pods are made already, by the number of their operation.
    var prepared: [Int: PodStream] = [:]
    /// Nodes in the order in which they joined; nil where one has left.
    var nodes: [Node?] = []
    var kills: [PendingKill] = []
    var deletions: [PendingDeletion] = []
    var sleepUntil: Instant?
    var meters: [SchedulerMeter]
    var window: [Int]
    var begin: Snapshot?
    var finish: Snapshot?
    var generatorSeconds = 0.0
    var admissionSeconds = 0.0
    var refusals: [String: Int] = [:]
    /// The CPU that the spec asked about last asks for, in thousandths.
    var latestCPU: (spec: SharedSpec, milli: Int64)?
    private(set) var deadline = Instant.start
    private var nextMeterSample = Instant.start
    private var nextProgress = Instant.start

    /// A scheduler to be killed when so many pods are bound.
    struct PendingKill {
        var scheduler: Int
        var every: Int
        var left: Int
        var boundAtLast: Int
        /// The process that was killed last: what it had said before may still bind pods, and its end be unknown yet.
        var lastProcess: pid_t?
    }

    /// Pods of a stream to be deleted at a rate.
    struct PendingDeletion {
        var stream: Int
        var left: Int
        var perSecond: Double
        var start: Instant
        var done = 0
    }

    /// How far a run has come.
    public struct Progress: Sendable {
        /// Measured pods bound, and how many there will be.
        public var bound: Int
        /// How many measured pods there will be.
        public var total: Int
        /// Seconds since the run began.
        public var seconds: Double
    }

    init(_ plan: Plan, progress: @escaping (Progress) -> Void) {
        self.plan = plan
        self.progress = progress
        var registry = plan.registry
        registry.seed(plan.seed)
        let processes = registry.processes
        let scribe = Scribe(schedulers: processes.count)
        let dispatcher = Dispatcher(
            schedulers: processes.map(\.registration), limits: plan.limits, seed: plan.seed)
        self.shell = Shell(
            dispatcher: dispatcher, specs: processes.map(\.process), faults: plan.faults,
            observer: scribe.observer(recordsLines: plan.recordsLines))
        self.scribe = scribe
        self.intake = Intake(
            policies: plan.policies, rules: plan.objects.rules, pods: [],
            namespaces: plan.objects.namespaces, groups: plan.objects.podGroups, schedulers: registry.names,
            defaultScheduler: registry.defaultScheduler)
        self.feed = plan.watch.flatMap { watch in
            plan.policies.map {
                PolicyFeed(
                    path: watch.folder, current: $0, schedulers: Set(registry.names), interval: 0.1,
                    report: watch.report)
            }
        }
        self.service = plan.objects.serviceSelectors
        self.shards = registry.names.map { name in
            processes.indices.filter { processes[$0].registration.name == name }
        }
        self.schedulerNumbers = Dictionary(
            uniqueKeysWithValues: registry.names.enumerated().map { ($0.element, $0.offset) })
        self.meters = processes.map { _ in SchedulerMeter() }
        self.window = processes.map { _ in ClusterRun.usualWindow }
        scribe.shell = shell
    }

    /// Pods that a scheduler takes at once, as long as it has not said.
    static let usualWindow = 1_024

    /// Runs all operations.
    func run() throws(Failure) {
        try preparePods()
        deadline = shell.now.advanced(bySeconds: plan.timeoutSeconds)
        for namespace in plan.objects.namespaces { shell.submit(.namespaceChanged(namespace)) }
        for group in plan.objects.podGroups { shell.submit(.groupChanged(group)) }
        // Nodes first, where the operations begin with them, so that what schedulers start with is a whole cluster.
        try advance()
        while nextOperation < plan.operations.count || !isCalm {
            shell.alarm = nextDue
            shell.run { _ in self.wantsTurn() }
            try turn()
        }
        end()
    }

    // MARK: - The loop

    /// Whether there is something for `turn` to do; called in every turn of the shell's loop.
    private func wantsTurn() -> Bool {
        let now = shell.now
        if begin != nil, scribe.log.wantsSample(now.nanoseconds) { sample(now) }
        if now >= deadline || now >= nextMeterSample { return true }
        if let due = nextDue, due <= now { return true }
        if kills.contains(where: isDue) { return true }
        let loads = shell.look({ $0.loads })
        for index in streams.indices where hasRoom(index, loads) { return true }
        return sleepUntil == nil && isCalm
    }

    private func turn() throws(Failure) {
        let now = shell.now
        guard now < deadline else { throw Failure(description: timeoutText) }
        if shell.isInterrupted { throw Failure(description: "stopped by a signal before it was done") }
        if now >= nextMeterSample {
            sampleMeters()
            nextMeterSample = now.advanced(bySeconds: 0.1)
        }
        if now >= nextProgress {
            nextProgress = now.advanced(bySeconds: 0.25)
            let measured = streams.filter(\.order.isMeasured)
            progress(
                Progress(
                    bound: measured.reduce(0) { $0 + $1.bound }, total: measured.reduce(0) { $0 + $1.order.count },
                    seconds: Double(now.nanoseconds) / 1e9))
        }
        for index in streams.indices { streams[index].bound = scribe.boundByStream[index] }
        killDue()
        deleteDue(now)
        for index in streams.indices { try feed(index) }
        if let until = sleepUntil, until <= now { sleepUntil = nil }
        if sleepUntil == nil { try advance() }
    }

    /// Whether everything that a barrier waits for is done.
    var isCalm: Bool {
        guard deletions.isEmpty, foregroundIsHandedOver else { return false }
        let isBound = streams.indices.allSatisfy { index in
            streams[index].order.isBackground || scribe.boundByStream[index] >= streams[index].submitted
        }
        return isBound || shell.look({ $0.isSettled })
    }

    private var foregroundIsHandedOver: Bool {
        streams.allSatisfy { $0.order.isBackground || $0.isExhausted }
    }

    /// When something is to be done next, whatever happens.
    private var nextDue: Instant? {
        var due = min(deadline, nextMeterSample)
        if let sleepUntil { due = min(due, sleepUntil) }
        for stream in streams {
            if !stream.isExhausted, let moment = stream.intended(stream.submitted + stream.gated + stream.refused) {
                due = min(due, Instant(nanoseconds: moment))
            }
            if let lifetime = stream.lifetime, stream.firstAlive < stream.alive.count {
                let arrived = Instant(nanoseconds: stream.alive[stream.firstAlive].arrived)
                due = min(due, arrived.advanced(bySeconds: lifetime))
            }
        }
        for deletion in deletions {
            due = min(due, deletion.start.advanced(bySeconds: Double(deletion.done) / deletion.perSecond))
        }
        return due
    }

    private var timeoutText: String {
        let open = streams.filter { !$0.order.isBackground && !$0.isDone }.map {
            "\($0.order.name): \($0.bound) of \($0.order.count) pods bound"
        }
        let notes = scribe.log.notes.sorted { $0.key < $1.key }.prefix(5).map { "\($0.key) (\($0.value))" }
        return "not done after \(plan.timeoutSeconds) s: " + (open + notes).joined(separator: "; ")
    }
}

extension ClusterRun {
    /// Ends the schedulers: those that have nothing left finish in order, others are killed with the shell.
    func stop() {
        guard shell.look({ $0.waitingCount }) == 0 else { return }
        shell.alarm = nil
        shell.stop()
    }
}
