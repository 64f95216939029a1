/// What a pod asks for, as far as scheduling and admission look at it.
public struct PodSpec: Hashable, Sendable {
    // First what every decision about a pod looks at, so that it stands in two cache lines.

    /// Containers that run for the pod's life.
    public var containers: [Container]
    /// Containers that run first, one after another; those with `restartPolicy: Always` are sidecars and stay.
    public var initContainers: [Container]
    /// What the sandbox itself takes on top of the containers.
    public var overhead: ResourceList
    /// Requests of the pod as a whole, which stand in for the containers' sums of the same resources.
    public var podRequests: ResourceList
    /// The priority as a number; nil until admission resolves it.
    public var priority: Int32?
    /// The priority class by name.
    public var priorityClassName: String
    /// The scheduler that the pod names, or nil.
    public var schedulerName: String?
    /// The pod's group by Kubernetes' own API: `schedulingGroup.podGroupName` (1.36), or what `workloadRef` names (1.35).
    public var schedulingGroup: String?

    /// Limits of the pod as a whole.
    public var podLimits: ResourceList
    /// The node that the pod is bound to, or nil.
    public var nodeName: String?
    /// Labels that the node must have.
    public var nodeSelector: [String: String]
    /// Wishes and musts about nodes and neighbours.
    public var affinity: Affinity
    /// Taints that the pod bears.
    public var tolerations: [Toleration]
    /// Rules that keep pods like this one spread out.
    public var topologySpreadConstraints: [TopologySpreadConstraint]
    /// Whether the pod may preempt others; nil until admission resolves it.
    public var preemptionPolicy: PreemptionPolicy?
    /// Gates that must all be lifted before the pod is scheduled.
    public var schedulingGates: [String]
    /// Whether the pod uses the node's network, which makes every container port a host port.
    public var hostNetwork: Bool
    /// Whether nobody named the priority class: admission wrote that of the cluster, which a rule's default replaces.
    public var hasDefaultPriorityClass = false
    /// What only few pods state; nil where this one states none of it.
    var rare: CopyOnWrite<RarePodFields>?

    /// Whether a pod may push others off a node.
    public enum PreemptionPolicy: String, CaseIterable, Hashable, Sendable {
        case never = "Never"
        case lowerPriority = "PreemptLowerPriority"
    }

    /// A spec with the given containers; set what else is wanted.
    public init(containers: [Container] = []) {
        self.containers = containers
        self.initContainers = []
        self.overhead = [:]
        self.podRequests = [:]
        self.podLimits = [:]
        self.nodeSelector = [:]
        self.affinity = Affinity()
        self.tolerations = []
        self.topologySpreadConstraints = []
        self.priorityClassName = ""
        self.schedulingGates = []
        self.hostNetwork = false
    }

    /// Reads a pod's `spec`.
    public init(_ object: ObjectReader) throws(FieldError) {
        let hostNetwork = try object.bool("hostNetwork") ?? false
        let container = { (item: ObjectReader) throws(FieldError) in
            try Container(item, hostNetwork: hostNetwork)
        }
        self.init(containers: try object.objects("containers", container))
        guard !containers.isEmpty else {
            throw FieldError(path: FieldPath("containers"), expected: "at least one container", found: "none")
        }
        self.hostNetwork = hostNetwork
        self.initContainers = try object.objects("initContainers", container)
        self.overhead = try object.optional("overhead") { v throws(FieldError) in try v.decodeResources() } ?? [:]
        try object.object("resources") { resources throws(FieldError) in try readPodResources(resources) }
        self.nodeName = try object.string("nodeName").flatMap { $0.isEmpty ? nil : $0 }
        self.nodeSelector = try object.strings("nodeSelector")
        self.affinity = try object.object("affinity", Affinity.init) ?? Affinity()
        self.tolerations = try object.objects("tolerations", Toleration.init)
        self.topologySpreadConstraints = try object.objects(
            "topologySpreadConstraints", TopologySpreadConstraint.init)
        self.priority = try object.int("priority", in: Int64(Int32.min)...Int64(Int32.max)).map { Int32($0) }
        self.priorityClassName = try object.string("priorityClassName") ?? ""
        self.preemptionPolicy = try object.choice("preemptionPolicy")
        self.schedulerName = try object.string("schedulerName").flatMap { $0.isEmpty ? nil : $0 }
        self.schedulingGates = try object.objects("schedulingGates") { gate throws(FieldError) in
            try gate.string("name") ?? ""
        }
        self.schedulingGroup = try PodSpec.schedulingGroup(object)
        try readRare(object)
    }

    /// The spec as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("containers", containers) { $0.value }
        object.add("initContainers", initContainers) { $0.value }
        if !overhead.isEmpty { object.add("overhead", .resources(overhead)) }
        var whole = ObjectBuilder()
        if !podRequests.isEmpty { whole.add("requests", .resources(podRequests)) }
        if !podLimits.isEmpty { whole.add("limits", .resources(podLimits)) }
        if !whole.fields.isEmpty { object.add("resources", whole.value) }
        object.add("nodeName", nodeName)
        object.add("nodeSelector", nodeSelector)
        if !affinity.isEmpty { object.add("affinity", affinity.value) }
        object.add("tolerations", tolerations) { $0.manifest }
        object.add("topologySpreadConstraints", topologySpreadConstraints) { $0.value }
        object.add("priority", priority.map { .int(Int64($0)) })
        object.add("priorityClassName", priorityClassName)
        object.add("preemptionPolicy", preemptionPolicy?.rawValue)
        object.add("schedulerName", schedulerName)
        object.add("schedulingGates", schedulingGates) { .object([.init("name", .string($0))]) }
        addSchedulingGroup(to: &object)
        if hostNetwork { object.add("hostNetwork", .bool(true)) }
        rare?.wrappedValue.write(to: &object)
        return object.value
    }
}

