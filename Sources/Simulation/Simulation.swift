import ClusterModel
import Dispatcher
import DispatcherShell
import Placement
import SchedulerRegistry

/// One run of the whole path: pods go to live scheduler processes, placements are checked and counted, until nothing
/// more can happen.
public struct Simulation {
    private let setup: SimulationSetup
    private let progress: (Progress) -> Void

    /// How far a run has come.
    public struct Progress: Sendable {
        /// Pods bound so far.
        public var bound: Int
        /// Pods to be placed in all.
        public var total: Int
        /// Seconds since the first pod was handed over.
        public var seconds: Double
    }

    /// A run of `setup`; `progress` is called a few times a second.
    public init(_ setup: SimulationSetup, progress: @escaping (Progress) -> Void = { _ in }) {
        self.setup = setup
        self.progress = progress
    }

    /// What is gathered while the run goes on.
    package final class Gatherer {
        private(set) var notes: NoteBook
        var evictions: [Eviction] = []
        var bound = 0
        var lastProgress = 0.0

        init(_ limits: Limits) { notes = NoteBook(limits) }

        func add(_ note: Note) { notes.add(note.description) }

        func add(errorLine line: String, of scheduler: String) { notes.add(errorLine: line, of: scheduler) }
    }

    /// Runs to the end and tells what came of it; `observer` hears of the lines on the pipes, bindings and evictions.
    public func run(_ observer: Shell.Observer = Shell.Observer()) -> SimulationResult {
        let (shell, gatherer) = makeShell(observer)
        submitCluster(to: shell)
        shell.warmUp()
        let arrivals = arrivalsByPriority()
        let start = shell.now
        shell.submit(.podsArrived(arrivals))
        for (pod, node) in setup.nominations { shell.submit(.podNominated(pod, node: node)) }
        shell.run { shell in
            let seconds = shell.now.seconds(since: start)
            if seconds - gatherer.lastProgress > 0.25 {
                gatherer.lastProgress = seconds
                progress(Progress(bound: gatherer.bound, total: arrivals.count, seconds: seconds))
            }
            return shell.look({ $0.isSettled })
        }
        let elapsed = shell.now.seconds(since: start)
        // Shadows may be slower; what they say still counts, and they are given up after a while.
        shell.run { $0.dispatcher.areShadowsSettled }
        shell.stop()
        return result(of: shell, gatherer, elapsed)
    }

    /// Kubernetes takes pods by priority; equal ones stay in the order of the input.
    private func arrivalsByPriority() -> [Arrival] {
        let priorities = setup.arrivals.map(\.spec.priority)
        guard zip(priorities, priorities.dropFirst()).contains(where: <) else { return setup.arrivals }
        return setup.arrivals.indices.sorted { (priorities[$1], $0) < (priorities[$0], $1) }.map { setup.arrivals[$0] }
    }

    /// The shell of a run with what gathers its notes; `other` hears of lines, bindings and evictions too.
    package func makeShell(_ other: Shell.Observer = Shell.Observer()) -> (Shell, Gatherer) {
        let gatherer = Gatherer(setup.limits)
        var registry = setup.registry
        registry.seed(setup.seed)
        var observer = Shell.Observer()
        observer.note = { if $0.level != .info { gatherer.add($0) } }
        observer.errorLine = { gatherer.add(errorLine: $1, of: $0) }
        observer.sent = other.sent
        observer.received = other.received
        observer.evicted = {
            gatherer.evictions += $0
            other.evicted($0)
        }
        observer.bound = {
            gatherer.bound += $0.count
            other.bound($0)
        }
        let dispatcher = Dispatcher(
            schedulers: registry.processes.map(\.registration), limits: setup.limits, seed: setup.seed)
        let shell = Shell(
            dispatcher: dispatcher, specs: registry.processes.map(\.process), faults: setup.faults, observer: observer)
        return (shell, gatherer)
    }

    /// Tells the dispatcher of all but the pods to be placed.
    package func submitCluster(to shell: Shell) {
        for namespace in setup.namespaces { shell.submit(.namespaceChanged(namespace)) }
        for node in setup.nodes { shell.submit(.nodeChanged(node)) }
        for group in setup.groups { shell.submit(.groupChanged(group)) }
        for pod in setup.found { shell.submit(.podFound(pod)) }
        shell.submit(.budgetsChanged(shell.look { dispatcher in setup.currentBudgets { dispatcher.number(of: $0) } }))
    }

