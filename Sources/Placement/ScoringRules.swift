import ClusterModel

/// A soft spread constraint, compiled.
struct SoftSpread {
    var counter: Int32
    var topology: Int32
    var maxSkew: Int64
    var isHostname: Bool
}

/// All that a profile needs to filter and score the nodes for one class.
struct ScoringRules {
    /// The class's generation and rules when this was compiled.
    var generation: UInt32
    var added = AddedRules()
    var local = LocalScoring.empty
    /// Weights by plug-in; a plug-in that skips the pod has none.
    var weights: [ScorePlugin: Int64] = [:]
    var taintWeight: Int64 = 0
    var preferenceWeight: Int64 = 0
    var spreadWeight: Int64 = 0
    var neighbourWeight: Int64 = 0
    var serviceWeight: Int64 = 0
    var priceWeight: Int64 = 0
    /// Whether all weights are small enough for the sums of the fast path.
    var fitsFastPath = true
    /// The pod's preferred node terms and the profile's, with weights.
    var preferredNodes: ContiguousArray<(weight: Int64, matcher: NodeSelectorMatcher)> = []
    var soft: ContiguousArray<SoftSpread> = []
    /// The nodes that have every key of the soft constraints; −1 where nodes without them are scored too.
    var softSet: Int32 = -1
    var hardPodAffinityWeight: Int64 = 0
    /// Whether preferences of placed pods count for this pod.
    var looksAtPlacedTerms = true
    var tolerations: [Toleration] = []
    /// Counters of the service's pods, one for each failure domain, for ServiceBalance.
    var service: ContiguousArray<Contribution> = []

    init(generation: UInt32) { self.generation = generation }
}

extension Cell {
    /// Starts to keep the counters that only scores read.
    mutating func keepScoringCounters() {
        guard !keepsScoringCounters else { return }
        keepsScoringCounters = true
        for index in classes.indices where classes[index].generation != 0 {
            let required = classes[index].spec.affinity.requiredPods
            hold(.required, required, of: ClassIndex(index), onlyForScoring: true)
            addScoringCounters(ClassIndex(index))
        }
    }

    /// Gives a class the counters of its preferred terms, and enters it as a holder of them.
    mutating func addScoringCounters(_ index: ClassIndex) {
        guard !classes[Int(index)].hasScoringCounters else { return }
        classes[Int(index)].hasScoringCounters = true
        guard !classes[Int(index)].isSimple else { return }
        let spec = classes[Int(index)].spec
        let terms =
            spec.affinity.preferredPods.map { ($0.term, Int64($0.weight)) }
            + spec.affinity.preferredAntiPods.map { ($0.term, -Int64($0.weight)) }
        for (term, weight) in terms {
            let condition = PodCondition(parts: [PodCondition.Part(term, of: spec)])
            let item = ownCounter(.selected(group(condition)), key: term.topologyKey, of: index)
            classes[Int(index)].preferred.append(
                WeightedCounter(counter: item.counter, topology: item.topology, weight: weight))
            hold(.preferred(weight), [term], of: index, onlyForScoring: true)
        }
    }

    /// Compiles a profile's rules for a class.
    ///
    /// - Complexity: O(rules); a rule that nobody had before costs O(nodes + pods concerned).
    mutating func compile(
        _ profile: Profile, for index: ClassIndex, weights: [ScorePlugin: Int64], template: LocalScoring
    ) -> ScoringRules {
        if weights[.interPodAffinity] != nil { keepScoringCounters() }
        let c = Int(index)
        let spec = classes[c].spec
        var rules = ScoringRules(generation: classes[c].generation)
        rules.weights = weights
        rules.local = template.filled(classes[c])
        compileAdded(profile, index, &rules)
        let preferred = spec.affinity.preferredNodes + profile.addedAffinity.preferredNodes
        for item in preferred where item.weight != 0 {
            guard !item.term.matchExpressions.isEmpty || !item.term.matchFields.isEmpty else { continue }
            let matcher = NodeSelectorMatcher([item.term], strings: &nodes.strings)
            rules.preferredNodes.append((Int64(item.weight), matcher))
        }
        rules.tolerations = spec.tolerations
        rules.hardPodAffinityWeight = profile.hardPodAffinityWeight
        let hasOwn = !spec.affinity.preferredPods.isEmpty || !spec.affinity.preferredAntiPods.isEmpty
        rules.looksAtPlacedTerms = hasOwn || !profile.ignoresPreferredTermsOfExistingPods
        compileSoft(profile, index, &rules)
        compileService(profile, index, &rules)
        rules.taintWeight = rules.weights[.taintToleration] ?? 0
        rules.preferenceWeight = rules.preferredNodes.isEmpty ? 0 : rules.weights[.nodeAffinity] ?? 0
        rules.spreadWeight = rules.soft.isEmpty ? 0 : rules.weights[.podTopologySpread] ?? 0
        rules.neighbourWeight = rules.weights[.interPodAffinity] ?? 0
        rules.serviceWeight = rules.service.isEmpty ? 0 : rules.weights[.serviceBalance] ?? 0
        rules.priceWeight = rules.weights[.learnedPrices] ?? 0
        rules.fitsFastPath =
            rules.priceWeight <= PricedScore.largestWeight && rules.added.disabled.isEmpty
            && classes[Int(index)].volumes?.isDynamic != true
            && rules.weights.values.allSatisfy { (0..<1 << 20).contains($0) }
            && rules.weights.values.reduce(0, &+) < 1 << 20
        return rules
    }

