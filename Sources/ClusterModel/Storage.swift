/// A volume of the cluster, of which the place and what it can hold matter here.
public struct PersistentVolume: Hashable, Sendable {
    /// Name and labels; labels of zones and regions say where the volume is.
    public var metadata: ObjectMeta
    /// How much it holds.
    public var capacity: Quantity
    /// How it can be used.
    public var accessModes: [String]
    /// Its storage class; empty for none.
    public var storageClass: String
    /// `Filesystem` or `Block`.
    public var volumeMode: String
    /// The nodes that reach it; nil is all.
    public var nodeAffinity: NodeSelector?
    /// The claim that it is bound to or kept for.
    public var claim: ObjectKey?
    /// `status.phase`; empty if unknown.
    public var phase: String
    /// The driver that attaches it, and its name there; nil where nothing is attached.
    public var attachment: VolumeNeeds.Attachment?

    /// Reads a PersistentVolume manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        (capacity, accessModes, storageClass, volumeMode) = (.zero, [], "", "Filesystem")
        metadata = try clusterMetadata(value, namespaced: false)
        phase =
            try object.object("status") { status throws(FieldError) in try status.string("phase") ?? "" } ?? ""
        try object.object("spec") { spec throws(FieldError) in try read(spec) }
        if let old = metadata.annotations[PersistentVolumeClaim.oldClassAnnotation] { storageClass = old }
    }

    private mutating func read(_ spec: ObjectReader) throws(FieldError) {
        let amounts = try spec.optional("capacity") { v throws(FieldError) in try v.decodeResources() }
        capacity = amounts?["storage"] ?? .zero
        accessModes = try spec.stringList("accessModes")
        storageClass = try spec.string("storageClassName") ?? ""
        volumeMode = try spec.string("volumeMode").flatMap { $0.isEmpty ? nil : $0 } ?? "Filesystem"
        nodeAffinity =
            try spec.object("nodeAffinity") { affinity throws(FieldError) in
                try affinity.object("required", NodeSelector.init)
            } ?? nil
        claim = try spec.object("claimRef") { claim throws(FieldError) in
            ObjectKey(namespace: try claim.string("namespace") ?? "", name: try claim.string("name") ?? "")
        }
        attachment =
            try spec.object("csi") { csi throws(FieldError) in
                VolumeNeeds.Attachment(
                    driver: try csi.string("driver") ?? "", volume: try csi.string("volumeHandle") ?? "")
            } ?? nil
        for kind in PodDisk.Kind.allCases {
            guard attachment == nil, let driver = kind.driver else { continue }
            attachment =
                try spec.object(kind.rawValue) { disk throws(FieldError) in
                    VolumeNeeds.Attachment(driver: driver, volume: try PodDisk(disk, kind).id)
                } ?? nil
        }
    }
}

/// A claim on a volume.
public struct PersistentVolumeClaim: Hashable, Sendable {
    /// Name, namespace, annotations.
    public var metadata: ObjectMeta
    /// What it asks for.
    public var spec: ClaimSpec
    /// `status.phase`; empty if unknown.
    public var phase: String

    static let oldClassAnnotation = "volume.beta.kubernetes.io/storage-class"
    private static let bindAnnotation = "pv.kubernetes.io/bind-completed"
    private static let nodeAnnotation = "volume.kubernetes.io/selected-node"

    /// Reads a PersistentVolumeClaim manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        metadata = try clusterMetadata(value, namespaced: true)
        spec = try object.object("spec", ClaimSpec.init) ?? ClaimSpec()
        phase =
            try object.object("status") { status throws(FieldError) in try status.string("phase") ?? "" } ?? ""
        if let old = metadata.annotations[PersistentVolumeClaim.oldClassAnnotation] { spec.storageClass = old }
    }

    /// Whether it has its volume. A claim that names one and is not said to wait for it counts as bound: manifests that
    /// were not printed by a cluster lack the controller's mark.
    public var isBound: Bool {
        guard !spec.volumeName.isEmpty else { return false }
        return metadata.annotations[PersistentVolumeClaim.bindAnnotation] != nil || phase != "Pending"
    }

    /// The node that its volume is being made for.
    public var selectedNode: String? { metadata.annotations[PersistentVolumeClaim.nodeAnnotation] }
}

/// How the volumes of a class come about.
public struct StorageClass: Hashable, Sendable {
    /// Name and annotations.
    public var metadata: ObjectMeta
    /// What makes its volumes.
    public var provisioner: String
    /// Whether a claim is bound only when a pod that uses it is placed.
    public var waitsForConsumer: Bool
    /// Where its volumes may be; nil is anywhere.
    public var topologies: NodeSelector?

    private static let defaultAnnotations = [
        "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class",
    ]

    /// Reads a StorageClass manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        metadata = try clusterMetadata(value, namespaced: false)
        provisioner = try object.string("provisioner") ?? ""
        waitsForConsumer = try object.string("volumeBindingMode") == "WaitForFirstConsumer"
        let terms = try object.objects("allowedTopologies") { term throws(FieldError) in
            NodeSelectorTerm(
                matchExpressions: try term.objects("matchLabelExpressions") { item throws(FieldError) in
                    SelectorRequirement(
                        key: try item.string("key") ?? "", operator: .in, values: try item.stringList("values"))
                })
        }
        // A term without requirements allows every node.
        let isOpen = terms.isEmpty || terms.contains { $0.matchExpressions.isEmpty }
        topologies = isOpen ? nil : NodeSelector(terms: terms)
    }

    /// Whether something makes volumes for claims that no volume matches.
    public var makesVolumes: Bool { !provisioner.isEmpty && provisioner != "kubernetes.io/no-provisioner" }

    /// Whether claims that name no class are of this one.
    public var isDefault: Bool {
        StorageClass.defaultAnnotations.contains { metadata.annotations[$0] == "true" }
    }
}

/// What the drivers of a node say of it.
public struct CSINode: Hashable, Sendable {
    /// A driver on the node.
    public struct Driver: Hashable, Sendable {
        /// The driver's name.
        public var name: String
        /// How many volumes it attaches there at most; nil is any number.
        public var limit: Int64?
        /// The node labels that say which nodes reach the same volumes.
        public var topologyKeys: [String]
    }

    /// The name, which is the node's.
    public var metadata: ObjectMeta
    /// The drivers.
    public var drivers: [Driver]

    /// Reads a CSINode manifest.
    public init(_ value: Value) throws(FieldError) {
        metadata = try clusterMetadata(value, namespaced: false)
        drivers =
            try ObjectReader(value).object("spec") { spec throws(FieldError) in
                try spec.objects("drivers") { driver throws(FieldError) in
                    let limit = try driver.object("allocatable") { allocatable throws(FieldError) in
                        try allocatable.int("count", in: 0...Int64(Int32.max))
                    }
                    return Driver(
                        name: try driver.string("name") ?? "", limit: limit ?? nil,
                        topologyKeys: try driver.stringList("topologyKeys"))
                }
            } ?? []
    }
}
