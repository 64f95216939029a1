import ClusterModel

/// The filters about volumes, as Kubernetes' VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone have them.
extension Cell {
    /// Compiles what volumes ask; `own` makes a set of nodes that is part of the class's conditions.
    mutating func compileVolumes(
        _ needs: VolumeNeeds, own: (NodeCondition, inout NodeTable) -> Int32,
        side: (NodeCondition, inout NodeTable) -> Int32
    ) -> VolumeRules {
        var sets: ContiguousArray<(set: Int32, reason: Reason)> = []
        func require(_ selector: NodeSelector?, _ reason: Reason, _ table: inout NodeTable) {
            let condition = selector.map { NodeCondition.affinity([:], $0) } ?? .named([])
            sets.append((own(condition, &table), reason))
        }
        if !needs.blockers.isEmpty { require(nil, .volumes(needs.blockers[0]), &nodes) }
        for selector in needs.bound { require(selector, .volumeNodeAffinity, &nodes) }
        for selector in needs.zones { require(selector, .volumeZone, &nodes) }
        var claims: ContiguousArray<VolumeRules.Claim> = []
        for need in needs.claims {
            // Without a choice among volumes nothing depends on other pods.
            if need.candidates.isEmpty, need.topologyKeys.isEmpty {
                if !need.isMade || need.madeIn != nil { require(need.isMade ? need.madeIn : nil, .volumeBind, &nodes) }
                continue
            }
            var claim = VolumeRules.Claim(
                claim: volumes.names.intern("c " + need.name), candidates: [], isMade: need.isMade, madeSet: -1,
                keys: [])
            for candidate in need.candidates {
                let set = candidate.nodes.map { side(.affinity([:], $0), &nodes) } ?? -1
                claim.candidates.append((volumes.names.intern("v " + candidate.volume), set))
            }
            if let madeIn = need.madeIn { claim.madeSet = side(.affinity([:], madeIn), &nodes) }
            claim.keys = ContiguousArray(need.topologyKeys.map { nodes.strings.intern($0) })
            claims.append(claim)
        }
        return VolumeRules(
            blockers: needs.blockers.map { .volumes($0) }, sets: sets, claims: claims,
            attachments: ContiguousArray(
                needs.attachments.map { item in
                    VolumeRules.Attachment(
                        volume: volumes.names.intern("a \(item.driver) \(item.volume)"),
                        limit: resources.number(VolumeNeeds.limitResource(ofDriver: item.driver)))
                }),
            exclusive: ContiguousArray(needs.exclusive.map { volumes.names.intern("c " + $0) }),
            disks: ContiguousArray(
                needs.disks.map { VolumeRules.Disk(disk: volumes.names.intern("d " + $0.name), mayShare: $0.mayShare) })
        )
    }

    /// Counts the volumes of a pod that is placed, or takes them out.
    mutating func countVolumes(_ rules: VolumeRules, _ node: NodeIndex, isAdded: Bool) {
        guard isAdded else { return volumes.remove(rules, from: node) }
        let table = nodes
        volumes.add(rules, on: node) { claim, taken in
            let free = claim.candidates.first { candidate in
                !taken.contains(candidate.volume) && (candidate.set < 0 || table.meets(candidate.set, Int(node)))
            }
            return free?.volume ?? -1
        }
    }

    /// The refusal of every node, where something about the volumes must be mended first.
    func volumesBlock(_ index: ClassIndex) -> Fit? {
        guard let rules = classes[Int(index)].volumes, !rules.blockers.isEmpty else { return nil }
        return .unresolvable(rules.blockers)
    }

    /// What one of the filters about volumes says of a node.
    func volumeFit(_ filter: FilterPlugin, _ index: ClassIndex, _ node: Int) -> Fit {
        guard let rules = classes[Int(index)].volumes else { return .fits }
        switch filter {
        case .volumeRestrictions:
            if !disksFree(rules, NodeIndex(node)) { return .rejected([.disk]) }
            return rules.exclusive.allSatisfy { volumes.users[$0] == nil } ? .fits : .rejected([.exclusiveVolume])
        case .nodeVolumeLimits: return attaches(rules, NodeIndex(node)) ? .fits : .rejected([.volumeLimit])
        case .volumeBinding:
            if !meets(rules, .volumeNodeAffinity, node) { return .unresolvable([.volumeNodeAffinity]) }
            return meets(rules, .volumeBind, node) && claimsFit(rules, node) ? .fits : .unresolvable([.volumeBind])
        case .volumeZone: return meets(rules, .volumeZone, node) ? .fits : .unresolvable([.volumeZone])
        default: return .fits
        }
    }

    private func meets(_ rules: VolumeRules, _ reason: Reason, _ node: Int) -> Bool {
        rules.sets.allSatisfy { $0.reason != reason || nodes.meets($0.set, node) }
    }

    private func disksFree(_ rules: VolumeRules, _ node: NodeIndex) -> Bool {
        guard !rules.disks.isEmpty, let there = volumes.disks[node] else { return true }
        return rules.disks.allSatisfy { mine in
            there.allSatisfy { $0.disk != mine.disk || $0.mayShare && mine.mayShare }
        }
    }

    /// Whether the node's drivers can attach those volumes of the pod that are not attached there yet.
    private func attaches(_ rules: VolumeRules, _ node: NodeIndex) -> Bool {
        var more: [Int: Int] = [:]
        for item in rules.attachments where volumes.attached[node]?[item.volume] == nil {
            more[item.limit, default: 0] += 1
        }
        return more.allSatisfy { limit, count in
            // A node that does not say attaches any number.
            let most = resources.allocatable[limit][Int(node)]
            return most == 0 || Int64(volumes.count(limit, on: node) + count) <= most
        }
    }

    /// Whether every claim of the pod can get a volume of its own that the node reaches.
    ///
    /// Source: Kubernetes' `findMatchingVolumes` and `checkVolumeProvisions`.
    private func claimsFit(_ rules: VolumeRules, _ node: Int) -> Bool {
        var chosen: Set<Int32> = []
        for claim in rules.claims {
            if let binding = volumes.bindings[claim.claim] {
                guard reaches(claim, binding, node) else { return false }
                continue
            }
            let free = claim.candidates.first { candidate in
                !volumes.taken.contains(candidate.volume) && !chosen.contains(candidate.volume)
                    && (candidate.set < 0 || nodes.meets(candidate.set, node))
            }
            if let free {
                chosen.insert(free.volume)
            } else if !claim.isMade || claim.madeSet >= 0 && !nodes.meets(claim.madeSet, node) {
                return false
            }
        }
        return true
    }

    /// Whether a node reaches the volume that a claim has got with another pod.
    private func reaches(_ claim: VolumeRules.Claim, _ binding: VolumeTable.Binding, _ node: Int) -> Bool {
        if binding.volume >= 0 {
            guard let candidate = claim.candidates.first(where: { $0.volume == binding.volume }) else { return true }
            return candidate.set < 0 || nodes.meets(candidate.set, node)
        }
        guard hasNode(binding.node) else { return true }
        let there = nodes.rows[Int(binding.node)]
        return claim.keys.allSatisfy { there.label($0) == nodes.rows[node].label($0) }
    }
}
