import ArgumentParser
import ClusterModel
import JSON
import Manifests
import PolicyEngine

struct PolicyBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how long policies take to decide about pods: p50, p95 and p99, by the rule that decided.",
        discussion: """
            Without --pods the pods of the demo are decided about. The clock's own cost, stated below the table, is part of every time. \
            --generate measures made-up policies, so many of so many rules each, on pods that they are about.

            Examples:
              switchyard policy bench policies
              switchyard policy bench --generate 100x10
              switchyard policy bench policies --save before.json
              switchyard policy bench policies --compare before.json --threshold 20%
            """)

    @OptionGroup var folder: PolicyFolderArgument

    @OptionGroup var scene: PolicySceneOptions

    @Option(help: ArgumentHelp("Measure made-up policies: policies x rules each.", valueName: "PxR"))
    var generate: PolicyWorkload.Size?

    @Option(help: ArgumentHelp("How often every pod is decided about.", valueName: "n"))
    var rounds = 20

    @Option(help: ArgumentHelp("Write the result to this file, for --compare.", valueName: "file"))
    var save: String?

    @Option(help: ArgumentHelp("Compare with an earlier result; exit with 1 on a regression.", valueName: "file"))
    var compare: String?

    @Option(help: ArgumentHelp("How much a median may grow: 20% or 0.2.", valueName: "share"))
    var threshold: Share = Share(0.2)

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func validate() throws {
        guard (1...100_000).contains(rounds) else { throw ValidationError("--rounds must be 1 to 100000") }
        if generate != nil, !scene.pods.isEmpty { throw ValidationError("--generate makes its own pods") }
    }

    func run() throws {
        // Read first: a file that is missing should not be found out after the measurement.
        let earlier = try compare.map { try PolicyBenchCommand.read($0) }
        let bench = try measure()
        var regressions: [PolicyBench.Regression] = []
        if let earlier, let compare {
            do throws(FieldError) {
                regressions = try bench.regressions(since: earlier, threshold: threshold.value)
            } catch {
                throw Failure.input(["\(compare): \(error.description)"])
            }
        }
        if let save { try Tool.write(bench.value.prettyJSON + "\n", to: save) }
        switch output {
        case .json: Terminal.print(bench.value(regressions: earlier == nil ? nil : regressions).prettyJSON)
        case .text: show(bench, regressions, earlier)
        }
        if !regressions.isEmpty {
            throw Failure.found(regressions.count.counted("median", "medians") + " grew by more than \(threshold)")
        }
    }

    private func measure() throws -> PolicyBench {
        if let generate {
            let workload = PolicyWorkload(generate)
            return PolicyBench(
                PolicySet(workload.policies), pods: workload.pods, cluster: workload.cluster, rounds: rounds)
        }
        let policies = try PolicyFolder.policies(at: folder.path)
        let scene = try scene.pods.isEmpty ? demo() : scene.scene()
        scene.complainAboutRefused()
        guard !scene.pods.isEmpty else { throw Failure.input(["--pods: the input has no pods"]) }
        // What is measured must be what was meant.
        try scene.input.finish()
        return PolicyBench(policies, pods: scene.pods, cluster: scene.cluster, rounds: rounds)
    }

    private func demo() throws -> PolicyScene {
        PolicyScene(Cluster(try ClusterInput(texts: DemoCluster.texts), title: "demo"), try scene.registry())
    }

    private func show(_ bench: PolicyBench, _ regressions: [PolicyBench.Regression], _ earlier: Value?) {
        func micro(_ nanoseconds: Int64) -> String { Format.fixed(Double(nanoseconds) / 1000, 2) }
        var table = Table(["rule", ">decisions", ">p50 µs", ">p95 µs", ">p99 µs"])
        func add(_ name: String, _ times: PolicyBench.Times) {
            table.add([
                name, Format.count(times.count), micro(times.p50Nanoseconds), micro(times.p95Nanoseconds),
                micro(times.p99Nanoseconds),
            ])
        }
        let shown = bench.byRule.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (name, times) in shown.prefix(PolicyBenchCommand.shownRules) { add(name, times) }
        add("all", bench.all)
        Terminal.print(table.text)
        if shown.count > PolicyBenchCommand.shownRules {
            Terminal.print("  \(shown.count - PolicyBenchCommand.shownRules) more rules: -o json")
        }
        Terminal.print(
            "\(bench.sizeText); clock \(bench.clockNanoseconds) ns a decision; checksum \(bench.checksum)")
        guard earlier != nil else { return }
        for item in regressions {
            Terminal.print(
                "slower: \(item.name): median \(micro(item.beforeNanoseconds)) -> \(micro(item.nowNanoseconds)) µs")
        }
        if regressions.isEmpty { Terminal.print("no median grew by more than \(threshold)") }
    }

    private static let shownRules = 30

    private static func read(_ file: String) throws -> Value {
        let documents = try SourceReader.documents(path: file)
        guard documents.count == 1 else { throw Failure.input(["\(file): expected one saved result"]) }
        return documents[0].value
    }
}

/// A share as a percentage or a fraction: `20%`, `0.2`.
struct Share: ExpressibleByArgument, CustomStringConvertible {
    /// The share; 0.2 is a fifth.
    let value: Double

    init(_ value: Double) { self.value = value }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let number = Double(isPercent ? String(argument.dropLast()) : argument), number >= 0, number.isFinite
        else { return nil }
        value = isPercent ? number / 100 : number
    }

    var description: String { Format.percent(value) }
    var defaultValueDescription: String { description }
}

extension PolicyWorkload.Size: ExpressibleByArgument {
    /// Reads `100x10`.
    public init?(argument: String) {
        let parts = argument.split(separator: "x").map { Int($0) }
        guard parts.count == 2, let policies = parts[0], let rules = parts[1] else { return nil }
        self.init(policies: policies, rulesEach: rules)
    }
}
