import ClusterModel
import Dispatcher
import JSON
import PolicyEngine
import Replay
import Simulation
import Traces

/// Traces of pods that come and go, in virtual time.
extension Simulate {
    func replayPods(_ setup: SimulationSetup, _ policies: PolicySet?) throws {
        let watch = ContinuousClock()
        let start = watch.now
        var setup = setup
        var input = try trace.input(seed: seed, withTimes: true)
        if let load = trace.load, trace.trace == .openb { input.scale(toGPULoad: load) }
        let cluster = trace.cluster(input)
        let loaded = watch.now
        setup.take(cluster)
        let warnings = setup.admit(
            cluster.pods, policies: policies, rules: ClusterRules(), serviceSelector: cluster.serviceSelector)
        for (text, count) in warnings.sorted(by: { $0.key < $1.key }) {
            Terminal.complain("warning: \(text)" + (count > 1 ? " (\(Format.count(count)) pods)" : ""))
        }
        let jobs = jobs(of: input, &setup)
        let admitted = watch.now
        let devices = setup.nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) }
        var result = Replay(setup, jobs: jobs, capacity: Double(devices), progress: showReplay).run()
        Terminal.endProgress()
        result.simulation.loadSeconds = (loaded - start).inSeconds
        result.simulation.admissionSeconds = (admitted - loaded).inSeconds
        try show(
            result,
            title: cluster.title + ", by the trace's times, offered GPU load \(Format.fixed(input.offeredGPULoad, 3))")
    }

    /// Every pod that was admitted as a job of its own, with the trace's times.
    private func jobs(of input: TraceInput, _ setup: inout SimulationSetup) -> [ReplayJob] {
        let arrivals = setup.arrivals
        setup.arrivals = []
        return arrivals.enumerated().compactMap { index, arrival in
            guard let history = input.histories[arrival.key.name] else { return nil }
            let requests = arrival.spec.requests
            let devices = Double(requests[GPU.deviceResource]?.value ?? 0)
            let share = Double(requests[GPU.shareResource]?.value ?? 0) / Double(GPU.milliPerDevice)
            return ReplayJob(
                id: index, submitted: history.submitted, run: history.run, size: devices + share,
                service: history.service.map { ReplayJob.Service(name: $0, mostPerNode: history.mostPerNode) },
                arrivals: [arrival])
        }
    }

    /// Prints the result of a replay, and writes its page where one is wanted.
    func show(_ result: ReplayResult, title: String) throws {
        if let report { try Tool.write(ReplayPage(result, title: title).html, to: report) }
        switch output {
        case .json: Terminal.print(result.value.prettyJSON)
        case .text: Terminal.print(ReplayText(result, title: title, listsPlacements: placements).text)
        }
        try judge(result.simulation)
    }
}
