/// What is free from now on, as steps in time: `free[i]` from `times[i]` until `times[i + 1]`, the last one for ever.
struct FreeProfile<Room: PlanRoom> {
    private var times: ContiguousArray<Int>
    private var free: ContiguousArray<Room>
    /// Steps before this one have too little for any of the jobs asked about.
    private var first = 0

    /// The profile of running jobs, given when each is expected to end, in that order.
    init(now: Int, free room: Room, running: [(end: Int, demand: Room)]) {
        times = [now]
        free = [room]
        times.reserveCapacity(2 * running.count + 64)
        free.reserveCapacity(2 * running.count + 64)
        var room = room
        for entry in running {
            room = room.plus(entry.demand)
            if entry.end <= times[times.count - 1] {
                free[free.count - 1] = room
            } else {
                times.append(entry.end)
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

    /// Passes over the first steps for good as long as not even `least` fits there.
    mutating func skip(without least: Room) {
        while first < times.count - 1, !least.fits(in: free[first]) { first += 1 }
    }
}
