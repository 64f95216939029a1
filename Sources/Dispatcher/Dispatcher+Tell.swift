import ClusterModel
import Placement
import SchedulerProtocol

/// What each scheduler is told: everything once, then changes, then pods as far as its window goes.
extension Dispatcher {
    /// All that a fresh process must know: namespaces, budgets, nodes, and the pods on them.
    mutating func sendSnapshot(_ index: Int) {
        slots[index].namespacesChanged = true
        slots[index].budgetsChanged = true
        tellSurroundings(index)
        let known = nodes.nodes.enumerated().compactMap { number, node in
            node.map { NumberedNode(id: number, node: $0) }
        }
        for chunk in chunks(known, limits.nodesPerMessage) {
            send(index, .nodes(revision: log.revision, upsert: chunk, remove: []))
        }
        let seated = pods.records.indices.filter { pods[$0].node >= 0 }
        teach(index, seated.map { pods[$0].spec })
        let groups = describeRunning(to: index)
        for chunk in chunks(seated, limits.changesPerMessage) {
            let entries = chunk.map { pod in
                var entry = placed(pod)
                if groups.contains(Int(pods[pod].group)) { entry.group = Int(pods[pod].group) }
                return entry
            }
            send(index, .placed(revision: log.revision, entries))
        }
        tellStanding(index, seated)
        tellNominations(index, all: true)
        slots[index].cursor = log.revision
        slots[index].toldRevision = log.revision
    }

    /// Whether all that a scheduler could be told is what others did, and it has nothing to decide by it.
    mutating func mayWait(_ index: Int, _ now: Instant) -> Bool {
        let cursor = slots[index].cursor
        guard slots[index].hasNothingToDecide, log.revision - cursor < limits.changesPerMessage else { return false }
        if shadows.isActive, shadows.queues[index]?.isEmpty == false { return false }
        guard cursor < log.revision else { return true }
        guard let since = slots[index].newsSince else {
            slots[index].newsSince = now
            return limits.newsDelaySeconds > 0
        }
        return now.seconds(since: since) < limits.newsDelaySeconds
    }

    /// Tells a scheduler what it does not know yet.
    mutating func tell(_ index: Int, _ now: Instant) {
        let before = directives.count
        defer { tellClock(index, now, isNews: directives.count > before) }
        tellSurroundings(index)
        tellChanges(index)
        if !slots[index].nominations.isEmpty { tellNominations(index) }
        if !slots[index].retoldFacts.isEmpty {
            tellStanding(index, slots[index].retoldFacts.filter { pods[$0].node >= 0 })
            slots[index].retoldFacts = []
        }
        if !slots[index].rejections.isEmpty {
            // What it decides about these pods from now on it decides knowing all that it was just told.
            for rejection in slots[index].rejections where rejection.verdict == .retry {
                guard pods.records.indices.contains(rejection.pod) else { continue }
                pods[rejection.pod].assignedRevision = slots[index].cursor
            }
            for chunk in chunks(slots[index].rejections, limits.changesPerMessage) { send(index, .rejected(chunk)) }
            slots[index].rejections = []
        }
        if !slots[index].withdrawals.isEmpty {
            send(index, .withdraw(slots[index].withdrawals))
            slots[index].withdrawals = []
        }
        if !slots[index].retold.isEmpty { tellAgain(index) }
        tellPods(index, now)
    }

    /// Tells a scheduler again of pods that its mirror took off their nodes for a preemption that was not to be.
    private mutating func tellAgain(_ index: Int) {
        let seated = Set(slots[index].retold).sorted().filter { pods[$0].node >= 0 }
        slots[index].retold = []
        teach(index, seated.map { pods[$0].spec })
        for chunk in chunks(seated, limits.changesPerMessage) {
            send(index, .placed(revision: slots[index].toldRevision, chunk.map { placed($0) }))
        }
        tellStanding(index, seated)
    }

    private mutating func tellSurroundings(_ index: Int) {
        if slots[index].namespacesChanged {
            slots[index].namespacesChanged = false
            let all = namespaces.values.sorted { $0.metadata.name < $1.metadata.name }
            if !all.isEmpty { send(index, .namespaces(all)) }
        }
        if slots[index].budgetsChanged || slots[index].budgetsGrew {
            slots[index].budgetsChanged = false
            slots[index].budgetsGrew = false
            if !budgets.isEmpty { send(index, .budgets(budgets.budgets)) }
        }
    }

    /// Whether messages to each scheduler are written with runs, in the order of registration.
    public var takesRuns: [Bool] { slots.map { $0.capabilities.contains(.runs) } }

    mutating func send(_ index: Int, _ message: DispatcherMessage) {
        directives.append(.send(scheduler: index, message))
    }

    private func placed(_ pod: Int) -> PlacedPod {
        let record = pods[pod]
        return PlacedPod(
            pod: pod, template: Int(record.spec), node: Int(record.node), devices: record.devices.rawValue)
    }

    /// Describes classes that the scheduler has not heard of.
    mutating func teach(_ index: Int, _ specs: some Sequence<ClassIndex>) {
        var new: [NumberedTemplate] = []
        for spec in specs where !slots[index].knows(spec) {
            slots[index].markKnown(spec)
            new.append(NumberedTemplate(id: Int(spec), spec: cell.spec(of: spec)))
        }
        for chunk in chunks(new, limits.podsPerMessage) { send(index, .templates(chunk)) }
    }

