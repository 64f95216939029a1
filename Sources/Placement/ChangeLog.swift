/// The rows that changed lately, oldest first, so that what was derived from them can be repaired instead of rebuilt.
///
/// Readers remember a position. A reader that fell behind the log's beginning has to start over.
struct ChangeLog {
    private(set) var entries: ContiguousArray<Int32> = []
    /// The position of the first entry kept.
    private(set) var base = 0

    /// The position after the last entry.
    @inline(__always)
    var end: Int { base &+ entries.count }

    /// Notes that a row changed; at most `limit` entries are kept.
    @inline(__always)
    mutating func append(_ row: Int32, limit: Int) {
        if entries.count >= limit { trim(limit) }
        entries.append(row)
    }

    /// Forgets everything, so that every reader has to start over.
    mutating func invalidate() {
        base = end &+ 1
        entries.removeAll(keepingCapacity: true)
    }

    private mutating func trim(_ limit: Int) {
        let dropped = entries.count - limit / 2
        entries.removeFirst(dropped)
        base += dropped
    }
}
