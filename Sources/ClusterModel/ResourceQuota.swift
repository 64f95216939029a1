/// What the pods of a namespace may take together.
public struct ResourceQuota: Hashable, Sendable {
    /// Which of the namespace's pods count.
    public struct Scope: Hashable, Sendable {
        /// The scope's name, such as `BestEffort` or `PriorityClass`.
        public var name: String
        /// The comparison of the pod's priority class with `values`.
        public var comparison: SelectorRequirement.Operator
        /// The priority classes compared with.
        public var values: [String]

        /// A scope of the given parts.
        public init(_ name: String, _ comparison: SelectorRequirement.Operator = .exists, values: [String] = []) {
            self.name = name
            self.comparison = comparison
            self.values = values
        }
    }

    /// Name and namespace.
    public var metadata: ObjectMeta
    /// The most of each resource, by the names that quotas have for them.
    public var hard: ResourceList
    /// The scopes, which must all hold of a pod that counts.
    public var scopes: [Scope]
    /// `status.used`: what was taken when the quota was printed.
    public var used: ResourceList

    /// A quota of the given parts.
    public init(metadata: ObjectMeta, hard: ResourceList, scopes: [Scope] = [], used: ResourceList = [:]) {
        self.metadata = metadata
        self.hard = hard
        self.scopes = scopes
        self.used = used
    }

    /// Reads a ResourceQuota manifest.
    public init(_ value: Value) throws(FieldError) {
        self.init(metadata: try clusterMetadata(value, namespaced: true), hard: [:])
        let object = try ObjectReader(value)
        let amounts = { (value: Value) throws(FieldError) in try value.decodeResources() }
        try object.object("spec") { spec throws(FieldError) in
            hard = try spec.optional("hard", amounts) ?? [:]
            scopes = try spec.stringList("scopes").map { Scope($0) }
            try spec.object("scopeSelector") { selector throws(FieldError) in
                scopes += try selector.objects("matchExpressions") { item throws(FieldError) in
                    Scope(
                        try item.string("scopeName") ?? "",
                        try item.choice("operator", of: SelectorRequirement.Operator.self) ?? .exists,
                        values: try item.stringList("values"))
                }
            }
        }
        try object.object("status") { status throws(FieldError) in
            used = try status.optional("used", amounts) ?? [:]
        }
    }
}

extension ResourceQuota {
    /// Whether the quota counts a pod.
    ///
    /// Source: Kubernetes' `podMatchesScopeFunc` (pkg/quota/v1/evaluator/core/pods.go).
    public func counts(_ pod: Pod) -> Bool { scopes.allSatisfy { $0.holds(of: pod.spec) } }

    /// What a pod takes, by the names that quotas have for it: amounts of its requests and limits as they are, each
    /// of `pods`, and extended resources with the prefix `requests.`.
    ///
    /// Source: Kubernetes' `PodUsageFunc` and `podComputeUsageHelper`.
    public static func usage(of spec: PodSpec) -> ResourceList {
        var result = usage(requests: spec.effectiveRequests, limits: spec.effectiveLimits)
        result["count/pods"] = Quantity(1)
        return result
    }

    static func usage(requests: ResourceList, limits: ResourceList) -> ResourceList {
        var result: ResourceList = ["pods": Quantity(1)]
        for (name, amount) in requests {
            if native.contains(name) || name.hasPrefix("hugepages-") { result[name] = amount }
            result["requests." + name] = amount
        }
        for name in native { result["limits." + name] = limits[name] }
        return result
    }

    private static let native: Set<String> = ["cpu", "memory", "ephemeral-storage"]
    /// Amounts that every container must state where a quota counts them.
    private static let compulsory: Set<String> = [
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    ]

    /// The resources that the quota counts and that some containers do not state though they must, with those containers.
    ///
    /// Source: Kubernetes' `podEvaluator.Constraints`. A pod that states an amount as a whole states it for its containers.
    public func missing(in spec: PodSpec) -> [(resource: String, containers: [String])] {
        let required = hard.keys.filter { ResourceQuota.compulsory.contains($0) }
        guard !required.isEmpty else { return [] }
        let whole = ResourceQuota.usage(requests: spec.podRequests, limits: spec.podLimits)
        var missing: [String: Set<String>] = [:]
        for container in spec.containers + spec.initContainers {
            let stated = ResourceQuota.usage(requests: container.requests, limits: container.limits)
            for name in required where stated[name] == nil && whole[name] == nil {
                missing[name, default: []].insert(container.name)
            }
        }
        return missing.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }
}

extension ResourceQuota.Scope {
    /// Whether a pod falls under the scope.
    func holds(of spec: PodSpec) -> Bool {
        switch name {
        case "Terminating": (spec.activeDeadlineSeconds ?? -1) >= 0
        case "NotTerminating": (spec.activeDeadlineSeconds ?? -1) < 0
        case "BestEffort": spec.qosClass == .bestEffort
        case "NotBestEffort": spec.qosClass != .bestEffort
        case "PriorityClass": holds(ofClass: spec.priorityClassName.isEmpty ? nil : spec.priorityClassName)
        case "CrossNamespacePodAffinity": spec.affinity.looksIntoOtherNamespaces
        default: false
        }
    }

    private func holds(ofClass name: String?) -> Bool {
        SelectorRequirement(key: self.name, operator: comparison, values: values).matches(name)
    }
}

extension Affinity {
    /// Whether some term between pods names namespaces, by name or by label.
    var looksIntoOtherNamespaces: Bool {
        let preferred = (preferredPods + preferredAntiPods).map(\.term)
        return (requiredPods + requiredAntiPods + preferred).contains {
            !$0.namespaces.isEmpty || $0.namespaceSelector != nil
        }
    }
}
