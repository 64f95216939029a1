import ClusterModel

/// What the dispatcher knows of one pod group.
struct GroupRecord {
    let key: ObjectKey
    /// The group as it was declared; nil as long as pods name it and nobody declared it.
    var group: PodGroup?
    /// Its pods that are not gone, in the order of arrival.
    var members: [Int] = []
    /// How many of them are bound.
    var bound = 0
    /// Members reserved on nodes until there are enough, for schedulers that place one by one.
    var staged: [Int] = []
    var stagedSince = Instant.start
    /// When it first had enough members, and when its first member was bound, in milliseconds on the workload's clock.
    var submitted: Int?
    var started: Int?
    /// Why its scheduler keeps it for later.
    var holdReason = ""
    /// How often its reservations were given back because the rest found no room.
    var failedStagings = 0
    /// How often it was given out again at once because something happened while its scheduler found no nodes for it.
    var retries = 0
    /// Where the whole group goes: the route of its first pod.
    var route: Int32 = -1
    /// The scheduler's process that has it, or had it last; −1 before the first. Its members stay together.
    var shard: Int32 = -1

    var minMember: Int { group?.minMember ?? Int.max }

    /// Members that must still be bound at once; none once the group runs.
    var missing: Int { max(0, minMember - bound) }

    /// Whether enough members are there to place the group.
    var isComplete: Bool { members.count >= minMember }
}

/// All groups by number, and their numbers by name.
struct GroupTable {
    var records: [GroupRecord] = []
    private var numbers: [ObjectKey: Int] = [:]

    mutating func number(of key: ObjectKey) -> Int {
        if let number = numbers[key] { return number }
        records.append(GroupRecord(key: key))
        numbers[key] = records.count - 1
        return records.count - 1
    }

    subscript(number: Int) -> GroupRecord {
        get { records[number] }
        _modify { yield &records[number] }
    }
}
