import Placement

extension Dispatcher {
    /// Stops the program where what must always hold does not. For tests and debug builds.
    ///
    /// - Complexity: O(pods).
    public func checkInvariants() {
        var counts = [Int](repeating: 0, count: stateCounts.count)
        var undecided = [Int](repeating: 0, count: slots.count)
        for (pod, record) in pods.records.enumerated() {
            counts[Int(record.state.rawValue)] += 1
            if record.state == .assigned { undecided[Int(record.scheduler)] += 1 }
            let isSeated = record.state == .bound || record.state == .staged
            precondition(isSeated == (record.node >= 0), "a pod has a node exactly while it is seated")
            let seat = cell.placement(of: PodID(pod))
            precondition((seat != nil) == isSeated, "the cell knows exactly the seated pods")
            if let seat { precondition(seat.node == record.node, "the cell and the table agree about the node") }
        }
        precondition(counts == stateCounts, "pods are counted by state")
        let kept = slots.indices.map { index in
            pods.records.count { $0.state == .onHold && $0.scheduler == Int32(index) }
        }
        precondition(kept == slots.map(\.onHold), "pods on hold are counted by scheduler")
        precondition(undecided == slots.map(\.undecided), "undecided pods are counted by scheduler")
        precondition(shadows.isConsistent, "the figures of shadows are the sums of their parts")
        let copies = slots.indices.map { index in
            shadows.units.values.filter { $0.stage == .handed && $0.shadow == index }
                .reduce(0) { $0 + $1.members.count { $0.shadow == nil } }
        }
        precondition(copies == slots.map(\.copiesInHand), "copies are counted by shadow")
    }
}
