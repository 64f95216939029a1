/// Bounds over blocks of 64 nodes, by which a search for a pod unlike all before skips most nodes.
///
/// For each block: the most that any of its nodes has free of CPU, memory and pods, and bounds of what decides the score
/// of a node alone. A block is skipped if no node in it can hold the pod, or if none can beat the best found so far.
/// Changed blocks are worked out anew when they are next looked at.
struct BlockTable {
    /// What is known of one block.
    struct Bounds {
        var cpu: Int64 = .min
        var memory: Int64 = .min
        var pods: Int64 = .min
        /// The largest share of CPU and of memory that scoring counts as taken, and as left.
        var mostTaken = SIMD2<Double>(repeating: 0)
        var mostLeft = SIMD2<Double>(repeating: 0)
        /// The smallest and the largest share of a node that one unit is.
        var leastUnit = SIMD2<Double>(repeating: .infinity)
        var mostUnit = SIMD2<Double>(repeating: 0)
        /// The largest difference between the shares of CPU and of memory that are requested.
        var mostSkew = 0.0
        /// Whether every node offers both.
        var offersBoth = true
    }

    private(set) var bounds: ContiguousArray<Bounds> = []
    private var dirty = Bits()
    private var seen = -1

    /// Brings the bounds up to date with the cell.
    ///
    /// - Complexity: O(64 × changed blocks).
    mutating func follow(_ cell: borrowing Cell) {
        guard seen != cell.changes.end else { return }
        let count = (cell.nodes.capacity + 63) / 64
        if bounds.count != count || seen < cell.changes.base {
            bounds = ContiguousArray(repeating: Bounds(), count: count)
            for block in 0..<count { refresh(block, cell) }
        } else {
            for position in (seen - cell.changes.base)..<cell.changes.entries.count {
                dirty.set(Int(cell.changes.entries[position]) >> 6, true)
            }
            for word in dirty.words.indices where dirty.words[word] != 0 {
                var rest = dirty.words[word]
                dirty.words[word] = 0
                while rest != 0 {
                    refresh(word << 6 | rest.trailingZeroBitCount, cell)
                    rest &= rest &- 1
                }
            }
        }
        seen = cell.changes.end
    }

    private mutating func refresh(_ block: Int, _ cell: borrowing Cell) {
        var result = Bounds()
        var rest = block < cell.nodes.present.words.count ? cell.nodes.present.words[block] : 0
        while rest != 0 {
            let node = block << 6 | rest.trailingZeroBitCount
            rest &= rest &- 1
            result.cpu = max(result.cpu, cell.resources.free[ResourceID.cpu][node])
            result.memory = max(result.memory, cell.resources.free[ResourceID.memory][node])
            result.pods = max(result.pods, cell.resources.free[ResourceID.pods][node])
            let offered = SIMD2(
                Double(cell.resources.allocatable[ResourceID.cpu][node]),
                Double(cell.resources.allocatable[ResourceID.memory][node]))
            let taken = SIMD2(Double(cell.resources.scoringCPU[node]), Double(cell.resources.scoringMemory[node]))
            for part in 0..<2 where offered[part] > 0 {
                let unit = 1 / offered[part]
                let share = taken[part] * unit
                result.mostTaken[part] = max(result.mostTaken[part], share)
                result.mostLeft[part] = max(result.mostLeft[part], 1 - share)
                result.leastUnit[part] = min(result.leastUnit[part], unit)
                result.mostUnit[part] = max(result.mostUnit[part], unit)
            }
            guard offered[0] > 0, offered[1] > 0 else {
                result.offersBoth = false
                continue
            }
            let requested = SIMD2(
                Double(cell.resources.requested(ResourceID.cpu, node)),
                Double(cell.resources.requested(ResourceID.memory, node)))
            let used = (requested / offered).clamped(lowerBound: SIMD2(repeating: 0), upperBound: SIMD2(repeating: 1))
            result.mostSkew = max(result.mostSkew, abs(used[0] - used[1]))
        }
        bounds[block] = result
    }

    /// The most that any node of a block can score by itself, or nil where none can hold the pod.
    ///
    /// - Parameters:
    ///   - amounts: the CPU, memory and pods asked for; none of one is `Int64.min`.
    ///   - request: the CPU and memory that scoring counts.
    ///   - rest: the most that the plug-ins beside NodeResourcesFit and BalancedAllocation can add.
    @inline(__always)
    func bound(
        _ block: Int, _ amounts: SIMD4<Int64>, _ request: SIMD2<Double>, _ local: borrowing LocalScoring, rest: Int64
    ) -> Int64? {
        let known = bounds[block]
        if known.cpu < amounts[0] || known.memory < amounts[1] || known.pods < amounts[2] { return nil }
        guard local.isPlain else { return 100 * (local.fitWeight + local.balancedWeight) + rest }
        var shares =
            local.strategy == .mostAllocated
            ? known.mostTaken + request * known.mostUnit : known.mostLeft - request * known.leastUnit
        shares = shares.clamped(lowerBound: SIMD2(repeating: 0), upperBound: SIMD2(repeating: 1))
        // The mean of the parts bounds the score where every node offers both; else one part may count alone.
        let mean = known.offersBoth ? (shares[0] + shares[1]) * 50 : 100
        // What a pod can gain in balance is half of what is missing: `50 + (50 + 100 − before) / 2`.
        let balance = local.isBalancePlain && known.offersBoth ? min(100, 77 + 25 * known.mostSkew) : 100
        return local.fitWeight * Int64(mean + 1) + local.balancedWeight * Int64(balance) + rest
    }
}
