import ClusterModel

extension Condition {
    /// How the condition comes out for the pod, with what it wants and what the pod has.
    func trace(_ pod: Pod, _ facts: inout PodFacts) -> ConditionTrace {
        ConditionTrace(path: path, holds: holds(pod, &facts), wanted: wanted, found: found(pod, &facts))
    }

    /// What the condition wants, in words.
    var wanted: String {
        switch test {
        case .namespaces(let names): "namespace is \(names.summary)"
        case .notNamespaces(let names): "namespace is not \(names.summary)"
        case .namespaceLabel(let requirement): "namespace label \(requirement.words)"
        case .label(let requirement): "label \(requirement.words)"
        case .annotation(let requirement): "annotation \(requirement.words)"
        case .ownerKinds(let kinds): "owner kind is \(Condition.choice(kinds))"
        case .priorityClasses(let names): "priority class is \(names.summary)"
        case .priority(let range): "priority is \(range.words)"
        case .qosClasses(let classes): "QoS class is \(Condition.choice(classes.map(\.rawValue)))"
        case .inGroup: "a group"
        case .notInGroup: "no group"
        case .groupNames(let names): "group is \(names.summary)"
        case .minMember(let range): "minMember of the group is \(range.words)"
        case .request(let resource, let range): "request of \(resource) is \(range.words)"
        case .schedulerNames(let names): "the scheduler that the pod names is \(names.summary)"
        case .podNames(let names): "name is \(Condition.choice(names))"
        case .notPodNames(let names): "name is not \(Condition.choice(names))"
        case .expression(let expression): "\(expression.name) is true: \(expression.source)"
        case .anyOf(let lists): "one of: \(Condition.words(lists))"
        case .noneOf(let lists): "none of: \(Condition.words(lists))"
        case .sample(let sample): "a pod of the first \(sample.percent) percent"
        case .schedule(let test): "a time \(test.schedule.words)"
        case .parameters(let parameters): "the parameters, \(parameters.words)"
        }
    }

    private func found(_ pod: Pod, _ facts: inout PodFacts) -> String {
        func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "absent" }
        switch test {
        case .namespaces, .notNamespaces: return quoted(pod.metadata.namespace)
        case .namespaceLabel(let requirement): return quoted(facts.namespaceLabels(pod)[requirement.key])
        case .label(let requirement): return quoted(pod.metadata.labels[requirement.key])
        case .annotation(let requirement): return quoted(pod.metadata.annotations[requirement.key])
        case .ownerKinds: return pod.metadata.ownerReferences.isEmpty ? "no owner" : quoted(pod.ownerKind)
        case .priorityClasses:
            return pod.spec.priorityClassName.isEmpty ? "no priority class" : quoted(pod.spec.priorityClassName)
        case .priority: return "\(pod.spec.priority ?? 0)"
        case .qosClasses: return quoted(facts.qosClass(pod).rawValue)
        case .inGroup, .notInGroup, .groupNames: return facts.group.map { quoted($0.name) } ?? "no group"
        case .minMember: return facts.group == nil ? "no group" : "\(facts.minMember)"
        case .request(let resource, _): return "\(facts.request(of: resource, pod))"
        case .schedulerNames: return facts.named.map { quoted($0) } ?? "no scheduler named"
        case .podNames, .notPodNames: return quoted(pod.metadata.name)
        case .anyOf(let lists):
            let failing = lists.prefix(8).compactMap { list -> String? in
                guard let first = list.first(where: { !$0.holds(pod, &facts) }) else { return nil }
                return "\(first.wanted.prefix(200)) fails with \(first.found(pod, &facts))"
            }
            return failing.joined(separator: "; ")
        case .noneOf(let lists):
            let held = lists.first { $0.allSatisfy { $0.holds(pod, &facts) } }
            return held.map { Condition.words([$0]) } ?? "none"
        case .sample(let sample): return "a pod at \(sample.placeText(of: pod, facts.group))"
        case .schedule(let test): return test.schedule.wallClock(at: facts.cluster.wrappedValue.timeSeconds)
        case .parameters: return "no such object"
        case .expression(let expression):
            switch expression.evaluate(pod, &facts) {
            case .success(let value): return "\(value)"
            case .failure(let failure): return "no value: \(failure.message)"
            }
        }
    }

    /// Lists of conditions in words.
    private static func words(_ lists: [[Condition]]) -> String {
        let texts = lists.prefix(8).map { "(\($0.map(\.wanted).joined(separator: ", ")))" }
        return texts.joined(separator: " ") + (lists.count > 8 ? " …" : "")
    }

    private static func choice(_ items: [String]) -> String {
        let quoted = items.map { "\"\($0)\"" }
        return quoted.count == 1 ? quoted[0] : "one of \(quoted.joined(separator: ", "))"
    }
}

extension SelectorRequirement {
    /// The requirement in words: `tier is "web"`.
    var words: String {
        let list = values.map { "\"\($0)\"" }.joined(separator: ", ")
        switch `operator` {
        case .in: return values.count == 1 ? "\(key) is \(list)" : "\(key) is one of \(list)"
        case .notIn: return values.count == 1 ? "\(key) is not \(list)" : "\(key) is none of \(list)"
        case .exists: return "\(key) exists"
        case .doesNotExist: return "\(key) does not exist"
        case .greaterThan: return "\(key) is greater than \(values.first ?? "")"
        case .lessThan: return "\(key) is less than \(values.first ?? "")"
        }
    }
}

extension IntegerRange {
    /// The range in words: `at least 3`.
    var words: String { rangeWords(min.map { "\($0)" }, max.map { "\($0)" }) }
}

extension QuantityRange {
    /// The range in words: `from 1 to 4`.
    var words: String { rangeWords(min?.description, max?.description) }
}

private func rangeWords(_ min: String?, _ max: String?) -> String {
    switch (min, max) {
    case (let min?, let max?): min == max ? "exactly \(min)" : "from \(min) to \(max)"
    case (let min?, nil): "at least \(min)"
    case (nil, let max?): "at most \(max)"
    case (nil, nil): "anything"
    }
}
