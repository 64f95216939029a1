/// Every limit of the dispatcher, in one place.
public struct Limits: Hashable, Sendable {
    /// Whether a placement is refused that would break a hard spread constraint of a pod placed already. Kubernetes looks
    /// at a constraint only when its own pod is placed; a cluster that must behave exactly so turns this off.
    public var protectsPlacedSpread = true
    /// Pods in one `pods` message, unless a group is larger.
    public var podsPerMessage = 256
    /// Placements in one `placed` or `released` message.
    public var changesPerMessage = 1_024
    /// Seconds that changes made by others may wait to be told to a scheduler that has nothing to decide: many are told
    /// at once for the price of one wake-up. A scheduler is always told before it is given pods.
    public var newsDelaySeconds = 0.005
    /// Nodes in one `nodes` message, so that a line stays far below the longest allowed.
    public var nodesPerMessage = 256
    /// The largest window that a scheduler is granted, whatever it asks for.
    public var maxWindow = 1 << 16
    /// Bytes waiting for one scheduler's stdin above which nothing more is produced for it.
    public var outputHighWaterBytes = 4 << 20
    /// Bytes waiting for one scheduler's stdin above which it is restarted, because the rest cannot be held.
    public var outputLimitBytes = 256 << 20
    /// Changes remembered for schedulers that lag; one that lags further is restarted with a fresh snapshot.
    public var changeLogLength = 1 << 20
    /// Seconds from start to `ready`.
    public var handshakeSeconds = 10.0
    /// Seconds between signs of life asked for.
    public var heartbeatSeconds = 2.0
    /// Seconds without a sign of life after which a scheduler counts as hung.
    public var silenceSeconds = 15.0
    /// Seconds without a decision, while pods wait for one, after which a scheduler counts as hung.
    public var decisionSeconds = 30.0
    /// Seconds that a scheduler may take to finish after `drain`.
    public var drainSeconds = 5.0
    /// The same where the end is to come at once, because a signal asked for it.
    public var hurriedSeconds = 1.0
    /// Seconds from a kill to the end, after which a process that the system cannot end is left to it.
    public var killSeconds = 5.0
    /// Seconds for which a run waits for the slower schedulers once the first is ready. Pods of those that are not wait
    /// for them afterwards too, but all others do not.
    public var warmUpSeconds = 0.5
    /// Seconds before a restart; each further crash without progress doubles it.
    public var backoffSeconds = 0.05
    /// The longest wait before a restart, in seconds.
    public var maxBackoffSeconds = 30.0
    /// Ends in a row without an accepted placement after which the scheduler is given up for a while.
    public var crashesBeforeBreak = 5
    /// Seconds that a scheduler given up rests before it is tried again.
    public var breakSeconds = 60.0
    /// Crashes with this one pod alone in the scheduler's hands after which the pod is set aside.
    public var crashesBeforePodIsSetAside = 2
    /// Bad lines more than good ones after which a scheduler is killed.
    public var badLineBalance = 100
    /// Refusals of one pod on one node in a row after which the pod is taken from its scheduler for a while.
    public var refusalsPerNode = 3
    /// Refusals of one pod that no other scheduler's commit explains, on whatever nodes, after which it is taken likewise.
    public var mistakesPerPod = 64
    /// Refusals of one pod that another scheduler's commit explains after which it is taken likewise.
    public var conflictsPerPod = 200
    /// Times that a pod or group that fitted nowhere is given out again at once, because something happened meanwhile;
    /// after that it sleeps until the next event like any other.
    public var retriesPerPod = 100
    /// Answers that wait for one scheduler to read them, beside its pipe, above which it is restarted.
    public var answersKept = 1 << 20
    /// Pods taken back, or told of again, that wait likewise.
    public var withdrawalsKept = 1 << 21
    /// Reasons kept of one message that says why pods fit nowhere, and the bytes kept of each.
    public var reasonsKept = 64
    /// Bytes kept of a reason.
    public var reasonBytes = 1_000
    /// Changes of the cluster that are looked through for one that explains a refusal or may help a pod.
    public var changesLookedThrough = 4_096
    /// Different notes kept of a run, and different lines kept of what each scheduler writes to stderr.
    public var notesKept = 1_000
    /// Different lines kept of what one scheduler writes to stderr.
    public var errorNotesKept = 100
    /// Bytes kept of a note.
    public var noteBytes = 2_000
    /// Seconds that such a pod rests the first time; each further time doubles it.
    public var refusalBackoffSeconds = 0.02
    /// Times that such a pod is given back before it is left pending.
    public var refusalRounds = 5
    /// Decisions over which the mean of `contention` runs.
    public var contentionMemory = 8_192.0
    /// The share of a scheduler's decisions that meet another's above which it is told to keep to nodes of its own.
    public var contentionHigh = 0.001
    /// The share below which it may look at all nodes again.
    public var contentionLow = 0.00005
    /// Seconds that a group's reserved members wait for the rest, where the scheduler places them one by one.
    public var stagingSeconds = 10.0
    /// Seconds that a shadow may take to decide a copy.
    public var shadowSeconds = 5.0
    /// Copies, or groups of them, that wait for one shadow; those beyond are not made.
    public var shadowQueueLength = 1 << 14

