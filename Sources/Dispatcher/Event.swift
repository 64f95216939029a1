import ClusterModel
import SchedulerProtocol

/// Something that happened, for the dispatcher to act on.
public enum Event: Hashable, Sendable {
    /// A node joined, or changed.
    case nodeChanged(Node)
    /// A node left; the pods on it are released.
    case nodeRemoved(name: String)
    /// A namespace appeared, or its labels changed.
    case namespaceChanged(Namespace)
    /// A pod group appeared, or changed.
    case groupChanged(PodGroup)
    /// The disruption budgets as they now stand.
    case budgetsChanged([Budget])
    /// Pods arrived that admission has routed, in the order in which they are to be taken.
    case podsArrived([Arrival])
    /// A pod was placed by somebody else, or before the dispatcher started.
    case podFound(FoundPod)
    /// Room is kept for an undecided pod on a node, because victims are leaving there; nil ends it.
    case podNominated(ObjectKey, node: String?)
    /// A pod was deleted, or has ended.
    case podRemoved(ObjectKey)
    /// The process of a scheduler runs; its pipes are open.
    case started(scheduler: Int)
    /// The process of a scheduler has ended, or could not be started.
    case exited(scheduler: Int, reason: String)
    /// A scheduler sent a message.
    case received(scheduler: Int, SchedulerMessage)
    /// A scheduler sent a line that is no message.
    case badLine(scheduler: Int, reason: String)
    /// So many bytes now wait for a scheduler's stdin.
    case outputPending(scheduler: Int, bytes: Int)
    /// The workload's clock, by which jobs run and schedulers plan, shows this moment. Without such an event it is the clock
    /// that `handle` is given. Supervision always goes by the latter.
    case clockAdvanced(Instant)
    /// Nothing happened but the passing of time.
    case tick
    /// For so long nobody listened to the schedulers: the program was stopped, or the machine slept. It counts against none.
    case wasAway(nanoseconds: Int64)
    /// No more pods will come: finish and stop the schedulers.
    case shutDown
    /// Stop the schedulers now, whatever they have in hand.
    case stopNow
}

/// A pod to be placed, as admission hands it over.
public struct Arrival: Hashable, Sendable {
    /// The pod's namespace and name.
    public var key: ObjectKey
    /// All that placing it depends on, shared with other pods of its kind.
    public var sharedSpec: SharedSpec
    /// Its group, or nil.
    public var group: ObjectKey?
    /// The task that it has in its group, or empty.
    public var task = ""
    /// Where it goes; pods of one kind share it.
    @CopyOnWrite public var route: PodRoute

    /// An arrival of a pod whose spec is its own.
    public init(key: ObjectKey, spec: SchedulingSpec, group: ObjectKey? = nil, route: PodRoute) {
        self.init(key: key, spec: SharedSpec(spec), group: group, route: route)
    }

    /// An arrival of the given parts.
    public init(key: ObjectKey, spec: SharedSpec, group: ObjectKey? = nil, route: PodRoute) {
        self.key = key
        self.sharedSpec = spec
        self.group = group
        self.route = route
    }

    /// All that placing it depends on.
    public var spec: SchedulingSpec { sharedSpec.spec }
}

/// A pod that stands on a node already.
public struct FoundPod: Hashable, Sendable {
    /// The pod's namespace and name.
    public var key: ObjectKey
    /// All that placing it depended on.
    public var spec: SchedulingSpec
    /// Its group, or nil.
    public var group: ObjectKey?
    /// The task that it has in its group, or empty.
    public var task = ""
    /// The node's name.
    public var node: String
    /// The GPU devices it has, one bit each; none leaves the choice to the dispatcher.
    public var devices: UInt64
    /// When it started, in seconds since 1970; nil where that is unknown, then it counts as the youngest.
    public var startSeconds: Int64?
    /// Whether it is healthy, as disruption budgets count.
    public var isHealthy = true
    /// Whether it is leaving because a scheduler preempted it.
    public var isPreempted = false

    /// A pod on a node.
    public init(key: ObjectKey, spec: SchedulingSpec, group: ObjectKey? = nil, node: String, devices: UInt64 = 0) {
        self.key = key
        self.spec = spec
        self.group = group
        self.node = node
        self.devices = devices
    }
}

/// Something to be done, for the shell to carry out.
public enum Directive: Hashable, Sendable {
    /// Start the process of a scheduler and report `started` or `exited`.
    case start(scheduler: Int)
    /// Kill the process of a scheduler; `exited` follows.
    case kill(scheduler: Int)
    /// Write a message to a scheduler's stdin.
    case send(scheduler: Int, DispatcherMessage)
    /// Pods were bound; each counts from now on.
    case bind([Binding])
    /// Pods must leave their node, because another was placed there.
    case evict([Eviction])
    /// Something worth telling.
    case note(Note)
}

/// A pod bound to a node.
public struct Binding: Hashable, Sendable {
    /// The pod's number with the dispatcher.
    public var pod: Int
    /// The node's number with the dispatcher.
    public var node: Int
    /// The GPU devices given, one bit each.
    public var devices: UInt64
    /// The scheduler that placed it.
    public var scheduler: Int
}

/// A pod that was pushed off its node.
public struct Eviction: Hashable, Sendable {
    /// The pod's number with the dispatcher.
    public var pod: Int
    /// The node that it left.
    public var node: Int
    /// The pod that takes its place.
    public var preemptor: Int
}

/// Something that an operator may want to know.
public struct Note: Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    public enum Level: String, Hashable, Sendable {
        case info, warning, error
    }

    /// How much it matters.
    public var level: Level
    /// The scheduler it is about, or nil.
    public var scheduler: String?
    /// What happened.
    public var text: String

    /// `scheduler gang: restarted …`
    public var description: String { scheduler.map { "scheduler \($0): \(text)" } ?? text }
}
