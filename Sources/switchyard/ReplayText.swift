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
        var figures = Table(["figure", ">value"])
        for (name, value) in ReplayText.figures(of: result) { figures.add([name, value]) }
        var sections = [simulation.text, section("Replay", figures), section("Queue and use over time", timeline)]
        let rows = ReplayText.serviceRows(result.services)
        if !rows.isEmpty {
            var services = Table(
                ReplayText.serviceTitles.enumerated().map { $0.offset == 0 ? $0.element : ">\($0.element)" })
            for row in rows { services.add(row) }
            sections.append(section("Services with the largest skew", services))
        }
        return sections.joined(separator: "\n\n")
    }

    private func section(_ title: String, _ table: Table) -> String { "\(Terminal.bold(title))\n\(table.text)" }

    // MARK: - Figures

    /// The figures of a replay, by name: of the schedule where jobs ran to an end, of pods where they are what came.
    static func figures(of result: ReplayResult) -> [(name: String, value: String)] {
        let isOfJobs = result.jobs.contains { $0.isGroup }
        let use = result.use
        var rows: [(name: String, value: String)] = [
            (isOfJobs ? "jobs that ran" : "pods that ran", Format.count(use.started)),
            ("never started", Format.count(use.neverStarted)), ("mean wait", seconds(use.meanWait)),
            ("median wait", seconds(Double(use.medianWait))), ("95th percentile", seconds(Double(use.p95Wait))),
            ("longest wait", seconds(Double(use.longestWait))),
        ]
        if isOfJobs { rows += schedule(result.figures) }
        rows.append(("makespan", seconds(Double(result.traceSeconds))))
        rows += [("CPU, mean and peak", shares(use.mean.cpu, use.peak.cpu))]
        if use.peak.memory > 0 { rows.append(("memory, mean and peak", shares(use.mean.memory, use.peak.memory))) }
        if use.peak.gpu > 0 {
            rows += [
                ("GPUs, mean and peak", shares(use.mean.gpu, use.peak.gpu)),
                ("GPUs offered, mean and peak", shares(use.mean.offeredGPU, use.peak.offeredGPU)),
                ("fragmentation, mean and peak", shares(use.mean.fragmentation, use.peak.fragmentation)),
            ]
            if let served = use.gpuServed { rows.append(("GPU time served of that offered", Format.percent(served))) }
        }
        if let pods = use.podsPerConflict { rows.append(("pods per conflict", Format.fixed(pods, 1))) }
        if !result.services.isEmpty { rows += services(result.services) }
        rows += [("started again", Format.count(result.restarts)), ("moments", Format.count(result.moments))]
        return rows
    }

    private static func schedule(_ figures: ScheduleFigures) -> [(name: String, value: String)] {
        [
            ("area-weighted wait", seconds(figures.areaWeightedWait)),
            ("mean bounded slowdown", Format.fixed(figures.meanBoundedSlowdown, 2)),
            ("utilisation", Format.percent(figures.utilization)),
            ("utilisation, middle 80 %", Format.percent(figures.middleUtilization)),
            ("jobs that overtook", Format.count(figures.overtakers)),
        ]
    }

    private static func services(_ services: [ServiceSpread]) -> [(name: String, value: String)] {
        let over = services.count { service in service.limit.map { service.mostOnNode > $0 } ?? false }
        let mean = services.reduce(0) { $0 + $1.meanSkew } / Double(services.count)
        return [
            ("services", Format.count(services.count)), ("services over their limit a node", Format.count(over)),
            (
                "zone skew, mean of services and worst",
                "\(Format.fixed(mean, 2)), \(services.map(\.worstSkew).max() ?? 0)"
            ),
        ]
    }

    private static func shares(_ mean: Double, _ peak: Double) -> String {
        "\(Format.percent(mean)), \(Format.percent(peak))"
    }

    private static func seconds(_ seconds: Double) -> String { "\(Format.count(Int(seconds.rounded()))) s" }

    // MARK: - Services

    static let serviceTitles = ["service", "pods", "most on a node", "limit", "mean zone skew", "worst"]

    /// The services that stood least evenly.
    static func serviceRows(_ services: [ServiceSpread]) -> [[String]] {
        services.sorted { ($1.meanSkew, $0.name) < ($0.meanSkew, $1.name) }.prefix(10).map { service in
            [
                service.name, Format.count(service.pods), Format.count(service.mostOnNode),
                service.limit.map { Format.count($0) } ?? "-", Format.fixed(service.meanSkew, 2),
                Format.count(service.worstSkew),
            ]
        }
    }

    // MARK: - Over time

    /// The timeline in few lines: each the mean of a twentieth or so of the time.
    private var timeline: Table {
        let hasGPUs = result.use.peak.gpu > 0
        var table = Table(
            [">from day", ">waiting", ">in use"] + (hasGPUs ? [">GPUs", ">offered", ">fragmentation"] : []) + [""])
        let slices = result.timeline
        let largest = slices.map(\.used).max() ?? 0
        let step = max(1, (slices.count + 19) / 20)
        for start in stride(from: 0, to: slices.count, by: step) {
            let part = slices[start..<min(start + step, slices.count)]
            func mean(_ value: (ReplayResult.Slice) -> Double) -> Double {
                part.reduce(0) { $0 + value($1) } / Double(part.count)
            }
            let used = mean { $0.used }
            let filled = largest > 0 ? Int((used / largest * 30).rounded()) : 0
            let shares = [
                Format.percent(mean { $0.use.gpu }), Format.percent(mean { $0.use.offeredGPU }),
                Format.percent(mean { $0.use.fragmentation }),
            ]
            table.add(
                [
                    Format.fixed(Double(slices[start].time - slices[0].time) / 86_400, 1),
                    Format.fixed(mean { $0.waiting }, 1), Format.fixed(used, 1),
                ] + (hasGPUs ? shares : [])
                    + [String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)])
        }
        return table
    }
}
