import SchedulerProtocol

/// The pods that a scheduler has in hand, by number, in pages that exist only where such pods are.
///
/// ```
/// number = page × 1024 + row         record: 24 bytes
/// ```
struct KnownPods {
    private static let pageBits = 10
    private static let pageSize = 1 << pageBits

    private struct Record {
        var template: WireTemplate = -1
        var group: WireGroup = -1
    }

    private struct Page {
        var records = ContiguousArray(repeating: Record(), count: KnownPods.pageSize)
        var count = 0
    }

    private var pages: ContiguousArray<Page?> = []

    /// The pod of a number, if it is in hand.
    subscript(pod: WirePod) -> PendingPod? {
        let page = pod >> KnownPods.pageBits
        guard pod >= 0, page < pages.count, let record = pages[page]?.records[pod & (KnownPods.pageSize - 1)],
            record.template >= 0
        else { return nil }
        return PendingPod(pod: pod, template: record.template, group: record.group < 0 ? nil : record.group)
    }

    /// Whether the pod of a number is in hand.
    func contains(_ pod: WirePod) -> Bool {
        let page = pod >> KnownPods.pageBits
        guard pod >= 0, page < pages.count else { return false }
        return (pages[page]?.records[pod & (KnownPods.pageSize - 1)].template ?? -1) >= 0
    }

    /// Takes a pod in hand.
    ///
    /// - Precondition: its number is not negative; the dispatcher counts from 0.
    mutating func insert(_ pod: PendingPod) {
        precondition(pod.pod >= 0, "a pod's number is not negative")
        let page = pod.pod >> KnownPods.pageBits
        while pages.count <= page { pages.append(nil) }
        if pages[page] == nil { pages[page] = Page() }
        let row = pod.pod & (KnownPods.pageSize - 1)
        if (pages[page]?.records[row].template ?? -1) < 0 { pages[page]?.count += 1 }
        pages[page]?.records[row] = Record(template: pod.template, group: pod.group ?? -1)
    }

    /// Lets a pod go; one that is not in hand is no error.
    mutating func remove(_ pod: WirePod) {
        guard contains(pod) else { return }
        let page = pod >> KnownPods.pageBits
        pages[page]?.records[pod & (KnownPods.pageSize - 1)] = Record()
        pages[page]?.count -= 1
        if pages[page]?.count == 0 { pages[page] = nil }
    }
}
