import Admission
import ClusterModel
import Dispatcher
import DispatcherShell
import Glibc
import PolicyEngine
import Simulation

/// What each operation does, and when the next one begins.
extension ClusterRun {
    /// Begins operations until one has to be waited for.
    func advance() throws(Failure) {
        while nextOperation < plan.operations.count, sleepUntil == nil {
            let operation = plan.operations[nextOperation]
            if case .barrier = operation {
                // What is still in the queues must be told first; the loop comes back here.
                guard isCalm else { return }
                for index in streams.indices where streams[index].lifetime != nil { streams[index].isStopped = true }
            }
            try perform(operation, nextOperation)
            nextOperation += 1
        }
    }

    private func perform(_ operation: Operation, _ number: Int) throws(Failure) {
        switch operation {
        case .createNodes(let order): try createNodes(order)
        case .createNamespaces(let count, let template): try createNamespaces(count, template)
        case .createPods(let order): start(order, prepared.removeValue(forKey: number) ?? PodStream(order))
        case .churn(let order): start(order)
        case .deletePods(let name, let count, let perSecond): delete(count, of: name, perSecond)
        case .setUnschedulable(let flag, let choice):
            try change(choice) { $0.unschedulable = flag }
        case .relabel(let choice, let labels):
            try change(choice) { $0.metadata.labels.merge(labels) { $1 } }
        case .removeNodes(let choice): try remove(choice)
        case .killScheduler(let order): try schedule(order)
        case .barrier: break
        case .sleep(let seconds): sleepUntil = shell.now.advanced(bySeconds: seconds)
        }
    }

    // MARK: - Nodes and namespaces

    private func createNodes(_ order: Operation.CreateNodes) throws(Failure) {
        let first = nodes.count
        for index in 0..<order.count {
            do {
                let node = try NodeMaker.node(order.template, "\(order.name)-\(index)", index)
                scribe.ledger.setNode(first + index, offeredMilli: node.allocatable["cpu"]?.milliValue ?? 0)
                nodes.append(node)
                shell.submit(.nodeChanged(node))
            } catch {
                throw Failure(description: "node \(order.name)-\(index): \(error)")
            }
        }
    }

    private func createNamespaces(_ count: Int, _ template: ObjectTemplate) throws(Failure) {
        for index in 0..<count {
            do {
                let namespace = try Namespace(template.manifest(for: index))
                intake.admission.policies.engine.setNamespace(namespace)
                shell.submit(.namespaceChanged(namespace))
            } catch {
                throw Failure(description: "namespace \(index): \(error)")
            }
        }
    }

    /// The chosen nodes that are still there.
    private func indices(_ choice: Operation.NodeChoice) throws(Failure) -> [Int] {
        let range = choice.first..<choice.first + choice.count
        guard range.upperBound <= nodes.count else {
            throw Failure(description: "nodes \(range) are chosen, but there are only \(nodes.count)")
        }
        return range.filter { nodes[$0] != nil }
    }

    private func change(_ choice: Operation.NodeChoice, _ body: (inout Node) -> Void) throws(Failure) {
        for index in try indices(choice) {
            guard var node = nodes[index] else { continue }
            body(&node)
            nodes[index] = node
            shell.submit(.nodeChanged(node))
        }
    }

    private func remove(_ choice: Operation.NodeChoice) throws(Failure) {
        for index in try indices(choice) {
            guard let node = nodes[index] else { continue }
            nodes[index] = nil
            scribe.ledger.removeNode(index)
            shell.submit(.nodeRemoved(name: node.name))
        }
    }

    // MARK: - Pods

    /// Makes the measured pods before anything else, as far as there is room for them.
    func preparePods() throws(Failure) {
        for (number, operation) in plan.operations.enumerated() {
            guard case .createPods(let order) = operation, order.isMeasured else { continue }
            var stream = PodStream(order)
            do { try stream.prepare() } catch {
                throw Failure(description: "a pod of \(order.name): \(error)")
            }
            prepared[number] = stream
        }
    }

