import ClusterModel
import Placement

/// What has become of a pod.
public enum Outcome: Hashable, Sendable {
    /// It is on a node; `scheduler` is nil for a pod that was there before.
    case bound(node: String, devices: [Int], scheduler: String?)
    /// It fits nowhere: how many nodes refuse for each reason.
    case unschedulable(scheduler: String, reasons: [String: Int])
    /// It was refused, because its scheduler is not there and its policy says so.
    case refused(message: String)
    /// It waits, and why.
    case pending(scheduler: String?, message: String)
    /// It stood on a node and was pushed off, deleted or lost with its node.
    case gone
}

/// Reading what happened: by pod, by scheduler, over the cell.
extension Dispatcher {
    /// The names of the schedulers' processes, in the order of registration.
    public var schedulerNames: [String] { slots.map(\.name) }

    /// What happened at each scheduler, in the order of registration.
    public var figures: [SchedulerFigures] { slots.map(\.figures) }

    /// How many pods each process found no node for and still has, in the order of registration.
    public var unschedulableCounts: [Int] {
        var counts = Array(repeating: 0, count: slots.count)
        for record in pods.records where record.state == .parked { counts[Int(record.scheduler)] += 1 }
        return counts
    }

    /// How many pods there ever were.
    public var podCount: Int { pods.records.count }

    /// The name of a pod by number.
    public func key(of pod: Int) -> ObjectKey { pods.keys[pod] }

    /// The number of the pod of that name, or nil.
    public func number(of key: ObjectKey) -> Int? { pods.number(of: key) }

    /// The name of a node by number, or nil where it left.
    public func nodeName(_ node: Int) -> String? { nodes.node(node)?.name }

    /// The route of a pod, or nil for one that was placed before.
    public func route(of pod: Int) -> PodRoute? {
        let record = pods[pod]
        let route = record.group >= 0 ? groups[Int(record.group)].route : record.route
        return route < 0 ? nil : routes[Int(route)].wrappedValue
    }

    /// Whether a pod stood on its node before the dispatcher came.
    public func wasFound(_ pod: Int) -> Bool { pods[pod].wasFound }

    /// Whether every scheduler has become ready or has failed once, so that nobody is waited for in vain.
    public var isWarm: Bool {
        slots.allSatisfy { slot in
            switch slot.phase {
            case .starting, .greeted: slot.figures.restarts > 0
            default: true
            }
        }
    }

    /// The same, or that those who are slower than the first have been waited for long enough: nobody's pods wait for them.
    public func isWarmEnough(at now: Instant) -> Bool {
        isWarm || firstReady.map { now.seconds(since: $0) >= limits.warmUpSeconds } ?? false
    }

    /// The times from arrival to binding so far, in nanoseconds, in the order of binding.
    public var bindingLatencies: [Int64] { latencies }

    /// What has become of a pod.
    public func outcome(of pod: Int) -> Outcome {
        let record = pods[pod]
        let scheduler = record.scheduler >= 0 ? slots[Int(record.scheduler)].registration.name : nil
        switch record.state {
        case .bound:
            return .bound(
                node: nodes.node(Int(record.node))?.name ?? "", devices: record.devices.indices,
                scheduler: record.wasFound ? nil : scheduler)
        case .parked:
            let lot = slots[Int(record.scheduler)].parking
            let reasons =
                record.group >= 0
                ? lot.groups[Int(record.group)]?.reasons ?? lot.reasons(of: pod, class: record.spec)
                : lot.reasons(of: pod, class: record.spec)
            return .unschedulable(scheduler: scheduler ?? "", reasons: reasons ?? [:])
        case .refused: return .refused(message: messages[pod] ?? "refused")
        case .gone: return .gone
        case .queued: return .pending(scheduler: scheduler, message: "is in the queue")
        case .assigned: return .pending(scheduler: scheduler, message: "is with its scheduler, which has not decided")
        case .onHold:
            let reason = record.group >= 0 ? groups[Int(record.group)].holdReason : messages[pod]
            return .pending(scheduler: scheduler, message: reason ?? "is kept by its scheduler for later")
        case .staged: return .pending(scheduler: scheduler, message: "is reserved a node until its group is complete")
        case .resting, .held: return .pending(scheduler: scheduler, message: messages[pod] ?? heldMessage(record))
        }
    }

    private func heldMessage(_ record: PodRecord) -> String {
        guard record.group >= 0 else { return "waits for its scheduler" }
        let group = groups[Int(record.group)]
        guard let declared = group.group else { return "waits for \(PodGroup.definition(of: group.key))" }
        if let short = group.shortTasks(group.members).min(by: { $0.key < $1.key }) {
            let needed = declared.minByTask[short.key] ?? 0
            return "pod group \(group.key) has \(needed - short.value) of the \(needed) members of task \(short.key) "
                + "that it needs"
        }
        return "pod group \(group.key) has \(group.members.count) of the \(group.minMember) members that it needs"
    }
}
