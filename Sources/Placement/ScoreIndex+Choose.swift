/// What the rules across nodes add to every node of a bucket.
struct BucketScore {
    var isFeasible = false
    var spread: Int64 = 0
    var neighbours: Int64 = 0
}

/// Room for working out a choice, kept so that nothing is allocated for each pod.
struct ChoiceScratch {
    var scores: ContiguousArray<BucketScore> = []
    var weights: ContiguousArray<Double> = []
    /// By domain: when it was last seen.
    var stamps: ContiguousArray<UInt32> = []
    var stamp: UInt32 = 0
}

extension ScoreIndex {
    /// The best node as a heap entry, with its total; nil where no node is feasible.
    ///
    /// Mutating only so that it looks at the index where it is: an element of an array would be copied out first.
    /// - Complexity: O(buckets that hold a node × rules).
    @inline(__always)
    mutating func best(
        _ cell: borrowing Cell, _ scratch: inout ChoiceScratch
    ) -> (total: Int64, node: NodeIndex)? {
        if rules.isTrivial {
            guard let top = heaps.heaps[0].first else { return nil }
            return (Int64(top >> 32), heaps.order.node(UInt32(truncatingIfNeeded: top)))
        }
        return bestOfBuckets(cell, &scratch)
    }

    private mutating func bestOfBuckets(
        _ cell: borrowing Cell, _ scratch: inout ChoiceScratch
    ) -> (total: Int64, node: NodeIndex)? {
        let count = keys.count
        if scratch.scores.count < count {
            scratch.scores.append(contentsOf: repeatElement(BucketScore(), count: count - scratch.scores.count))
        }
        var mostTaints: Int64 = 0
        var mostPreference: Int64 = 0
        var participants = 0
        let isFirst =
            !rules.affinity.isEmpty || !rules.fineAffinity.isEmpty
            ? cell.isFirstOfItsAffinity(classIndex) : false
        for number in heaps.live {
            let bucket = Int(number)
            scratch.scores[bucket].isFeasible = isFeasible(bucket, isFirst, cell)
            guard scratch.scores[bucket].isFeasible else { continue }
            mostTaints = max(mostTaints, Int64(keys[bucket].taints))
            mostPreference = max(mostPreference, keys[bucket].preference)
            if keys[bucket].isScored { participants += heaps.heaps[bucket].count }
        }
        let extremes = scoreBuckets(cell, participants, &scratch)
        var found: (total: Int64, rank: UInt32)?
        for number in heaps.live where scratch.scores[Int(number)].isFeasible {
            let bucket = Int(number)
            let base = self.base(bucket, cell, scratch.scores[bucket], extremes, mostTaints, mostPreference)
            guard let top = heaps.heaps[bucket].first else { continue }
            let total = base &+ Int64(top >> 32)
            let rank = UInt32(truncatingIfNeeded: top)
            if let best = found, total < best.total || (total == best.total && rank < best.rank) { continue }
            found = (total, rank)
        }
        return found.map { ($0.total, heaps.order.node($0.rank)) }
    }

    /// Whether the rules over coarse domains, and the values in the bucket's key, admit its nodes.
    @inline(__always)
    private func isFeasible(_ bucket: Int, _ isFirst: Bool, _ cell: Cell) -> Bool {
        for position in rules.hard.indices {
            let domain = keys[bucket].domains[rules.hard[position].column]
            if domain < 0 || !cell.spreadAllows(rules.hard[position].rule, domain) { return false }
        }
        if let rule = rules.fineHard {
            let skew = Int64(keys[bucket].hardCount) &+ rule.own &- cell.spreadMinimum(rule)
            if skew > rule.maxSkew { return false }
        }
        for position in rules.placedSpread.indices where keys[bucket].placedSpread & (1 << UInt64(position)) != 0 {
            if !keepsPlacedSpread(rules.placedSpread[position], keys[bucket].domains, cell) { return false }
        }
        for position in rules.anti.indices {
            let domain = keys[bucket].domains[rules.anti[position].column]
            if domain >= 0, cell.counters[Int(rules.anti[position].counter)][domain] > 0 { return false }
        }
        var found = keys[bucket].hasAffinity
        for position in rules.affinity.indices {
            let domain = keys[bucket].domains[rules.affinity[position].column]
            if domain < 0 { return false }
            if cell.counters[Int(rules.affinity[position].counter)][domain] <= 0 { found = false }
        }
        return found || isFirst
    }

    /// Whether one more pod in a bucket's domain keeps the hard constraints of the pods placed that read a counter.
    private func keepsPlacedSpread(_ item: CoarseItem, _ domains: SIMD8<Int32>, _ cell: Cell) -> Bool {
        let domain = domains[item.column]
        guard domain >= 0 else { return true }
        let count = Int64(cell.counters[Int(item.counter)][domain]) + item.weight
        for entry in cell.spreadHolders[item.counter] ?? []
        where entry.holder != classIndex && cell.classes[Int(entry.holder)].podCount > 0 {
            if count - cell.spreadMinimum(entry.rule) > entry.rule.maxSkew { return false }
        }
        return true
    }

    struct Extremes {
        var leastSpread = Int64.max
        var mostSpread = Int64.min
        var leastNeighbours = Int64.max
        var mostNeighbours = Int64.min
    }

