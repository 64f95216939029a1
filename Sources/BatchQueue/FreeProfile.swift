/// What is free from now on, as steps in time: `free[i]` from `times[i]` until `times[i + 1]`, the last one for ever.
struct FreeProfile<Room: PlanRoom> {
    private var times: ContiguousArray<Int>
    private var free: ContiguousArray<Room>
    /// Steps before this one have too little for any of the jobs asked about.
    private var first = 0

    /// The profile of what becomes free, or is taken (amounts below zero), after now, in the order of time.
    init(now: Int, free room: Room, changes: [(time: Int, amount: Room)]) {
        times = [now]
        free = [room]
        times.reserveCapacity(2 * changes.count + 64)
        free.reserveCapacity(2 * changes.count + 64)
        var room = room
        for change in changes {
            room = room.plus(change.amount)
            if change.time <= times[times.count - 1] {
                free[free.count - 1] = room
            } else {
                times.append(change.time)
                free.append(room)
            }
        }
    }

    /// The first step at which a job finds room for its whole length, and when that is; nil where it never does.
    ///
    /// - Parameter later: whether it must not be the first step, which is now.
    func earliest(_ demand: Room, length: Int, later: Bool) -> (time: Int, step: Int)? {
        times.withUnsafeBufferPointer { times in
            free.withUnsafeBufferPointer { free in
                let count = times.count
                var index = later ? max(first, 1) : first
                while index < count {
                    guard demand.fits(in: free[index]) else {
                        index &+= 1
                        continue
                    }
                    let begin = index
                    let end = times[begin] &+ length
                    index &+= 1
                    while index < count, times[index] < end, demand.fits(in: free[index]) { index &+= 1 }
                    if index == count || times[index] >= end { return (times[begin], begin) }
                }
                return nil
            }
        }
    }

    /// Takes room from a step on, which `earliest` has found.
    mutating func take(_ demand: Room, length: Int, from step: Int) {
        let end = times[step] &+ length
        var index = step
        while index < times.count, times[index] < end {
            free[index] = free[index].minus(demand)
            index += 1
        }
        if index == times.count || times[index] != end {
            times.insert(end, at: index)
            free.insert(free[index - 1].plus(demand), at: index)
        }
    }

    /// Takes room from one time to another, neither of them before now.
    mutating func remove(_ demand: Room, from start: Int, to end: Int) {
        change(from: start, to: end) { $0.minus(demand) }
    }

    /// Gives room back from one time to another, neither of them before now.
    mutating func add(_ demand: Room, from start: Int, to end: Int) { change(from: start, to: end) { $0.plus(demand) } }

    private mutating func change(from start: Int, to end: Int, _ body: (Room) -> Room) {
        let (begin, stop) = (cut(at: start), cut(at: end))
        for index in begin..<stop { free[index] = body(free[index]) }
    }

    /// The step that begins at a time, which is made if there is none.
    private mutating func cut(at time: Int) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        if low == times.count || times[low] != time {
            times.insert(time, at: low)
            free.insert(free[low - 1], at: low)
        }
        return low
    }

    /// Passes over the first steps for good as long as not even `least` fits there.
    mutating func skip(without least: Room) {
        while first < times.count - 1, !least.fits(in: free[first]) { first += 1 }
    }
}
