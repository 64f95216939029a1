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
    /// Which rules can match a pod, by its namespace, labels, owner and group.
    let index: RuleIndex

    /// The set without policies: every pod goes to the generic scheduler.
    public static let empty = PolicySet([])

    /// Compiles policies, which must have been read without errors and have different names.
    public init(_ policies: [SchedulingPolicy]) {
        let ordered = policies.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
        self.policies = ordered
        var rules: ContiguousArray<CompiledRule> = []
        for (policyIndex, policy) in ordered.enumerated() {
            for ruleIndex in policy.rules.indices {
                rules.append(CompiledRule(policy, policyIndex: policyIndex, ruleIndex: ruleIndex))
            }
        }
        self.rules = rules
        self.index = RuleIndex(rules)
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

/// A rule with its conditions taken apart, ready to be asked.
struct CompiledRule: Sendable {
    /// The rule's name and its policy's.
    let reference: RuleReference
    /// Where the rule's policy stands in the set.
    let policyIndex: Int
    /// Where the rule stands in its policy.
    let ruleIndex: Int
    /// All conditions, the policy's first, in the order of the fields.
    let conditions: [Condition]
    /// The conditions that the namespace decides alone.
    let namespaceConditions: [Condition]
    /// All others, the cheapest first.
    let podConditions: [Condition]
    /// What the rule does.
    let actions: PolicyActions
    /// The labels and annotations that the rule writes, in a fixed order.
    let edits: [CompiledEdit]

    init(_ policy: SchedulingPolicy, policyIndex: Int, ruleIndex: Int) {
        let rule = policy.rules[ruleIndex]
        let base = FieldPath([.key("spec"), .key("rules"), .index(ruleIndex), .key("match")])
        self.reference = RuleReference(policy: policy.name, rule: rule.name)
        self.policyIndex = policyIndex
        self.ruleIndex = ruleIndex
        self.conditions = policy.match.conditions(at: FieldPath("spec", "match")) + rule.match.conditions(at: base)
        self.namespaceConditions = conditions.filter(\.dependsOnNamespaceAlone)
        self.podConditions = conditions.filter { !$0.dependsOnNamespaceAlone }.sorted { $0.cost < $1.cost }
        self.actions = rule.actions
        self.onlyRoutes = rule.actions.reject == nil && !rule.actions.edits
        self.edits = CompiledEdit.edits(.label, rule.actions.labels)
            + CompiledEdit.edits(.annotation, rule.actions.annotations)
    }

    /// Whether routing is all that the rule does, so that it need not be asked once a pod is routed.
    let onlyRoutes: Bool

    /// Whether the rule matches a pod in whose namespace its namespace conditions are known to hold.
    func matches(_ pod: Pod, _ facts: inout PodFacts) -> Bool {
        for condition in podConditions where !condition.holds(pod, &facts) { return false }
        return true
    }
}

/// One label or annotation that a rule writes.
struct CompiledEdit: Hashable, Sendable {
    let target: MetadataChange.Target
    let key: String
    let value: String
    /// Whether it is written only where the pod lacks the key.
    let onlyIfAbsent: Bool

    static func edits(_ target: MetadataChange.Target, _ edit: MetadataEdit) -> [CompiledEdit] {
        let added = edit.add.map { CompiledEdit(target: target, key: $0.key, value: $0.value, onlyIfAbsent: false) }
        let defaults = edit.default.map {
            CompiledEdit(target: target, key: $0.key, value: $0.value, onlyIfAbsent: true)
        }
        return (added + defaults).sorted { $0.key < $1.key }
    }
}

/// A 64-bit FNV-1a hash over the content of values: the same on every machine and in every run.
struct ContentHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ value: Value) {
        switch value {
        case .null: add(byte: 0)
        case .bool(let flag): add(byte: flag ? 2 : 1)
        case .int(let number): add("i\(number)")
        case .double(let number): add("d\(number)")
        case .string(let text): add("s\(text)")
        case .array(let items):
            add("[\(items.count)")
            for item in items { add(item) }
        case .object(let fields):
            add("{\(fields.count)")
            for field in fields.sorted(by: { $0.key < $1.key }) {
                add(field.key)
                add(field.value)
            }
        }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xff)
    }

    private mutating func add(byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// The hash as ten hexadecimal digits.
    var text: String {
        let digits = String(state >> 24, radix: 16)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }
}
