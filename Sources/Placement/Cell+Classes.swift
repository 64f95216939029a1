import ClusterModel

extension Cell {
    /// The class of a scheduling spec; equal specs have the same class.
    ///
    /// The caller owns one reference to it.
    /// - Complexity: O(size of the spec) for a known spec. A new one also costs O(groups of pods that its labels meet),
    ///   and O(nodes + pods concerned) for each rule between pods that no other class has.
    public mutating func register(_ spec: SchedulingSpec) -> ClassIndex {
        let fingerprint = spec.fingerprint
        if let index = find(spec, fingerprint) {
            classes[Int(index)].references += 1
            return index
        }
        generations &+= 1
        if generations == 0 { generations = 1 }
        var record = ClassRecord(CopyOnWrite(wrappedValue: spec), generation: generations)
        record.references = 1
        compileRequests(spec, &record)
        compileConditions(spec, &record)
        record.isSimple = Cell.isSimple(spec, record)
        let index: ClassIndex
        if let free = freeClasses.popLast() {
            index = free
            classes[Int(free)] = consume record
        } else {
            index = ClassIndex(classes.count)
            classes.append(consume record)
        }
        classNumbers.insert(Int(index), hash: fingerprint)
        classCount += 1
        joinGroups(index)
        compileRules(index)
        if keepsScoringCounters { addScoringCounters(index) }
        return index
    }

    /// Keeps a class registered until `release(class:)` is called once more.
    public mutating func retain(class index: ClassIndex) {
        precondition(hasClass(index), "no such class")
        classes[Int(index)].references += 1
    }

    /// Gives up one reference to a class.
    ///
    /// One that has neither references nor placed pods may be forgotten, after which
    /// its index means another class.
    public mutating func release(class index: ClassIndex) {
        guard hasClass(index), classes[Int(index)].references > 0 else { return }
        classes[Int(index)].references -= 1
        if classes[Int(index)].references == 0, classes[Int(index)].podCount == 0 { becomeIdle(index) }
    }

    /// Lines a class up to be forgotten, and forgets those that waited longest.
    mutating func becomeIdle(_ index: ClassIndex) {
        idleClasses.append((index, classes[Int(index)].generation))
        guard idleClasses.count > 2 * idleClassLimit else { return }
        // Of classes that became idle several times the last time counts.
        var seen: Set<ClassIndex> = []
        var idle: ContiguousArray<(index: ClassIndex, generation: UInt32)> = []
        var anchors: Set<LabelAnchor> = []
        for item in idleClasses.reversed() where isIdle(item.index, item.generation) && seen.insert(item.index).inserted
        {
            if idle.count < idleClassLimit { idle.append(item) } else { forget(item.index, &anchors) }
        }
        // The lists by label are gone through once for all the classes that went.
        let classes = classes
        for anchor in anchors {
            classesByAnchor[anchor]?.removeAll { classes[Int($0)].generation == 0 }
            if classesByAnchor[anchor]?.isEmpty ?? false { classesByAnchor[anchor] = nil }
        }
        idleClasses = ContiguousArray(idle.reversed())
    }

    private func isIdle(_ index: ClassIndex, _ generation: UInt32) -> Bool {
        let record = classes[Int(index)]
        return record.generation == generation && record.references == 0 && record.podCount == 0
    }

    private mutating func forget(_ index: ClassIndex, _ anchors: inout Set<LabelAnchor>) {
        let record = classes[Int(index)]
        forgetSpreadHolder(index)
        for number in record.ownedCounters { releaseCounter(number) }
        for number in record.ownedSets { nodes.releaseSet(number) }
        for group in record.groups {
            if groups[Int(group)].references > 0 { groups[Int(group)].members.removeAll { $0 == index } }
        }
        for (key, value) in record.spec.labels where indexesClasses {
            anchors.insert(LabelAnchor(key: key, value: value))
        }
        classCount -= 1
        classNumbers.remove(hash: record.spec.fingerprint) { $0 == index }
        classes[Int(index)] = ClassRecord(CopyOnWrite(wrappedValue: SchedulingSpec()), generation: 0)
        freeClasses.append(index)
    }

    // MARK: Finding

    /// The class of a spec, or nil where it is not registered.
    func find(_ spec: SchedulingSpec) -> ClassIndex? { find(spec, spec.fingerprint) }

    private func find(_ spec: SchedulingSpec, _ fingerprint: UInt32) -> ClassIndex? {
        classNumbers.number(hash: fingerprint) { classes[$0].spec == spec }.map { ClassIndex($0) }
    }

    // MARK: Compilation

    private static func isSimple(_ spec: SchedulingSpec, _ record: borrowing ClassRecord) -> Bool {
        record.ports.isEmpty && record.images.isEmpty && record.need.count == 0 && spec.affinity.isEmpty
            && record.volumes?.isDynamic != true
            && spec.topologySpreadConstraints.isEmpty && spec.serviceSelector == nil && !record.isHuge
            && record.requests.allSatisfy { $0.resource <= ResourceID.memory || $0.resource == ResourceID.pods }
    }

