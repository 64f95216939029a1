import ClusterModel

extension Cell {
    // MARK: Groups

    /// The number of the group of pods that meet a condition; it lives as long as a counter of it.
    mutating func group(_ condition: PodCondition) -> Int32 {
        if let number = groupNumbers[condition] { return number }
        var entry = PodGroupEntry(condition: condition)
        entry.members = members(of: condition)
        let number: Int32
        if let free = freeGroups.popLast() {
            number = free
            groups[Int(free)] = entry
        } else {
            number = Int32(groups.count)
            groups.append(entry)
        }
        groupNumbers[condition] = number
        if let anchor = condition.anchor {
            groupsByAnchor[anchor, default: []].append(number)
        } else {
            groupsWithoutAnchor.append(number)
        }
        for member in entry.members { classes[Int(member)].groups.append(number) }
        return number
    }

    /// The registered classes whose pods meet a condition.
    private mutating func members(of condition: PodCondition) -> ContiguousArray<ClassIndex> {
        if condition.isImpossible { return [] }
        let candidates: ContiguousArray<ClassIndex>
        if let anchor = condition.anchor {
            indexClasses()
            candidates = classesByAnchor[anchor] ?? []
        } else {
            candidates = ContiguousArray(classes.indices.lazy.map { ClassIndex($0) })
        }
        return candidates.filter { index in
            guard hasClass(index) else { return false }
            let spec = classes[Int(index)].spec
            return condition.matches(spec, namespaceLabels: labels(ofNamespace: spec.namespace))
        }
    }

    /// Begins to keep the classes by label.
    private mutating func indexClasses() {
        guard !indexesClasses else { return }
        indexesClasses = true
        for index in classes.indices where classes[index].generation != 0 {
            for (key, value) in classes[index].spec.labels {
                classesByAnchor[LabelAnchor(key: key, value: value), default: []].append(ClassIndex(index))
            }
        }
    }

    /// Makes a new class a member of the groups that select it.
    mutating func joinGroups(_ index: ClassIndex) {
        var candidates = groupsWithoutAnchor
        for (key, value) in classes[Int(index)].spec.labels where indexesClasses {
            let anchor = LabelAnchor(key: key, value: value)
            classesByAnchor[anchor, default: []].append(index)
            if !groupsByAnchor.isEmpty { candidates += groupsByAnchor[anchor] ?? [] }
        }
        guard !candidates.isEmpty else { return }
        let spec = classes[Int(index)].spec
        let namespaceLabels = labels(ofNamespace: spec.namespace)
        candidates.sort()
        for number in candidates where groups[Int(number)].condition.matches(spec, namespaceLabels: namespaceLabels) {
            join(index, group: number)
        }
    }

    private mutating func join(_ index: ClassIndex, group number: Int32) {
        groups[Int(number)].members.append(index)
        classes[Int(index)].groups.append(number)
        for counter in groups[Int(number)].counters { attach(counter, to: index) }
        touchPods(of: index)
    }

    private mutating func leave(_ index: ClassIndex, group number: Int32) {
        for counter in groups[Int(number)].counters { detach(counter, from: index) }
        groups[Int(number)].members.removeAll { $0 == index }
        classes[Int(index)].groups.removeAll { $0 == number }
        touchPods(of: index)
    }

    /// Notes the nodes of a class's pods as changed: counters that others have read there counted them anew.
    private mutating func touchPods(of index: ClassIndex) {
        var pod = classes[Int(index)].firstPod
        while pod >= 0 {
            touch(Int(pods[pod].node))
            pod = pods[pod].nextOfClass
        }
    }

    private mutating func freeGroup(_ number: Int32) {
        let entry = groups[Int(number)]
        for member in entry.members { classes[Int(member)].groups.removeAll { $0 == number } }
        groupNumbers[entry.condition] = nil
        if let anchor = entry.condition.anchor {
            groupsByAnchor[anchor]?.removeAll { $0 == number }
            if groupsByAnchor[anchor]?.isEmpty ?? false { groupsByAnchor[anchor] = nil }
        } else {
            groupsWithoutAnchor.removeAll { $0 == number }
        }
        groups[Int(number)] = PodGroupEntry(condition: PodCondition(parts: []))
        freeGroups.append(number)
    }

    // MARK: Counters

    /// The topology of a label key, worked out from the nodes' labels if it is new.
    mutating func topology(_ key: String) -> Int32 {
        let label = nodes.strings.intern(key)
        if let number = topologyNumbers[label] { return number }
        let number = Int32(topologies.count)
        var topology = Topology(key: label)
        topology.grow(to: nodes.capacity)
        nodes.present.forEach { topology.set($0, value: nodes.rows[$0].label(label)) }
        topologies.append(topology)
        topologyNumbers[label] = number
        return number
    }

    /// A counter that the class keeps alive.
    mutating func ownCounter(
        _ counted: CountedPods, key: String, of index: ClassIndex, eligible: Int32 = -1, spreads: Bool = false,
        passesOverLeaving: Bool = false
    ) -> Contribution {
        let topology = topology(key)
        let number = retainCounter(
            CounterKey(
                counted: counted, topology: topology, eligible: eligible, spreads: spreads,
                passesOverLeaving: passesOverLeaving))
        classes[Int(index)].ownedCounters.append(number)
        return Contribution(counter: number, topology: topology, amount: 1)
    }

