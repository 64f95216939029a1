import ClusterModel
import Dispatcher
import DispatcherShell
import PolicyEngine

/// A run in which pods come one after the other, at a rate, and are admitted as they come: by the policies in force at that
/// moment, which see the queues of the schedulers as they are then.
public struct LiveRun {
    /// Pods that are admitted between two looks at the queues, also where many are due at once.
    private static let batch = 64

    /// The cluster; pods are added as they come.
    private var setup: SimulationSetup
    private var intake: Intake
    private let pods: [Pod]
    private let podsPerSecond: Double
    private let feed: PolicyFeed?
    private let serviceSelector: (Pod) -> LabelSelector?
    private let progress: (Simulation.Progress) -> Void

    /// A run.
    ///
    /// - Parameters:
    ///   - setup: the cluster, without pods.
    ///   - intake: what admits the pods.
    ///   - pods: the pods, in the order in which they come; those that stand on a node are there before.
    ///   - podsPerSecond: how many come in a second.
    ///   - feed: where new policies come from; nil where they stay.
    public init(
        _ setup: SimulationSetup, intake: Intake, pods: [Pod], podsPerSecond: Double, feed: PolicyFeed? = nil,
        serviceSelector: @escaping (Pod) -> LabelSelector? = { _ in nil },
        progress: @escaping (Simulation.Progress) -> Void = { _ in }
    ) {
        precondition(podsPerSecond > 0, "pods cannot come at \(podsPerSecond) a second")
        self.setup = setup
        self.intake = intake
        self.pods = pods
        self.podsPerSecond = podsPerSecond
        self.feed = feed
        self.serviceSelector = serviceSelector
        self.progress = progress
    }

    /// Runs until all pods have come and nothing more can happen; what came of it, and what the authors of pods should
    /// know, with how many pods each text is about.
    public mutating func run() -> (result: SimulationResult, warnings: [String: Int]) {
        var warnings: [String: Int] = [:]
        for pod in pods where pod.spec.nodeName != nil { _ = setup.take(pod, &intake, serviceSelector(pod)) }
        let coming = pods.filter { $0.spec.nodeName == nil }
        let (shell, gatherer) = Simulation(setup).makeShell()
        Simulation(setup).submitCluster(to: shell)
        shell.warmUp()
        let start = shell.now
        func due(_ number: Int) -> Instant { start.advanced(bySeconds: Double(number) / podsPerSecond) }
        var next = 0
        while next < coming.count {
            shell.alarm = due(next)
            shell.run { _ in shell.now >= due(next) }
            if shell.isInterrupted { break }
            shell.look { intake.note($0) }
            let first = setup.arrivals.count
            let now = shell.now
            while next < coming.count, due(next) <= now, setup.arrivals.count - first < LiveRun.batch {
                intake.reload(from: feed)
                for text in setup.take(coming[next], &intake, serviceSelector(coming[next])) {
                    warnings[text, default: 0] += 1
                }
                next += 1
            }
            shell.submit(.podsArrived(Array(setup.arrivals[first...])))
            for (pod, node) in setup.nominations { shell.submit(.podNominated(pod, node: node)) }
            setup.nominations.removeAll()
            report(gatherer, coming.count, now.seconds(since: start))
        }
        shell.alarm = nil
        shell.run { $0.look({ $0.isSettled }) }
        let elapsed = shell.now.seconds(since: start)
        shell.run { $0.dispatcher.areShadowsSettled }
        shell.stop()
        // What never came is told of all the same.
        for pod in coming[next...] {
            setup.gated.append(
                .init(key: pod.metadata.key, scheduler: "", message: "the run was stopped before it came"))
        }
        setup.rules = intake.ruleResults
        return (Simulation(setup).result(of: shell, gatherer, elapsed), warnings)
    }

    private func report(_ gatherer: Simulation.Gatherer, _ total: Int, _ seconds: Double) {
        guard seconds - gatherer.lastProgress > 0.25 else { return }
        gatherer.lastProgress = seconds
        progress(.init(bound: gatherer.bound, total: total, seconds: seconds))
    }
}