    private mutating func compileRequests(_ spec: SchedulingSpec, _ record: inout ClassRecord) {
        var whole: Int64 = 0
        var share: Int64 = 0
        record.requests.reserveCapacity(spec.requests.count + 1)
        record.requests.append(ResourceAmount(resource: ResourceID.pods, amount: 1))
        for (name, quantity) in spec.requests where quantity > .zero {
            let resource = resources.number(name)
            let amount = Amount.request(quantity, resource)
            switch resource {
            case ResourceID.device: whole = amount
            case ResourceID.share: share = amount
            case ResourceID.pods: continue  // A pod is one pod, whatever it asks for.
            default: record.requests.append(ResourceAmount(resource: resource, amount: amount))
            }
            if amount >= Amount.huge { record.isHuge = true }
        }
        record.need = DeviceNeed(whole: whole, share: share)
        if whole > 0 {
            let devices = share > 0 ? whole + 1 : whole
            record.requests.append(ResourceAmount(resource: ResourceID.device, amount: devices))
        } else if share > 0 {
            record.requests.append(ResourceAmount(resource: ResourceID.share, amount: share))
        }
        record.requests.sort { $0.resource < $1.resource }
        record.scoringCPU = min(max(0, spec.scoringCPUMilli), Amount.largestRequest)
        record.scoringMemory = min(max(0, spec.scoringMemoryBytes), Amount.largestRequest)
        if max(record.scoringCPU, record.scoringMemory) >= Amount.huge { record.isHuge = true }
        for port in spec.hostPorts { record.ports.append(hostPorts.intern(port)) }
        for image in spec.images { record.images.append(nodes.strings.intern(Cell.normalizedImage(image))) }
    }

    /// An image's name with the tag that stands for none.
    static func normalizedImage(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let colon = bytes.lastIndex(of: UInt8(ascii: ":")) ?? -1
        let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1
        return colon <= slash ? name + ":latest" : name
    }

    private mutating func compileConditions(_ spec: SchedulingSpec, _ record: inout ClassRecord) {
        let isOpen =
            spec.nodeName == nil && spec.tolerations.isEmpty && spec.nodeSelector.isEmpty
            && spec.affinity.requiredNodes == nil && !spec.hasVolumeNeeds
        if isOpen, let open = openSets {
            for set in [open.taint, open.cordon, open.all] { nodes.retainSet(numbered: set) }
            (record.taintSet, record.cordonSet, record.staticSet) = open
            record.ownedSets = [open.taint, open.cordon, open.all]
            return
        }
        var parts: [Int32] = []
        func own(_ condition: NodeCondition, _ table: inout NodeTable) -> Int32 {
            let set = table.retainSet(condition)
            parts.append(set)
            return set
        }
        if let name = spec.nodeName { record.nameSet = own(.named([name]), &nodes) }
        record.taintSet = own(Cell.taintCondition(spec), &nodes)
        if let condition = Cell.affinityCondition(spec) { record.affinitySet = own(condition, &nodes) }
        if let names = Cell.outrightNames(spec) {
            record.outrightSet = own(.named(names), &nodes)
            record.namesConflict = names.isEmpty
        }
        if !spec.tolerations.contains(where: { $0.tolerates(.unschedulable) }) {
            record.cordonSet = own(.schedulable, &nodes)
        }
        var others: [Int32] = []
        if let needs = spec.volumes {
            record.volumes = compileVolumes(
                needs, own: own,
                side: { condition, table in
                    let set = table.retainSet(condition)
                    others.append(set)
                    return set
                })
        }
        record.staticSet = nodes.retainSet(.all(parts.sorted()))
        record.ownedSets = ContiguousArray(parts)
        record.ownedSets.append(record.staticSet)
        record.ownedSets += others
        guard isOpen else { return }
        // Most pods set no conditions, so these sets stay.
        openSets = (record.taintSet, record.cordonSet, record.staticSet)
        for set in record.ownedSets { nodes.retainSet(numbered: set) }
    }

    static func taintCondition(_ spec: SchedulingSpec) -> NodeCondition {
        // For how long a taint is borne is no matter of placement.
        .taints(
            spec.tolerations.map { toleration in
                var toleration = toleration
                toleration.tolerationSeconds = nil
                return toleration
            })
    }

