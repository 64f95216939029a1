import ClusterModel

extension Cell {
    /// What nodes that take pods offer in all, and have left: thousandths of CPU, bytes of memory, pods, thousandths of
    /// GPUs (of which only those of wholly free devices count as left).
    ///
    /// - Complexity: O(nodes).
    public func totals() -> (offered: SIMD4<Int64>, free: SIMD4<Int64>) {
        var offered = SIMD4<Int64>(repeating: 0)
        var free = SIMD4<Int64>(repeating: 0)
        nodes.present.forEach { node in
            guard !nodes.rows[node].isUnschedulable else { return }
            for (lane, resource) in Cell.totalled.enumerated() {
                let unit = resource == ResourceID.device ? GPU.milliPerDevice : 1
                offered[lane] &+= resources.allocatable[resource][node] &* unit
                free[lane] &+= max(0, resources.free[resource][node]) &* unit
            }
        }
        return (offered, free)
    }

    /// What a pod of the class takes, in the units of `totals`.
    public func demand(of index: ClassIndex) -> SIMD4<Int64> {
        var demand = SIMD4<Int64>(repeating: 0)
        for item in classes[Int(index)].requests {
            if let lane = Cell.totalled.firstIndex(of: item.resource) {
                demand[lane] &+= item.amount &* (item.resource == ResourceID.device ? GPU.milliPerDevice : 1)
            } else if item.resource == ResourceID.share {
                demand[3] &+= item.amount
            }
        }
        return demand
    }

    /// The resources of which all nodes together have less free than is asked for, by name.
    ///
    /// - Complexity: O(resources asked for × nodes).
    public func lacking(_ wanted: ResourceList) -> [String] {
        guard !wanted.isEmpty else { return [] }
        return wanted.keys.sorted().filter { name in
            guard let resource = resources.find(name) else { return wanted[name] != .zero }
            let amount = wanted[name].map { Amount.request($0, resource) } ?? 0
            var left = amount
            nodes.present.forEach { node in
                guard left > 0 else { return }
                left -= max(0, resources.free[resource][node])
            }
            return left > 0
        }
    }

    private static let totalled = [ResourceID.cpu, ResourceID.memory, ResourceID.pods, ResourceID.device]
}
