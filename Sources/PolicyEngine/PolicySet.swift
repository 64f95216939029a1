import ClusterModel

/// All policies of a cluster, compiled: what an engine decides by.
///
/// A set is made whole or not at all, never changes, and is the same wherever its documents came from: its revision is a
/// hash of what the policies say.
public struct PolicySet: Sendable {
    /// The policies in the order of evaluation.
    public let policies: [SchedulingPolicy]
    /// A short hash of what the policies say; comments and the order of files do not count.
    public let revision: String

    /// The rules of all policies in the order of evaluation.
    let rules: ContiguousArray<CompiledRule>
    /// Which rules can match a pod, by its labels, owner, group and so on.
    let index: RuleIndex
    /// Which rules hold in a namespace.
    let namespaces: RulesByNamespace

    /// The set without policies: every pod goes to the generic scheduler.
    public static let empty = PolicySet([])

    /// Compiles policies, which must have been read without errors and have different names.
    public init(_ policies: [SchedulingPolicy]) {
        let ordered = policies.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
        self.policies = ordered
        var rules: ContiguousArray<CompiledRule> = []
        for (policyIndex, policy) in ordered.enumerated() {
            let scope = ExpressionScope.of(policy)
            for ruleIndex in policy.rules.indices {
                rules.append(
                    CompiledRule(
                        policy, number: rules.count, policyIndex: policyIndex, ruleIndex: ruleIndex, scope: scope))
            }
        }
        self.rules = rules
        self.index = RuleIndex(rules)
        self.namespaces = RulesByNamespace(rules)
        var hash = ContentHash()
        for policy in ordered { hash.add(policy.value) }
        self.revision = hash.text
    }

    /// How many rules there are in all.
    public var ruleCount: Int { rules.count }
}

/// Names a rule of a policy.
public struct RuleReference: Hashable, Sendable, CustomStringConvertible {
    /// The policy's name.
    public let policy: String
    /// The rule's name.
    public let rule: String

    /// Names `rule` of `policy`.
    public init(policy: String, rule: String) {
        self.policy = policy
        self.rule = rule
    }

    /// `policy/rule`.
    public var description: String { "\(policy)/\(rule)" }
}
