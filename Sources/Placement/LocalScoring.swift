import ClusterModel

/// The scores that depend on one node alone (and on the images of the cluster), compiled for one class and profile.
///
/// All integers are those that Kubernetes computes: 0 to 100 a plug-in, before weights.
struct LocalScoring {
    /// A resource of NodeResourcesFit or NodeResourcesBalancedAllocation.
    struct Term {
        var resource: Int
        /// What the pod adds.
        var request: Int64
        var weight: Int64
    }

    var strategy = Profile.Strategy.leastAllocated
    var fitTerms: ContiguousArray<Term> = []
    var fitWeight: Int64 = 0
    /// Scores of RequestedToCapacityRatio by percent taken, 0...100.
    var shape: ContiguousArray<Int64> = []
    var balancedTerms: ContiguousArray<Term> = []
    /// Zero where the plug-in skips the pod.
    var balancedWeight: Int64 = 0
    var images: ContiguousArray<Int32> = []
    var imageWeight: Int64 = 0
    /// Zero for pods that ask for GPUs.
    var reserveWeight: Int64 = 0
    /// Whether the fit is least or most allocated of CPU and memory alike, the case worth a path of its own.
    var isPlain = false
    /// Whether the balance is that of CPU and memory alone.
    var isBalancePlain = false

    static let empty = LocalScoring()

    /// Resources of the two plug-ins that the profile names and that a pod must ask for to be scored by them.
    private var extended: Set<Int> = []

    private init() {}

    /// What the profile alone decides; `filled` adds what a class asks for.
    init(_ profile: Profile, _ resources: inout ResourceTable) {
        strategy = profile.fit.strategy
        for score in profile.scores {
            switch score.plugin {
            case .nodeResourcesFit: fitWeight = score.weight
            case .nodeResourcesBalancedAllocation: balancedWeight = score.weight
            case .imageLocality: imageWeight = score.weight
            case .gpuReserve: reserveWeight = score.weight
            default: break
            }
        }
        for item in profile.fit.resources {
            let resource = resources.number(item.name)
            if LocalScoring.isExtended(item.name) { extended.insert(resource) }
            fitTerms.append(Term(resource: resource, request: 0, weight: item.weight))
        }
        for item in profile.balancedResources {
            let resource = resources.number(item.name)
            if LocalScoring.isExtended(item.name) { extended.insert(resource) }
            balancedTerms.append(Term(resource: resource, request: 0, weight: 1))
        }
        shape = LocalScoring.table(profile.fit.shape)
    }

    /// The scoring of pods of a class.
    func filled(_ record: ClassRecord) -> LocalScoring {
        var result = self
        for position in fitTerms.indices {
            result.fitTerms[position].request = LocalScoring.scoringRequest(fitTerms[position].resource, record)
        }
        for position in balancedTerms.indices {
            result.balancedTerms[position].request = LocalScoring.request(balancedTerms[position].resource, record)
        }
        // A pod that asks for none of the resources has nothing to balance, and one that does not ask for an extended
        // resource is not scored by it.
        if !result.balancedTerms.contains(where: { $0.request > 0 }) { result.balancedWeight = 0 }
        if !extended.isEmpty {
            result.fitTerms.removeAll { $0.request == 0 && extended.contains($0.resource) }
            result.balancedTerms.removeAll { $0.request == 0 && extended.contains($0.resource) }
        }
        result.images = record.images
        if record.images.isEmpty { result.imageWeight = 0 }
        if record.need.count > 0 { result.reserveWeight = 0 }
        result.isPlain =
            strategy != .requestedToCapacityRatio && LocalScoring.isCPUAndMemory(result.fitTerms)
            && result.fitTerms.allSatisfy { $0.weight == 1 }
        result.isBalancePlain = LocalScoring.isCPUAndMemory(result.balancedTerms)
        return result
    }

    /// Whether a profile's scores of resources are LeastAllocated or MostAllocated, and BalancedAllocation, of CPU and memory
    /// alike.
    var looksAtCPUAndMemoryAlone: Bool {
        strategy != .requestedToCapacityRatio && LocalScoring.isCPUAndMemory(fitTerms)
            && fitTerms.allSatisfy { $0.weight == 1 }
            && (balancedWeight == 0 || LocalScoring.isCPUAndMemory(balancedTerms))
    }

    private static func isCPUAndMemory(_ terms: ContiguousArray<Term>) -> Bool {
        terms.count == 2 && terms[0].resource == ResourceID.cpu && terms[1].resource == ResourceID.memory
    }

    private static func isExtended(_ name: String) -> Bool {
        !["cpu", "memory", "ephemeral-storage", "pods"].contains(name)
    }