    /// The number of a counter; the caller owns one reference to it.
    ///
    /// - Complexity: O(1) for a known counter, O(nodes + pods counted) for a new one.
    mutating func retainCounter(_ key: CounterKey) -> Int32 {
        if let number = counterNumbers[key] {
            counters[Int(number)].references += 1
            return number
        }
        var counter = DomainCounter(key)
        counter.references = 1
        let number: Int32
        if let free = freeCounters.popLast() {
            number = free
            counters[Int(free)] = counter
        } else {
            number = Int32(counters.count)
            counters.append(counter)
        }
        counterNumbers[key] = number
        liveCounters.insert(number)
        if key.eligible >= 0 || key.spreads { nodes.present.forEach { join($0, number) } }
        let group = key.counted.group
        groups[Int(group)].counters.append(number)
        groups[Int(group)].references += 1
        for member in groups[Int(group)].members { attach(number, to: member) }
        return number
    }

    /// Gives up one reference to a counter; the last one frees it.
    mutating func releaseCounter(_ number: Int32) {
        counters[Int(number)].references -= 1
        guard counters[Int(number)].references == 0 else { return }
        let key = counters[Int(number)].key
        let group = key.counted.group
        for member in groups[Int(group)].members { forget(number, in: member) }
        groups[Int(group)].counters.removeAll { $0 == number }
        groups[Int(group)].references -= 1
        if groups[Int(group)].references == 0 { freeGroup(group) }
        counterNumbers[key] = nil
        counters[Int(number)] = DomainCounter(key)
        liveCounters.remove(number)
        freeCounters.append(number)
    }

    /// Tells a class of a counter that it changes or reads because a group selects it.
    private mutating func attach(_ number: Int32, to index: ClassIndex) {
        let key = counters[Int(number)].key
        switch key.counted {
        case .selected: if counts(index, for: key) { addContribution(number, of: index) }
        case .holding(let term):
            let item = Contribution(counter: number, topology: key.topology, amount: 1)
            switch term.kind {
            case .requiredAnti: classes[Int(index)].antiHolders.append(item)
            case .required: classes[Int(index)].affinityHolders.append(item)
            case .preferred(let weight):
                classes[Int(index)].preferredHolders.append(
                    WeightedCounter(counter: number, topology: key.topology, weight: weight))
            }
            classes[Int(index)].revision &+= 1
        }
        rulesRevision &+= 1
    }

    private mutating func detach(_ number: Int32, from index: ClassIndex) {
        let key = counters[Int(number)].key
        if case .selected = key.counted, counts(index, for: key) { countPods(of: index, in: number, sign: -1) }
        forget(number, in: index)
    }

    /// Whether a counter counts the pods of a class that it selects.
    ///
    /// Source: countPodsMatchSelector in Kubernetes' podtopologyspread/common.go.
    private func counts(_ index: ClassIndex, for key: CounterKey) -> Bool {
        !key.passesOverLeaving || !classes[Int(index)].spec.isTerminating
    }

    /// Strikes a counter from what a class changes and reads.
    private mutating func forget(_ number: Int32, in index: ClassIndex) {
        if case .selected = counters[Int(number)].key.counted {
            classes[Int(index)].contributions.removeAll { $0.counter == number }
        } else {
            classes[Int(index)].antiHolders.removeAll { $0.counter == number }
            classes[Int(index)].affinityHolders.removeAll { $0.counter == number }
            classes[Int(index)].preferredHolders.removeAll { $0.counter == number }
        }
        classes[Int(index)].revision &+= 1
        rulesRevision &+= 1
    }

    /// Lets the pods of a class count in a counter, those placed already too.
    mutating func addContribution(_ number: Int32, of index: ClassIndex) {
        let topology = counters[Int(number)].key.topology
        classes[Int(index)].contributions.append(Contribution(counter: number, topology: topology, amount: 1))
        countPods(of: index, in: number, sign: 1)
    }

    private mutating func countPods(of index: ClassIndex, in number: Int32, sign: Int32) {
        let topology = Int(counters[Int(number)].key.topology)
        var pod = classes[Int(index)].firstPod
        while pod >= 0 {
            let record = pods[pod]
            let domain = topologies[topology].domainOf[Int(record.node)]
            if domain >= 0, counters[Int(number)].counts(node: Int(record.node)) {
                counters[Int(number)].add(domain, sign)
            }
            pod = record.nextOfClass
        }
    }

    // MARK: Namespaces

    /// Declares a namespace's labels, which the namespace selectors of affinity terms look at.
    ///
    /// - Returns: `.namespaceLabels` where they changed.
    /// - Complexity: O(groups with a namespace selector × classes of the namespace).
    @discardableResult
    public mutating func setNamespace(_ name: String, labels: [String: String]) -> ClusterEvents {
        var labels = labels
        labels["kubernetes.io/metadata.name"] = name
        let old = self.labels(ofNamespace: name)
        namespaces[name] = labels
        guard old != labels else { return [] }
        for number in groups.indices where groups[number].references > 0 {
            guard groups[number].condition.looksAtNamespaceLabels else { continue }
            let condition = groups[number].condition
            for index in classes.indices where classes[index].generation != 0 {
                guard classes[index].spec.namespace == name else { continue }
                let before = groups[number].members.contains(ClassIndex(index))
                let after = condition.matches(classes[index].spec, namespaceLabels: labels)
                if before, !after { leave(ClassIndex(index), group: Int32(number)) }
                if after, !before { join(ClassIndex(index), group: Int32(number)) }
            }
        }
        for index in classes.indices where classes[index].spec.namespace == name {
            let spec = classes[index].spec
            guard !spec.affinity.requiredPods.isEmpty else { continue }
            let parts = spec.affinity.requiredPods.map { PodCondition.Part($0, of: spec) }
            classes[index].affinityIncludesSelf = PodCondition(parts: parts).matches(spec, namespaceLabels: labels)
            classes[index].revision &+= 1
        }
        return .namespaceLabels
    }
}
