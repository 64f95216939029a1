import CEL
import ClusterModel

/// A pod as the API server would show it to expressions: whole, and with its defaults.
///
/// What the views of a pod have is read from them, as they carry what admission has written; anything else is read from the
/// manifest when it is asked for.
final class CELPod: CELObject {
    private let pod: Pod
    private let written: WrittenPod

    init(_ pod: Pod) {
        self.pod = pod
        written = WrittenPod(pod.written)
    }

    let typeName = "Pod"
    var fieldNames: [String] { ["apiVersion", "kind", "metadata", "spec", "status"] }

    func field(_ key: CELFieldKey) -> CELValue? {
        switch CELField(key) {
        case .metadata: .object(CELMetadata(pod.metadata, written))
        case .spec: .object(CELPodSpec(pod.$spec, written))
        case .apiVersion: .string("v1")
        case .kind: .string("Pod")
        default: key.name == "status" ? CELValue(status) : nil
        }
    }

    /// The status as it was written, with what its view has.
    private var status: Value {
        var view = ObjectBuilder()
        view.add("phase", pod.phase)
        view.add("nominatedNodeName", pod.nominatedNodeName)
        view.add("startTime", pod.startTime)
        return written.status.overlaid(by: view.value)
    }

    /// Labels and annotations, and the fields of metadata and spec.
    func value(at path: [CELFieldKey]) -> CELValue? {
        guard path.count == 2 || path.count == 3 else { return nil }
        let part = CELField(path[0])
        if path.count == 2 {
            switch part {
            case .metadata: return pod.metadata.field(path[1], written)
            case .spec: return pod.$spec.wrappedValue.plainField(path[1])
            default: return nil
            }
        }
        switch (part, CELField(path[1])) {
        case (.metadata, .labels): return pod.metadata.labels.exactValue(ofKey: path[2].name).map { .string($0) }
        case (.metadata, .annotations):
            return pod.metadata.annotations.exactValue(ofKey: path[2].name).map { .string($0) }
        default: return nil
        }
    }
}

/// Metadata as expressions see it; labels and annotations are there even where they are empty.
final class CELMetadata: CELObject {
    private let metadata: ObjectMeta
    private let written: WrittenPod?

    init(_ metadata: ObjectMeta, _ written: WrittenPod? = nil) { (self.metadata, self.written) = (metadata, written) }

    let typeName = "ObjectMeta"

    var fieldNames: [String] {
        KubernetesType.metadata.fields.map(\.name).filter { field(CELFieldKey(name: $0)) != nil }
    }

    func field(_ key: CELFieldKey) -> CELValue? { metadata.field(key, written) }
}

extension ObjectMeta {
    fileprivate func field(_ key: CELFieldKey, _ written: WrittenPod?) -> CELValue? {
        switch CELField(key) {
        case .name: return .string(name)
        case .namespace: return namespace.isEmpty ? nil : .string(namespace)
        case .uid: return uid.isEmpty ? nil : .string(uid)
        case .labels: return .object(CELStrings(labels))
        case .annotations: return .object(CELStrings(annotations))
        case .ownerReferences:
            if ownerReferences.isEmpty { return nil }
            return CELValue((written ?? WrittenPod(nil)).owners(ownerReferences))
        case .creationTimestamp: return creationTimestamp.map { .string($0) }
        case .deletionTimestamp: return deletionTimestamp.map { .string($0) }
        default: return written?.metadata(key.name).map { CELValue($0) }
        }
    }
}

/// A pod's spec as expressions see it.
final class CELPodSpec: CELObject {
    private let spec: CopyOnWrite<PodSpec>
    private let written: WrittenPod

    init(_ spec: CopyOnWrite<PodSpec>, _ written: WrittenPod) { (self.spec, self.written) = (spec, written) }

    let typeName = "PodSpec"

    var fieldNames: [String] {
        KubernetesType.podSpec.fields.map(\.name).filter { field(CELFieldKey(name: $0)) != nil }
    }

    func field(_ key: CELFieldKey) -> CELValue? {
        let spec = spec.wrappedValue
        if let value = spec.plainField(key) { return value }
        switch key.name {
        case "containers": return containers(spec.containers, key.name)
        case "initContainers": return containers(spec.initContainers, key.name)
        case "nodeName", "nodeSelector", "priorityClassName", "hostNetwork": return nil
        case "resources" where !spec.podRequests.isEmpty || !spec.podLimits.isEmpty:
            return .object(CELResources(spec.podRequests, spec.podLimits) { [written] in written.spec("resources") })
        default: return value(key.name, spec).map { CELValue($0) }
        }
    }

