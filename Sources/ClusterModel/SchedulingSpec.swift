/// All that placing a pod depends on, and nothing else.
///
/// Pods with equal scheduling specs are interchangeable to every filter and score, so they form one equivalence class.
/// The dispatcher describes a scheduling spec once to each scheduler, as a template, and afterwards names it by a number.
public struct SchedulingSpec: Hashable, Sendable {
    /// The pod's namespace.
    public var namespace: String
    /// The pod's labels, which the selectors of other pods match.
    public var labels: [String: String]
    /// The pod's priority.
    public var priority: Int32
    /// Whether the pod may preempt others of lower priority.
    public var mayPreempt: Bool
    /// The one node that the pod allows (`spec.nodeName` of a pod not placed yet), or nil.
    public var nodeName: String?
    /// Labels that the node must have.
    public var nodeSelector: [String: String]
    /// Wishes and musts about nodes and neighbours.
    public var affinity: Affinity
    /// Taints that the pod bears.
    public var tolerations: [Toleration]
    /// Rules that keep pods like this one spread out.
    public var topologySpreadConstraints: [TopologySpreadConstraint]
    /// What the pod takes, by resource, without the pod itself; no zeros.
    public var requests: ResourceList
    /// The CPU that scoring counts, in thousandths.
    public var scoringCPUMilli: Int64
    /// The memory that scoring counts, in bytes.
    public var scoringMemoryBytes: Int64
    /// Ports that the pod takes on its node.
    public var hostPorts: [HostPort]
    /// The images of all containers, init containers too, in order.
    public var images: [String]
    /// The pods that count as the same service where the pod has no constraint of its own; nil where nothing owns it.
    ///
    /// Made of the selectors of the services and of the controller that match the pod, as Kubernetes' default spread
    /// constraints make it.
    public var serviceSelector: LabelSelector?
    /// Whether the pod's deletion has begun, so that rules of topology spread do not count it.
    public var isTerminating = false
    /// What its volumes ask of a node; nil, for most pods, is nothing.
    public var volumes: VolumeNeeds? {
        get { volumeNeeds?.wrappedValue }
        set { volumeNeeds = newValue.flatMap { $0.isEmpty ? nil : CopyOnWrite(wrappedValue: $0) } }
    }
    /// Behind one reference, since few pods have any.
    private var volumeNeeds: CopyOnWrite<VolumeNeeds>?

    /// A spec that asks for the given resources and for nothing else.
    public init(namespace: String = "default", labels: [String: String] = [:], requests: ResourceList = [:]) {
        self.namespace = namespace
        self.labels = labels
        self.priority = 0
        self.mayPreempt = true
        self.nodeSelector = [:]
        self.affinity = Affinity()
        self.tolerations = []
        self.topologySpreadConstraints = []
        self.requests = requests
        self.scoringCPUMilli = requests["cpu"]?.milliValue ?? 100
        self.scoringMemoryBytes = requests["memory"]?.value ?? 200 << 20
        self.hostPorts = []
        self.images = []
    }

    /// What of a pod matters to placing it.
    public init(_ pod: Pod, serviceSelector: LabelSelector? = nil) {
        let spec = pod.spec
        let scoring = spec.scoringRequests
        self.namespace = pod.metadata.namespace
        self.labels = pod.metadata.labels
        self.priority = spec.priority ?? 0
        self.mayPreempt = spec.preemptionPolicy != .never
        self.nodeName = spec.nodeName
        self.nodeSelector = spec.nodeSelector
        self.affinity = spec.affinity
        self.tolerations = spec.tolerations
        self.topologySpreadConstraints = spec.topologySpreadConstraints
        self.requests = spec.effectiveRequests
        self.scoringCPUMilli = scoring.cpuMilli
        self.scoringMemoryBytes = scoring.memoryBytes
        self.hostPorts = spec.hostPorts
        self.images = (spec.initContainers + spec.containers).map(\.image)
        self.serviceSelector = serviceSelector
        self.isTerminating = pod.isTerminating
        self.volumes = spec.volumeNeeds
    }

    /// Reads a spec as `value` writes it.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.init(
            namespace: try object.string("namespace") ?? "default", labels: try object.strings("labels"),
            requests: try object.optional("requests") { v throws(FieldError) in try v.decodeResources() } ?? [:])
        let int32 = Int64(Int32.min)...Int64(Int32.max)
        self.priority = try object.int("priority", in: int32).map { Int32($0) } ?? 0
        self.mayPreempt = try object.bool("mayPreempt") ?? true
        self.nodeName = try object.string("nodeName")
        self.nodeSelector = try object.strings("nodeSelector")
        self.affinity = try object.object("affinity", Affinity.init) ?? Affinity()
        self.tolerations = try object.objects("tolerations", Toleration.init)
        self.topologySpreadConstraints = try object.objects(
            "topologySpreadConstraints", TopologySpreadConstraint.init)
        let counts: ClosedRange<Int64> = 0...Int64.max
        self.scoringCPUMilli = try object.int("scoringCPUMilli", in: counts) ?? scoringCPUMilli
        self.scoringMemoryBytes = try object.int("scoringMemoryBytes", in: counts) ?? scoringMemoryBytes
        self.hostPorts = try object.objects("hostPorts") { port throws(FieldError) in
            try HostPort(port, hostNetwork: false)
        }.compactMap { $0 }
        self.images = try object.stringList("images")
        self.serviceSelector = try object.object("serviceSelector", LabelSelector.init)
        self.isTerminating = try object.bool("isTerminating") ?? false
        self.volumes = try object.object("volumes", VolumeNeeds.init)
    }

    /// Whether the pod has volumes that ask something of a node.
    public var hasVolumeNeeds: Bool { volumeNeeds != nil }

    /// The spec as an object; the fields that Kubernetes has too are written as Kubernetes writes them.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("namespace", namespace)
        object.add("labels", labels)
        if priority != 0 { object.add("priority", .int(Int64(priority))) }
        if !mayPreempt { object.add("mayPreempt", .bool(false)) }
        object.add("nodeName", nodeName)
        object.add("nodeSelector", nodeSelector)
        if !affinity.isEmpty { object.add("affinity", affinity.value) }
        object.add("tolerations", tolerations) { $0.manifest }
        object.add("topologySpreadConstraints", topologySpreadConstraints) { $0.value }
        if !requests.isEmpty { object.add("requests", .resources(requests)) }
        object.add("scoringCPUMilli", .int(scoringCPUMilli))
        object.add("scoringMemoryBytes", .int(scoringMemoryBytes))
        object.add("hostPorts", hostPorts) { $0.value }
        object.add("images", images) { .string($0) }
        object.add("serviceSelector", serviceSelector?.value)
        if isTerminating { object.add("isTerminating", .bool(true)) }
        object.add("volumes", volumes?.value)
        return object.value
    }
}
