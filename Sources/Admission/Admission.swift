import ClusterModel
import PolicyEngine

/// What happens to a pod before it is persisted: steps in order, each of which completes the pod or refuses it.
///
/// The order is: further steps that come first (defaults of the namespace, runtime class), priority class, quality of
/// service, policies, further steps that come last (device claims, bounds of the namespace, quota). A value with one owner, which tells `policies.engine` and `priority` what changes in the cluster.
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
    public var first: [any AdmissionStep] {
        get { firstSteps }
        _modify {
            templates.forgetAll()
            yield &firstSteps
        }
    }
    /// Resolves priority classes.
    public var priority: PriorityStep {
        get { priorityStep }
        _modify {
            templates.forgetAll()
            yield &priorityStep
        }
    }
    /// Writes the quality-of-service class.
    public var qos = QoSStep()
    /// Asks the policies; how the schedulers fare is better told by `setScheduler`.
    public var policies: PolicyStep {
        get { policyStep }
        _modify {
            templates.forgetAll()
            yield &policyStep
        }
    }
    /// Steps after all others, such as quota.
    public var last: [any AdmissionStep] {
        get { lastSteps }
        _modify {
            templates.forgetAll()
            yield &lastSteps
        }
    }

    // Apart from what others change, since to put a pod through a step is to change the step.
    private var firstSteps: [any AdmissionStep] = []
    private var priorityStep: PriorityStep
    private var policyStep: PolicyStep
    private var lastSteps: [any AdmissionStep] = []
    /// What came of pods where every pod of their template fares the same; forgotten from the moment that anything about
    /// the steps changes.
    private var templates = TemplateMemory()
    /// Counts the pods that were put through the steps; those that fared like one before are not among them.
    public private(set) var runs = 0

    /// The usual chain.
    public init(priorityClasses: [PriorityClass] = [], policies engine: PolicyEngine) {
        self.priorityStep = PriorityStep(priorityClasses)
        self.policyStep = PolicyStep(engine)
    }

    /// The chain of a cluster with its rules for new pods.
    ///
    /// - Parameter pods: the pods of the cluster; those that are there already count for quotas.
    public init(_ rules: ClusterRules, pods: [Pod], policies engine: PolicyEngine) {
        self.init(priorityClasses: rules.priorityClasses, policies: engine)
        if !rules.limitRanges.isEmpty { first.append(LimitRangeStep(rules.limitRanges)) }
        first.append(RuntimeClassStep(rules.runtimeClasses))
        last.append(DeviceClaimStep())
        if !rules.limitRanges.isEmpty { last.append(LimitRangeCheck(rules.limitRanges)) }
        if !rules.quotas.isEmpty { last.append(QuotaStep(rules.quotas, pods: pods)) }
    }

    /// Puts a pod through all steps; a refused pod is the caller's unchanged one.
    ///
    /// - Complexity: that of comparing two pods, for one of a template that is remembered.
    ///
    /// - Parameter request: what is known of the request that makes the pod, or nil; policies may ask for it.
    public mutating func admit(_ pod: Pod, for request: PolicyRequest? = nil) -> AdmissionOutcome {
        if let template = recall(pod), let admitted = admitted(pod, as: template) { return .admitted(admitted) }
        runs &+= 1
        var admitted = AdmittedPod(pod: pod)
        admitted.request = request
        if let refusal = run(&admitted) { return .refused(refusal) }
        admitted.request = nil
        // Where a step looks at more than the pod, the next one of its template may fare otherwise.
        let need = needs(pod)
        if need != .anything, let decision = policyStep.engine.sharedDecision {
            templates.remember(pod, admitted, decision, asksForPast: need == .past)
        }
        return .admitted(admitted)
    }

    /// What the steps besides the policies look at for a pod.
    private func needs(_ pod: Pod) -> StepNeed {
        var need = priorityStep.need(pod)
        for step in firstSteps { need = max(need, step.need(pod)) }
        for step in lastSteps { need = max(need, step.need(pod)) }
        return need
    }

    /// A template by which `recall` knows pods.
    public struct Template: Hashable, Sendable {
        /// Where it is remembered, in `0 ..< Admission.rememberedTemplates`; others stand there before and after it.
        public let place: Int
        /// What no other template of this chain is or was known by.
        public let number: Int
    }

    /// How many templates are remembered at most.
    public static var rememberedTemplates: Int { TemplateMemory.limit }

    /// The template of a pod that differs in name and identity alone from one that was admitted, and so fares like it; if
    /// there is one the pod is counted, and need not be put through `admit`.
    ///
    /// A collection makes its pods of one template, and parts in common are quickly compared: they lie in one place.
    public mutating func recall(_ pod: Pod) -> Template? {
        guard let place = templates.place(of: pod), templates.repeats(place, &policyStep.engine) else { return nil }
        return Template(place: place, number: templates.entries[place].number)
    }

    /// What comes of a pod of a template; nil where the template is not remembered any more.
    public func admitted(_ pod: Pod, as template: Template) -> AdmittedPod? {
        guard template.place < templates.entries.count, templates.entries[template.place].number == template.number
        else { return nil }
        var admitted = templates.entries[template.place].sample.admitted
        admitted.pod.metadata.name = pod.metadata.name
        admitted.pod.metadata.uid = pod.metadata.uid
        admitted.pod.metadata.creationTimestamp = pod.metadata.creationTimestamp
        admitted.pod.written = pod.written
        return admitted
    }

    /// Makes known the state of one scheduler; nil forgets it.
    ///
    /// How much waits for a scheduler counts for expressions alone, and a decision that asked one is never kept: so the
    /// templates are forgotten only where a scheduler comes or goes.
    public mutating func setScheduler(_ name: String, _ status: SchedulerStatus?) {
        let isFirst = policyStep.engine.cluster.schedulers == nil
        let before = policyStep.engine.cluster.schedulers?[name]
        guard isFirst || before != status else { return }
        policyStep.engine.setScheduler(name, status)
        if isFirst || before?.isReady != status?.isReady { templates.forgetAll() }
    }

    /// Puts a pod through the steps before the policies, for tools that then ask the policies themselves.
    public mutating func prepare(_ pod: Pod) -> AdmissionOutcome {
        var admitted = AdmittedPod(pod: pod)
        if let refusal = runFirst(&admitted) { return .refused(refusal) }
        return .admitted(admitted)
    }

    /// A pod that is there already, with what the steps before the policies write into it: what they would refuse is kept
    /// as it is, but for its priority.
    public mutating func completed(_ pod: Pod) -> Pod {
        if case .admitted(let admitted) = prepare(pod) { return admitted.pod }
        var admitted = AdmittedPod(pod: pod)
        _ = priorityStep.admit(&admitted)
        return admitted.pod
    }

    private mutating func runFirst(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        for index in firstSteps.indices {
            if let refusal = firstSteps[index].admit(&admitted) { return refusal }
        }
        if let refusal = priorityStep.admit(&admitted) { return refusal }
        return qos.admit(&admitted)
    }

    private mutating func run(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        if let refusal = runFirst(&admitted) { return refusal }
        if let refusal = policyStep.admit(&admitted) { return refusal }
        if admitted.decision?.changesPriorityClass == true {
            // The number belongs to the class that the pod had before.
            (admitted.pod.spec.priority, admitted.pod.spec.preemptionPolicy) = (nil, nil)
            if let refusal = priorityStep.admit(&admitted) { return refusal }
        }
        for index in lastSteps.indices {
            if let refusal = lastSteps[index].admit(&admitted) { return refusal }
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

    /// What decides about a pod, besides the step's own settings.
    func need(_ pod: Pod) -> StepNeed
}

extension AdmissionStep {
    /// A step that does not say may look at anything.
    public func need(_ pod: Pod) -> StepNeed { .anything }
}

/// What a step of admission looks at, from what pods of one template have in common to what no two pods have.
public enum StepNeed: Comparable, Sendable {
    /// What a pod has in common with all that differ from it in name and identity alone.
    case template
    /// That, and whether the pod has lived in a cluster.
    case past
    /// Anything: the step must see every pod.
    case anything
}

/// A pod on its way through admission, with what the steps found out.
public struct AdmittedPod: Hashable, Sendable {
    /// The pod as it stands.
    public var pod: Pod
    /// What the policies decided; nil before they were asked.
    public var decision: PolicyDecision?
    /// What the pod's author should know.
    public var warnings: [String]
    /// What is known of the request while the pod is on its way; nil before and after.
    public var request: PolicyRequest?

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
        /// An object of the cluster forbids the pod, such as a quota; in Kubernetes' own words.
        case forbidden(String)
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
        case .forbidden(let message): message
        }
    }
}
