import ClusterModel

/// One condition of a rule, compiled; deciding and explaining both ask it and nothing else.
struct Condition: Hashable, Sendable {
    /// Where the condition stands in its document.
    let path: FieldPath
    /// What it asks.
    let test: Test

    /// The questions that a condition can ask.
    enum Test: Hashable, Sendable {
        case namespaces(NamePatterns)
        case notNamespaces(NamePatterns)
        case namespaceLabel(SelectorRequirement)
        case label(SelectorRequirement)
        case annotation(SelectorRequirement)
        case ownerKinds([String])
        case priorityClasses(NamePatterns)
        case priority(IntegerRange)
        case qosClasses([QoSClass])
        case inGroup
        case notInGroup
        case groupNames(NamePatterns)
        case minMember(IntegerRange)
        case request(resource: String, range: QuantityRange)
        case schedulerNames(NamePatterns)
        case expression(PolicyExpression)
        case podNames([String])
        case notPodNames([String])
        /// One of some lists of conditions holds.
        case anyOf([[Condition]])
        /// None does.
        case noneOf([[Condition]])
        case sample(PolicySample)
        case schedule(ScheduleTest)
        case parameters(PolicyParameters)
    }

    /// The conditions that this one is made of.
    var leaves: [Condition] {
        switch test {
        case .anyOf(let lists), .noneOf(let lists): lists.joined().flatMap(\.leaves)
        default: [self]
        }
    }

    /// Whether the condition depends on nothing but the pod's namespace, so that its answer can be kept.
    var dependsOnNamespaceAlone: Bool {
        switch test {
        case .namespaces, .notNamespaces, .namespaceLabel: true
        case .anyOf, .noneOf: leaves.allSatisfy(\.dependsOnNamespaceAlone)
        default: false
        }
    }

    /// Whether pods that differ in name and identity alone get the same answer. An expression may look at anything.
    var looksAtTemplateAlone: Bool {
        switch test {
        case .expression, .podNames, .notPodNames, .sample, .parameters: false
        case .anyOf, .noneOf: leaves.allSatisfy(\.looksAtTemplateAlone)
        // The time is the same for all pods until somebody says otherwise, and then decisions are made anew.
        default: true
        }
    }

    /// What asking costs, relatively; cheaper conditions are asked first.
    var cost: Int {
        switch test {
        case .namespaces, .notNamespaces, .namespaceLabel: 0
        case .inGroup, .notInGroup, .minMember, .priority, .podNames, .notPodNames, .schedule: 1
        case .ownerKinds, .schedulerNames, .label: 2
        case .priorityClasses, .groupNames, .annotation: 3
        case .request: 4
        case .qosClasses: 5
        case .sample, .parameters: 5
        case .anyOf, .noneOf: 5
        case .expression: 6
        }
    }

    /// Whether the condition holds in the namespace; only for those that depend on nothing else.
    func holds(inNamespace name: String, labels: [String: String]) -> Bool {
        switch test {
        case .namespaces(let names): names.matches(name)
        case .notNamespaces(let names): !names.matches(name)
        case .namespaceLabel(let requirement): requirement.matches(labels[requirement.key])
        case .anyOf(let lists):
            lists.contains { $0.allSatisfy { $0.holds(inNamespace: name, labels: labels) } }
        case .noneOf(let lists):
            !lists.contains { $0.allSatisfy { $0.holds(inNamespace: name, labels: labels) } }
        default: preconditionFailure("the condition \(path) asks more than the namespace")
        }
    }

    /// Whether the condition holds for the pod.
    func holds(_ pod: Pod, _ facts: inout PodFacts) -> Bool { test.holds(pod, &facts) }
}

