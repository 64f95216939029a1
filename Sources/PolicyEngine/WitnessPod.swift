import ClusterModel

/// How often something dear may still be done.
final class Allowance {
    var left: Int

    init(_ left: Int) { self.left = left }
}

/// Makes a pod, and the cluster around it, that meet given conditions: the proof that a finding about rules is real.
///
/// Takes one way of meeting each condition, in turn; the result is tried against the conditions themselves, so that a pod
/// is only ever shown if it does what is claimed of it.
struct WitnessPod {
    var pod: Pod
    private(set) var namespaceLabels: [String: String] = [:]
    var minMember = 1
    private var timeSeconds = PolicyCluster.now()

    /// A pod that meets all conditions, or nil where none was found.
    ///
    /// - Parameter trials: how many guesses may be tried; what is used up is taken off.
    init?(meeting conditions: [Condition], _ trials: Allowance = Allowance(PolicyLimits.witnessTrials)) {
        pod = Pod(
            metadata: ObjectMeta(name: "example", namespace: "default"),
            spec: PodSpec(containers: [Container(name: "main")]))
        for condition in conditions { meet(condition.test, conditions) }
        meetExpressions(of: conditions, trials)
        guard meets(conditions) else { return nil }
    }

    /// Whether the pod meets all conditions.
    func meets(_ conditions: [Condition]) -> Bool {
        var facts = PodFacts(pod, CopyOnWrite(wrappedValue: cluster))
        return conditions.allSatisfy { $0.holds(pod, &facts) }
    }

    /// The cluster in which the pod stands.
    var cluster: PolicyCluster {
        let namespace = Namespace(name: pod.metadata.namespace, labels: namespaceLabels)
        guard let key = pod.groupKey else {
            return PolicyCluster(namespaces: [namespace], timeSeconds: timeSeconds)
        }
        let metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        return PolicyCluster(
            namespaces: [namespace], groups: [PodGroup(metadata: metadata, minMember: minMember)],
            timeSeconds: timeSeconds)
    }

    /// What stands around the pod, as manifests: its namespace and its group, where conditions ask for something of them.
    var surroundings: [Value] {
        var result: [Value] = []
        if !namespaceLabels.isEmpty {
            let metadata = ObjectMeta(name: pod.metadata.namespace, labels: namespaceLabels)
            result.append(
                .object([
                    .init("apiVersion", .string("v1")), .init("kind", .string("Namespace")),
                    .init("metadata", metadata.value),
                ]))
        }
        if minMember > 1 { result += cluster.groups.values.map(\.value) }
        return result
    }

    private mutating func meet(_ test: Condition.Test, _ all: [Condition]) {
        switch test {
        case .namespaces(let names): pod.metadata.namespace = example(names, all) { .namespaces($0) }
        case .notNamespaces(let names):
            if names.matches(pod.metadata.namespace) { pod.metadata.namespace = "example" }
        case .namespaceLabel(let requirement): meet(requirement, &namespaceLabels)
        case .label(let requirement): meet(requirement, &pod.metadata.labels)
        case .annotation(let requirement): meet(requirement, &pod.metadata.annotations)
        case .ownerKinds(let kinds): meetOwner(kinds, all)
        case .priorityClasses(let names): pod.spec.priorityClassName = example(names, all) { .priorityClasses($0) }
        case .priority(let range): meetPriority(range)
        case .qosClasses(let classes): meetQoS(classes)
        case .inGroup, .minMember:
            if pod.spec.schedulingGroup == nil { pod.spec.schedulingGroup = "example" }
            if case .minMember(let range) = test { minMember = Int(max(range.min ?? 1, Int64(minMember))) }
        case .notInGroup: pod.spec.schedulingGroup = nil
        case .groupNames(let names): pod.spec.schedulingGroup = example(names, all) { .groupNames($0) }
        case .request(let resource, let range):
            let floor = range.min ?? .zero
            let amount = max(floor, pod.spec.containers[0].requests[resource] ?? .zero)
            if amount > .zero { pod.spec.containers[0].requests[resource] = amount }
        case .expression: break  // Guessed at in the end, when all else is met.
        case .anyOf(let lists):
            let chosen = lists.first { !Implication.disjoint($0, all) } ?? lists.first ?? []
            for condition in chosen { meet(condition.test, all + chosen) }
        case .noneOf, .parameters: break  // Tried when all else is met.
        case .sample(let sample):
            for number in 0..<1_000 where !sample.contains(pod, pod.groupKey) {
                pod.metadata.name = "example-\(number)"
            }
        case .schedule(let test): meet(test.schedule)
        case .podNames(let names): pod.metadata.name = names.first ?? pod.metadata.name
        case .notPodNames(let names): while names.contains(pod.metadata.name) { pod.metadata.name += "x" }
        case .schedulerNames(let names): pod.spec.schedulerName = example(names, all) { .schedulerNames($0) }
        }
    }

