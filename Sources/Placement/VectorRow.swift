/// What vectors look at of one node (`scoring.h` has the units).
///
/// A node that offers no CPU or no memory has no percentages, so no bound of its scores holds.
struct VectorRow {
    /// Free CPU and memory, rounded up; −∞ where no pod more may stand.
    var free = SIMD2<Float>(repeating: -.infinity)
    /// Percent that scoring counts as taken.
    var taken = SIMD2<Float>()
    /// Percent requested, 0 to 100.
    var used = SIMD2<Float>()
    /// Percent of the node that one unit is.
    var unit = SIMD2<Float>()
    /// Evenness of what is requested, 0 to 100.
    var evenness: Int32 = 0
    /// Whether the node offers no CPU or no memory.
    var lacks = false

    @inline(__always)
    init(_ node: Int, _ resources: borrowing ResourceTable) {
        let offered = SIMD2(
            Double(resources.allocatable[ResourceID.cpu][node]), Double(resources.allocatable[ResourceID.memory][node]))
        let scored = SIMD2(Double(resources.scoringCPU[node]), Double(resources.scoringMemory[node]))
        let requested = SIMD2(
            resources.requested(ResourceID.cpu, node), resources.requested(ResourceID.memory, node))
        let holdsPods = resources.free[ResourceID.pods][node] > 0
        for part in 0..<2 {
            if holdsPods { free[part] = Float(resources.free[part][node]).nextUp }
            guard offered[part] > 0 else {
                lacks = true
                continue
            }
            let percent = 100 / offered[part]
            taken[part] = Float(scored[part] * percent)
            used[part] = Float(max(0, min(100, Double(requested[part]) * percent)))
            unit[part] = Float(percent)
        }
        if !lacks { evenness = Int32(truncatingIfNeeded: LocalScoring.evenness(requested, offered)) }
    }
}
