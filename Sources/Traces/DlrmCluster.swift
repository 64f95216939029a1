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
        var pods: [DlrmPart: Int64] = [:]
    }

    /// The most pods of a part on a node, for those that have a limit.
    let limits: [DlrmPart: Int64]
    private var needs: [DlrmPool: Need] = [:]

    /// The cluster for some instances.
    init(_ instances: [DlrmInstance]) {
        var limits: [DlrmPart: Int64] = [:]
        for instance in instances {
            if let most = instance.maxPerNode { limits[instance.part] = min(limits[instance.part] ?? most, most) }
            for (name, amount) in instance.requests {
                needs[instance.pool, default: Need()].requests[name, default: .zero] += amount
            }
            needs[instance.pool, default: Need()].requests["pods", default: .zero] += Quantity(1)
            needs[instance.pool, default: Need()].pods[instance.part, default: 0] += 1
        }
        self.limits = limits
    }

    /// What every node of a pool offers so that limits are kept.
    private func slots(_ need: Need) -> ResourceList {
        var slots: ResourceList = [:]
        for part in need.pods.keys {
            if let limit = limits[part], limit > 1 { slots[part.slotResource] = Quantity(limit) }
        }
        return slots
    }

    /// How many hosts the limits ask for.
    private func hosts(_ need: Need) -> Int {
        need.pods.reduce(0) { most, item in
            limits[item.key].map { max(most, Int(1 + (item.value - 1) / $0)) } ?? most
        }
    }

    /// The machines: the same for the same instances and seed.
    func nodes(seed: UInt64) -> [Node] {
        var generator = SeededGenerator(seed: seed)
        var nodes: [Node] = []
        var rack = 0
        for pool in DlrmPool.allCases {
            guard let need = needs[pool] else { continue }
            // Machines of a kind share one list of amounts, however long it is.
            let slots = slots(need)
            let kinds = pool.machines.map { machine in
                var machine = machine
                machine.allocatable.merge(slots) { $1 }
                return machine
            }
            let machines = DlrmCluster.machines(of: kinds, need.requests, hosts: hosts(need), &generator)
            for (index, machine) in machines.enumerated() {
                // A rack holds machines of one pool.
                if index % DlrmCluster.machinesPerRack == 0 { rack += 1 }
                nodes.append(DlrmCluster.node(machine, pool, number: index + 1, rack: rack))
            }
        }
        return nodes
    }

    private static func machines(
        of kinds: [MachineType], _ requests: ResourceList, hosts: Int, _ generator: inout SeededGenerator
    ) -> [MachineType] {
        let goal = requests.mapValues { $0 * Int64(headroom * 100) }
        let leastCount = Int((Double(hosts) * headroom).rounded(.up))
        var offered: ResourceList = [:]
        var machines: [MachineType] = []
        while machines.count < leastCount || !goal.allSatisfy({ $0.value <= (offered[$0.key] ?? .zero) * 100 }) {
            let machine = kinds[generator.next(below: kinds.count)]
            machines.append(machine)
            for name in goal.keys { offered[name, default: .zero] += machine.allocatable[name] ?? .zero }
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
