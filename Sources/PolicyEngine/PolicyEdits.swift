import ClusterModel

/// A value that a rule writes: a text, or an expression in CEL that makes the text for each pod.
public enum EditValue: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The same text for every pod.
    case text(String)
    /// The source of an expression; where its value is an optional without a value, nothing is written.
    case expression(String)

    /// A text.
    public init(stringLiteral text: String) { self = .text(text) }
}

/// Labels, annotations or node labels that a rule writes or removes.
public struct MetadataEdit: Hashable, Sendable {
    /// Written whether or not the pod has the key.
    public var add: [String: EditValue]
    /// Written only where the pod lacks the key.
    public var `default`: [String: EditValue]
    /// Keys that the pod then lacks.
    public var remove: [String]

    /// An edit of the given parts.
    public init(add: [String: EditValue] = [:], default: [String: EditValue] = [:], remove: [String] = []) {
        self.add = add
        self.default = `default`
        self.remove = remove
    }

    /// Whether nothing is written.
    public var isEmpty: Bool { add.isEmpty && `default`.isEmpty && remove.isEmpty }
}

/// An item of a list in a pod's spec that rules may write and remove.
public protocol EditableItem: Hashable, Sendable {
    /// Tells which items are removed.
    associatedtype Pattern: Hashable & Sendable
    /// What a default and the pod's own items are compared by.
    associatedtype Key: Hashable

    /// By what a default is told to be there already.
    var key: Key { get }

    /// Whether a pattern is about the item.
    func matches(_ pattern: Pattern) -> Bool
}

/// Entries of a list that a rule writes or removes.
public struct ListEdit<Item: EditableItem>: Hashable, Sendable {
    /// Written unless the pod has the same entry.
    public var add: [Item]
    /// Written only where the pod has no entry at all.
    public var `default`: [Item]
    /// Each written only where the pod has no entry of its key.
    public var defaultByKey: [Item]
    /// Which entries of the pod are removed.
    public var remove: [Item.Pattern]

    /// An edit of the given parts.
    public init(
        add: [Item] = [], default: [Item] = [], defaultByKey: [Item] = [], remove: [Item.Pattern] = []
    ) {
        self.add = add
        self.default = `default`
        self.defaultByKey = defaultByKey
        self.remove = remove
    }

    /// Whether nothing is written.
    public var isEmpty: Bool { add.isEmpty && `default`.isEmpty && defaultByKey.isEmpty && remove.isEmpty }

    /// All that may be written.
    var written: [Item] { add + `default` + defaultByKey }
}

extension Toleration: EditableItem {
    /// Which tolerations are removed; what is nil matches any.
    public struct Pattern: Hashable, Sendable {
        /// The key; the empty one is that of tolerations of every taint.
        public var key: String?
        /// The operator.
        public var `operator`: Operator?
        /// The value.
        public var value: String?
        /// The effect.
        public var effect: Taint.Effect?

        /// A pattern of the given parts.
        public init(
            key: String? = nil, operator: Operator? = nil, value: String? = nil, effect: Taint.Effect? = nil
        ) {
            (self.key, self.operator, self.value, self.effect) = (key, `operator`, value, effect)
        }
    }

    /// Whether a pattern is about the toleration.
    public func matches(_ pattern: Pattern) -> Bool {
        if let wanted = pattern.key, wanted != key { return false }
        if let wanted = pattern.operator, wanted != `operator` { return false }
        if let wanted = pattern.value, wanted != value { return false }
        if let wanted = pattern.effect, wanted != effect { return false }
        return true
    }
}

extension TopologySpreadConstraint: EditableItem {
    /// By what a pod has one constraint at most.
    public struct Key: Hashable, Sendable {
        /// The node label whose values are the domains.
        public var topologyKey: String
        /// Whether the constraint is a must or a wish.
        public var whenUnsatisfiable: WhenUnsatisfiable
    }

    /// Which constraints are removed; what is nil matches any.
    public struct Pattern: Hashable, Sendable {
        /// The node label whose values are the domains.
        public var topologyKey: String?
        /// Whether the constraint is a must or a wish.
        public var whenUnsatisfiable: WhenUnsatisfiable?

        /// A pattern of the given parts.
        public init(topologyKey: String? = nil, whenUnsatisfiable: WhenUnsatisfiable? = nil) {
            (self.topologyKey, self.whenUnsatisfiable) = (topologyKey, whenUnsatisfiable)
        }
    }

    /// The pair of which Kubernetes takes one constraint alone.
    public var key: Key { Key(topologyKey: topologyKey, whenUnsatisfiable: whenUnsatisfiable) }

    /// Whether a pattern is about the constraint.
    public func matches(_ pattern: Pattern) -> Bool {
        if let wanted = pattern.topologyKey, wanted != topologyKey { return false }
        if let wanted = pattern.whenUnsatisfiable, wanted != whenUnsatisfiable { return false }
        return true
    }
}

/// A gate that keeps a pod from being scheduled until it is lifted.
public struct SchedulingGate: EditableItem {
    /// The gate's name.
    public var name: String

    /// A gate of the given name.
    public init(_ name: String) { self.name = name }

    /// The name.
    public var key: String { name }

    /// Whether the gate has the name.
    public func matches(_ pattern: String) -> Bool { name == pattern }
}

/// What a rule changes about the nodes that a pod requires or prefers.
public struct NodeAffinityEdit: Hashable, Sendable {
    /// Required beside what the pod requires: each of its terms is joined with these.
    public var addRequired: NodeSelector?
    /// Preferred beside what the pod prefers.
    public var addPreferred: [PreferredNodes] = []
    /// Required only of pods that require nothing of their nodes.
    public var defaultRequired: NodeSelector?
    /// Preferred only by pods that prefer no nodes.
    public var defaultPreferred: [PreferredNodes] = []
    /// Keys of node labels of which the pod then asks nothing.
    public var remove: [String] = []

    /// An edit that changes nothing yet.
    public init() {}
}

/// Requests, or limits, that a rule writes into each container.
public struct ResourceEdit: Hashable, Sendable {
    /// Written whatever a container states.
    public var add: ResourceList
    /// Written only into containers that state nothing of the resource.
    public var `default`: ResourceList
    /// Resources of which containers then state nothing.
    public var remove: [String]

    /// An edit of the given parts.
    public init(add: ResourceList = [:], default: ResourceList = [:], remove: [String] = []) {
        self.add = add
        self.default = `default`
        self.remove = remove
    }

    /// Whether nothing is written.
    public var isEmpty: Bool { add.isEmpty && `default`.isEmpty && remove.isEmpty }
}
