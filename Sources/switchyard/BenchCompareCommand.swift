import ArgumentParser
import Bench
import ClusterModel
import JSON

struct BenchCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two results; exits with 1 where something became worse beyond noise.",
        discussion: """
            A figure is worse if its median moved by more than 10 % (latency 20 %, bytes 5 %), by more than the runs lie apart, \
            and if a rank test finds the runs of both sides apart.

            Examples:
              switchyard bench run benchmarks/basic.yaml -o json > before.json
              switchyard bench run benchmarks/basic.yaml -o json > after.json
              switchyard bench compare before.json after.json
            """)

    @Argument(help: ArgumentHelp("What was measured first.", valueName: "before.json"))
    var before: String

    @Argument(help: ArgumentHelp("What was measured then.", valueName: "after.json"))
    var after: String

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        let comparison = Comparison(try BenchResult(path: before), try BenchResult(path: after))
        switch output {
        case .json: Terminal.print(value(comparison).prettyJSON)
        case .text: show(comparison)
        }
        if !comparison.isClean { throw Failure.found("") }
    }

    private func show(_ comparison: Comparison) {
        for warning in comparison.warnings { Terminal.complain("warning: \(warning)") }
        var table = Table(["benchmark", "figure", ">before", ">after", ">change", ">p", "verdict"])
        for line in comparison.lines {
            table.add([
                line.name, line.metric.rawValue, text(line.before), text(line.after),
                (line.change >= 0 ? "+" : "") + Format.percent(line.change), Format.fixed(line.probability, 3),
                line.verdict == .same ? "" : line.verdict.rawValue,
            ])
        }
        if !table.isEmpty { Terminal.print(table.text) }
        for failure in comparison.newFailures { Terminal.print("  fails now: \(failure)") }
        let worse = comparison.lines.count { $0.verdict == .worse } + comparison.newFailures.count
        let better = comparison.lines.count { $0.verdict == .better }
        Terminal.print("\n  \(worse) worse, \(better) better, \(comparison.lines.count) figures compared")
    }

    private func text(_ spread: Spread) -> String {
        let digits = abs(spread.median) >= 1_000 ? 0 : 2
        return "\(Format.fixed(spread.median, digits)) ± \(Format.fixed(spread.deviation, digits))"
    }

    private func value(_ comparison: Comparison) -> Value {
        .object([
            .init("clean", .bool(comparison.isClean)),
            .init(
                "figures",
                .array(
                    comparison.lines.map { line in
                        .object([
                            .init("benchmark", .string(line.name)), .init("figure", .string(line.metric.rawValue)),
                            .init("before", .double(line.before.median)), .init("after", .double(line.after.median)),
                            .init("change", .double(line.change)), .init("probability", .double(line.probability)),
                            .init("verdict", .string(line.verdict.rawValue)),
                        ])
                    })), .init("newFailures", .strings(comparison.newFailures)),
            .init("warnings", .strings(comparison.warnings)),
        ])
    }
}
