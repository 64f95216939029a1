/// What a pod's volumes ask of the node that it is placed on, in a form that needs no look at volumes and claims any more.
public struct VolumeNeeds: Hashable, Sendable {
    /// A volume that a driver attaches.
    public struct Attachment: Hashable, Sendable {
        /// The driver.
        public var driver: String
        /// The volume's name at the driver.
        public var volume: String

        /// A volume of a driver.
        public init(driver: String, volume: String) { (self.driver, self.volume) = (driver, volume) }
    }

    /// A volume that could become a claim's.
    public struct Candidate: Hashable, Sendable {
        /// The volume's name.
        public var volume: String
        /// The nodes that reach it; nil is all.
        public var nodes: NodeSelector?

        /// A volume that some nodes reach.
        public init(volume: String, nodes: NodeSelector?) { (self.volume, self.nodes) = (volume, nodes) }
    }

    /// A claim that gets its volume when the pod is placed.
    public struct Claim: Hashable, Sendable {
        /// The claim, as `namespace/name`.
        public var name: String
        /// The volumes that would do, the best first; each holds one claim alone.
        public var candidates: [Candidate]
        /// Whether one is made where none of those is free.
        public var isMade: Bool
        /// Where it can be made; nil is anywhere.
        public var madeIn: NodeSelector?
        /// The node labels that say which nodes reach what is made for one of them.
        public var topologyKeys: [String]

        /// A claim of the given parts.
        public init(
            name: String, candidates: [Candidate] = [], isMade: Bool = false, madeIn: NodeSelector? = nil,
            topologyKeys: [String] = []
        ) {
            self.name = name
            self.candidates = candidates
            self.isMade = isMade
            self.madeIn = madeIn
            self.topologyKeys = topologyKeys
        }
    }

    /// A disk that pods of one node may not share.
    public struct Disk: Hashable, Sendable {
        /// What tells it from others.
        public var name: String
        /// Whether pods that say so of it may share it.
        public var mayShare: Bool

        /// A disk of the given name.
        public init(name: String, mayShare: Bool) { (self.name, self.mayShare) = (name, mayShare) }
    }

    /// Why no node takes the pod at all, in Kubernetes' wording; empty where some may.
    public var blockers: [String] = []
    /// The nodes that reach the volumes of bound claims; all must hold.
    public var bound: [NodeSelector] = []
    /// The nodes in the zones of those volumes; all must hold.
    public var zones: [NodeSelector] = []
    /// Claims that are bound when the pod is placed.
    public var claims: [Claim] = []
    /// Volumes that are attached to the node, for drivers that attach only so many.
    public var attachments: [Attachment] = []
    /// Claims that one pod alone may use, as `namespace/name`.
    public var exclusive: [String] = []
    /// Disks named outright.
    public var disks: [Disk] = []

    /// Nothing is asked.
    public init() {}

    /// Whether nothing is asked.
    public var isEmpty: Bool { self == VolumeNeeds() }

    /// The resource name under which a node states how many volumes a driver attaches to it at most.
    public static func limitResource(ofDriver driver: String) -> String { limitPrefix + "csi-" + driver }

    /// What the names of limits on attached volumes begin with; they are no amounts that pods request.
    public static let limitPrefix = "attachable-volumes-"
}

extension VolumeNeeds {
    /// Reads the needs as `value` writes them.
    init(_ object: ObjectReader) throws(FieldError) {
        blockers = try object.stringList("blockers")
        bound = try object.objects("bound", NodeSelector.init)
        zones = try object.objects("zones", NodeSelector.init)
        claims = try object.objects("claims") { claim throws(FieldError) in
            Claim(
                name: try claim.string("name") ?? "",
                candidates: try claim.objects("candidates") { item throws(FieldError) in
                    Candidate(
                        volume: try item.string("volume") ?? "", nodes: try item.object("nodes", NodeSelector.init))
                },
                isMade: try claim.bool("isMade") ?? false, madeIn: try claim.object("madeIn", NodeSelector.init),
                topologyKeys: try claim.stringList("topologyKeys"))
        }
        attachments = try object.objects("attachments") { item throws(FieldError) in
            Attachment(driver: try item.string("driver") ?? "", volume: try item.string("volume") ?? "")
        }
        exclusive = try object.stringList("exclusive")
        disks = try object.objects("disks") { item throws(FieldError) in
            Disk(name: try item.string("name") ?? "", mayShare: try item.bool("mayShare") ?? false)
        }
    }

    /// The needs as an object.
    var value: Value {
        var object = ObjectBuilder()
        object.add("blockers", blockers) { .string($0) }
        object.add("bound", bound) { $0.value }
        object.add("zones", zones) { $0.value }
        object.add("claims", claims) { $0.value }
        object.add("attachments", attachments) {
            .object([.init("driver", .string($0.driver)), .init("volume", .string($0.volume))])
        }
        object.add("exclusive", exclusive) { .string($0) }
        object.add("disks", disks) {
            .object([.init("name", .string($0.name)), .init("mayShare", .bool($0.mayShare))])
        }
        return object.value
    }
}

extension VolumeNeeds.Claim {
    var value: Value {
        var object = ObjectBuilder()
        object.add("name", name)
        object.add("candidates", candidates) { candidate in
            var item = ObjectBuilder()
            item.add("volume", candidate.volume)
            item.add("nodes", candidate.nodes?.value)
            return item.value
        }
        if isMade { object.add("isMade", .bool(true)) }
        object.add("madeIn", madeIn?.value)
        object.add("topologyKeys", topologyKeys) { .string($0) }
        return object.value
    }
}
