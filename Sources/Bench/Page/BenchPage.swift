import Report

/// A result as a page with plots, in one file with nothing from elsewhere.
public enum BenchPage {
    /// The page as HTML.
    public static func html(_ result: BenchResult) -> String {
        var page = Page(title: "Switchyard benchmarks")
        addMachine(result, to: &page)
        addTable(result, to: &page)
        addScaling(result, to: &page)
        for item in result.cases where !item.runs.isEmpty || !item.failures.isEmpty {
            add(item, of: result, to: &page)
        }
        return page.html
    }

    private static func addMachine(_ result: BenchResult, to page: inout Page) {
        let machine = result.machine
        let memory = Text.fixed(Double(machine.memoryBytes) / Double(1 << 30), 1)
        page.text(
            "\(machine.processor), \(machine.cores) cores, \(memory) GiB, \(machine.kernel); \(machine.date); "
                + "\(result.build.configuration) build, seed \(result.seed).", isNote: true)
        page.text(
            "Load \(Text.fixed(machine.loadBefore, 1)) before and \(Text.fixed(machine.loadAfter, 1)) after: a load of more "
                + "than \(machine.cores) means that other work slowed this down.", isNote: true)
        let programs = result.build.programs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        page.text("Programs: " + programs.joined(separator: ", "), isNote: true)
    }

    private static func addTable(_ result: BenchResult, to page: inout Page) {
        let rows = result.cases.filter { !$0.runs.isEmpty }.map { item in
            let speed = item.spread(.podsPerSecond)
            return [
                item.name, Text.count(item.runs[item.medianRun].pods), Text.count(speed.median),
                "\(Text.fixed(speed.relative * 100, 1)) %", Text.fixed(item.spread(.p50Milliseconds).median, 2),
                Text.fixed(item.spread(.p99Milliseconds).median, 2),
                Text.fixed(item.spread(.cpuMicrosecondsPerPod).median, 2),
                item.floor.map { Text.fixed($0.cpuRatio, 1) } ?? "",
                "\(Text.fixed(item.spread(.conflictRate).median * 100, 2)) %",
                Text.fixed(item.spread(.bytesPerPod).median, 0), goals(item, result),
            ]
        }
        if !rows.isEmpty {
            page.table(
                [
                    "benchmark", "pods", "pods/s", "±", "p50 ms", "p99 ms", "CPU µs/pod", "× floor", "conflicts",
                    "B/pod",
                    "goals",
                ], rows)
        }
        let cores = result.cases.compactMap { item in item.core.map { (item.name, $0) } }
        guard !cores.isEmpty else { return }
        page.table(
            ["core benchmark", "nodes", "pods", "pods/s", "CPU ns/pod", "floor ns/pod", "set-up s", "bytes/node"],
            cores.map { name, core in
                [
                    name, Text.count(core.nodes), Text.count(core.pods), Text.count(core.podsPerSecond),
                    Text.count(core.cpuNanosecondsPerPod), Text.count(core.floorNanoseconds),
                    Text.fixed(core.setupSeconds, 2), Text.count(core.bytesPerNode),
                ]
            })
    }

    private static func goals(_ item: CaseResult, _ result: BenchResult) -> String {
        let measured = item.goals.compactMap { goal in result.value(of: goal, in: item).map { goal.isMet(by: $0) } }
        return measured.isEmpty ? "" : "\(measured.count { $0 }) of \(measured.count) met"
    }

    /// Cost by number of nodes, for benchmarks of which several sizes were run.
    private static func addScaling(_ result: BenchResult, to page: inout Page) {
        var names: [String] = []
        for item in result.cases where !item.runs.isEmpty && item.parameters["nodes"] != nil {
            if !names.contains(item.benchmark) { names.append(item.benchmark) }
        }
        func series(_ metric: Metric) -> [LinePlot.Series] {
            names.compactMap { name in
                let points = result.cases.filter { $0.benchmark == name && !$0.runs.isEmpty }
                    .compactMap { item in
                        item.parameters["nodes"].map { (x: $0, y: Optional(item.spread(metric).median)) }
                    }
                    .sorted { $0.x < $1.x }
                return Set(points.map(\.x)).count > 1 ? LinePlot.Series(name, points) : nil
            }
        }
        guard !series(.podsPerSecond).isEmpty else { return }
        page.heading("Scaling with nodes")
        let nodes = Axis("nodes", scale: .logarithmic)
        page.plot(
            LinePlot("Throughput", x: nodes, y: Axis("pods/s"), series: series(.podsPerSecond), hasDots: true))
        page.plot(
            LinePlot(
                "Processor time a pod", x: nodes, y: Axis("CPU a pod (µs)"), series: series(.cpuMicrosecondsPerPod),
                hasDots: true))
    }
}

/// Numbers as the page writes them.
enum Text {
    static func fixed(_ value: Double, _ digits: Int) -> String { NumberText.fixed(value, digits) ?? "–" }

    static func count(_ value: Double) -> String {
        value.isFinite && abs(value) < 9e15 ? count(Int(value.rounded())) : "–"
    }

    static func count(_ number: Int) -> String { NumberText.grouped(number) }
}
