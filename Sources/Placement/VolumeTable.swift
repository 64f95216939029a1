import ClusterModel

/// What a class's volumes ask of nodes, compiled to numbers.
///
/// The sets are part of the class's static conditions. A class, since few scheduling specs have any of it.
final class VolumeRules: Sendable {
    /// A claim that gets its volume when the pod is placed.
    struct Claim: Sendable {
        var claim: Int32
        /// Volumes that would do, with the nodes that reach them; −1 is all.
        var candidates: ContiguousArray<(volume: Int32, set: Int32)>
        var isMade: Bool
        /// Where one can be made; −1 is anywhere.
        var madeSet: Int32
        /// The labels that nodes which reach one volume have in common.
        var keys: ContiguousArray<Int32>
    }

    /// A volume that is attached to the node.
    struct Attachment: Sendable {
        var volume: Int32
        /// The resource that states how many volumes the driver attaches.
        var limit: Int
    }

    /// A disk that may be shared only where all say so.
    struct Disk: Sendable {
        var disk: Int32
        var mayShare: Bool
    }

    /// Why no node takes the pod; empty where some may.
    let blockers: [Reason]
    /// Sets of nodes, with what is wrong with the others.
    let sets: ContiguousArray<(set: Int32, reason: Reason)>
    let claims: ContiguousArray<Claim>
    let attachments: ContiguousArray<Attachment>
    let exclusive: ContiguousArray<Int32>
    let disks: ContiguousArray<Disk>

    init(
        blockers: [Reason], sets: ContiguousArray<(set: Int32, reason: Reason)>, claims: ContiguousArray<Claim>,
        attachments: ContiguousArray<Attachment>, exclusive: ContiguousArray<Int32>, disks: ContiguousArray<Disk>
    ) {
        self.blockers = blockers
        self.sets = sets
        self.claims = claims
        self.attachments = attachments
        self.exclusive = exclusive
        self.disks = disks
    }

    /// Whether pods that stand somewhere have a say.
    var isDynamic: Bool { !claims.isEmpty || !attachments.isEmpty || !exclusive.isEmpty || !disks.isEmpty }
}

/// Which volumes the placed pods use, and where.
struct VolumeTable {
    /// The volume that a claim has got.
    struct Binding {
        /// −1 is one that is made.
        var volume: Int32
        /// Where the first pod stands that uses it.
        var node: NodeIndex
        var users: Int32
    }

    /// Names of volumes, claims and disks, each sort with a letter of its own in front.
    var names = Interner<String>()
    /// By node, by volume: how many pods there use it.
    private(set) var attached: [NodeIndex: [Int32: Int32]] = [:]
    /// By volume: the resource that limits it.
    private(set) var limits: [Int32: Int] = [:]
    /// By node: the disks that pods there name.
    private(set) var disks: [NodeIndex: ContiguousArray<(disk: Int32, mayShare: Bool)>] = [:]
    /// By claim that one pod alone may use: how many do.
    private(set) var users: [Int32: Int32] = [:]
    /// By claim without a volume of its own.
    private(set) var bindings: [Int32: Binding] = [:]
    /// Volumes that a claim has got.
    private(set) var taken: Set<Int32> = []

    /// How many volumes with this limit are attached to a node.
    func count(_ limit: Int, on node: NodeIndex) -> Int {
        (attached[node] ?? [:]).keys.count { limits[$0] == limit }
    }

    /// Counts the volumes of a pod that is placed.
    mutating func add(_ rules: VolumeRules, on node: NodeIndex, choose: (VolumeRules.Claim, Set<Int32>) -> Int32) {
        for item in rules.attachments {
            limits[item.volume] = item.limit
            attached[node, default: [:]][item.volume, default: 0] += 1
        }
        for item in rules.disks { disks[node, default: []].append((item.disk, item.mayShare)) }
        for claim in rules.exclusive { users[claim, default: 0] += 1 }
        for claim in rules.claims {
            if bindings[claim.claim] != nil {
                bindings[claim.claim]?.users += 1
                continue
            }
            let volume = choose(claim, taken)
            bindings[claim.claim] = Binding(volume: volume, node: node, users: 1)
            if volume >= 0 { taken.insert(volume) }
        }
    }

    /// Undoes `add`.
    mutating func remove(_ rules: VolumeRules, from node: NodeIndex) {
        for item in rules.attachments {
            guard let count = attached[node]?[item.volume] else { continue }
            attached[node]?[item.volume] = count > 1 ? count - 1 : nil
            if attached[node]?.isEmpty == true { attached[node] = nil }
        }
        for item in rules.disks {
            guard let place = disks[node]?.firstIndex(where: { $0 == (item.disk, item.mayShare) }) else { continue }
            disks[node]?.remove(at: place)
            if disks[node]?.isEmpty == true { disks[node] = nil }
        }
        for claim in rules.exclusive {
            guard let count = users[claim] else { continue }
            users[claim] = count > 1 ? count - 1 : nil
        }
        for claim in rules.claims {
            guard let binding = bindings[claim.claim] else { continue }
            if binding.users > 1 {
                bindings[claim.claim]?.users -= 1
            } else {
                bindings[claim.claim] = nil
                taken.remove(binding.volume)
            }
        }
    }
}