    private func ignoredResources(_ profile: Profile) -> Set<Int> {
        let groups = Set(profile.fit.ignoredResourceGroups)
        var ignored: Set<Int> = []
        for (number, name) in resources.names.enumerated() {
            let prefix = name.split(separator: "/", maxSplits: 1).first.map(String.init) ?? name
            let isInGroup = name.contains("/") && groups.contains(prefix)
            if isInGroup || profile.fit.ignoredResources.contains(name) { ignored.insert(number) }
        }
        return ignored
    }

    private mutating func compileAdded(_ profile: Profile, _ index: ClassIndex, _ rules: inout ScoringRules) {
        rules.added.disabled = profile.disabledFilters
        if let required = profile.addedAffinity.requiredNodes {
            rules.added.nodeSet = nodes.retainSet(.affinity([:], required))
            classes[Int(index)].ownedSets.append(rules.added.nodeSet)
        }
        if !profile.fit.ignoredResources.isEmpty || !profile.fit.ignoredResourceGroups.isEmpty {
            rules.added.ignoredResources = ignoredResources(profile)
        }
        let spec = classes[Int(index)].spec
        guard spec.topologySpreadConstraints.isEmpty, let selector = spec.serviceSelector, !selector.isEmpty else {
            return
        }
        let hard = profile.defaultConstraints.filter { $0.whenUnsatisfiable == .doNotSchedule }
        rules.added.spread = compileSpread(hard, of: index, selector: selector)
    }

    /// Source: Kubernetes' podtopologyspread/scoring.go: the pod's own soft constraints, or the profile's for the pods of a
    /// service; under the system's constraints nodes without the labels are scored all the same.
    private mutating func compileSoft(_ profile: Profile, _ index: ClassIndex, _ rules: inout ScoringRules) {
        guard profile.runs(.podTopologySpread) else { return }
        let spec = classes[Int(index)].spec
        var constraints = spec.topologySpreadConstraints
        var selector: LabelSelector?
        if constraints.isEmpty {
            guard let service = spec.serviceSelector, !service.isEmpty else { return }
            constraints = profile.defaultConstraints
            selector = service
        }
        constraints.removeAll { $0.whenUnsatisfiable != .scheduleAnyway }
        guard !constraints.isEmpty else { return }
        let asksForAll = !spec.topologySpreadConstraints.isEmpty || !profile.usesSystemConstraints
        let keys = Set(constraints.map(\.topologyKey)).sorted()
        if asksForAll {
            rules.softSet = nodes.retainSet(.keys(keys))
            classes[Int(index)].ownedSets.append(rules.softSet)
        }
        for constraint in constraints {
            let effective = selector ?? constraint.effectiveSelector(for: spec.labels)
            let isHostname = constraint.topologyKey == "kubernetes.io/hostname"
            let eligible = isHostname ? -1 : softEligible(constraint, asksForAll ? keys : [], index)
            let number = group(PodCondition(parts: [.init(namespace: spec.namespace, selector: effective)]))
            let item = ownCounter(
                .selected(number), key: constraint.topologyKey, of: index, eligible: eligible, passesOverLeaving: true)
            rules.soft.append(
                SoftSpread(
                    counter: item.counter, topology: item.topology, maxSkew: Int64(constraint.maxSkew),
                    isHostname: isHostname))
        }
    }

    private mutating func softEligible(
        _ constraint: TopologySpreadConstraint, _ keys: [String], _ index: ClassIndex
    ) -> Int32 {
        var parts: [Int32] = []
        if !keys.isEmpty { parts.append(nodes.retainSet(.keys(keys))) }
        if constraint.nodeAffinityPolicy == .honor, let condition = Cell.affinityCondition(classes[Int(index)].spec) {
            parts.append(nodes.retainSet(condition))
        }
        if constraint.nodeTaintsPolicy == .honor {
            parts.append(nodes.retainSet(Cell.taintCondition(classes[Int(index)].spec)))
        }
        guard !parts.isEmpty else { return -1 }
        let set = nodes.retainSet(.all(parts.sorted()))
        classes[Int(index)].ownedSets += parts
        classes[Int(index)].ownedSets.append(set)
        return set
    }

    /// Counters of the pods of the same service, or with the same labels where nothing owns the pod, by zone and by host.
    private mutating func compileService(_ profile: Profile, _ index: ClassIndex, _ rules: inout ScoringRules) {
        guard profile.runs(.serviceBalance) else { return }
        let spec = classes[Int(index)].spec
        var selector = spec.serviceSelector ?? LabelSelector(matchLabels: spec.labels)
        if selector.isEmpty { selector = LabelSelector(matchLabels: spec.labels) }
        guard !selector.isEmpty else { return }
        for key in ["topology.kubernetes.io/zone", "kubernetes.io/hostname"] {
            let number = group(PodCondition(parts: [.init(namespace: spec.namespace, selector: selector)]))
            rules.service.append(
                ownCounter(.selected(number), key: key, of: index, spreads: true, passesOverLeaving: true))
        }
    }
}

/// How a loss of worth stands in the score of a node alone, which must not be below zero.
enum PricedScore {
    /// What a node has that loses nothing.
    static let none: Int64 = 1 << 30
    /// The largest loss told apart.
    static let mostSteps: Int32 = 1_000_000
    /// The largest weight of LearnedPrices in the fast path.
    static let largestWeight: Int64 = none / Int64(mostSteps)
}
