import ClusterModel

extension Cell {
    /// Adds a node, or changes the one that has this index.
    ///
    /// Pods on it stay.
    /// - Returns: what changed that may let a waiting pod fit.
    /// - Complexity: O(labels + resources); where labels or taints changed, also O(counters + pods on the node).
    @discardableResult
    public mutating func upsertNode(_ node: Node, at index: NodeIndex) -> ClusterEvents {
        precondition(index >= 0, "a node's index is not negative")
        let i = Int(index)
        grow(to: i + 1)
        let row = nodes.intern(node)
        var events: ClusterEvents = []
        if !nodes.present[i] {
            events.insert(.nodeAdded)
            setRow(i, row)
        } else {
            let old = nodes.rows[i]
            if old.labels != row.labels || old.name != row.name { events.insert(.nodeLabels) }
            if old.taints != row.taints || old.isUnschedulable != row.isUnschedulable { events.insert(.nodeTaints) }
            if !events.isEmpty || old.images != row.images { setRow(i, row) }
        }
        if setOffers(i, node.allocatable), !events.contains(.nodeAdded) { events.insert(.nodeAllocatable) }
        touch(i)
        return events
    }

    /// Removes a node; the pods on it are released.
    ///
    /// - Returns: those pods, ascending; empty where there was no such node.
    @discardableResult
    public mutating func removeNode(at index: NodeIndex) -> [PodID] {
        guard hasNode(index) else { return [] }
        let i = Int(index)
        let released = pods(on: index)
        for pod in released { release(pod) }
        setRow(i, nil)
        devices.reset(i, devices: 0)
        resources.clear(i)
        touch(i)
        return released
    }

    /// The pods on a node, ascending.
    public func pods(on index: NodeIndex) -> [PodID] {
        guard hasNode(index) else { return [] }
        var result: [PodID] = []
        var pod = firstPod[Int(index)]
        while pod >= 0 {
            result.append(pod)
            pod = pods[pod].nextOnNode
        }
        return result.sorted()
    }

    private mutating func grow(to count: Int) {
        guard count > nodes.capacity else { return }
        // Grown by half at least, so that nodes added one by one cost O(1) each.
        let room = max(count, nodes.capacity + nodes.capacity / 2)
        nodes.grow(to: room)
        resources.grow(to: room)
        devices.grow(to: room)
        firstPod.append(contentsOf: repeatElement(-1, count: room - firstPod.count))
        for index in topologies.indices { topologies[index].grow(to: room) }
    }

    /// Changes a node's row, and with it its domains and what its pods count for.
    private mutating func setRow(_ node: Int, _ row: NodeRow?) {
        countImages(nodes.rows[node], by: -1)
        if nodes.present[node] { detach(node) }
        for index in topologies.indices {
            topologies[index].set(node, value: row?.label(topologies[index].key) ?? -1)
        }
        nodes.set(node, row)
        if let row {
            countImages(row, by: 1)
            attach(node)
        }
        sizesRevision &+= 1
        if !imageNodes.isEmpty { imagesRevision &+= 1 }
    }

    private mutating func countImages(_ row: NodeRow, by amount: Int32) {
        for image in row.images { imageNodes[image.name, default: 0] += amount }
    }

    /// Takes a node and its pods out of all counters, before its labels or taints change.
    private mutating func detach(_ node: Int) {
        count(podsOn: node, sign: -1)
        for number in liveCounters {
            let domain = topologies[Int(counters[Int(number)].key.topology)].domainOf[node]
            if counters[Int(number)].counts(node: node) { counters[Int(number)].leave(node, domain) }
        }
    }

    /// Counts a node and its pods again, after its labels or taints changed.
    private mutating func attach(_ node: Int) {
        for number in liveCounters { join(node, number) }
        count(podsOn: node, sign: 1)
    }

    /// Lets a node take part in a counter if it is eligible.
    mutating func join(_ node: Int, _ number: Int32) {
        let key = counters[Int(number)].key
        guard key.eligible < 0 || nodes.meets(key.eligible, node) else { return }
        counters[Int(number)].join(node, topologies[Int(key.topology)].domainOf[node])
    }

