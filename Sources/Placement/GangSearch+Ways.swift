import ClusterModel

/// The two ways of finding victims.
extension GangSearch {
    /// Plans the gang as if every open candidate had left, then puts back all that the plan leaves room for.
    ///
    /// The open candidates are off the cell before and after.
    mutating func planAsIfGone(_ scope: [NodeIndex]?, _ engine: inout Engine, _ cell: inout Cell) -> Way? {
        guard var seats = engine.fill(gang, scope, &cell)?.items else { return nil }
        let all = reprieveOrder(0..<open)
        let leaving = cell.reprieve(all, beside: &seats) { rules(of: $0) }
        for seat in seats { cell.release(seat.pod) }
        for seat in all { cell.release(seat.pod) }
        return Way(seats: seats, victims: leaving.map(\.pod))
    }

    /// What a node gives: places for some members, and who must leave for them.
    private struct Offer {
        var node: NodeIndex
        var seats: [GangPlan.Item]
        var victims: [GangPlan.Item]
        /// Victims that a budget guards, and the weight of all, for each member placed.
        var cost: (violations: Double, weight: Double)
        var round: Int

        func precedes(_ other: Offer) -> Bool {
            (cost.violations, cost.weight, node) < (other.cost.violations, other.cost.weight, other.node)
        }
    }

    /// Places the members that fit without evictions, then takes one node after the other where few victims make room for
    /// many members.
    ///
    /// The open candidates are off the cell before, and on it afterwards.
    ///
    /// - Parameter first: the node to take first; nil takes the one that offers most.
    mutating func takeNodes(
        _ scope: [NodeIndex]?, startingAt first: NodeIndex? = nil, _ engine: inout Engine, _ cell: inout Cell
    ) -> Way? {
        restoreAll(&cell)
        var byNode: [NodeIndex: [Int]] = [:]
        for position in 0..<open { byNode[candidates[position].seat.node, default: []].append(position) }
        var loose = gang
        (loose.minMember, loose.tasks) = (0, [])
        var seats = engine.fill(loose, scope, &cell)?.items ?? []
        var victims: [GangPlan.Item] = []
        defer {
            for seat in seats { cell.release(seat.pod) }
            for victim in victims { victim.place(in: &cell) }
        }
        var rest = remaining(besides: seats)
        var offers = (scope ?? cell.nodeIndices).compactMap { node in
            byNode[node].flatMap { offer(node, $0, rest, 0, &cell) }
        }
        var round = 0
        while !rest.isEmpty {
            let forced = round == 0 ? first.flatMap { node in offers.firstIndex { $0.node == node } } : nil
            guard let place = forced ?? offers.indices.min(by: { offers[$0].precedes(offers[$1]) }) else { return nil }
            let best = offers[place]
            let left = (byNode[best.node] ?? []).filter { cell.placement(of: candidates[$0].seat.pod) != nil }
            if best.round == round {
                for victim in best.victims { cell.release(victim.pod) }
                for seat in best.seats { seat.place(in: &cell) }
                victims += best.victims
                seats += best.seats
                rest = remaining(besides: seats)
                round += 1
            } else if let fresh = offer(best.node, left, rest, round, &cell) {
                offers[place] = fresh
            } else {
                offers.remove(at: place)
            }
        }
        let order = reprieveOrder(positions(of: victims))
        let leaving = cell.reprieve(order, beside: &seats) { rules(of: $0) }
        victims = leaving
        return Way(seats: seats, victims: leaving.map(\.pod))
    }

    /// Nodes that are tried as the first to be taken: all that have candidates where there are only a few.
    func beginnings(_ scope: [NodeIndex]?, _ cell: Cell) -> [NodeIndex] {
        let nodes = Set(candidates[..<open].map(\.seat.node))
        guard nodes.count <= 8, gang.count <= 16, open <= 64 else { return [] }
        return nodes.sorted().filter { scope?.contains($0) ?? true }
    }

    /// Members that have no place yet.
    private func remaining(besides seats: [GangPlan.Item]) -> [Gang.Members] {
        let placed = Set(seats.map(\.pod))
        return gang.members.compactMap { run in
            let pods = run.pods.filter { !placed.contains($0) }
            return pods.isEmpty ? nil : Gang.Members(class: run.classIndex, pods: pods)
        }
    }

    private func positions(of victims: [GangPlan.Item]) -> [Int] {
        let pods = Set(victims.map(\.pod))
        return (0..<open).filter { pods.contains(candidates[$0].seat.pod) }
    }

    /// The better of two offers of a node: for as many members as fit, and for one. The cell is afterwards as before.
    private func offer(
        _ node: NodeIndex, _ candidates: [Int], _ rest: [Gang.Members], _ round: Int, _ cell: inout Cell
    ) -> Offer? {
        guard let many = offer(node, candidates, rest, limit: .max, round, &cell) else { return nil }
        guard many.seats.count > 1, let one = offer(node, candidates, rest, limit: 1, round, &cell) else { return many }
        return one.precedes(many) ? one : many
    }

    private func offer(
        _ node: NodeIndex, _ positions: [Int], _ rest: [Gang.Members], limit: Int, _ round: Int, _ cell: inout Cell
    ) -> Offer? {
        let leaving = reprieveOrder(positions)
        for seat in leaving { cell.release(seat.pod) }
        var seats: [GangPlan.Item] = []
        for run in rest where seats.count < limit {
            let added = rules(of: run.classIndex)
            for pod in run.pods.prefix(limit - seats.count) {
                guard cell.fitBesideNominated(run.classIndex, on: node, adding: added, for: pod).isFit,
                    let devices = cell.chooseDevices(run.classIndex, node)
                else { break }
                let seat = GangPlan.Item(pod: pod, classIndex: run.classIndex, node: node, devices: devices)
                seat.place(in: &cell)
                seats.append(seat)
            }
        }
        guard !seats.isEmpty else {
            for seat in leaving { seat.place(in: &cell) }
            return nil
        }
        let victims = cell.reprieve(leaving, beside: &seats) { rules(of: $0) }
        for seat in seats { cell.release(seat.pod) }
        for victim in victims { victim.place(in: &cell) }
        return Offer(
            node: node, seats: seats, victims: victims, cost: cost(victims, positions, for: seats.count), round: round)
    }

    private func cost(_ victims: [GangPlan.Item], _ positions: [Int], for count: Int) -> (Double, Double) {
        let pods = Set(victims.map(\.pod))
        var (violations, weight) = (0.0, 0.0)
        for position in positions where pods.contains(candidates[position].seat.pod) {
            if candidates[position].isGuarded { violations += 1 }
            // As Kubernetes weighs victims: a pod of the lowest priority still counts.
            weight += Double(candidates[position].priority) + Double(Int32.max) + 1
        }
        return (violations / Double(count), weight / Double(count))
    }
}
