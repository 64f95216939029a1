import CEL
import ClusterModel

/// What the conditions of policies ask about a pod beyond its own fields; what is not at hand is found at most once, and
/// only if asked.
struct PodFacts {
    /// The pod's group, or nil.
    let group: ObjectKey?
    /// The scheduler that the pod itself names, or nil.
    let named: String?
    /// The pod's priority; 0 where it has none.
    let priority: Int64

    /// What is known of the cluster; by its wrapper, as to pass the value on would count a reference for each of its parts.
    let cluster: CopyOnWrite<PolicyCluster>
    /// What is known of the request, or nil.
    private let request: PolicyRequest?
    private var inputs: ExpressionInputs?
    private var requests: ResourceList?
    private var qos: QoSClass?
    /// The texts that expressions have made for rules to write; nil where there is none.
    private var texts: [ObjectIdentifier: String]?
    /// What expressions may still cost.
    private var budget = PolicyLimits.expressionCostOfPod

    /// The facts about a pod, which is borrowed, since to copy one costs as much as to ask a rule about it.
    init(_ pod: borrowing Pod, _ cluster: CopyOnWrite<PolicyCluster>, _ request: PolicyRequest? = nil) {
        self.cluster = cluster
        self.request = request
        // Not `groupKey`, whose closure would copy the pod.
        if let name = pod.groupName {
            group = ObjectKey(namespace: pod.metadata.namespace, name: name)
        } else {
            group = nil
        }
        // By its wrapper: `pod.spec` would copy the whole spec.
        let spec = pod.$spec
        named = pod.metadata.namedScheduler(spec.wrappedValue.schedulerName)
        priority = Int64(spec.wrappedValue.priority ?? 0)
    }

    /// The labels of the pod's namespace.
    func namespaceLabels(_ pod: Pod) -> [String: String] {
        cluster.wrappedValue.labels(ofNamespace: pod.metadata.namespace)
    }

    /// How many members the pod's group needs; 1 where the group is not known.
    var minMember: Int { podGroup?.minMember ?? 1 }

    private var podGroup: PodGroup? { group.flatMap { cluster.wrappedValue.groups[$0] } }

    /// Whether a program of a scope is true for the pod; each input and each variable is made once for all programs.
    mutating func evaluate(_ expression: PolicyExpression, _ pod: Pod) -> Result<Bool, ExpressionFailure> {
        prepare(expression, pod)
        return inputs?.evaluate(expression, &budget) ?? PodFacts.unprepared()
    }

    /// The value of a program of a scope for the pod.
    mutating func value(_ expression: PolicyExpression, _ pod: Pod) -> Result<CELValue, ExpressionFailure> {
        prepare(expression, pod)
        return inputs?.value(expression, &budget) ?? PodFacts.unprepared()
    }

    /// The text that an expression made, or nil where it made none.
    borrowing func text(of expression: PolicyExpression) -> String? { texts?[ObjectIdentifier(expression)] }

    /// Keeps the text that an expression made.
    mutating func keep(_ text: String?, of expression: PolicyExpression) {
        texts = texts ?? [:]
        texts?[ObjectIdentifier(expression)] = text
    }

    private static func unprepared<Value>() -> Value {
        preconditionFailure("inputs are made before an expression is evaluated")
    }

    /// Makes the inputs that the expression asks for.
    private mutating func prepare(_ expression: PolicyExpression, _ pod: Pod) {
        if inputs?.scope !== expression.scope { inputs = ExpressionInputs(expression.scope) }
        for slot in expression.inputs where inputs?.activation.hasValue(slot) == false {
            let value = slot == expression.scope.parametersSlot ? parameters(expression.scope, pod) : input(slot, pod)
            inputs?.activation[slot] = value
        }
    }

    /// What expressions see as `params`; null where there is no such object.
    private func parameters(_ scope: ExpressionScope, _ pod: Pod) -> CELValue {
        scope.parameters?.object(for: pod, in: cluster.wrappedValue).map { CELValue($0) } ?? .null
    }

