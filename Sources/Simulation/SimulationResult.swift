import ClusterModel
import Dispatcher

/// What a simulated run did: where every pod went, and why; how fast, and what got in the way.
public struct SimulationResult: Sendable {
    /// How many pods ended how.
    public var counts = Counts()
    /// Figures by scheduler, in the order of registration.
    public var schedulers: [SchedulerResult] = []
    /// Pods that were placed in this run.
    public var placements: [Placement] = []
    /// Pods that fit nowhere.
    public var unschedulable: [Unschedulable] = []
    /// Pods that admission or their route refused.
    public var rejected: [Rejected] = []
    /// Pods that were neither placed nor refused when the run ended.
    public var pending: [Pending] = []
    /// Pods that stood on a node in the input and were pushed off.
    public var evicted: [Evicted] = []
    /// By resource, how much of what the nodes offer is taken, 0 to 1 (more where the input over-commits).
    public var utilization: [String: Double] = [:]
    /// Seconds from the first pod handed over to the last decision.
    public var elapsedSeconds = 0.0
    /// Seconds that admission took of all pods, before that.
    public var admissionSeconds = 0.0
    /// Seconds that reading the input took.
    public var loadSeconds = 0.0
    /// Seconds from arrival to binding: the median and the 99th percentile.
    public var latencyP50 = 0.0
    /// Seconds from arrival to binding that 0 %, 1 % … 100 % of the pods did not exceed; empty where none was bound.
    public var latencies: [Double] = []
    /// The 99th percentile of the same.
    public var latencyP99 = 0.0
    /// Nodes in the cluster.
    public var nodeCount = 0
    /// What went wrong or was noteworthy, in order, each once with how often.
    public var notes: [(text: String, count: Int)] = []
    /// Which rules routed or rejected how many pods.
    public var routing: [Routing] = []
    /// How often each rule of the policies in force at the end had a say.
    public var rules: [Rule] = []
    /// What shadows would have done, by pair of scheduler and shadow.
    public var shadows: [ShadowFigures] = []
    /// Whether a signal ended the run before it was done; then everything else is what was known by then.
    public var isInterrupted = false
    /// Devices of all nodes that shares and whole GPUs have taken, in devices, and how many there are.
    public var gpu: (used: Double, total: Double)?

    /// How many pods ended how.
    public struct Counts: Hashable, Sendable {
        /// All pods of the input.
        public var total = 0
        /// Those that stand on a node at the end, those that stood there before among them.
        public var bound = 0
        /// Those that fit nowhere.
        public var unschedulable = 0
        /// Those that wait.
        public var pending = 0
        /// Those that were refused.
        public var rejected = 0
        /// Those that stood on a node before.
        public var placedBefore = 0
    }

    /// What one scheduler did.
    public struct SchedulerResult: Hashable, Sendable {
        /// Its name.
        public var name = ""
        /// Pods that were routed to it.
        public var routed = 0
        /// Placements of it that were committed.
        public var bound = 0
        /// Pods that it found no node for.
        public var unschedulable = 0
        /// Placements of it that others' commits made impossible.
        public var conflicts = 0
        /// The same by the name of the scheduler that was first.
        public var conflictsWith: [String: Int] = [:]
        /// Placements of it that were wrong without anybody's doing.
        public var misplaced = 0
        /// Placements of pods that were not its own.
        public var notItsOwn = 0
        /// Lines that were no messages.
        public var badLines = 0
        /// Times that its process was started again.
        public var restarts = 0
        /// Times that it was given up for a while, because its processes kept ending.
        public var timesGivenUp = 0
        /// Whether it was started and no process of it ever became ready.
        public var neverReady = false
        /// How its process ended last, empty if it did not.
        public var lastExit = ""
        /// Bytes to it and from it.
        public var bytesSent = 0
        /// Bytes from it.
        public var bytesReceived = 0
    }

