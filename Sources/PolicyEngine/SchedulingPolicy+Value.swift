import ClusterModel

extension SchedulingPolicy {
    /// The policy as a manifest, from which reading makes the same policy again.
    public var value: Value {
        var spec = ObjectBuilder()
        spec.add("order", .int(order))
        spec.add("description", summary)
        spec.add("matchConstraints", matchConstraints?.value)
        if match != PolicyMatch() { spec.add("match", match.value) }
        spec.add("variables", variables) { $0.value }
        spec.add("matchConditions", matchConditions) { $0.value }
        if failurePolicy != .fail { spec.add("failurePolicy", failurePolicy.rawValue) }
        spec.add("exceptions", exceptions) { $0.value }
        spec.add("rules", rules) { $0.value }
        return .object([
            .init("apiVersion", .string(SchedulingPolicy.apiVersion)), .init("kind", .string(SchedulingPolicy.kind)),
            .init("metadata", .object([.init("name", .string(name))])), .init("spec", spec.value),
        ])
    }
}

extension PolicyRule {
    var value: Value {
        var object = ObjectBuilder()
        object.add("name", name)
        object.add("description", summary)
        if match != PolicyMatch() { object.add("match", match.value) }
        object.add("matchConditions", matchConditions) { $0.value }
        if enforcement != .enforce { object.add("enforcement", enforcement.rawValue) }
        object.add("actions", actions.value)
        return object.value
    }
}

extension NamedExpression {
    var value: Value { .object([.init("name", .string(name)), .init("expression", .string(expression))]) }
}

extension PolicyException {
    var value: Value {
        var object = ObjectBuilder()
        object.add("name", name)
        object.add("description", summary)
        object.add("until", until)
        object.add("rules", rules ?? []) { .string($0) }
        object.add("match", match.value)
        return object.value
    }
}

extension ListEdit {
    func value(_ encode: (Item) -> Value) -> Value {
        var object = ObjectBuilder()
        object.add("add", add, encode)
        object.add("default", self.default, encode)
        return object.value
    }
}

extension PolicyMatch {
    var value: Value {
        var object = ObjectBuilder()
        object.add("namespaces", namespaces ?? []) { .string($0.text) }
        object.add("excludeNamespaces", excludeNamespaces ?? []) { .string($0.text) }
        object.add("namespaceSelector", namespaceSelector?.value)
        object.add("labelSelector", labelSelector?.value)
        object.add("annotationSelector", annotationSelector?.value)
        object.add("ownerKinds", ownerKinds ?? []) { .string($0) }
        object.add("priorityClasses", priorityClasses ?? []) { .string($0.text) }
        object.add("priority", priority?.value)
        object.add("qosClasses", qosClasses ?? []) { .string($0.rawValue) }
        object.add("podGroup", podGroup?.value)
        if !requests.isEmpty {
            let ranges = requests.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value.value) }
            object.add("requests", .object(ranges))
        }
        object.add("schedulerNames", schedulerNames ?? []) { .string($0.text) }
        return object.value
    }
}

extension IntegerRange {
    var value: Value {
        var object = ObjectBuilder()
        object.add("min", min.map { .int($0) })
        object.add("max", max.map { .int($0) })
        return object.value
    }
}

extension QuantityRange {
    var value: Value {
        var object = ObjectBuilder()
        object.add("min", min?.description)
        object.add("max", max?.description)
        return object.value
    }
}

extension GroupMatch {
    var value: Value {
        switch self {
        case .any: return .string("any")
        case .absent: return .string("none")
        case .group(let names, let minMember):
            var object = ObjectBuilder()
            object.add("names", names ?? []) { .string($0.text) }
            object.add("minMember", minMember?.value)
            return object.value
        }
    }
}

extension PolicyActions {
    var value: Value {
        var object = ObjectBuilder()
        object.add("scheduler", scheduler)
        object.add("split", split) { share in
            .object([.init("scheduler", .string(share.scheduler)), .init("weight", .int(share.weight))])
        }
        object.add("shadow", shadow)
        if whenUnavailable != .queue { object.add("whenUnavailable", whenUnavailable.rawValue) }
        object.add("fallback", fallback) { .string($0) }
        if whenNamed != .honour { object.add("whenNamed", whenNamed.rawValue) }
        object.add("labels", labels.isEmpty ? nil : labels.value)
        object.add("annotations", annotations.isEmpty ? nil : annotations.value)
        object.add("nodeSelector", nodeSelector.isEmpty ? nil : nodeSelector.value)
        object.add("tolerations", tolerations.isEmpty ? nil : tolerations.value { $0.manifest })
        let spread = topologySpread.isEmpty ? nil : topologySpread.value { $0.value }
        object.add("topologySpreadConstraints", spread)
        switch priorityClass {
        case .add(let name): object.add("priorityClassName", .object([.init("add", .string(name))]))
        case .default(let name): object.add("priorityClassName", .object([.init("default", .string(name))]))
        case nil: break
        }
        if let reject {
            var refusal = ObjectBuilder()
            refusal.add("message", reject)
            refusal.add("messageExpression", rejectExpression)
            object.add("reject", refusal.value)
        }
        return object.value
    }
}

extension MetadataEdit {
    var value: Value {
        var object = ObjectBuilder()
        object.add("add", add)
        object.add("default", self.default)
        return object.value
    }
}