    /// The node names that the required node affinity asks for, where every one of its terms asks for some; else nil.
    ///
    /// Source: the PreFilter of Kubernetes' node_affinity.go, which then does not look at other nodes at all.
    static func outrightNames(_ spec: SchedulingSpec) -> [String]? {
        guard let terms = spec.affinity.requiredNodes?.terms, !terms.isEmpty else { return nil }
        var all: Set<String> = []
        for term in terms {
            var names: Set<String>?
            for field in term.matchFields where field.key == "metadata.name" && field.operator == .in {
                names = names?.intersection(field.values) ?? Set(field.values)
            }
            guard let names else { return nil }
            all.formUnion(names)
        }
        return all.sorted()
    }

    static func affinityCondition(_ spec: SchedulingSpec) -> NodeCondition? {
        spec.nodeSelector.isEmpty && spec.affinity.requiredNodes == nil
            ? nil : .affinity(spec.nodeSelector, spec.affinity.requiredNodes)
    }

    private mutating func compileRules(_ index: ClassIndex) {
        guard !classes[Int(index)].isSimple else { return }
        let spec = classes[Int(index)].spec
        let hard = spec.topologySpreadConstraints.filter { $0.whenUnsatisfiable == .doNotSchedule }
        classes[Int(index)].spread = compileSpread(hard, of: index, selector: nil)
        noteSpreadHolder(index)
        let required = spec.affinity.requiredPods
        if !required.isEmpty {
            let parts = required.map { PodCondition.Part($0, of: spec) }
            let condition = PodCondition(parts: parts)
            for term in required {
                let item = ownCounter(.selected(group(condition)), key: term.topologyKey, of: index)
                classes[Int(index)].affinity.append(item)
            }
            let labels = labels(ofNamespace: spec.namespace)
            classes[Int(index)].affinityIncludesSelf = condition.matches(spec, namespaceLabels: labels)
            hold(.required, required, of: index, onlyForScoring: true)
        }
        for term in spec.affinity.requiredAntiPods {
            let condition = PodCondition(parts: [PodCondition.Part(term, of: spec)])
            let item = ownCounter(.selected(group(condition)), key: term.topologyKey, of: index)
            classes[Int(index)].anti.append(item)
        }
        hold(.requiredAnti, spec.affinity.requiredAntiPods, of: index, onlyForScoring: false)
    }

    /// Compiles constraints for a class, with counters that the class owns.
    ///
    /// - Parameter selector: stands in for the constraints' own selectors, as for a profile's default constraints.
    mutating func compileSpread(
        _ constraints: [TopologySpreadConstraint], of index: ClassIndex, selector: LabelSelector?
    ) -> ContiguousArray<SpreadRule> {
        guard !constraints.isEmpty else { return [] }
        let spec = classes[Int(index)].spec
        let keys = Set(constraints.map(\.topologyKey)).sorted()
        var rules: ContiguousArray<SpreadRule> = []
        for constraint in constraints {
            let effective = selector ?? constraint.effectiveSelector(for: spec.labels)
            let eligible = eligibleSet(constraint, keys: keys, of: index)
            let number = group(PodCondition(parts: [.init(namespace: spec.namespace, selector: effective)]))
            let item = ownCounter(
                .selected(number), key: constraint.topologyKey, of: index, eligible: eligible, spreads: true,
                passesOverLeaving: true)
            rules.append(
                SpreadRule(
                    counter: item.counter, topology: item.topology, maxSkew: Int64(constraint.maxSkew),
                    minDomains: constraint.minDomains ?? 1, own: effective?.matches(spec.labels) ?? false ? 1 : 0))
        }
        return rules
    }

    /// The nodes whose pods a constraint counts: those with all the keys, and those that its policies leave.
    private mutating func eligibleSet(
        _ constraint: TopologySpreadConstraint, keys: [String], of index: ClassIndex
    ) -> Int32 {
        var parts: [Int32] = []
        if !keys.isEmpty { parts.append(nodes.retainSet(.keys(keys))) }
        if constraint.nodeAffinityPolicy == .honor, let condition = Cell.affinityCondition(classes[Int(index)].spec) {
            parts.append(nodes.retainSet(condition))
        }
        if constraint.nodeTaintsPolicy == .honor {
            parts.append(nodes.retainSet(Cell.taintCondition(classes[Int(index)].spec)))
        }
        let set = nodes.retainSet(.all(parts.sorted()))
        classes[Int(index)].ownedSets += parts
        classes[Int(index)].ownedSets.append(set)
        return set
    }

    /// Enters the class as a holder of terms, so that its pods are seen by those that the terms concern.
    mutating func hold(
        _ kind: HeldTerm.Kind, _ terms: [PodAffinityTerm], of index: ClassIndex, onlyForScoring: Bool
    ) {
        guard keepsScoringCounters || !onlyForScoring else { return }
        for term in terms {
            let condition = PodCondition(parts: [PodCondition.Part(term, of: classes[Int(index)].spec)])
            let held = HeldTerm(kind: kind, group: group(condition))
            let item = ownCounter(.holding(held), key: term.topologyKey, of: index)
            addContribution(item.counter, of: index)
        }
    }
}