    /// A field that the view has in another form, or not at all.
    private func value(_ name: String, _ spec: PodSpec) -> Value? {
        switch name {
        case "overhead": spec.overhead.isEmpty ? nil : .resources(spec.overhead)
        case "affinity": spec.affinity.isEmpty ? nil : written.spec(name, \.affinity, spec, spec.affinity.value)
        case "tolerations": written.spec(name, \.tolerations, spec) { $0.manifest }
        case "topologySpreadConstraints": written.spec(name, \.topologySpreadConstraints, spec) { $0.value }
        case "schedulingGates":
            written.spec(name, \.schedulingGates, spec) { .object([Value.Field("name", .string($0))]) }
        case "schedulingGroup": spec.schedulingGroup.map { .object([Value.Field("podGroupName", .string($0))]) }
        case "preemptionPolicy": spec.preemptionPolicy.map { .string($0.rawValue) } ?? written.spec(name)
        default: written.spec(name)
        }
    }

    private func containers(_ containers: [Container], _ list: String) -> CELValue? {
        if containers.isEmpty { return nil }
        let hostNetwork = spec.wrappedValue.hostNetwork
        return .list(
            CELList(
                containers.enumerated().map { place, container in
                    .object(CELContainer(container, place, list, hostNetwork: hostNetwork, written))
                }))
    }
}

extension PodSpec {
    /// The fields that are read from the view alone.
    fileprivate func plainField(_ key: CELFieldKey) -> CELValue? {
        switch CELField(key) {
        case .schedulerName: .string(schedulerName ?? Pod.defaultSchedulerName)
        case .priorityClassName: priorityClassName.isEmpty ? nil : .string(priorityClassName)
        case .priority: .int(Int64(priority ?? 0))
        case .nodeName: nodeName.map { .string($0) }
        case .nodeSelector: nodeSelector.isEmpty ? nil : .object(CELStrings(nodeSelector))
        case .hostNetwork: hostNetwork ? .bool(true) : nil
        default: nil
        }
    }
}

/// A container as expressions see it: name, image and resources from the view, all else as it was written.
final class CELContainer: CELObject {
    private let container: Container
    private let place: Int
    private let list: String
    private let hostNetwork: Bool
    private let written: WrittenPod

    init(_ container: Container, _ place: Int, _ list: String, hostNetwork: Bool, _ written: WrittenPod) {
        self.container = container
        self.place = place
        self.list = list
        self.hostNetwork = hostNetwork
        self.written = written
    }

    let typeName = "Container"

    var fieldNames: [String] {
        KubernetesType.container.fields.map(\.name).filter { field(CELFieldKey(name: $0)) != nil }
    }

    func field(_ key: CELFieldKey) -> CELValue? {
        switch key.name {
        case "name": return .string(container.name)
        case "image": return container.image.isEmpty ? nil : .string(container.image)
        case "resources":
            return .object(
                CELResources(container.requests, container.limits) { [self] in
                    written.container(container.name, at: place, in: list)?["resources"]
                })
        case "ports": return ports.map { CELValue($0) }
        case "restartPolicy" where container.restartsAlways: return .string("Always")
        default:
            let stated = written.container(container.name, at: place, in: list)
            let object = (stated ?? .object([])).overlaid(by: .object([Value.Field("image", .string(container.image))]))
            return KubernetesType.container.field(key.name)
                .flatMap { KubernetesType.container.value(of: $0, in: object) }.map { CELValue($0) }
        }
    }

    /// The ports as they were written; in the node's network each is a port of the node too.
    private var ports: Value? {
        guard let field = KubernetesType.container.field("ports") else { return nil }
        let stated = written.container(container.name, at: place, in: list)
        // A pod that was made here and not written has its host ports alone.
        let object = stated ?? .object([Value.Field("ports", .array(container.hostPorts.map(\.value)))])
        guard case .array(let items)? = KubernetesType.container.value(of: field, in: object), hostNetwork else {
            return KubernetesType.container.value(of: field, in: object)
        }
        return .array(
            items.map { port in
                guard port["hostPort"] == nil, let number = port["containerPort"] else { return port }
                return port.overlaid(by: .object([Value.Field("hostPort", number)]))
            })
    }
}

/// Requests and limits as expressions see them, and the claims where they are asked for.
final class CELResources: CELObject {
    private let requests: ResourceList
    private let limits: ResourceList
    private let written: @Sendable () -> Value?

    init(_ requests: ResourceList, _ limits: ResourceList, _ written: @escaping @Sendable () -> Value?) {
        (self.requests, self.limits, self.written) = (requests, limits, written)
    }

    let typeName = "ResourceRequirements"

    var fieldNames: [String] { ["claims", "limits", "requests"].filter { field(CELFieldKey(name: $0)) != nil } }

    func field(_ key: CELFieldKey) -> CELValue? { part(key.name).map { CELValue($0) } }

    private func part(_ name: String) -> Value? {
        switch name {
        case "requests": return requests.isEmpty ? nil : .resources(requests)
        case "limits": return limits.isEmpty ? nil : .resources(limits)
        default:
            let type = KubernetesType.named("ResourceRequirements")
            return type.field(name).flatMap { type.value(of: $0, in: written() ?? .object([])) }
        }
    }
}