    /// Some time at which the schedule holds: now, or within the week after, or after it begins.
    private mutating func meet(_ schedule: PolicySchedule) {
        let starts = [timeSeconds, schedule.from?.seconds, schedule.until.map { $0.seconds - 7 * 86_400 }]
        for start in starts.compactMap({ $0 }) {
            for step in 0..<(7 * 96) where schedule.holds(at: start + Int64(step) * 900) {
                timeSeconds = start + Int64(step) * 900
                return
            }
        }
    }

    /// A name that the patterns match, and that meets the other conditions on the same thing if any does.
    private func example(
        _ names: NamePatterns, _ all: [Condition], _ wrap: (NamePatterns) -> Condition.Test
    ) -> String {
        let candidates = names.patterns.map { $0.text.replacing("*", with: "x").replacing("?", with: "x") }
        return candidates.first { candidate in
            let wanted = wrap(NamePatterns([NamePattern(candidate)]))
            let condition = Condition(path: FieldPath([]), test: wanted)
            return !Implication.disjoint([condition], all)
        } ?? candidates.first ?? "example"
    }

    private func meet(_ requirement: SelectorRequirement, _ labels: inout [String: String]) {
        if requirement.matches(labels[requirement.key]) { return }
        switch requirement.operator {
        case .in: labels[requirement.key] = requirement.values.first
        case .exists: labels[requirement.key] = "example"
        case .notIn, .doesNotExist: labels[requirement.key] = nil
        case .greaterThan: labels[requirement.key] = requirement.values.first.flatMap { Int64($0) }.map { "\($0 + 1)" }
        case .lessThan: labels[requirement.key] = requirement.values.first.flatMap { Int64($0) }.map { "\($0 - 1)" }
        }
    }

    private mutating func meetOwner(_ kinds: [String], _ all: [Condition]) {
        let kind = kinds.first { kind in
            all.allSatisfy { if case .ownerKinds(let others) = $0.test { others.contains(kind) } else { true } }
        }
        guard let kind, kind != Pod.noOwner else { return }
        pod.metadata.ownerReferences = [OwnerReference(kind: kind, name: "example")]
    }

    private mutating func meetPriority(_ range: IntegerRange) {
        let now = Int64(pod.spec.priority ?? 0)
        let bounds = Int64(Int32.min)...Int64(Int32.max)
        let (floor, ceiling) = (max(range.min ?? .min, bounds.lowerBound), min(range.max ?? .max, bounds.upperBound))
        guard floor <= ceiling else { return }
        pod.spec.priority = Int32(min(max(now, floor), ceiling))
    }

    private mutating func meetQoS(_ classes: [QoSClass]) {
        guard !classes.contains(pod.spec.qosClass), let wanted = classes.first else { return }
        let amounts: ResourceList = ["cpu": Quantity(1), "memory": Quantity(1 << 30)]
        switch wanted {
        case .bestEffort: break
        case .burstable: pod.spec.containers[0].requests.merge(["cpu": Quantity(1)]) { old, _ in old }
        case .guaranteed:
            pod.spec.containers[0].limits = amounts.merging(pod.spec.containers[0].requests) { $1 }
            pod.spec.containers[0].requests.merge(amounts) { old, _ in old }
        }
    }
}
