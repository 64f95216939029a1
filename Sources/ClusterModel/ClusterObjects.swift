/// A namespace, whose labels policies and affinity terms select by.
public struct Namespace: Hashable, Sendable {
    /// The label that every namespace has: its name.
    public static let nameLabel = "kubernetes.io/metadata.name"

    /// Name and labels; `kubernetes.io/metadata.name` is always among them.
    public var metadata: ObjectMeta

    /// A namespace with the given name and labels.
    public init(name: String, labels: [String: String] = [:]) {
        self.metadata = ObjectMeta(name: name, labels: labels)
        self.metadata.labels[Namespace.nameLabel] = name
    }

    /// Reads a Namespace manifest.
    public init(_ value: Value) throws(FieldError) {
        self.metadata = try clusterMetadata(value, namespaced: false)
        self.metadata.labels[Namespace.nameLabel] = metadata.name
    }
}

extension LabelSelector {
    /// Whether the selector of a namespace asks for labels that only the namespace's own object can tell.
    public var asksForMoreThanTheName: Bool {
        matchLabels.keys.contains { $0 != Namespace.nameLabel }
            || matchExpressions.contains { $0.key != Namespace.nameLabel }
    }
}

/// A named priority.
public struct PriorityClass: Hashable, Sendable {
    /// The class's name.
    public var metadata: ObjectMeta
    /// The priority of its pods.
    public var priority: Int32
    /// Whether pods that name no class belong to it.
    public var globalDefault: Bool
    /// Whether its pods may preempt others.
    public var preemptionPolicy: PodSpec.PreemptionPolicy

    /// A class of the given parts.
    public init(
        name: String, priority: Int32, globalDefault: Bool = false,
        preemptionPolicy: PodSpec.PreemptionPolicy = .lowerPriority
    ) {
        self.metadata = ObjectMeta(name: name)
        self.priority = priority
        self.globalDefault = globalDefault
        self.preemptionPolicy = preemptionPolicy
    }

    /// The two classes that every Kubernetes cluster has.
    public static let builtIn = [
        PriorityClass(name: "system-cluster-critical", priority: 2_000_000_000),
        PriorityClass(name: "system-node-critical", priority: 2_000_001_000),
    ]

    /// Reads a PriorityClass manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        self.metadata = try clusterMetadata(value, namespaced: false)
        guard let priority = try object.int("value", in: Int64(Int32.min)...Int64(Int32.max)) else {
            throw FieldError(path: FieldPath("value"), expected: "the priority, a whole number", found: "nothing")
        }
        self.priority = Int32(priority)
        self.globalDefault = try object.bool("globalDefault") ?? false
        self.preemptionPolicy = try object.choice("preemptionPolicy") ?? .lowerPriority
    }
}

/// How many pods of a set may be disrupted at once.
public struct PodDisruptionBudget: Hashable, Sendable {
    /// Name and namespace.
    public var metadata: ObjectMeta
    /// The pods guarded; nil guards none.
    public var selector: LabelSelector?
    /// How many must stay, or may go; nil where `status.disruptionsAllowed` says it.
    public var limit: Limit?
    /// `status.disruptionsAllowed`, if given.
    public var disruptionsAllowed: Int?
    /// How many pods are missing, of those that the budget asks for: `status.desiredHealthy` less `currentHealthy`.
    public var missing = 0
    /// `status.disruptedPods`: the names of pods whose eviction is counted already.
    public var disruptedPods: Set<String> = []

    /// The two ways of stating a budget.
    public enum Limit: Hashable, Sendable {
        case minAvailable(IntOrPercent)
        case maxUnavailable(IntOrPercent)
    }

    /// A number, or a share of all.
    public enum IntOrPercent: Hashable, Sendable {
        case int(Int)
        case percent(Int)

        /// The number meant among `total`, rounded up as Kubernetes does for budgets.
        public func resolved(of total: Int) -> Int {
            switch self {
            case .int(let count): count
            case .percent(let percent): (total * percent + 99) / 100
            }
        }

        init(_ value: Value) throws(FieldError) {
            switch value {
            case .int(let count) where count >= 0 && count <= Int64(Int32.max): self = .int(Int(count))
            case .string(let text) where text.hasSuffix("%"):
                guard let percent = Int(text.dropLast()), (0...1000).contains(percent) else { fallthrough }
                self = .percent(percent)
            default: throw FieldError(expected: "a whole number or a percentage", found: value.summary)
            }
        }
    }

    /// A budget of the given parts.
    public init(metadata: ObjectMeta, selector: LabelSelector?, limit: Limit?, disruptionsAllowed: Int? = nil) {
        self.metadata = metadata
        self.selector = selector
        self.limit = limit
        self.disruptionsAllowed = disruptionsAllowed
    }

    /// How many of the guarded pods may go now, of which so many are healthy and so many are expected; below 0, how many are
    /// missing. The status says it, if there is one.
    ///
    /// Source: Kubernetes' disruption controller. Those expected are all that their controllers want; shares are of these.
    public func left(healthy: Int, expected: Int) -> Int {
        if let disruptionsAllowed { return disruptionsAllowed > 0 ? disruptionsAllowed : min(0, -missing) }
        switch limit {
        case .minAvailable(let least): return healthy - least.resolved(of: expected)
        case .maxUnavailable(let most): return healthy - max(0, expected - most.resolved(of: expected))
        case nil: return 0
        }
    }

    /// Reads a PodDisruptionBudget manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        self.metadata = try clusterMetadata(value, namespaced: true)
        try object.object("spec") { spec throws(FieldError) in
            selector = try spec.object("selector", LabelSelector.init)
            let least = try spec.optional("minAvailable", IntOrPercent.init)
            let most = try spec.optional("maxUnavailable", IntOrPercent.init)
            if let least, most == nil { limit = .minAvailable(least) }
            if let most, least == nil { limit = .maxUnavailable(most) }
            if least != nil, most != nil {
                throw FieldError(
                    path: FieldPath("maxUnavailable"), expected: "either minAvailable or maxUnavailable",
                    found: "both")
            }
        }
        try object.object("status") { status throws(FieldError) in
            let counts = 0...Int64(Int32.max)
            disruptionsAllowed = try status.int("disruptionsAllowed", in: counts).map { Int($0) }
            let current = try status.int("currentHealthy", in: counts) ?? 0
            missing = Int(max(0, (try status.int("desiredHealthy", in: counts) ?? 0) - current))
            if case .object(let fields)? = status.value("disruptedPods") { disruptedPods = Set(fields.map(\.key)) }
        }
    }
}

/// A service, of which only the selector matters here: its pods are spread together by default.
public struct Service: Hashable, Sendable {
    /// Name and namespace.
    public var metadata: ObjectMeta
    /// Labels of its pods; an empty selector selects none.
    public var selector: [String: String]

    /// A service of the given parts.
    public init(metadata: ObjectMeta, selector: [String: String]) {
        self.metadata = metadata
        self.selector = selector
    }

    /// Reads a Service manifest.
    public init(_ value: Value) throws(FieldError) {
        self.metadata = try clusterMetadata(value, namespaced: true)
        self.selector =
            try ObjectReader(value).object("spec") { spec throws(FieldError) in try spec.strings("selector") } ?? [:]
    }
}

func clusterMetadata(_ value: Value, namespaced: Bool) throws(FieldError) -> ObjectMeta {
    guard
        let metadata = try ObjectReader(value).object(
            "metadata", { meta throws(FieldError) in try ObjectMeta(meta, namespaced: namespaced) })
    else { throw FieldError(path: FieldPath("metadata"), expected: "metadata with a name", found: "nothing") }
    return metadata
}
