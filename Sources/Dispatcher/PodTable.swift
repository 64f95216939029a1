import ClusterModel
import Placement

/// What the dispatcher knows of one pod.
struct PodRecord {
    /// Where a pod is on its way; each says who moves it on.
    enum State: UInt8, CaseIterable {
        /// Waits for its group's other members or for a scheduler that is not there; `Dispatcher.hold` says which.
        case held
        /// In the queue of its scheduler.
        case queued
        /// With its scheduler, undecided.
        case assigned
        /// Reserved on a node until enough of its group are.
        case staged
        /// On its node.
        case bound
        /// Fits nowhere; woken by events.
        case parked
        /// Refused too often in a row; given back after a while.
        case resting
        /// Refused for good.
        case refused
        /// Deleted, evicted or ended.
        case gone
        /// With its scheduler, which keeps it in a queue of its own.
        case onHold
    }

    var state: State
    var spec: ClassIndex
    /// Index of the group, or −1.
    var group: Int32
    /// Index of the scheduler that it belongs to, or −1.
    var scheduler: Int32
    /// The node it is bound to or staged on, or −1.
    var node: Int32 = -1
    var devices: DeviceSet = []
    var priority: Int32
    /// Index into `Dispatcher.routes`.
    var route: Int32
    /// The node on which it was refused last, or −1, and how often in a row.
    var refusedNode: Int32 = -1
    var refusals: UInt8 = 0
    /// How often it was refused, on whatever node, for no other scheduler's sake.
    var mistakes: UInt8 = 0
    /// How often it was refused because another scheduler was faster.
    var conflicts: UInt8 = 0
    /// How often it was given out again at once because something happened while its scheduler found no node for it.
    var retries: UInt8 = 0
    /// How often it was taken from its scheduler for being refused too often.
    var rounds: UInt8 = 0
    /// How often its scheduler crashed with this pod alone in hand.
    var crashes: UInt8 = 0
    /// Whether it stood on its node before the dispatcher came.
    var wasFound = false
    /// Whether a shadow got a copy of it.
    var wasCopied = false
    /// The revision up to which its scheduler had been told when it got the pod.
    var assignedRevision = 0
    /// How many refusals its scheduler had been told of when it got the pod.
    var assignedRefusals: Int32 = 0
    /// When it arrived, and when it was bound, in nanoseconds.
    var arrived: Int64
    var boundAt: Int64 = -1
}

extension PodRecord {
    /// Forgets how often it was tried in vain, because it has its place.
    mutating func forgetTries() {
        refusals = 0
        conflicts = 0
        retries = 0
    }
}

extension UInt8 {
    /// The sum, or the largest number.
    func addingClamped(_ other: UInt8) -> UInt8 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}

/// All pods by number, and their numbers by name.
struct PodTable {
    /// Records by number; a number is never given again.
    var records: [PodRecord] = []
    private(set) var keys: [ObjectKey] = []
    private var names = NumberTable()

    func number(of key: ObjectKey) -> Int? { names.number(hash: PodTable.hash(key)) { keys[$0] == key } }

    private static func hash(_ key: ObjectKey) -> UInt32 {
        var fingerprint = Fingerprint()
        fingerprint.combine(key.namespace)
        fingerprint.combine(key.name)
        return fingerprint.word
    }

    /// Adds a pod; nil, and nothing is changed, if there is one of that name.
    mutating func append(_ record: PodRecord, key: ObjectKey) -> Int? {
        let number = records.count
        let hash = PodTable.hash(key)
        guard names.number(hash: hash, { keys[$0] == key }) == nil else { return nil }
        names.insert(number, hash: hash)
        records.append(record)
        keys.append(key)
        return number
    }

    /// Forgets the name, so that another pod may have it.
    mutating func forgetName(of number: Int) {
        names.remove(hash: PodTable.hash(keys[number])) { $0 == number }
    }

    subscript(number: Int) -> PodRecord {
        get { records[number] }
        _modify { yield &records[number] }
    }
}
