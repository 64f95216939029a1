import Replay

/// The result of a replay as people read it.
struct ReplayText {
    private let result: ReplayResult
    private let simulation: SimulationText

    init(_ result: ReplayResult, title: String, listsPlacements: Bool) {
        self.result = result
        simulation = SimulationText(result.simulation, title: title, listsPlacements: listsPlacements)
    }

    var text: String {
        [simulation.text, section("Schedule", schedule), section("Queue and use over time", timeline)]
            .joined(separator: "\n\n")
    }

    private func section(_ title: String, _ table: Table) -> String { "\(Terminal.bold(title))\n\(table.text)" }

    private var schedule: Table {
        let figures = result.figures
        var table = Table(["figure", ">value"])
        for (name, value) in [
            ("jobs that ran", Format.count(figures.jobs)),
            ("mean wait", ReplayText.hours(figures.meanWait)),
            ("median wait", ReplayText.hours(Double(figures.medianWait))),
            ("95th percentile", ReplayText.hours(Double(figures.p95Wait))),
            ("longest wait", ReplayText.hours(Double(figures.longestWait))),
            ("area-weighted wait", ReplayText.hours(figures.areaWeightedWait)),
            ("mean bounded slowdown", Format.fixed(figures.meanBoundedSlowdown, 2)),
            ("utilisation", Format.percent(figures.utilization)),
            ("utilisation, middle 80 %", Format.percent(figures.middleUtilization)),
            ("makespan", ReplayText.hours(Double(figures.makespan))),
            ("jobs that overtook", Format.count(figures.overtakers)),
            ("jobs started again", Format.count(result.restarts)),
            ("moments", Format.count(result.moments)),
        ] { table.add([name, value]) }
        return table
    }

    /// The timeline in few lines: each the mean of a tenth or so of the time.
    private var timeline: Table {
        var table = Table([">from day", ">jobs waiting", ">in use", ""])
        let slices = result.timeline
        let largest = slices.map(\.used).max() ?? 0
        let step = max(1, (slices.count + 19) / 20)
        for start in stride(from: 0, to: slices.count, by: step) {
            let part = slices[start..<min(start + step, slices.count)]
            let waiting = part.reduce(0) { $0 + $1.waiting } / Double(part.count)
            let used = part.reduce(0) { $0 + $1.used } / Double(part.count)
            let filled = largest > 0 ? Int((used / largest * 30).rounded()) : 0
            table.add([
                Format.fixed(Double(slices[start].time - slices[0].time) / 86_400, 1), Format.fixed(waiting, 1),
                Format.fixed(used, 1),
                String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled),
            ])
        }
        return table
    }

    private static func hours(_ seconds: Double) -> String {
        "\(Format.count(Int(seconds.rounded()))) s"
    }
}
