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
        let rest = 100 * scoring.local.imageWeight
        let words = cell.nodes.sets[wanted.set].bits.words
        let count = min(words.count, blocks.bounds.count)
        if blockBounds.count < count {
            blockBounds.append(contentsOf: repeatElement(0, count: count - blockBounds.count))
        }
        var first = -1
        for block in 0..<count {
            let bound = words[block] == 0 ? nil : blocks.bound(block, amounts, request, scoring.local, rest: rest)
            blockBounds[block] = bound ?? .min
            if bound != nil, first < 0 || blockBounds[block] > blockBounds[first] { first = block }
        }
        guard first >= 0 else { return nil }
        var best = ScanBest()
        look(first, words[first], wanted, scoring, cell, &best)
        for block in 0..<count where block != first && blockBounds[block] != .min {
            if blockBounds[block] < best.score { continue }
            look(block, words[block], wanted, scoring, cell, &best)
        }
        return best.node
    }

    /// Looks at every node of a block.
    @inline(__always)
    private mutating func look(
        _ block: Int, _ word: UInt64, _ wanted: borrowing ScanRequest, _ scoring: borrowing ScoringRules,
        _ cell: borrowing Cell, _ best: inout ScanBest
    ) {
        var rest = word
        next: while rest != 0 {
            let node = block << 6 | rest.trailingZeroBitCount
            rest &= rest &- 1
            for position in wanted.requests.indices
            where cell.resources.free[wanted.requests[position].resource][node] < wanted.requests[position].amount {
                continue next
            }
            if wanted.checksPorts, !cell.portsFree(wanted.classIndex, node) { continue }
            if scoring.added.nodeSet >= 0, !cell.nodes.meets(scoring.added.nodeSet, node) { continue }
            var score = scoring.local.total(cell, node)
            if wanted.type >= 0 { score &+= scoring.priceWeight &* Int64(prices.loss(wanted.type, node)) }
            let rank = order.rank(Int32(truncatingIfNeeded: node))
            if score < best.score || score == best.score && best.node != nil && rank < best.rank { continue }
            best = ScanBest(score: score, rank: rank, node: NodeIndex(truncatingIfNeeded: node))
        }
    }
}
