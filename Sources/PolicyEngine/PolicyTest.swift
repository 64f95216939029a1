import ClusterModel

/// Pods with what the policies are expected to decide about them; stands in the folder `tests` beside the policies.
///
/// ```yaml
/// apiVersion: switchyard.dev/v1alpha1
/// kind: PolicyTest
/// metadata: {name: batch}
/// spec:
///   cases:
///   - name: the pod of a Job goes to gang
///     pod: {metadata: {ownerReferences: [{kind: Job, name: sort}]}}
///     expect: {scheduler: gang, policy: batch, rule: jobs}
/// ```
public struct PolicyTest: Hashable, Sendable {
    /// The kind of policy tests.
    public static let kind = "PolicyTest"

    /// The test's name.
    public var name: String
    /// What is known of the cluster, for every case.
    public var namespaces: [Namespace]
    /// The pod groups, for every case.
    public var groups: [PodGroup]
    /// The priority classes beside those that every cluster has.
    public var priorityClasses: [PriorityClass] = []
    /// The schedulers, for every case; nil lets every name count as ready.
    public var schedulers: [String: SchedulerStatus]?
    /// The scheduler of pods that no rule routes.
    public var defaultScheduler: String
    /// The time of the cases, in seconds since 1970; nil is now.
    public var timeSeconds: Int64?
    /// Objects that policies may have as parameters.
    public var objects: [Value] = []
    /// The cases.
    public var cases: [Case]

    /// One or more pods, decided about in order, with what is expected of each.
    public struct Case: Hashable, Sendable {
        /// The case's name.
        public var name: String
        /// The pods.
        public var pods: [Pod]
        /// Schedulers whose state differs from that of the test.
        public var schedulers: [String: SchedulerStatus]
        /// The time, where it differs from that of the test.
        public var timeSeconds: Int64? = nil
        /// Who asks for the pods; nil where nobody knows.
        public var userInfo: PolicyRequest.UserInfo? = nil
        /// What is expected.
        public var expect: Expectation
        /// Where the case stands in its document.
        public var path: FieldPath
    }

    /// What is expected of a decision; what is nil is not looked at.
    public struct Expectation: Hashable, Sendable {
        /// The scheduler that the pod goes to.
        public var scheduler: String?
        /// The policy that routes it.
        public var policy: String?
        /// The rule that routes it.
        public var rule: String?
        /// Whether no rule may have routed it: `rule: null` or `policy: null`.
        public var wantsNoRule = false
        /// Who chose the scheduler.
        public var origin: Route.Origin?
        /// Whether the pod waits for a scheduler that is not there.
        public var waits: Bool?
        /// Labels of the admitted pod; nil wants the label absent.
        public var labels: [String: String?]
        /// Annotations of the admitted pod; nil wants the annotation absent.
        public var annotations: [String: String?]
        /// Labels of nodes that the admitted pod asks for; nil wants the key absent.
        public var nodeSelector: [String: String?] = [:]
        /// The tolerations of the admitted pod, in any order.
        public var tolerations: [Toleration]?
        /// The scheduling gates of the admitted pod, in any order.
        public var schedulingGates: [String]?
        /// What the admitted pod requires and prefers of its nodes.
        public var nodeAffinity: Affinity?
        /// Requests of containers of the admitted pod, by their names; nil wants none of the resource.
        public var requests: [String: [String: Quantity?]] = [:]
        /// Limits likewise.
        public var limits: [String: [String: Quantity?]] = [:]
        /// Exactly what rules write beside the scheduler and the stamps.
        public var changes: Changes?
        /// Texts of which each must stand in some warning; an empty list wants no warning.
        public var warnings: [String]?
        /// The scheduler that gets a copy; an empty text wants none.
        public var shadow: String?
        /// Texts of which each must stand in what some audited rule would do.
        public var audits: [String]?
        /// A refusal.
        public var rejected: Rejection?
    }

    /// Exactly what rules write and remove; a value that is nil is removed.
    public struct Changes: Hashable, Sendable {
        /// The labels.
        public var labels: [String: String?]
        /// The annotations.
        public var annotations: [String: String?]
        /// The node labels asked for.
        public var nodeSelector: [String: String?]
        /// The changes of the spec, each in the words that explanations use.
        public var spec: [String]
    }

    /// A refusal; what is nil is not looked at.
    public struct Rejection: Hashable, Sendable {
        /// The policy that refuses.
        public var policy: String?
        /// The rule that refuses.
        public var rule: String?
        /// A text that must stand in the message.
        public var message: String?
    }
}
