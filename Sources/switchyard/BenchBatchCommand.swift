import ArgumentParser
import BatchBench
import BatchQueue
import ClusterModel
import JSON
import Manifests
import Traces

struct BenchBatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Compare batch policies with EASY on many variants of traces.",
        discussion: """
            Reads nasa-0.70.csv, nasa-0.85.csv and gavel.csv (id, submit, run, procs, estimate) from a folder, makes variants \
            of them by seeds and runs each through the batch queue alone. Mean wait and slowdown are over those of \
            easy-sjf, the longest wait over that of easy, the utilisation is in points above easy's (docs/batch.md).

            Examples:
              switchyard bench batch data/batch
              switchyard bench batch data/batch --seed 1 \\
                  --only nasa-0.85 --policies plan,conservative
            """)

    enum Cases: String, ExpressibleByArgument, CaseIterable { case all, base }

    @Argument(help: ArgumentHelp("The folder of the traces.", valueName: "folder"))
    var folder: String

    @Option(help: "all variants, or base: the traces as they are.")
    var cases: Cases = .all

    @Option(help: ArgumentHelp("Only cases whose name has this in it.", valueName: "text"))
    var only: String?

    @Option(help: ArgumentHelp("0 for the variants of docs/batch.md, others for others.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Policies, separated by commas.", valueName: "name,..."))
    var policies = QueuePolicy.standard.rawValue

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        let chosen = try policies.split(separator: ",").map { name in
            guard let policy = QueuePolicy(rawValue: String(name)) else {
                let names = QueuePolicy.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.input(["--policies \(name): expected some of \(names)"])
            }
            return policy
        }
        let all = cases == .base ? BatchCase.base : BatchCase.all(seed: seed)
        let wanted = all.filter { only.map($0.name.contains) ?? true }
        guard !wanted.isEmpty else { throw Failure.input(["--only \(only ?? ""): no case has that in its name"]) }
        var reports = chosen.map { BatchReport(policy: $0) }
        for (number, one) in wanted.enumerated() {
            Terminal.progress("\(number + 1) of \(wanted.count): \(one.name)")
            let trace = try one.trace(in: folder)
            let easy = BatchRun.figures(of: trace, policy: .easy)
            let shortestFirst = BatchRun.figures(of: trace, policy: .easySJF)
            for index in reports.indices {
                reports[index].add(
                    BatchReport.Row(
                        name: one.name, hasPerfectEstimates: one.estimates == .perfect,
                        figures: BatchRun.figures(of: trace, policy: reports[index].policy), easy: easy,
                        shortestFirst: shortestFirst))
            }
            Terminal.endProgress()
        }
        switch output {
        case .json: Terminal.print(Value.array(reports.map(\.value)).prettyJSON)
        case .text: Terminal.print(reports.map(text).joined(separator: "\n\n"))
        }
    }

    private func text(_ report: BatchReport) -> String {
        var cases = Table(["case", ">mean wait", ">slowdown", ">longest wait", ">utilisation"])
        for row in report.rows {
            cases.add(
                [row.name] + [row.meanWait, row.slowdown, row.longestWait].map { Format.fixed($0 ?? 1, 3) }
                    + [Format.fixed(row.utilizationPoints, 2)])
        }
        let names = ["mean wait", "slowdown", "longest wait", "utilisation"]
        var lost = Table(
            ["cases", ">number"]
                + zip(names, BatchReport.thresholds).map { name, thresholds in
                    let limits = thresholds.map { name == "utilisation" ? "\($0)" : Format.percent($0) }
                    return ">\(name) > \(limits.joined(separator: " / "))"
                })
        for summary in report.summaries {
            lost.add(
                [summary.title, "\(summary.cases)"]
                    + (0..<4).map { figure in
                        let counts = summary.lost[figure].map(String.init).joined(separator: " / ")
                        let digits = figure == 3 ? 3 : 2
                        let mean = Format.fixed(summary.means[figure], digits)
                        return "\(counts); \(mean) (\(Format.fixed(summary.worst[figure], 2)))"
                    })
        }
        return """
            \(Terminal.bold("\(report.policy.rawValue) beside EASY"))
            \(cases.text)

            \(Terminal.bold("Cases lost by more than …; mean over the cases (worst case)"))
            \(lost.text)
            """
    }
}
