import CEL
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
    /// The pod's priority; 0 where it has none.
    let priority: Int64
    /// The name of the pod's priority class; empty where it names none.
    let priorityClassName: String

    private let containers: [Container]
    /// Whether the containers' requests are all that the pod requests.
    private let requestsContainersAlone: Bool
    private let podGroup: PodGroup?
    private let schedulers: [String: SchedulerStatus]?
    private var inputs: ExpressionInputs?
    private var requests: ResourceList?
    private var qos: QoSClass?

    /// The facts about a pod, which is borrowed, since to copy one costs as much as to ask a rule about it.
    init(_ pod: borrowing Pod, _ cluster: borrowing PolicyCluster, namespaceLabels: [String: String]? = nil) {
        self.namespaceLabels = namespaceLabels ?? cluster.labels(ofNamespace: pod.metadata.namespace)
        // Not `groupKey`, whose closure would copy the pod.
        if let name = pod.groupName {
            self.group = ObjectKey(namespace: pod.metadata.namespace, name: name)
        } else {
            self.group = nil
        }
        // Once for all that is asked of it: the whole spec is copied whenever a part of it is read.
        let spec = pod.spec
        self.named = pod.metadata.namedScheduler(spec.schedulerName)
        self.priority = Int64(spec.priority ?? 0)
        self.priorityClassName = spec.priorityClassName
        self.containers = spec.containers
        self.requestsContainersAlone =
            spec.initContainers.isEmpty && spec.podRequests.isEmpty && spec.overhead.isEmpty
        if let group {
            self.podGroup = cluster.groups[group]
        } else {
            self.podGroup = nil
        }
        self.minMember = podGroup?.minMember ?? 1
        self.schedulers = cluster.schedulers
    }

    /// Whether a program of a scope is true for the pod; each input and each variable is made once for all programs.
    mutating func evaluate(_ expression: PolicyExpression, _ pod: Pod) -> Result<Bool, ExpressionFailure> {
        var inputs = prepared(expression, pod)
        defer { self.inputs = inputs }
        return inputs.evaluate(expression)
    }

    /// The value of a program of a scope for the pod.
    mutating func value(_ expression: PolicyExpression, _ pod: Pod) -> Result<CELValue, ExpressionFailure> {
        var inputs = prepared(expression, pod)
        defer { self.inputs = inputs }
        return inputs.value(expression)
    }

    /// Takes the inputs out, those that the expression asks for made; the caller puts them back.
    private mutating func prepared(_ expression: PolicyExpression, _ pod: Pod) -> ExpressionInputs {
        var inputs: ExpressionInputs
        if let made = self.inputs, made.scope === expression.scope {
            inputs = made
        } else {
            inputs = ExpressionInputs(expression.scope)
        }
        self.inputs = nil
        for slot in expression.inputs where !inputs.activation.hasValue(slot) {
            inputs.activation[slot] = input(slot, pod)
        }
        return inputs
    }

    /// What expressions see under one of the names of `ExpressionScope.inputs`.
    private func input(_ slot: Int, _ pod: Pod) -> CELValue? {
        switch ExpressionScope.Input(rawValue: slot) {
        case .object: return .object(CELPod(pod))
        case .namespaceObject:
            let namespace = ObjectMeta(name: pod.metadata.namespace, labels: namespaceLabels)
            return .map(CELMap(["metadata": .object(CELMetadata(namespace))]))
        case .request:
            let kind = CELMap(["group": .string(""), "version": .string("v1"), "kind": .string("Pod")])
            return .map(
                CELMap([
                    "operation": .string("CREATE"), "namespace": .string(pod.metadata.namespace),
                    "name": .string(pod.metadata.name), "kind": .map(kind),
                ]))
        case .podGroup:
            guard let group else { return .null }
            return .map(
                CELMap([
                    "name": .string(group.name), "namespace": .string(group.namespace),
                    "minMember": .int(Int64(minMember)),
                    "labels": .object(CELStrings(podGroup?.metadata.labels ?? [:])),
                ]))
        case .schedulers: return .object(CELSchedulers(schedulers ?? [:]))
        case nil: return nil
        }
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
        if requestsContainersAlone {
            var sum = Quantity.zero
            for container in containers {
                if let amount = container.requests[resource] { sum += amount }
            }
            return sum
        }
        let found = pod.spec.effectiveRequests
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
    public var namedScheduler: String? { metadata.namedScheduler(spec.schedulerName) }

    /// The kind of the object that controls the pod; `None` where nothing owns it.
    var ownerKind: String {
        metadata.ownerReferences.isEmpty ? Pod.noOwner : metadata.controller?.kind ?? Pod.noOwner
    }

    /// Stands in `ownerKinds` for a pod that nothing owns.
    static let noOwner = "None"
}

extension ObjectMeta {
    /// `Pod.namedScheduler` of the pod with this metadata and the given `spec.schedulerName`.
    fileprivate func namedScheduler(_ stated: String?) -> String? {
        if !annotations.isEmpty, annotations[PolicyAnnotation.revision] != nil {
            return annotations[PolicyAnnotation.named].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let stated, stated != Pod.defaultSchedulerName { return stated }
        return annotations[PolicyAnnotation.scheduler].flatMap { $0.isEmpty ? nil : $0 }
    }
}
