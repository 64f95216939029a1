/// What names and labels an object.
public struct ObjectMeta: Hashable, Sendable {
    /// The name, unique in its namespace and kind.
    public var name: String
    /// The namespace; empty for objects of the cluster as a whole.
    public var namespace: String
    /// The identity of this very object, if one was given.
    public var uid: String
    /// Labels, which selectors match.
    public var labels: [String: String]
    /// Annotations, which nothing selects by.
    public var annotations: [String: String]
    /// The objects that own this one.
    public var ownerReferences: [OwnerReference]
    /// When it was created (RFC 3339), if known.
    public var creationTimestamp: String?
    /// When it is to be gone (RFC 3339), where its deletion has begun.
    public var deletionTimestamp: String?

    /// Metadata with the given name; everything else is empty unless given.
    public init(
        name: String, namespace: String = "", uid: String = "", labels: [String: String] = [:],
        annotations: [String: String] = [:], ownerReferences: [OwnerReference] = [], creationTimestamp: String? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
        self.creationTimestamp = creationTimestamp
    }

    /// The owner that manages the object, or nil.
    public var controller: OwnerReference? { ownerReferences.first { $0.controller } }

    /// The kind of `controller`, without a copy of the rest; nil where nothing owns the object.
    public var controllerKind: String? {
        for index in ownerReferences.indices where ownerReferences[index].controller {
            return ownerReferences[index].kind
        }
        return nil
    }

    /// Reads the metadata of a manifest of a namespace.
    public init(manifest: Value) throws(FieldError) { self = try clusterMetadata(manifest, namespaced: true) }

    /// Reads `metadata`; objects of a namespace without one stand in `default`.
    init(_ object: ObjectReader, namespaced: Bool) throws(FieldError) {
        let name = try object.string("name") ?? ""
        guard !name.isEmpty else {
            throw FieldError(path: FieldPath("name"), expected: "a name", found: "nothing")
        }
        self.name = name
        self.namespace = namespaced ? (try object.string("namespace") ?? "default") : ""
        if namespaced, namespace.isEmpty { namespace = "default" }
        self.uid = try object.string("uid") ?? ""
        self.labels = try object.strings("labels")
        self.annotations = try object.strings("annotations")
        var statesController = false
        self.ownerReferences = try object.objects("ownerReferences") { owner throws(FieldError) in
            if owner.value("controller") != nil { statesController = true }
            return try OwnerReference(owner)
        }
        // Written by hand, an owner that stands alone is meant as the one that manages the object.
        if ownerReferences.count == 1, !statesController { ownerReferences[0].controller = true }
        self.creationTimestamp = try object.string("creationTimestamp")
        self.deletionTimestamp = try object.string("deletionTimestamp")
    }

    /// The metadata as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("name", name)
        object.add("namespace", namespace)
        object.add("uid", uid)
        object.add("labels", labels)
        object.add("annotations", annotations)
        object.add("ownerReferences", ownerReferences) { $0.value }
        object.add("creationTimestamp", creationTimestamp)
        object.add("deletionTimestamp", deletionTimestamp)
        return object.value
    }
}

/// A reference from an object to one that owns it.
public struct OwnerReference: Hashable, Sendable {
    /// The kind of the owner, such as `ReplicaSet`.
    public var kind: String
    /// The owner's name.
    public var name: String
    /// The owner's API group and version.
    public var apiVersion: String
    /// The owner's identity, if known.
    public var uid: String
    /// Whether the owner manages the object.
    public var controller: Bool

    /// A reference to an owner of the given kind and name.
    public init(kind: String, name: String, apiVersion: String = "", uid: String = "", controller: Bool = true) {
        self.kind = kind
        self.name = name
        self.apiVersion = apiVersion
        self.uid = uid
        self.controller = controller
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.kind = try object.string("kind") ?? ""
        self.name = try object.string("name") ?? ""
        self.apiVersion = try object.string("apiVersion") ?? ""
        self.uid = try object.string("uid") ?? ""
        self.controller = try object.bool("controller") ?? false
    }

    /// The reference as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("apiVersion", apiVersion)
        object.add("kind", kind)
        object.add("name", name)
        object.add("uid", uid)
        if controller { object.add("controller", .bool(true)) }
        return object.value
    }
}

/// A namespace and a name: what tells two objects of a kind apart.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace, empty for objects of the cluster.
    public var namespace: String
    /// The name.
    public var name: String

    /// A key of the given parts.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace, then by name.
    public static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        (a.namespace, a.name) < (b.namespace, b.name)
    }
}

extension ObjectMeta {
    /// The object's namespace and name.
    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}