    /// Raw scores of PodTopologySpread and InterPodAffinity for the feasible buckets, and their extremes.
    private func scoreBuckets(
        _ cell: borrowing Cell, _ participants: Int, _ scratch: inout ChoiceScratch
    ) -> Extremes {
        var extremes = Extremes()
        let spreads = rules.fineSoft != nil || !rules.soft.isEmpty
        let hasNeighbours = !rules.neighbours.isEmpty || !rules.fineNeighbours.isEmpty
        guard spreads || hasNeighbours else { return extremes }
        if spreads { weigh(participants, cell, &scratch) }
        for number in heaps.live where scratch.scores[Int(number)].isFeasible {
            let bucket = Int(number)
            if spreads {
                let raw = keys[bucket].isScored ? spread(bucket, cell, scratch.weights) : -1
                scratch.scores[bucket].spread = raw
                if raw >= 0 {
                    extremes.leastSpread = min(extremes.leastSpread, raw)
                    extremes.mostSpread = max(extremes.mostSpread, raw)
                }
            }
            if hasNeighbours {
                var raw = keys[bucket].neighbours
                for item in rules.neighbours {
                    let domain = keys[bucket].domains[item.column]
                    if domain >= 0 { raw &+= item.weight &* Int64(cell.counters[Int(item.counter)][domain]) }
                }
                scratch.scores[bucket].neighbours = raw
                extremes.leastNeighbours = min(extremes.leastNeighbours, raw)
                extremes.mostNeighbours = max(extremes.mostNeighbours, raw)
            }
        }
        return extremes
    }

    /// The soft constraints' weights: the host's first, then those by column; they depend on how many domains are feasible.
    private func weigh(_ participants: Int, _ cell: borrowing Cell, _ scratch: inout ChoiceScratch) {
        scratch.weights.removeAll(keepingCapacity: true)
        scratch.weights.append(Normalization.topologyWeight(participants))
        for item in rules.soft {
            if item.rule.isHostname {
                scratch.weights.append(Normalization.topologyWeight(participants))
                continue
            }
            let room = cell.topologies[Int(item.rule.topology)].capacity + 1
            if scratch.stamps.count < room {
                scratch.stamps.append(contentsOf: repeatElement(0, count: room - scratch.stamps.count))
            }
            scratch.stamp &+= 1
            if scratch.stamp == 0 {
                for position in scratch.stamps.indices { scratch.stamps[position] = 0 }
                scratch.stamp = 1
            }
            var domains = 0
            for number in heaps.live where scratch.scores[Int(number)].isFeasible {
                let bucket = Int(number)
                guard keys[bucket].isScored else { continue }
                let slot = Int(keys[bucket].domains[item.column]) + 1
                if scratch.stamps[slot] != scratch.stamp {
                    scratch.stamps[slot] = scratch.stamp
                    domains += 1
                }
            }
            scratch.weights.append(Normalization.topologyWeight(domains))
        }
    }

    /// PodTopologySpread's raw score: `Σ count × weight + maxSkew − 1`, rounded.
    @inline(__always)
    private func spread(_ bucket: Int, _ cell: borrowing Cell, _ weights: ContiguousArray<Double>) -> Int64 {
        var score = 0.0
        if let rule = rules.fineSoft, keys[bucket].softCount >= 0 {
            score += Double(keys[bucket].softCount) * weights[0] + Double(rule.maxSkew - 1)
        }
        for position in rules.soft.indices {
            let domain = keys[bucket].domains[rules.soft[position].column]
            guard domain >= 0 else { continue }
            let count = Double(cell.counters[Int(rules.soft[position].rule.counter)][domain])
            score += count * weights[position + 1] + Double(rules.soft[position].rule.maxSkew - 1)
        }
        return Int64(score.rounded(.toNearestOrAwayFromZero))
    }

    /// The weighted normalised scores that all nodes of a bucket share.
    @inline(__always)
    private func base(
        _ bucket: Int, _ cell: borrowing Cell, _ score: BucketScore, _ extremes: Extremes,
        _ mostTaints: Int64, _ mostPreference: Int64
    ) -> Int64 {
        var sum: Int64 = 0
        if scoring.taintWeight != 0 {
            sum &+=
                scoring.taintWeight
                &* Normalization.proportional(Int64(keys[bucket].taints), most: mostTaints, reversed: true)
        }
        if scoring.preferenceWeight != 0 {
            sum &+=
                scoring.preferenceWeight
                &* Normalization.proportional(keys[bucket].preference, most: mostPreference, reversed: false)
        }
        if scoring.spreadWeight != 0 {
            sum &+=
                scoring.spreadWeight
                &* Normalization.spread(score.spread, extremes.leastSpread, extremes.mostSpread)
        }
        if scoring.neighbourWeight != 0, extremes.mostNeighbours > extremes.leastNeighbours {
            sum &+=
                scoring.neighbourWeight
                &* Normalization.between(score.neighbours, extremes.leastNeighbours, extremes.mostNeighbours)
        }
        if scoring.serviceWeight != 0 {
            var here: (zone: Int64, host: Int64) = (0, Int64(keys[bucket].service))
            if let item = rules.service, keys[bucket].domains[item.column] >= 0 {
                here.zone = Int64(cell.counters[Int(item.counter)][keys[bucket].domains[item.column]])
            }
            sum &+= scoring.serviceWeight &* cell.serviceBalance(scoring, zone: here.zone, host: here.host)
        }
        return sum
    }
}
