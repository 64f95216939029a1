import ArgumentParser
import ClusterModel
import CoreBench
import JSON
import Placement

struct BenchCore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "core", abstract: "Measure filters, scores and placement alone, on one thread.",
        discussion: """
            Examples:
              switchyard bench core
              switchyard bench core --workload zone-spread \\
                  --nodes 1000 --nodes 100000 -o json
            """)

    @Option(help: ArgumentHelp("Nodes; may be given several times.", valueName: "n"))
    var nodes: [Int] = []

    @Option(help: ArgumentHelp("A workload; may be given several times. Without it all.", valueName: "name"))
    var workload: [String] = []

    @Option(help: ArgumentHelp("A built-in profile.", valueName: "name"))
    var profile = "kube-default"

    @Option(help: ArgumentHelp("Pods; without it as many as suit the workload.", valueName: "n"))
    var pods: Int?

    @Option(help: ArgumentHelp("The seed of ties and requests.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func validate() throws {
        for count in nodes where !(1...1_000_000).contains(count) {
            throw ValidationError("--nodes must be from 1 to 1,000,000")
        }
        if let pods, !(1...10_000_000).contains(pods) { throw ValidationError("--pods must be from 1 to 10,000,000") }
    }

    func run() throws {
        guard let chosen = Profile.named(profile) else {
            let names = Profile.builtIn.map(\.name).joined(separator: ", ")
            throw Failure.input(["--profile \(profile): expected one of \(names)"])
        }
        let workloads = try workload.map { name in
            guard let found = CoreBench.Workload(rawValue: name) else {
                let names = CoreBench.Workload.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.input(["--workload \(name): expected one of \(names)"])
            }
            return found
        }
        let sizes = nodes.isEmpty ? [5_000] : nodes
        let bench = CoreBench(profile: chosen, seed: seed)
        var values: [Value] = []
        if output == .text { Terminal.print(CoreReport.header) }
        for workload in workloads.isEmpty ? CoreBench.Workload.allCases : workloads {
            var first: CoreBench.Measurement?
            for count in sizes {
                Terminal.progress("\(workload.rawValue), \(Format.count(count)) nodes")
                let measured = bench.run(
                    workload, nodes: count, pods: pods ?? CoreReport.usualPods(workload, count))
                Terminal.endProgress()
                first = first ?? measured
                values.append(measured.value)
                if output == .text { Terminal.print(CoreReport.line(measured, first: first ?? measured)) }
            }
        }
        if output == .json { Terminal.print(Value.array(values).prettyJSON) }
    }
}
