import ClusterModel
import Placement
import SchedulerProtocol

/// What the dispatcher knows of one scheduler: its process, its window, its queue, and what it has been told.
struct SchedulerSlot {
    /// Where a scheduler's process is in its life.
    enum Phase: Hashable {
        /// The shell was told to start it.
        case starting(since: Instant)
        /// It runs and was sent `hello`.
        case greeted(since: Instant)
        /// It takes pods.
        case ready
        /// It was told to finish what it has.
        case draining(since: Instant)
        /// It was told to exit.
        case stopping(since: Instant)
        /// It was killed; its exit has not been seen yet.
        case dying(reason: String, since: Instant)
        /// It died and is started again later.
        case backingOff(until: Instant)
        /// It died too often and rests.
        case broken(until: Instant)
        /// It has exited, as it was told to.
        case stopped
    }

    let registration: Registration
    var phase: Phase
    var capabilities: Ready.Capabilities = []
    /// Undecided pods that it takes.
    var window = 0
    /// A smaller window after a crash without progress, so that a pod that crashes it is found; doubles with progress.
    var windowLimit = Int.max
    /// The last revision that it was told.
    var cursor = 0
    /// The last revision that a message to it carried. Later ones up to `cursor` are its own commits, of which it knows.
    var toldRevision = 0
    /// Since when changes wait to be told; nil where none does.
    var newsSince: Instant?
    /// Templates that it knows, by class.
    var knownTemplates: [Bool] = []
    /// Undecided pods in its hands.
    var undecided = 0
    /// Copies of others' pods in its hands, undecided.
    var copiesInHand = 0
    /// Whether it was sent a ping since it was last told the time.
    var isClockDue = false
    /// Pods that it keeps in a queue of its own.
    var onHold = 0
    /// Pods given to it in order; entries that are decided by now are stale.
    var assigned: [Int] = []
    var queue = PodQueue()
    var parking = ParkingLot()
    /// Pods that wait for the scheduler to come back.
    var held: [Int] = []
    var rejections: [Rejection] = []
    /// How many of its placements were refused so far.
    var refusals: Int32 = 0
    /// How many of its decisions met another scheduler's lately, as a running mean, whether it won or lost.
    var contention = 0.0
    /// The share of the nodes that it was told to look at first.
    var share = (which: 0, of: 1)
    /// Whether a placement was refused since its parked pods were last looked at: the room that the scheduler took for
    /// taken is free to it again, although nothing happened in the cell.
    var hasRoomBack = false
    var withdrawals: [Int] = []
    /// Pods that its mirror took off their nodes, for a preemption that was refused.
    var retold: [Int] = []
    /// Whether there was more to answer than is kept for one that does not read.
    var isDeaf = false
    /// Placed pods of which it must be told what preemption wants to know, although it knows where they are.
    var retoldFacts: [Int] = []
    /// Pods that were nominated to a node, or are not any more, since it was last told.
    var nominations: [Int] = []
    var budgetsChanged = true
    /// Whether budgets allow more than it knows, which can wait until there is something else to say.
    var budgetsGrew = false
    var namespacesChanged = true
    /// Bytes waiting for its stdin.
    var outputBytes = 0
    var lastHeard = Instant.start
    var lastPing = Instant.start
    var lastDecision = Instant.start
    var pings = 0
    /// Ends in a row without an accepted placement.
    var crashStreak = 0
    /// Whether a placement of the process was accepted.
    var hasProgressed = false
    /// When the process became ready; nil before.
    var readySince: Instant?
    /// Pods set aside since the last accepted placement, because it ended with them in hand.
    var setAside: [Int] = []
    /// Bad lines more than good ones.
    var badBalance = 0
    var lastFailure = ""
    var figures = SchedulerFigures()

    init(registration: Registration, now: Instant) {
        self.registration = registration
        self.phase = .starting(since: now)
    }

    /// The name of the process, which tells shards of one scheduler apart.
    var name: String { registration.label }

    /// What it has before it and in hand, for choosing among shards.
    var load: Int { undecided + onHold + queue.count }

    /// Whether pods routed to it are queued rather than treated as its policy says for a scheduler that is not there.
    var isAvailable: Bool {
        switch phase {
        case .broken, .stopped: false
        default: true
        }
    }

    /// Undecided pods that it may have now.
    var credit: Int { phase == .ready ? max(0, min(window, windowLimit) - undecided - copiesInHand) : 0 }

    /// Whether nothing waits for its decision, and nothing but others' changes is there to be told.
    var hasNothingToDecide: Bool {
        undecided == 0 && copiesInHand == 0 && onHold == 0 && queue.isEmpty && rejections.isEmpty
            && withdrawals.isEmpty && retold.isEmpty && retoldFacts.isEmpty && !budgetsChanged && !namespacesChanged
    }

    func knows(_ template: ClassIndex) -> Bool {
        Int(template) < knownTemplates.count && knownTemplates[Int(template)]
    }

    mutating func markKnown(_ template: ClassIndex) {
        let index = Int(template)
        if index >= knownTemplates.count {
            knownTemplates.append(contentsOf: repeatElement(false, count: index + 1 - knownTemplates.count))
        }
        knownTemplates[index] = true
    }

    /// Forgets all that a process knew, because it has ended.
    mutating func forgetProcess() {
        capabilities = []
        window = 0
        cursor = 0
        toldRevision = 0
        newsSince = nil
        share = (0, 1)
        knownTemplates = []
        undecided = 0
        assigned = []
        rejections = []
        withdrawals = []
        retold = []
        isDeaf = false
        readySince = nil
        retoldFacts = []
        nominations = []
        budgetsChanged = true
        namespacesChanged = true
        outputBytes = 0
        badBalance = 0
    }

    /// Takes an answer in until the scheduler reads it; one that asks for more answers than it reads is found out.
    mutating func answer(_ rejection: Rejection, _ limits: Limits) {
        if rejections.count < limits.answersKept { rejections.append(rejection) } else { isDeaf = true }
    }
}

/// What happened at one scheduler, counted.
public struct SchedulerFigures: Hashable, Sendable {
    /// Pods that were routed to it.
    public var routed = 0
    /// Placements of it that were committed.
    public var bound = 0
    /// Placements of it that another's commit had made impossible.
    public var conflicts = 0
    /// The same, by the index of the scheduler that was first; the last entry counts changes by nobody's commit.
    public var conflictsWith: [Int] = []
    /// Placements of it that were wrong without anybody's doing.
    public var misplaced = 0
    /// Placements of pods that were not its own (any more).
    public var notItsOwn = 0
    /// Lines of it that were no messages.
    public var badLines = 0
    /// Times that its process was started again.
    public var restarts = 0
    /// Times that it was given up for a while.
    public var timesGivenUp = 0
    /// Times that a process of it became ready.
    public var timesReady = 0
    /// Why its process ended last, empty if it never did.
    public var lastExit = ""
    /// Pods that it pushed off their nodes.
    public var evictions = 0
    /// Pods that were taken from it because it was not there.
    public var fellBack = 0
}
