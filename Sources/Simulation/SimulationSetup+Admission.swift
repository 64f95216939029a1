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
    ///   - priorityClasses: the priority classes of the cluster, beyond the two that every cluster has.
    ///   - serviceSelector: the pods that count as the same service as a pod.
    /// - Returns: what the authors of admitted pods should know, each text with how many pods it is about.
    public mutating func admit(
        _ pods: [Pod], policies: PolicySet?, priorityClasses: [PriorityClass],
        serviceSelector: (Pod) -> LabelSelector?
    ) -> [String: Int] {
        var schedulers: [String: SchedulerStatus] = [:]
        for name in registry.names { schedulers[name] = SchedulerStatus() }
        let cluster = PolicyCluster(
            namespaces: namespaces, groups: groups, schedulers: schedulers,
            defaultScheduler: registry.defaultScheduler)
        var admission = Admission(
            priorityClasses: priorityClasses, policies: PolicyEngine(policies ?? .empty, cluster: cluster))
        var warnings: [String: Int] = [:]
        var specs = SharedSpecs()
        for pod in pods {
            if pod.spec.nodeName != nil {
                find(pod, &admission, serviceSelector(pod))
                continue
            }
            switch admission.admit(pod) {
            case .refused(let refusal):
                rejected.append(
                    .init(
                        key: pod.metadata.key, policy: refusal.policy ?? "", rule: refusal.rule ?? "",
                        message: refusal.message))
            case .admitted(let admitted):
                for warning in admitted.warnings { warnings[warning, default: 0] += 1 }
                let warning = arrive(
                    admitted, serviceSelector(pod), sharing: &specs, hasPolicies: policies != nil)
                if let warning {
                    warnings[warning, default: 0] += 1
                }
            }
        }
        return warnings
    }

    /// A pod that stands on a node already needs no route, but its priority counts when others want its place.
    private mutating func find(_ pod: Pod, _ admission: inout Admission, _ service: LabelSelector?) {
        var admitted = AdmittedPod(pod: pod)
        _ = admission.priority.admit(&admitted)
        let node = admitted.pod.spec.nodeName ?? ""
        admitted.pod.spec.nodeName = nil
        let indices = (pod.metadata.annotations[GPU.indexAnnotation] ?? "").split(separator: ",").compactMap { Int($0) }
        var devices: UInt64 = 0
        for index in indices where (0..<GPU.maxDevices).contains(index) { devices |= 1 << UInt64(index) }
        found.append(
            FoundPod(
                key: pod.metadata.key, spec: SchedulingSpec(admitted.pod, serviceSelector: service),
                group: pod.groupKey, node: node, devices: devices))
    }

    /// Routes an admitted pod; what its author should know of it, if anything.
    private mutating func arrive(
        _ admitted: AdmittedPod, _ service: LabelSelector?, sharing specs: inout SharedSpecs, hasPolicies: Bool
    ) -> String? {
        let pod = admitted.pod
        let route = admitted.decision?.route
        var name = route?.scheduler ?? registry.defaultScheduler
        var warning: String?
        if !hasPolicies, !registry.names.contains(name) {
            warning =
                "no scheduler named \(name) is registered, and there are no policies: "
                + "\(registry.defaultScheduler) gets the pod"
            name = registry.defaultScheduler
        }
        guard pod.spec.schedulingGates.isEmpty else {
            let gates = pod.spec.schedulingGates.joined(separator: ", ")
            gated.append(
                .init(key: pod.metadata.key, scheduler: name, message: "waits for its scheduling gates: \(gates)"))
            return warning
        }
        let unavailable: PodRoute.Unavailable =
            switch route?.whenUnavailable {
            case .reject: .reject
            case .fallback: .fallback(route?.fallback ?? [])
            case .queue, nil: .queue
            }
        arrivals.append(
            Arrival(
                key: pod.metadata.key, spec: specs.spec(of: pod, serviceSelector: service), group: pod.groupKey,
                route: PodRoute(
                    scheduler: name, policy: route?.rule?.policy ?? "", rule: route?.rule?.rule ?? "",
                    unavailable: unavailable)))
        return warning
    }
}
