import CEL
import ClusterModel

/// The types of what expressions see, by which misspelt fields are found before any pod is.
enum CELTypes {
    static let metadata = CELObjectType(
        "ObjectMeta",
        fields: [
            "name": { .string }, "namespace": { .string }, "uid": { .string },
            "labels": { .map(.string, .string) }, "annotations": { .map(.string, .string) },
            "ownerReferences": { .list(.dyn) }, "creationTimestamp": { .string },
            "deletionTimestamp": { .string },
        ])
    /// The fields of a container that a pod keeps here; what else a manifest has is an error to ask for, since a condition
    /// on it would silently never hold.
    static let container = CELObjectType(
        "Container",
        fields: [
            "name": { .string }, "image": { .string }, "resources": { .dyn }, "ports": { .list(.dyn) },
            "restartPolicy": { .string },
        ])
    /// Likewise the fields of a pod's spec.
    static let spec = CELObjectType(
        "PodSpec",
        fields: [
            "containers": { .list(.object(container)) }, "initContainers": { .list(.object(container)) },
            "overhead": { .dyn }, "resources": { .dyn }, "nodeName": { .string },
            "nodeSelector": { .map(.string, .string) }, "affinity": { .dyn }, "tolerations": { .list(.dyn) },
            "topologySpreadConstraints": { .list(.dyn) }, "priority": { .int }, "priorityClassName": { .string },
            "preemptionPolicy": { .string }, "schedulerName": { .string }, "schedulingGates": { .list(.dyn) },
            "schedulingGroup": { .dyn }, "hostNetwork": { .bool },
        ])
    static let pod = CELObjectType(
        "Pod",
        fields: [
            "apiVersion": { .string }, "kind": { .string }, "metadata": { .object(metadata) },
            "spec": { .object(spec) },
        ])
    static let namespace = CELObjectType("Namespace", fields: ["metadata": { .object(metadata) }])
    static let request = CELObjectType(
        "AdmissionRequest",
        fields: ["operation": { .string }, "namespace": { .string }, "name": { .string }, "kind": { .dyn }])
}

/// The fields that expressions may ask a pod for, by the numbers that the compiler of expressions gives them.
enum CELField: Int, CaseIterable {
    case apiVersion, kind, metadata, spec
    case name, namespace, uid, labels, annotations, ownerReferences, creationTimestamp, deletionTimestamp
    case schedulerName, priorityClassName, priority, nodeName, nodeSelector, hostNetwork, containers

    /// The numbers by name.
    static let numbers: [String: Int] = Dictionary(
        uniqueKeysWithValues: CELField.allCases.map { ("\($0)", $0.rawValue) })

    /// The field that a key names, or nil for one that is read from the manifest.
    init?(_ key: CELFieldKey) {
        let number = key.number >= 0 ? key.number : CELField.numbers[key.name] ?? -1
        self.init(rawValue: number)
    }
}

/// A text of a pod that an expression may compare without a value being made of it.
enum PodText: Sendable {
    case name, namespace, schedulerName, priorityClassName
    case label(String)
    case annotation(String)

    /// The text at the end of an expression's path; nil where there is none, or the path is another variable's.
    init?(_ path: CELPath) {
        let fields = path.fields
        guard path.slot == ExpressionScope.Input.object.rawValue, fields.count >= 2 else { return nil }
        switch (CELField(fields[0]), CELField(fields[1]), fields.count) {
        case (.metadata, .name, 2): self = .name
        case (.metadata, .namespace, 2): self = .namespace
        case (.metadata, .labels, 3): self = .label(fields[2].name)
        case (.metadata, .annotations, 3): self = .annotation(fields[2].name)
        case (.spec, .schedulerName, 2): self = .schedulerName
        case (.spec, .priorityClassName, 2): self = .priorityClassName
        default: return nil
        }
    }
}

extension CELTextCondition<PodText> {
    /// Whether the condition holds for the pod; nil where that depends on a text that is not there.
    func holds(for pod: borrowing Pod) -> Bool? {
        switch self {
        case .comparison(let place, let comparison, let constant, let isHeld):
            guard let text = pod.text(place) else { return nil }
            return comparison.holds(text, constant) == isHeld
        case .all(let parts): return Self.settle(parts, deciding: false, pod)
        case .any(let parts): return Self.settle(parts, deciding: true, pod)
        }
    }

    /// As in the language, one part that decides settles the matter even where another has no answer.
    private static func settle(_ parts: [Self], deciding: Bool, _ pod: borrowing Pod) -> Bool? {
        var isKnown = true
        for part in parts {
            let answer = part.holds(for: pod)
            if answer == deciding { return deciding }
            if answer == nil { isKnown = false }
        }
        return isKnown ? !deciding : nil
    }
}

extension Pod {
    /// A text of the pod, or nil where it is not there, as `CELPod` has it.
    func text(_ text: PodText) -> String? {
        switch text {
        case .name: metadata.name
        case .namespace: metadata.namespace
        case .label(let key): metadata.labels.value(ofKey: key)
        case .annotation(let key): metadata.annotations.value(ofKey: key)
        case .schedulerName: $spec.wrappedValue.schedulerName
        case .priorityClassName: priorityClassName.isEmpty ? nil : priorityClassName
        }
    }
}

/// A pod as expressions see it: read field by field, without writing it out as a manifest first.
final class CELPod: CELObject {
    private let pod: Pod

