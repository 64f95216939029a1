internal import CScoring

/// What a search over single nodes looks at, taken out of the class and the rules once.
private struct ScanRequest {
    var requests: ContiguousArray<ResourceAmount>
    var checksPorts: Bool
    var set: Int
    var classIndex: ClassIndex
    /// What losses of worth go by, where there are prices.
    var hasPrices: Bool
    var priced: PricedClass
}

/// The best node found so far.
private struct ScanBest {
    var score = Int64.min
    var rank: UInt32 = 0
    var node: NodeIndex?
}

extension Engine {
    /// The best node by a search over blocks of nodes, for a class with no rules beyond single nodes.
    ///
    /// Looks at the block with the highest bound first, then at those whose bound the best found does not beat.
    /// - Complexity: O(blocks + 64 × blocks looked at).
    mutating func scan(_ scoring: ScoringRules, _ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        blocks.follow(cell, order, nil, 0)
        blocks.sumUp()
        let c = Int(index)
        let hasPrices = scoring.priceWeight != 0 && prices.isReady
        let wanted = ScanRequest(
            requests: cell.classes[c].requests.filter { !scoring.added.ignoredResources.contains($0.resource) },
            checksPorts: !cell.classes[c].ports.isEmpty, set: Int(cell.classes[c].staticSet),
            classIndex: index, hasPrices: hasPrices, priced: hasPrices ? prices.priced(index, &cell) : .none)
        guard let first = blocks.bound(boundRequest(scoring, wanted, cell)) else { return nil }
        var best = ScanBest()
        look(first, wanted, scoring, cell, &best)
        for block in 0..<blocks.count where block != first && blocks.bounds[block] >= 0 {
            if best.node != nil, Int64(blocks.bounds[block]) < best.score { continue }
            look(block, wanted, scoring, cell, &best)
        }
        return best.node
    }

    /// What bounds the score of a node alone; a loss of worth only lowers it.
    private func boundRequest(
        _ scoring: borrowing ScoringRules, _ wanted: borrowing ScanRequest, _ cell: borrowing Cell
    ) -> switchyard_request {
        let local = scoring.local
        var request = switchyard_request()
        request.free = (-.infinity, -.infinity)
        for item in wanted.requests where item.amount > 0 {
            if item.resource == ResourceID.cpu { request.free.0 = Float(item.amount).nextDown }
            if item.resource == ResourceID.memory { request.free.1 = Float(item.amount).nextDown }
        }
        // With prices NodeResourcesFit has no part in LearnedPrices.
        let fitWeight = local.fitWeight + (wanted.hasPrices ? 0 : scoring.priceWeight)
        var rest = 100 * (local.imageWeight + local.reserveWeight)
        if local.isPlain, local.strategy != .requestedToCapacityRatio {
            let record = cell.classes[Int(wanted.classIndex)]
            request.scored = (Float(record.scoringCPU), Float(record.scoringMemory))
            request.is_most = local.strategy == .mostAllocated ? 1 : 0
            request.fit_weight = Int32(truncatingIfNeeded: fitWeight)
        } else {
            rest += 100 * fitWeight
        }
        if local.isBalancePlain, local.balancedWeight != 0 {
            request.balanced = (Float(local.balancedTerms[0].request), Float(local.balancedTerms[1].request))
            request.balanced_weight = Int32(truncatingIfNeeded: local.balancedWeight)
        } else {
            rest += 100 * local.balancedWeight
        }
        request.rest = Int32(truncatingIfNeeded: rest)
        return request
    }

    /// Looks at every node of a block.
    @inline(__always)
    private mutating func look(
        _ block: Int, _ wanted: borrowing ScanRequest, _ scoring: borrowing ScoringRules,
        _ cell: borrowing Cell, _ best: inout ScanBest
    ) {
        next: for place in block &* 64..<min(blocks.members.count, block &* 64 &+ 64) {
            let node = Int(blocks.members[place])
            guard cell.nodes.sets[wanted.set].bits[node] else { continue }
            for position in wanted.requests.indices
            where cell.resources.free[wanted.requests[position].resource][node] < wanted.requests[position].amount {
                continue next
            }
            if wanted.checksPorts, !cell.portsFree(wanted.classIndex, node) { continue }
            if scoring.added.nodeSet >= 0, !cell.nodes.meets(scoring.added.nodeSet, node) { continue }
            var score = scoring.local.total(cell, node)
            if wanted.hasPrices {
                score &+= scoring.priceWeight &* Int64(prices.loss(wanted.priced, node, cell.resources))
            } else if scoring.priceWeight != 0 {
                score &+= scoring.priceWeight &* scoring.local.fit(cell.resources, node)
            }
            let rank = order.rank(Int32(truncatingIfNeeded: node))
            if score < best.score || score == best.score && best.node != nil && rank < best.rank { continue }
            best = ScanBest(score: score, rank: rank, node: NodeIndex(truncatingIfNeeded: node))
        }
    }
}
