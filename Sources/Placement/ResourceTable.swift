import ClusterModel

/// Numbers of the resources that every cell has; others follow as they are seen.
enum ResourceID {
    static let cpu = 0
    static let memory = 1
    static let ephemeralStorage = 2
    static let pods = 3
    /// Whole GPU devices; `free` counts the wholly free ones.
    static let device = 4
    /// Thousandths of one device; `free` is the largest free share of any one device.
    static let share = 5
    static let names = [
        "cpu", "memory", "ephemeral-storage", "pods", GPU.deviceResource, GPU.shareResource,
    ]
}

/// Bounds of amounts, so that sums over a node's pods cannot overflow.
enum Amount {
    /// The most that a node can offer: exact in a `Double` too.
    static let largestOffer: Int64 = 1 << 53
    /// A request above every offer, which therefore fits nowhere.
    static let largestRequest: Int64 = largestOffer + 1
    /// From here on amounts are added with saturation; below, 2²³ pods on one node cannot overflow.
    static let huge: Int64 = 1 << 40
    /// Where a saturated sum of free amounts stops.
    static let floor: Int64 = -(1 << 62)

    /// A node's offer within bounds.
    static func offer(_ quantity: Quantity, _ resource: Int) -> Int64 {
        min(max(0, resource == ResourceID.cpu ? quantity.milliValue : quantity.value), largestOffer)
    }

    /// A pod's request within bounds.
    static func request(_ quantity: Quantity, _ resource: Int) -> Int64 {
        min(max(0, resource == ResourceID.cpu ? quantity.milliValue : quantity.value), largestRequest)
    }
}

/// What nodes offer and have left: one contiguous column per resource.
///
/// CPU is counted in thousandths, everything else in units.
struct ResourceTable {
    private(set) var names: [String] = ResourceID.names
    private var numbers: [String: Int] = Dictionary(
        uniqueKeysWithValues: ResourceID.names.enumerated().map { ($1, $0) })
    /// By resource, by node: what pods may take.
    var allocatable: ContiguousArray<ContiguousArray<Int64>> = ContiguousArray(repeating: [], count: 6)
    /// By resource, by node: what is left; below zero where a node is over-committed.
    var free: ContiguousArray<ContiguousArray<Int64>> = ContiguousArray(repeating: [], count: 6)
    /// By node: the CPU that scoring counts, in thousandths.
    var scoringCPU: ContiguousArray<Int64> = []
    /// By node: the memory that scoring counts, in bytes.
    var scoringMemory: ContiguousArray<Int64> = []
    private(set) var capacity = 0

    /// How many resources have a column.
    var count: Int { names.count }

    /// The number of a resource, or nil if it was never seen.
    func find(_ name: String) -> Int? { numbers[name] }

    /// The number of a resource, with a new column if it was never seen.
    mutating func number(_ name: String) -> Int {
        // Nearly every pod asks for these two, and short names are compared faster than hashed.
        if name == "cpu" { return ResourceID.cpu }
        if name == "memory" { return ResourceID.memory }
        if let number = numbers[name] { return number }
        let number = names.count
        names.append(name)
        numbers[name] = number
        allocatable.append(ContiguousArray(repeating: 0, count: capacity))
        free.append(ContiguousArray(repeating: 0, count: capacity))
        return number
    }

    /// Makes room for nodes below `count`.
    mutating func grow(to count: Int) {
        guard count > capacity else { return }
        let more = repeatElement(Int64(0), count: count - capacity)
        for resource in names.indices {
            allocatable[resource].append(contentsOf: more)
            free[resource].append(contentsOf: more)
        }
        scoringCPU.append(contentsOf: more)
        scoringMemory.append(contentsOf: more)
        capacity = count
    }

    /// Empties a node's row in every column.
    mutating func clear(_ node: Int) {
        for resource in names.indices {
            allocatable[resource][node] = 0
            free[resource][node] = 0
        }
        scoringCPU[node] = 0
        scoringMemory[node] = 0
    }

    /// What is taken of a resource on a node.
    @inline(__always)
    func requested(_ resource: Int, _ node: Int) -> Int64 {
        allocatable[resource][node] &- free[resource][node]
    }
}

/// A number of a resource.
struct ResourceAmount: Hashable {
    var resource: Int
    var amount: Int64
}
