import ClusterModel
import PolicyEngine

/// What happens to a pod before it is persisted: steps in order, each of which completes the pod or refuses it.
///
/// The order is: further steps that come first, priority class, quality of service, policies, further steps that come
/// last. A value with one owner, which tells `policies.engine` and `priority` what changes in the cluster.
///
/// ```swift
/// var admission = Admission(priorityClasses: classes, policies: PolicyEngine(set, cluster: cluster))
/// switch admission.admit(pod) {
/// case .admitted(let admitted): …
/// case .refused(let refusal): …
/// }
/// ```
public struct Admission: Sendable {
    /// Steps before all others, such as defaults of the namespace.
    public var first: [any AdmissionStep] = [] { didSet { latest = nil } }
    /// Resolves priority classes.
    public var priority: PriorityStep { didSet { latest = nil } }
    /// Writes the quality-of-service class.
    public var qos = QoSStep()
    /// Asks the policies; how the schedulers fare is better told by `setScheduler`.
    public var policies: PolicyStep {
        get { policyStep }
        _modify {
            latest = nil
            yield &policyStep
        }
    }
    /// Steps after all others, such as quota.
    public var last: [any AdmissionStep] = [] { didSet { latest = nil } }

    private var policyStep: PolicyStep
    /// The pod admitted last and what came of it, where every pod of its template would fare the same; nil from the moment
    /// that anything about the steps changes.
    private var latest: (pod: Pod, admitted: AdmittedPod)?
    /// Counts the pods that were put through the steps; those that fared like the one before are not among them.
    public private(set) var runs = 0

    /// The usual chain.
    public init(priorityClasses: [PriorityClass] = [], policies engine: PolicyEngine) {
        self.priority = PriorityStep(priorityClasses)
        self.policyStep = PolicyStep(engine)
    }

    /// Puts a pod through all steps; a refused pod is the caller's unchanged one.
    ///
    /// - Complexity: that of comparing two pods, for one with the template of the pod before it.
    public mutating func admit(_ pod: Pod) -> AdmissionOutcome {
        if repeatsLatest(pod), var admitted = latest?.admitted {
            admitted.pod.metadata.name = pod.metadata.name
            admitted.pod.metadata.uid = pod.metadata.uid
            admitted.pod.metadata.creationTimestamp = pod.metadata.creationTimestamp
            return .admitted(admitted)
        }
        latest = nil
        runs &+= 1
        var admitted = AdmittedPod(pod: pod)
        if let refusal = run(&admitted) { return .refused(refusal) }
        // A step that is not known here may look at anything.
        if first.isEmpty, last.isEmpty, policyStep.engine.lastDecisionIsShared { latest = (pod, admitted) }
        return .admitted(admitted)
    }

    /// Whether the pod differs from the one admitted last in name and identity alone and so fares like it; if so it is
    /// counted, and need not be put through `admit`.
    ///
    /// A collection makes its pods of one template, and parts in common are quickly compared: they lie in one place.
    public mutating func repeatsLatest(_ pod: Pod) -> Bool {
        guard latest?.pod.hasTemplate(of: pod) == true else { return false }
        policyStep.engine.repeatLastDecision()
        // The next one is likelier to share its parts with this pod.
        if latest?.pod.$spec.isShared(with: pod.$spec) == false { latest?.pod = pod }
        return true
    }

    /// Makes known the state of one scheduler; nil forgets it.
    ///
    /// How much waits for a scheduler counts for expressions alone, and a decision that asked one is never kept: so the pod
    /// admitted last is forgotten only where a scheduler comes or goes.
    public mutating func setScheduler(_ name: String, _ status: SchedulerStatus?) {
        let isFirst = policyStep.engine.cluster.schedulers == nil
        let before = policyStep.engine.cluster.schedulers?[name]
        guard isFirst || before != status else { return }
        policyStep.engine.setScheduler(name, status)
        if isFirst || before?.isReady != status?.isReady { latest = nil }
    }

    /// Puts a pod through the steps before the policies, for tools that then ask the policies themselves.
    public mutating func prepare(_ pod: Pod) -> AdmissionOutcome {
        var admitted = AdmittedPod(pod: pod)
        if let refusal = runFirst(&admitted) { return .refused(refusal) }
        return .admitted(admitted)
    }

    private mutating func runFirst(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        for index in first.indices {
            if let refusal = first[index].admit(&admitted) { return refusal }
        }
        if let refusal = priority.admit(&admitted) { return refusal }
        return qos.admit(&admitted)
    }

    private mutating func run(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        if let refusal = runFirst(&admitted) { return refusal }
        if let refusal = policyStep.admit(&admitted) { return refusal }
        if admitted.decision?.changesPriorityClass == true {
            // The number belongs to the class that the pod had before.
            (admitted.pod.spec.priority, admitted.pod.spec.preemptionPolicy) = (nil, nil)
            if let refusal = priority.admit(&admitted) { return refusal }
        }
        for index in last.indices {
            if let refusal = last[index].admit(&admitted) { return refusal }
        }
        return nil
    }
}

/// One step of admission.
public protocol AdmissionStep: Sendable {
    /// The step's name, for counters and messages.
    var name: String { get }

    /// Completes the pod; returns why it is refused, or nil.
    mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal?
}

/// A pod on its way through admission, with what the steps found out.
public struct AdmittedPod: Hashable, Sendable {
    /// The pod as it stands.
    public var pod: Pod
    /// What the policies decided; nil before they were asked.
    public var decision: PolicyDecision?
    /// What the pod's author should know.
    public var warnings: [String]

    /// A pod that no step has seen yet.
    public init(pod: Pod) {
        self.pod = pod
        self.warnings = []
    }
}

/// How admission ends.
public enum AdmissionOutcome: Hashable, Sendable {
    /// The pod may be persisted and routed.
    case admitted(AdmittedPod)
    /// The pod may not.
    case refused(AdmissionRefusal)
}

/// Why a pod was refused.
public struct AdmissionRefusal: Hashable, Sendable {
    /// The step that refused.
    public var step: String
    /// What was wrong.
    public var reason: Reason

    /// What can be wrong with a pod.
    public enum Reason: Hashable, Sendable {
        /// A field does not hold what it should.
        case field(FieldError)
        /// A rule of a policy refuses the pod.
        case policy(PolicyRejection)
    }

    /// A refusal by a step.
    public init(step: String, _ reason: Reason) {
        self.step = step
        self.reason = reason
    }

    /// The policy that refused, or nil.
    public var policy: String? { if case .policy(let rejection) = reason { rejection.rule.policy } else { nil } }
    /// The rule that refused, or nil.
    public var rule: String? { if case .policy(let rejection) = reason { rejection.rule.rule } else { nil } }
    /// The refusal in words.
    public var message: String {
        switch reason {
        case .field(let error): error.description
        case .policy(let rejection): rejection.message
        }
    }
}

extension Pod {
    /// Whether two pods differ in name and identity alone.
    fileprivate func hasTemplate(of other: Pod) -> Bool {
        metadata.namespace == other.metadata.namespace && metadata.labels == other.metadata.labels
            && metadata.annotations == other.metadata.annotations
            && metadata.ownerReferences == other.metadata.ownerReferences
            && metadata.deletionTimestamp == other.metadata.deletionTimestamp && $spec == other.$spec
            && phase == other.phase && nominatedNodeName == other.nominatedNodeName && startTime == other.startTime
    }
}
