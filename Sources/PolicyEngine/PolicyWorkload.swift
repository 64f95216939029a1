import ClusterModel

/// Made-up policies of a given number, with pods that they are about: what the speed of the engine is measured on.
///
/// The first policy holds for the whole cluster; each further one is that of a tenant with a namespace of its own. The
/// rules of a policy take turns at ten kinds: by owner, label, set of labels, GPUs, priority, annotation, missing label,
/// priority class, group, and expression. The same seed makes the same workload.
public struct PolicyWorkload: Sendable {
    /// How many policies with how many rules each.
    public struct Size: Hashable, Sendable {
        /// The number of policies.
        public let policies: Int
        /// The number of rules of each.
        public let rulesEach: Int

        /// A size; nil where either number is below 1, or there would be more rules than `PolicyLimits.rules`.
        public init?(policies: Int, rulesEach: Int) {
            guard policies > 0, rulesEach > 0 else { return nil }
            let (rules, overflow) = policies.multipliedReportingOverflow(by: rulesEach)
            guard !overflow, rules <= PolicyLimits.rules else { return nil }
            self.policies = policies
            self.rulesEach = rulesEach
        }
    }

    /// The policies.
    public let policies: [SchedulingPolicy]
    /// Pods of all tenants, and of none.
    public let pods: [Pod]
    /// Their namespaces and groups.
    public let cluster: PolicyCluster

    /// Makes policies of a size and 4,096 pods.
    public init(_ size: Size, podCount: Int = 4_096, seed: UInt64 = 1) {
        policies = (0..<size.policies).map { PolicyWorkload.policy($0, rules: size.rulesEach) }
        var random = SeededGenerator(seed: seed)
        pods = (0..<podCount).map { PolicyWorkload.pod($0, tenants: size.policies, &random) }
        let namespaces = (0..<size.policies).map { tenant in
            Namespace(name: PolicyWorkload.namespace(tenant), labels: ["tenant": PolicyWorkload.name(tenant)])
        }
        var schedulers: [String: SchedulerStatus] = [:]
        for name in ["binpack", "gang", "spread"] { schedulers[name] = SchedulerStatus() }
        cluster = PolicyCluster(namespaces: namespaces, schedulers: schedulers)
    }

    private static func name(_ tenant: Int) -> String { "t\(tenant)" }
    private static func namespace(_ tenant: Int) -> String { tenant == 0 ? "default" : "tenant-\(tenant)" }

    private static func policy(_ tenant: Int, rules: Int) -> SchedulingPolicy {
        var policy = SchedulingPolicy(
            name: name(tenant), order: Int64(tenant) + 100,
            rules: (0..<rules).map { rule($0, tenant: tenant) })
        if tenant > 0 { policy.match.namespaces = [NamePattern(namespace(tenant))] }
        return policy
    }

    private static func rule(_ number: Int, tenant: Int) -> PolicyRule {
        var match = PolicyMatch()
        var actions = PolicyActions(scheduler: ["binpack", "gang", "spread"][number % 3])
        var conditions: [NamedExpression] = []
        // Rules of one kind ask for different values, so that a pod meets few of many.
        let turn = number / 10
        switch number % 10 {
        case 0: match.ownerKinds = [turn == 0 ? "Job" : "Kind\(turn)"]
        case 1: match.labelSelector = LabelSelector(matchLabels: ["app": "app-\(turn)"])
        case 2:
            match.labelSelector = LabelSelector(matchExpressions: [
                SelectorRequirement(key: "tier", operator: .in, values: ["front-\(turn)", "back-\(turn)"])
            ])
            actions = PolicyActions()
            actions.labels.add = ["example.com/reviewed-\(turn)": .text(name(tenant))]
        case 3: match.requests["nvidia.com/gpu"] = QuantityRange(min: Quantity(Int64(turn) + 1))
        case 4: match.priority = IntegerRange(min: 1_000 * (Int64(turn) + 1))
        case 5: match.annotationSelector = LabelSelector(matchLabels: ["example.com/queue": "queue-\(turn)"])
        case 6:
            match.labelSelector = LabelSelector(matchExpressions: [
                SelectorRequirement(key: "banned", operator: .in, values: ["reason-\(turn)"])
            ])
            actions = PolicyActions(reject: "banned")
        case 7: match.priorityClasses = [NamePattern("class-\(turn)")]
        case 8:
            match.podGroup = .group(names: [NamePattern("team-\(turn)-*")], minMember: nil)
            actions.whenNamed = .override
        default:
            match.labelSelector = LabelSelector(matchExpressions: [
                SelectorRequirement(key: "app", operator: .exists, values: [])
            ])
            conditions = [NamedExpression("prefix", "object.metadata.labels['app'].startsWith('db-\(turn)')")]
        }
        var rule = PolicyRule(name: "r\(number)", match: match, actions: actions)
        rule.matchConditions = conditions
        return rule
    }

    private static func pod(_ number: Int, tenants: Int, _ random: inout SeededGenerator) -> Pod {
        let metadata = ObjectMeta(name: "pod-\(number)", namespace: namespace(random.next(below: tenants)))
        var pod = Pod(metadata: metadata, spec: PodSpec())
        func chance(_ percent: Int, _ random: inout SeededGenerator) -> Bool { random.next(below: 100) < percent }
        let app = chance(30, &random) ? "db-\(random.next(below: 3))" : "app-\(random.next(below: 20))"
        pod.metadata.labels = ["app": app, "version": "v\(random.next(below: 5))"]
        if chance(40, &random) { pod.metadata.labels["tier"] = chance(50, &random) ? "front-0" : "back-1" }
        if chance(5, &random) { pod.metadata.labels["scheduling.x-k8s.io/pod-group"] = "team-0-\(number / 8)" }
        if chance(2, &random) { pod.metadata.labels["banned"] = "reason-0" }
        if chance(20, &random) { pod.metadata.annotations["example.com/queue"] = "queue-\(random.next(below: 4))" }
        if chance(60, &random) {
            let kind = chance(50, &random) ? "Job" : "ReplicaSet"
            pod.metadata.ownerReferences = [OwnerReference(kind: kind, name: "owner-\(number / 10)", controller: true)]
        }
        if chance(10, &random) { pod.spec.priorityClassName = "class-\(random.next(below: 3))" }
        pod.spec.priority = chance(20, &random) ? 1_000 : 0
        var requests: ResourceList = ["cpu": Quantity(milli: 500), "memory": Quantity(1 << 30)]
        if chance(15, &random) { requests["nvidia.com/gpu"] = Quantity(1) }
        var container = Container(name: "main")
        container.requests = requests
        pod.spec.containers = [container]
        return pod
    }
}
