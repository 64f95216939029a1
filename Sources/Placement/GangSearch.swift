import ClusterModel

/// The search for pods whose eviction lets a gang start.
///
/// It takes pods off the cell and puts them back; between `begin` and `end` their classes are kept, and `end` leaves the
/// cell as it was.
struct GangSearch {
    /// Places of all members, and the pods that must leave for them.
    struct Way {
        var seats: [GangPlan.Item]
        var victims: [PodID]
    }

    /// A pod that may have to leave.
    struct Candidate {
        var seat: GangPlan.Item
        /// Whether its eviction goes beyond what a disruption budget allows, if all before it go too.
        var isGuarded: Bool
        var priority: Int32
    }

    /// The members, all of which are to be placed.
    let gang: Gang
    let added: [ClassIndex: AddedRules]
    /// Pods of lower priority, those that leave first first.
    private(set) var candidates: [Candidate] = []
    /// How many candidates a level has, with those of the levels before: of one level are those that a budget guards or
    /// not, of one priority.
    private var levels: [Int] = []
    /// How many candidates the search may take.
    private(set) var open = 0
    /// How many candidates are off the cell.
    private var gone = 0
    /// Domains that are looked at, at most.
    private let scopeLimit = 32

    /// Nil where the gang must not, or cannot, push anybody away.
    init?(_ gang: Gang, _ preemption: Preemption, _ engine: inout Engine, _ cell: inout Cell) {
        guard gang.count > 0, gang.minMember <= gang.count else { return nil }
        let classes = Set(gang.members.map(\.classIndex))
        guard let floor = classes.map({ cell.spec(of: $0).priority }).min(),
            classes.allSatisfy({ cell.spec(of: $0).mayPreempt }), cell.holdsPods(below: floor)
        else { return nil }
        self.gang = gang
        var added: [ClassIndex: AddedRules] = [:]
        for index in classes {
            engine.prepare(index, &cell)
            added[index] = engine.rules[Int(index)]?.added ?? AddedRules.none
        }
        self.added = added
        collect(below: floor, preemption, cell)
    }

    /// Finds the pods of lower priority on nodes where a member could go.
    private mutating func collect(below floor: Int32, _ preemption: Preemption, _ cell: Cell) {
        var pods: [PodID] = []
        for node in cell.nodeIndices where isUseful(node, cell) {
            pods += cell.pods(on: node).filter { pod in
                let spec = cell.spec(of: cell.pods[pod].classIndex)
                return spec.priority < floor && !spec.isTerminating && !preemption.protected.contains(pod)
            }
        }
        pods.sort { preemption.isMoreImportant($1, $0, cell) }
        var left = preemption.budgets.map(\.allowed)
        for pod in pods {
            let record = cell.pods[pod]
            let spec = cell.spec(of: record.classIndex)
            let guards = preemption.budgets.indices.filter {
                preemption.budgets[$0].guards(spec) && !preemption.budgets[$0].disrupted.contains(pod)
            }
            let isGuarded = guards.contains { left[$0] <= 0 }
            if !isGuarded { for budget in guards { left[budget] -= 1 } }
            let seat = GangPlan.Item(
                pod: pod, classIndex: record.classIndex, node: record.node, devices: record.devices)
            candidates.append(Candidate(seat: seat, isGuarded: isGuarded, priority: spec.priority))
        }
        candidates = candidates.filter { !$0.isGuarded } + candidates.filter(\.isGuarded)
        for position in candidates.indices {
            let isLast = position + 1 == candidates.count
            let next = candidates[isLast ? position : position + 1]
            if isLast || next.isGuarded != candidates[position].isGuarded
                || next.priority != candidates[position].priority
            {
                levels.append(position + 1)
            }
        }
    }

    /// Whether evictions could make a member fit on the node.
    private func isUseful(_ node: NodeIndex, _ cell: Cell) -> Bool {
        added.contains { index, added in
            // What a member wants to be near may be another member, which is nowhere yet.
            guard cell.classes[Int(index)].affinity.isEmpty else { return true }
            if case .unresolvable = cell.fit(index, on: node, adding: added) { return false }
            return true
        }
    }

