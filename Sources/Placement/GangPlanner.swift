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

        /// Pods in their order, those of one class that follow each other together: what is worked out for a class is then
        /// worked out once.
        @inlinable public static func runs(of pods: some Sequence<(ClassIndex, PodID)>) -> [Members] {
            var runs: [Members] = []
            for (classIndex, pod) in pods {
                if let last = runs.indices.last, runs[last].classIndex == classIndex {
                    runs[last].pods.append(pod)
                } else {
                    runs.append(Members(class: classIndex, pods: [pod]))
                }
            }
            return runs
        }
    }

    /// Members of one task, of which some must be among those placed.
    public struct Task: Hashable, Sendable {
        /// What the task is called, for messages.
        public var name: String
        /// The members of the task.
        public var pods: Set<PodID>
        /// How many of them must be placed.
        public var minMember: Int

        /// A task of the given members.
        public init(name: String, pods: Set<PodID>, minMember: Int) {
            (self.name, self.pods, self.minMember) = (name, pods, minMember)
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
    /// Tasks of which some members must be placed; empty in most gangs.
    public var tasks: [Task] = []

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

    /// Whether a plan has as many members as the gang needs, of each task too.
    public func isMet(by plan: GangPlan) -> Bool {
        guard plan.items.count >= minMember else { return false }
        return tasks.allSatisfy { task in plan.items.count { task.pods.contains($0.pod) } >= task.minMember }
    }

    /// The members in an order in which those that some task cannot do without come first.
    public var membersByNeed: [Members] {
        guard !tasks.isEmpty else { return members }
        var left = tasks.map(\.minMember)
        var needed: [(ClassIndex, PodID)] = []
        var others: [(ClassIndex, PodID)] = []
        for run in members {
            for pod in run.pods {
                if let task = tasks.firstIndex(where: { $0.pods.contains(pod) }), left[task] > 0 {
                    left[task] -= 1
                    needed.append((run.classIndex, pod))
                } else {
                    others.append((run.classIndex, pod))
                }
            }
        }
        return Members.runs(of: needed + others)
    }
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

        /// A pod on a node.
        public init(pod: PodID, classIndex: ClassIndex, node: NodeIndex, devices: DeviceSet) {
            (self.pod, self.classIndex, self.node, self.devices) = (pod, classIndex, node, devices)
        }
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
    /// - Returns: nil where fewer than `minMember` members fit, or fewer of a task than it needs.
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
    mutating func gangScopes(
        _ gang: Gang, _ required: [String], _ preferred: [String], _ cell: inout Cell
    ) -> [[NodeIndex]?] {
        var scopes: [[NodeIndex]?] = [nil]
        for key in required {
            var finer: [[NodeIndex]?] = []
            for scope in scopes {
                let domains = domains(of: key, within: scope, gang, &cell).filter { $0.room >= gang.minMember }
                let whole = domains.filter { $0.room >= gang.count }
                finer += (whole + domains.filter { $0.room < gang.count }.reversed()).map(\.nodes)
            }
            scopes = finer
        }
        for key in preferred {
            var finer: [[NodeIndex]?] = []
            for scope in scopes {
                let domains = domains(of: key, within: scope, gang, &cell)
                finer += domains.filter { $0.room >= gang.count }.map(\.nodes)
                finer += unions(domains, gang)
            }
            scopes = finer + scopes
        }
        return scopes
    }

    private struct GangDomain {
        var nodes: [NodeIndex]
        var room: Int
    }

    /// The fewest domains that could hold the gang together, and a few more in case they cannot.
    private func unions(_ domains: [GangDomain], _ gang: Gang) -> [[NodeIndex]] {
        var result: [[NodeIndex]] = []
        var nodes: [NodeIndex] = []
        var room = 0
        for (position, domain) in domains.reversed().enumerated() {
            nodes += domain.nodes
            room += domain.room
            if position > 0, room >= gang.count { result.append(nodes) }
            if result.count == 3 { break }
        }
        return result
    }

    /// The domains of a key with room for any member, the tightest first.
    private mutating func domains(
        of key: String, within scope: [NodeIndex]?, _ gang: Gang, _ cell: inout Cell
    ) -> [GangDomain] {
        let topology = Int(cell.topology(key))
        if scope == nil, gang.members.count == 1 { return domains(of: topology, gang, cell) }
        var nodes: [[NodeIndex]] = Array(repeating: [], count: cell.topologies[topology].capacity)
        for node in scope ?? cell.nodeIndices {
            let domain = cell.topologies[topology].domainOf[Int(node)]
            if domain >= 0 { nodes[Int(domain)].append(node) }
        }
        return nodes.filter { !$0.isEmpty }.map { GangDomain(nodes: $0, room: room($0, gang, cell)) }
            .filter { $0.room > 0 }.sorted { ($0.room, $0.nodes[0]) < ($1.room, $1.nodes[0]) }
    }

    /// The same for a gang of one class among all nodes, from what is kept from earlier gangs where it can be.
    private mutating func domains(of topology: Int, _ gang: Gang, _ cell: Cell) -> [GangDomain] {
        let classIndex = gang.members[0].classIndex
        let wanted = Int64(min(gang.count, Int(Int32.max)))
        var kept: DomainRooms?
        let known = domainRooms.firstIndex { $0.isFor(classIndex, wanted: wanted, topology: topology, cell) }
        if let position = known {
            kept = domainRooms.remove(at: position)
            if kept?.repair(cell) == false { kept = nil }
        }
        let rooms = kept ?? DomainRooms(classIndex, wanted: wanted, topology: topology, cell)
        if domainRooms.count >= Engine.scopedIndexLimit { domainRooms.removeFirst() }
        domainRooms.append(rooms)
        return rooms.nodes.indices.filter { rooms.totals[$0] > 0 }
            .map { GangDomain(nodes: rooms.nodes[$0], room: Int(min(rooms.totals[$0], Int64(Int32.max)))) }
            .sorted { ($0.room, $0.nodes[0]) < ($1.room, $1.nodes[0]) }
    }

    /// An upper bound of how many members some nodes hold, by resources alone.
    private func room(_ nodes: [NodeIndex], _ gang: Gang, _ cell: borrowing Cell) -> Int {
        let most = Int64(min(gang.count, Int(Int32.max)))
        var totals = [Int64](repeating: 0, count: nodes.count)
        for member in gang.members {
            // Members of one class leave room for those of another only by what they do not take themselves.
            let wanted = min(most, Int64(member.pods.count))
            var counts = [Int64](repeating: wanted, count: nodes.count)
            for item in cell.classes[Int(member.classIndex)].requests where item.resource != ResourceID.share {
                let amount = max(1, item.amount)
                let (all, overflows) = amount.multipliedReportingOverflow(by: wanted)
                cell.resources.free[item.resource].withUnsafeBufferPointer { free in
                    for position in nodes.indices {
                        let here = free[Int(nodes[position])]
                        // A division costs more than all the rest, and most nodes have room for all or for none.
                        if !overflows, here >= all { continue }
                        counts[position] = here < amount ? 0 : min(counts[position], here / amount)
                    }
                }
            }
            for position in nodes.indices { totals[position] += counts[position] }
        }
        let total = totals.reduce(0) { $0 + min($1, most) }
        return Int(min(total, Int64(Int32.max)))
    }

    /// Places as many members as fit in a scope; where these are not enough the cell is as before.
    mutating func fill(_ gang: Gang, _ scope: [NodeIndex]?, _ cell: inout Cell) -> GangPlan? {
        var plan = GangPlan(items: [], left: [])
        plan.items.reserveCapacity(gang.count)
        let allowed = scope.map { nodes in
            var bits = Bits()
            for node in nodes { bits.set(Int(node), true) }
            return bits
        }
        for member in gang.membersByNeed {
            var scoped = allowed.flatMap {
                takeScoped(member.classIndex, $0) ?? scopedIndex(member.classIndex, $0, &cell)
            }
            defer { keepScoped(scoped) }
            for (position, pod) in member.pods.enumerated() {
                let selection = choose(member.classIndex, allowed, &scoped, &cell)
                guard case .node(let node, let devices) = selection else {
                    plan.left += member.pods[position...]
                    break
                }
                cell.place(pod, class: member.classIndex, on: node, devices: devices)
                plan.items.append(.init(pod: pod, classIndex: member.classIndex, node: node, devices: devices))
            }
        }
        if !plan.items.isEmpty, gang.isMet(by: plan) { return plan }
        for item in plan.items { cell.release(item.pod) }
        return nil
    }

    /// The order of a class's nodes in a scope from an earlier gang; `choose` brings it up to date.
    mutating func takeScoped(_ index: ClassIndex, _ scope: Bits) -> ScoreIndex? {
        guard let place = scopedIndexes.firstIndex(where: { $0.classIndex == index && $0.scope == scope }) else {
            return nil
        }
        scopedIndexes.swapAt(place, scopedIndexes.count - 1)
        return scopedIndexes.popLast()
    }

    /// Keeps the orders used lately: gangs of one kind come one after the other, and share the domains that they fill.
    mutating func keepScoped(_ scoped: ScoreIndex?) {
        guard let scoped else { return }
        if scopedIndexes.count >= (share == nil ? Engine.scopedIndexLimit : Engine.sharedIndexLimit) {
            scopedIndexes.swapAt(0, scopedIndexes.count - 1)
            scopedIndexes.removeLast()
        }
        scopedIndexes.append(scoped)
    }

    /// An order of the nodes of a scope alone, where the class's rules allow one.
    mutating func scopedIndex(_ index: ClassIndex, _ scope: Bits, _ cell: inout Cell) -> ScoreIndex? {
        prepare(index, &cell)
        guard let scoring = rules[Int(index)], scoring.fitsFastPath else { return nil }
        let made = ScoreIndex(scoring, index, &cell, &prices, order: order, scope: scope)
        return made.rules.isSupported ? made : nil
    }

    mutating func choose(
        _ index: ClassIndex, _ scope: Bits?, _ scoped: inout ScoreIndex?, _ cell: inout Cell
    ) -> Selection {
        guard let scope else { return select(index, in: &cell) }
        if scoped?.isCurrent(cell, priceEpoch: prices.epoch) ?? false {
            if usesPrices { prices.follow(&cell) }
            scoped?.repair(cell, &prices)
        } else if scoped != nil {
            scoped = scopedIndex(index, scope, &cell)
        }
        if scoped == nil { return select(index, in: &cell, within: scope) }
        guard let best = scoped?.best(cell, &scratch), let devices = cell.chooseDevices(index, best.node) else {
            return .none
        }
        return .node(best.node, devices)
    }
}
