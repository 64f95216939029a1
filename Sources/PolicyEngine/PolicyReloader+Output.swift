import ClusterModel

extension PolicyReloader.Directive {
    /// The directive in words, as an operator reads it.
    public var text: String {
        switch self {
        case .putInForce(let set):
            "revision \(set.revision) is in force: " + set.policies.count.counted("policy", "policies") + ", "
                + set.ruleCount.counted("rule", "rules")
        case .keep(let revision, let findings):
            "the folder is broken; revision \(revision) stays in force\n"
                + findings.map { "  \($0.text)" }.joined(separator: "\n")
        case .recovered(let revision): "the folder is sound again; revision \(revision) stays in force"
        }
    }

    /// The directive as a JSON object with `event`, `revision` and, for a broken folder, `errors`.
    public var value: Value {
        switch self {
        case .putInForce(let set):
            .object([
                .init("event", .string("inForce")), .init("revision", .string(set.revision)),
                .init("policies", .int(Int64(set.policies.count))), .init("rules", .int(Int64(set.ruleCount))),
            ])
        case .keep(let revision, let findings):
            .object([
                .init("event", .string("refused")), .init("revision", .string(revision)),
                .init("errors", .array(findings.map(\.value))),
            ])
        case .recovered(let revision):
            .object([.init("event", .string("recovered")), .init("revision", .string(revision))])
        }
    }
}
