import ArgumentParser

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure schedulers: how fast, at what cost, how close to the limit.",
        discussion: """
            Examples:
              switchyard bench list
              switchyard bench run benchmarks/basic.yaml
              switchyard bench run benchmarks --label smoke
              switchyard bench run benchmarks/basic.yaml --size small \\
                  --scheduler "python3 examples/python/first_fit.py"
              switchyard bench compare before.json after.json
            """,
        subcommands: [
            BenchRun.self, BenchList.self, BenchCompare.self, BenchReport.self, BenchCore.self, BenchBatch.self,
        ])
}
