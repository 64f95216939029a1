import ClusterModel

/// Every score of every candidate node, worked out by plain loops, plug-in by plug-in.
///
/// The reference for the fast paths, and what explanations show; it costs O(candidates × rules).
struct ScoreTable {
    let nodes: [NodeIndex]
    /// Raw scores by plug-in, in the order of `nodes`.
    var raw: [ScorePlugin: [Int64]] = [:]
    /// The same, normalised to 0–100.
    var normalized: [ScorePlugin: [Int64]] = [:]
    /// Plug-ins of the profile that add nothing for this pod.
    var skipped: Set<ScorePlugin> = []
    /// The weighted sums.
    var totals: [Int64]

    /// - Parameter losses: what LearnedPrices says of each of the nodes, where there are prices.
    init(_ rules: ScoringRules, _ index: ClassIndex, _ nodes: [NodeIndex], _ cell: Cell, losses: [Int64]? = nil) {
        self.nodes = nodes
        if let losses { raw[.learnedPrices] = losses }
        totals = Array(repeating: 0, count: nodes.count)
        for plugin in ScorePlugin.allCases {
            guard let weight = rules.weights[plugin] else { continue }
            guard let scores = score(plugin, rules, index, cell) else {
                skipped.insert(plugin)
                continue
            }
            normalized[plugin] = scores
            for position in nodes.indices { totals[position] += weight * scores[position] }
        }
    }

    /// The normalised scores of a plug-in, or nil where it skips the pod.
    private mutating func score(
        _ plugin: ScorePlugin, _ rules: ScoringRules, _ index: ClassIndex, _ cell: Cell
    ) -> [Int64]? {
        switch plugin {
        case .taintToleration:
            let raw = nodes.map { cell.avoidedTaints(rules.tolerations, Int($0)) }
            self.raw[plugin] = raw
            return Normalization.proportional(raw, reversed: true)
        case .nodeAffinity:
            guard !rules.preferredNodes.isEmpty else { return nil }
            let raw = nodes.map { cell.preference(rules, Int($0)) }
            self.raw[plugin] = raw
            return Normalization.proportional(raw, reversed: false)
        case .nodeResourcesFit: return keep(plugin, nodes.map { rules.local.fit(cell.resources, Int($0)) })
        case .nodeResourcesBalancedAllocation:
            guard rules.local.balancedWeight != 0 else { return nil }
            return keep(plugin, nodes.map { rules.local.balanced(cell.resources, Int($0)) })
        case .imageLocality: return keep(plugin, nodes.map { rules.local.imageLocality(cell, Int($0)) })
        case .podTopologySpread: return spreadScores(rules, cell)
        case .interPodAffinity:
            guard cell.hasNeighbourScores(rules, index) else { return nil }
            let raw = nodes.map { cell.neighbourScore(rules, index, Int($0)) }
            self.raw[plugin] = raw
            return Normalization.between(raw)
        case .learnedPrices:
            // The losses keep their step and are moved so that the best node has 100; those far behind are below zero.
            guard let losses = raw[plugin] else {
                return keep(plugin, nodes.map { rules.local.fit(cell.resources, Int($0)) })
            }
            guard let best = losses.max() else { return [] }
            return losses.map { 100 + $0 - best }
        case .gpuReserve:
            guard cell.classes[Int(index)].need.count == 0 else { return nil }
            return keep(plugin, nodes.map { LocalScoring.reserve(cell, Int($0)) })
        case .serviceBalance:
            guard !rules.service.isEmpty else { return nil }
            return keep(plugin, nodes.map { cell.serviceBalance(rules, Int($0)) })
        }
    }

    private mutating func keep(_ plugin: ScorePlugin, _ scores: [Int64]) -> [Int64] {
        raw[plugin] = scores
        return scores
    }

