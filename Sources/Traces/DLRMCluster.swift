import ClusterModel

/// The cluster that is made for `DLRMTrace`.
///
/// Two pools, each of two sizes of node:
///
/// | pool | share | cpu | memory | GPUs | RDMA | disk |
/// |------|-------|-----|--------|------|------|------|
/// | hn   | 3/4   | 96  | 1 TiB  | 8    | 400  | 7,680 GiB |
/// | hn   | 1/4   | 48  | 512 GiB| 4    | 200  | 3,840 GiB |
/// | cn   | 3/5   | 192 | 1,152 GiB | 0 | 200  | 3,840 GiB |
/// | cn   | 2/5   | 384 | 2,304 GiB | 0 | 400  | 7,680 GiB |
///
/// A pool has as many nodes as its scarcest resource needs and 15 % more, and at least as many as its widest set needs with at
/// most N instances a node. The seed deals out sizes; nodes stand in three zones (`topology.kubernetes.io/zone`) and in racks of
/// 32 (`switchyard.dev/rack`).
public enum DLRMCluster {
    /// The node label that names the rack.
    public static let rackLabel = "switchyard.dev/rack"
    private static let headroomPercent: Int64 = 15
    private static let zones = 3
    private static let rackSize = 32

    private struct Size {
        /// How many of ten thousand nodes have this size.
        var share: Int
        var cpu: Int64
        var memoryGiB: Int64
        var devices: Int64
        var rdma: Int64
        var diskGiB: Int64

        var allocatable: ResourceList {
            var amounts: ResourceList = [
                "cpu": Quantity(cpu), "memory": Quantity(memoryGiB << 30, format: .binarySI),
                "ephemeral-storage": Quantity(diskGiB << 30, format: .binarySI), DLRMTrace.rdmaResource: Quantity(rdma),
                "pods": Quantity(250),
            ]
            if devices > 0 { amounts[GPU.deviceResource] = Quantity(devices) }
            return amounts
        }
    }

    private static let sizes: [(pool: String, sizes: [Size])] = [
        (
            "hn",
            [
                Size(share: 7_500, cpu: 96, memoryGiB: 1_024, devices: 8, rdma: 400, diskGiB: 7_680),
                Size(share: 2_500, cpu: 48, memoryGiB: 512, devices: 4, rdma: 200, diskGiB: 3_840),
            ]
        ),
        (
            "cn",
            [
                Size(share: 6_000, cpu: 192, memoryGiB: 1_152, devices: 0, rdma: 200, diskGiB: 3_840),
                Size(share: 4_000, cpu: 384, memoryGiB: 2_304, devices: 0, rdma: 400, diskGiB: 7_680),
            ]
        ),
    ]

    /// The nodes for a list of pods.
    public static func nodes(for pods: [Pod], seed: UInt64) -> [Node] {
        var generator = SeededGenerator(seed: seed)
        var nodes: [Node] = []
        for (pool, sizes) in sizes {
            let members = pods.filter { $0.spec.nodeSelector[DLRMTrace.poolLabel] == pool }
            guard !members.isEmpty else { continue }
            let demand = Demand(members)
            let count = nodeCount(demand, sizes)
            var dealt: [Size] = sizes.flatMap { size in
                [Size](repeating: size, count: (count * size.share + 9_999) / 10_000)
            }
            generator.shuffle(&dealt)
            for (index, size) in dealt.enumerated() {
                nodes.append(node(pool, index, size.allocatable.merging(demand.slots) { $1 }))
            }
        }
        return nodes
    }

    /// What the pods of a pool ask for.
    private struct Demand {
        var total: ResourceList = [:]
        /// The slots that each node must offer.
        var slots: ResourceList = [:]
        /// The nodes that the widest set needs, with as many instances on each as it may have.
        var leastNodes = 1

        init(_ pods: [Pod]) {
            var sets: [String: Int] = [:]
            for pod in pods {
                if !pod.spec.affinity.requiredAntiPods.isEmpty {
                    sets[pod.metadata.controller?.name ?? "", default: 0] += 1
                }
                for (name, amount) in pod.spec.effectiveRequests {
                    if name.hasPrefix(DLRMTrace.slotPrefix) {
                        sets[name, default: 0] += 1
                        slots[name] = name.split(separator: "-").last.flatMap { Quantity($0) }
                    } else {
                        total[name, default: .zero] += amount
                    }
                }
            }
            for (name, count) in sets {
                let most = Int(slots[name]?.value ?? 1)
                leastNodes = max(leastNodes, (count + most - 1) / most)
            }
        }
    }

    private static func nodeCount(_ demand: Demand, _ sizes: [Size]) -> Int {
        // Ten thousand nodes in the pool's mix.
        var mix: ResourceList = [:]
        for size in sizes {
            for (name, amount) in size.allocatable { mix[name, default: .zero] += amount * Int64(size.share) }
        }
        var count = demand.leastNodes
        for (name, amount) in demand.total {
            guard let offered = mix[name], offered > .zero else { continue }
            let needed = amount * (100 + headroomPercent) * 100
            count = max(count, Int((needed.nanos + offered.nanos - 1) / offered.nanos))
        }
        return count
    }

    private static func node(_ pool: String, _ index: Int, _ allocatable: ResourceList) -> Node {
        let digits = String(index + 1)
        let name = "\(pool)-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        let zone = "zone-\(index % zones + 1)"
        let labels = [
            "kubernetes.io/hostname": name, DLRMTrace.poolLabel: pool, "topology.kubernetes.io/zone": zone,
            rackLabel: "\(pool)-\(zone)-rack-\(index / zones / rackSize + 1)",
        ]
        return Node(metadata: ObjectMeta(name: name, labels: labels), allocatable: allocatable)
    }
}
