internal import CScoring
import ClusterModel

/// What a search for a pod that only asks for CPU and memory looks at.
struct PlainRequest {
    var bounds: switchyard_request
    var set: Int
    var classIndex: ClassIndex
    var cpu: Int64 = 0
    var memory: Int64 = 0
    var scoringCPU: Int64
    var scoringMemory: Int64
    var fitWeight: Int64
    /// Zero where BalancedAllocation skips the pod.
    var balancedWeight: Int64
    /// Whether losses of worth alone decide, and what they go by.
    var goesByWorth = false
    var demand = MixWorth.Demand()
}

/// The best node found so far.
struct PlainBest {
    var score: Int64 = -1
    var rank: UInt32 = 0
    var node: NodeIndex?

    @inline(__always)
    func isBeaten(by score: Int64, _ rank: UInt32) -> Bool {
        score > self.score || score == self.score && (node == nil || rank > self.rank)
    }
}

extension Profile {
    /// Whether the profile adds nothing to a pod that only asks for CPU and memory but scores of CPU and memory.
    var addsOnlyResourceScores: Bool {
        disabledFilters.isEmpty && addedAffinity.requiredNodes == nil && addedAffinity.preferredNodes.isEmpty
            && fit.ignoredResources.isEmpty && fit.ignoredResourceGroups.isEmpty && !runs(.serviceBalance)
            && scores.allSatisfy { (0..<1 << 16).contains($0.weight) }
    }
}

extension Engine {
    /// The best node for a class of pods that only ask for CPU and memory and that no rule between pods concerns
    /// (`searchesPlainly`), by upper bounds of many nodes at a time and then of each; the true score is worked out only for
    /// nodes whose bound beats the best.
    ///
    /// - Complexity: O(nodes / vector width) at worst.
    mutating func scanPlainly(_ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        guard let template else { return nil }
        let wanted = plainRequest(index, template, cell)
        let slot = goesByWorth ? -1 : grids.slot(ofSet: wanted.set)
        return slot < 0 ? scanBlocks(wanted, &cell) : scanGrid(slot, wanted, &cell)
    }

    /// The search by how full nodes are.
    private mutating func scanGrid(_ slot: Int, _ wanted: borrowing PlainRequest, _ cell: inout Cell) -> NodeIndex? {
        cell.nodes.refresh(Int32(truncatingIfNeeded: wanted.set))
        grids[slot].follow(cell, order, prefersFull: wanted.bounds.is_most != 0)
        var best = PlainBest()
        for node in grids[slot].lacking { judge(node, wanted, cell, &best) }
        var request = wanted.bounds
        let found = grids[slot].best(&request)
        guard found >= 0 else { return best.node }
        let (bound, rank) = (found >> 32, UInt32(truncatingIfNeeded: found))
        guard best.isBeaten(by: bound, rank) else { return best.node }
        let node = order.node(rank)
        judge(node, wanted, cell, &best)
        if best.node == node, best.score == bound { return node }
        // The bound was not reached, as happens where a percentage lies next to a whole number: any node may be best.
        let beaten = best.node == nil ? -1 : best.score << 32 | Int64(best.rank)
        for node in grids[slot].nodes(&request, betterThan: beaten) {
            judge(node, wanted, cell, &best)
        }
        return best.node
    }

    /// The search by block.
    private mutating func scanBlocks(_ wanted: borrowing PlainRequest, _ cell: inout Cell) -> NodeIndex? {
        followPlainly(wanted.set, &cell)
        blocks.sumUp()
        guard let first = blocks.bound(wanted.bounds) else { return nil }
        var best = PlainBest()
        look(first, wanted, cell, &best)
        for block in 0..<blocks.count where block != first {
            let bound = Int64(blocks.bounds[block])
            if bound < max(0, best.score) || bound == best.score && blocks.mostRank[block] < best.rank { continue }
            look(block, wanted, cell, &best)
        }
        return best.node
    }

    /// Whether the scores of CPU and memory that vectors work out are all that tells nodes apart for a class.
    func searchesPlainly(_ index: ClassIndex, _ cell: Cell) -> Bool {
        guard isPlain, cell.isPlain(index) else { return false }
        // Without GPUs in the cell GPUReserve gives every node the same.
        guard !reservesGPUs || cell.devices.nodeCount == 0 else { return false }
        return !goesByWorth || !prices.hasDevices && hasWorthAlone
    }

    /// Whether LearnedPrices has a say, and something to go by.
    private var goesByWorth: Bool { usesPrices && prices.isReady }

    /// Brings what the search looks at up to date with the cell.
    @inline(__always)
    mutating func followPlainly(_ set: Int, _ cell: inout Cell) {
        cell.nodes.refresh(Int32(truncatingIfNeeded: set))
        if goesByWorth {
            blocks.follow(cell, order, prices.mix, prices.epoch)
        } else {
            blocks.follow(cell, order, nil, 0)
        }
        blocks.permit(set, cell)
    }

