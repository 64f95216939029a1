/// Waiting jobs and what runs, gathered over time and averaged over slices.
struct Timeline {
    private var moments: [(time: Int, waiting: Int, used: Double)] = []

    /// From `time` on so many jobs wait, and so much runs.
    mutating func note(at time: Int, waiting: Int, used: Double) {
        if moments.last?.time == time { moments.removeLast() }
        moments.append((time, waiting, used))
    }

    /// Means over `count` slices of equal length, or fewer where there are not so many seconds.
    func slices(_ count: Int) -> [ReplayResult.Slice] {
        guard let first = moments.first?.time, let last = moments.last?.time, last > first else { return [] }
        let length = max(1, (last - first + count - 1) / count)
        var slices = stride(from: first, to: last, by: length).map {
            ReplayResult.Slice(time: $0, waiting: 0, used: 0)
        }
        for (index, moment) in moments.enumerated().dropLast() {
            var time = moment.time
            let end = moments[index + 1].time
            while time < end {
                let slice = (time - first) / length
                let stop = min(end, first + (slice + 1) * length)
                let weight = Double(stop - time) / Double(min(length, last - slices[slice].time))
                slices[slice].waiting += weight * Double(moment.waiting)
                slices[slice].used += weight * moment.used
                time = stop
            }
        }
        return slices
    }
}
