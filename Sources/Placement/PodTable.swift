/// Where a pod stands, and its neighbours in the lists of its node and of its class.
struct PodRecord {
    /// −1 where no pod has this number.
    var node: NodeIndex = -1
    var classIndex: ClassIndex = -1
    var nextOnNode: PodID = -1
    var previousOnNode: PodID = -1
    var nextOfClass: PodID = -1
    var previousOfClass: PodID = -1
    var devices = DeviceSet()
}

/// Placed pods by number, in pages that exist only where pods do.
///
/// ```
/// id = page × 1024 + row         record: 32 bytes
/// ```
struct PodTable {
    static let pageBits: PodID = 10
    static let pageSize = 1 << Int(pageBits)

    private var pages: ContiguousArray<ContiguousArray<PodRecord>> = []
    private var used: ContiguousArray<Int32> = []
    /// How many pods are placed.
    private(set) var count = 0

    /// The record of a number; one of an absent pod has no node.
    @inline(__always)
    subscript(pod: PodID) -> PodRecord {
        guard pod >= 0 else { return PodRecord() }
        let page = Int(pod >> PodTable.pageBits)
        guard page < pages.count, !pages[page].isEmpty else { return PodRecord() }
        return pages[page][Int(pod) & (PodTable.pageSize - 1)]
    }

    /// Adds a pod at the heads of the lists of its node and of its class, before those that were the heads; its number must
    /// be free.
    @inline(__always)
    mutating func insertFirst(_ pod: PodID, _ record: PodRecord) {
        insert(pod, record)
        // With one access to the pages for both: to change each by itself is to ask each time who else holds them.
        pages.withUnsafeMutableBufferPointer { pages in
            let (nextOnNode, nextOfClass) = (record.nextOnNode, record.nextOfClass)
            let row = PodTable.pageSize - 1
            if nextOnNode >= 0 {
                pages[Int(nextOnNode >> PodTable.pageBits)][Int(nextOnNode) & row].previousOnNode = pod
            }
            if nextOfClass >= 0 {
                pages[Int(nextOfClass >> PodTable.pageBits)][Int(nextOfClass) & row].previousOfClass = pod
            }
        }
    }

    /// Changes the record of a pod that exists.
    @inline(__always)
    mutating func update(_ pod: PodID, _ change: (inout PodRecord) -> Void) {
        change(&pages[Int(pod >> PodTable.pageBits)][Int(pod) & (PodTable.pageSize - 1)])
    }

    /// Adds a pod; its number must be free.
    @inline(__always)
    mutating func insert(_ pod: PodID, _ record: PodRecord) {
        let page = Int(pod >> PodTable.pageBits)
        if page >= pages.count || pages[page].isEmpty { addPage(page) }
        pages[page][Int(pod) & (PodTable.pageSize - 1)] = record
        used[page] &+= 1
        count &+= 1
    }

    private mutating func addPage(_ page: Int) {
        if page >= pages.count {
            let more = page + 1 - pages.count
            pages.append(contentsOf: repeatElement([], count: more))
            used.append(contentsOf: repeatElement(0, count: more))
        }
        pages[page] = ContiguousArray(repeating: PodRecord(), count: PodTable.pageSize)
    }

    /// Removes a pod that exists.
    mutating func remove(_ pod: PodID) {
        let page = Int(pod >> PodTable.pageBits)
        pages[page][Int(pod) & (PodTable.pageSize - 1)] = PodRecord()
        used[page] &-= 1
        count &-= 1
        if used[page] == 0 { pages[page] = [] }
    }

    /// Calls `body` with every placed pod, by ascending number.
    func forEach(_ body: (PodID, PodRecord) -> Void) {
        for (page, records) in pages.enumerated() {
            for (row, record) in records.enumerated() where record.node >= 0 {
                body(PodID(page * PodTable.pageSize + row), record)
            }
        }
    }
}
