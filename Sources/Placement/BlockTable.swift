/// Bounds over blocks of 64 nodes, by which a search for a pod unlike all before skips most nodes.
///
/// Nodes of the same size stand together, so that the bounds are close to what the nodes really score.
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

    /// What the common search reads of a node, in one cache line.
    struct Record {
        var cpuFree: Int64 = .min
        var memoryFree: Int64 = .min
        var cpuOffered: Int64 = 0
        var memoryOffered: Int64 = 0
        var cpuScored: Int64 = 0
        var memoryScored: Int64 = 0
        var podsFree: Int64 = 0
        var node: Int32 = -1
    }

    private(set) var bounds: ContiguousArray<Bounds> = []
    /// By place: the nodes.
    private(set) var records: ContiguousArray<Record> = []
    /// By eight places: the shares of CPU and of memory that scoring counts as taken, and the difference between the shares
    /// that are requested.
    private(set) var cpuShares: ContiguousArray<SIMD8<Float>> = []
    private(set) var memoryShares: ContiguousArray<SIMD8<Float>> = []
    private(set) var skews: ContiguousArray<SIMD8<Float>> = []
    /// The nodes in the order of the blocks: by size, then by index.
    private(set) var members: ContiguousArray<Int32> = []
    /// By node: its place in `members`, −1 for none.
    private var placeOf: ContiguousArray<Int32> = []
    private var dirty = Bits()
    private var seen = -1
    private var sizesRevision: UInt32 = .max

    /// Brings the bounds up to date with the cell.
    ///
    /// - Complexity: O(64 × changed blocks).
    mutating func follow(_ cell: borrowing Cell) {
        guard seen != cell.changes.end else { return }
        if sizesRevision != cell.sizesRevision || seen < cell.changes.base {
            arrange(cell)
            for block in bounds.indices { refresh(block, cell) }
        } else {
            for position in (seen - cell.changes.base)..<cell.changes.entries.count {
                let place = placeOf[Int(cell.changes.entries[position])]
                if place >= 0 { dirty.set(Int(place) >> 6, true) }
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

    /// Orders the nodes by size.
    private mutating func arrange(_ cell: borrowing Cell) {
        var sized: [(cpu: Int64, memory: Int64, node: Int32)] = []
        sized.reserveCapacity(cell.nodes.count)
        for word in cell.nodes.present.words.indices {
            var rest = cell.nodes.present.words[word]
            while rest != 0 {
                let node = word << 6 | rest.trailingZeroBitCount
                rest &= rest &- 1
                sized.append(
                    (
                        cell.resources.allocatable[ResourceID.cpu][node],
                        cell.resources.allocatable[ResourceID.memory][node], Int32(truncatingIfNeeded: node)
                    ))
            }
        }
        sized.sort { $0 < $1 }
        members = ContiguousArray(sized.map(\.node))
        placeOf = ContiguousArray(repeating: -1, count: cell.nodes.capacity)
        for (place, node) in members.enumerated() { placeOf[Int(node)] = Int32(place) }
        bounds = ContiguousArray(repeating: Bounds(), count: (members.count + 63) / 64)
        records = ContiguousArray(repeating: Record(), count: bounds.count * 64)
        cpuShares = ContiguousArray(repeating: SIMD8(repeating: 0), count: bounds.count * 8)
        memoryShares = cpuShares
        skews = cpuShares
        dirty = Bits()
        sizesRevision = cell.sizesRevision
    }

    private mutating func refresh(_ block: Int, _ cell: borrowing Cell) {
        var result = Bounds()
        for place in block * 64..<min(members.count, block * 64 + 64) {
            let node = Int(members[place])
            result.cpu = max(result.cpu, cell.resources.free[ResourceID.cpu][node])
            result.memory = max(result.memory, cell.resources.free[ResourceID.memory][node])
            result.pods = max(result.pods, cell.resources.free[ResourceID.pods][node])
            let offered = SIMD2(
                Double(cell.resources.allocatable[ResourceID.cpu][node]),
                Double(cell.resources.allocatable[ResourceID.memory][node]))
            let podsFree = cell.resources.free[ResourceID.pods][node]
            records[place] = Record(
                cpuFree: cell.resources.free[ResourceID.cpu][node],
                memoryFree: cell.resources.free[ResourceID.memory][node],
                cpuOffered: cell.resources.allocatable[ResourceID.cpu][node],
                memoryOffered: cell.resources.allocatable[ResourceID.memory][node],
                cpuScored: cell.resources.scoringCPU[node], memoryScored: cell.resources.scoringMemory[node],
                podsFree: podsFree, node: members[place])
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
            cpuShares[place >> 3][place & 7] = Float(taken[0] / offered[0])
            memoryShares[place >> 3][place & 7] = Float(taken[1] / offered[1])
            skews[place >> 3][place & 7] = Float(abs(used[0] - used[1]))
        }
        bounds[block] = result
    }

    /// The most that any node of a block can score by itself, or nil where none can hold the pod.
    ///
    /// - Parameters:
    ///   - amounts: the CPU, memory and pods asked for; none of one is `Int64.min`.
    ///   - request: the CPU and memory that scoring counts.
    ///   - fitWeight: what NodeResourcesFit's score is multiplied by.
    ///   - rest: the most that the plug-ins beside NodeResourcesFit and BalancedAllocation can add.
    @inline(__always)
    func bound(
        _ block: Int, _ amounts: SIMD4<Int64>, _ request: SIMD2<Double>, _ local: borrowing LocalScoring,
        fitWeight: Int64, rest: Int64
    ) -> Int64? {
        let known = bounds[block]
        if known.cpu < amounts[0] || known.memory < amounts[1] || known.pods < amounts[2] { return nil }
        guard local.isPlain else { return 100 * (fitWeight + local.balancedWeight) + rest }
        var shares =
            local.strategy == .mostAllocated
            ? known.mostTaken + request * known.mostUnit : known.mostLeft - request * known.leastUnit
        shares = shares.clamped(lowerBound: SIMD2(repeating: 0), upperBound: SIMD2(repeating: 1))
        // The mean of the parts bounds the score where every node offers both; else one part may count alone.
        let mean = known.offersBoth ? (shares[0] + shares[1]) * 50 : 100
        let balance = local.isBalancePlain && known.offersBoth ? balanceBound(known, local) : 100
        return fitWeight * Int64(mean + 1) + local.balancedWeight * Int64(balance) + rest
    }

    /// What bounds the nodes of a block one by one.
    struct Pruning {
        /// What the pod adds to the shares, least where the score falls with it and most where it grows.
        var cpu: Float
        var memory: Float
        /// The most that the pod can move the difference of the shares.
        var shift: Float
        var fitWeight: Float
        var balancedWeight: Float
        var isMost: Bool
        /// Whether the bounds hold for every node of the block.
        var isValid: Bool
    }

    func pruning(_ block: Int, _ request: SIMD2<Double>, _ local: borrowing LocalScoring) -> Pruning {
        let known = bounds[block]
        let isMost = local.strategy == .mostAllocated
        let units = isMost ? known.mostUnit : known.leastUnit
        let shift = local.isBalancePlain ? self.shift(known, local) : 1
        return Pruning(
            cpu: Float(request[0] * units[0]), memory: Float(request[1] * units[1]), shift: Float(shift),
            fitWeight: Float(local.fitWeight) * 50, balancedWeight: Float(local.balancedWeight), isMost: isMost,
            isValid: known.offersBoth)
    }

    /// Which of eight places can have a score of at least `least`; a tenth of a point covers what single precision loses.
    @inline(__always)
    func candidates(_ chunk: Int, _ pruning: Pruning, atLeast least: Float) -> SIMDMask<SIMD8<Int32>> {
        let one = SIMD8<Float>(repeating: 1)
        let zero = SIMD8<Float>(repeating: 0)
        let cpu = cpuShares[chunk] + pruning.cpu
        let memory = memoryShares[chunk] + pruning.memory
        let parts =
            pruning.isMost
            ? pointwiseMin(cpu, one) + pointwiseMin(memory, one)
            : pointwiseMax(one - cpu, zero) + pointwiseMax(one - memory, zero)
        let balance = 76 + 25 * pointwiseMin(skews[chunk], SIMD8(repeating: pruning.shift))
        let most = pruning.fitWeight * parts + pruning.balancedWeight * balance + 0.1
        return most .>= least
    }

    /// The most that BalancedAllocation can give in a block.
    ///
    /// It is `50 + (50 + after − before) / 2`. The pod moves the difference between the two shares by Δ, so evenness gains at
    /// most half of |Δ| and half of the difference that there is; one more for what is cut off.
    @inline(__always)
    private func balanceBound(_ known: Bounds, _ local: borrowing LocalScoring) -> Double {
        min(100, 76 + 25 * min(known.mostSkew, shift(known, local)))
    }

    @inline(__always)
    private func shift(_ known: Bounds, _ local: borrowing LocalScoring) -> Double {
        let cpu = Double(local.balancedTerms[0].request)
        let memory = Double(local.balancedTerms[1].request)
        let upper = abs(cpu * known.mostUnit[0] - memory * known.leastUnit[1])
        let lower = abs(cpu * known.leastUnit[0] - memory * known.mostUnit[1])
        return max(upper, lower)
    }
}
