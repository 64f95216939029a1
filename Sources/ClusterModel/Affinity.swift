/// A pod's wishes about the nodes it stands on and the pods it stands beside.
public struct Affinity: Hashable, Sendable {
    /// Nodes that the pod may stand on; nil is all.
    public var requiredNodes: NodeSelector?
    /// Nodes that the pod would rather stand on.
    public var preferredNodes: [PreferredNodes]
    /// Pods that must share a domain with it.
    public var requiredPods: [PodAffinityTerm]
    /// Pods that had better share a domain with it.
    public var preferredPods: [PreferredPods]
    /// Pods that must not share a domain with it.
    public var requiredAntiPods: [PodAffinityTerm]
    /// Pods that had better not share a domain with it.
    public var preferredAntiPods: [PreferredPods]

    /// Affinity of the given parts; none of them is needed.
    public init(
        requiredNodes: NodeSelector? = nil, preferredNodes: [PreferredNodes] = [],
        requiredPods: [PodAffinityTerm] = [], preferredPods: [PreferredPods] = [],
        requiredAntiPods: [PodAffinityTerm] = [], preferredAntiPods: [PreferredPods] = []
    ) {
        self.requiredNodes = requiredNodes
        self.preferredNodes = preferredNodes
        self.requiredPods = requiredPods
        self.preferredPods = preferredPods
        self.requiredAntiPods = requiredAntiPods
        self.preferredAntiPods = preferredAntiPods
    }

    /// Whether nothing is asked for.
    public var isEmpty: Bool { self == Affinity() }

    /// Whether a term looks for namespaces by other labels than the name that every namespace has.
    public var selectsNamespacesByLabels: Bool {
        func selects(_ term: PodAffinityTerm) -> Bool { term.namespaceSelector?.asksForMoreThanTheName ?? false }
        return requiredPods.contains(where: selects) || requiredAntiPods.contains(where: selects)
            || preferredPods.contains { selects($0.term) } || preferredAntiPods.contains { selects($0.term) }
    }

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    /// Reads the affinity as a manifest holds it.
    public init(_ object: ObjectReader) throws(FieldError) {
        self.init()
        try object.object("nodeAffinity") { node throws(FieldError) in
            requiredNodes = try node.object(Affinity.required, NodeSelector.init)
            preferredNodes = try node.objects(Affinity.preferred, PreferredNodes.init)
        }
        try object.object("podAffinity") { pods throws(FieldError) in
            requiredPods = try pods.objects(Affinity.required, PodAffinityTerm.init)
            preferredPods = try pods.objects(Affinity.preferred, PreferredPods.init)
        }
        try object.object("podAntiAffinity") { pods throws(FieldError) in
            requiredAntiPods = try pods.objects(Affinity.required, PodAffinityTerm.init)
            preferredAntiPods = try pods.objects(Affinity.preferred, PreferredPods.init)
        }
    }

    /// The affinity as an object of a manifest.
    public var value: Value {
        var nodes = ObjectBuilder()
        nodes.add(Affinity.required, requiredNodes?.value)
        nodes.add(Affinity.preferred, preferredNodes) { $0.value }
        var pods = ObjectBuilder()
        pods.add(Affinity.required, requiredPods) { $0.value }
        pods.add(Affinity.preferred, preferredPods) { $0.value }
        var antiPods = ObjectBuilder()
        antiPods.add(Affinity.required, requiredAntiPods) { $0.value }
        antiPods.add(Affinity.preferred, preferredAntiPods) { $0.value }
        var object = ObjectBuilder()
        for (key, part) in [("nodeAffinity", nodes), ("podAffinity", pods), ("podAntiAffinity", antiPods)]
        where !part.fields.isEmpty {
            object.add(key, part.value)
        }
        return object.value
    }
}

/// Nodes that a pod would rather stand on, and how much.
public struct PreferredNodes: Hashable, Sendable {
    /// How much, 1 to 100.
    public var weight: Int32
    /// Which nodes.
    public var term: NodeSelectorTerm

    /// A preference of the given weight.
    public init(weight: Int32, term: NodeSelectorTerm) {
        self.weight = weight
        self.term = term
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.weight = try object.weight()
        self.term = try object.object("preference", NodeSelectorTerm.init) ?? NodeSelectorTerm()
    }

    var value: Value {
        .object([.init("weight", .int(Int64(weight))), .init("preference", term.value)])
    }
}

