import Admission
import ClusterModel
import Dispatcher
import PolicyEngine
import SchedulerRegistry

extension SimulationSetup {
    /// Puts every pod through admission, in order: it is placed already, to be placed, refused, or held back by a gate.
    ///
    /// Without policies every pod goes to the generic scheduler, unless it names one that is registered.
    /// - Parameters:
    ///   - pods: the pods, in the order of the input.
    ///   - policies: the policies; nil for none.
    ///   - rules: the objects of the cluster that complete or refuse new pods.
    ///   - serviceSelector: the pods that count as the same service as a pod.
    /// - Returns: what the authors of admitted pods should know, each text with how many pods it is about.
    public mutating func admit(
        _ pods: [Pod], policies: PolicySet?, rules: ClusterRules,
        serviceSelector: (Pod) -> LabelSelector?
    ) -> [String: Int] {
        var intake = Intake(
            policies: policies, rules: rules, pods: pods, namespaces: namespaces, groups: groups,
            schedulers: registry.names, defaultScheduler: registry.defaultScheduler)
        var counts: [String: Int] = [:]
        for pod in pods {
            for warning in take(pod, &intake, serviceSelector(pod)) { counts[warning, default: 0] += 1 }
        }
        self.rules = policies == nil ? [] : intake.ruleResults
        return counts
    }

    /// Puts one pod through admission and where it belongs; what its author should know.
    mutating func take(_ pod: Pod, _ intake: inout Intake, _ service: LabelSelector?) -> [String] {
        guard pod.spec.nodeName == nil else {
            find(pod, &intake.admission, service)
            return []
        }
        switch intake.admit(pod, service: service) {
        case .refused(let refusal):
            rejected.append(
                .init(
                    key: pod.metadata.key, policy: refusal.policy ?? "", rule: refusal.rule ?? "",
                    message: refusal.message,
                    revision: refusal.policy == nil ? "" : intake.admission.policies.engine.policies.revision))
            return []
        case .gated(let scheduler, let message, let warnings):
            gated.append(.init(key: pod.metadata.key, scheduler: scheduler, message: message))
            return warnings
        case .arrival(let arrival, let warnings):
            arrivals.append(arrival)
            if let node = pod.nominatedNodeName, !node.isEmpty { nominations.append((pod.metadata.key, node)) }
            return warnings
        }
    }

    /// A pod that stands on a node already needs no route, but its priority counts when others want its place.
    private mutating func find(_ pod: Pod, _ admission: inout Admission, _ service: LabelSelector?) {
        var admitted = admission.completed(pod)
        let node = admitted.spec.nodeName ?? ""
        admitted.spec.nodeName = nil
        let indices = (pod.metadata.annotations[GPU.indexAnnotation] ?? "").split(separator: ",").compactMap { Int($0) }
        var devices: UInt64 = 0
        for index in indices where (0..<GPU.maxDevices).contains(index) { devices |= 1 << UInt64(index) }
        var standing = FoundPod(
            key: pod.metadata.key, spec: SchedulingSpec(admitted, serviceSelector: service), group: pod.groupKey,
            node: node, devices: devices)
        standing.startSeconds = pod.startTime.flatMap { Timestamp.seconds($0) }
        standing.isHealthy = pod.isHealthy
        standing.isPreempted = pod.isLeavingByPreemption
        if standing.group != nil { standing.task = pod.task }
        found.append(standing)
    }
}
