import CEL
import ClusterModel

/// The types of what expressions see, by which misspelt fields are found before any pod is.
enum CELTypes {
    /// The types of the Kubernetes API, by name.
    private static let all: [String: CELObjectType] = KubernetesType.all.mapValues { type in
        let fields = type.fields.map { field in
            (field.name, { @Sendable () -> CELType in field.form.type })
        }
        return CELObjectType(type.name, fields: Dictionary(uniqueKeysWithValues: fields))
    }

    /// The type of a name of the Kubernetes API.
    static func type(_ name: String) -> CELType { all[name].map { .object($0) } ?? .dyn }

    static let pod = type("Pod")
    static let namespace = CELObjectType("Namespace", fields: ["metadata": { type("ObjectMeta") }])

    private static let kind = CELObjectType(
        "GroupVersionKind", fields: ["group": { .string }, "version": { .string }, "kind": { .string }])
    private static let resource = CELObjectType(
        "GroupVersionResource", fields: ["group": { .string }, "version": { .string }, "resource": { .string }])
    static let request = CELObjectType(
        "AdmissionRequest",
        fields: [
            "operation": { .string }, "namespace": { .string }, "name": { .string }, "kind": { .object(kind) },
            "resource": { .object(resource) }, "subResource": { .string }, "requestKind": { .object(kind) },
            "requestResource": { .object(resource) }, "requestSubResource": { .string }, "dryRun": { .bool },
            "options": { .dyn }, "userInfo": { .object(PolicyRequest.UserInfo.type) },
        ])
}

extension KubernetesType.Form {
    /// The type that expressions have for a field, as Kubernetes has it for what is serialised: times and quantities are texts.
    var type: CELType {
        switch self {
        case .string, .time, .quantity: .string
        case .int: .int
        case .bool: .bool
        case .intOrString, .any: .dyn
        case .object(let name): CELTypes.type(name)
        case .list(let form): .list(form.type)
        case .map(let form): .map(.string, form.type)
        }
    }
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
        // Of a key to which another one is equal, evaluation tells.
        guard fields.count < 3 || !PlainText.hasTwin(fields[2].name) else { return nil }
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
        case .schedulerName: $spec.wrappedValue.schedulerName ?? Pod.defaultSchedulerName
        case .priorityClassName: priorityClassName.isEmpty ? nil : priorityClassName
        }
    }
}

/// A map of strings as expressions see it.
final class CELStrings: CELObject {
    private let strings: [String: String]

    init(_ strings: [String: String]) { self.strings = strings }

    var count: Int { strings.count }
    var fieldNames: [String] { strings.keys.sorted() }
    func field(_ key: CELFieldKey) -> CELValue? { strings.exactValue(ofKey: key.name).map { .string($0) } }
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
