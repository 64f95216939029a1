import ClusterModel

/// A scheduler as it is registered: its name, how it is configured, how many processes it has.
///
/// How a process is started is the shell's business, not the dispatcher's.
public struct Registration: Hashable, Sendable {
    /// The name by which pods and policies call it.
    public var name: String
    /// Its own configuration, which it gets with `hello`.
    public var config: Value
    /// The seed of its random choices.
    public var seed: UInt64
    /// The most undecided pods that it is given at once, or nil for what it asks for.
    public var window: Int?
    /// Which of the scheduler's processes this is, from 0. Each is registered by itself.
    public var shard = 0
    /// How many processes the scheduler has.
    public var shards = 1

    /// A registration of the given parts.
    public init(name: String, config: Value = .object([]), seed: UInt64 = 0, window: Int? = nil) {
        self.name = name
        self.config = config
        self.seed = seed
        self.window = window
    }

    /// The name of the process: `binpack`, or `binpack/2` where the scheduler has several.
    public var label: String { shards == 1 ? name : "\(name)/\(shard)" }
}

/// Where admission sends a pod, why, and what happens if nobody is there.
public struct PodRoute: Hashable, Sendable {
    /// What happens to a pod whose scheduler is unknown or given up.
    public enum Unavailable: Hashable, Sendable {
        /// It waits, and says so.
        case queue
        /// It is refused.
        case reject
        /// It goes to the first of these that is there; if none is, it waits.
        case fallback([String])
    }

    /// The scheduler's name.
    public var scheduler: String
    /// The policy that decided, empty where none did.
    public var policy: String
    /// The rule that decided, empty where none did.
    public var rule: String
    /// The revision of the policies that decided, empty where there are none.
    public var revision: String
    /// What happens if the scheduler is not there.
    public var unavailable: Unavailable

    /// The scheduler that gets a copy, whose placement is compared and never committed; nil for none.
    public var shadow: String?

    /// A route of the given parts.
    public init(
        scheduler: String, policy: String = "", rule: String = "", unavailable: Unavailable = .queue,
        shadow: String? = nil, revision: String = ""
    ) {
        self.scheduler = scheduler
        self.policy = policy
        self.rule = rule
        self.unavailable = unavailable
        self.shadow = shadow
        self.revision = revision
    }
}
