import ClusterModel

extension Cell {
    /// Whether a pod of class `other` being placed can let a waiting pod of class `waiting` fit: it is one that the
    /// required affinity wants, or one that a spread constraint counts (which can raise the minimum).
    public func placement(of other: ClassIndex, mayHelp waiting: ClassIndex) -> Bool {
        guard hasClass(other), hasClass(waiting) else { return false }
        let record = classes[Int(waiting)]
        return record.affinity.contains { isCounted(other, $0.counter) }
            || record.spread.contains { isCounted(other, $0.counter) }
            || concernsPlacedSpread(waiting)
    }

    /// Whether a pod of class `other` leaving can let a waiting pod of class `waiting` fit.
    ///
    /// Freed resources help any pod that asks for one of them; beyond that, ports, spread constraints and anti-affinity
    /// in either direction may be relieved.
    public func release(of other: ClassIndex, mayHelp waiting: ClassIndex) -> Bool {
        guard hasClass(other), hasClass(waiting) else { return false }
        let record = classes[Int(waiting)]
        let leaving = classes[Int(other)]
        // Each pod takes one of `pods`, so a shared resource is always there.
        return leaving.requests.contains { item in record.requests.contains { $0.resource == item.resource } }
            || record.spread.contains { isCounted(other, $0.counter) }
            || concernsPlacedSpread(waiting)
            || record.anti.contains { isCounted(other, $0.counter) }
            || record.antiHolders.contains { isCounted(other, $0.counter) }
    }

    /// How much more of each resource would have to be free on a node for a pod of the class.
    func lacking(_ index: ClassIndex, _ node: NodeIndex) -> ResourceList {
        var result: ResourceList = [:]
        for item in classes[Int(index)].requests {
            let missing = item.amount - max(Amount.floor, resources.free[item.resource][Int(node)])
            guard missing > 0 else { continue }
            result[resources.names[item.resource]] =
                item.resource == ResourceID.cpu ? Quantity(milli: missing) : Quantity(missing)
        }
        return result
    }

    /// Whether pods of a class count in a counter.
    private func isCounted(_ index: ClassIndex, _ counter: Int32) -> Bool {
        classes[Int(index)].contributions.contains { $0.counter == counter }
    }

    /// The events that can let a pod of the class fit, given why nodes refused it.
    func wakingEvents(_ index: ClassIndex, _ reasons: some Sequence<Reason>) -> ClusterEvents {
        // A node that joins, or one that changes its labels or taints, can take whatever was refused.
        var events: ClusterEvents = [.nodeAdded]
        for reason in reasons {
            switch reason {
            case .noSuchNode, .nodeName, .notNamed, .namesConflict: break
            case .unschedulable, .taint: events.formUnion([.nodeTaints])
            case .nodeAffinity, .enforcedNodeAffinity: events.formUnion([.nodeLabels])
            case .ports, .disk, .exclusiveVolume: events.formUnion([.podReleased])
            case .volumeLimit: events.formUnion([.podReleased, .nodeAllocatable])
            case .volumes: break
            case .volumeNodeAffinity, .volumeZone: events.formUnion([.nodeLabels])
            case .volumeBind: events.formUnion([.podReleased, .nodeLabels])
            case .tooManyPods, .insufficient: events.formUnion([.podReleased, .nodeAllocatable])
            case .spread, .placedSpread:
                events.formUnion([.podPlaced, .podReleased, .nodeLabels, .nodeTaints, .nodeRemoved])
            case .spreadLabelMissing: events.formUnion([.nodeLabels])
            case .affinity: events.formUnion([.podPlaced, .podReleased, .nodeLabels, .namespaceLabels])
            case .antiAffinity, .existingAntiAffinity:
                events.formUnion([.podReleased, .nodeLabels, .namespaceLabels])
            }
        }
        return events
    }

    /// Checks everything that must hold among the columns, the lists and the counters; stops the program where it does
    /// not.
    ///
    /// - Complexity: O(nodes × resources + pods × counters); for tests and debug builds.
    public func checkInvariants() {
        nodes.checkInvariants()
        var onNodes = 0
        var copy = self
        for node in 0..<nodes.capacity {
            var pod = firstPod[node]
            var previous: PodID = -1
            while pod >= 0 {
                precondition(pods[pod].node == NodeIndex(node), "a pod stands in the wrong list")
                precondition(pods[pod].previousOnNode == previous, "a list of pods is broken")
                previous = pod
                pod = pods[pod].nextOnNode
                onNodes += 1
            }
            guard nodes.present[node] else { continue }
            copy.recount(node)
            for resource in 0..<resources.count {
                precondition(
                    copy.resources.free[resource][node] == resources.free[resource][node],
                    "\(resources.names[resource]) of node \(node) is wrong")
            }
            precondition(copy.resources.scoringCPU[node] == resources.scoringCPU[node], "scoring CPU is wrong")
        }
        precondition(onNodes == pods.count, "pods are lost between the lists")
        for number in liveCounters {
            counters[Int(number)].checkInvariants()
            checkCounts(number)
        }
        for index in classes.indices where classes[index].generation != 0 {
            precondition(find(classes[index].spec) == ClassIndex(index), "a class is not found by its spec")
        }
    }

    private func checkCounts(_ number: Int32) {
        let counter = counters[Int(number)]
        var counts: [Int32: Int32] = [:]
        pods.forEach { _, record in
            let domain = topologies[Int(counter.key.topology)].domainOf[Int(record.node)]
            guard domain >= 0, counter.counts(node: Int(record.node)) else { return }
            for item in classes[Int(record.classIndex)].contributions where item.counter == number {
                counts[domain, default: 0] += item.amount
            }
        }
        for domain in counter.counts.indices {
            precondition(
                counter.counts[domain] == counts[Int32(domain)] ?? 0, "counter \(number) is wrong in domain \(domain)")
        }
    }
}