    /// Whether the nodes could hold the members, by resources alone, if every candidate left: without that there is nothing
    /// to look for.
    func couldFit(_ cell: Cell) -> Bool {
        guard !candidates.isEmpty else { return false }
        var freed: [NodeIndex: [Int: Int64]] = [:]
        for candidate in candidates {
            let record = cell.classes[Int(candidate.seat.classIndex)]
            if record.isHuge { return true }
            for item in record.requests {
                freed[candidate.seat.node, default: [:]][item.resource, default: 0] += item.amount
            }
        }
        var wanted: [ClassIndex: Int] = [:]
        for run in gang.members { wanted[run.classIndex, default: 0] += run.pods.count }
        return wanted.allSatisfy { index, count in
            var room = 0
            for node in cell.nodeIndices where room < count {
                room += most(index, on: node, freed[node] ?? [:], upTo: count - room, cell)
            }
            return room >= count
        }
    }

    /// How many pods of a class a node holds at most, by resources, with so much more free.
    private func most(
        _ index: ClassIndex, on node: NodeIndex, _ freed: [Int: Int64], upTo limit: Int, _ cell: Cell
    ) -> Int {
        var most = Int64(limit)
        let ignored = added[index]?.ignoredResources ?? []
        for item in cell.classes[Int(index)].requests {
            if Cell.isDevice(item.resource) || ignored.contains(item.resource) || item.amount <= 0 { continue }
            let free = cell.resources.free[item.resource][Int(node)]
            if free < Amount.floor / 2 { continue }
            most = min(most, max(0, free + (freed[item.resource] ?? 0)) / item.amount)
        }
        return Int(most)
    }

    // MARK: - Taking pods off, and putting them back

    /// Keeps the classes of all pods concerned while they may be nowhere.
    func begin(_ cell: inout Cell) {
        for candidate in candidates { cell.retain(class: candidate.seat.classIndex) }
        for index in added.keys { cell.retain(class: index) }
    }

    /// Leaves the cell as it was before `begin`.
    mutating func end(_ cell: inout Cell) {
        setGone(0, &cell)
        for candidate in candidates { cell.release(class: candidate.seat.classIndex) }
        for index in added.keys { cell.release(class: index) }
    }

    private mutating func setGone(_ count: Int, _ cell: inout Cell) {
        while gone < count {
            cell.release(candidates[gone].seat.pod)
            gone += 1
        }
        while gone > count {
            gone -= 1
            candidates[gone].seat.place(in: &cell)
        }
    }

    /// Every candidate is on the cell.
    mutating func restoreAll(_ cell: inout Cell) { setGone(0, &cell) }

    /// All candidates that the search may take are off the cell again.
    mutating func close(_ cell: inout Cell) { setGone(open, &cell) }

    /// Finds the fewest levels that must leave so that the gang has room, and takes them off; false where all are too few.
    mutating func openLevels(_ engine: inout Engine, _ cell: inout Cell) -> Bool {
        func hasRoom(_ search: inout GangSearch, _ level: Int) -> Bool {
            search.setGone(search.levels[level], &cell)
            return engine.plan(search.gang, in: &cell) != nil
        }
        var high = levels.count - 1
        guard high >= 0, hasRoom(&self, high) else { return false }
        var low = 0
        while low < high {
            let middle = (low + high) / 2
            if hasRoom(&self, middle) { high = middle } else { low = middle + 1 }
        }
        open = levels[high]
        close(&cell)
        return true
    }

    /// The domains that the gang may lie in, best first; nil is every node.
    func scopes(_ engine: inout Engine, _ cell: inout Cell) -> ArraySlice<[NodeIndex]?> {
        let required = gang.requiredTopologyKeys + engine.profile.requiredTopologyKeys
        return engine.gangScopes(gang, required, [], &cell).prefix(scopeLimit)
    }

    /// The rules that the profile adds for a class.
    func rules(of index: ClassIndex) -> AddedRules { added[index] ?? .none }

    /// The order in which candidates are put back: those that a budget guards first, then the most important.
    func reprieveOrder(_ positions: some Sequence<Int>) -> [GangPlan.Item] {
        positions.sorted(by: >).map { candidates[$0].seat }
    }
}

extension GangPlan.Item {
    /// Takes the place in the cell.
    func place(in cell: inout Cell) { cell.place(pod, class: classIndex, on: node, devices: devices) }
}
