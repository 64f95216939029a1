import ArgumentParser
import ClusterModel
import Dispatcher
import DispatcherShell
import JSON
import Manifests
import PolicyEngine
import SchedulerRegistry
import Simulation

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Place pods on nodes with live scheduler processes, and report what went where and why.",
        discussion: """
            Every pod goes through admission and policies to one of the schedulers, which run as processes of their own; every \
            placement is checked before it counts.

            Examples:
              switchyard simulate --nodes nodes.yaml --pods pods.yaml --policies policies
              kubectl get nodes,pods -A -o yaml | switchyard simulate --nodes - -o json
              switchyard simulate --trace openb --data openb --policies policies
              switchyard simulate --nodes n.yaml --pods p.yaml \\
                  --inject kill-every=25 --inject delay=20
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var trace: TraceOptions

    @Option(
        help: ArgumentHelp(
            "Put a fault between the dispatcher and its schedulers: kill-every=N, garbage-every=N, delay=MS. May be given "
                + "several times.", valueName: "fault"))
    var inject: [String] = []

    @Option(help: ArgumentHelp("The seed of every random choice.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Seconds without a decision, or without a sign of life, after which a scheduler counts as hung.",
            valueName: "seconds"))
    var patience: Double = 15

    @Option(
        help: ArgumentHelp(
            "Let so many pods come a second, in the order of the files, each admitted as it comes; without it all are "
                + "there at once.", valueName: "pods/s"))
    var rate: Double?

    @Flag(help: "With --rate and --policies: put changes of the folder in force while pods come, and tell of each.")
    var watch = false

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    @Option(
        help: ArgumentHelp(
            "Write a page with tables and plots, which needs no network; of a replay, plots over its time.",
            valueName: "file.html"))
    var report: String?

    @Flag(help: "Pass over where the pods of the input stand, and place all of them anew.")
    var ignorePlacements = false

    @Flag(help: "Exit with 1 also where a scheduler was given up or pods stayed pending.")
    var enforce = false

    @Flag(help: "In text output, list every placement.")
    var placements = false

    func validate() throws {
        guard patience > 0.5, patience <= 86_400 else {
            throw ValidationError("--patience must be over 0.5 seconds and at most 86,400")
        }
        if let rate, !(rate >= 0.001 && rate <= 1e7) {
            throw ValidationError("--rate must be at least 0.001 pods a second and at most 1e7")
        }
        if watch, rate == nil || input.policies == nil {
            throw ValidationError("--watch needs --rate and --policies: without a rate all pods are admitted at once")
        }
    }

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        var setup = SimulationSetup(registry: try input.registry())
        try setup.registry.requirePrograms()
        setup.seed = seed
        setup.limits.silenceSeconds = max(patience, 1)
        setup.limits.heartbeatSeconds = min(2, patience / 3)
        setup.limits.decisionSeconds = patience * 2
        for fault in inject { try setup.faults.add(fault) }
        let policies = try input.policySet(setup.registry)
        if trace.trace?.isOfJobs == true {
            guard rate == nil else { throw Failure.input(["--rate: jobs come when their trace says"]) }
            try replayJobs(setup, policies)
            return
        }
        if trace.replay {
            try replayPods(setup, policies)
            return
        }
        var cluster = try trace.isGiven ? trace.cluster(seed: seed) : Cluster(input)
        if ignorePlacements { cluster.ignorePlacements() }
        let loaded = clock.now
        setup.take(cluster)
        cluster.complain()
        cluster.complainAboutNamespaces(policies)
        var result: SimulationResult
        if let rate {
            result = runLive(setup, cluster, policies, rate)
        } else {
            let warnings = setup.admit(
                cluster.pods, policies: policies, rules: cluster.rules,
                serviceSelector: cluster.serviceSelector)
            let admitted = clock.now
            show(warnings)
            result = Simulation(setup, progress: showProgress).run()
            result.admissionSeconds = (admitted - loaded).inSeconds
        }
        Terminal.endProgress()
        result.loadSeconds = (loaded - start).inSeconds
        if let report { try Tool.write(SimulationPage(result, title: cluster.title).html, to: report) }
        switch output {
        case .json: Terminal.print(cluster.completed(result.value).prettyJSON)
        case .text: Terminal.print(SimulationText(result, title: cluster.title, listsPlacements: placements).text)
        }
        try judge(result)
        try cluster.finish()
    }

    /// Throws where schedulers did not do their work; what came of the run is told by then.
    ///
    /// A scheduler that never came up is a fault of the set-up. One that was given up later, and pods that wait, can be what
    /// a run is meant to show, so they count with --enforce alone.
    func judge(_ result: SimulationResult) throws {
        if result.isInterrupted {
            Terminal.complain("stopped by a signal; what is told is what was known by then")
            return
        }
        var faults: [String] = []
        for scheduler in result.schedulers {
            let name = scheduler.name.split(separator: "/").first.map(String.init)
            let waits = result.pending.contains { $0.scheduler == name }
            if scheduler.neverReady, waits || enforce {
                faults.append("scheduler \(scheduler.name) never became ready: \(scheduler.lastExit)")
            } else if enforce, scheduler.timesGivenUp > 0 {
                faults.append("scheduler \(scheduler.name) was given up: \(scheduler.lastExit)")
            }
        }
        if enforce, !result.pending.isEmpty {
            faults.append("\(Format.count(result.pending.count)) pods stayed pending")
        }
        if !faults.isEmpty { throw Failure.found(faults.map { "error: \($0)" }.joined(separator: "\n")) }
    }

    /// Pods come one after the other, while policies and queues change.
    private func runLive(
        _ setup: SimulationSetup, _ cluster: Cluster, _ policies: PolicySet?, _ rate: Double
    ) -> SimulationResult {
        let intake = Intake(
            policies: policies, rules: cluster.rules, pods: cluster.pods, namespaces: setup.namespaces,
            groups: setup.groups, schedulers: setup.registry.names, defaultScheduler: setup.registry.defaultScheduler)
        let feed =
            watch ? policies.flatMap { input.feed($0, setup.registry) { Terminal.complain(lines: $0.text) } } : nil
        var live = LiveRun(
            setup, intake: intake, pods: cluster.pods, podsPerSecond: rate, feed: feed,
            serviceSelector: cluster.serviceSelector, progress: showProgress)
        let (result, warnings) = live.run()
        feed?.stop()
        show(warnings)
        return result
    }

    private func show(_ warnings: [String: Int]) {
        for (text, count) in warnings.sorted(by: { $0.key < $1.key }) {
            Terminal.complain("warning: \(text)" + (count > 1 ? " (\(Format.count(count)) pods)" : ""))
        }
    }

    private func showProgress(_ progress: Simulation.Progress) {
        Terminal.progress(
            "\(Format.count(progress.bound)) of \(Format.count(progress.total)) pods placed, "
                + Format.seconds(progress.seconds))
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