    private mutating func spreadScores(_ rules: ScoringRules, _ cell: Cell) -> [Int64]? {
        guard !rules.soft.isEmpty else { return nil }
        let scored = nodes.map { rules.softSet < 0 || cell.nodes.meets(rules.softSet, Int($0)) }
        let participants = scored.reduce(0) { $0 + ($1 ? 1 : 0) }
        let weights = rules.soft.map { constraint in
            if constraint.isHostname { return Normalization.topologyWeight(participants) }
            var domains: Set<Int32> = []
            for (position, node) in nodes.enumerated() where scored[position] {
                let domain = cell.topologies[Int(constraint.topology)].domainOf[Int(node)]
                // A node without the label counts as one more domain, the empty value.
                domains.insert(domain)
            }
            return Normalization.topologyWeight(domains.count)
        }
        let raw = nodes.enumerated().map { position, node in
            scored[position] ? cell.spreadScore(rules.soft, ContiguousArray(weights), Int(node)) : -1
        }
        self.raw[.podTopologySpread] = raw
        return Normalization.spread(raw)
    }
}

/// How Kubernetes brings raw scores to 0–100.
enum Normalization {
    /// Source: `DefaultNormalizeScore`.
    static func proportional(_ raw: [Int64], reversed: Bool) -> [Int64] {
        let most = raw.max() ?? 0
        return raw.map { proportional($0, most: most, reversed: reversed) }
    }

    @inline(__always)
    static func proportional(_ raw: Int64, most: Int64, reversed: Bool) -> Int64 {
        if most == 0 { return reversed ? 100 : 0 }
        let score = 100 * raw / most
        return reversed ? 100 - score : score
    }

    /// Source: interpodaffinity/scoring.go.
    static func between(_ raw: [Int64]) -> [Int64] {
        guard let least = raw.min(), let most = raw.max() else { return [] }
        return raw.map { between($0, least, most) }
    }

    @inline(__always)
    static func between(_ raw: Int64, _ least: Int64, _ most: Int64) -> Int64 {
        most > least ? Int64(100 * (Double(raw - least) / Double(most - least))) : 0
    }

    /// Source: podtopologyspread/scoring.go; raw scores below zero are nodes left out.
    static func spread(_ raw: [Int64]) -> [Int64] {
        let counted = raw.filter { $0 >= 0 }
        let least = counted.min() ?? 0
        let most = counted.max() ?? 0
        return raw.map { spread($0, least, most) }
    }

    @inline(__always)
    static func spread(_ raw: Int64, _ least: Int64, _ most: Int64) -> Int64 {
        if raw < 0 { return 0 }
        return most == 0 ? 100 : 100 * (most + least - raw) / most
    }

    /// `ln(domains + 2)`, so that constraints over few and over many domains weigh alike.
    static func topologyWeight(_ domains: Int) -> Double { Logarithm.natural(Double(domains + 2)) }
}

extension Cell {
    /// How many taints of the node the pod would rather avoid.
    ///
    /// Source: Kubernetes' taint_toleration.go: `PreferNoSchedule` taints not tolerated by a toleration for that effect.
    func avoidedTaints(_ tolerations: [Toleration], _ node: Int) -> Int64 {
        var count: Int64 = 0
        for taint in nodes.rows[node].taints where avoids(nodes.taints[taint], tolerations) { count += 1 }
        return count
    }

    func avoids(_ taint: Taint, _ tolerations: [Toleration]) -> Bool {
        taint.effect == .preferNoSchedule
            && !tolerations.contains {
                ($0.effect == nil || $0.effect == .preferNoSchedule) && $0.tolerates(taint)
            }
    }

    /// The sum of the weights of the preferred terms that select the node.
    func preference(_ rules: ScoringRules, _ node: Int) -> Int64 {
        var sum: Int64 = 0
        for item in rules.preferredNodes where item.matcher.matches(nodes.rows[node], nodes.strings) {
            sum += item.weight
        }
        return sum
    }

