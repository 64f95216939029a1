import DequeModule

/// Who is next for one scheduler: by priority, then in the order of arrival; those given back come first.
///
/// Entries are pods or whole groups. An entry can go stale (its pod was deleted, or moved elsewhere): the one who pops
/// checks, so that nothing has to be searched for in the middle.
struct PodQueue {
    enum Entry: Hashable {
        case pod(Int)
        case group(Int)
    }

    /// One lane a priority, highest first. Clusters use few priorities, so a search among them is short.
    private var lanes: [(priority: Int32, entries: Deque<Entry>)] = []

    /// How many entries there are, stale ones included.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ entry: Entry, priority: Int32) {
        lanes[lane(of: priority)].entries.append(entry)
        count += 1
    }

    mutating func prepend(_ entry: Entry, priority: Int32) {
        lanes[lane(of: priority)].entries.prepend(entry)
        count += 1
    }

    mutating func popFirst() -> Entry? {
        for index in lanes.indices {
            if let entry = lanes[index].entries.popFirst() {
                count -= 1
                return entry
            }
        }
        return nil
    }

    /// Takes everything out, in order.
    mutating func removeAll() -> [Entry] {
        let all = lanes.flatMap { Array($0.entries) }
        lanes = []
        count = 0
        return all
    }

    private mutating func lane(of priority: Int32) -> Int {
        var index = 0
        while index < lanes.count, lanes[index].priority > priority { index += 1 }
        if index == lanes.count || lanes[index].priority != priority {
            lanes.insert((priority, []), at: index)
        }
        return index
    }
}
