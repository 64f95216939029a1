/// A pod: containers that run together on one node.
public struct Pod: Hashable, Sendable {
    /// Name, namespace, labels, annotations, owners.
    public var metadata: ObjectMeta
    /// What the pod asks for; pods of one template share it.
    @CopyOnWrite public var spec: PodSpec
    /// `status.phase`, such as `Running` or `Succeeded`; empty if unknown.
    public var phase: String
    /// `status.nominatedNodeName`: the node where a preemptor's victims are leaving.
    public var nominatedNodeName: String?
    /// `status.startTime` (RFC 3339), by which preemption tells long-running victims from young ones.
    public var startTime: String?
    /// The manifest, or the template of a collection, that the pod was made from; nil where there is none.
    public var written: WrittenObject?
    /// What `status.conditions` says that bears on who is evicted.
    public var conditions: PodConditions = []

    /// A pod of the given parts.
    public init(metadata: ObjectMeta, spec: PodSpec, phase: String = "") {
        self.metadata = metadata
        self.spec = spec
        self.phase = phase
    }

    /// Whether the pod has ended, and so takes no room any more.
    public var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Whether the pod's deletion has begun; it takes its room until it has ended.
    public var isTerminating: Bool { metadata.deletionTimestamp != nil }

    /// Whether a cluster has admitted the pod already, as those have that kubectl prints: it keeps what it was given then.
    public var hasLived: Bool {
        !phase.isEmpty || !metadata.uid.isEmpty || metadata.creationTimestamp != nil || startTime != nil
    }

    /// Reads a Pod manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        guard
            let metadata = try object.object(
                "metadata", { meta throws(FieldError) in try ObjectMeta(meta, namespaced: true) })
        else { throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing") }
        self.metadata = metadata
        guard let spec = try object.object("spec", PodSpec.init) else {
            throw FieldError(path: FieldPath("spec"), expected: "a pod's spec", found: "nothing")
        }
        self.spec = spec
        self.phase = ""
        try object.object("status") { status throws(FieldError) in
            phase = try status.string("phase") ?? ""
            nominatedNodeName = try status.string("nominatedNodeName")
            startTime = try status.string("startTime")
            conditions = try PodConditions(status)
            try readHeldResources(status)
        }
    }

    /// The pod as a v1 manifest.
    public var value: Value {
        var status = ObjectBuilder()
        status.add("phase", phase)
        status.add("nominatedNodeName", nominatedNodeName)
        status.add("startTime", startTime)
        conditions.add(to: &status)
        addHeldResources(to: &status)
        var object = ObjectBuilder()
        object.add("apiVersion", "v1")
        object.add("kind", "Pod")
        object.add("metadata", metadata.value)
        object.add("spec", spec.value)
        if !status.fields.isEmpty { object.add("status", status.value) }
        return object.value
    }
}

extension Pod {
    /// The seed's annotation that names a pod's scheduler.
    public static let schedulerAnnotation = "scheduler.alpha.kubernetes.io/name"
}
