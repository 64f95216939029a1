/// Waiting jobs, what runs and how full the cluster is, gathered over time and averaged over slices.
struct Timeline {
    /// How things are from a time on.
    struct Moment {
        var time: Int
        var waiting: Int
        var used: Double
        var use: ClusterUse
    }

    private(set) var moments: [Moment] = []

    /// From `time` on so many jobs wait, and so much runs.
    mutating func note(at time: Int, waiting: Int, used: Double, use: ClusterUse = ClusterUse()) {
        if moments.last?.time == time { moments.removeLast() }
        moments.append(Moment(time: time, waiting: waiting, used: used, use: use))
    }

    /// Means over `count` slices of equal length, or fewer where there are not so many seconds.
    func slices(_ count: Int) -> [ReplayResult.Slice] {
        guard let first = moments.first?.time, let last = moments.last?.time, last > first else { return [] }
        let length = max(1, (last - first + count - 1) / count)
        var slices = stride(from: first, to: last, by: length).map {
            ReplayResult.Slice(time: $0, waiting: 0, used: 0)
        }
        var uses = Array(repeating: SIMD8<Double>.zero, count: slices.count)
        for (index, moment) in moments.enumerated().dropLast() {
            var time = moment.time
            let end = moments[index + 1].time
            while time < end {
                let slice = (time - first) / length
                let stop = min(end, first + (slice + 1) * length)
                let weight = Double(stop - time) / Double(min(length, last - slices[slice].time))
                slices[slice].waiting += weight * Double(moment.waiting)
                slices[slice].used += weight * moment.used
                uses[slice] += weight * moment.use.lanes
                time = stop
            }
        }
        for index in slices.indices { slices[index].use = ClusterUse(uses[index]) }
        return slices
    }

    /// The same, with the waits of the jobs that arrived in each slice.
    func slices(_ count: Int, _ jobs: [ReplayResult.Job]) -> [ReplayResult.Slice] {
        var slices = slices(count)
        guard let first = slices.first?.time else { return slices }
        let length = slices.count > 1 ? slices[1].time - first : Int.max
        var sums = Array(repeating: (count: 0, seconds: 0.0), count: slices.count)
        for job in jobs {
            guard let start = job.start else { continue }
            let slice = min(slices.count - 1, max(0, (job.submitted - first) / length))
            sums[slice].count += 1
            sums[slice].seconds += Double(start - job.submitted)
        }
        for (index, sum) in sums.enumerated() where sum.count > 0 {
            slices[index].meanWait = sum.seconds / Double(sum.count)
        }
        return slices
    }
}
