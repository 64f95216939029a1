import ClusterModel
import Placement

/// Pods of one scheduler that fit nowhere for now, by class, and groups.
///
/// Pods of a class are alike, so when an event may help, one of them is tried; each success lets twice as many follow,
/// and a failure sends the class back to sleep. A backlog of any size costs one try an event.
struct ParkingLot {
    struct Lot {
        var pods: [Int] = []
        var events: ClusterEvents = []
        var reasons: [String: Int] = [:]
        /// How many may leave at the next success.
        var allowance = 1
    }

    private(set) var lots: [ClassIndex: Lot] = [:]
    /// Why pods wait that differ from others of their class: those for which room is kept.
    private(set) var ownReasons: [Int: [String: Int]] = [:]
    /// Parked groups by index, with why and what may help.
    private(set) var groups: [Int: (events: ClusterEvents, reasons: [String: Int])] = [:]

    var isEmpty: Bool { lots.isEmpty && groups.isEmpty }

    /// Puts a pod to sleep, last of its class; one with reasons of its own first, because room is kept for it alone.
    mutating func park(
        _ pod: Int, class spec: ClassIndex, events: ClusterEvents, reasons: [String: Int]? = nil,
        ownReasons own: [String: Int]? = nil
    ) {
        var lot = lots.removeValue(forKey: spec) ?? Lot()
        lot.pods.insert(pod, at: own == nil ? lot.pods.count : 0)
        lot.events = own == nil ? events : lot.events.union(events)
        if let reasons { lot.reasons = reasons }
        if let own { ownReasons[pod] = own }
        lot.allowance = 1
        lots[spec] = lot
    }

    /// Why a pod of a class sleeps.
    func reasons(of pod: Int, class spec: ClassIndex) -> [String: Int]? { ownReasons[pod] ?? lots[spec]?.reasons }

    private mutating func forgetReasons(of awake: some Sequence<Int>) {
        guard !ownReasons.isEmpty else { return }
        for pod in awake { ownReasons[pod] = nil }
    }

    mutating func park(group: Int, events: ClusterEvents, reasons: [String: Int]) {
        groups[group] = (events, reasons)
    }

    /// Takes out the pod of a class that waited longest, to be tried again.
    mutating func wakeOne(class spec: ClassIndex) -> Int? {
        guard var lot = lots.removeValue(forKey: spec) else { return nil }
        let pod = lot.pods.isEmpty ? nil : lot.pods.removeFirst()
        if let pod { forgetReasons(of: [pod]) }
        lot.allowance = 1
        if !lot.pods.isEmpty { lots[spec] = lot }
        return pod
    }

    /// Takes out as many pods of a class as its last successes allow, because one of them was just placed.
    mutating func wakeFollowers(class spec: ClassIndex) -> [Int] {
        guard var lot = lots.removeValue(forKey: spec) else { return [] }
        let count = min(lot.allowance * 2, lot.pods.count)
        let awake = Array(lot.pods.prefix(count))
        lot.pods.removeFirst(count)
        forgetReasons(of: awake)
        lot.allowance = min(lot.allowance * 2, 1 << 20)
        if !lot.pods.isEmpty { lots[spec] = lot }
        return awake
    }

    /// Takes out a group; false if it was not here.
    mutating func wake(group: Int) -> Bool { groups.removeValue(forKey: group) != nil }

    /// Takes out one pod, because it was deleted or moved.
    mutating func remove(_ pod: Int, class spec: ClassIndex) {
        guard var lot = lots.removeValue(forKey: spec) else { return }
        lot.pods.removeAll { $0 == pod }
        forgetReasons(of: [pod])
        if !lot.pods.isEmpty { lots[spec] = lot }
    }

    /// Takes everything out.
    mutating func removeAll() -> (pods: [Int], groups: [Int]) {
        let all = (lots.values.flatMap(\.pods).sorted(), groups.keys.sorted())
        lots = [:]
        groups = [:]
        ownReasons = [:]
        return all
    }
}