    /// What expressions see under one of the names of `ExpressionScope.inputs`.
    private func input(_ slot: Int, _ pod: Pod) -> CELValue? {
        switch ExpressionScope.Input(rawValue: slot) {
        case .object: return .object(CELPod(pod))
        case .namespaceObject:
            let name = pod.metadata.namespace
            let namespace = ObjectMeta(
                name: name, labels: namespaceLabels(pod),
                annotations: cluster.wrappedValue.namespaceAnnotations[name] ?? [:])
            return .map(CELMap(["metadata": .object(CELMetadata(namespace))]))
        case .request:
            return .map(PodFacts.request(pod, request))
        case .podGroup:
            guard let group else { return .null }
            return .map(
                CELMap([
                    "name": .string(group.name), "namespace": .string(group.namespace),
                    "minMember": .int(Int64(minMember)),
                    "labels": .object(CELStrings(podGroup?.metadata.labels ?? [:])),
                ]))
        case .schedulers: return .object(CELSchedulers(cluster.wrappedValue.schedulers ?? [:]))
        case nil: return nil
        }
    }

    /// The request to create the pod, as the API server describes it.
    private static func request(_ pod: Pod, _ request: PolicyRequest?) -> CELMap {
        let (core, version): (CELValue, CELValue) = (.string(""), .string("v1"))
        let kind = CELValue.map(CELMap(["group": core, "version": version, "kind": .string("Pod")]))
        let resource = CELValue.map(CELMap(["group": core, "version": version, "resource": .string("pods")]))
        var fields: [String: CELValue] = [
            "operation": .string("CREATE"), "namespace": .string(pod.metadata.namespace),
            "name": .string(pod.metadata.name), "kind": kind, "resource": resource, "requestKind": kind,
            "requestResource": resource, "dryRun": .bool(request?.isDryRun ?? false),
        ]
        fields["userInfo"] = request?.userInfo?.celValue
        return CELMap(fields)
    }

    /// The pod's quality-of-service class.
    mutating func qosClass(_ pod: Pod) -> QoSClass {
        if let qos { return qos }
        let found = pod.$spec.wrappedValue.qosClass
        qos = found
        return found
    }

    /// What the pod requests of one resource in all.
    ///
    /// The sum over the containers is all there is for most pods; the general rule, with init containers, overhead and
    /// requests of the pod as a whole, is left to `effectiveRequests`, and its result is kept.
    mutating func request(of resource: String, _ pod: Pod) -> Quantity {
        if let requests { return requests[resource] ?? .zero }
        let spec = pod.$spec
        if spec.wrappedValue.requestsContainersAlone {
            var sum = Quantity.zero
            for index in spec.wrappedValue.containers.indices {
                if let amount = spec.wrappedValue.containers[index].requests.value(ofKey: resource) { sum += amount }
            }
            return sum
        }
        let found = spec.wrappedValue.effectiveRequests
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
    public var namedScheduler: String? { metadata.namedScheduler($spec.wrappedValue.schedulerName) }

    /// The name of the pod's priority class; empty where it names none.
    var priorityClassName: String { $spec.wrappedValue.priorityClassName }

    /// Whether one container's requests are all that the pod requests.
    var requestsOfOneContainerAlone: Bool {
        let spec = $spec
        return spec.wrappedValue.containers.count == 1 && spec.wrappedValue.requestsContainersAlone
    }

    /// The kind of the object that controls the pod; `None` where nothing owns it.
    var ownerKind: String { metadata.controllerKind ?? Pod.noOwner }

    /// Stands in `ownerKinds` for a pod that nothing owns.
    static let noOwner = "None"
}

extension PodSpec {
    /// Whether the containers' requests are all that the pod requests.
    fileprivate var requestsContainersAlone: Bool { initContainers.isEmpty && podRequests.isEmpty && overhead.isEmpty }
}

extension ObjectMeta {
    /// `Pod.namedScheduler` of the pod with this metadata and the given `spec.schedulerName`.
    fileprivate func namedScheduler(_ stated: String?) -> String? {
        if !annotations.isEmpty, annotations.value(ofPlainKey: PolicyAnnotation.revision) != nil {
            return annotations.value(ofPlainKey: PolicyAnnotation.named).flatMap { $0.isEmpty ? nil : $0 }
        }
        if let stated, stated != Pod.defaultSchedulerName { return stated }
        if annotations.isEmpty { return nil }
        return annotations.value(ofPlainKey: PolicyAnnotation.scheduler).flatMap { $0.isEmpty ? nil : $0 }
    }
}