/// Pods, and the domain in which they count as being near.
public struct PodAffinityTerm: Hashable, Sendable {
    /// Which pods; nil selects none.
    public var labelSelector: LabelSelector?
    /// Namespaces looked in, by name.
    public var namespaces: [String]
    /// Namespaces looked in, by label; nil adds none, an empty selector adds all.
    public var namespaceSelector: LabelSelector?
    /// The node label whose values are the domains.
    public var topologyKey: String
    /// Labels of the incoming pod whose values the others must share.
    public var matchLabelKeys: [String]
    /// Labels of the incoming pod whose values the others must not share.
    public var mismatchLabelKeys: [String]

    /// A term of the given parts.
    public init(
        topologyKey: String, labelSelector: LabelSelector?, namespaces: [String] = [],
        namespaceSelector: LabelSelector? = nil, matchLabelKeys: [String] = [], mismatchLabelKeys: [String] = []
    ) {
        self.topologyKey = topologyKey
        self.labelSelector = labelSelector
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.matchLabelKeys = matchLabelKeys
        self.mismatchLabelKeys = mismatchLabelKeys
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.labelSelector = try object.object("labelSelector", LabelSelector.init)
        self.namespaces = try object.stringList("namespaces")
        self.namespaceSelector = try object.object("namespaceSelector", LabelSelector.init)
        self.topologyKey = try object.topologyKey()
        self.matchLabelKeys = try object.stringList("matchLabelKeys")
        self.mismatchLabelKeys = try object.stringList("mismatchLabelKeys")
    }

    var value: Value {
        var object = ObjectBuilder()
        object.add("labelSelector", labelSelector?.value)
        object.add("namespaces", namespaces) { .string($0) }
        object.add("namespaceSelector", namespaceSelector?.value)
        object.add("topologyKey", topologyKey)
        object.add("matchLabelKeys", matchLabelKeys) { .string($0) }
        object.add("mismatchLabelKeys", mismatchLabelKeys) { .string($0) }
        return object.value
    }

    /// The selector with `matchLabelKeys` and `mismatchLabelKeys` filled in from the labels of the pod that has the term.
    ///
    /// Kubernetes merges them in the API server when the pod is created; a key that the pod lacks adds nothing.
    public func effectiveSelector(for labels: [String: String]) -> LabelSelector? {
        guard var selector = labelSelector else { return nil }
        for key in matchLabelKeys {
            guard let label = labels[key] else { continue }
            selector.matchExpressions.append(SelectorRequirement(key: key, operator: .in, values: [label]))
        }
        for key in mismatchLabelKeys {
            guard let label = labels[key] else { continue }
            selector.matchExpressions.append(SelectorRequirement(key: key, operator: .notIn, values: [label]))
        }
        return selector
    }
}

/// Pods that had better be near, or far, and how much.
public struct PreferredPods: Hashable, Sendable {
    /// How much, 1 to 100.
    public var weight: Int32
    /// Which pods, in which domain.
    public var term: PodAffinityTerm

    /// A preference of the given weight.
    public init(weight: Int32, term: PodAffinityTerm) {
        self.weight = weight
        self.term = term
    }

    init(_ object: ObjectReader) throws(FieldError) {
        self.weight = try object.weight()
        guard let term = try object.object("podAffinityTerm", PodAffinityTerm.init) else {
            throw FieldError(path: FieldPath("podAffinityTerm"), expected: "a term", found: "nothing")
        }
        self.term = term
    }

    var value: Value {
        .object([.init("weight", .int(Int64(weight))), .init("podAffinityTerm", term.value)])
    }
}

/// A rule that keeps matching pods evenly spread over the values of a node label.
public struct TopologySpreadConstraint: Hashable, Sendable {
    /// What happens where the constraint cannot be met.
    public enum WhenUnsatisfiable: String, CaseIterable, Hashable, Sendable {
        case doNotSchedule = "DoNotSchedule"
        case scheduleAnyway = "ScheduleAnyway"
    }

    /// Whether the pod's node affinity or tolerations narrow the nodes counted.
    public enum NodePolicy: String, CaseIterable, Hashable, Sendable {
        case honor = "Honor"
        case ignore = "Ignore"
    }

    /// The greatest difference allowed between the fullest and the emptiest domain, at least 1.
    public var maxSkew: Int32
    /// The node label whose values are the domains.
    public var topologyKey: String
    /// Whether the constraint is a must or a wish.
    public var whenUnsatisfiable: WhenUnsatisfiable
    /// Which pods count; nil counts none.
    public var labelSelector: LabelSelector?
    /// With fewer eligible domains than this the emptiest counts as empty; nil is 1.
    public var minDomains: Int32?
    /// Whether only nodes that the pod's node affinity allows are counted.
    public var nodeAffinityPolicy: NodePolicy
    /// Whether only nodes whose taints the pod tolerates are counted.
    public var nodeTaintsPolicy: NodePolicy
    /// Labels of the incoming pod whose values the others must share to count.
    public var matchLabelKeys: [String]

