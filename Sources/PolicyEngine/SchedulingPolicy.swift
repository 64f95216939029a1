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
    /// Which requests the policy is about, in the words of Kubernetes' admission policies; nil for the creation of any pod.
    public var matchConstraints: MatchConstraints?
    /// The object that expressions see as `params`; nil for none.
    public var parameters: PolicyParameters?
    /// Conditions that every rule of the policy shares.
    public var match: PolicyMatch
    /// Values with names, computed once for a pod, that expressions use as `variables.NAME`.
    public var variables: [NamedExpression]
    /// Expressions that must be true for any rule of the policy to match.
    public var matchConditions: [NamedExpression]
    /// What happens to a pod for which an expression has no value.
    public var failurePolicy: FailurePolicy
    /// Whether the policy was written as a MetadataPolicy, whose fields have other names.
    var isMetadataPolicy = false
    /// Pods that rules leave alone for a time.
    public var exceptions: [PolicyException]
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
        self.variables = []
        self.matchConditions = []
        self.failurePolicy = .fail
        self.exceptions = []
        self.rules = rules
    }

    /// What happens to a pod for which an expression has no value.
    public enum FailurePolicy: String, CaseIterable, Hashable, Sendable {
        /// The pod is refused.
        case fail = "Fail"
        /// The rule does not match.
        case ignore = "Ignore"
    }
}

/// An expression in CEL with a name for messages.
public struct NamedExpression: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The expression.
    public var expression: String

    /// Names an expression.
    public init(_ name: String, _ expression: String) {
        self.name = name
        self.expression = expression
    }
}

/// Pods that rules of a policy, or of several, leave alone until some day.
public struct PolicyException: Hashable, Sendable {
    /// The exception's name.
    public var name: String
    /// Why there is one.
    public var summary: String
    /// When it ends (RFC 3339).
    public var until: String
    /// The same in seconds since 1970.
    public var untilSeconds: Int64
    /// The rules left out, or nil for all of the policy.
    public var rules: [String]?
    /// The pods left alone.
    public var match: PolicyMatch
    /// When it holds before it ends; nil is always.
    public var schedule: PolicySchedule?
    /// The policies whose rules are left out; nil for an exception that stands in a policy.
    public var policies: [NamePattern]?

    /// The kind of exceptions that stand alone.
    public static let kind = "PolicyException"

    /// Whether the exception is about a rule.
    func isAbout(_ rule: String, of policy: String) -> Bool {
        if let policies, !policies.contains(where: { $0.matches(policy) }) { return false }
        guard let rules else { return true }
        // Standing alone it may name rules by globs.
        return policies == nil ? rules.contains(rule) : rules.contains { NamePattern($0).matches(rule) }
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
    /// Expressions that must be true too.
    public var matchConditions: [NamedExpression]
    /// When the rule holds; nil is always.
    public var schedule: PolicySchedule?
    /// The share of the pods for which the rule holds, 0 to 100; nil is all.
    public var percent: Int?
    /// Whether the actions are carried out, or only told of.
    public var enforcement: Enforcement
    /// What happens to them.
    public var actions: PolicyActions

    /// Whether the actions of a rule are carried out.
    public enum Enforcement: String, CaseIterable, Hashable, Sendable {
        /// They are.
        case enforce
        /// They are not; the pod's author is told what would be done.
        case warn
        /// They are not; only the decision's record and the counters show what would be done.
        case audit
    }

    /// A rule of the given parts.
    public init(name: String, summary: String = "", match: PolicyMatch = PolicyMatch(), actions: PolicyActions) {
        self.name = name
        self.summary = summary
        self.match = match
        self.matchConditions = []
        self.enforcement = .enforce
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

    /// Matches of which one must hold too; empty asks nothing.
    public var any: [PolicyMatch] = []
    /// Matches of which none may hold.
    public var except: [PolicyMatch] = []

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
