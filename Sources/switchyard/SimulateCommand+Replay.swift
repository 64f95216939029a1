import BatchQueue
import ClusterModel
import Dispatcher
import JSON
import Manifests
import PolicyEngine
import Replay
import SchedulerRegistry
import Simulation
import Traces

/// Traces of jobs, in virtual time.
extension Simulate {
    /// The scheduler that places jobs where no policy says otherwise.
    private static let batchScheduler = "gang"

    func replayJobs(_ setup: SimulationSetup, _ policies: PolicySet?) throws {
        let watch = ContinuousClock()
        let start = watch.now
        var setup = setup
        guard let kind = trace.trace else { return }
        let jobTrace = try trace.jobs.trace(kind, data: trace.data, load: trace.load)
        let queue = try choosePolicy(&setup.registry)
        setup.nodes = jobTrace.nodes(trace.jobs.processors)
        let loaded = watch.now
        let jobs = try admit(jobTrace, &setup, policies)
        let admitted = watch.now
        let title =
            "\(kind.rawValue) \(jobTrace.file): \(Format.count(jobTrace.jobs.count)) jobs on "
            + "\(Format.count(jobTrace.capacity)) processors, offered load \(Format.fixed(jobTrace.offeredLoad, 2)), "
            + "\((trace.jobs.estimates ?? .perfect).rawValue) estimates, policy \(queue)"
        var result = Replay(setup, jobs: jobs, capacity: Double(jobTrace.capacity), progress: showReplay).run()
        Terminal.endProgress()
        result.simulation.loadSeconds = (loaded - start).inSeconds
        result.simulation.admissionSeconds = (admitted - loaded).inSeconds
        try show(result, title: title)
    }

    /// Tells the batch scheduler its queue policy; the name of the one in force, for the title.
    private func choosePolicy(_ registry: inout SchedulerRegistry) throws -> String {
        guard let index = registry.names.firstIndex(of: Simulate.batchScheduler) else {
            guard trace.jobs.batchPolicy == nil else {
                throw Failure.input(["--batch-policy: expected a scheduler named \(Simulate.batchScheduler)"])
            }
            return "of the schedulers registered"
        }
        let config = registry.entries[index].registration.config
        if trace.jobs.batchPolicy == nil, case .string(let name) = config["queue"] { return name }
        let policy = trace.jobs.batchPolicy ?? .standard
        guard case .object(let fields) = config else { return policy.rawValue }
        registry.entries[index].registration.config = .object(
            fields.filter { $0.key != "queue" } + [.init("queue", .string(policy.rawValue))])
        return policy.rawValue
    }

    /// Puts the first member of every job through admission; the others differ in their names alone and go the same way.
    private func admit(
        _ jobTrace: JobTrace, _ setup: inout SimulationSetup, _ policies: PolicySet?
    ) throws -> [ReplayJob] {
        let isRegistered = setup.registry.names.contains(Simulate.batchScheduler)
        let scheduler = policies == nil && isRegistered ? Simulate.batchScheduler : nil
        let processors = trace.jobs.processors
        setup.groups = jobTrace.jobs.map { JobTrace.group(of: $0) }
        let leaders = jobTrace.jobs.map { JobTrace.member(of: $0, processors, scheduler: scheduler) }
        let warnings = setup.admit(leaders, policies: policies, rules: ClusterRules()) { _ in nil }
        for (text, count) in warnings.sorted(by: { $0.key < $1.key }) {
            Terminal.complain("warning: \(text)" + (count > 1 ? " (\(Format.count(count)) jobs)" : ""))
        }
        var leading: [ObjectKey: Arrival] = [:]
        for arrival in setup.arrivals { leading[arrival.key] = arrival }
        setup.groups = []
        for (line, job) in jobTrace.refused {
            let key = ObjectKey(namespace: TraceNames.namespace, name: "job-\(job.id)")
            let message =
                "asks for \(job.processors) processors, of which there are \(jobTrace.capacity) (\(jobTrace.file):\(line))"
            setup.rejected.append(.init(key: key, message: message))
        }
        return zip(jobTrace.jobs, leaders).compactMap { job, leader in
            guard let first = leading[leader.metadata.key] else { return nil }
            let arrivals = (0..<job.processors).map { index in
                var arrival = first
                arrival.key.name = JobTrace.memberName(of: job, index)
                return arrival
            }
            return ReplayJob(
                id: job.id, submitted: job.submitted, run: job.run, size: Double(job.processors),
                group: JobTrace.group(of: job), arrivals: arrivals)
        }
    }

    func showReplay(_ progress: Replay.Progress) {
        Terminal.progress(
            "\(Format.count(progress.arrived)) of \(Format.count(progress.total)) jobs have arrived, "
                + "\(Format.count(progress.waiting)) wait, \(Format.seconds(progress.seconds))")
    }
}
