/// Pods that run together or not at all: a gang.
public struct PodGroup: Hashable, Sendable {
    /// Name, namespace, labels.
    public var metadata: ObjectMeta
    /// How many members must be placed at once, at least 1.
    public var minMember: Int
    /// Node labels of which the group must lie in a single domain.
    public var requiredTopologyKeys: [String]
    /// Node labels of which the group should lie in few domains.
    public var preferredTopologyKeys: [String]

    /// A group of the given parts.
    public init(
        metadata: ObjectMeta, minMember: Int, requiredTopologyKeys: [String] = [], preferredTopologyKeys: [String] = []
    ) {
        self.metadata = metadata
        self.minMember = minMember
        self.requiredTopologyKeys = requiredTopologyKeys
        self.preferredTopologyKeys = preferredTopologyKeys
    }

    /// Reads a PodGroup of `scheduling.k8s.io` (1.36: gang.minCount), `scheduling.x-k8s.io` or Volcano (minMember).
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        guard
            let metadata = try object.object(
                "metadata", { meta throws(FieldError) in try ObjectMeta(meta, namespaced: true) })
        else { throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing") }
        self.init(metadata: metadata, minMember: 1)
        let counts: ClosedRange<Int64> = 1...1_000_000
        try object.object("spec") { spec throws(FieldError) in
            if let count = try spec.int("minMember", in: counts) { minMember = Int(count) }
            try spec.object("schedulingPolicy") { policy throws(FieldError) in
                try policy.object("gang") { gang throws(FieldError) in
                    if let count = try gang.int("minCount", in: counts) { minMember = Int(count) }
                }
            }
            try spec.object("schedulingConstraints") { constraints throws(FieldError) in
                requiredTopologyKeys = try constraints.objects("topology") { item throws(FieldError) in
                    try item.required("key", "a node label key") { v throws(FieldError) in try v.decodeString() }
                }
            }
        }
    }

    /// The group as a `scheduling.x-k8s.io` manifest with its topology as Kubernetes 1.36 writes it.
    public var value: Value {
        var spec = ObjectBuilder()
        spec.add("minMember", .int(Int64(minMember)))
        if !requiredTopologyKeys.isEmpty {
            let keys = requiredTopologyKeys.map { Value.object([.init("key", .string($0))]) }
            spec.add("schedulingConstraints", .object([.init("topology", .array(keys))]))
        }
        return .object([
            .init("apiVersion", .string("scheduling.x-k8s.io/v1alpha1")), .init("kind", .string("PodGroup")),
            .init("metadata", metadata.value), .init("spec", spec.value),
        ])
    }
}
