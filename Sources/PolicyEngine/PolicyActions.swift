import ClusterModel

/// What a rule does to the pods that it matches.
public struct PolicyActions: Hashable, Sendable {
    /// The scheduler that places the pod, or nil where the rule does not route, or splits.
    public var scheduler: String?
    /// Schedulers among which the pods are split by weight, instead of one scheduler.
    public var split: [SchedulerShare]
    /// A scheduler that gets a copy of the pod, whose placement is compared and never committed.
    public var shadow: String?
    /// What happens while that scheduler is unknown or down.
    public var whenUnavailable: WhenUnavailable
    /// The schedulers that stand in for it, in order; only with `fallback`.
    public var fallback: [String]
    /// What happens if the pod names a scheduler itself.
    public var whenNamed: WhenNamed
    /// Labels to write.
    public var labels: MetadataEdit
    /// Annotations to write.
    public var annotations: MetadataEdit
    /// Labels of nodes that the pod must then ask for.
    public var nodeSelector: MetadataEdit
    /// Tolerations to write.
    public var tolerations: ListEdit<Toleration>
    /// Topology spread constraints to write.
    public var topologySpread: ListEdit<TopologySpreadConstraint>
    /// The priority class to write, or nil.
    public var priorityClass: PriorityClassEdit?
    /// Scheduling gates to write or to lift.
    public var schedulingGates: ListEdit<SchedulingGate>
    /// What the pod must then ask of its nodes, or nil where nothing is changed about it.
    public var nodeAffinity: NodeAffinityEdit?
    /// Requests of the containers.
    public var requests: ResourceEdit
    /// Limits of the containers.
    public var limits: ResourceEdit
    /// The message that refuses the pod, or nil where the rule does not refuse.
    public var reject: String?
    /// An expression whose value, a string of one line, stands in for the message; nil where there is none.
    public var rejectExpression: String?

    /// What happens to a pod whose scheduler is unknown or down.
    public enum WhenUnavailable: String, CaseIterable, Hashable, Sendable {
        /// The pod waits, visibly, until the scheduler is back.
        case queue
        /// The pod is refused.
        case reject
        /// The pod goes to the first of the rule's fallbacks that is ready, and waits if none is.
        case fallback
    }

    /// What happens to a pod that names a scheduler itself.
    public enum WhenNamed: String, CaseIterable, Hashable, Sendable {
        /// The pod goes where it asked.
        case honour
        /// The pod goes where the rule says.
        case override
        /// The pod is refused, unless it named the scheduler that the rule says.
        case reject
    }

    /// Actions that do nothing yet.
    public init(scheduler: String? = nil, reject: String? = nil) {
        self.scheduler = scheduler
        self.split = []
        self.whenUnavailable = .queue
        self.fallback = []
        self.whenNamed = .honour
        self.labels = MetadataEdit()
        self.annotations = MetadataEdit()
        self.nodeSelector = MetadataEdit()
        self.tolerations = ListEdit()
        self.topologySpread = ListEdit()
        self.schedulingGates = ListEdit()
        self.requests = ResourceEdit()
        self.limits = ResourceEdit()
        self.reject = reject
    }

    /// Whether a rule with these actions routes pods.
    var routes: Bool { scheduler != nil || !split.isEmpty }

    /// Whether a rule with these actions changes anything but the scheduler.
    var edits: Bool {
        !labels.isEmpty || !annotations.isEmpty || !nodeSelector.isEmpty || editsSpec
    }

    /// Whether a rule with these actions writes `Verdict.specChanges`.
    var editsSpec: Bool {
        !tolerations.isEmpty || !topologySpread.isEmpty || priorityClass != nil || !schedulingGates.isEmpty
            || nodeAffinity != nil || editsResources
    }

    /// Whether a rule with these actions changes what containers request or may use.
    var editsResources: Bool { !requests.isEmpty || !limits.isEmpty }

    /// The expressions that make texts, with where they stand.
    var expressions: [(path: FieldPath, source: String)] {
        var result: [(path: FieldPath, source: String)] = []
        if let rejectExpression { result.append((FieldPath("reject", "messageExpression"), rejectExpression)) }
        for (name, edit) in [("labels", labels), ("annotations", annotations), ("nodeSelector", nodeSelector)] {
            for (field, values) in [("add", edit.add), ("default", edit.default)] {
                for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                    guard case .expression(let source) = value else { continue }
                    result.append((FieldPath(name, field, key, "expression"), source))
                }
            }
        }
        return result
    }

    /// Every scheduler that the rule routes to.
    var targets: [String] { (scheduler.map { [$0] } ?? []) + split.map(\.scheduler) }
}

/// A scheduler with its share of the pods.
public struct SchedulerShare: Hashable, Sendable {
    /// The scheduler.
    public var scheduler: String
    /// Its share, relative to those of the others.
    public var weight: Int64

    /// A share of the given weight.
    public init(_ scheduler: String, weight: Int64) {
        self.scheduler = scheduler
        self.weight = weight
    }
}

/// A priority class that a rule writes.
public enum PriorityClassEdit: Hashable, Sendable {
    /// Written whatever the pod names.
    case add(String)
    /// Written only where the pod names no class and states no priority.
    case `default`(String)
}
