/// The mix of pods seen lately, and what a node's CPU, memory and extended resources are worth to it.
///
/// A node is worth as many pods as it could still hold of the average one, and what its extended resources earn besides:
/// ```
/// V = min(c/c̄, m/m̄) + Σₑ wₑ · min(fₑ/f̄ₑ, c/c̄ₑ, m/m̄ₑ)
/// ```
/// with the node's free CPU c, memory m and extended resources fₑ; c̄ and m̄ of the average pod; f̄ₑ, c̄ₑ, m̄ₑ of the average
/// pod that asks for e; and wₑ how scarce e is beside CPU and memory. So a pod costs a node only what is scarce there: one
/// that takes what the node has too much of costs less, and fills it without stranding the rest.
struct MixWorth {
    /// What an extended resource (or local storage, or huge pages) earns.
    struct Extra: Equatable {
        var resource: Int
        /// What the average pod that asks for it takes: of it, of CPU (thousandths), of memory (bytes).
        var amount: Double
        var cpu: Double
        var memory: Double
        /// Average pods that a pod that asks for it is worth besides.
        var weight: Double
    }

    /// What a class's pods take of CPU and memory.
    struct Demand {
        /// Shares of the average pod.
        var cpu = 0.0
        var memory = 0.0
        /// CPU in thousandths, memory in bytes.
        var milli = 0.0
        var bytes = 0.0
    }

    private struct Sum {
        var pods = 0.0
        var amount = 0.0
        var cpu = 0.0
        var memory = 0.0
    }

    /// CPU (thousandths) and memory (bytes) of the average pod that losses go by; zero where no pod asks.
    private(set) var cpu = 0.0
    private(set) var memory = 0.0
    private(set) var extras: ContiguousArray<Extra> = []
    /// Whether a pod was seen.
    private(set) var isReady = false

    /// By resource: sums over the pods seen; those of CPU count every pod.
    private var sums: ContiguousArray<Sum> = []
    private var podsSeen = 0
    private var nextRenewal = 1

    /// A mix is renewed each time the pods seen have doubled up to this many, then every so many, when what was seen before
    /// counts half.
    private static let window = 4096
    /// How far the mix must have moved for losses to follow, since all orders of nodes are then worked out anew.
    private static let tolerance = 0.03
    /// Stands for more than any node has, of what no pod asks for.
    private static let plenty = 1e18

    /// Takes note of a pod to be placed.
    ///
    /// - Returns: whether losses have changed.
    /// - Complexity: O(requests); O(nodes × resources asked for) at a renewal.
    mutating func see(_ index: ClassIndex, _ cell: borrowing Cell) -> Bool {
        let c = Int(index)
        if sums.count < cell.resources.count {
            sums.append(contentsOf: repeatElement(Sum(), count: cell.resources.count - sums.count))
        }
        var cpu = 0.0
        var memory = 0.0
        for position in cell.classes[c].requests.indices {
            let item = cell.classes[c].requests[position]
            if item.resource == ResourceID.cpu { cpu = Double(item.amount) }
            if item.resource == ResourceID.memory { memory = Double(item.amount) }
        }
        sums[ResourceID.cpu].pods += 1
        sums[ResourceID.cpu].cpu += cpu
        sums[ResourceID.cpu].memory += memory
        for position in cell.classes[c].requests.indices {
            let item = cell.classes[c].requests[position]
            guard MixWorth.isExtra(item.resource) else { continue }
            sums[item.resource].pods += 1
            sums[item.resource].amount += Double(item.amount)
            sums[item.resource].cpu += cpu
            sums[item.resource].memory += memory
        }
        podsSeen += 1
        guard podsSeen >= nextRenewal else { return false }
        return renew(cell)
    }

    private static func isExtra(_ resource: Int) -> Bool {
        resource == ResourceID.ephemeralStorage || resource > ResourceID.share
    }

    private mutating func renew(_ cell: borrowing Cell) -> Bool {
        let all = sums[ResourceID.cpu]
        let found = renewedExtras(cell)
        let (newCPU, newMemory) = (all.cpu / all.pods, all.memory / all.pods)
        if podsSeen < MixWorth.window {
            nextRenewal = podsSeen * 2
        } else {
            nextRenewal = podsSeen + MixWorth.window
            for resource in sums.indices {
                sums[resource].pods /= 2
                sums[resource].amount /= 2
                sums[resource].cpu /= 2
                sums[resource].memory /= 2
            }
        }
        let isNear =
            isReady && MixWorth.isNear(cpu * newMemory, newCPU * memory)
            && extras.count == found.count && zip(extras, found).allSatisfy { $0.isNear($1) }
        if isNear { return false }
        (cpu, memory, extras, isReady) = (newCPU, newMemory, found, true)
        return true
    }

