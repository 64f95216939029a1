import ClusterModel

/// The cluster that the DLRM trace is placed on: the trace brings none.
///
/// Each pool gets machines, drawn from its kinds by the seed, until it offers `headroom` times what its pods ask for of
/// every resource, and as many hosts as their limits per node need. Sixteen machines make a rack
/// (`switchyard.dev/rack`), and racks go round three zones.
struct DlrmCluster {
    /// What a pool offers, in times of what its pods ask for.
    static let headroom = 1.25
    /// The node label with the rack.
    static let rackLabel = "switchyard.dev/rack"
    /// The node label with the kind of machine.
    static let typeLabel = "node.kubernetes.io/instance-type"

    private static let machinesPerRack = 16
    private static let zoneCount = 3

    /// What the pods of one pool need.
    private struct Need {
        var requests: ResourceList = [:]
        /// Pods and the least limit per node, by application.
        var limits: [String: (pods: Int, maxPerNode: Int?)] = [:]

        /// How many hosts the limits ask for.
        var hosts: Int {
            limits.values.reduce(0) { most, limit in
                guard let maxPerNode = limit.maxPerNode else { return most }
                return max(most, 1 + (limit.pods - 1) / maxPerNode)
            }
        }
    }

    private var needs: [DlrmPool: Need] = [:]

    /// Counts an instance in.
    mutating func add(_ instance: DlrmInstance, to pool: DlrmPool) {
        for (name, amount) in instance.requests {
            needs[pool, default: Need()].requests[name, default: .zero] += amount
        }
        needs[pool, default: Need()].requests["pods", default: .zero] += Quantity(1)
        // An instance without a limit counts too: it may take the place of one that has one.
        let known = needs[pool]?.limits[instance.app]
        let least = [known?.maxPerNode, instance.maxPerNode.map(Int.init)].compactMap { $0 }.min()
        needs[pool]?.limits[instance.app] = ((known?.pods ?? 0) + 1, least)
    }

    /// The machines: the same for the same instances and seed.
    func nodes(seed: UInt64) -> [Node] {
        var generator = SeededGenerator(seed: seed)
        var nodes: [Node] = []
        var rack = 0
        for pool in DlrmPool.allCases {
            guard let need = needs[pool] else { continue }
            for (index, machine) in DlrmCluster.machines(of: pool, need, &generator).enumerated() {
                // A rack holds machines of one pool.
                if index % DlrmCluster.machinesPerRack == 0 { rack += 1 }
                nodes.append(DlrmCluster.node(machine, pool, number: index + 1, rack: rack))
            }
        }
        return nodes
    }

    private static func machines(
        of pool: DlrmPool, _ need: Need, _ generator: inout SeededGenerator
    ) -> [MachineType] {
        let goal = need.requests.mapValues { $0 * Int64(headroom * 100) }
        let hosts = Int((Double(need.hosts) * headroom).rounded(.up))
        var offered: ResourceList = [:]
        var machines: [MachineType] = []
        while machines.count < hosts || !goal.allSatisfy({ $0.value <= (offered[$0.key] ?? .zero) * 100 }) {
            let machine = pool.machines[generator.next(below: pool.machines.count)]
            machines.append(machine)
            for (name, amount) in machine.allocatable { offered[name, default: .zero] += amount }
        }
        return machines
    }

    private static func node(_ machine: MachineType, _ pool: DlrmPool, number: Int, rack: Int) -> Node {
        let digits = String(number)
        let name = "\(pool.rawValue)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        var labels = [
            TraceNames.hostLabel: name, TraceNames.zoneLabel: "zone-\(1 + rack % zoneCount)",
            rackLabel: "rack-\(rack)", typeLabel: machine.name, DlrmPool.label: pool.rawValue,
        ]
        labels[GPU.modelLabel] = machine.model
        return Node(metadata: ObjectMeta(name: name, labels: labels), allocatable: machine.allocatable)
    }

    /// The machines in words: how many of which kind.
    func summary(_ nodes: [Node]) -> String {
        let pools = DlrmPool.allCases.compactMap { pool -> String? in
            let members = nodes.filter { $0.labels[DlrmPool.label] == pool.rawValue }
            return members.isEmpty ? nil : "\(members.count.grouped) \(pool.rawValue)"
        }
        let devices = nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) }
        return "\(nodes.count.grouped) nodes (\(pools.joined(separator: ", "))) with \(devices.grouped) GPUs"
            + " in \(DlrmCluster.zoneCount) zones"
    }
}