    private mutating func count(podsOn node: Int, sign: Int32) {
        var pod = firstPod[node]
        while pod >= 0 {
            let record = pods[pod]
            count(record.classIndex, node, sign)
            pod = record.nextOnNode
        }
    }

    /// Adds a pod of a class to the counters that it changes, or takes it out.
    @inline(__always)
    mutating func count(_ index: ClassIndex, _ node: Int, _ sign: Int32) {
        for position in classes[Int(index)].contributions.indices {
            let item = classes[Int(index)].contributions[position]
            let domain = topologies[Int(item.topology)].domainOf[node]
            guard domain >= 0, counters[Int(item.counter)].counts(node: node) else { continue }
            counters[Int(item.counter)].add(domain, sign &* item.amount)
        }
    }

    // MARK: What the node offers

    /// - Returns: whether anything became more.
    private mutating func setOffers(_ node: Int, _ offers: ResourceList) -> Bool {
        var amounts: [Int: Int64] = [:]
        for (name, quantity) in offers where name != GPU.shareResource {
            let resource = resources.number(name)
            amounts[resource] = Amount.offer(quantity, resource)
        }
        let count = min(max(0, amounts[ResourceID.device] ?? 0), DeviceTable.mostDevices)
        amounts[ResourceID.device] = count
        // Devices that are only counted have no shares.
        amounts[ResourceID.share] = count > Int64(GPU.maxDevices) ? 0 : count * GPU.milliPerDevice
        var grew = false
        var changed = false
        for resource in 0..<resources.count {
            let amount = amounts[resource] ?? 0
            let old = resources.allocatable[resource][node]
            guard amount != old else { continue }
            changed = true
            grew = grew || amount > old
            resources.allocatable[resource][node] = amount
        }
        if changed {
            sizesRevision &+= 1
            resetDevices(node, count)
            recount(node)
        }
        return grew
    }

    private mutating func resetDevices(_ node: Int, _ count: Int64) {
        devices.reset(node, devices: count)
        var pod = firstPod[node]
        while pod >= 0 {
            let record = pods[pod]
            let need = classes[Int(record.classIndex)].need
            if need.count > 0 {
                var given = record.devices
                // The node's devices were only counted when the pod came.
                if given.isEmpty, !devices.isPool(node) {
                    given = devices.assume(node, need)
                    pods.update(pod) { $0.devices = given }
                }
                devices.take(node, given, need)
            }
            pod = record.nextOnNode
        }
    }

    /// Works out what a node has left from what it offers and the pods on it, with sums that saturate.
    ///
    /// - Complexity: O(resources + pods on the node).
    mutating func recount(_ node: Int) {
        for resource in 0..<resources.count { resources.free[resource][node] = resources.allocatable[resource][node] }
        resources.scoringCPU[node] = 0
        resources.scoringMemory[node] = 0
        var pod = firstPod[node]
        while pod >= 0 {
            let record = pods[pod]
            let index = Int(record.classIndex)
            for item in classes[index].requests where !Cell.isDevice(item.resource) {
                let left = resources.free[item.resource][node]
                resources.free[item.resource][node] = max(Amount.floor, left) - item.amount
            }
            resources.scoringCPU[node] = min(
                -Amount.floor, resources.scoringCPU[node] + classes[index].scoringCPU)
            resources.scoringMemory[node] = min(
                -Amount.floor, resources.scoringMemory[node] + classes[index].scoringMemory)
            pod = record.nextOnNode
        }
        summarizeDevices(node)
    }

    /// Writes the columns that stand for a node's devices.
    mutating func summarizeDevices(_ node: Int) {
        let (whole, share) = devices.summary(node)
        resources.free[ResourceID.device][node] = whole
        resources.free[ResourceID.share][node] = share
    }

    /// Whether a resource is counted by devices, and its column derived from them.
    @inline(__always)
    static func isDevice(_ resource: Int) -> Bool { resource == ResourceID.device || resource == ResourceID.share }
}
