import ClusterModel

/// Rules that a scheduler's profile adds to those of the pod.
struct AddedRules {
    /// The nodes that the profile's added affinity allows; −1 is all.
    var nodeSet: Int32 = -1
    /// Hard constraints by default, for pods without constraints of their own.
    var spread: ContiguousArray<SpreadRule> = []
    /// Resources that the fit does not look at.
    var ignoredResources: Set<Int> = []
    /// Filters that the profile leaves out.
    var disabled: Set<FilterPlugin> = []

    /// No rules but the pod's own.
    static let none = AddedRules()
}

extension Cell {
    /// Whether a node takes a pod of the class, by every required filter; a refusal carries the reasons of the first
    /// filter that refuses, as in Kubernetes.
    ///
    /// This is the check that the dispatcher repeats before it commits a placement.
    /// - Complexity: O(requests + rules of the class).
    public func fit(_ index: ClassIndex, on node: NodeIndex) -> Fit {
        fit(index, on: node, adding: .none)
    }

    func fit(_ index: ClassIndex, on node: NodeIndex, adding added: AddedRules) -> Fit {
        guard hasNode(node) else { return .unresolvable([.noSuchNode]) }
        if let verdict = namedOutright(index, Int(node), added) { return verdict }
        if let verdict = volumesBlock(index), !added.disabled.contains(.volumeBinding) { return verdict }
        for filter in FilterPlugin.allCases where !added.disabled.contains(filter) {
            let verdict = apply(filter, index, Int(node), added)
            if !verdict.isFit { return verdict }
        }
        return .fits
    }

    /// Every filter's refusal, not only the first.
    func refusals(_ index: ClassIndex, on node: NodeIndex, adding added: AddedRules) -> [Fit] {
        guard hasNode(node) else { return [.unresolvable([.noSuchNode])] }
        var first = namedOutright(index, Int(node), added).map { [$0] } ?? []
        if let verdict = volumesBlock(index), !added.disabled.contains(.volumeBinding) { first.append(verdict) }
        return first
            + FilterPlugin.allCases.filter { !added.disabled.contains($0) }
            .map { apply($0, index, Int(node), added) }.filter { !$0.isFit }
    }

    /// The refusal of a node that the required node affinity does not name where it names nodes outright.
    private func namedOutright(_ index: ClassIndex, _ node: Int, _ added: AddedRules) -> Fit? {
        let set = classes[Int(index)].outrightSet
        guard set >= 0, !added.disabled.contains(.nodeAffinity), !nodes.meets(set, node) else { return nil }
        return .unresolvable([classes[Int(index)].namesConflict ? .namesConflict : .notNamed])
    }

    func apply(_ filter: FilterPlugin, _ index: ClassIndex, _ node: Int, _ added: AddedRules) -> Fit {
        let c = Int(index)
        switch filter {
        case .nodeUnschedulable: return staticFit(classes[c].cordonSet, node, .unschedulable)
        case .nodeName: return staticFit(classes[c].nameSet, node, .nodeName)
        case .taintToleration: return staticFit(classes[c].taintSet, node, .taint)
        case .nodeAffinity:
            let enforced = staticFit(added.nodeSet, node, .enforcedNodeAffinity)
            return enforced.isFit ? staticFit(classes[c].affinitySet, node, .nodeAffinity) : enforced
        case .nodePorts: return portsFree(index, node) ? .fits : .rejected([.ports])
        case .nodeResourcesFit: return resourcesFit(index, node, ignoring: added.ignoredResources)
        case .volumeRestrictions, .nodeVolumeLimits, .volumeBinding, .volumeZone:
            return volumeFit(filter, index, node)
        case .podTopologySpread:
            let verdict = spreadFit(classes[c].spread, node)
            if !verdict.isFit { return verdict }
            let addedVerdict = spreadFit(added.spread, node)
            if !addedVerdict.isFit { return addedVerdict }
            return keepsPlacedSpread(index, node) ? .fits : .rejected([.placedSpread])
        case .interPodAffinity: return interPodFit(index, node)
        }
    }

    private func staticFit(_ set: Int32, _ node: Int, _ reason: Reason) -> Fit {
        set < 0 || nodes.meets(set, node) ? .fits : .unresolvable([reason])
    }

    /// Whether no host port of the class is taken on the node.
    func portsFree(_ index: ClassIndex, _ node: Int) -> Bool {
        guard !classes[Int(index)].ports.isEmpty, let taken = portsTaken[NodeIndex(node)] else { return true }
        for mine in classes[Int(index)].ports {
            for other in taken where mine == other || hostPorts[mine].conflicts(with: hostPorts[other]) {
                return false
            }
        }
        return true
    }

    /// Whether every amount that the class asks for is free.
    @inline(__always)
    func resourcesFit(_ index: ClassIndex, _ node: Int) -> Bool {
        for position in classes[Int(index)].requests.indices {
            let item = classes[Int(index)].requests[position]
            if resources.free[item.resource][node] < item.amount { return false }
        }
        return true
    }