    init(_ pod: Pod) { self.pod = pod }

    let typeName = "Pod"
    var fieldNames: [String] { ["apiVersion", "kind", "metadata", "spec"] }

    func field(_ key: CELFieldKey) -> CELValue? {
        switch CELField(key) {
        case .metadata: .object(CELMetadata(pod.metadata))
        case .spec: .object(CELPodSpec(pod.$spec))
        case .apiVersion: .string("v1")
        case .kind: .string("Pod")
        default: nil
        }
    }

    /// Labels and annotations, and the fields of metadata and spec.
    func value(at path: [CELFieldKey]) -> CELValue? {
        guard path.count == 2 || path.count == 3 else { return nil }
        let part = CELField(path[0])
        if path.count == 2 {
            switch part {
            case .metadata: return pod.metadata.field(path[1])
            case .spec: return pod.$spec.wrappedValue.field(path[1])
            default: return nil
            }
        }
        switch (part, CELField(path[1])) {
        case (.metadata, .labels): return pod.metadata.labels.value(ofKey: path[2].name).map { .string($0) }
        case (.metadata, .annotations): return pod.metadata.annotations.value(ofKey: path[2].name).map { .string($0) }
        default: return nil
        }
    }
}

/// Metadata as expressions see it; labels and annotations are there even where they are empty.
final class CELMetadata: CELObject {
    private let metadata: ObjectMeta

    init(_ metadata: ObjectMeta) { self.metadata = metadata }

    let typeName = "ObjectMeta"

    var fieldNames: [String] {
        [
            "name", "namespace", "uid", "labels", "annotations", "ownerReferences", "creationTimestamp",
            "deletionTimestamp",
        ].filter { field(CELFieldKey(name: $0)) != nil }
    }

    func field(_ key: CELFieldKey) -> CELValue? { metadata.field(key) }
}

extension ObjectMeta {
    fileprivate func field(_ key: CELFieldKey) -> CELValue? {
        switch CELField(key) {
        case .name: return .string(name)
        case .namespace: return .string(namespace)
        case .uid: return .string(uid)
        case .labels: return .object(CELStrings(labels))
        case .annotations: return .object(CELStrings(annotations))
        case .ownerReferences:
            let list = value["ownerReferences"] ?? .array([])
            return CELValue(list)
        case .creationTimestamp: return creationTimestamp.map { .string($0) }
        case .deletionTimestamp: return deletionTimestamp.map { .string($0) }
        default: return nil
        }
    }
}

/// A pod's spec as expressions see it: the plain fields at once, the others by way of their manifest.
final class CELPodSpec: CELObject {
    private let spec: CopyOnWrite<PodSpec>

    init(_ spec: CopyOnWrite<PodSpec>) { self.spec = spec }

    let typeName = "PodSpec"

    var fieldNames: [String] {
        guard case .object(let fields) = spec.wrappedValue.value else { return [] }
        return fields.map(\.key)
    }

    func field(_ key: CELFieldKey) -> CELValue? { spec.wrappedValue.field(key) }
}

extension PodSpec {
    fileprivate func field(_ key: CELFieldKey) -> CELValue? {
        switch CELField(key) {
        case .schedulerName: schedulerName.map { .string($0) }
        case .priorityClassName: priorityClassName.isEmpty ? nil : .string(priorityClassName)
        case .priority: priority.map { .int(Int64($0)) }
        case .nodeName: nodeName.map { .string($0) }
        case .nodeSelector: nodeSelector.isEmpty ? nil : .object(CELStrings(nodeSelector))
        case .hostNetwork: hostNetwork ? .bool(true) : nil
        case .containers: CELValue(.array(containers.map(\.manifest)))
        default: value[key.name].map { CELValue($0) }
        }
    }
}

/// A map of strings as expressions see it.
final class CELStrings: CELObject {
    private let strings: [String: String]

    init(_ strings: [String: String]) { self.strings = strings }

    var count: Int { strings.count }
    var fieldNames: [String] { strings.keys.sorted() }
    func field(_ key: CELFieldKey) -> CELValue? { strings.value(ofKey: key.name).map { .string($0) } }
}

/// The schedulers as expressions see them: `schedulers.gang.queueDepth`, `schedulers["gang"].ready`.
final class CELSchedulers: CELObject {
    private let schedulers: [String: SchedulerStatus]

    init(_ schedulers: [String: SchedulerStatus]) { self.schedulers = schedulers }

    var fieldNames: [String] { schedulers.keys.sorted() }

    func field(_ key: CELFieldKey) -> CELValue? {
        schedulers[key.name].map { status in
            .map(
                CELMap([
                    "ready": .bool(status.isReady), "state": .string(status.isReady ? "ready" : "down"),
                    "queueDepth": .int(Int64(status.queueDepth)),
                ]))
        }
    }
}

extension CELValue {
    /// A tree of plain data as expressions see it.
    public init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array(let items): self = .list(CELList(items.map { CELValue($0) }))
        case .object(let fields):
            let entries = fields.map { ($0.key, CELValue($0.value)) }
            self = .map(CELMap(Dictionary(entries) { first, _ in first }))
        }
    }
}

extension Container {
    /// The container as its pod's manifest has it.
    fileprivate var manifest: Value { PodSpec(containers: [self]).value["containers"]?.first ?? .null }
}

extension Value {
    fileprivate var first: Value? {
        if case .array(let items) = self { items.first } else { nil }
    }
}
