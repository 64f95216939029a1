/// A machine of the cluster.
public struct Node: Hashable, Sendable {
    /// Name, labels, annotations.
    public var metadata: ObjectMeta
    /// Whether it is cordoned.
    public var unschedulable: Bool
    /// Marks that keep pods away.
    public var taints: [Taint]
    /// What pods may take of it, by resource; `pods` is the number of pods.
    public var allocatable: ResourceList
    /// Images present on it, with every name each goes by and its size in bytes.
    public var images: [Image]

    /// An image on a node.
    public struct Image: Hashable, Sendable {
        /// The names of the image.
        public var names: [String]
        /// Its size in bytes.
        public var sizeBytes: Int64

        /// An image of the given names and size.
        public init(names: [String], sizeBytes: Int64) {
            self.names = names
            self.sizeBytes = sizeBytes
        }
    }

    /// The number of pods of a node that does not say, which is the kubelet's own default.
    public static let defaultPodCapacity = Quantity(110)

    /// A node of the given parts.
    public init(
        metadata: ObjectMeta, allocatable: ResourceList, taints: [Taint] = [], unschedulable: Bool = false,
        images: [Image] = []
    ) {
        self.metadata = metadata
        self.allocatable = allocatable
        self.taints = taints
        self.unschedulable = unschedulable
        self.images = images
        if allocatable["pods"] == nil { self.allocatable["pods"] = Node.defaultPodCapacity }
    }

    /// The node's name.
    public var name: String { metadata.name }
    /// The node's labels.
    public var labels: [String: String] { metadata.labels }

    /// Reads a Node manifest.
    ///
    /// `status.allocatable` counts; where it is absent, `status.capacity`.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        guard
            let metadata = try object.object(
                "metadata", { meta throws(FieldError) in try ObjectMeta(meta, namespaced: false) })
        else { throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing") }
        var taints: [Taint] = []
        var unschedulable = false
        try object.object("spec") { spec throws(FieldError) in
            taints = try spec.objects("taints", Taint.init)
            unschedulable = try spec.bool("unschedulable") ?? false
        }
        var allocatable: ResourceList = [:]
        var images: [Image] = []
        try object.object("status") { status throws(FieldError) in
            let resources = { (value: Value) throws(FieldError) in try value.decodeResources() }
            let capacity = try status.optional("capacity", resources)
            allocatable = try status.optional("allocatable", resources) ?? capacity ?? [:]
            images = try status.objects("images") { image throws(FieldError) in
                Image(names: try image.stringList("names"), sizeBytes: try image.int("sizeBytes") ?? 0)
            }
        }
        self.init(
            metadata: metadata, allocatable: allocatable, taints: taints, unschedulable: unschedulable, images: images)
    }

    /// The node as a v1 manifest.
    public var value: Value {
        var spec = ObjectBuilder()
        spec.add("taints", taints) { $0.manifest }
        if unschedulable { spec.add("unschedulable", .bool(true)) }
        var status = ObjectBuilder()
        status.add("allocatable", .resources(allocatable))
        status.add("images", images) {
            .object([.init("names", .strings($0.names)), .init("sizeBytes", .int($0.sizeBytes))])
        }
        var object = ObjectBuilder()
        object.add("apiVersion", "v1")
        object.add("kind", "Node")
        object.add("metadata", metadata.value)
        if !spec.fields.isEmpty { object.add("spec", spec.value) }
        object.add("status", status.value)
        return object.value
    }
}
