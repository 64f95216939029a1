import ClusterModel

extension PolicyExplanation {
    /// The explanation as lines of text, each failing condition with what it wanted and what the pod has.
    public var text: String {
        var lines = ["\(pod): \(decision.headline)"]
        lines += decision.changes.map { "  \($0.effect)  (\($0.rule))" }
        lines += decision.specChanges.map { "  \($0.effect)  (\($0.rule))" }
        lines += decision.warnings.map { "  warning: \($0.message)" }
        lines.append("  policies, revision \(decision.revision):")
        for policy in policies {
            lines.append("  \(policy.policy) (order \(policy.order))")
            for rule in policy.rules {
                lines.append("    \(rule.matched ? "+" : "-") \(rule.rule)\(rule.outcome)")
                lines += rule.idleExceptions.map { "        exception \($0)" }
                for condition in rule.conditions where !condition.holds {
                    lines.append("        \(condition.path): wants \(condition.wanted); found \(condition.found)")
                }
            }
        }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    /// The explanation as a JSON object: `decision`, and `trace` with every policy, rule and condition.
    public var value: Value {
        .object([
            .init("namespace", .string(pod.namespace)), .init("name", .string(pod.name)),
            .init("decision", decision.value), .init("trace", .array(policies.map(\.value))),
        ])
    }
}

extension RuleTrace {
    fileprivate var outcome: String {
        if !effects.isEmpty { return ": \(effects.joined(separator: "; "))" }
        return matched ? ": matches" : ""
    }
}

extension PolicyDecision {
    /// The decision in one line.
    public var headline: String {
        switch outcome {
        case .rejected(let rejection): return "refused by \(rejection.rule): \(rejection.message)"
        case .routed(let shared):
            let route = shared.wrappedValue
            let by: String =
                switch route.origin {
                case .rule: route.rule.map { "by \($0)" } ?? "by a rule"
                case .pod: "as the pod asked" + (route.rule.map { ", which \($0) honours" } ?? "")
                case .default: "by default, since no rule routes it"
                case .group: "with its group" + (route.rule.map { ", which \($0) routed" } ?? "")
                }
            return "goes to \(route.scheduler) \(by)"
        }
    }

    /// The decision as a JSON object.
    public var value: Value {
        var object = ObjectBuilder()
        switch outcome {
        case .rejected(let rejection):
            object.add("outcome", "rejected")
            object.add("policy", rejection.rule.policy)
            object.add("rule", rejection.rule.rule)
            object.add("message", rejection.message)
        case .routed(let shared):
            let route = shared.wrappedValue
            object.add("outcome", "routed")
            object.add("scheduler", route.scheduler)
            object.add("origin", route.origin.rawValue)
            object.add("shadow", route.shadow)
            object.add("policy", route.rule?.policy)
            object.add("rule", route.rule?.rule)
            object.add("availability", route.availability.word)
            if case .standsIn(let chosen, _) = route.availability { object.add("standsInFor", chosen) }
        }
        object.add("changes", changes) { change in
            .object([
                .init("target", .string(change.target.rawValue)), .init("key", .string(change.key)),
                .init("value", change.value.map { .string($0) } ?? .null), .init("policy", .string(change.rule.policy)),
                .init("rule", .string(change.rule.rule)),
            ])
        }
        object.add("specChanges", specChanges) { change in
            .object([
                .init("change", .string(change.summary)), .init("policy", .string(change.rule.policy)),
                .init("rule", .string(change.rule.rule)),
            ])
        }
        object.add("warnings", warnings) { .string($0.message) }
        object.add("audits", audits) { .string($0.message) }
        object.add("revision", revision)
        return object.value
    }
}

extension Route.Availability {
    /// `ready`, `waiting` or `standsIn`.
    public var word: String {
        switch self {
        case .ready: "ready"
        case .waiting: "waiting"
        case .standsIn: "standsIn"
        }
    }
}

extension PolicyTrace {
    var value: Value {
        .object([
            .init("policy", .string(policy)), .init("order", .int(order)),
            .init("rules", .array(rules.map(\.value))),
        ])
    }
}

extension RuleTrace {
    var value: Value {
        var object = ObjectBuilder()
        object.add("rule", rule)
        object.add("matched", .bool(matched))
        object.add("effects", effects) { .string($0) }
        object.add("idleExceptions", idleExceptions) { .string($0) }
        object.add("conditions", conditions) { condition in
            .object([
                .init("path", .string(condition.path.description)), .init("holds", .bool(condition.holds)),
                .init("wanted", .string(condition.wanted)), .init("found", .string(condition.found)),
            ])
        }
        return object.value
    }
}
