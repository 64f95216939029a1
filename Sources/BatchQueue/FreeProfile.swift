/// What is free from now on, as steps in time: `free[i]` from `times[i]` until `times[i + 1]`, the last one for ever.
struct FreeProfile {
    private var times: ContiguousArray<Int>
    private var free: ContiguousArray<SIMD4<Int64>>
    /// Steps before this one have too little for any of the jobs asked about.
    private var first = 0

    /// The profile of running jobs, given when each is expected to end, in that order.
    init(now: Int, free room: Demand, running: [(end: Int, demand: Demand)]) {
        times = [now]
        free = [room.amounts]
        times.reserveCapacity(2 * running.count + 64)
        free.reserveCapacity(2 * running.count + 64)
        var room = room
        for entry in running {
            room += entry.demand
            if entry.end <= times[times.count - 1] {
                free[free.count - 1] = room.amounts
            } else {
                times.append(entry.end)
                free.append(room.amounts)
            }
        }
    }

    /// The first step at which a job finds room for its whole length, and when that is; nil where it never does.
    ///
    /// - Parameter later: whether it must not be the first step, which is now.
    func earliest(_ demand: Demand, length: Int, later: Bool) -> (time: Int, step: Int)? {
        let wanted = demand.amounts
        let counts = wanted .> SIMD4(repeating: 0)
        return times.withUnsafeBufferPointer { times in
            free.withUnsafeBufferPointer { free in
                var begin = -1
                var index = later ? max(first, 1) : first
                while index < times.count {
                    if begin >= 0, times[index] >= times[begin] &+ length { return (times[begin], begin) }
                    if any((wanted .> free[index]) .& counts) {
                        begin = -1
                    } else if begin < 0 {
                        begin = index
                    }
                    index &+= 1
                }
                return begin >= 0 ? (times[begin], begin) : nil
            }
        }
    }

    /// Takes room from a step on, which `earliest` has found.
    mutating func take(_ demand: Demand, length: Int, from step: Int) {
        let end = times[step] &+ length
        var index = step
        while index < times.count, times[index] < end {
            free[index] &-= demand.amounts
            index += 1
        }
        if index == times.count || times[index] != end {
            times.insert(end, at: index)
            free.insert(free[index - 1] &+ demand.amounts, at: index)
        }
    }

    /// Passes over the first steps for good as long as not even `least` fits there.
    mutating func skip(without least: Demand) {
        while first < times.count - 1, !least.fits(in: Demand(free[first])) { first += 1 }
    }
}
