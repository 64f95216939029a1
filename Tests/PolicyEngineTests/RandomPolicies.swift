import ClusterModel
import ClusterTestKit

@testable import PolicyEngine

/// Random policies and pods over a small vocabulary, so that rules often match, overlap and contain each other.
enum RandomPolicies {
    static let names = ["a", "b", "team-a", "team-b"]
    static let patterns = ["a", "b", "team-a", "team-*", "*", "?", "team-?", "b*"]
    static let keys = ["app", "tier", "x"]
    static let values = ["1", "2", "3"]
    static let kinds = ["Job", "ReplicaSet", "None"]
    static let schedulers = ["s", "t", "u"]

    static func pick<T>(_ items: [T], _ random: inout SeededGenerator) -> T { items[random.next(below: items.count)] }
    static func chance(_ percent: Int, _ random: inout SeededGenerator) -> Bool { random.next(below: 100) < percent }

    /// One to two different items.
    static func some<T: Hashable>(_ items: [T], _ random: inout SeededGenerator) -> [T] {
        let first = pick(items, &random)
        let second = pick(items, &random)
        return first == second || chance(50, &random) ? [first] : [first, second]
    }

    static func policy(named name: String, _ random: inout SeededGenerator) -> SchedulingPolicy {
        var policy = SchedulingPolicy(name: name, order: Int64(random.next(below: 3)), rules: [])
        if chance(30, &random) { policy.match = match(&random) }
        if chance(10, &random) { policy.matchConditions = [condition(&random)] }
        if chance(50, &random) { policy.failurePolicy = .ignore }
        for index in 0...random.next(below: 4) {
            var rule = PolicyRule(name: "r\(index)", match: match(&random), actions: actions(&random))
            if chance(15, &random) { rule.matchConditions = [condition(&random)] }
            if chance(10, &random) { rule.percent = pick([0, 40, 100], &random) }
            if chance(10, &random) { rule.schedule = schedule(&random) }
            if chance(20, &random) { rule.enforcement = pick(PolicyRule.Enforcement.allCases, &random) }
            policy.rules.append(rule)
        }
        if chance(20, &random) {
            policy.exceptions = [
                PolicyException(
                    name: "e", summary: "", until: "2030-01-01", untilSeconds: 1_893_542_400,
                    rules: chance(50, &random) ? ["r0"] : nil, match: match(&random))
            ]
        }
        return policy
    }

    /// Expressions with what they mean; nil where they have no value.
    static let expressions: [(source: String, meaning: @Sendable (Pod) -> Bool?)] = [
        ("object.metadata.labels.app == '1'", { $0.metadata.labels["app"].map { $0 == "1" } }),
        ("has(object.metadata.labels.tier)", { $0.metadata.labels["tier"] != nil }),
        ("object.metadata.namespace.startsWith('team-')", { $0.metadata.namespace.hasPrefix("team-") }),
        ("podGroup == null", { $0.groupKey == nil }),
        ("podGroup.minMember > 0", { $0.groupKey == nil ? nil : true }),
    ]

    static func condition(_ random: inout SeededGenerator) -> NamedExpression {
        NamedExpression("c", pick(expressions.map(\.source), &random))
    }

    static func match(_ random: inout SeededGenerator, depth: Int = 0) -> PolicyMatch {
        var match = PolicyMatch()
        if depth < 2 {
            func alternatives(_ random: inout SeededGenerator) -> [PolicyMatch] {
                (0...random.next(below: 2)).map { _ in RandomPolicies.match(&random, depth: depth + 1) }
                    .filter { $0 != PolicyMatch() }
            }
            if chance(10, &random) { match.any = alternatives(&random) }
            if chance(10, &random) { match.except = alternatives(&random) }
        }
        let share = 12
        if chance(share, &random) { match.namespaces = some(patterns, &random).map(NamePattern.init) }
        if chance(share, &random) {
            match.excludeNamespaces = some(patterns.filter { $0 != "*" }, &random).map(NamePattern.init)
        }
        if chance(share, &random) { match.namespaceSelector = selector(&random) }
        if chance(25, &random) { match.labelSelector = selector(&random) }
        if chance(share, &random) { match.annotationSelector = selector(&random) }
        if chance(share, &random) { match.ownerKinds = some(kinds, &random) }
        if chance(share, &random) { match.priorityClasses = some(patterns, &random).map(NamePattern.init) }
        if chance(share, &random) { match.priority = IntegerRange(min: Int64(random.next(below: 3)), max: 3) }
        if chance(share, &random) { match.qosClasses = some(QoSClass.allCases, &random) }
        if chance(share, &random) {
            match.podGroup = pick(
                [
                    .any, .absent, .group(names: [NamePattern("g*")], minMember: nil),
                    .group(names: nil, minMember: IntegerRange(min: 2)),
                    .group(names: [NamePattern("g1")], minMember: IntegerRange(max: 4)),
                ], &random)
        }
        if chance(share, &random) {
            match.requests["cpu"] = pick(
                [
                    QuantityRange(min: Quantity(1)), QuantityRange(max: Quantity(2)),
                    QuantityRange(min: Quantity(milli: 500), max: Quantity(1)),
                ], &random)
        }
        if chance(share, &random) { match.schedulerNames = some(["s", "t", "*"], &random).map(NamePattern.init) }
        return match
    }

