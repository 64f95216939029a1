import ClusterModel

extension SchedulingPolicy {
    /// The policy as a manifest, from which reading makes the same policy again.
    public var value: Value {
        var spec = ObjectBuilder()
        spec.add("order", .int(order))
        spec.add("description", summary)
        spec.add("matchConstraints", matchConstraints?.value)
        parameters?.add(to: &spec)
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
        object.add("percent", percent.map { .int(Int64($0)) })
        object.add("schedule", schedule?.value)
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
        object.add("schedule", schedule?.value)
        object.add("policies", policies ?? []) { .string($0.text) }
        object.add("rules", rules ?? []) { .string($0) }
        object.add("match", match.value)
        return object.value
    }
}

extension ListEdit {
    func value(_ encode: (Item) -> Value, removing pattern: (Item.Pattern) -> Value) -> Value {
        var object = ObjectBuilder()
        object.add("add", add, encode)
        object.add("default", self.default, encode)
        object.add("defaultByKey", defaultByKey, encode)
        object.add("remove", remove, pattern)
        return object.value
    }
}

extension Toleration.Pattern {
    fileprivate var manifest: Value {
        var object = ObjectBuilder()
        object.add("key", key.map { .string($0) })
        object.add("operator", `operator`?.rawValue)
        object.add("value", value.map { .string($0) })
        object.add("effect", effect?.rawValue)
        return object.value
    }
}

extension TopologySpreadConstraint.Pattern {
    fileprivate var value: Value {
        var object = ObjectBuilder()
        object.add("topologyKey", topologyKey)
        object.add("whenUnsatisfiable", whenUnsatisfiable?.rawValue)
        return object.value
    }
}

extension ResourceEdit {
    fileprivate var value: Value {
        var object = ObjectBuilder()
        if !add.isEmpty { object.add("add", .resources(add)) }
        if !self.default.isEmpty { object.add("default", .resources(self.default)) }
        object.add("remove", remove) { .string($0) }
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
        object.add("any", any) { $0.value }
        object.add("except", except) { $0.value }
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
        addSpecEdits(to: &object)
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

extension PolicyActions {
    private func addSpecEdits(to object: inout ObjectBuilder) {
        if !tolerations.isEmpty {
            object.add("tolerations", tolerations.value({ $0.manifest }, removing: \.manifest))
        }
        if !topologySpread.isEmpty {
            object.add("topologySpreadConstraints", topologySpread.value({ $0.value }, removing: \.value))
        }
        if !schedulingGates.isEmpty {
            object.add("schedulingGates", schedulingGates.value({ .string($0.name) }, removing: { .string($0) }))
        }
        object.add("nodeAffinity", nodeAffinity?.value)
        object.add("requests", requests.isEmpty ? nil : requests.value)
        object.add("limits", limits.isEmpty ? nil : limits.value)
    }
}

extension EditValue {
    var value: Value {
        switch self {
        case .text(let text): .string(text)
        case .expression(let source): .object([.init("expression", .string(source))])
        }
    }
}

extension MetadataEdit {
    var value: Value {
        func entries(_ entries: [String: EditValue]) -> Value? {
            entries.isEmpty
                ? nil : .object(entries.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value.value) })
        }
        var object = ObjectBuilder()
        object.add("add", entries(add))
        object.add("default", entries(self.default))
        object.add("remove", remove) { .string($0) }
        return object.value
    }
}