    func plainRequest(_ index: ClassIndex, _ template: LocalScoring, _ cell: borrowing Cell) -> PlainRequest {
        let c = Int(index)
        // Before there are prices LearnedPrices says what NodeResourcesFit says.
        let fitWeight = template.fitWeight + (weights[.learnedPrices] ?? 0)
        var wanted = PlainRequest(
            bounds: switchyard_request(), set: Int(cell.classes[c].staticSet), classIndex: index,
            scoringCPU: cell.classes[c].scoringCPU, scoringMemory: cell.classes[c].scoringMemory, fitWeight: fitWeight,
            balancedWeight: 0)
        wanted.bounds.free = (-.infinity, -.infinity)
        for position in cell.classes[c].requests.indices {
            let item = cell.classes[c].requests[position]
            if item.resource == ResourceID.cpu { wanted.cpu = item.amount }
            if item.resource == ResourceID.memory { wanted.memory = item.amount }
        }
        if wanted.cpu > 0 { wanted.bounds.free.0 = Float(wanted.cpu).nextDown }
        if wanted.memory > 0 { wanted.bounds.free.1 = Float(wanted.memory).nextDown }
        if wanted.cpu > 0 || wanted.memory > 0 { wanted.balancedWeight = template.balancedWeight }
        wanted.bounds.scored = (Float(wanted.scoringCPU), Float(wanted.scoringMemory))
        wanted.bounds.balanced = (Float(wanted.cpu), Float(wanted.memory))
        wanted.bounds.fit_weight = Int32(fitWeight)
        wanted.bounds.balanced_weight = Int32(wanted.balancedWeight)
        wanted.bounds.is_most = template.strategy == .mostAllocated ? 1 : 0
        if goesByWorth { addWorth(index, cell, &wanted) }
        return wanted
    }

    private func addWorth(_ index: ClassIndex, _ cell: borrowing Cell, _ wanted: inout PlainRequest) {
        wanted.goesByWorth = true
        wanted.demand = prices.mix.demand(index, cell)
        wanted.bounds.is_worth = 1
        wanted.bounds.worth = (Float(wanted.demand.cpu), Float(wanted.demand.memory))
        wanted.bounds.steps = Float(1 / prices.quantum)
    }

    /// Looks for a better node in a block.
    @inline(__always)
    mutating func look(
        _ block: Int, _ wanted: borrowing PlainRequest, _ cell: borrowing Cell, _ best: inout PlainBest
    ) {
        let places = block &* 64..<min(blocks.members.count, block &* 64 &+ 64)
        if blocks.lacks[block] {
            for place in places { judge(blocks.members[place], wanted, cell, &best) }
            return
        }
        var request = wanted.bounds
        let found = blocks.best(
            of: block, in: wanted.set, &request, least: Int32(truncatingIfNeeded: max(0, best.score)))
        guard found >= 0 else { return }
        let (bound, rank) = (found >> 32, UInt32(truncatingIfNeeded: found))
        guard best.isBeaten(by: bound, rank) else { return }
        let node = order.node(rank)
        judge(node, wanted, cell, &best)
        if best.node == node, best.score == bound { return }
        // The bound was not reached, as happens where a percentage lies next to a whole number: any node may be best.
        for place in places where Int64(blocks.nodeBounds[place & 63]) >= max(0, best.score) {
            judge(blocks.members[place], wanted, cell, &best)
        }
    }

    /// Works out the true score of a node.
    @inline(__always)
    mutating func judge(
        _ node: Int32, _ wanted: borrowing PlainRequest, _ cell: borrowing Cell, _ best: inout PlainBest
    ) {
        let n = Int(node)
        if cell.resources.free[ResourceID.pods][n] < 1 { return }
        if wanted.cpu > 0, cell.resources.free[ResourceID.cpu][n] < wanted.cpu { return }
        if wanted.memory > 0, cell.resources.free[ResourceID.memory][n] < wanted.memory { return }
        guard cell.nodes.sets[wanted.set].bits[n] else { return }
        let cpu = cell.resources.allocatable[ResourceID.cpu][n]
        let memory = cell.resources.allocatable[ResourceID.memory][n]
        var score: Int64
        if wanted.goesByWorth {
            score = Int64(SWITCHYARD_WORTH) &+ Int64(prices.plainLoss(wanted.demand, n, cell.resources))
        } else if cpu > 0, memory > 0 {
            let isMost = wanted.bounds.is_most != 0
            let first = LocalScoring.plainPart(cell.resources.scoringCPU[n] &+ wanted.scoringCPU, cpu, isMost)
            let second = LocalScoring.plainPart(
                cell.resources.scoringMemory[n] &+ wanted.scoringMemory, memory, isMost)
            score = wanted.fitWeight &* ((first &+ second) >> 1)
            if wanted.balancedWeight != 0 {
                score &+= wanted.balancedWeight &* plainBalance(n, wanted, SIMD2(Double(cpu), Double(memory)), cell)
            }
        } else {
            guard let local = template?.filled(cell.classes[Int(wanted.classIndex)]) else { return }
            score = wanted.fitWeight &* local.fit(cell.resources, n)
            if wanted.balancedWeight != 0 { score &+= wanted.balancedWeight &* local.balanced(cell.resources, n) }
        }
        let rank = order.rank(node)
        if best.isBeaten(by: score, rank) { best = PlainBest(score: score, rank: rank, node: node) }
    }

    private func plainBalance(
        _ node: Int, _ wanted: borrowing PlainRequest, _ offered: SIMD2<Double>, _ cell: borrowing Cell
    ) -> Int64 {
        let taken = SIMD2(
            cell.resources.requested(ResourceID.cpu, node), cell.resources.requested(ResourceID.memory, node))
        let before = LocalScoring.evenness(taken, offered)
        let after = LocalScoring.evenness(taken &+ SIMD2(wanted.cpu, wanted.memory), offered)
        return 50 &+ (50 &+ after &- before) / 2
    }
}

extension Cell {
    /// Whether pods of a class only ask for CPU and memory, and neither wishes nor rules between pods concern them.
    func isPlain(_ index: ClassIndex) -> Bool {
        let c = Int(index)
        guard classes[c].isSimple, !nodes.hasAvoidableTaints else { return false }
        return classes[c].antiHolders.isEmpty && classes[c].affinityHolders.isEmpty
            && classes[c].preferredHolders.isEmpty && (!protectsPlacedSpread || classes[c].contributions.isEmpty)
    }
}
