import Placement

/// The last changes of the cell, so that each scheduler can be told at its own pace.
///
/// Every change has a revision, one more than that of the change before. A scheduler has a cursor: the last revision that
/// it was told. Nothing is queued for a scheduler but this cursor, so a slow one costs no memory, and what it is told in
/// the end is told in few messages.
struct ChangeLog {
    enum Change: Hashable {
        /// A pod took its place on a node; `by` is the scheduler, −1 for nobody's.
        case placed(pod: Int, node: Int32, by: Int32)
        /// A pod left its node.
        case released(pod: Int, node: Int32, by: Int32)
        /// A node joined, left or changed in itself.
        case node(Int32)
    }

    private var ring: [Change] = []
    private let capacity: Int
    /// The revision of the newest change; 0 before the first.
    private(set) var revision = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    @discardableResult
    mutating func append(_ change: Change) -> Int {
        let index = revision % capacity
        if index < ring.count { ring[index] = change } else { ring.append(change) }
        revision += 1
        return revision
    }

    /// Whether every change after `cursor` is still here.
    func reaches(_ cursor: Int) -> Bool { revision - cursor <= capacity }

    /// The change that made the given revision.
    subscript(revision: Int) -> Change {
        precondition(revision > 0 && revision <= self.revision && self.revision - revision < capacity)
        return ring[(revision - 1) % capacity]
    }
}