    /// A pod and its node.
    public struct Placement: Hashable, Sendable {
        /// The pod.
        public var key: ObjectKey
        /// Its node.
        public var node: String
        /// The scheduler that placed it.
        public var scheduler: String
        /// The policy that routed it, empty where none did.
        public var policy: String
        /// The revision of the policies that decided, empty where there are none.
        public var revision: String
        /// The GPU devices that it got.
        public var gpus: [Int]
        /// Whether it asked for GPU devices.
        public var wantsGPU: Bool

        package init(
            key: ObjectKey, node: String, scheduler: String, policy: String, revision: String = "", gpus: [Int],
            wantsGPU: Bool
        ) {
            self.key = key
            self.node = node
            self.scheduler = scheduler
            self.policy = policy
            self.revision = revision
            self.gpus = gpus
            self.wantsGPU = wantsGPU
        }
    }

    /// A pod that fits nowhere.
    public struct Unschedulable: Hashable, Sendable {
        /// The pod.
        public var key: ObjectKey
        /// Its scheduler.
        public var scheduler: String
        /// How many nodes refuse for each reason.
        public var reasons: [String: Int]
    }

    /// A pod that was refused.
    public struct Rejected: Hashable, Sendable {
        /// The pod.
        public var key: ObjectKey
        /// The policy that refused it.
        public var policy: String
        /// Its rule.
        public var rule: String
        /// What it says.
        public var message: String
        /// The revision of the policies that decided, empty where no policy did.
        public var revision = ""

        /// A refusal.
        public init(key: ObjectKey, policy: String = "", rule: String = "", message: String, revision: String = "") {
            self.key = key
            self.policy = policy
            self.rule = rule
            self.message = message
            self.revision = revision
        }
    }

    /// A pod that waits.
    public struct Pending: Hashable, Sendable {
        /// The pod.
        public var key: ObjectKey
        /// Its scheduler, empty where it has none.
        public var scheduler: String
        /// What it waits for.
        public var message: String
    }

    /// A pod that was pushed off its node.
    public struct Evicted: Hashable, Sendable {
        /// The pod.
        public var key: ObjectKey
        /// The node that it left.
        public var node: String
        /// The pod that took its place.
        public var by: ObjectKey
    }

    /// How many pods a rule decided about.
    public struct Routing: Hashable, Sendable {
        /// The policy; empty for pods that no policy routed.
        public var policy: String
        /// The rule.
        public var rule: String
        /// Where it sends pods, or `rejected`.
        public var destination: String
        /// How many.
        public var pods: Int
    }

    /// Placements tried per placement lost to another's commit: conflicts over conflicts and commits together.
    public var conflictRate: Double {
        let conflicts = schedulers.reduce(0) { $0 + $1.conflicts }
        let bound = schedulers.reduce(0) { $0 + $1.bound }
        return conflicts == 0 ? 0 : Double(conflicts) / Double(conflicts + bound)
    }

    /// Pods placed a second.
    public var podsPerSecond: Double {
        elapsedSeconds > 0 ? Double(schedulers.reduce(0) { $0 + $1.bound }) / elapsedSeconds : 0
    }
}

extension SimulationResult {
    /// The result as a document for machines; its fields are part of the command line's contract.
    public var value: Value {
        .object([
            .init("pods", countsValue), .init("interrupted", .bool(isInterrupted)),
            .init("schedulers", .object(schedulers.map { .init($0.name, $0.value) })),
            .init("placements", .array(placements.map(\.value))),
            .init("unschedulable", .array(unschedulable.map(\.value))),
            .init("rejected", .array(rejected.map(\.value))),
            .init("pending", .array(pending.map(\.value))),
            .init("evicted", .array(evicted.map(\.value))),
            .init(
                "utilization",
                .object(utilization.sorted { $0.key < $1.key }.map { .init($0.key, .double($0.value)) })),
            .init("nodes", .int(Int64(nodeCount))),
            .init("elapsedSeconds", .double(elapsedSeconds)),
            .init("loadSeconds", .double(loadSeconds)),
            .init("admissionSeconds", .double(admissionSeconds)),
            .init("podsPerSecond", .double(podsPerSecond)),
            .init("conflictRate", .double(conflictRate)),
            .init(
                "latencySeconds", .object([.init("p50", .double(latencyP50)), .init("p99", .double(latencyP99))])),
            .init("routing", .array(routing.map(\.value))),
            .init("rules", .array(rules.map(\.value))),
            .init("shadows", .array(shadows.map(\.value))),
            .init(
                "notes",
                .array(
                    notes.map { note in
                        .object([.init("text", .string(note.text)), .init("count", .int(Int64(note.count)))])
                    })),
        ])
    }

