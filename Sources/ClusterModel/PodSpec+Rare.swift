/// What only few pods state. It stands apart, behind one reference, so that the specs of all others stay small.
struct RarePodFields: Hashable, Sendable {
    var runtimeClassName = ""
    var activeDeadlineSeconds: Int64?
    var resourceClaims: [String] = []
    var volumes: [PodVolume] = []
    var volumeNeeds: VolumeNeeds?

    init() {}

    init(_ object: ObjectReader) throws(FieldError) {
        runtimeClassName = try object.string("runtimeClassName") ?? ""
        activeDeadlineSeconds = try object.int("activeDeadlineSeconds")
        resourceClaims = try object.objects("resourceClaims") { claim throws(FieldError) in
            try claim.string("name") ?? ""
        }
        volumes = try object.objects("volumes", PodVolume.init).compactMap { $0 }
    }

    func write(to object: inout ObjectBuilder) {
        object.add("runtimeClassName", runtimeClassName)
        object.add("activeDeadlineSeconds", activeDeadlineSeconds.map { .int($0) })
        object.add("resourceClaims", resourceClaims) { .object([.init("name", .string($0))]) }
        object.add("volumes", volumes) { $0.value }
    }
}

extension PodSpec {
    /// The RuntimeClass by name; empty for the node's own runtime.
    public var runtimeClassName: String {
        get { rare?.wrappedValue.runtimeClassName ?? "" }
        set { setRare(\.runtimeClassName, newValue) }
    }

    /// For how many seconds the pod may run; a pod with a deadline falls under other quotas than one without.
    public var activeDeadlineSeconds: Int64? {
        get { rare?.wrappedValue.activeDeadlineSeconds }
        set { setRare(\.activeDeadlineSeconds, newValue) }
    }

    /// The names of the pod's claims for devices (dynamic resource allocation).
    public var resourceClaims: [String] {
        get { rare?.wrappedValue.resourceClaims ?? [] }
        set { setRare(\.resourceClaims, newValue) }
    }

    /// The pod's volumes, those that bear on where it may stand.
    public var volumes: [PodVolume] {
        get { rare?.wrappedValue.volumes ?? [] }
        set { setRare(\.volumes, newValue) }
    }

    /// What the volumes ask of a node, once `StorageObjects.resolve` has looked them up; nil is nothing.
    public var volumeNeeds: VolumeNeeds? {
        get { rare?.wrappedValue.volumeNeeds }
        set { setRare(\.volumeNeeds, newValue) }
    }

    /// Reads the fields that only few pods state.
    mutating func readRare(_ object: ObjectReader) throws(FieldError) {
        let read = try RarePodFields(object)
        rare = read == RarePodFields() ? nil : CopyOnWrite(wrappedValue: read)
    }

    /// Writes a field, and keeps none where all are as in most pods: equal specs must be equal.
    private mutating func setRare<T: Equatable>(_ field: WritableKeyPath<RarePodFields, T>, _ value: T) {
        var fields = rare?.wrappedValue ?? RarePodFields()
        guard fields[keyPath: field] != value else { return }
        fields[keyPath: field] = value
        rare = fields == RarePodFields() ? nil : CopyOnWrite(wrappedValue: fields)
    }
}
