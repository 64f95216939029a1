import ClusterModel

/// Something that a rule writes into the pod's spec, or removes from it.
public struct SpecChange: Hashable, Sendable {
    /// What is written or removed.
    public var content: Content
    /// The rule that does.
    public var rule: RuleReference

    /// What can be written and removed.
    public enum Content: Hashable, Sendable {
        /// A toleration more.
        case toleration(Toleration)
        /// A topology spread constraint more.
        case topologySpread(TopologySpreadConstraint)
        /// Another priority class; admission then resolves the priority anew.
        case priorityClass(String)
        /// A scheduling gate more.
        case schedulingGate(SchedulingGate)
        /// A toleration less.
        case noToleration(Toleration)
        /// A topology spread constraint less.
        case noTopologySpread(TopologySpreadConstraint)
        /// A scheduling gate less.
        case noSchedulingGate(SchedulingGate)
        /// Nodes to which the pod is kept beside what it requires itself.
        case requiredNodes(NodeSelector)
        /// A wish about nodes more.
        case preferredNodes(PreferredNodes)
        /// What the pod itself asks of a node label does not count.
        case noNodeAffinity(key: String)
        /// What containers request of a resource, or may use of it.
        case resource(ResourceChange)
    }

    /// Whether something is removed.
    public var isRemoval: Bool {
        switch content {
        case .noToleration, .noTopologySpread, .noSchedulingGate, .noNodeAffinity: true
        case .resource(let change): change.amount == nil
        default: false
        }
    }

    /// Whether the resources of containers change, and with them the pod's quality of service.
    var changesResources: Bool { if case .resource = content { true } else { false } }

    /// The change in words: `priority class high`, `removes toleration gpu`.
    public var summary: String { isRemoval ? "removes \(content.words)" : content.words }

    /// The change as something done: `writes priority class high`.
    var effect: String { isRemoval ? summary : "writes \(summary)" }
}

/// What some containers request of a resource, or may use of it, once a rule has had its say.
public struct ResourceChange: Hashable, Sendable {
    /// Whether it is about requests or limits.
    public var field: Field
    /// The resource.
    public var resource: String
    /// The amount; nil where containers then state none.
    public var amount: Quantity?
    /// The names of the containers, init containers among them.
    public var containers: [String]

    /// What of a container's resources is changed.
    public enum Field: String, CaseIterable, Hashable, Sendable {
        case request, limit
    }
}

extension SpecChange.Content {
    /// What is written or removed, in words.
    var words: String {
        switch self {
        case .toleration(let item), .noToleration(let item): item.words
        case .topologySpread(let item), .noTopologySpread(let item): item.summary
        case .priorityClass(let name): "priority class \(name)"
        case .schedulingGate(let gate), .noSchedulingGate(let gate): "scheduling gate \(gate.name)"
        case .requiredNodes(let selector):
            "required nodes \(selector.terms.map(\.words).joined(separator: " or "))"
        case .preferredNodes(let item): "preferred nodes \(item.term.words), weight \(item.weight)"
        case .noNodeAffinity(let key): "node affinity to \(key)"
        case .resource(let change):
            "\(change.field.rawValue) of \(change.resource)" + (change.amount.map { " \($0)" } ?? "")
                + " for \(change.containers.joined(separator: ", "))"
        }
    }
}

extension Toleration {
    fileprivate var words: String {
        let effect = effect.map { ":\($0.rawValue)" } ?? ""
        let value =
            switch `operator` {
            case .exists: ""
            case .equal: "=\(value)"
            case .greaterThan: ">\(value)"
            case .lessThan: "<\(value)"
            }
        let seconds = tolerationSeconds.map { " for \($0) s" } ?? ""
        return "toleration \(key.isEmpty ? "of every taint" : key)\(value)\(effect)\(seconds)"
    }
}

extension NodeSelectorTerm {
    /// The term in words: `zone is one of "a", "b" and arch is "arm64"`.
    fileprivate var words: String { (matchExpressions + matchFields).map(\.words).joined(separator: " and ") }
}

extension TopologySpreadConstraint {
    /// The constraint in words; every field that is not left as it is by default is named, so that two that differ read
    /// differently.
    var summary: String {
        var parts = ["spread over \(topologyKey)", "maxSkew \(maxSkew)", whenUnsatisfiable.rawValue]
        guard case .object(let fields) = value else { return parts.joined(separator: ", ") }
        for field in fields where !["topologyKey", "maxSkew", "whenUnsatisfiable"].contains(field.key) {
            parts.append("\(field.key) \(field.value.text)")
        }
        return parts.joined(separator: ", ")
    }
}

extension Value {
    /// The value on one line, as YAML's flow style has it.
    fileprivate var text: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): text
        case .array(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case .object(let fields): "{\(fields.map { "\($0.key): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }
}