    private func start(_ order: Operation.CreatePods, _ stream: PodStream) {
        var stream = stream
        if let perSecond = plan.perSecond, order.isMeasured {
            // Streams that are measured together share the rate as they share the pods.
            stream.order.perSecond = perSecond * Double(order.count) / Double(max(1, measuredPods))
        }
        // The dispatcher waits for its schedulers before what is measured begins: their start is not what is measured.
        if begin == nil { warmUp() }
        if order.isMeasured, begin == nil { beginMeasuring() }
        stream.start = shell.now
        add(stream)
    }

    /// The pods of all measured operations.
    private var measuredPods: Int {
        plan.operations.reduce(0) { sum, operation in
            if case .createPods(let order) = operation, order.isMeasured { sum + order.count } else { sum }
        }
    }

    private func start(_ order: Operation.Churn) {
        if begin == nil { warmUp() }
        let pods = Operation.CreatePods(
            name: order.name, count: Int.max >> 1, perSecond: order.perSecond, isMeasured: false, isBackground: true,
            groupSize: 1, minMember: 1, topologyKeys: [], template: order.template)
        var stream = PodStream(pods, lifetime: order.lifetime)
        stream.start = shell.now
        add(stream)
    }

    private func add(_ stream: PodStream) {
        streams.append(stream)
        scribe.boundByStream.append(0)
        scribe.isMeasured.append(stream.order.isMeasured)
    }

    /// Waits until the schedulers run and have taken in all that they were told: reading five thousand nodes is no part
    /// of placing a pod.
    private func warmUp() {
        shell.run { $0.dispatcher.isWarm }
        var quiet = 0
        while quiet < 3, shell.now < deadline {
            shell.alarm = shell.now.advanced(bySeconds: 0.002)
            let until = shell.now.advanced(bySeconds: 0.002)
            shell.run { _ in shell.now >= until }
            let isQuiet =
                shell.look({ $0.loads }).allSatisfy { $0.outputBytes == 0 }
                && shell.processIDs.allSatisfy { $0.map(ProcessMeter.isWaiting) ?? true }
            quiet = isQuiet ? quiet + 1 : 0
        }
    }

    private func delete(_ count: Int, of name: String, _ perSecond: Double?) {
        guard let index = streams.lastIndex(where: { $0.order.name == name }) else { return }
        guard let perSecond else {
            for _ in 0..<count { deleteOldest(index) }
            return
        }
        deletions.append(
            PendingDeletion(stream: index, left: count, perSecond: perSecond, start: shell.now))
    }

    // MARK: - Killing schedulers

    private func schedule(_ order: Operation.Kill) throws(Failure) {
        guard let scheduler = schedulerNumbers[order.scheduler] else {
            let names = schedulerNumbers.keys.sorted().joined(separator: ", ")
            throw Failure(description: "killScheduler: no scheduler named \(order.scheduler) runs, only \(names)")
        }
        // Of several processes the first.
        let process = shards[scheduler][0]
        guard let every = order.everyBound else {
            kill(process)
            return
        }
        kills.append(
            PendingKill(scheduler: process, every: every, left: order.times, boundAtLast: scribe.bindings))
    }

    /// Whether so many pods are bound that a scheduler is to be killed, and it runs again since the last time.
    func isDue(_ order: PendingKill) -> Bool {
        guard scribe.bindings >= order.boundAtLast + order.every else { return false }
        guard let process = shell.processIDs[order.scheduler] else { return false }
        return process != order.lastProcess
    }

    /// Kills the schedulers whose time has come.
    func killDue() {
        for index in kills.indices where isDue(kills[index]) {
            kills[index].lastProcess = kill(kills[index].scheduler)
            kills[index].left -= 1
            kills[index].boundAtLast = scribe.bindings
        }
        kills.removeAll { $0.left <= 0 }
    }

    /// Kills the process of a scheduler, if one runs; its number.
    @discardableResult
    private func kill(_ scheduler: Int) -> pid_t? {
        sampleMeters()
        guard let process = shell.processIDs[scheduler] else { return nil }
        _ = Glibc.kill(process, SIGKILL)
        return process
    }
}
