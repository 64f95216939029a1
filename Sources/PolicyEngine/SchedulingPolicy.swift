import ClusterModel

/// An ordered list of rules that choose the scheduler of pods, label and annotate them, or refuse them.
///
/// ```yaml
/// apiVersion: switchyard.dev/v1alpha1
/// kind: SchedulingPolicy
/// metadata: {name: batch}
/// spec:
///   order: 200
///   rules:
///   - name: jobs
///     match: {ownerKinds: [Job]}
///     actions: {scheduler: gang}
/// ```
public struct SchedulingPolicy: Hashable, Sendable {
    /// The API group and version of policies.
    public static let apiVersion = "switchyard.dev/v1alpha1"
    /// The kind of policies.
    public static let kind = "SchedulingPolicy"

    /// The policy's name, unique among all policies.
    public var name: String
    /// Policies with a lower order are evaluated earlier; those of one order by name.
    public var order: Int64
    /// What the policy is for, in a sentence.
    public var summary: String
    /// Conditions that every rule of the policy shares.
    public var match: PolicyMatch
    /// The rules, in order of evaluation.
    public var rules: [PolicyRule]

    /// The order of a policy that states none.
    public static let defaultOrder: Int64 = 1_000

    /// A policy of the given parts.
    public init(
        name: String, order: Int64 = defaultOrder, summary: String = "", match: PolicyMatch = PolicyMatch(),
        rules: [PolicyRule]
    ) {
        self.name = name
        self.order = order
        self.summary = summary
        self.match = match
        self.rules = rules
    }
}

/// One rule of a policy: which pods, and what happens to them.
public struct PolicyRule: Hashable, Sendable {
    /// The rule's name, unique in its policy.
    public var name: String
    /// What the rule is for, in a sentence.
    public var summary: String
    /// Which pods; no condition matches every pod.
    public var match: PolicyMatch
    /// What happens to them.
    public var actions: PolicyActions

    /// A rule of the given parts.
    public init(name: String, summary: String = "", match: PolicyMatch = PolicyMatch(), actions: PolicyActions) {
        self.name = name
        self.summary = summary
        self.match = match
        self.actions = actions
    }
}

/// The conditions of a rule, which must all hold; each that is nil or empty holds for every pod.
public struct PolicyMatch: Hashable, Sendable {
    /// Names and globs of namespaces, any of which must match the pod's.
    public var namespaces: [NamePattern]?
    /// Names and globs of namespaces, none of which may match the pod's.
    public var excludeNamespaces: [NamePattern]?
    /// Labels of the pod's namespace.
    public var namespaceSelector: LabelSelector?
    /// Labels of the pod.
    public var labelSelector: LabelSelector?
    /// Annotations of the pod.
    public var annotationSelector: LabelSelector?
    /// Kinds of the object that controls the pod; `None` stands for a pod that nothing owns.
    public var ownerKinds: [String]?
    /// Names and globs of priority classes, any of which must match the pod's.
    public var priorityClasses: [NamePattern]?
    /// The range of the pod's priority.
    public var priority: IntegerRange?
    /// Quality-of-service classes.
    public var qosClasses: [QoSClass]?
    /// Whether the pod belongs to a group, and to which.
    public var podGroup: GroupMatch?
    /// Ranges of what the pod requests, by resource; a resource that the pod does not request counts as zero.
    public var requests: [String: QuantityRange]
    /// Names and globs of the scheduler that the pod itself names; a pod that names none does not match.
    public var schedulerNames: [NamePattern]?

    /// A match without conditions, which holds for every pod.
    public init() {
        self.requests = [:]
    }
}

/// A range of whole numbers, both ends included.
public struct IntegerRange: Hashable, Sendable {
    /// The least number, or nil for no bound.
    public var min: Int64?
    /// The greatest number, or nil for no bound.
    public var max: Int64?

    /// A range of the given bounds.
    public init(min: Int64? = nil, max: Int64? = nil) {
        self.min = min
        self.max = max
    }

    /// Whether the range holds `number`.
    public func contains(_ number: Int64) -> Bool { number >= min ?? .min && number <= max ?? .max }
}

/// A range of quantities, both ends included.
public struct QuantityRange: Hashable, Sendable {
    /// The least quantity, or nil for no bound.
    public var min: Quantity?
    /// The greatest quantity, or nil for no bound.
    public var max: Quantity?

    /// A range of the given bounds.
    public init(min: Quantity? = nil, max: Quantity? = nil) {
        self.min = min
        self.max = max
    }

    /// Whether the range holds `quantity`.
    public func contains(_ quantity: Quantity) -> Bool {
        if let min, quantity < min { return false }
        if let max, quantity > max { return false }
        return true
    }
}

/// What a rule asks about a pod's group.
public enum GroupMatch: Hashable, Sendable {
    /// The pod belongs to some group.
    case any
    /// The pod belongs to none.
    case absent
    /// The pod belongs to a group with one of these names and so many members; nil asks nothing.
    case group(names: [NamePattern]?, minMember: IntegerRange?)
}

/// What a rule does to the pods that it matches.
public struct PolicyActions: Hashable, Sendable {
    /// The scheduler that places the pod, or nil where the rule does not route.
    public var scheduler: String?
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
    /// The message that refuses the pod, or nil where the rule does not refuse.
    public var reject: String?

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
        self.whenUnavailable = .queue
        self.fallback = []
        self.whenNamed = .honour
        self.labels = MetadataEdit()
        self.annotations = MetadataEdit()
        self.reject = reject
    }

    /// Whether a rule with these actions changes labels or annotations.
    var edits: Bool { !labels.isEmpty || !annotations.isEmpty }
}

/// Labels or annotations that a rule writes.
public struct MetadataEdit: Hashable, Sendable {
    /// Written whether or not the pod has the key.
    public var add: [String: String]
    /// Written only where the pod lacks the key.
    public var `default`: [String: String]

    /// An edit of the given parts.
    public init(add: [String: String] = [:], default: [String: String] = [:]) {
        self.add = add
        self.default = `default`
    }

    /// Whether nothing is written.
    public var isEmpty: Bool { add.isEmpty && `default`.isEmpty }
}
