/// The volumes of a cluster, the claims on them, and how both come about.
public struct StorageObjects: Sendable {
    /// The volumes.
    public var volumes: [PersistentVolume] = []
    /// The claims.
    public var claims: [PersistentVolumeClaim] = []
    /// The storage classes.
    public var classes: [StorageClass] = []
    /// What the drivers of the nodes say.
    public var csiNodes: [CSINode] = []

    /// No storage at all.
    public init() {}

    /// Writes into nodes how many volumes their drivers attach at most, by the names that `VolumeNeeds` has for limits.
    public func limit(_ nodes: inout [Node]) {
        guard !csiNodes.isEmpty else { return }
        let drivers = Dictionary(csiNodes.map { ($0.metadata.name, $0.drivers) }) { first, _ in first }
        for index in nodes.indices {
            for driver in drivers[nodes[index].name] ?? [] {
                guard let limit = driver.limit else { continue }
                nodes[index].allocatable[VolumeNeeds.limitResource(ofDriver: driver.name)] = Quantity(limit)
            }
        }
    }

    /// What is not known about the volumes of pods, each with the number of pods that it is about.
    public struct Gaps: Hashable, Sendable {
        /// Pods with claims, where the input has neither volumes nor claims.
        public var withoutStorage = 0
        /// Pods whose claims are bound to volumes, where the input has no volume at all.
        public var withoutVolumes = 0
        /// Pods whose claims are of classes, where the input has no class at all.
        public var withoutClasses = 0
        /// Pods with so many volumes to choose among that one may be given to two of them.
        public var withManyVolumes = 0

        /// All is known.
        public init() {}
    }

    /// Looks up what the volumes of pods ask of nodes, and writes it into the pods.
    ///
    /// - Returns: what is not known.
    /// - Complexity: O(pods + claims + volumes), and for a claim without a volume O(volumes of its class).
    public func resolve(_ pods: inout [Pod]) -> Gaps {
        var gaps = Gaps()
        guard pods.contains(where: { !$0.spec.volumes.isEmpty }) else { return gaps }
        let resolver = VolumeResolver(self, pods: pods)
        for index in pods.indices where !pods[index].spec.volumes.isEmpty {
            let needs = resolver.needs(of: pods[index], &gaps)
            if pods[index].spec.volumeNeeds != needs { pods[index].spec.volumeNeeds = needs }
        }
        return gaps
    }
}

extension StorageObjects.Gaps {
    /// The gaps in words.
    public var warnings: [String] {
        let list = [
            (withoutStorage, "the input has no PersistentVolumes and claims: where their volumes are is not looked at"),
            (
                withoutVolumes,
                "the input has no PersistentVolumes: where the volumes of their claims are is not looked at"
            ),
            (
                withoutClasses,
                "the input has no StorageClasses: where volumes for their claims can be made is not looked at"
            ),
            (withManyVolumes, "there are too many volumes for their claims to count each: two may be given the same"),
        ]
        return list.filter { $0.0 > 0 }.map { "\($0.0) pods use persistent volume claims, and \($0.1)" }
    }
}
