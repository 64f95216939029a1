/// What a search over single nodes looks at, taken out of the class and the rules once.
private struct ScanRequest {
    var requests: ContiguousArray<ResourceAmount>
    var checksPorts: Bool
    var set: Int
    var classIndex: ClassIndex
    /// The type that the prices know the class by, −1 where there are none.
    var type: Int
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
        blocks.follow(cell)
        let c = Int(index)
        let wanted = ScanRequest(
            requests: cell.classes[c].requests.filter { !scoring.added.ignoredResources.contains($0.resource) },
            checksPorts: !cell.classes[c].ports.isEmpty, set: Int(cell.classes[c].staticSet),
            classIndex: index, type: scoring.priceWeight != 0 && prices.isReady ? prices.type(index, &cell) : -1)
        var amounts = SIMD4<Int64>(repeating: .min)
        for item in wanted.requests {
            switch item.resource {
            case ResourceID.cpu: amounts[0] = item.amount
            case ResourceID.memory: amounts[1] = item.amount
            case ResourceID.pods: amounts[2] = item.amount
            default: break
            }
        }
        let request = SIMD2(Double(cell.classes[c].scoringCPU), Double(cell.classes[c].scoringMemory))
        // With prices the loss is at most zero, and NodeResourcesFit has no part in it.
        let fitWeight = scoring.local.fitWeight + (wanted.type >= 0 ? 0 : scoring.priceWeight)
        let rest = 100 * scoring.local.imageWeight
        let count = blocks.bounds.count
        if blockBounds.count < count {
            blockBounds.append(contentsOf: repeatElement(0, count: count - blockBounds.count))
        }
        var first = -1
        for block in 0..<count {
            let bound = blocks.bound(
                block, amounts, request, scoring.local, fitWeight: fitWeight, rest: rest)
            blockBounds[block] = bound ?? .min
            if bound != nil, first < 0 || blockBounds[block] > blockBounds[first] { first = block }
        }
        guard first >= 0 else { return nil }
        let allowed = cell.nodes.sets[wanted.set].bits
        let isPlain =
            scoring.local.isPlain && (scoring.local.balancedWeight == 0 || scoring.local.isBalancePlain)
            && scoring.local.imageWeight == 0 && scoring.priceWeight == 0 && !wanted.checksPorts
            && scoring.added.nodeSet < 0 && wanted.requests.allSatisfy { $0.resource <= ResourceID.pods }
            && !wanted.requests.contains { $0.resource == ResourceID.ephemeralStorage }
        var best = ScanBest()
        if isPlain {
            lookPlainly(first, amounts, request, allowed, scoring.local, cell, &best)
            for block in 0..<count where block != first && blockBounds[block] >= best.score {
                if blockBounds[block] == .min { continue }
                lookPlainly(block, amounts, request, allowed, scoring.local, cell, &best)
            }
            return best.node
        }
        look(first, wanted, scoring, cell, &best)
        for block in 0..<count where block != first && blockBounds[block] != .min {
            if blockBounds[block] < best.score { continue }
            look(block, wanted, scoring, cell, &best)
        }
        return best.node
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
            if wanted.type >= 0 {
                score &+= scoring.priceWeight &* Int64(prices.loss(wanted.type, node))
            } else if scoring.priceWeight != 0 {
                score &+= scoring.priceWeight &* scoring.local.fit(cell.resources, node)
            }
            let rank = order.rank(Int32(truncatingIfNeeded: node))
            if score < best.score || score == best.score && best.node != nil && rank < best.rank { continue }
            best = ScanBest(score: score, rank: rank, node: NodeIndex(truncatingIfNeeded: node))
        }
    }

    /// Looks at the nodes of a block where CPU, memory and pods are all that is asked for and scored.
    @inline(__always)
    private func lookPlainly(
        _ block: Int, _ amounts: SIMD4<Int64>, _ request: SIMD2<Double>, _ allowed: borrowing Bits,
        _ local: borrowing LocalScoring, _ cell: borrowing Cell, _ best: inout ScanBest
    ) {
        let pruning = blocks.pruning(block, request, local)
        for chunk in block &* 8..<block &* 8 &+ 8 {
            if pruning.isValid, best.node != nil {
                let mask = blocks.candidates(chunk, pruning, atLeast: Float(best.score))
                if mask == SIMDMask(repeating: false) { continue }
                for lane in 0..<8 where mask[lane] {
                    judge(chunk &* 8 &+ lane, amounts, allowed, local, cell, &best)
                }
            } else {
                for lane in 0..<8 { judge(chunk &* 8 &+ lane, amounts, allowed, local, cell, &best) }
            }
        }
    }

    /// Judges the node at a place exactly.
    @inline(__always)
    private func judge(
        _ place: Int, _ amounts: SIMD4<Int64>, _ allowed: borrowing Bits, _ local: borrowing LocalScoring,
        _ cell: borrowing Cell, _ best: inout ScanBest
    ) {
        let record = blocks.records[place]
        if record.cpuFree < amounts[0] || record.memoryFree < amounts[1] || record.podsFree < amounts[2] { return }
        guard record.node >= 0, allowed[Int(record.node)] else { return }
        var score: Int64
        if record.cpuOffered > 0, record.memoryOffered > 0 {
            let first = local.plainPart(record.cpuScored &+ local.fitTerms[0].request, record.cpuOffered)
            let second = local.plainPart(record.memoryScored &+ local.fitTerms[1].request, record.memoryOffered)
            score = local.fitWeight &* ((first &+ second) >> 1)
            if local.balancedWeight != 0 {
                score &+= local.balancedWeight &* local.balanced(cell.resources, Int(record.node))
            }
        } else {
            score = local.total(cell, Int(record.node))
        }
        let rank = order.rank(record.node)
        if score < best.score || score == best.score && best.node != nil && rank < best.rank { return }
        best = ScanBest(score: score, rank: rank, node: record.node)
    }
}