/// A container of a pod.
public struct Container: Hashable, Sendable {
    // First what every decision looks at, which then stands in one cache line with the length of the array.

    /// What it must be given; limits stand in for requests that are not stated.
    public var requests: ResourceList

    /// The container's name.
    public var name: String
    /// The image it runs.
    public var image: String
    /// What it may use at most.
    public var limits: ResourceList
    /// What it has on its node, where a resize has not come about and that is not what it requests.
    public internal(set) var held: ResourceList?
    /// Ports that it takes on the node.
    public var hostPorts: [HostPort]
    /// Whether it is a sidecar: an init container that keeps running.
    public var restartsAlways: Bool

    /// A container of the given parts.
    public init(
        name: String, image: String = "", requests: ResourceList = [:], limits: ResourceList = [:],
        hostPorts: [HostPort] = [], restartsAlways: Bool = false
    ) {
        self.name = name
        self.image = image
        self.requests = limits.merging(requests) { $1 }
        self.limits = limits
        self.hostPorts = hostPorts
        self.restartsAlways = restartsAlways
    }

    init(_ object: ObjectReader, hostNetwork: Bool) throws(FieldError) {
        self.init(name: try object.string("name") ?? "", image: try object.string("image") ?? "")
        try object.object("resources") { resources throws(FieldError) in
            limits = try resources.optional("limits") { v throws(FieldError) in try v.decodeResources() } ?? [:]
            requests = try Container.requests(resources)
        }
        self.hostPorts = try object.objects("ports") { port throws(FieldError) in
            try HostPort(port, hostNetwork: hostNetwork)
        }.compactMap { $0 }
        self.restartsAlways = try object.string("restartPolicy") == "Always"
    }

    /// The requests of a `resources` object, completed from its limits as Kubernetes' defaulting does.
    static func requests(_ resources: ObjectReader) throws(FieldError) -> ResourceList {
        let limits = try resources.optional("limits") { v throws(FieldError) in try v.decodeResources() } ?? [:]
        let requests = try resources.optional("requests") { v throws(FieldError) in try v.decodeResources() } ?? [:]
        for (name, amount) in requests.sorted(by: { $0.key < $1.key }) {
            guard let limit = limits[name], limit < amount else { continue }
            throw FieldError(
                path: FieldPath("requests", name), expected: "at most the limit, \(limit)", found: "\(amount)")
        }
        return limits.merging(requests) { $1 }
    }

    var value: Value {
        var resources = ObjectBuilder()
        if !requests.isEmpty { resources.add("requests", .resources(requests)) }
        if !limits.isEmpty { resources.add("limits", .resources(limits)) }
        var object = ObjectBuilder()
        object.add("name", name)
        object.add("image", image)
        if !resources.fields.isEmpty { object.add("resources", resources.value) }
        object.add("ports", hostPorts) { $0.value }
        if restartsAlways { object.add("restartPolicy", "Always") }
        return object.value
    }
}

/// A port that a pod takes on its node.
public struct HostPort: Hashable, Sendable {
    /// The address bound; `0.0.0.0` is all of them.
    public var ip: String
    /// The protocol: `TCP`, `UDP` or `SCTP`.
    public var `protocol`: String
    /// The port, 1 to 65535.
    public var port: UInt16

    /// A port of the given parts.
    public init(ip: String = "0.0.0.0", protocol: String = "TCP", port: UInt16) {
        self.ip = ip
        self.protocol = `protocol`
        self.port = port
    }

    /// Whether two ports cannot be on one node.
    public func conflicts(with other: HostPort) -> Bool {
        port == other.port && `protocol` == other.protocol
            && (ip == other.ip || ip == "0.0.0.0" || other.ip == "0.0.0.0")
    }

    /// Reads a container port; nil where it takes no port of the node.
    init?(_ object: ObjectReader, hostNetwork: Bool) throws(FieldError) {
        let containerPort = try object.int("containerPort", in: 0...65535) ?? 0
        let hostPort = try object.int("hostPort", in: 0...65535) ?? 0
        let port = hostPort == 0 && hostNetwork ? containerPort : hostPort
        guard port > 0 else { return nil }
        let address = try object.string("hostIP") ?? ""
        let name = try object.string("protocol") ?? ""
        self.init(
            ip: address.isEmpty ? "0.0.0.0" : address, protocol: name.isEmpty ? "TCP" : name, port: UInt16(port))
    }

    /// The port as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("containerPort", .int(Int64(port)))
        object.add("hostPort", .int(Int64(port)))
        if `protocol` != "TCP" { object.add("protocol", `protocol`) }
        if ip != "0.0.0.0" { object.add("hostIP", ip) }
        return object.value
    }
}