    private static func request(_ resource: Int, _ record: ClassRecord) -> Int64 {
        record.requests.first { $0.resource == resource && resource != ResourceID.pods }?.amount ?? 0
    }

    private static func scoringRequest(_ resource: Int, _ record: ClassRecord) -> Int64 {
        switch resource {
        case ResourceID.cpu: record.scoringCPU
        case ResourceID.memory: record.scoringMemory
        default: request(resource, record)
        }
    }

    /// The broken line through the points at every percent; scores 0 to 10 become 0 to 100.
    private static func table(_ points: [Profile.ShapePoint]) -> ContiguousArray<Int64> {
        guard let first = points.first, let last = points.last else { return [] }
        return ContiguousArray(
            (0...100 as ClosedRange<Int64>).map { percent in
                if percent <= first.utilization { return first.score * 10 }
                for (left, right) in zip(points, points.dropFirst()) where percent <= right.utilization {
                    let rise = (right.score - left.score) * 10
                    return left.score * 10
                        + rise * (percent - left.utilization) / (right.utilization - left.utilization)
                }
                return last.score * 10
            })
    }

    /// The weighted sum of the plug-ins.
    @inline(__always)
    func total(_ cell: borrowing Cell, _ node: Int) -> Int64 {
        var sum: Int64 = 0
        if fitWeight != 0 { sum &+= fitWeight &* fit(cell.resources, node) }
        if balancedWeight != 0 { sum &+= balancedWeight &* balanced(cell.resources, node) }
        if imageWeight != 0 { sum &+= imageWeight &* imageLocality(cell, node) }
        if reserveWeight != 0 { sum &+= reserveWeight &* LocalScoring.reserve(cell, node) }
        return sum
    }

    // MARK: NodeResourcesFit

    /// Source: Kubernetes' least_allocated.go, most_allocated.go and requested_to_capacity_ratio.go.
    @inline(__always)
    func fit(_ table: borrowing ResourceTable, _ node: Int) -> Int64 {
        isPlain ? plainFit(table, node) : generalFit(table, node)
    }

    /// CPU and memory alike, the common case.
    @inline(__always)
    private func plainFit(_ table: borrowing ResourceTable, _ node: Int) -> Int64 {
        let cpu = table.allocatable[ResourceID.cpu][node]
        let memory = table.allocatable[ResourceID.memory][node]
        guard cpu > 0, memory > 0 else { return generalFit(table, node) }
        let isMost = strategy == .mostAllocated
        let first = LocalScoring.plainPart(table.scoringCPU[node] &+ fitTerms[0].request, cpu, isMost)
        let second = LocalScoring.plainPart(table.scoringMemory[node] &+ fitTerms[1].request, memory, isMost)
        return (first &+ second) >> 1
    }

    /// One part of the plain fit; the capacity is above zero.
    @inline(__always)
    static func plainPart(_ taken: Int64, _ capacity: Int64, _ isMost: Bool) -> Int64 {
        let part = isMost ? min(taken, capacity) : max(0, capacity &- taken)
        // Below 2⁴⁶ the division of doubles is exact enough to be cut: a quotient of at most 100 that is not whole lies
        // further from the next whole number than rounding can carry it. It takes a quarter of the time.
        return capacity < 1 << 46
            ? Int64(Double(part &* 100) / Double(capacity)) : part &* 100 / capacity
    }

    private func generalFit(_ table: borrowing ResourceTable, _ node: Int) -> Int64 {
        var score: Int64 = 0
        var weights: Int64 = 0
        for position in fitTerms.indices {
            let term = fitTerms[position]
            let capacity = table.allocatable[term.resource][node]
            guard capacity > 0 else { continue }
            let taken = LocalScoring.taken(table, term.resource, node) &+ term.request
            let part = fitPart(taken, capacity)
            if strategy == .requestedToCapacityRatio, part <= 0 { continue }
            score &+= part &* term.weight
            weights &+= term.weight
        }
        guard weights > 0 else { return 0 }
        if strategy == .requestedToCapacityRatio {
            return Int64((Double(score) / Double(weights)).rounded(.toNearestOrAwayFromZero))
        }
        return score / weights
    }

    /// What scoring counts as taken of a resource, before the pod.
    @inline(__always)
    static func taken(_ table: borrowing ResourceTable, _ resource: Int, _ node: Int) -> Int64 {
        switch resource {
        case ResourceID.cpu: table.scoringCPU[node]
        case ResourceID.memory: table.scoringMemory[node]
        default: table.requested(resource, node)
        }
    }

    @inline(__always)
    private func fitPart(_ taken: Int64, _ capacity: Int64) -> Int64 {
        switch strategy {
        case .leastAllocated: taken > capacity ? 0 : (capacity &- taken) &* 100 / capacity
        case .mostAllocated: min(taken, capacity) &* 100 / capacity
        case .requestedToCapacityRatio: shape[Int(taken > capacity ? 100 : taken &* 100 / capacity)]
        }
    }

