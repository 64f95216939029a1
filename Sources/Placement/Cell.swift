import ClusterModel

/// A mirror of the cluster, as columns: what nodes offer and have left, which pods stand where, and counters for every
/// rule between pods.
///
/// A value with one owner. Everything that decides about a placement (the commit re-check, the schedulers, explanations)
/// asks the same predicates here. Nodes, pods and scheduling specs are known by small numbers that the caller gives or
/// that `register` returns. Nothing here reads a clock or does any input or output.
///
/// ```
/// nodes       rows (labels, taints, images), sets of nodes by condition (bitsets)
/// resources   allocatable[resource][node], free[resource][node]
/// devices     free thousandths by GPU device
/// topologies  domain[node] for each label key that some rule names
/// counters    pods[domain] for each rule: what a spread constraint or an (anti-)affinity term counts
/// classes     registered scheduling specs, compiled to numbers of the above
/// pods        pod → node, class, devices, and lists by node and by class
/// ```
public struct Cell {
    // Always nil. A value that contains an existential is always passed by address; the compiler would copy a plain struct of
    // this size, half a kilobyte, to the stack for every call that borrows it, several times a placement.
    private let passedByAddress: (any Sendable)? = nil

    var nodes = NodeTable()
    var resources = ResourceTable()
    var devices = DeviceTable()
    var pods = PodTable()
    /// By node: the head of its list of pods.
    var firstPod: ContiguousArray<PodID> = []

    var topologies: ContiguousArray<Topology> = []
    var topologyNumbers: [Int32: Int32] = [:]
    var counters: ContiguousArray<DomainCounter> = []
    var counterNumbers: [CounterKey: Int32] = [:]
    var freeCounters: [Int32] = []
    /// Counters in use, for the loop over them when a node changes.
    var liveCounters: Set<Int32> = []

    var groups: ContiguousArray<PodGroupEntry> = []
    var groupNumbers: [PodCondition: Int32] = [:]
    var freeGroups: [Int32] = []
    var groupsByAnchor: [LabelAnchor: ContiguousArray<Int32>] = [:]
    var groupsWithoutAnchor: ContiguousArray<Int32> = []

    var classes: ContiguousArray<ClassRecord> = []
    /// The classes by their specs.
    var classNumbers = NumberTable()
    /// The sets of nodes of specs without conditions, once there was one.
    var openSets: (taint: Int32, cordon: Int32, all: Int32)?
    var freeClasses: [ClassIndex] = []
    /// Kept from when the first rule between pods asks for them; most cells have none.
    var classesByAnchor: [LabelAnchor: ContiguousArray<ClassIndex>] = [:]
    var indexesClasses = false
    var idleClasses: ContiguousArray<(index: ClassIndex, generation: UInt32)> = []
    var generations: UInt32 = 0
    /// Whether counters that only scoring reads are kept.
    var keepsScoringCounters = false

    /// Hard spread constraints by the counter that they read.
    var spreadHolders: [Int32: ContiguousArray<SpreadHolder>] = [:]
    /// Whether a placement that would break a hard spread constraint of a pod placed already is refused.
    ///
    /// Kubernetes does not look at it, so this is off unless asked for.
    public var protectsPlacedSpread = false

    /// Room kept on nodes for pods that wait there; most cells have none.
    var nominations = Nominations()

    var namespaces: [String: [String: String]] = [:]
    var hostPorts = Interner<HostPort>()
    /// Host ports taken, by node; only nodes with any.
    var portsTaken: [NodeIndex: ContiguousArray<Int32>] = [:]
    /// Which volumes the placed pods use.
    var volumes = VolumeTable()
    /// How many nodes have each image, by interned name.
    var imageNodes: [Int32: Int32] = [:]

    /// Changes whenever a node joins, leaves, or offers another amount.
    var sizesRevision: UInt32 = 0
    /// Changes whenever an image's share of the nodes may have.
    var imagesRevision: UInt32 = 0

    /// Every change to what a node has left: placements, releases, and changes to the node itself.
    var changes = ChangeLog()
    /// Changes whenever a class gains or loses a counter that it reads.
    var rulesRevision: UInt32 = 0

    /// How many classes that nobody uses are remembered, in case they come again.
    public var idleClassLimit = 8192

    /// An empty cell.
    public init() {}

    /// How many nodes there are.
    public var nodeCount: Int { nodes.count }
    /// How many pods are placed.
    public var podCount: Int { pods.count }
    /// How many classes are registered, idle ones included.
    public internal(set) var classCount = 0
    /// One past the largest node index ever used.
    public var nodeCapacity: Int { nodes.capacity }

    /// The indices of all nodes, ascending.
    public var nodeIndices: [NodeIndex] {
        var result: [NodeIndex] = []
        result.reserveCapacity(nodes.count)
        nodes.present.forEach { result.append(NodeIndex($0)) }
        return result
    }

    /// Whether a node has this index.
    @inline(__always)
    public func hasNode(_ node: NodeIndex) -> Bool { node >= 0 && nodes.present[Int(node)] }

    /// The name of a node, or nil if there is none.
    public func nodeName(_ node: NodeIndex) -> String? {
        hasNode(node) ? nodes.strings[nodes.rows[Int(node)].name] : nil
    }

    /// Whether a class has this index.
    @inline(__always)
    public func hasClass(_ index: ClassIndex) -> Bool {
        index >= 0 && Int(index) < classes.count && classes[Int(index)].generation != 0
    }

    /// The spec of a registered class.
    public func spec(of index: ClassIndex) -> SchedulingSpec { classes[Int(index)].spec }

    /// Notes that what a node has left changed.
    @inline(__always)
    mutating func touch(_ node: Int) {
        changes.append(Int32(truncatingIfNeeded: node), limit: max(4096, nodes.capacity))
    }

    /// The labels that selectors see of a namespace; one never declared has its name alone.
    func labels(ofNamespace name: String) -> [String: String] {
        namespaces[name] ?? ["kubernetes.io/metadata.name": name]
    }
}
