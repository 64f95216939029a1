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

    /// The exceptions that stand alone.
    let exceptions: [PolicyException]
    /// Objects that expressions see as `params`, where the cluster has none of their names.
    let objects: [PolicyObjectKey: Value]

    /// Objects of the input, which an engine takes for those of the cluster.
    var inputObjects: [PolicyObjectKey: Value] = [:]

    /// The rules of all policies in the order of evaluation.
    let rules: ContiguousArray<CompiledRule>
    /// Which rules can match a pod, by its labels, owner, group and so on.
    let index: RuleIndex
    /// Which rules hold in a namespace.
    let namespaces: RulesByNamespace

    /// The set without policies: every pod goes to the generic scheduler.
    public static let empty = PolicySet([])

    /// Compiles policies, which must have been read without errors and have different names.
    ///
    /// - Parameters:
    ///   - exceptions: exceptions that stand alone.
    ///   - objects: objects that expressions see as `params`, where the cluster has none of their names.
    public init(_ policies: [SchedulingPolicy], exceptions: [PolicyException] = [], objects: [Value] = []) {
        let ordered = policies.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
        self.policies = ordered
        self.exceptions = exceptions
        var rules: ContiguousArray<CompiledRule> = []
        for (policyIndex, policy) in ordered.enumerated() {
            let scope = ExpressionScope.of(policy)
            for ruleIndex in policy.rules.indices {
                rules.append(
                    CompiledRule(
                        policy, number: rules.count, policyIndex: policyIndex, ruleIndex: ruleIndex, scope: scope,
                        exceptions: exceptions))
            }
        }
        self.rules = rules
        self.index = RuleIndex(rules)
        self.namespaces = RulesByNamespace(rules)
        var hash = ContentHash()
        for policy in ordered { hash.add(policy.value) }
        for exception in exceptions.sorted(by: { $0.name < $1.name }) { hash.add(exception.value) }
        var known: [PolicyObjectKey: Value] = [:]
        for object in objects {
            // What has no name can be nobody's parameters.
            if let key = try? PolicyObjectKey(of: object) { known[key] = object }
        }
        self.objects = known
        for (_, object) in known.sorted(by: { $0.key < $1.key }) { hash.add(object) }
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
