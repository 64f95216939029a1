import ClusterModel

/// What the conditions of policies ask about a pod beyond its own fields; each is found at most once, and only if asked.
struct PodFacts {
    /// The labels of the pod's namespace.
    let namespaceLabels: [String: String]
    /// The pod's group, or nil.
    let group: ObjectKey?
    /// The scheduler that the pod itself names, or nil.
    let named: String?
    /// How many members the pod's group needs; 1 where the group is not known.
    let minMember: Int

    private var requests: ResourceList?
    private var qos: QoSClass?

    init(_ pod: Pod, namespaceLabels: [String: String], groups: [ObjectKey: PodGroup]) {
        self.namespaceLabels = namespaceLabels
        self.group = pod.groupKey
        self.named = pod.namedScheduler
        self.minMember = group.flatMap { groups[$0]?.minMember } ?? 1
    }

    /// The pod's quality-of-service class.
    mutating func qosClass(_ pod: Pod) -> QoSClass {
        if let qos { return qos }
        let found = pod.spec.qosClass
        qos = found
        return found
    }

    /// What the pod requests of one resource in all.
    ///
    /// The sum over the containers is all there is for most pods; the general rule, with init containers, overhead and
    /// requests of the pod as a whole, is left to `effectiveRequests`, and its result is kept.
    mutating func request(of resource: String, _ pod: Pod) -> Quantity {
        if let requests { return requests[resource] ?? .zero }
        let spec = pod.spec
        if spec.initContainers.isEmpty, spec.podRequests.isEmpty, spec.overhead.isEmpty {
            var sum = Quantity.zero
            for container in spec.containers {
                if let amount = container.requests[resource] { sum += amount }
            }
            return sum
        }
        let found = spec.effectiveRequests
        requests = found
        return found[resource] ?? .zero
    }
}

extension Pod {
    /// The name that Kubernetes writes into pods that name no scheduler.
    static let defaultSchedulerName = "default-scheduler"

    /// The scheduler that the pod's author named, or nil.
    ///
    /// A pod that was admitted before carries the name that a policy wrote; what its author had named, if anything, then
    /// stands in `PolicyAnnotation.named`.
    public var namedScheduler: String? {
        if metadata.annotations.isEmpty {
            return spec.schedulerName.flatMap { $0 == Pod.defaultSchedulerName ? nil : $0 }
        }
        if metadata.annotations[PolicyAnnotation.revision] != nil {
            return metadata.annotations[PolicyAnnotation.named].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let name = spec.schedulerName, name != Pod.defaultSchedulerName { return name }
        return metadata.annotations[PolicyAnnotation.scheduler].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The kind of the object that controls the pod; `None` where nothing owns it.
    var ownerKind: String {
        metadata.ownerReferences.isEmpty ? Pod.noOwner : metadata.controller?.kind ?? Pod.noOwner
    }

    /// Stands in `ownerKinds` for a pod that nothing owns.
    static let noOwner = "None"
}
