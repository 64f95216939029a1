import ClusterModel

/// Pods that are placed together or not at all.
public struct Gang: Hashable, Sendable {
    /// Pods of one class among the members.
    public struct Members: Hashable, Sendable {
        /// Their class.
        public var classIndex: ClassIndex
        /// The pods.
        public var pods: [PodID]

        /// Pods of a class.
        public init(class classIndex: ClassIndex, pods: [PodID]) {
            self.classIndex = classIndex
            self.pods = pods
        }
    }

    /// The members to be placed, in the order in which they are.
    public var members: [Members]
    /// How many must be placed at once; members placed already count before this is given.
    public var minMember: Int
    /// Node labels of which one domain must hold the whole group.
    public var requiredTopologyKeys: [String]
    /// Node labels of which the group should touch few domains, the closest last.
    public var preferredTopologyKeys: [String]

    /// A group of the given members.
    public init(
        members: [Members], minMember: Int, requiredTopologyKeys: [String] = [], preferredTopologyKeys: [String] = []
    ) {
        self.members = members
        self.minMember = minMember
        self.requiredTopologyKeys = requiredTopologyKeys
        self.preferredTopologyKeys = preferredTopologyKeys
    }

    /// How many members there are.
    public var count: Int { members.reduce(0) { $0 + $1.pods.count } }
}

/// Where the members of a gang go.
public struct GangPlan: Hashable, Sendable {
    /// One member's place.
    public struct Item: Hashable, Sendable {
        /// The pod.
        public var pod: PodID
        /// Its class.
        public var classIndex: ClassIndex
        /// Its node.
        public var node: NodeIndex
        /// Its GPU devices there.
        public var devices: DeviceSet
    }

    /// The members placed.
    public var items: [Item]
    /// Members beyond `minMember` that found no room.
    public var left: [PodID]
}

extension Engine {
    /// Chooses nodes for a whole gang at once, or for none of it.
    ///
    /// Tries the domains of the required keys that have room, the fullest that holds the gang first; then, among the
    /// preferred keys, the smallest set of domains, from the closest key outwards; then the whole cell.
    /// - Parameter keepsPlaced: whether the plan's pods are left placed in the cell; otherwise it is as it was before.
    /// - Returns: nil where fewer than `minMember` members fit.
    /// - Complexity: O(members × cost of a selection) for each domain tried.
    public mutating func plan(_ gang: Gang, in cell: inout Cell, keepsPlaced: Bool = false) -> GangPlan? {
        let required = gang.requiredTopologyKeys + profile.requiredTopologyKeys
        let preferred = gang.preferredTopologyKeys.isEmpty ? profile.preferredTopologyKeys : gang.preferredTopologyKeys
        let scopes = gangScopes(gang, required, preferred, &cell)
        for scope in scopes {
            if let plan = fill(gang, scope, &cell) {
                if !keepsPlaced { for item in plan.items { cell.release(item.pod) } }
                return plan
            }
        }
        return nil
    }

    /// Sets of nodes to try, best first; nil is every node.
    private func gangScopes(
        _ gang: Gang, _ required: [String], _ preferred: [String], _ cell: inout Cell
    ) -> [[NodeIndex]?] {
        var scopes: [[NodeIndex]?] = [nil]
        for key in required { scopes = scopes.flatMap { domains(of: key, within: $0, gang, &cell).map(Optional.some) } }
        for key in preferred {
            var finer: [[NodeIndex]?] = []
            for scope in scopes { finer += domains(of: key, within: scope, gang, &cell).map(Optional.some) }
            scopes = finer + scopes
        }
        return scopes
    }

    /// The domains of a key that could hold the gang, the tightest first.
    private func domains(
        of key: String, within scope: [NodeIndex]?, _ gang: Gang, _ cell: inout Cell
    ) -> [[NodeIndex]] {
        let topology = Int(cell.topology(key))
        var nodes: [Int32: [NodeIndex]] = [:]
        for node in scope ?? cell.nodeIndices {
            let domain = cell.topologies[topology].domainOf[Int(node)]
            if domain >= 0 { nodes[domain, default: []].append(node) }
        }
        let rooms = nodes.mapValues { room($0, gang, cell) }
        return nodes.keys.filter { (rooms[$0] ?? 0) >= gang.minMember }
            .sorted { (rooms[$0] ?? 0, $0) < (rooms[$1] ?? 0, $1) }.compactMap { nodes[$0] }
    }

    /// An upper bound of how many members some nodes hold, by resources alone.
    private func room(_ nodes: [NodeIndex], _ gang: Gang, _ cell: Cell) -> Int {
        guard let smallest = gang.members.min(by: { $0.pods.count > $1.pods.count }) else { return 0 }
        var total: Int64 = 0
        for node in nodes {
            var most: Int64 = gang.members.count > 1 ? Int64(gang.count) : Int64.max
            if gang.members.count == 1 {
                for item in cell.classes[Int(smallest.classIndex)].requests where item.resource != ResourceID.share {
                    most = min(most, max(0, cell.resources.free[item.resource][Int(node)]) / max(1, item.amount))
                }
            }
            total += min(most, Int64(gang.count))
        }
        return Int(min(total, Int64(Int32.max)))
    }

    /// Places as many members as fit in a scope; with fewer than `minMember` the cell is as before.
    private mutating func fill(_ gang: Gang, _ scope: [NodeIndex]?, _ cell: inout Cell) -> GangPlan? {
        var plan = GangPlan(items: [], left: [])
        let allowed = scope.map { nodes in
            var bits = Bits()
            for node in nodes { bits.set(Int(node), true) }
            return bits
        }
        for member in gang.members {
            for (position, pod) in member.pods.enumerated() {
                guard case .node(let node, let devices) = select(member.classIndex, in: &cell, within: allowed) else {
                    plan.left += member.pods[position...]
                    break
                }
                cell.place(pod, class: member.classIndex, on: node, devices: devices)
                plan.items.append(.init(pod: pod, classIndex: member.classIndex, node: node, devices: devices))
            }
        }
        if plan.items.count >= max(1, min(gang.minMember, gang.count)), plan.items.count >= gang.minMember {
            return plan
        }
        for item in plan.items { cell.release(item.pod) }
        return nil
    }
}
