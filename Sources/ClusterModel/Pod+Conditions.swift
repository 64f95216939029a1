/// What a pod's status says of it that bears on who is evicted.
public struct PodConditions: OptionSet, Hashable, Sendable {
    /// One bit for each.
    public let rawValue: UInt8

    /// The conditions of the set bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `Ready` is not true, so no disruption budget counts the pod as healthy.
    public static let notReady = PodConditions(rawValue: 1 << 0)
    /// `DisruptionTarget` is true because a scheduler preempted the pod.
    public static let preempted = PodConditions(rawValue: 1 << 1)
}

extension PodConditions {
    /// Reads `status.conditions`; a pod of which nothing is said counts as ready.
    init(_ status: ObjectReader) throws(FieldError) {
        self = []
        guard status.value("conditions") != nil else { return }
        for (type, state, reason) in try status.objects(
            "conditions",
            { condition throws(FieldError) in
                (try condition.string("type"), try condition.string("status"), try condition.string("reason"))
            })
        {
            if type == "Ready", state != "True" { insert(.notReady) }
            if type == "DisruptionTarget", state == "True", reason == "PreemptionByScheduler" { insert(.preempted) }
        }
    }

    /// The conditions as a status has them.
    func add(to status: inout ObjectBuilder) {
        guard !isEmpty else { return }
        var all: [Value] = []
        func add(_ type: String, _ state: String, _ reason: String?) {
            var object = ObjectBuilder()
            object.add("type", type)
            object.add("status", state)
            object.add("reason", reason)
            all.append(object.value)
        }
        if contains(.notReady) { add("Ready", "False", nil) }
        if contains(.preempted) { add("DisruptionTarget", "True", "PreemptionByScheduler") }
        status.add("conditions", .array(all))
    }
}

extension Pod {
    /// Whether the pod is leaving because a scheduler preempted it.
    public var isLeavingByPreemption: Bool { isTerminating && conditions.contains(.preempted) }

    /// Whether a disruption budget counts the pod, if it stands on a node, as healthy.
    public var isHealthy: Bool { !isTerminating && !conditions.contains(.notReady) }
}