    fileprivate static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= tolerance * max(abs(a), abs(b)) }

    /// The extended resources that pods asked for, with how scarce they are: the share of them that was asked for beside that
    /// of CPU or memory, whichever is the larger.
    private func renewedExtras(_ cell: Cell) -> ContiguousArray<Extra> {
        let wanted = sums.indices.filter { MixWorth.isExtra($0) && sums[$0].pods > 0 }
        guard !wanted.isEmpty else { return [] }
        let all = sums[ResourceID.cpu]
        let cpuShare = MixWorth.share(all.cpu, of: cell.resources.allocatable[ResourceID.cpu])
        let memoryShare = MixWorth.share(all.memory, of: cell.resources.allocatable[ResourceID.memory])
        let base = max(cpuShare, memoryShare, 1e-9)
        return ContiguousArray(
            wanted.map { resource in
                let sum = sums[resource]
                let scarcity = MixWorth.share(sum.amount, of: cell.resources.allocatable[resource]) / base
                return Extra(
                    resource: resource, amount: sum.amount / sum.pods, cpu: sum.cpu / sum.pods,
                    memory: sum.memory / sum.pods, weight: min(10, scarcity))
            })
    }

    private static func share(_ asked: Double, of offers: ContiguousArray<Int64>) -> Double {
        let offered = offers.reduce(0.0) { $0 + Double($1) }
        return offered > 0 ? asked / offered : 0
    }

    // MARK: Losses

    /// What a class's pods take.
    func demand(_ index: ClassIndex, _ cell: borrowing Cell) -> Demand {
        var demand = Demand()
        for item in cell.classes[Int(index)].requests {
            if item.resource == ResourceID.cpu { demand.milli = Double(item.amount) }
            if item.resource == ResourceID.memory { demand.bytes = Double(item.amount) }
        }
        demand.cpu = cpu > 0 ? demand.milli / cpu : 0
        demand.memory = memory > 0 ? demand.bytes / memory : 0
        return demand
    }

    /// What a class's pods take of the extended resources, by position in `extras`.
    func extraDemand(_ index: ClassIndex, _ cell: Cell) -> ContiguousArray<Double> {
        ContiguousArray(
            extras.map { extra in
                let item = cell.classes[Int(index)].requests.first { $0.resource == extra.resource }
                return Double(item?.amount ?? 0)
            })
    }

    /// How many average pods more a node's free CPU holds than its free memory does; below zero for the opposite.
    @inline(__always)
    func skew(_ table: borrowing ResourceTable, _ node: Int) -> Double {
        let first = cpu > 0 ? Double(max(0, table.free[ResourceID.cpu][node])) / cpu : MixWorth.plenty
        let second = memory > 0 ? Double(max(0, table.free[ResourceID.memory][node])) / memory : MixWorth.plenty
        return first - second
    }

    /// How many average pods fewer a node holds after a pod, by CPU and memory.
    ///
    /// `min(x, y) − min(x − a, y − b) = max(a − max(x − y, 0), b − max(y − x, 0))`, which needs the skew `x − y` alone.
    @inline(__always)
    static func loss(_ demand: Demand, skew: Double) -> Double {
        max(demand.cpu - max(skew, 0), demand.memory - max(-skew, 0), 0)
    }

    /// How many average pods' CPU more lies beside too little memory after a pod than before; below zero where it is less.
    @inline(__always)
    static func stranding(_ demand: Demand, skew: Double) -> Double {
        max(0, skew - demand.cpu + demand.memory) - max(0, skew)
    }

    /// What extended resources earn less after a pod, in average pods.
    ///
    /// - Parameter taken: what the pod takes of them, by position in `extras`; empty for nothing.
    func extraLoss(
        _ demand: Demand, _ taken: borrowing ContiguousArray<Double>, _ table: borrowing ResourceTable, _ node: Int
    ) -> Double {
        var loss = 0.0
        let milli = Double(max(0, table.free[ResourceID.cpu][node]))
        let bytes = Double(max(0, table.free[ResourceID.memory][node]))
        for position in extras.indices {
            let extra = extras[position]
            let free = Double(table.free[extra.resource][node])
            guard free > 0 else { continue }
            let before = extra.pods(free, milli, bytes)
            let after = extra.pods(
                free - (taken.isEmpty ? 0 : taken[position]), milli - demand.milli, bytes - demand.bytes)
            loss += extra.weight * (before - max(0, after))
        }
        return loss
    }

    /// Losses in whole steps, zero or below.
    @inline(__always)
    static func steps(_ loss: Double, quantum: Double) -> Int32 {
        let steps = (1e-6 - loss / quantum).rounded(.down)
        return Int32(max(-Double(PricedScore.mostSteps), min(0, steps)))
    }
}

extension MixWorth.Extra {
    /// How many pods that ask for it fit into what is free.
    @inline(__always)
    fileprivate func pods(_ free: Double, _ milli: Double, _ bytes: Double) -> Double {
        var least = free / amount
        if cpu > 0 { least = min(least, milli / cpu) }
        if memory > 0 { least = min(least, bytes / memory) }
        return least
    }

    fileprivate func isNear(_ other: MixWorth.Extra) -> Bool {
        // Weights are rougher than means: they only have to tell what is scarce.
        resource == other.resource && abs(weight - other.weight) <= 0.1 * max(weight, other.weight)
            && MixWorth.isNear(amount * other.cpu, other.amount * cpu)
            && MixWorth.isNear(amount * other.memory, other.amount * memory)
    }
}
