import Report

/// The plots of one case.
extension BenchPage {
    static func add(_ item: CaseResult, of result: BenchResult, to page: inout Page) {
        page.heading(item.name)
        if !item.summary.isEmpty { page.text(item.summary) }
        page.text(
            "\(Benchmark.parametersText(item.parameters)); schedulers \(item.schedulers.joined(separator: ", ")); "
                + (item.policies.isEmpty ? "no policies" : "policies on")
                + "; \(item.runs.count) runs, shown is the median one.",
            isNote: true)
        for failure in item.failures { page.text("Failed: \(failure)") }
        guard item.runs.indices.contains(item.medianRun) else { return }
        let run = item.runs[item.medianRun]
        page.table(
            ["process", "bound", "CPU µs/pod", "peak MB", "MB to it", "MB from it", "conflicts", "restarts"],
            processRows(run))
        if let floor = item.floor {
            page.text(
                "Floor: moving and parsing the same bytes takes \(Text.fixed(floor.cpuMicrosecondsPerPod, 2)) µs of CPU a pod; "
                    + "the run took \(Text.fixed(floor.cpuRatio, 1)) times as much.", isNote: true)
        }
        for goal in item.goals {
            guard let value = result.value(of: goal, in: item) else { continue }
            page.text("Goal \(goal.isMet(by: value) ? "met" : "missed"): \(goalText(goal, value)).", isNote: true)
        }
        addTimePlots(item, to: &page)
        page.plot(percentiles(item))
        page.plot(processorTime(item))
        if let queues = queues(item) { page.plot(queues) }
        if let map = utilization(item) { page.plot(map) }
        if run.schedulers.count > 1 { page.plot(conflicts(run)) }
    }

    private static func goalText(_ goal: Goal, _ value: Double) -> String {
        func number(_ value: Double) -> String {
            value >= 1_000 ? Text.count(value) : Text.fixed(value, value < 0.1 ? 4 : 2)
        }
        let bounds = [goal.min.map { "at least \(number($0))" }, goal.max.map { "at most \(number($0))" }]
        let share = goal.of.map { " as a share of that of \($0)" } ?? ""
        return
            "\(goal.metric.rawValue)\(share) is \(number(value)), to be \(bounds.compactMap { $0 }.joined(separator: " and "))"
    }

    private static func processRows(_ run: RunResult) -> [[String]] {
        let perPod = run.pods > 0 ? 1e6 / Double(run.pods) : 0
        func megabytes(_ bytes: Int) -> String { Text.fixed(Double(bytes) / 1e6, 1) }
        let own = [
            [
                "dispatcher", "", Text.fixed(run.dispatcherCPUSeconds * perPod, 2), megabytes(run.dispatcherPeakBytes),
                "", "", "", "",
            ],
            ["admission, in its process", "", Text.fixed(run.admissionCPUSeconds * perPod, 2), "", "", "", "", ""],
        ]
        return own
            + run.schedulers.map { scheduler in
                [
                    scheduler.name, Text.count(scheduler.bound), Text.fixed(scheduler.cpuSeconds * perPod, 2),
                    megabytes(scheduler.peakBytes), megabytes(scheduler.bytesSent), megabytes(scheduler.bytesReceived),
                    Text.count(scheduler.conflicts), Text.count(scheduler.restarts),
                ]
            }
    }

    private static func addTimePlots(_ item: CaseResult, to page: inout Page) {
        let series = item.series
        func time(_ index: Int) -> Double { (Double(index) + 0.5) * series.binSeconds }
        let seconds = Axis("seconds since the first pod arrived")
        page.plot(
            LinePlot(
                "Throughput over time", x: seconds, y: Axis("pods bound a second"),
                series: [.init("pods/s", series.throughput.enumerated().map { (time($0.offset), $0.element) })]))
        page.plot(
            LinePlot(
                "Latency over time", x: seconds, y: Axis("arrival to binding (ms)"),
                series: [
                    .init("p50", series.p50.enumerated().map { (time($0.offset), $0.element) }),
                    .init("p99", series.p99.enumerated().map { (time($0.offset), $0.element) }),
                ]))
    }

