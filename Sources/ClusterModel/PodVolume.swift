/// A volume of a pod, of the sorts that bear on where the pod may stand: claims, and disks that a pod names outright.
public struct PodVolume: Hashable, Sendable {
    /// Where the volume comes from.
    public enum Source: Hashable, Sendable {
        /// A claim of the pod's namespace by name; `template` is what it would be made of where it does not exist yet, as a
        /// StatefulSet makes the claims of its pods.
        case claim(name: String, template: ClaimSpec?)
        /// A claim that is made for this pod alone, named after pod and volume.
        case ephemeral(ClaimSpec)
        /// A disk that the pod names outright.
        case disk(PodDisk)
    }

    /// The volume's name in the pod.
    public var name: String
    /// Where it comes from.
    public var source: Source

    /// A volume of the given source.
    public init(name: String, source: Source) {
        self.name = name
        self.source = source
    }

    /// Reads a volume of a pod; nil where it has no bearing on the node, as a ConfigMap has none.
    init?(_ object: ObjectReader) throws(FieldError) {
        guard let source = try PodVolume.source(object) else { return nil }
        self.init(name: try object.string("name") ?? "", source: source)
    }

    private static func source(_ object: ObjectReader) throws(FieldError) -> Source? {
        for field in object.fields {
            switch field.key {
            case "persistentVolumeClaim":
                return try object.object(field.key) { claim throws(FieldError) in
                    .claim(name: try claim.string("claimName") ?? "", template: nil)
                }
            case "ephemeral":
                return try object.object(field.key) { volume throws(FieldError) in
                    try volume.object("volumeClaimTemplate") { template throws(FieldError) -> Source in
                        .ephemeral(try template.object("spec", ClaimSpec.init) ?? ClaimSpec())
                    }
                } ?? nil
            default:
                guard let kind = PodDisk.Kind(rawValue: field.key) else { continue }
                return try object.object(field.key) { disk throws(FieldError) in .disk(try PodDisk(disk, kind)) }
            }
        }
        return nil
    }

    /// The volume as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("name", name)
        switch source {
        case .claim(let claim, _): object.add("persistentVolumeClaim", .object([.init("claimName", .string(claim))]))
        case .ephemeral(let spec):
            let template = Value.object([.init("spec", spec.value)])
            object.add("ephemeral", .object([.init("volumeClaimTemplate", template)]))
        case .disk(let disk): object.add(disk.kind.rawValue, disk.value)
        }
        return object.value
    }
}

/// A disk that a pod names outright, without a claim.
public struct PodDisk: Hashable, Sendable {
    /// The sorts of disk, by the field of a volume that holds them.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case awsElasticBlockStore
        case azureDisk
        case cinder
        case gcePersistentDisk
        case iscsi
        case rbd
        case vsphereVolume

        /// The field with the disk's identity.
        var idField: String {
            switch self {
            case .awsElasticBlockStore, .cinder: "volumeID"
            case .azureDisk: "diskURI"
            case .gcePersistentDisk: "pdName"
            case .iscsi: "iqn"
            case .rbd: "image"
            case .vsphereVolume: "volumePath"
            }
        }

        /// The driver that attaches such disks today; nil where none does.
        var driver: String? {
            switch self {
            case .awsElasticBlockStore: "ebs.csi.aws.com"
            case .azureDisk: "disk.csi.azure.com"
            case .cinder: "cinder.csi.openstack.org"
            case .gcePersistentDisk: "pd.csi.storage.gke.io"
            case .vsphereVolume: "csi.vsphere.vmware.com"
            case .iscsi, .rbd: nil
            }
        }

        /// Whether two pods of one node may not share such a disk; for some not even where both only read it.
        var isExclusive: (always: Bool, whenWritten: Bool) {
            switch self {
            case .awsElasticBlockStore: (true, true)
            case .gcePersistentDisk, .iscsi, .rbd: (false, true)
            case .azureDisk, .cinder, .vsphereVolume: (false, false)
            }
        }
    }

    /// The sort.
    public var kind: Kind
    /// What tells it from other disks of its sort.
    public var id: String
    /// The pool of a Ceph image.
    public var pool: String
    /// The monitors of a Ceph image.
    public var monitors: [String]
    /// Whether the pod only reads it.
    public var isReadOnly: Bool

    init(_ object: ObjectReader, _ kind: Kind) throws(FieldError) {
        self.kind = kind
        self.id = try object.string(kind.idField) ?? ""
        self.isReadOnly = try object.bool("readOnly") ?? false
        self.pool = kind == .rbd ? try object.string("pool") ?? "rbd" : ""
        self.monitors = kind == .rbd ? try object.stringList("monitors") : []
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add(kind.idField, id)
        object.add("pool", pool)
        object.add("monitors", monitors) { .string($0) }
        if isReadOnly { object.add("readOnly", .bool(true)) }
        return object.value
    }

    /// The names by which the disk conflicts with itself on one node: two Ceph images are one where they share a monitor.
    var conflictNames: [String] {
        kind == .rbd ? monitors.map { "rbd \($0) \(pool)/\(id)" } : ["\(kind.rawValue) \(id)"]
    }
}

/// What the claims of a StatefulSet's pods are made of, a claim for each pod.
public struct ClaimTemplate: Hashable, Sendable {
    /// The name of the volume in each pod, with which the claim's begins.
    public var name: String
    /// What each claim asks for.
    public var spec: ClaimSpec

    /// A template of the given parts.
    public init(name: String, spec: ClaimSpec) { (self.name, self.spec) = (name, spec) }

    /// The volume of a pod: its claim is called `NAME-POD`.
    func volume(ofPod pod: String) -> PodVolume {
        PodVolume(name: name, source: .claim(name: "\(name)-\(pod)", template: spec))
    }
}

/// What a claim asks for.
public struct ClaimSpec: Hashable, Sendable {
    /// The storage class; nil is the default one, and the empty text none at all.
    public var storageClass: String?
    /// How it is to be used, such as `ReadWriteOnce`.
    public var accessModes: [String]
    /// How large it must be at least.
    public var request: Quantity
    /// Labels that its volume must have; nil is any.
    public var selector: LabelSelector?
    /// The volume that it is bound to; empty while it is bound to none.
    public var volumeName: String
    /// `Filesystem` or `Block`.
    public var volumeMode: String

    /// A claim that asks for nothing in particular.
    public init(storageClass: String? = nil, accessModes: [String] = [], request: Quantity = .zero) {
        self.storageClass = storageClass
        self.accessModes = accessModes
        self.request = request
        self.volumeName = ""
        self.volumeMode = "Filesystem"
    }

    /// Reads a claim's `spec`.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.init(
            storageClass: try object.string("storageClassName"), accessModes: try object.stringList("accessModes"))
        self.selector = try object.object("selector", LabelSelector.init)
        self.volumeName = try object.string("volumeName") ?? ""
        self.volumeMode = try object.string("volumeMode").flatMap { $0.isEmpty ? nil : $0 } ?? "Filesystem"
        try object.object("resources") { resources throws(FieldError) in
            let requests = try resources.optional("requests") { v throws(FieldError) in try v.decodeResources() }
            request = requests?["storage"] ?? .zero
        }
    }

    /// The spec as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        if let storageClass { object.add("storageClassName", .string(storageClass)) }
        object.add("accessModes", accessModes) { .string($0) }
        object.add("selector", selector?.value)
        object.add("volumeName", volumeName)
        if volumeMode != "Filesystem" { object.add("volumeMode", volumeMode) }
        if request > .zero {
            object.add("resources", .object([.init("requests", .resources(["storage": request]))]))
        }
        return object.value
    }
}