    static func selector(_ random: inout SeededGenerator) -> LabelSelector {
        var selector = LabelSelector()
        if chance(60, &random) { selector.matchLabels[pick(keys, &random)] = pick(values, &random) }
        if chance(60, &random) {
            let comparison = pick(
                [SelectorRequirement.Operator.in, .notIn, .exists, .doesNotExist], &random)
            let listed = [.in, .notIn].contains(comparison) ? some(values, &random) : []
            selector.matchExpressions.append(
                SelectorRequirement(key: pick(keys, &random), operator: comparison, values: listed))
        }
        return selector
    }

    static func actions(_ random: inout SeededGenerator) -> PolicyActions {
        var actions = PolicyActions()
        switch random.next(below: 10) {
        case 0: actions.reject = "no"
        case 1...3: actions.labels = edit(&random)
        default:
            actions.scheduler = pick(schedulers, &random)
            if chance(15, &random) {
                actions.scheduler = nil
                actions.split = [SchedulerShare("s", weight: 3), SchedulerShare("t", weight: 1)]
            }
            if chance(15, &random) { actions.nodeSelector = edit(&random) }
            if chance(30, &random) { editSpec(&actions, &random) }
            if chance(10, &random) { actions.priorityClass = chance(50, &random) ? .add("high") : .default("low") }
            actions.whenNamed = pick(PolicyActions.WhenNamed.allCases, &random)
            actions.whenUnavailable = pick(PolicyActions.WhenUnavailable.allCases, &random)
            if actions.whenUnavailable == .fallback { actions.fallback = [pick(schedulers, &random)] }
            if chance(30, &random) { actions.annotations = edit(&random) }
        }
        return actions
    }

    static func pod(_ index: Int, _ random: inout SeededGenerator) -> Pod {
        var pod = Pod.sample("pod-\(index)", namespace: pick(names, &random))
        for key in keys {
            if chance(50, &random) { pod.metadata.labels[key] = pick(values, &random) }
            if chance(20, &random) { pod.metadata.annotations[key] = pick(values, &random) }
        }
        let kind = pick(kinds, &random)
        if kind != "None" { pod.metadata.ownerReferences = .of(kind) }
        if chance(30, &random) {
            pod.metadata.labels["scheduling.x-k8s.io/pod-group"] = pick(["g1", "g2", "h"], &random)
        }
        if chance(30, &random) { pod.spec.priorityClassName = pick(names, &random) }
        if chance(50, &random) { pod.spec.priority = Int32(random.next(below: 5)) }
        fillSpec(&pod.spec, &random)
        if chance(30, &random) { pod.spec.schedulerName = pick(schedulers + ["default-scheduler"], &random) }
        switch random.next(below: 4) {
        case 0: pod.spec.containers[0].requests = [:]
        case 1:
            pod.spec.containers[0].requests = ["cpu": Quantity(1), "memory": Quantity(1 << 30)]
            pod.spec.containers[0].limits = pod.spec.containers[0].requests
        case 2:
            pod.spec.initContainers = [Container(name: "i", requests: ["cpu": Quantity(2)])]
        default: pod.spec.containers[0].requests["cpu"] = Quantity(milli: Int64(random.next(below: 8)) * 250)
        }
        return pod
    }

    static func cluster(_ random: inout SeededGenerator) -> PolicyCluster {
        var namespaces: [Namespace] = []
        for name in names where chance(70, &random) {
            var labels: [String: String] = [:]
            for key in keys where chance(50, &random) { labels[key] = pick(values, &random) }
            namespaces.append(Namespace(name: name, labels: labels))
        }
        let groups = names.flatMap { namespace in
            ["g1", "g2"].map { name in
                PodGroup(metadata: ObjectMeta(name: name, namespace: namespace), minMember: 1 + random.next(below: 5))
            }
        }
        var states: [String: SchedulerStatus]?
        if chance(70, &random) {
            states = [:]
            for name in schedulers where chance(80, &random) {
                states?[name] = SchedulerStatus(isReady: chance(70, &random))
            }
        }
        // Before or after the day on which the random exceptions end.
        return PolicyCluster(
            namespaces: namespaces, groups: groups, schedulers: states, defaultScheduler: "s",
            timeSeconds: chance(70, &random) ? 1_800_000_000 : 1_900_000_000)
    }
}