    /// A constraint of the given parts, with Kubernetes' defaults for the rest.
    public init(
        maxSkew: Int32, topologyKey: String, whenUnsatisfiable: WhenUnsatisfiable, labelSelector: LabelSelector?,
        minDomains: Int32? = nil, nodeAffinityPolicy: NodePolicy = .honor, nodeTaintsPolicy: NodePolicy = .ignore,
        matchLabelKeys: [String] = []
    ) {
        self.maxSkew = maxSkew
        self.topologyKey = topologyKey
        self.whenUnsatisfiable = whenUnsatisfiable
        self.labelSelector = labelSelector
        self.minDomains = minDomains
        self.nodeAffinityPolicy = nodeAffinityPolicy
        self.nodeTaintsPolicy = nodeTaintsPolicy
        self.matchLabelKeys = matchLabelKeys
    }

    /// Reads a constraint as a manifest holds it.
    public init(_ object: ObjectReader) throws(FieldError) {
        let skews: ClosedRange<Int64> = 1...Int64(Int32.max)
        guard let maxSkew = try object.int("maxSkew", in: skews) else {
            throw FieldError(path: FieldPath("maxSkew"), expected: "a whole number of at least 1", found: "nothing")
        }
        self.maxSkew = Int32(maxSkew)
        self.topologyKey = try object.topologyKey()
        guard let action = try object.choice("whenUnsatisfiable", of: WhenUnsatisfiable.self) else {
            throw FieldError(
                path: FieldPath("whenUnsatisfiable"), expected: "DoNotSchedule or ScheduleAnyway", found: "nothing")
        }
        self.whenUnsatisfiable = action
        self.labelSelector = try object.object("labelSelector", LabelSelector.init)
        self.minDomains = try object.int("minDomains", in: skews).map { Int32($0) }
        self.nodeAffinityPolicy = try object.choice("nodeAffinityPolicy") ?? .honor
        self.nodeTaintsPolicy = try object.choice("nodeTaintsPolicy") ?? .ignore
        self.matchLabelKeys = try object.stringList("matchLabelKeys")
    }

    /// The constraint as an object of a manifest.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("maxSkew", .int(Int64(maxSkew)))
        object.add("topologyKey", topologyKey)
        object.add("whenUnsatisfiable", whenUnsatisfiable.rawValue)
        object.add("labelSelector", labelSelector?.value)
        object.add("minDomains", minDomains.map { .int(Int64($0)) })
        if nodeAffinityPolicy != .honor { object.add("nodeAffinityPolicy", nodeAffinityPolicy.rawValue) }
        if nodeTaintsPolicy != .ignore { object.add("nodeTaintsPolicy", nodeTaintsPolicy.rawValue) }
        object.add("matchLabelKeys", matchLabelKeys) { .string($0) }
        return object.value
    }

    /// Whether two constraints have the topology key and `whenUnsatisfiable` in common; the API server takes one of each
    /// such pair.
    public func isOfPair(of other: TopologySpreadConstraint) -> Bool {
        topologyKey == other.topologyKey && whenUnsatisfiable == other.whenUnsatisfiable
    }

    /// The selector with `matchLabelKeys` filled in from the labels of the pod that has the constraint.
    public func effectiveSelector(for labels: [String: String]) -> LabelSelector? {
        guard var selector = labelSelector else { return nil }
        for key in matchLabelKeys {
            guard let label = labels[key] else { continue }
            selector.matchExpressions.append(SelectorRequirement(key: key, operator: .in, values: [label]))
        }
        return selector
    }
}

extension ObjectReader {
    fileprivate func weight() throws(FieldError) -> Int32 {
        guard let weight = try int("weight", in: 1...100) else {
            throw FieldError(path: FieldPath("weight"), expected: "a whole number, 1...100", found: "nothing")
        }
        return Int32(weight)
    }

    fileprivate func topologyKey() throws(FieldError) -> String {
        let key = try string("topologyKey") ?? ""
        guard !key.isEmpty else {
            throw FieldError(path: FieldPath("topologyKey"), expected: "a node label key", found: "nothing")
        }
        return key
    }
}
