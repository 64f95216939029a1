import Admission
import ClusterModel
import Dispatcher
import PolicyEngine

/// Puts pods through admission and makes of each what the dispatcher is told of it.
///
/// One value for the whole life of a cluster; its owner tells `admission` what changes.
public struct Intake: Sendable {
    /// What becomes of a pod.
    public enum Outcome: Sendable {
        /// It is to be placed; what its author should know.
        case arrival(Arrival, warnings: [String])
        /// It waits for its scheduling gates, and no scheduler is asked yet.
        case gated(scheduler: String, message: String, warnings: [String])
        /// Admission refused it.
        case refused(AdmissionRefusal)
    }

    /// The chain of admission.
    public var admission: Admission
    private var specs = SharedSpecs()
    /// What became of a pod of each template that admission remembers, by its place, for the pods after it.
    private var known: [Known?] = Array(repeating: nil, count: Admission.rememberedTemplates)

    /// What becomes of the pods of a template, but for their names; a class, so that to look at it copies nothing.
    private final class Known: Sendable {
        let number: Int
        let service: LabelSelector?
        let arrival: Arrival
        let warnings: [String]

        init(number: Int, service: LabelSelector?, arrival: Arrival, warnings: [String]) {
            (self.number, self.service, self.arrival, self.warnings) = (number, service, arrival, warnings)
        }
    }

    private let schedulers: Set<String>
    private let defaultScheduler: String
    private let hasPolicies: Bool
    /// Of so many decisions one is timed, by rule: reading the clock costs as much as asking some rules.
    private static let timingPeriod = 64

    /// An intake for a cluster.
    ///
    /// - Parameters:
    ///   - policies: the policies; nil for none, then every pod goes to the generic scheduler, unless it names one that is
    ///     registered.
    ///   - rules: the objects of the cluster that complete or refuse new pods.
    ///   - pods: the pods of the cluster; those that are there already count for quotas.
    public init(
        policies: PolicySet?, rules: ClusterRules, pods: [Pod], namespaces: [Namespace], groups: [PodGroup],
        schedulers: [String], defaultScheduler: String
    ) {
        var statuses: [String: SchedulerStatus] = [:]
        for name in schedulers { statuses[name] = SchedulerStatus() }
        let cluster = PolicyCluster(
            namespaces: namespaces, groups: groups, schedulers: statuses, defaultScheduler: defaultScheduler)
        self.admission = Admission(
            rules, pods: pods, policies: PolicyEngine(policies ?? .empty, cluster: cluster))
        self.schedulers = Set(schedulers)
        self.defaultScheduler = defaultScheduler
        self.hasPolicies = policies != nil
        admission.policies.engine.timingPeriod = Intake.timingPeriod
    }

    /// Takes in a pod that is not placed yet.
    ///
    /// - Parameter service: the pods that count as the same service.
    public mutating func admit(_ pod: Pod, service: LabelSelector?) -> Outcome {
        if let template = admission.recall(pod) {
            if let known = known[template.place], known.number == template.number, known.service == service {
                var arrival = known.arrival
                arrival.key = pod.metadata.key
                return .arrival(arrival, warnings: known.warnings)
            }
            if let admitted = admission.admitted(pod, as: template) {
                let outcome = route(admitted, service)
                if case .arrival(let arrival, let warnings) = outcome {
                    known[template.place] = Known(
                        number: template.number, service: service, arrival: arrival, warnings: warnings)
                }
                return outcome
            }
        }
        switch admission.admit(pod) {
        case .refused(let refusal): return .refused(refusal)
        case .admitted(let admitted): return route(admitted, service)
        }
    }

    /// What is said of a pod whose scheduler nobody runs, where no policy says what becomes of it.
    public static func nobodysPod(_ scheduler: String, goesTo other: String) -> String {
        "no scheduler named \(scheduler) is registered, and there are no policies: \(other) gets the pod"
    }

    private mutating func route(_ admitted: AdmittedPod, _ service: LabelSelector?) -> Outcome {
        let pod = admitted.pod
        let route = admitted.decision?.route
        var name = route?.scheduler ?? defaultScheduler
        var warnings = admitted.warnings
        if !hasPolicies, !schedulers.contains(name) {
            // What a policy would do about an absent scheduler is not done, so it must not be said.
            let unsaid = admitted.decision?.warnings.map(\.message) ?? []
            warnings.removeAll(where: unsaid.contains)
            warnings.append(Intake.nobodysPod(name, goesTo: defaultScheduler))
            name = defaultScheduler
        }
        guard pod.spec.schedulingGates.isEmpty else {
            let gates = pod.spec.schedulingGates.joined(separator: ", ")
            return .gated(scheduler: name, message: "waits for its scheduling gates: \(gates)", warnings: warnings)
        }
        if pod.isTerminating {
            return .gated(scheduler: name, message: "is being deleted, so it is not scheduled", warnings: warnings)
        }
        let unavailable: PodRoute.Unavailable =
            switch route?.whenUnavailable {
            case .reject: .reject
            case .fallback: .fallback(route?.fallback ?? [])
            case .queue, nil: .queue
            }
        var arrival = Arrival(
            key: pod.metadata.key, spec: specs.spec(of: pod, serviceSelector: service), group: pod.groupKey,
            route: PodRoute(
                scheduler: name, policy: route?.rule?.policy ?? "", rule: route?.rule?.rule ?? "",
                unavailable: unavailable, shadow: route?.shadow,
                revision: hasPolicies ? admitted.decision?.revision ?? "" : ""))
        if arrival.group != nil { arrival.task = pod.task }
        return .arrival(arrival, warnings: warnings)
    }
}