    private static func percentiles(_ item: CaseResult) -> LinePlot {
        func points(_ series: RunSeries) -> [(x: Double, y: Double?)] {
            series.percentiles.filter { $0.percentile < 100 }.map { ($0.percentile, max($0.milliseconds, 1e-3)) }
        }
        var all = [LinePlot.Series("as fast as windows allow", points(item.series))]
        for paced in item.openLoop {
            all.append(.init("at \(Text.count(paced.rate)) pods/s", points(paced.series)))
        }
        return LinePlot(
            "Latency percentiles", x: Axis("percentile", scale: .percentile),
            y: Axis("arrival to binding (ms)", scale: .logarithmic), series: all)
    }

    private static func processorTime(_ item: CaseResult) -> BarPlot {
        let names = item.schedulers
        func bar(_ name: String, _ run: RunResult) -> BarPlot.Bar {
            let perPod = run.pods > 0 ? 1e6 / Double(run.pods) : 0
            let own = [run.dispatcherCPUSeconds, run.admissionCPUSeconds]
            return BarPlot.Bar(name, (own + run.schedulers.map(\.cpuSeconds)).map { $0 * perPod })
        }
        var bars = item.runs.enumerated().map { bar("run \($0.offset + 1)", $0.element) }
        bars += item.openLoop.map { bar("at \(Text.count($0.rate)) pods/s", $0.run) }
        if let floor = item.floor { bars.append(.init("floor", [floor.cpuMicrosecondsPerPod])) }
        return BarPlot(
            "Processor time by process", axis: Axis("CPU a pod (µs)"), parts: ["dispatcher", "admission"] + names,
            bars: bars)
    }

    private static func queues(_ item: CaseResult) -> LinePlot? {
        let series = item.series
        guard !series.queues.isEmpty else { return nil }
        let lines = item.schedulers.indices.compactMap { index -> LinePlot.Series? in
            let values = series.queues.map { $0.indices.contains(index) ? $0[index] : 0 }
            // A scheduler that never had anything to do says nothing.
            guard values.contains(where: { $0 > 0 }) else { return nil }
            return .init(item.schedulers[index], zip(series.sampleSeconds, values).map { ($0, Double($1)) })
        }
        guard !lines.isEmpty else { return nil }
        return LinePlot(
            "Queues", x: Axis("seconds since the first pod arrived"), y: Axis("pods queued or undecided"), series: lines
        )
    }

    private static func utilization(_ item: CaseResult) -> HeatMap? {
        let series = item.series
        guard series.nodes > 0, let end = series.sampleSeconds.last, end > 0, let first = series.sampleSeconds.first,
            let greatest = series.utilization.joined().max()
        else { return nil }
        // Where nodes stay nearly empty, full colour stands for as much as the fullest took.
        let full = greatest >= 0.5 ? 1 : max(0.01, (Double(greatest) * 100).rounded(.up) / 100)
        return HeatMap(
            "CPU taken on the nodes", x: Axis("seconds since the first pod arrived"),
            over: max(0, first)...max(end, first + 1e-3),
            y: Axis("node"), over: 0...Double(series.nodes),
            columns: series.utilization.map { $0.map { Double($0) / full } },
            fullLabel: "\(Text.fixed(full * 100, 0)) %")
    }

    private static func conflicts(_ run: RunResult) -> Matrix {
        let rows = run.schedulers.map(\.name)
        let columns = rows + ["cluster"]
        return Matrix(
            "Conflicts: placements lost to another's commit", rowTitle: "lost by", columnTitle: "to the commit of",
            rows: rows, columns: columns,
            values: run.schedulers.map { scheduler in columns.map { Double(scheduler.conflictsWith[$0] ?? 0) } })
    }
}