    // MARK: NodeResourcesBalancedAllocation

    /// How much more even the use of the resources becomes: half of what the pod changes, around 75.
    ///
    /// `50 + (50 + after − before) / 2`, where each is `(1 − deviation) × 100`, cut to an integer.
    /// Source: results of Kubernetes 1.36.
    @inline(__always)
    func balanced(_ table: borrowing ResourceTable, _ node: Int) -> Int64 {
        if isBalancePlain {
            let cpu = table.allocatable[ResourceID.cpu][node]
            let memory = table.allocatable[ResourceID.memory][node]
            if cpu > 0, memory > 0 {
                let offered = SIMD2(Double(cpu), Double(memory))
                let taken = SIMD2(table.requested(ResourceID.cpu, node), table.requested(ResourceID.memory, node))
                let more = SIMD2(balancedTerms[0].request, balancedTerms[1].request)
                let before = LocalScoring.evenness(taken, offered)
                let after = LocalScoring.evenness(taken &+ more, offered)
                return 50 &+ (50 &+ after &- before) / 2
            }
        }
        let before = evenness(table, node, adding: false)
        let after = evenness(table, node, adding: true)
        return 50 &+ (50 &+ after &- before) / 2
    }

    /// How even two shares are: `(1 − deviation) × 100`, cut to an integer.
    @inline(__always)
    static func evenness(_ taken: SIMD2<Int64>, _ offered: SIMD2<Double>) -> Int64 {
        let first = max(0, min(1, Double(taken[0]) / offered[0]))
        let second = max(0, min(1, Double(taken[1]) / offered[1]))
        return Int64((1 - abs((first - second) / 2)) * 100)
    }

    private func evenness(_ table: borrowing ResourceTable, _ node: Int, adding: Bool) -> Int64 {
        var count = 0
        var sum = 0.0
        var first = 0.0
        var second = 0.0
        for position in balancedTerms.indices {
            let capacity = table.allocatable[balancedTerms[position].resource][node]
            guard capacity > 0 else { continue }
            let part = fraction(table, node, position, adding)
            sum += part
            if count == 0 { first = part } else if count == 1 { second = part }
            count += 1
        }
        var deviation = 0.0
        if count == 2 {
            deviation = abs((first - second) / 2)
        } else if count > 2 {
            let mean = sum / Double(count)
            var squares = 0.0
            for position in balancedTerms.indices {
                guard table.allocatable[balancedTerms[position].resource][node] > 0 else { continue }
                let difference = fraction(table, node, position, adding) - mean
                squares += difference * difference
            }
            deviation = (squares / Double(count)).squareRoot()
        }
        return Int64((1 - deviation) * 100)
    }

    private func fraction(_ table: borrowing ResourceTable, _ node: Int, _ position: Int, _ adding: Bool) -> Double {
        let term = balancedTerms[position]
        let taken = table.requested(term.resource, node) &+ (adding ? term.request : 0)
        return max(0, min(1, Double(taken) / Double(table.allocatable[term.resource][node])))
    }

    // MARK: GPUReserve

    /// What GPUReserve gives a node, for a pod that asks for no GPU.
    @inline(__always)
    static func reserve(_ cell: borrowing Cell, _ node: Int) -> Int64 {
        // Not joined by &&, which would capture what is only borrowed.
        if cell.devices.count[node] != 0 { return 0 }
        return cell.devices.isPool(node) ? 0 : 100
    }

    // MARK: ImageLocality

    private static let megabyte: Int64 = 1024 * 1024

    /// Source: Kubernetes' image_locality.go: image sizes scaled by how many nodes have them, between 23 MB and 1,000 MB a
    /// container.
    func imageLocality(_ cell: borrowing Cell, _ node: Int) -> Int64 {
        guard !cell.nodes.rows[node].images.isEmpty, cell.nodes.count > 0 else { return 0 }
        var sum: Int64 = 0
        for image in images {
            // The name that a node lists twice counts as it was listed last.
            guard let present = cell.nodes.rows[node].images.last(where: { $0.name == image }) else { continue }
            let spread = Double(cell.imageNodes[image] ?? 0) / Double(cell.nodes.count)
            let scaled = Double(present.sizeBytes) * spread
            sum &+= scaled < 9e15 ? Int64(scaled) : 9_000_000_000_000_000
        }
        let least = 23 * LocalScoring.megabyte
        let most = 1000 * LocalScoring.megabyte * Int64(images.count)
        let bounded = min(max(sum, least), most)
        return 100 * (bounded - least) / (most - least)
    }
}
