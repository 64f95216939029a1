import ClusterModel
import Synchronization

/// What was written of a pod beyond its views; read at most once, and only if somebody asks.
final class WrittenPod: Sendable {
    /// The parts of the manifest; a class, so that what nobody asks for takes a word.
    private final class Parts: Sendable {
        let metadata: Value
        let spec: Value
        let status: Value
        /// What the views of the spec had read there.
        let view: PodSpec

        init(_ whole: Value) {
            metadata = whole["metadata"] ?? .object([])
            spec = whole["spec"] ?? .object([])
            status = whole["status"] ?? .object([])
            view = (try? PodSpec(ObjectReader(spec))) ?? PodSpec()
        }
    }

    private let written: WrittenObject?
    private let known = Mutex<Parts?>(nil)

    init(_ written: WrittenObject?) { self.written = written }

    private var parts: Parts {
        known.withLock { known in
            if let known { return known }
            let parts = Parts(written?.value ?? .object([]))
            known = parts
            return parts
        }
    }

    /// A field of the metadata that no view has.
    func metadata(_ name: String) -> Value? {
        KubernetesType.metadata.field(name).flatMap { KubernetesType.metadata.value(of: $0, in: parts.metadata) }
    }

    /// The owners, with what the view leaves out.
    func owners(_ owners: [OwnerReference]) -> Value {
        var stated: [Value] = []
        if case .array(let items)? = parts.metadata["ownerReferences"], items.count == owners.count { stated = items }
        return .array(
            owners.enumerated().map { index, owner in
                let same = stated.indices.contains(index) ? stated[index] : .object([])
                guard same["name"] == .string(owner.name) else {
                    return KubernetesType.ownerReference.completed(owner.value)
                }
                return KubernetesType.ownerReference.completed(same.overlaid(by: owner.value))
            })
    }

    /// A field of the spec that no view has.
    func spec(_ name: String) -> Value? {
        KubernetesType.podSpec.field(name).flatMap { KubernetesType.podSpec.value(of: $0, in: parts.spec) }
    }

    /// A field of the spec in the words of the manifest, where they say what the pod's view has; else as the view writes it.
    func spec<Part: Equatable>(_ name: String, _ part: KeyPath<PodSpec, Part>, _ spec: PodSpec, _ value: Value)
        -> Value?
    {
        let isUnchanged = written != nil && parts.view[keyPath: part] == spec[keyPath: part]
        let object = isUnchanged ? parts.spec : .object([Value.Field(name, value)])
        return KubernetesType.podSpec.field(name).flatMap { KubernetesType.podSpec.value(of: $0, in: object) }
    }

    /// The items of a list of the spec: each in the words of the manifest, where it stands there, else as its view writes it.
    func spec<Item: Equatable>(
        _ name: String, _ list: KeyPath<PodSpec, [Item]>, _ spec: PodSpec, _ write: (Item) -> Value
    ) -> Value? {
        let items = spec[keyPath: list]
        guard !items.isEmpty else { return nil }
        var stated: [(item: Item, value: Value)] = []
        if written != nil, case .array(let values)? = parts.spec[name], values.count == parts.view[keyPath: list].count
        {
            stated = Array(zip(parts.view[keyPath: list], values))
        }
        let all = items.enumerated().map { index, item in
            if stated.indices.contains(index), stated[index].item == item { return stated[index].value }
            return stated.first { $0.item == item }?.value ?? write(item)
        }
        let object = Value.object([Value.Field(name, .array(all))])
        return KubernetesType.podSpec.field(name).flatMap { KubernetesType.podSpec.value(of: $0, in: object) }
    }

    /// The status.
    var status: Value { KubernetesType.named("PodStatus").completed(parts.status) }

    /// A container as it was written, by its place in the list, or else by its name.
    func container(_ name: String, at place: Int, in list: String) -> Value? {
        guard case .array(let items)? = parts.spec[list] else { return nil }
        if items.indices.contains(place), items[place]["name"] == .string(name) { return items[place] }
        return items.first { $0["name"] == .string(name) } ?? (items.indices.contains(place) ? items[place] : nil)
    }
}

extension Value {
    /// The object with the fields of another put in the place of its own.
    func overlaid(by other: Value) -> Value {
        guard case .object(let own) = self, case .object(let new) = other else { return other }
        return .object(own.filter { field in !new.contains { $0.key == field.key } } + new)
    }
}