    /// What came of a run that has ended.
    package func result(of shell: Shell, _ gatherer: Gatherer, _ elapsed: Double) -> SimulationResult {
        var result = SimulationResult()
        let dispatcher = shell.dispatcher
        result.nodeCount = setup.nodes.count
        result.elapsedSeconds = elapsed
        result.rejected = setup.rejected
        result.pending = setup.gated
        result.notes = gatherer.notes.all
        result.isInterrupted = shell.isInterrupted
        result.utilization = dispatcher.cell.utilization
        let latencies = dispatcher.bindingLatencies.sorted()
        result.latencyP50 = Percentile.seconds(0.50, of: latencies)
        result.latencyP99 = Percentile.seconds(0.99, of: latencies)
        if !latencies.isEmpty {
            result.latencies = (0...100).map { Percentile.seconds(Double($0) / 100, of: latencies) }
        }
        sortPods(of: dispatcher, into: &result)
        for eviction in gatherer.evictions where dispatcher.wasFound(eviction.pod) {
            result.evicted.append(
                .init(
                    key: dispatcher.key(of: eviction.pod), node: dispatcher.nodeName(eviction.node) ?? "",
                    by: dispatcher.key(of: eviction.preemptor)))
        }
        let unschedulable = dispatcher.unschedulableCounts
        for index in dispatcher.schedulerNames.indices {
            result.schedulers.append(schedulerResult(index, shell, unschedulable[index]))
        }
        result.routing = routing(of: dispatcher)
        result.shadows = dispatcher.shadowFigures
        result.rules = setup.rules
        result.counts = .init(
            total: setup.found.count + setup.arrivals.count + setup.rejected.count + setup.gated.count,
            bound: result.placements.count + setup.found.count - result.evicted.count,
            unschedulable: result.unschedulable.count, pending: result.pending.count,
            rejected: result.rejected.count, placedBefore: setup.found.count)
        return result
    }

    private func sortPods(of dispatcher: Dispatcher, into result: inout SimulationResult) {
        for pod in 0..<dispatcher.podCount where !dispatcher.wasFound(pod) {
            let key = dispatcher.key(of: pod)
            let route = dispatcher.route(of: pod)
            switch dispatcher.outcome(of: pod) {
            case .bound(let node, let devices, let scheduler):
                result.placements.append(
                    .init(
                        key: key, node: node, scheduler: scheduler ?? "", policy: route?.policy ?? "",
                        revision: route?.revision ?? "", gpus: devices, wantsGPU: !devices.isEmpty))
            case .unschedulable(let scheduler, let reasons):
                result.unschedulable.append(.init(key: key, scheduler: scheduler, reasons: reasons))
            case .refused(let message):
                result.rejected.append(
                    .init(
                        key: key, policy: route?.policy ?? "", rule: route?.rule ?? "", message: message,
                        revision: route?.revision ?? ""))
            case .pending(let scheduler, let message):
                result.pending.append(.init(key: key, scheduler: scheduler ?? "", message: message))
            case .gone: break
            }
        }
    }

    private func schedulerResult(
        _ index: Int, _ shell: Shell, _ unschedulable: Int
    ) -> SimulationResult.SchedulerResult {
        let names = shell.dispatcher.schedulerNames
        let figures = shell.dispatcher.figures[index]
        var result = SimulationResult.SchedulerResult()
        result.name = names[index]
        result.routed = figures.routed
        result.bound = figures.bound
        result.unschedulable = unschedulable
        result.conflicts = figures.conflicts
        for (other, count) in figures.conflictsWith.enumerated() where count > 0 {
            result.conflictsWith[other < names.count ? names[other] : "cluster"] = count
        }
        result.misplaced = figures.misplaced
        result.notItsOwn = figures.notItsOwn
        result.badLines = figures.badLines
        result.restarts = figures.restarts
        result.timesGivenUp = figures.timesGivenUp
        result.neverReady = figures.timesReady == 0 && figures.lastExit != ""
        result.lastExit = figures.lastExit
        result.bytesSent = shell.traffic[index].bytesSent
        result.bytesReceived = shell.traffic[index].bytesReceived
        return result
    }

    private func routing(of dispatcher: Dispatcher) -> [SimulationResult.Routing] {
        struct Key: Hashable {
            var policy: String
            var rule: String
            var destination: String
        }
        var counts: [Key: Int] = [:]
        for pod in 0..<dispatcher.podCount where !dispatcher.wasFound(pod) {
            guard let route = dispatcher.route(of: pod) else { continue }
            counts[Key(policy: route.policy, rule: route.rule, destination: route.scheduler), default: 0] += 1
        }
        for pod in setup.rejected {
            counts[Key(policy: pod.policy, rule: pod.rule, destination: "rejected"), default: 0] += 1
        }
        return counts.map { .init(policy: $0.policy, rule: $0.rule, destination: $0.destination, pods: $1) }
            .sorted { ($0.policy, $0.rule, $0.destination) < ($1.policy, $1.rule, $1.destination) }
    }
}
