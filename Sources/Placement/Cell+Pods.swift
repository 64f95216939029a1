import ClusterModel

extension Cell {
    /// Puts a pod on a node, whether it fits or not: pods that stand somewhere already may over-commit a node.
    ///
    /// A pod that needs GPUs and comes without devices is given the tightest that fit. A pod that is placed already is
    /// released first.
    /// - Precondition: the node and the class exist.
    /// - Complexity: O(requests + counters that the class changes).
    public mutating func place(
        _ pod: PodID, class index: ClassIndex, on node: NodeIndex, devices wanted: DeviceSet = []
    ) {
        precondition(pod >= 0, "a pod's number is not negative")
        precondition(hasNode(node), "no such node")
        precondition(hasClass(index), "no such class")
        if pods[pod].node >= 0 { release(pod) }
        let n = Int(node)
        var given = DeviceSet()
        if classes[Int(index)].need.count > 0 {
            let need = classes[Int(index)].need
            given = wanted.isEmpty ? devices.assume(n, need) : wanted
            devices.take(n, given, need)
            summarizeDevices(n)
        }
        link(pod, index, node, given)
        take(n, index, sign: 1)
        if !classes[Int(index)].ports.isEmpty { portsTaken[node, default: []] += classes[Int(index)].ports }
        if let rules = classes[Int(index)].volumes { countVolumes(rules, node, isAdded: true) }
        count(index, n, 1)
        touch(n)
    }

    /// Takes a pod off its node; a pod that is not placed is no error.
    ///
    /// - Returns: where it stood, and its class; nil if it was not placed.
    @discardableResult
    public mutating func release(_ pod: PodID) -> (node: NodeIndex, class: ClassIndex)? {
        let record = pods[pod]
        guard record.node >= 0 else { return nil }
        let n = Int(record.node)
        let index = Int(record.classIndex)
        count(record.classIndex, n, -1)
        unlink(pod, record)
        if classes[index].need.count > 0 {
            devices.take(n, record.devices, classes[index].need, sign: -1)
            summarizeDevices(n)
        }
        take(n, record.classIndex, sign: -1)
        for port in classes[index].ports { releasePort(port, record.node) }
        if let rules = classes[index].volumes { countVolumes(rules, record.node, isAdded: false) }
        touch(n)
        if classes[index].podCount == 0, classes[index].references == 0 { becomeIdle(record.classIndex) }
        return (record.node, record.classIndex)
    }

    /// Where a pod stands, its class and its devices; nil if it is not placed.
    public func placement(of pod: PodID) -> (node: NodeIndex, class: ClassIndex, devices: DeviceSet)? {
        let record = pods[pod]
        return record.node < 0 ? nil : (record.node, record.classIndex, record.devices)
    }

    @inline(__always)
    private mutating func take(_ node: Int, _ index: ClassIndex, sign: Int64) {
        var saturated = classes[Int(index)].isHuge
        resources.free.withUnsafeMutableBufferPointer { free in
            for position in classes[Int(index)].requests.indices {
                let item = classes[Int(index)].requests[position]
                if Cell.isDevice(item.resource) { continue }
                // Amounts of classes that are not huge are below 2⁴⁰, so this wraps only after 2²² pods on one node; a sum
                // that saturated before is worked out afresh.
                let left = free[item.resource][node] &- sign &* item.amount
                free[item.resource][node] = left
                if left < Amount.floor / 2 { saturated = true }
            }
        }
        resources.scoringCPU[node] &+= sign &* classes[Int(index)].scoringCPU
        resources.scoringMemory[node] &+= sign &* classes[Int(index)].scoringMemory
        if saturated { recount(node) }
    }

    @inline(__always)
    private mutating func link(_ pod: PodID, _ index: ClassIndex, _ node: NodeIndex, _ given: DeviceSet) {
        var nextOfClass: PodID = -1
        classes.withUnsafeMutableBufferPointer { classes in
            nextOfClass = classes[Int(index)].firstPod
            classes[Int(index)].firstPod = pod
            classes[Int(index)].podCount += 1
        }
        pods.insertFirst(
            pod,
            PodRecord(
                node: node, classIndex: index, nextOnNode: firstPod[Int(node)], previousOnNode: -1,
                nextOfClass: nextOfClass, previousOfClass: -1, devices: given))
        firstPod[Int(node)] = pod
    }

    private mutating func unlink(_ pod: PodID, _ record: PodRecord) {
        if record.nextOnNode >= 0 { pods.update(record.nextOnNode) { $0.previousOnNode = record.previousOnNode } }
        if record.nextOfClass >= 0 { pods.update(record.nextOfClass) { $0.previousOfClass = record.previousOfClass } }
        if record.previousOnNode >= 0 {
            pods.update(record.previousOnNode) { $0.nextOnNode = record.nextOnNode }
        } else {
            firstPod[Int(record.node)] = record.nextOnNode
        }
        if record.previousOfClass >= 0 {
            pods.update(record.previousOfClass) { $0.nextOfClass = record.nextOfClass }
        } else {
            classes[Int(record.classIndex)].firstPod = record.nextOfClass
        }
        classes[Int(record.classIndex)].podCount -= 1
        pods.remove(pod)
    }

    private mutating func releasePort(_ port: Int32, _ node: NodeIndex) {
        guard var taken = portsTaken[node], let position = taken.firstIndex(of: port) else { return }
        taken.remove(at: position)
        portsTaken[node] = taken.isEmpty ? nil : taken
    }

    /// Whether some placed pod has a lower priority, without which nothing can be preempted.
    ///
    /// - Complexity: O(classes).
    public func holdsPods(below priority: Int32) -> Bool {
        classes.indices.contains { classes[$0].podCount > 0 && classes[$0].spec.priority < priority }
    }

    /// What a node has left, by resource, for messages; resources that it does not offer are left out.
    ///
    /// GPUs stand as the number of wholly free devices and, where a device is partly taken, the largest free share.
    public func freeResources(of node: NodeIndex) -> ResourceList {
        guard hasNode(node) else { return [:] }
        var result: ResourceList = [:]
        for (resource, name) in resources.names.enumerated() {
            let offered = resources.allocatable[resource][Int(node)]
            let left = resources.free[resource][Int(node)]
            guard offered != 0 || left != 0 else { continue }
            result[name] = resource == ResourceID.cpu ? Quantity(milli: left) : Quantity(left)
        }
        return result
    }

    /// The share of the whole cell that is taken, by resource, 0 to 1 (above where nodes are over-committed).
    ///
    /// GPUs count by their thousandths, so that two half devices are one.
    public var utilization: [String: Double] {
        var result: [String: Double] = [:]
        for (resource, name) in resources.names.enumerated()
        where resource != ResourceID.share && !name.hasPrefix(VolumeNeeds.limitPrefix) {
            var offered = 0.0
            var taken = 0.0
            nodes.present.forEach { node in
                offered += Double(resources.allocatable[resource][node])
                if resource == ResourceID.device {
                    taken += Double(devices.used(node)) / Double(GPU.milliPerDevice)
                } else {
                    taken += Double(resources.requested(resource, node))
                }
            }
            if offered > 0 { result[name] = taken / offered }
        }
        return result
    }
}
