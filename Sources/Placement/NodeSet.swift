import ClusterModel

/// A condition on a node's own facts, whatever pods are on it.
enum NodeCondition: Hashable {
    /// The node selector and the required node affinity.
    case affinity([String: String], NodeSelector?)
    /// Every taint that keeps pods away is tolerated.
    case taints([Toleration])
    /// The node is not cordoned.
    case schedulable
    /// The node has one of these names.
    case named([String])
    /// The node has all of these labels.
    case keys([String])
    /// All of these sets, by number.
    case all([Int32])
}

/// The nodes that meet a condition.
struct NodeSet {
    let condition: NodeCondition
    var references = 1
    /// The nodes, as of `seen`.
    var bits = Bits()
    /// Tells this set from earlier ones of the same number.
    var stamp: UInt32 = 0
    /// The position of the node log up to which `bits` is right; −1 before the first evaluation.
    var seen = -1

    /// Labels that must have exactly these values, from `nodeSelector`.
    private var pairs: ContiguousArray<LabelPair> = []
    private var required: NodeSelectorMatcher?
    private var keys: ContiguousArray<Int32> = []
    private var names: Set<Int32> = []
    /// By taint: whether it may stay, for the condition on taints.
    private var tolerated: ContiguousArray<Bool> = []
    private var tolerations: [Toleration] = []

    static let unused = NodeSet()

    private init() {
        condition = .all([])
        references = 0
    }

    init(_ condition: NodeCondition, strings: inout Interner<String>) {
        self.condition = condition
        switch condition {
        case .affinity(let labels, let selector):
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                pairs.append(LabelPair(key: strings.intern(key), value: strings.intern(value)))
            }
            required = selector.map { NodeSelectorMatcher($0.terms, strings: &strings) }
        case .taints(let tolerations): self.tolerations = tolerations
        case .named(let names): self.names = Set(names.map { strings.intern($0) })
        case .keys(let names): keys = ContiguousArray(names.map { strings.intern($0) })
        case .schedulable, .all: break
        }
    }

    /// Decides about a taint once, so that nodes are judged by number.
    mutating func learn(_ taint: Taint) {
        guard case .taints = condition else { return }
        tolerated.append(taint.effect == .preferNoSchedule || tolerations.contains { $0.tolerates(taint) })
    }

    /// Whether the row meets the condition; a conjunction is judged by the table.
    func matches(_ row: NodeRow, _ strings: Interner<String>) -> Bool {
        switch condition {
        case .affinity:
            for pair in pairs where row.label(pair.key) != pair.value { return false }
            return required?.matches(row, strings) ?? true
        case .taints:
            for taint in row.taints where !tolerated[Int(taint)] { return false }
            return true
        case .schedulable: return !row.isUnschedulable
        case .named: return names.contains(row.name)
        case .keys:
            for key in keys where row.label(key) < 0 { return false }
            return true
        case .all: return false
        }
    }
}

/// Alternatives of a node selector with their strings interned.
struct NodeSelectorMatcher {
    private struct Requirement {
        var comparison: SelectorRequirement.Operator
        /// The label's key, −1 for the field `metadata.name`, −2 for a field that does not exist.
        var key: Int32
        var values: ContiguousArray<Int32>
        var bound: Int64?
    }

    private var terms: [[Requirement]] = []

    /// Terms without any requirement select nothing and are left out.
    init(_ terms: [NodeSelectorTerm], strings: inout Interner<String>) {
        for term in terms where !term.matchExpressions.isEmpty || !term.matchFields.isEmpty {
            var requirements: [Requirement] = []
            for item in term.matchExpressions {
                requirements.append(NodeSelectorMatcher.compile(item, key: strings.intern(item.key), &strings))
            }
            for item in term.matchFields {
                let key: Int32 = item.key == "metadata.name" ? -1 : -2
                requirements.append(NodeSelectorMatcher.compile(item, key: key, &strings))
            }
            self.terms.append(requirements)
        }
    }

    private static func compile(
        _ item: SelectorRequirement, key: Int32, _ strings: inout Interner<String>
    ) -> Requirement {
        Requirement(
            comparison: item.operator, key: key, values: ContiguousArray(item.values.map { strings.intern($0) }),
            bound: item.values.first.flatMap { Int64($0) })
    }

    /// Whether any of the terms selects the node.
    func matches(_ row: NodeRow, _ strings: Interner<String>) -> Bool {
        for term in terms where NodeSelectorMatcher.matches(term, row, strings) { return true }
        return false
    }

    private static func matches(_ term: [Requirement], _ row: NodeRow, _ strings: Interner<String>) -> Bool {
        for item in term {
            let value = item.key >= 0 ? row.label(item.key) : item.key == -1 ? row.name : -1
            let holds: Bool
            switch item.comparison {
            case .in: holds = value >= 0 && item.values.contains(value)
            case .notIn: holds = value < 0 || !item.values.contains(value)
            case .exists: holds = value >= 0
            case .doesNotExist: holds = value < 0
            case .greaterThan, .lessThan:
                guard value >= 0, let bound = item.bound, let number = Int64(strings[value]) else { return false }
                holds = item.comparison == .greaterThan ? number > bound : number < bound
            }
            guard holds else { return false }
        }
        return true
    }
}
