import ArgumentParser
import Bench
import DispatcherShell
import Manifests
import PolicyEngine

struct BenchRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run workloads through live scheduler processes, with policies on and every placement checked.",
        discussion: """
            Each case is run once to warm up and then several times; the median counts, and how far the runs lie apart is \
            said beside it. Latency counts from the moment at which a pod was meant to arrive.

            Examples:
              switchyard bench run benchmarks/basic.yaml
              switchyard bench run benchmarks/basic.yaml --size small --size medium \\
                  --report basic.html
              switchyard bench run benchmarks --label smoke -o json > before.json
              switchyard bench run benchmarks/basic.yaml --size small \\
                  --scheduler "python3 examples/python/first_fit.py"
              switchyard bench run --scheduler-perf misc/performance-config.yaml --label performance
            """)

    @Argument(help: ArgumentHelp("Workload files, or folders of them.", valueName: "file"))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Run the test cases of a scheduler_perf file (performance-config.yaml, with its templates beside it). May be "
                + "given several times.", valueName: "file"))
    var schedulerPerf: [String] = []

    @Option(
        help: ArgumentHelp(
            "Run this size; may be given several times; all for all. Without it medium, or the first.",
            valueName: "size"))
    var size: [String] = []

    @Option(
        help: ArgumentHelp(
            "Run the sizes that have this label: smoke, short or performance. May be given several times.",
            valueName: "label"))
    var label: [String] = []

    @Option(help: ArgumentHelp("Runs that count, of each case.", valueName: "n"))
    var runs = 5

    @Option(help: ArgumentHelp("The seed of every random choice.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Measure this scheduler alone, without policies: a command, or the name of a built-in one.",
            valueName: "command"))
    var scheduler: String?

    @Option(help: ArgumentHelp("Put a fault in, as for simulate; may be given several times.", valueName: "fault"))
    var inject: [String] = []

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    @Option(help: ArgumentHelp("Write the result as JSON into this file too.", valueName: "file"))
    var save: String?

    @Option(help: ArgumentHelp("Write a report with plots into this file.", valueName: "file.html"))
    var report: String?

    @Flag(help: "Put changes of a benchmark's policies in force while it runs, and tell of each.")
    var watch = false

    @Flag(help: "Exit with 1 where a figure misses its goal.")
    var enforce = false

    func validate() throws {
        guard (1...1_000).contains(runs) else { throw ValidationError("--runs must be 1 to 1000") }
        guard !files.isEmpty || !schedulerPerf.isEmpty else {
            throw ValidationError("expected workload files, such as benchmarks/basic.yaml")
        }
    }

    func run() throws {
        var options = Runner.Options(toolFolder: Tool.folder)
        options.runs = runs
        options.seed = seed
        for fault in inject { try options.faults.add(fault) }
        if watch { options.policyChanged = { Terminal.complain(lines: $0.text) } }
        if let scheduler {
            options.scheduler = ShellWords.split(scheduler)
            guard !options.scheduler.isEmpty else { throw Failure.input(["--scheduler: expected a command"]) }
        }
        let benchmarks = try Benchmark.read(paths: files) + foreignBenchmarks()
        let chosen = try choose(benchmarks)
        let runner = Runner(options, progress: showProgress)
        var machine = Machine.current()
        var cases: [CaseResult] = []
        for (benchmark, size) in chosen {
            do throws(Runner.Failure) {
                let result = try runner.run(benchmark, size)
                cases.append(result)
                Terminal.endProgress()
                if output == .text { Terminal.print(BenchText.line(result, isFirst: cases.count == 1)) }
            } catch { throw Failure.input(error.messages) }
            // What was measured before a signal came is told all the same.
            if Interruption.signal != nil { break }
        }
        machine.finish()
        let programs = Set(cases.flatMap(\.commands).compactMap { $0.split(separator: " ").first.map(String.init) })
        let result = BenchResult(
            machine: machine, build: Build.current(programs: programs.sorted()), seed: seed, cases: cases)
        try finish(result)
    }

    /// The test cases of scheduler_perf, after a word about what of them has no counterpart here.
    private func foreignBenchmarks() throws -> [Benchmark] {
        guard !schedulerPerf.isEmpty else { return [] }
        let read = try SchedulerPerf(paths: schedulerPerf)
        for leavesOut in [true, false] {
            let gaps = read.gaps.filter { $0.leavesOut == leavesOut }
            for testCase in Set(gaps.map(\.testCase)).sorted() {
                let missing = gaps.filter { $0.testCase == testCase }.map(\.what).joined(separator: ", ")
                let fate = leavesOut ? "is left out, since this has" : "is run without what has"
                Terminal.complain("warning: \(testCase) \(fate) no counterpart here: \(missing)")
            }
        }
        if read.benchmarks.isEmpty, files.isEmpty {
            throw Failure.input(["no test case of \(schedulerPerf.joined(separator: ", ")) can be run here"])
        }
        return read.benchmarks
    }

    /// The sizes to be run, in the order of the files.
    private func choose(_ benchmarks: [Benchmark]) throws -> [(Benchmark, Benchmark.Size)] {
        let known = Set(benchmarks.flatMap { $0.sizes.map(\.name) }).union(["all"])
        for name in size where !known.contains(name) {
            throw Failure.input(["--size \(name): expected one of \(known.sorted().joined(separator: ", "))"])
        }
        let labels = Set(benchmarks.flatMap { $0.sizes.flatMap(\.labels) })
        for name in label where !labels.contains(name) {
            throw Failure.input(["--label \(name): expected one of \(labels.sorted().joined(separator: ", "))"])
        }
        let chosen = benchmarks.flatMap { benchmark in
            if size.isEmpty, label.isEmpty { return [(benchmark, benchmark.usualSize)] }
            return benchmark.sizes.filter { candidate in
                (size.isEmpty || size.contains("all") || size.contains(candidate.name))
                    && (label.isEmpty || candidate.labels.contains { label.contains($0) })
            }.map { (benchmark, $0) }
        }
        guard !chosen.isEmpty else {
            throw Failure.input(["no size of these benchmarks is of the size and label asked for"])
        }
        return chosen
    }

    private func finish(_ result: BenchResult) throws {
        let json = result.json
        switch output {
        case .json: Terminal.print(json)
        case .text: Terminal.print(BenchText(result).details)
        }
        if let save { try Tool.write(json + "\n", to: save) }
        if let report {
            try Tool.write(BenchPage.html(result), to: report)
            if output == .text { Terminal.print("\n  report: \(report)") }
        }
        let failures = result.cases.flatMap { item in item.failures.map { "\(item.name): \($0)" } }
        if !failures.isEmpty { throw Failure.found(failures.joined(separator: "\n")) }
        if enforce {
            let missed = BenchText(result).missedGoals
            if !missed.isEmpty { throw Failure.found(missed.joined(separator: "\n")) }
        }
    }

    private func showProgress(_ now: Runner.Progress) {
        Terminal.progress(
            "\(now.name) \(now.step): \(Format.count(now.bound)) of \(Format.count(now.total)) pods, "
                + Format.seconds(now.seconds))
    }
}
