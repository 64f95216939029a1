import ClusterModel
import CoreBench
import Dispatcher
import DispatcherShell
import Manifests
import Placement
import PolicyEngine
import SchedulerRegistry

/// Runs benchmarks: a warm-up, the runs that count, runs at fixed rates, the floor.
public struct Runner {
    /// How to run.
    public struct Options: Sendable {
        /// Runs that count, of each case.
        public var runs = 5
        /// The seed of every random choice.
        public var seed: UInt64 = 1
        /// Faults between the dispatcher and its schedulers.
        public var faults = FaultPlan()
        /// Where the programs of the schedulers are.
        public var toolFolder: String
        /// Whether a run puts changes of its policies in force, and whom to tell of each; nil where the policies stay.
        public var policyChanged: (@Sendable (PolicyReloader.Directive) -> Void)?
        /// The command of a scheduler that gets all pods, in place of the benchmark's schedulers and policies.
        public var scheduler: [String] = []

        /// The usual options.
        public init(toolFolder: String) { self.toolFolder = toolFolder }
    }

    /// What is being done, for those who wait.
    public struct Progress: Sendable {
        /// The benchmark and size.
        public var name: String
        /// What is run: `warm-up`, `run 2 of 5`, `at 50 % of the highest rate`.
        public var step: String
        /// Measured pods bound, and how many there will be.
        public var bound: Int
        /// How many measured pods there will be.
        public var total: Int
        /// Seconds since this step began.
        public var seconds: Double
    }

    private let options: Options
    private let progress: (Progress) -> Void

    /// A runner; `progress` is called a few times a second.
    public init(_ options: Options, progress: @escaping (Progress) -> Void = { _ in }) {
        self.options = options
        self.progress = progress
    }

    /// Why a benchmark could not be run at all.
    public struct Failure: Error, CustomStringConvertible {
        /// What is wrong with its files, a line each.
        public var messages: [String]
        /// All of it.
        public var description: String { messages.joined(separator: "\n") }
    }

    /// The schedulers of a benchmark.
    public func registry(of benchmark: Benchmark, _ size: Benchmark.Size) throws(Failure) -> SchedulerRegistry {
        if let program = options.scheduler.first {
            var registry = SchedulerRegistry.builtIn(folder: options.toolFolder)
            var entry = registry.entries[0]
            if let own = registry.entries.first(where: { $0.registration.name == program }) {
                entry = own
            } else {
                entry.registration.name = "plugin"
                entry.process = ProcessSpec(executable: program)
            }
            entry.process.arguments = Array(options.scheduler.dropFirst())
            if let fault = entry.process.programFault {
                throw Failure(messages: [
                    "--scheduler: expected a program that can be run, found \"\(program)\", \(fault)"
                ])
            }
            registry.entries = [entry]
            registry.defaultScheduler = entry.registration.name
            return registry
        }
        let files = size.schedulers ?? benchmark.schedulers
        guard !files.isEmpty else { return .builtIn(folder: options.toolFolder) }
        do {
            let registry = try SchedulerRegistry(files: files, toolFolder: options.toolFolder)
            try registry.requirePrograms()
            return registry
        } catch {
            throw Failure(messages: [error.description])
        }
    }

    /// Runs one size of a benchmark.
    public func run(_ benchmark: Benchmark, _ size: Benchmark.Size) throws(Failure) -> CaseResult {
        var result = CaseResult(
            benchmark: benchmark.name, size: size.name, summary: benchmark.summary, parameters: size.parameters,
            schedulers: [], commands: [], policies: "", runs: [], medianRun: 0, series: RunSeries(), openLoop: [],
            floor: nil, goals: size.goals, failures: [], core: nil)
        switch size.work {
        case .core(let workload, let profile, let nodes, let pods):
            guard let profile = Profile.named(profile) else {
                throw Failure(messages: [
                    "\(benchmark.file): spec.core.profile: expected a built-in profile, found \(profile)"
                ])
            }
            progress(Progress(name: result.name, step: "core", bound: 0, total: pods, seconds: 0))
            let bench = CoreBench(profile: profile, seed: options.seed)
            result.core = CoreResult(bench.run(workload, nodes: nodes, pods: pods))
        case .cluster(let operations):
            let registry = try registry(of: benchmark, size)
            var plan = ClusterRun.Plan(
                operations: operations, objects: benchmark.objects, registry: registry,
                policies: try policies(of: benchmark, registry), timeoutSeconds: benchmark.timeoutSeconds)
            plan.faults = options.faults
            plan.seed = options.seed
            if let folder = benchmark.policies, let report = options.policyChanged {
                plan.watch = .init(folder: folder, report: report)
            }
            result.schedulers = registry.names
            result.commands = registry.entries.map {
                ([$0.process.executable] + $0.process.arguments).joined(separator: " ")
            }
            result.policies = plan.policies == nil ? "" : benchmark.policies ?? ""
            runCluster(plan, size, benchmark.latencyAt, &result)
        }
        return result
    }

    private func policies(of benchmark: Benchmark, _ registry: SchedulerRegistry) throws(Failure) -> PolicySet? {
        guard let folder = benchmark.policies, options.scheduler.isEmpty else { return nil }
        do {
            return try PolicyFolder(path: folder, withTests: false).policySet(schedulers: Set(registry.names))
        } catch {
            throw Failure(messages: error.findings.map(\.text))
        }
    }

    private func runCluster(
        _ plan: ClusterRun.Plan, _ size: Benchmark.Size, _ shares: [Double], _ result: inout CaseResult
    ) {
        var allSeries: [RunSeries] = []
        var recording = plan
        recording.recordsLines = true
        // The first run finds cold caches; it is where the lines for the floor are taken from.
        guard let first = one(recording, size, "warm-up", &result) else { return }
        for number in 1...options.runs {
            guard let run = one(plan, size, "run \(number) of \(options.runs)", &result) else { return }
            result.runs.append(run.result)
            allSeries.append(run.series)
        }
        let order = result.runs.indices.sorted { result.runs[$0].podsPerSecond < result.runs[$1].podsPerSecond }
        result.medianRun = order[order.count / 2]
        result.series = allSeries[result.medianRun]
        result.floor = Floor.measure(first.lines, of: result.runs[result.medianRun])
        for share in shares {
            var paced = plan
            let rate = share * result.runs[result.medianRun].podsPerSecond
            paced.perSecond = rate
            let step = "at \(Int((share * 100).rounded())) % of the highest rate"
            guard rate > 0, let run = one(paced, size, step, &result) else { return }
            result.openLoop.append(OpenLoopResult(share: share, rate: rate, run: run.result, series: run.series))
        }
    }

    /// One run with processes of its own; nil where it did not come to its end.
    private func one(
        _ plan: ClusterRun.Plan, _ size: Benchmark.Size, _ step: String, _ result: inout CaseResult
    ) -> (result: RunResult, series: RunSeries, lines: [Scribe.Lines])? {
        ProcessMeter.resetPeakMemory()
        let name = result.name
        let run = ClusterRun(plan) { [progress] now in
            progress(Progress(name: name, step: step, bound: now.bound, total: now.total, seconds: now.seconds))
        }
        do throws(ClusterRun.Failure) {
            try run.run()
        } catch {
            result.failures.append("\(step): \(error.description)")
            return nil
        }
        let (figures, failures) = run.result(expected: size.expected)
        result.failures += failures.map { "\(step): \($0)" }
        let lines = run.scribe.lines
        let series = run.series
        run.stop()
        return (figures, series, lines)
    }
}
