import ClusterModel
import Dispatcher
import DispatcherShell
import HeapModule
import Simulation

/// A trace in virtual time through live scheduler processes.
///
/// The clock stands still while any process has something to do, and then jumps to the next arrival or end. Processes,
/// pipes and checks are those of any other run; only the time by which jobs run is virtual, and supervision keeps to the
/// real one. A run with a seed repeats exactly, because messages count in rounds (`Shell.beginRounds`).
public struct Replay {
    private var setup: SimulationSetup
    private let jobs: [ReplayJob]
    private let capacity: Double
    private let progress: (Progress) -> Void

    /// How far a replay has come.
    public struct Progress: Sendable {
        /// Jobs that have arrived.
        public var arrived: Int
        /// Jobs in all.
        public var total: Int
        /// Jobs that wait.
        public var waiting: Int
        /// Real seconds since the first arrival.
        public var seconds: Double
    }

    /// A replay of `jobs` on the cluster of `setup`, whose own arrivals are passed over.
    ///
    /// - Parameters:
    ///   - capacity: how much the cluster has of what the jobs' sizes count, for the figures.
    ///   - progress: called a few times a second.
    public init(
        _ setup: SimulationSetup, jobs: [ReplayJob], capacity: Double, progress: @escaping (Progress) -> Void = { _ in }
    ) {
        self.setup = setup
        // News that waits goes by the real clock, and a replay must not.
        self.setup.limits.newsDelaySeconds = 0
        self.jobs = jobs.enumerated().sorted {
            ($0.element.submitted, $0.offset) < ($1.element.submitted, $1.offset)
        }.map(\.element)
        self.capacity = capacity
        self.progress = progress
    }

    /// Runs until every job has ended, or until nothing more can happen.
    public func run() -> ReplayResult {
        let simulation = Simulation(setup)
        let record = ReplayRecord(jobs, nodes: setup.nodes, firstPod: setup.found.count)
        var observer = Shell.Observer()
        observer.bound = { record.bound($0) }
        observer.evicted = { record.evicted($0) }
        let (shell, gatherer) = simulation.makeShell(observer)
        record.nodeName = { node in shell.look { $0.nodeName(node) } }
        simulation.submitCluster(to: shell)
        shell.run { $0.dispatcher.isWarm }
        shell.beginRounds()
        let begin = shell.now
        var lastProgress = begin
        while !shell.isInterrupted, let time = record.nextMoment {
            let (nanoseconds, isTooLate) = Int64(time).multipliedReportingOverflow(by: 1_000_000_000)
            shell.submit(.clockAdvanced(Instant(nanoseconds: isTooLate ? .max : nanoseconds)))
            record.advance(to: time) { event in shell.submit(event) }
            shell.run { $0.look({ $0.isSettled }) }
            shell.look { record.settle(at: time, $0.cell) }
            if shell.now.seconds(since: lastProgress) > 0.25 {
                lastProgress = shell.now
                progress(
                    Progress(
                        arrived: record.arrived, total: jobs.count, waiting: record.waiting,
                        seconds: shell.now.seconds(since: begin)))
            }
        }
        let elapsed = shell.now.seconds(since: begin)
        shell.stop()
        var result = ReplayResult(simulation: simulation.result(of: shell, gatherer, elapsed))
        record.complete(&result, shell.dispatcher, capacity: capacity)
        return result
    }
}