    /// The soft constraints' raw score of a node: `Σ count × weight + maxSkew − 1`, rounded.
    func spreadScore(_ soft: ContiguousArray<SoftSpread>, _ weights: ContiguousArray<Double>, _ node: Int) -> Int64 {
        var score = 0.0
        for (position, constraint) in soft.enumerated() {
            let domain = topologies[Int(constraint.topology)].domainOf[node]
            guard domain >= 0 else { continue }
            let count = Double(counters[Int(constraint.counter)][domain])
            score += count * weights[position] + Double(constraint.maxSkew - 1)
        }
        return Int64(score.rounded(.toNearestOrAwayFromZero))
    }

    /// Whether some pod placed anywhere matters to InterPodAffinity's score of the class.
    func hasNeighbourScores(_ rules: ScoringRules, _ index: ClassIndex) -> Bool {
        guard rules.looksAtPlacedTerms else { return false }
        let record = classes[Int(index)]
        return record.preferred.contains { counters[Int($0.counter)].total != 0 }
            || record.preferredHolders.contains { counters[Int($0.counter)].total != 0 }
            || rules.hardPodAffinityWeight != 0
                && record.affinityHolders.contains { counters[Int($0.counter)].total != 0 }
    }

    /// InterPodAffinity's raw score of a node.
    ///
    /// Source: interpodaffinity/scoring.go: weights of the pod's preferred terms times the pods that they select in the
    /// node's domains, and weights of the terms of placed pods that select this pod.
    @inline(__always)
    func neighbourScore(_ rules: ScoringRules, _ index: ClassIndex, _ node: Int) -> Int64 {
        let c = Int(index)
        var sum: Int64 = 0
        for position in classes[c].preferred.indices { sum &+= weighted(classes[c].preferred[position], node) }
        for position in classes[c].preferredHolders.indices {
            sum &+= weighted(classes[c].preferredHolders[position], node)
        }
        guard rules.hardPodAffinityWeight != 0 else { return sum }
        for item in classes[c].affinityHolders {
            let domain = topologies[Int(item.topology)].domainOf[node]
            if domain >= 0 { sum &+= rules.hardPodAffinityWeight &* Int64(counters[Int(item.counter)][domain]) }
        }
        return sum
    }

    @inline(__always)
    private func weighted(_ item: WeightedCounter, _ node: Int) -> Int64 {
        let domain = topologies[Int(item.topology)].domainOf[node]
        return domain >= 0 ? item.weight &* Int64(counters[Int(item.counter)][domain]) : 0
    }

    /// How few pods of the service are near: 100 where the zone and the host have the fewest of all, less with each more.
    func serviceBalance(_ rules: ScoringRules, _ node: Int) -> Int64 {
        let here = rules.service.map { item -> Int64 in
            let domain = topologies[Int(item.topology)].domainOf[node]
            return domain < 0 ? 0 : Int64(counters[Int(item.counter)][domain])
        }
        return serviceBalance(rules, zone: here[0], host: here[1])
    }

    /// The same from the numbers of pods in the zone and on the host.
    ///
    /// `100 − 75·z/(z + 2) − 25·h/(h + 2)`, where z and h are the pods more than in the emptiest zone and on the emptiest
    /// host: one pod more costs much, and a difference still counts where the emptiest domain is full. Losing a zone is
    /// the larger loss, so it weighs three times the host.
    @inline(__always)
    func serviceBalance(_ rules: ScoringRules, zone: Int64, host: Int64) -> Int64 {
        let zonesLeast = Int64(counters[Int(rules.service[0].counter)].minimum ?? 0)
        let hostsLeast = Int64(counters[Int(rules.service[1].counter)].minimum ?? 0)
        let moreInZone = max(0, zone - zonesLeast)
        let moreOnHost = max(0, host - hostsLeast)
        return 100 - 75 * moreInZone / (moreInZone + 2) - 25 * moreOnHost / (moreOnHost + 2)
    }
}