    /// Passes on the changes since the scheduler's cursor, neighbouring ones of a kind in one message.
    private mutating func tellChanges(_ index: Int) {
        guard log.reaches(slots[index].cursor) else { return }
        var batch = ChangeBatch()
        let echo = slots[index].capabilities.contains(.echo)
        var told: [Int] = []
        var revision = slots[index].cursor
        while revision < log.revision {
            revision += 1
            switch log[revision] {
            case .placed(let pod, let node, let by):
                // A later release follows in the log; until then the scheduler must see the pod where it was.
                if by == Int32(index), !echo { continue }
                if batch.kind != .placed { emit(&batch, index, revision - 1) }
                batch.kind = .placed
                if by < 0 || pods[pod].group >= 0 { told.append(pod) }
                var entry = placed(pod)
                entry.node = Int(node)
                batch.placed.append(entry)
            case .released(let pod, _, _):
                if batch.kind != .released { emit(&batch, index, revision - 1) }
                batch.kind = .released
                batch.released.append(pod)
            case .node(let number):
                if batch.kind != .nodes { emit(&batch, index, revision - 1) }
                batch.kind = .nodes
                if let node = nodes.node(Int(number)) {
                    batch.upserts.append(NumberedNode(id: Int(number), node: node))
                } else {
                    batch.removals.append(Int(number))
                }
            }
            if batch.count >= limits.changesPerMessage { emit(&batch, index, revision) }
        }
        emit(&batch, index, revision)
        slots[index].cursor = log.revision
        if !told.isEmpty { tellStanding(index, told) }
    }

    private struct ChangeBatch {
        enum Kind { case none, placed, released, nodes }
        var kind = Kind.none
        var placed: [PlacedPod] = []
        var released: [Int] = []
        var upserts: [NumberedNode] = []
        var removals: [Int] = []
        var count: Int { placed.count + released.count + 4 * (upserts.count + removals.count) }
    }

    private mutating func emit(_ batch: inout ChangeBatch, _ index: Int, _ revision: Int) {
        switch batch.kind {
        case .none: return
        case .placed:
            teach(index, batch.placed.lazy.map { ClassIndex($0.template) })
            send(index, .placed(revision: revision, batch.placed))
        case .released: send(index, .released(revision: revision, batch.released))
        case .nodes: send(index, .nodes(revision: revision, upsert: batch.upserts, remove: batch.removals))
        }
        slots[index].toldRevision = revision
        batch = ChangeBatch()
    }

    /// Hands out queued pods as far as the window goes. A group goes whole, even past the window: it is of no use in part.
    private mutating func tellPods(_ index: Int, _ now: Instant) {
        var batch: [PendingPod] = []
        var wasIdle = slots[index].undecided == 0
        while slots[index].credit > 0, let entry = slots[index].queue.popFirst() {
            switch entry {
            case .pod(let pod):
                guard pods[pod].state == .queued, pods[pod].scheduler == Int32(index) else { continue }
                if shadows.isActive { copy([pod], from: index, now) }
                if isMember(pod), !batch.contains(where: { $0.group == Int(pods[pod].group) }) {
                    describe(Int(pods[pod].group), to: index)
                }
                assign(pod, to: index, &batch)
                if batch.count >= limits.podsPerMessage { sendPods(&batch, index) }
            case .group(let group):
                let members = groups[group].members.filter {
                    pods[$0].state == .queued && pods[$0].scheduler == Int32(index)
                }
                guard !members.isEmpty else { continue }
                sendPods(&batch, index)
                describe(group, to: index)
                if shadows.isActive { copy(members, from: index, now) }
                for pod in members { assign(pod, to: index, &batch) }
                sendPods(&batch, index)
            }
            if wasIdle {
                slots[index].lastDecision = now
                wasIdle = false
            }
        }
        sendPods(&batch, index)
    }

    private mutating func describe(_ group: Int, to index: Int) {
        guard let described = numbered(group, for: index) else { return }
        send(index, .groups([described]))
    }

    private mutating func assign(_ pod: Int, to index: Int, _ batch: inout [PendingPod]) {
        setState(pod, .assigned)
        pods[pod].assignedRevision = slots[index].cursor
        pods[pod].assignedRefusals = slots[index].refusals
        slots[index].undecided += 1
        slots[index].assigned.append(pod)
        let group = pods[pod].group
        batch.append(PendingPod(pod: pod, template: Int(pods[pod].spec), group: group < 0 ? nil : Int(group)))
        if slots[index].assigned.count > 2 * (slots[index].undecided + slots[index].onHold) + 1_024 {
            slots[index].assigned.removeAll { !pods[$0].isInHand || pods[$0].scheduler != Int32(index) }
        }
    }

    mutating func sendPods(_ batch: inout [PendingPod], _ index: Int) {
        guard !batch.isEmpty else { return }
        teach(index, batch.lazy.map { ClassIndex($0.template) })
        let wantsNames = slots[index].capabilities.contains(.names)
        let names = wantsNames ? batch.map { pods.keys[original(of: $0.pod) ?? $0.pod].description } : []
        send(index, .pods(batch, names: names))
        batch.removeAll(keepingCapacity: true)
    }

    private func chunks<T>(_ items: [T], _ size: Int) -> [[T]] {
        stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
    }
}