    private var countsValue: Value {
        .object([
            .init("total", .int(Int64(counts.total))), .init("bound", .int(Int64(counts.bound))),
            .init("unschedulable", .int(Int64(counts.unschedulable))),
            .init("pending", .int(Int64(counts.pending))), .init("rejected", .int(Int64(counts.rejected))),
            .init("placedBefore", .int(Int64(counts.placedBefore))),
        ])
    }
}

private func named(_ key: ObjectKey, _ more: [Value.Field]) -> Value {
    .object([.init("namespace", .string(key.namespace)), .init("name", .string(key.name))] + more)
}

extension SimulationResult.Placement {
    fileprivate var value: Value {
        var fields: [Value.Field] = [
            .init("node", .string(node)), .init("scheduler", .string(scheduler)), .init("policy", .string(policy)),
        ]
        if !revision.isEmpty { fields.append(.init("revision", .string(revision))) }
        if wantsGPU { fields.append(.init("gpus", .array(gpus.map { .int(Int64($0)) }))) }
        return named(key, fields)
    }
}

extension SimulationResult.Unschedulable {
    fileprivate var value: Value {
        let counts = reasons.sorted { $0.key < $1.key }.map { Value.Field($0.key, .int(Int64($0.value))) }
        return named(key, [.init("scheduler", .string(scheduler)), .init("reasons", .object(counts))])
    }
}

extension SimulationResult.Rejected {
    fileprivate var value: Value {
        named(
            key,
            [
                .init("policy", .string(policy)), .init("rule", .string(rule)), .init("message", .string(message)),
            ] + (revision.isEmpty ? [] : [.init("revision", .string(revision))]))
    }
}

extension SimulationResult.Pending {
    fileprivate var value: Value {
        named(key, [.init("scheduler", .string(scheduler)), .init("message", .string(message))])
    }
}

extension SimulationResult.Evicted {
    fileprivate var value: Value {
        named(key, [.init("node", .string(node)), .init("by", .string(by.description))])
    }
}

extension SimulationResult.Routing {
    fileprivate var value: Value {
        .object([
            .init("policy", .string(policy)), .init("rule", .string(rule)),
            .init("destination", .string(destination)), .init("pods", .int(Int64(pods))),
        ])
    }
}

extension SimulationResult.SchedulerResult {
    fileprivate var value: Value {
        let pairs = conflictsWith.sorted { $0.key < $1.key }.map { Value.Field($0.key, .int(Int64($0.value))) }
        return .object([
            .init("routed", .int(Int64(routed))), .init("bound", .int(Int64(bound))),
            .init("unschedulable", .int(Int64(unschedulable))), .init("conflicts", .int(Int64(conflicts))),
            .init("conflictsWith", .object(pairs)), .init("misplaced", .int(Int64(misplaced))),
            .init("notItsOwn", .int(Int64(notItsOwn))), .init("badLines", .int(Int64(badLines))),
            .init("restarts", .int(Int64(restarts))), .init("timesGivenUp", .int(Int64(timesGivenUp))),
            .init("lastExit", .string(lastExit)),
            .init("bytesSent", .int(Int64(bytesSent))), .init("bytesReceived", .int(Int64(bytesReceived))),
        ])
    }
}
