import Bench
import ClusterModel

/// The results of benchmarks as text.
struct BenchText {
    private let result: BenchResult

    init(_ result: BenchResult) { self.result = result }

    private static let widths = [30, 9, 20, 9, 9, 10, 8, 10, 8]

    private static func row(_ cells: [String]) -> String {
        var line = " "
        for (index, cell) in cells.map(\.printable).enumerated() {
            let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
            line += index == 0 ? " \(cell)\(padding)" : " \(padding)\(cell)"
        }
        return line
    }

    /// One case as a line of a table that grows while the benchmarks run; the first comes with the titles.
    static func line(_ item: CaseResult, isFirst: Bool) -> String {
        let title = row(["benchmark", "pods", "pods/s", "p50", "p99", "CPU/pod", "× floor", "conflicts", "B/pod"])
        let header = isFirst ? Terminal.bold(title) + "\n" : ""
        if let core = item.core {
            return header
                + row([
                    item.name, Format.count(core.pods), Format.count(Int(core.podsPerSecond)), "-", "-",
                    Format.microseconds(core.cpuNanosecondsPerPod / 1e3),
                    core.floorNanoseconds > 0
                        ? Format.fixed(core.cpuNanosecondsPerPod / core.floorNanoseconds, 1) : "-",
                    "-", "-",
                ])
        }
        guard !item.runs.isEmpty else {
            return header + Terminal.warn(row([item.name, "failed"] + Array(repeating: "", count: 7)))
        }
        let speed = item.spread(.podsPerSecond)
        func median(_ metric: Metric) -> Double { item.spread(metric).median }
        let text = row([
            item.name, Format.count(item.runs[item.medianRun].pods),
            "\(Format.count(Int(speed.median))) ± \(Format.percent(speed.relative))",
            Format.seconds(median(.p50Milliseconds) / 1e3), Format.seconds(median(.p99Milliseconds) / 1e3),
            Format.microseconds(median(.cpuMicrosecondsPerPod)),
            item.floor.map { Format.fixed($0.cpuRatio, 1) } ?? "-", Format.percent(median(.conflictRate)),
            Format.fixed(median(.bytesPerPod), 0),
        ])
        return header + (item.failures.isEmpty ? text : Terminal.warn(text))
    }

    /// The goals that cases miss, in words.
    var missedGoals: [String] {
        result.cases.flatMap { item in
            item.goals.compactMap { goal in
                guard let value = result.value(of: goal, in: item), !goal.isMet(by: value) else { return nil }
                return "\(item.name): \(BenchText.goalText(goal, value))"
            }
        }
    }

    private static func goalText(_ goal: Goal, _ value: Double) -> String {
        let bounds = [goal.min.map { "at least \(number($0))" }, goal.max.map { "at most \(number($0))" }].compactMap {
            $0
        }
        let share = goal.of.map { " as a share of \($0)" } ?? ""
        return "\(goal.metric.rawValue)\(share) \(number(value)), goal \(bounds.joined(separator: " and "))"
    }

    private static func number(_ value: Double) -> String {
        abs(value) >= 1_000 ? Format.count(Int(value)) : Format.fixed(value, abs(value) < 0.1 ? 4 : 2)
    }

    /// What the table has no room for: the machine, processes, conflicts, fixed rates, goals.
    var details: String {
        var sections = [machine]
        for item in result.cases where !item.runs.isEmpty { sections.append(details(item)) }
        return "\n" + sections.joined(separator: "\n\n")
    }

    private var machine: String {
        let machine = result.machine
        return Terminal.dim(
            "  \(machine.processor), \(machine.cores) cores, \(Format.bytes(machine.memoryBytes)), \(machine.kernel), "
                + "load \(Format.fixed(machine.loadBefore, 1)) before and \(Format.fixed(machine.loadAfter, 1)) after, "
                + "\(result.build.configuration) build \(result.build.programs["switchyard"] ?? ""), seed \(result.seed), \(machine.date)"
        )
    }

    private func details(_ item: CaseResult) -> String {
        let run = item.runs[item.medianRun]
        var lines = [
            "  " + Terminal.bold(item.name)
                + "  \(Benchmark.parametersText(item.parameters)), \(item.runs.count) \(item.runs.count == 1 ? "run" : "runs")"
        ]
        var table = Table([
            "process", ">bound", ">CPU a pod", ">peak memory", ">bytes to it", ">from it", ">conflicts", ">restarts",
        ])
        let perPod = run.pods > 0 ? 1 / Double(run.pods) : 0
        table.add([
            "dispatcher", "", Format.microseconds(run.dispatcherCPUSeconds * perPod * 1e6),
            Format.bytes(run.dispatcherPeakBytes),
            "", "", "", "",
        ])
        table.add([
            "  admission, in it", "", Format.microseconds(run.admissionCPUSeconds * perPod * 1e6), "", "", "", "", "",
        ])
        for scheduler in run.schedulers {
            table.add([
                scheduler.name, Format.count(scheduler.bound), Format.microseconds(scheduler.cpuSeconds * perPod * 1e6),
                Format.bytes(scheduler.peakBytes), Format.bytes(scheduler.bytesSent),
                Format.bytes(scheduler.bytesReceived), Format.count(scheduler.conflicts),
                Format.count(scheduler.restarts),
            ])
        }
        lines.append(table.text)
        for scheduler in run.schedulers {
            for (other, count) in scheduler.conflictsWith.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(scheduler.name) lost \(Format.count(count)) placements to \(other)")
            }
        }
        if let floor = item.floor {
            lines.append(
                "  floor: \(Format.microseconds(floor.cpuMicrosecondsPerPod)) of CPU a pod to move and parse the same bytes, "
                    + "\(Format.count(Int(floor.podsPerSecond))) pods/s; \(Format.fixed(floor.cpuRatio, 1)) × its CPU, "
                    + "\(Format.fixed(floor.speedRatio, 1)) × slower")
        }
        for paced in item.openLoop {
            let latency = paced.run.latency
            lines.append(
                "  at \(Format.count(Int(paced.rate))) pods/s (\(Format.percent(paced.share)) of the above): "
                    + "p50 \(Format.seconds(latency.p50 / 1e3)), p99 \(Format.seconds(latency.p99 / 1e3)), "
                    + "p99.9 \(Format.seconds(latency.p999 / 1e3)), max \(Format.seconds(latency.max / 1e3)); "
                    + "\(Format.count(Int(paced.run.podsPerSecond))) pods/s bound")
        }
        lines.append(
            "  placements \(run.checksum), "
                + (item.runs.count == 1
                    ? "of one run" : item.isRepeatable ? "the same in every run" : "not the same in every run"))
        for goal in item.goals {
            guard let value = result.value(of: goal, in: item) else { continue }
            let isMet = goal.isMet(by: value)
            let text = "  \(isMet ? "met" : "missed"): \(BenchText.goalText(goal, value))"
            lines.append(isMet ? text : Terminal.warn(text))
        }
        for failure in item.failures { lines.append(Terminal.warn("  failed: \(failure)".printable)) }
        return lines.joined(separator: "\n")
    }
}
