import ClusterModel

/// What the policies decided about a pod; `apply(to:)` carries it out.
public struct PolicyDecision: Hashable, Sendable {
    /// Where the pod goes, or why it is refused.
    public var outcome: Outcome
    /// Labels and annotations to write or to remove, each key at most once; empty for a refused pod.
    public var changes: [MetadataChange]
    /// What rules write into the pod's spec.
    public var specChanges: [SpecChange] = []
    /// What the pod asks of nodes once rules have had their say; nil where they change nothing about it.
    var nodeAffinity: CopyOnWrite<Affinity>?
    /// What rules that are only audited would do.
    public var audits: [PolicyWarning] = []
    /// What the pod's author should know although the pod is admitted.
    public var warnings: [PolicyWarning]
    /// The revision of the policies that decided.
    public var revision: String

    /// The two ends of a decision.
    public enum Outcome: Hashable, Sendable {
        /// The pod goes to a scheduler; decisions that say the same share the route.
        case routed(CopyOnWrite<Route>)
        /// The pod is refused, and nothing about it is changed.
        case rejected(PolicyRejection)
    }

    /// The route, or nil for a refused pod.
    public var route: Route? {
        if case .routed(let route) = outcome { route.wrappedValue } else { nil }
    }

    /// Whether the pod gets another priority class, whose priority admission must then resolve.
    public var changesPriorityClass: Bool {
        specChanges.contains { if case .priorityClass = $0.content { true } else { false } }
    }

    /// Whether the pod is refused.
    var isRefused: Bool { if case .rejected = outcome { true } else { false } }

    /// The refusal, or nil for a pod that is routed.
    public var rejection: PolicyRejection? {
        if case .rejected(let rejection) = outcome { rejection } else { nil }
    }
}

/// Which scheduler places a pod, and who chose it.
public struct Route: Hashable, Sendable {
    /// The scheduler that gets the pod.
    public var scheduler: String
    /// Who chose it.
    public var origin: Origin
    /// The rule that routed the pod, or under which its own choice was honoured; nil where none matched.
    public var rule: RuleReference?
    /// Whether the scheduler can take the pod now.
    public var availability: Availability
    /// What to do with the pod if the scheduler goes down later.
    public var whenUnavailable: PolicyActions.WhenUnavailable
    /// The schedulers that then stand in for it, in order.
    public var fallback: [String]
    /// A scheduler that gets a copy of the pod, and whose placement is never committed.
    public var shadow: String? = nil

    /// Who chose a scheduler.
    public enum Origin: String, CaseIterable, Hashable, Sendable {
        /// A rule.
        case rule
        /// The pod itself, and the policies honour it.
        case pod
        /// Nobody: no rule matched and the pod names none, so it goes to the generic scheduler.
        case `default`
        /// The group: an earlier member was routed, and a group is routed as one.
        case group
    }

    /// Whether a scheduler can take pods.
    public enum Availability: Hashable, Sendable {
        /// It is ready, or nobody asked.
        case ready
        /// It is not, and the pod waits for it.
        case waiting(SchedulerAbsence)
        /// The one that was chosen is not, and this one stands in for it.
        case standsIn(for: String, SchedulerAbsence)
    }
}

/// Why a scheduler cannot take pods.
public enum SchedulerAbsence: String, CaseIterable, Hashable, Sendable {
    /// No scheduler has this name.
    case unknown
    /// It is registered and does not run.
    case down

    /// The reason in words: `no scheduler has this name`.
    public var text: String {
        switch self {
        case .unknown: "no scheduler has this name"
        case .down: "it is down"
        }
    }
}

/// A refused pod: which rule refused it, and what it says.
public struct PolicyRejection: Hashable, Sendable {
    /// The rule that refused.
    public var rule: RuleReference
    /// The message of the rule, or what was wrong with the scheduler.
    public var message: String

    /// A refusal by `rule`.
    public init(rule: RuleReference, message: String) {
        self.rule = rule
        self.message = message
    }
}

/// Something that the author of an admitted pod should know.
public struct PolicyWarning: Hashable, Sendable {
    /// The rule that warns, or nil where no rule does.
    public var rule: RuleReference?
    /// What there is to know.
    public var message: String

    /// A warning by `rule`.
    public init(rule: RuleReference?, message: String) {
        self.rule = rule
        self.message = message
    }
}

/// A label, annotation or node label that a rule writes or removes.
public struct MetadataChange: Hashable, Sendable {
    /// Where it is written.
    public var target: Target
    /// The key.
    public var key: String
    /// The value written; nil where the key is removed.
    public var value: String?
    /// The rule that writes or removes it.
    public var rule: RuleReference

    /// The places.
    public enum Target: String, CaseIterable, Hashable, Sendable {
        case label, annotation, nodeSelector
    }

    /// The change as something done: `writes label team: a`, `removes label team`.
    var effect: String {
        value.map { "writes \(target.rawValue) \(key): \($0)" } ?? "removes \(target.rawValue) \(key)"
    }
}

extension PolicyDecision {
    /// Writes the decision into the pod: labels, annotations, scheduler, and the stamps that say who decided.
    ///
    /// A refused pod stays as it is. Applying a decision twice is the same as applying it once.
    public func apply(to pod: inout Pod) {
        guard case .routed(let shared) = outcome else { return }
        let route = shared.wrappedValue
        let named = pod.namedScheduler
        for change in changes {
            switch change.target {
            case .label: pod.metadata.labels[change.key] = change.value
            case .annotation: pod.metadata.annotations[change.key] = change.value
            case .nodeSelector: pod.spec.nodeSelector[change.key] = change.value
            }
        }
        if !specChanges.isEmpty {
            pod.spec.apply(specChanges)
            if let affinity = nodeAffinity?.wrappedValue {
                pod.spec.affinity.requiredNodes = affinity.requiredNodes
                pod.spec.affinity.preferredNodes = affinity.preferredNodes
            }
            if specChanges.contains(where: \.changesResources), pod.metadata.annotations[PolicyAnnotation.qos] != nil {
                pod.metadata.annotations[PolicyAnnotation.qos] = pod.spec.qosClass.rawValue
            }
        }
        pod.spec.schedulerName = route.scheduler
        if pod.metadata.annotations.isEmpty {
            // The usual case: one allocation for what is written below instead of three.
            pod.metadata.annotations = Dictionary(minimumCapacity: 6)
        }
        pod.metadata.annotations[PolicyAnnotation.scheduler] = route.scheduler
        pod.metadata.annotations[PolicyAnnotation.revision] = revision
        if let rule = route.rule {
            pod.metadata.annotations[PolicyAnnotation.policy] = rule.policy
            pod.metadata.annotations[PolicyAnnotation.rule] = rule.rule
        } else {
            pod.metadata.annotations.removeValue(forKey: PolicyAnnotation.policy)
            pod.metadata.annotations.removeValue(forKey: PolicyAnnotation.rule)
        }
        if let named {
            pod.metadata.annotations[PolicyAnnotation.named] = named
        } else {
            pod.metadata.annotations.removeValue(forKey: PolicyAnnotation.named)
        }
    }
}
