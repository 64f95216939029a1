import ClusterModel

extension Cell {
    /// Puts pods back on their nodes, one after the other, wherever the seats that were taken stay good: what both
    /// schedulers and the dispatcher cut the victims of a preemption down with, so that nobody leaves for nothing.
    ///
    /// - Parameters:
    ///   - leaving: pods that were taken off their nodes, those to be kept first first.
    ///   - seats: placed pods for whose sake they left; their devices may change, their nodes do not.
    /// - Returns: the pods that must leave indeed, in the same order.
    /// - Complexity: O(leaving × seats on their nodes), or × all seats where rules between pods matter.
    public mutating func reprieve(_ leaving: [GangPlan.Item], beside seats: inout [GangPlan.Item]) -> [GangPlan.Item] {
        reprieve(leaving, beside: &seats) { _ in .none }
    }

    mutating func reprieve(
        _ leaving: [GangPlan.Item], beside seats: inout [GangPlan.Item], adding added: (ClassIndex) -> AddedRules
    ) -> [GangPlan.Item] {
        var onNode: [NodeIndex: [Int]] = [:]
        for (position, seat) in seats.enumerated() { onNode[seat.node, default: []].append(position) }
        let classes = Set(seats.map(\.classIndex))
        let isLocal = classes.allSatisfy { goesByNode($0, adding: added($0)) }
        let all = Array(seats.indices)
        return leaving.filter { pod in
            place(pod.pod, class: pod.classIndex, on: pod.node, devices: pod.devices)
            let concerned = isLocal ? onNode[pod.node] ?? [] : all
            return !staysGood(&seats, concerned, after: pod.pod, adding: added)
        }
    }

    /// Whether seats stay good beside a pod that has come; if not, it is gone again, and they are as they were.
    private mutating func staysGood(
        _ seats: inout [GangPlan.Item], _ positions: [Int], after newcomer: PodID,
        adding added: (ClassIndex) -> AddedRules
    ) -> Bool {
        for position in positions { release(seats[position].pod) }
        var seated: [GangPlan.Item] = []
        for position in positions {
            guard let seat = retaken(seats[position], adding: added(seats[position].classIndex)) else { break }
            seated.append(seat)
        }
        if seated.count == positions.count {
            for (position, seat) in zip(positions, seated) { seats[position] = seat }
            return true
        }
        release(newcomer)
        for seat in seated { release(seat.pod) }
        for position in positions {
            let seat = seats[position]
            place(seat.pod, class: seat.classIndex, on: seat.node, devices: seat.devices)
        }
        return false
    }

    /// Places a pod on its node again, on its devices where they are free; nil where it does not fit there.
    private mutating func retaken(_ seat: GangPlan.Item, adding added: AddedRules) -> GangPlan.Item? {
        guard fitBesideNominated(seat.classIndex, on: seat.node, adding: added, for: seat.pod).isFit else { return nil }
        var seat = seat
        if seat.devices.isEmpty || !fitDevices(seat.classIndex, seat.node, seat.devices) {
            guard let devices = chooseDevices(seat.classIndex, seat.node) else { return nil }
            seat.devices = devices
        }
        place(seat.pod, class: seat.classIndex, on: seat.node, devices: seat.devices)
        return seat
    }

    /// Whether what stands on other nodes has no say in whether a pod of the class fits on a node.
    func goesByNode(_ index: ClassIndex, adding added: AddedRules) -> Bool {
        let record = classes[Int(index)]
        return record.spread.isEmpty && added.spread.isEmpty && record.affinity.isEmpty && record.anti.isEmpty
            && record.antiHolders.isEmpty && (!protectsPlacedSpread || record.contributions.isEmpty)
    }
}
