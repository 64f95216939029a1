import DequeModule

/// Which pods some scheduler has a copy of, to be compared with what becomes of the pods themselves.
///
/// A copy is a pod with a number of its own, from `firstCopy` on, that no part of the dispatcher but this one knows: it has
/// no record, takes no seat and is never committed. Copies come in units, single pods or whole groups, that are handed out
/// and answered as one, so that a shadow sees groups as the scheduler does.
struct ShadowBook {
    /// Numbers from here on are copies; the first million is used in turn, so that a mirror which keeps a table by number
    /// stays small.
    static let firstCopy = 1 << 28
    static let copyCount = 1 << 20

    /// What a shadow, or the scheduler itself, decided about a pod.
    enum Decision: Hashable {
        /// A node, by number.
        case node(Int)
        /// A node, after pushing others off it.
        case preempt(Int)
        /// No node fits.
        case nowhere
        /// Nothing: it was deleted, or its shadow did not answer.
        case nothing

        var node: Int? {
            switch self {
            case .node(let node), .preempt(let node): node
            case .nowhere, .nothing: nil
            }
        }
    }

    /// One pod and its copy.
    struct Member {
        let pod: Int
        var copy = -1
        /// What the shadow decided, nil as long as it has not; and when, in nanoseconds.
        var shadow: Decision?
        var decidedAt: Int64 = 0
        /// The last revision that the shadow knew when it decided.
        var seen = 0
        /// Whether the pod would have fitted where the shadow put it.
        var fits = false
        /// What became of the pod, nil as long as nothing has, and the revision since when schedulers are told.
        var outcome: Decision?
        var outcomeRevision = Int.max
        /// Pods that the shadow's mirror lost because it would have pushed them off.
        var victims: [Int] = []
    }

    /// Pods that are copied as one.
    struct Unit {
        enum Stage {
            /// In the queue of the shadow.
            case queued
            /// With the shadow.
            case handed
            /// The shadow has been answered and knows nothing of it any more.
            case answered
        }

        /// Index of the shadow among the schedulers, −1 where no scheduler has that name.
        let shadow: Int
        /// Index into `ShadowBook.pairs`.
        let pair: Int
        /// The real group, or −1.
        let group: Int
        var stage = Stage.queued
        /// When it was queued, then when it was handed out.
        var since: Instant
        var members: [Member]
        /// Whether its pods were decided before it could be handed out.
        var isLate = false
        /// Whether the shadow left some of it undecided, so that nothing of it counts.
        var isGivenUp = false

        var isDecided: Bool { members.allSatisfy { $0.shadow != nil } }
        var hasOutcome: Bool { members.allSatisfy { $0.outcome != nil } }
    }

    /// Whether any route names a shadow; until then nothing here costs anything.
    private(set) var isActive = false
    /// By route, the name of its shadow, or nil.
    private var names: [String?] = []
    /// Units that are not compared yet, by number.
    var units: [Int: Unit] = [:]
    /// The unit of each copy that a shadow has, and its place in the unit.
    var copies: [Int: (unit: Int, position: Int)] = [:]
    /// The unit of each pod copied.
    var unitOfPod: [Int: Int] = [:]
    /// Units to be handed out, by shadow.
    var queues: [Int: Deque<Int>] = [:]
    /// Units handed out, oldest first, those answered meanwhile included.
    var handed = Deque<Int>()
    /// Pods copied whose state has changed since the last flush, with their state and the revision of then.
    var changed: [(pod: Int, state: PodRecord.State, revision: Int)] = []
    var pairs: [ShadowFigures] = []
    /// Units queued or handed out.
    var openUnits = 0
    private var nextUnit = 0
    private var nextCopy = 0

    /// Takes note of a route; routes are numbered in order.
    mutating func noteRoute(_ shadow: String?) {
        names.append(shadow)
        if shadow != nil { isActive = true }
    }

    func shadow(ofRoute route: Int32) -> String? { names[Int(route)] }

    mutating func pair(_ scheduler: String, _ shadow: String) -> Int {
        if let known = pairs.firstIndex(where: { $0.scheduler == scheduler && $0.shadow == shadow }) { return known }
        pairs.append(ShadowFigures(scheduler: scheduler, shadow: shadow))
        return pairs.count - 1
    }

    mutating func add(_ unit: Unit) -> Int {
        let number = nextUnit
        nextUnit += 1
        for member in unit.members { unitOfPod[member.pod] = number }
        pairs[unit.pair].copied += unit.members.count
        pairs[unit.pair].open += unit.members.count
        units[number] = unit
        openUnits += 1
        return number
    }

    /// A number for a copy, which no shadow has now.
    mutating func copyNumber() -> Int {
        defer { nextCopy += 1 }
        return ShadowBook.firstCopy + nextCopy % ShadowBook.copyCount
    }

    /// Whether a number was that of a copy at some time.
    func wasCopy(_ number: Int) -> Bool {
        ShadowBook.isCopy(number) && number - ShadowBook.firstCopy < min(nextCopy, ShadowBook.copyCount)
    }

    static func isCopy(_ number: Int) -> Bool { number >= firstCopy && number < firstCopy + copyCount }

    /// Whether every figure is the sum of its parts. For tests and debug builds.
    var isConsistent: Bool {
        pairs.allSatisfy { pair in
            pair.copied == pair.compared + pair.late + pair.undecided + pair.gone + pair.open
                && pair.compared == pair.agreed + pair.differed + pair.wouldNotFit + pair.onlyScheduler
                    + pair.onlyShadow + pair.wouldPreempt
        } && openUnits == units.values.count { $0.stage != .answered }
    }
}