    private func resourcesFit(_ index: ClassIndex, _ node: Int, ignoring ignored: Set<Int>) -> Fit {
        if resourcesFit(index, node) { return .fits }
        var reasons: [Reason] = []
        var isResolvable = true
        // Kubernetes names the pods first, then cpu, memory, ephemeral storage, then the others.
        let requests = classes[Int(index)].requests.sorted {
            ($0.resource == ResourceID.pods ? -1 : $0.resource) < ($1.resource == ResourceID.pods ? -1 : $1.resource)
        }
        for item in requests where resources.free[item.resource][node] < item.amount {
            if ignored.contains(item.resource) { continue }
            if resources.allocatable[item.resource][node] < item.amount { isResolvable = false }
            reasons.append(
                item.resource == ResourceID.pods ? .tooManyPods : .insufficient(resources.names[item.resource]))
        }
        if reasons.isEmpty { return .fits }
        return isResolvable ? .rejected(reasons) : .unresolvable(reasons)
    }

    /// Source: Kubernetes' PodTopologySpread filter; `skew = count + own − minimum ≤ maxSkew`, where the minimum counts as
    /// zero with fewer eligible domains than `minDomains`.
    @inline(__always)
    func spreadFit(_ rules: ContiguousArray<SpreadRule>, _ node: Int) -> Fit {
        for rule in rules {
            let domain = topologies[Int(rule.topology)].domainOf[node]
            if domain < 0 { return .unresolvable([.spreadLabelMissing]) }
            if !spreadAllows(rule, domain) { return .rejected([.spread]) }
        }
        return .fits
    }

    /// Whether one more pod in the domain keeps the constraint.
    @inline(__always)
    func spreadAllows(_ rule: SpreadRule, _ domain: Int32) -> Bool {
        Int64(counters[Int(rule.counter)][domain]) &+ rule.own &- spreadMinimum(rule) <= rule.maxSkew
    }

    /// The count of the emptiest domain, as a constraint counts it.
    @inline(__always)
    func spreadMinimum(_ rule: SpreadRule) -> Int64 {
        let counter = Int(rule.counter)
        guard counters[counter].domainCount >= Int(rule.minDomains) else { return 0 }
        return Int64(counters[counter].minimum ?? 0)
    }

    /// Source: Kubernetes' InterPodAffinity filter, in its order: affinity, anti-affinity, anti-affinity of pods there.
    @inline(__always)
    func interPodFit(_ index: ClassIndex, _ node: Int) -> Fit {
        let c = Int(index)
        if !classes[c].affinity.isEmpty, !affinityFits(index, node) { return .unresolvable([.affinity]) }
        for item in classes[c].anti where isOccupied(item, node) { return .rejected([.antiAffinity]) }
        for item in classes[c].antiHolders where isOccupied(item, node) { return .rejected([.existingAntiAffinity]) }
        return .fits
    }

    /// Whether the node's domain has a pod in the counter.
    @inline(__always)
    func isOccupied(_ item: Contribution, _ node: Int) -> Bool {
        let domain = topologies[Int(item.topology)].domainOf[node]
        return domain >= 0 && counters[Int(item.counter)][domain] > 0
    }

    /// Whether the node has every label that the required affinity names, and pods that it wants in each domain.
    ///
    /// The first pod of those that want each other may stand anywhere with the labels.
    @inline(__always)
    func affinityFits(_ index: ClassIndex, _ node: Int) -> Bool {
        var found = true
        for item in classes[Int(index)].affinity {
            let domain = topologies[Int(item.topology)].domainOf[node]
            if domain < 0 { return false }
            if counters[Int(item.counter)][domain] <= 0 { found = false }
        }
        return found || isFirstOfItsAffinity(index)
    }

    /// Whether no pod meets the affinity anywhere, and the pod meets it itself.
    func isFirstOfItsAffinity(_ index: ClassIndex) -> Bool {
        classes[Int(index)].affinityIncludesSelf
            && classes[Int(index)].affinity.allSatisfy { counters[Int($0.counter)].total == 0 }
    }

    // MARK: Devices

    /// Whether exactly these GPU devices of the node can be given to a pod of the class.
    public func fitDevices(_ index: ClassIndex, _ node: NodeIndex, _ wanted: DeviceSet) -> Bool {
        guard hasNode(node) else { return false }
        return devices.fits(Int(node), wanted, classes[Int(index)].need)
    }

    /// The tightest devices for a pod of the class: a share goes to the fullest device that still holds it.
    ///
    /// - Returns: nil where the node cannot hold it; an empty set for a pod without GPUs.
    public func chooseDevices(_ index: ClassIndex, _ node: NodeIndex) -> DeviceSet? {
        guard hasNode(node) else { return nil }
        let need = classes[Int(index)].need
        return need.count == 0 ? DeviceSet() : devices.choose(Int(node), need)
    }
}