extension Condition.Test {
    /// Whether the answer is yes for the pod.
    func holds(_ pod: Pod, _ facts: inout PodFacts) -> Bool {
        switch self {
        case .namespaces(let names): names.matches(pod.metadata.namespace)
        case .notNamespaces(let names): !names.matches(pod.metadata.namespace)
        case .namespaceLabel(let requirement): requirement.matches(facts.namespaceLabels(pod)[requirement.key])
        case .label(let requirement): requirement.matches(pod.metadata.labels[requirement.key])
        case .annotation(let requirement): requirement.matches(pod.metadata.annotations[requirement.key])
        case .ownerKinds(let kinds): kinds.contains(pod.ownerKind)
        case .priorityClasses(let names): names.matches(pod.priorityClassName)
        case .priority(let range): range.contains(facts.priority)
        case .qosClasses(let classes): classes.contains(facts.qosClass(pod))
        case .inGroup: facts.group != nil
        case .notInGroup: facts.group == nil
        case .groupNames(let names): facts.group.map { names.matches($0.name) } ?? false
        case .minMember(let range): facts.group != nil && range.contains(Int64(facts.minMember))
        case .request(let resource, let range): range.contains(facts.request(of: resource, pod))
        case .schedulerNames(let names): facts.named.map(names.matches) ?? false
        case .expression(let expression): expression.evaluate(pod, &facts) == .success(true)
        case .podNames(let names): names.contains(pod.metadata.name)
        case .notPodNames(let names): !names.contains(pod.metadata.name)
        case .anyOf(let lists): lists.contains { $0.allSatisfy { $0.holds(pod, &facts) } }
        case .noneOf(let lists): !lists.contains { $0.allSatisfy { $0.holds(pod, &facts) } }
        case .sample(let sample): sample.contains(pod, facts.group)
        case .schedule(let test): test.holds(at: facts.cluster.wrappedValue.timeSeconds)
        case .parameters(let parameters): parameters.object(for: pod, in: facts.cluster.wrappedValue) != nil
        }
    }
}

extension PolicyMatch {
    /// The conditions of the match in the order of the fields; `path` is where the match stands.
    func conditions(at path: FieldPath) -> [Condition] {
        var result: [Condition] = []
        func add(_ field: String, _ test: Condition.Test) {
            result.append(Condition(path: path.appending(field), test: test))
        }
        if let namespaces { add("namespaces", .namespaces(NamePatterns(namespaces))) }
        if let excludeNamespaces { add("excludeNamespaces", .notNamespaces(NamePatterns(excludeNamespaces))) }
        for (selector, field, test) in [
            (namespaceSelector, "namespaceSelector", Condition.Test.namespaceLabel),
            (labelSelector, "labelSelector", Condition.Test.label),
            (annotationSelector, "annotationSelector", Condition.Test.annotation),
        ] {
            guard let selector else { continue }
            result += selector.conditions(at: path.appending(field), test)
        }
        if let ownerKinds { add("ownerKinds", .ownerKinds(ownerKinds)) }
        if let priorityClasses { add("priorityClasses", .priorityClasses(NamePatterns(priorityClasses))) }
        if let priority { add("priority", .priority(priority)) }
        if let qosClasses { add("qosClasses", .qosClasses(qosClasses)) }
        switch podGroup {
        case nil: break
        case .any: add("podGroup", .inGroup)
        case .absent: add("podGroup", .notInGroup)
        case .group(let names, let minMember):
            let field = path.appending("podGroup")
            if let names {
                result.append(Condition(path: field.appending("names"), test: .groupNames(NamePatterns(names))))
            }
            if let minMember {
                result.append(Condition(path: field.appending("minMember"), test: .minMember(minMember)))
            }
        }
        for (resource, range) in requests.sorted(by: { $0.key < $1.key }) {
            let field = path.appending("requests").appending(resource)
            result.append(Condition(path: field, test: .request(resource: resource, range: range)))
        }
        if let schedulerNames { add("schedulerNames", .schedulerNames(NamePatterns(schedulerNames))) }
        func lists(_ field: String, _ matches: [PolicyMatch]) -> [[Condition]] {
            matches.enumerated().map { index, match in
                match.conditions(at: path.appending(field).appending(index))
            }
        }
        if !any.isEmpty { add("any", .anyOf(lists("any", any))) }
        if !except.isEmpty { add("except", .noneOf(lists("except", except))) }
        return result
    }
}

extension LabelSelector {
    /// Each requirement as a condition; `path` is where the selector stands.
    func conditions(
        at path: FieldPath, _ test: (SelectorRequirement) -> Condition.Test
    ) -> [Condition] {
        var result: [Condition] = []
        for (key, value) in matchLabels.sorted(by: { $0.key < $1.key }) {
            let requirement = SelectorRequirement(key: key, operator: .in, values: [value])
            result.append(Condition(path: path.appending("matchLabels").appending(key), test: test(requirement)))
        }
        for (index, requirement) in matchExpressions.enumerated() {
            result.append(Condition(path: path.appending("matchExpressions").appending(index), test: test(requirement)))
        }
        return result
    }
}
