import ClusterModel

/// A message from a scheduler to the dispatcher.
public enum SchedulerMessage: Hashable, Sendable {
    /// The answer to `hello`.
    case ready(Ready)
    /// Placements, each standing for itself.
    case place(revision: Int?, [ProposedPlacement])
    /// Placements of which all are accepted or none, once the victims, all of lower priority, have left.
    case transaction(id: Int, revision: Int?, [ProposedPlacement], victims: [WirePod] = [])
    /// Pods that fit nowhere, for the same reasons.
    case unschedulable(Unschedulable)
    /// Pods and groups that are not placed for now, although they may fit: the scheduler keeps them, and places them later
    /// of its own accord.
    case hold(Hold)
    /// A pod that would fit if the victims left; `violations` is how many of these the scheduler knows to break a budget, nil
    /// where it does not look at budgets.
    case preempt(revision: Int?, pod: WirePod, node: WireNode, victims: [WirePod], violations: Int? = nil)
    /// The answer to `explain`.
    case explanation(id: Int, Value)
    /// The answer to `ping`.
    case pong(Int)
    /// Whatever the scheduler wants shown beside its name.
    case stats(Value)
    /// A message of a type that this version does not know; it is passed over.
    case unknown(type: String)
}

extension SchedulerMessage {
    /// The types of messages that schedulers send, as this version knows them.
    public static let typeNames: Set<String> = [
        "ready", "place", "transaction", "unschedulable", "hold", "preempt", "explanation", "pong", "stats",
    ]
}

/// The contents of `ready`.
public struct Ready: Hashable, Sendable {
    /// What a scheduler can do beyond placing one pod after another.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// One bit for each capability.
        public let rawValue: UInt8

        /// The set of the given bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It places groups by `transaction`.
        public static let transaction = Capabilities(rawValue: 1 << 0)
        /// It answers `explain`.
        public static let explain = Capabilities(rawValue: 1 << 1)
        /// It wants the names of pods beside their numbers.
        public static let names = Capabilities(rawValue: 1 << 2)
        /// It wants to be told its own accepted placements too, and assumes none of them.
        public static let echo = Capabilities(rawValue: 1 << 3)

        /// It keeps a queue of its own: it says `hold`, and wants to know the time and what runs until when.
        public static let hold = Capabilities(rawValue: 1 << 4)
        /// It reads runs: pods in a row, written by the number of the first.
        public static let runs = Capabilities(rawValue: 1 << 5)

        private static let table: [(Capabilities, String)] = [
            (.transaction, "transaction"), (.explain, "explain"), (.names, "names"), (.echo, "echo"), (.hold, "hold"),
            (.runs, "runs"),
        ]

        /// The capabilities' names in the protocol.
        public var nameList: [String] { Capabilities.table.filter { contains($0.0) }.map(\.1) }

        /// The capabilities of the given names; unknown names are passed over.
        public init(names: [String]) {
            self = Capabilities(Capabilities.table.filter { names.contains($0.1) }.map(\.0))
        }
    }

    /// The protocol version that the scheduler speaks.
    public var version: Int
    /// How many undecided pods it takes at once, at least 1.
    public var window: Int
    /// What it can do.
    public var capabilities: Capabilities

    /// The contents of a `ready`.
    public init(version: Int = SchedulerProtocol.version, window: Int, capabilities: Capabilities) {
        self.version = version
        self.window = window
        self.capabilities = capabilities
    }
}

/// A node proposed for a pod: `[pod, node]` or `[pod, node, [device, …]]`.
public struct ProposedPlacement: Hashable, Sendable {
    /// The pod's number.
    public var pod: WirePod
    /// The node's number.
    public var node: WireNode
    /// The GPU devices chosen, one bit each; none leaves the choice to the dispatcher.
    public var devices: UInt64

    /// A proposal.
    public init(pod: WirePod, node: WireNode, devices: UInt64 = 0) {
        self.pod = pod
        self.node = node
        self.devices = devices
    }
}

/// Pods that fit nowhere, why, and what might help.
public struct Unschedulable: Hashable, Sendable {
    /// The pods.
    public var pods: [WirePod]
    /// The last revision that the scheduler had seen when it decided.
    public var revision: Int?
    /// How many nodes refused for each reason, in Kubernetes' own wording where it has one.
    public var reasons: [String: Int]
    /// The events after which another try may succeed.
    public var events: ClusterEvents
    /// Whether the room that is kept for the pods on their nominated nodes is kept on, because victims are leaving there.
    public var awaitsVictims: Bool

    /// Describes pods that fit nowhere.
    public init(
        pods: [WirePod], revision: Int?, reasons: [String: Int], events: ClusterEvents, awaitsVictims: Bool = false
    ) {
        self.pods = pods
        self.revision = revision
        self.reasons = reasons
        self.events = events
        self.awaitsVictims = awaitsVictims
    }
}
