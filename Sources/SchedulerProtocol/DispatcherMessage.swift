import ClusterModel

/// A message from the dispatcher to a scheduler.
public enum DispatcherMessage: Hashable, Sendable {
    /// The first message: who the scheduler is and how it is configured. The scheduler answers `ready`.
    case hello(Hello)
    /// Nodes that joined or changed, and nodes that left.
    case nodes(revision: Int, upsert: [NumberedNode], remove: [WireNode])
    /// Namespaces and their labels.
    case namespaces([Namespace])
    /// Disruption budgets, all of them each time.
    case budgets([Budget])
    /// Scheduling specs, each under the number by which pods name it from now on.
    case templates([NumberedTemplate])
    /// Templates that no pod uses any more.
    case forget([WireTemplate])
    /// Pod groups, each under the number by which pods name it.
    case groups([NumberedGroup])
    /// Pods to be placed by this scheduler. Members of a group that must be placed together stand in one message.
    case pods([PendingPod], names: [String])
    /// Pods that others placed, in the order of commit.
    case placed(revision: Int, [PlacedPod])
    /// What preemption wants to know of placed pods, beyond where they are and what they are like.
    case standing(Standing)
    /// Pods that wait for a node where room is kept for them, and pods for which none is kept any more.
    case nominated([NominatedPod], ended: [WirePod])
    /// Pods that no longer take their place.
    case released(revision: Int, [WirePod])
    /// Placements of this scheduler that were not accepted.
    case rejected([Rejection])
    /// Pods that the scheduler need not place any more.
    case withdraw([WirePod])
    /// The time, in milliseconds on the clock that `submitted` and `started` of groups are read from. All that happened
    /// until then has been told. For schedulers with the capability `hold`.
    case clock(Int)
    /// Which of how many shares of the nodes the scheduler should look at first, because it and others keep choosing the
    /// same nodes; with one share it is all of them again. Node numbers divided by `shares` leave `share`.
    case share(share: Int, shares: Int)
    /// Asks why a pod of this template would go where it would go; answered by `explanation`.
    case explain(id: Int, template: WireTemplate)
    /// Asks for a sign of life; answered by `pong` with the same number.
    case ping(Int)
    /// Decide what is at hand, take no more, then wait for `stop`.
    case drain
    /// Exit.
    case stop
}

/// The contents of `hello`.
public struct Hello: Hashable, Sendable {
    /// The name under which the scheduler was registered.
    public var scheduler: String
    /// Which of how many processes of this scheduler this is.
    public var shard: Int
    /// How many processes of this scheduler there are.
    public var shards: Int
    /// The seed for every random choice.
    public var seed: UInt64
    /// Whether a placement is refused that would break a hard spread constraint of a pod placed already.
    public var protectsPlacedSpread: Bool
    /// The scheduler's own configuration, as it was registered.
    public var config: Value

    /// The contents of a `hello`.
    public init(
        scheduler: String, shard: Int = 0, shards: Int = 1, seed: UInt64, protectsPlacedSpread: Bool = false,
        config: Value = .object([])
    ) {
        self.scheduler = scheduler
        self.shard = shard
        self.shards = shards
        self.seed = seed
        self.protectsPlacedSpread = protectsPlacedSpread
        self.config = config
    }
}

/// A node and its number.
public struct NumberedNode: Hashable, Sendable {
    /// The number.
    public var id: WireNode
    /// The node.
    public var node: Node

    /// Pairs a number with a node.
    public init(id: WireNode, node: Node) {
        self.id = id
        self.node = node
    }
}

/// A scheduling spec and its number.
public struct NumberedTemplate: Hashable, Sendable {
    /// The number.
    public var id: WireTemplate
    /// The scheduling spec.
    public var spec: SchedulingSpec

    /// Pairs a number with a spec.
    public init(id: WireTemplate, spec: SchedulingSpec) {
        self.id = id
        self.spec = spec
    }
}