    /// The limits as they stand, which suit a live cluster.
    public init() {}

    /// Why these limits cannot work together, or nil.
    public var fault: String? {
        if podsPerMessage < 1 || changesPerMessage < 1 || nodesPerMessage < 1 { return "a message must hold something" }
        if outputHighWaterBytes >= outputLimitBytes { return "outputHighWaterBytes must be below outputLimitBytes" }
        if changeLogLength < 2 * maxWindow { return "changeLogLength must be at least twice maxWindow" }
        if silenceSeconds <= 2 * heartbeatSeconds { return "silenceSeconds must be over twice heartbeatSeconds" }
        if !(1...255).contains(refusalsPerNode) || !(1...255).contains(mistakesPerPod) {
            return "refusalsPerNode and mistakesPerPod must be from 1 to 255"
        }
        if !(0 < contentionLow && contentionLow < contentionHigh && contentionMemory >= 1) {
            return "contentionLow must be below contentionHigh, and both above 0"
        }
        if !(1...255).contains(conflictsPerPod) || !(1...255).contains(retriesPerPod) {
            return "conflictsPerPod and retriesPerPod must be from 1 to 255"
        }
        if answersKept < maxWindow { return "answersKept must be at least maxWindow" }
        if changesLookedThrough > changeLogLength { return "changesLookedThrough must not be over changeLogLength" }
        if Pipes.readBytes * Pipes.readsPerTurn < Int(Pipes.pipeBytes) {
            return "what is read at once must empty a pipe, or a process's last words are lost"
        }
        if backoffSeconds > maxBackoffSeconds { return "backoffSeconds must not be over maxBackoffSeconds" }
        if crashesBeforeBreak <= crashesBeforePodIsSetAside {
            return "crashesBeforeBreak must be over crashesBeforePodIsSetAside, or no pod is ever set aside"
        }
        return nil
    }
}

extension Limits {
    /// How long a scheduler may take to finish.
    func drain(_ isHurried: Bool) -> Double { isHurried ? min(drainSeconds, hurriedSeconds) : drainSeconds }

    /// What pipes and processes may take; the same for every run.
    public enum Pipes {
        /// The size asked for of a pipe. A large one saves wake-ups; the kernel may grant less to an unprivileged user.
        public static let pipeBytes: Int32 = 1 << 20
        /// Bytes read at once, and how often in a turn: what one scheduler says must not keep the others from being heard.
        public static let readBytes = 1 << 18
        /// Reads of one pipe in a turn.
        public static let readsPerTurn = 4
        /// Bytes of a line on stderr; the rest is counted.
        public static let errorLineBytes = 4_096
        /// Lines of stderr that are kept of a process for the case that it ends.
        public static let errorLinesKept = 20
        /// Bytes held back by a delay put in on purpose, above which no more are read.
        public static let delayedBytes = 64 << 20
        /// Messages of one scheduler that wait for the others to finish a round, above which the round is cut short.
        public static let roundMessages = 1 << 16
        /// Nanoseconds in which nobody listens to the schedulers that still count against them.
        public static let absenceNanoseconds: Int64 = 250_000_000
        /// How long to wait between two looks whether a process has ended, where the system does not tell.
        public static let endCheckMilliseconds: Int32 = 20
        /// How often to look for the end of a process that was killed before it is left to the system.
        public static let endChecks = 100
    }
}
