import ArgumentParser
import Bench
import ClusterModel
import JSON

struct BenchList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List workloads, their sizes and labels.",
        discussion: """
            Examples:
              switchyard bench list
              switchyard bench list my-benchmarks -o json
            """)

    @Argument(help: ArgumentHelp("Workload files, or folders of them.", valueName: "file"))
    var files = ["benchmarks"]

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        let benchmarks = try Benchmark.read(paths: files)
        switch output {
        case .json: Terminal.print(Value.array(benchmarks.map(value)).prettyJSON)
        case .text:
            var table = Table(["benchmark", "size", "labels", "parameters"])
            for benchmark in benchmarks {
                for size in benchmark.sizes {
                    table.add([
                        benchmark.name, size.name, size.labels.joined(separator: ", "),
                        Benchmark.parametersText(size.parameters),
                    ])
                }
            }
            Terminal.print(table.text)
        }
    }

    private func value(_ benchmark: Benchmark) -> Value {
        let sizes = benchmark.sizes.map { size in
            Value.object([
                .init("name", .string(size.name)), .init("labels", .strings(size.labels)),
                .init(
                    "parameters",
                    .object(size.parameters.sorted { $0.key < $1.key }.map { .init($0.key, .double($0.value)) })),
            ])
        }
        return .object([
            .init("name", .string(benchmark.name)), .init("file", .string(benchmark.file)),
            .init("description", .string(benchmark.summary)), .init("sizes", .array(sizes)),
        ])
    }
}