/// A pod group, its number, and how far it has come.
public struct NumberedGroup: Hashable, Sendable {
    /// The number.
    public var id: WireGroup
    /// The group.
    public var group: PodGroup
    /// How many of its members are bound, or have run to their end.
    public var bound: Int
    /// When it had enough members to be placed, in milliseconds on the clock of `clock`; nil where nobody asked for it.
    public var submitted: Int?
    /// How long its members are expected to run, in seconds; nil where that is unknown.
    public var expectedSeconds: Int?
    /// When its first member was bound, in milliseconds on the clock of `clock`; nil before that.
    public var started: Int?
    /// Tasks of which some members must be among those bound at once.
    public var tasks: [GroupTask]

    /// Describes a group.
    public init(
        id: WireGroup, group: PodGroup, bound: Int, submitted: Int? = nil, expectedSeconds: Int? = nil,
        started: Int? = nil, tasks: [GroupTask] = []
    ) {
        self.id = id
        self.group = group
        self.bound = bound
        self.submitted = submitted
        self.expectedSeconds = expectedSeconds
        self.started = started
        self.tasks = tasks
    }

    /// How many members must still be bound at once.
    public var missing: Int { max(0, group.minMember - bound) }
}

/// A task of a group, as far as members of it are missing.
public struct GroupTask: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// How many of the pods must be among those bound at once.
    public var missing: Int
    /// The task's members that are not bound.
    public var pods: [WirePod]

    /// Describes a task.
    public init(name: String, missing: Int, pods: [WirePod]) {
        self.name = name
        self.missing = missing
        self.pods = pods
    }
}

/// A pod to be placed: `[pod, template]` or `[pod, template, group]`.
public struct PendingPod: Hashable, Sendable {
    /// The pod's number.
    public var pod: WirePod
    /// The number of its template.
    public var template: WireTemplate
    /// The number of its group, or nil.
    public var group: WireGroup?

    /// A pod of the given template.
    public init(pod: WirePod, template: WireTemplate, group: WireGroup? = nil) {
        self.pod = pod
        self.template = template
        self.group = group
    }
}

/// A pod on a node: `[pod, template, node]`, `[pod, template, node, [device, …]]` or, for schedulers with the capability
/// `hold`, `[pod, template, node, [device, …], group]`.
public struct PlacedPod: Hashable, Sendable {
    /// The pod's number.
    public var pod: WirePod
    /// The number of its template.
    public var template: WireTemplate
    /// The number of its node.
    public var node: WireNode
    /// The GPU devices that it was given, one bit each.
    public var devices: UInt64
    /// The number of its group; nil where it has none or the scheduler does not want to know.
    public var group: WireGroup?

    /// A pod on a node.
    public init(
        pod: WirePod, template: WireTemplate, node: WireNode, devices: UInt64 = 0, group: WireGroup? = nil
    ) {
        self.pod = pod
        self.template = template
        self.node = node
        self.devices = devices
        self.group = group
    }
}

/// A placement that was not accepted.
public struct Rejection: Hashable, Sendable {
    /// What the scheduler does about it.
    public enum Verdict: String, CaseIterable, Hashable, Sendable {
        /// The pod does not fit there any more; it is still the scheduler's to place.
        case retry
        /// The pod is not the scheduler's to place (any more).
        case gone
    }

    /// The pod's number.
    public var pod: WirePod
    /// The node it was to go to.
    public var node: WireNode
    /// Whether to try again.
    public var verdict: Verdict
    /// Why, in Kubernetes' own wording where it has one.
    public var reason: String
    /// What the node still has free, where it matters; empty otherwise.
    public var free: ResourceList

    /// Describes a refusal.
    public init(pod: WirePod, node: WireNode, verdict: Verdict, reason: String, free: ResourceList = [:]) {
        self.pod = pod
        self.node = node
        self.verdict = verdict
        self.reason = reason
        self.free = free
    }
}

/// How many pods of a set may be disrupted now.
public struct Budget: Hashable, Sendable {
    /// The budget's name.
    public var key: ObjectKey
    /// The pods guarded.
    public var selector: LabelSelector
    /// How many of them may still be evicted.
    public var allowed: Int
    /// Pods whose eviction is counted already.
    public var disrupted: [WirePod]

    /// Describes a budget.
    public init(key: ObjectKey, selector: LabelSelector, allowed: Int, disrupted: [WirePod] = []) {
        self.key = key
        self.selector = selector
        self.allowed = allowed
        self.disrupted = disrupted
    }
}
