import ClusterModel

/// What the dispatcher knows of one pod group.
struct GroupRecord {
    let key: ObjectKey
    /// The group as it was declared; nil as long as pods name it and nobody declared it.
    var group: PodGroup? {
        didSet {
            finished = group?.finishedMembers ?? 0
            hasTasks = group?.minByTask.isEmpty == false
        }
    }
    /// Members that have run to their end, as the group was declared.
    private(set) var finished = 0
    /// Whether the group needs members of certain tasks.
    private(set) var hasTasks = false
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

    /// The tasks of members that have one.
    var tasks: [Int: String] = [:]

    /// Members that must still be bound at once; none once the group runs.
    var missing: Int { max(0, minMember - bound - finished) }

    /// Whether enough members are there to place the group, of each task too.
    var isComplete: Bool {
        guard members.count >= minMember - finished else { return false }
        return !hasTasks || shortTasks(members).isEmpty
    }

    /// How many members of each task the group needs at once, without those that have run to their end.
    private var needed: [String: Int] {
        guard hasTasks, let group else { return [:] }
        return group.minByTask.reduce(into: [:]) { needed, task in
            let left = task.value - (group.finishedByTask[task.key] ?? 0)
            if left > 0 { needed[task.key] = left }
        }
    }

    /// The tasks of which some pods are too few, with how many are missing; none where the group has no tasks.
    func shortTasks(_ pods: [Int]) -> [String: Int] {
        var short = needed
        if short.isEmpty { return short }
        for pod in pods {
            guard let task = tasks[pod], let left = short[task] else { continue }
            short[task] = left > 1 ? left - 1 : nil
        }
        return short
    }

    /// Takes a pod in.
    mutating func add(_ pod: Int, task: String) {
        members.append(pod)
        if !task.isEmpty { tasks[pod] = task }
    }
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
