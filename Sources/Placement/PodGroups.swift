import ClusterModel

/// Which pods a rule between pods is about: those that meet every part.
struct PodCondition: Hashable {
    /// One affinity term's choice, or one spread constraint's.
    struct Part: Hashable {
        /// Namespaces by name, sorted.
        var namespaces: [String]
        /// Namespaces by label; nil adds none.
        var namespaceSelector: LabelSelector?
        /// Labels of the pods; nil selects none.
        var selector: LabelSelector?

        /// Pods of one namespace.
        init(namespace: String, selector: LabelSelector?) {
            namespaces = [namespace]
            self.selector = selector
        }

        /// Pods that an affinity term of `spec` selects.
        ///
        /// A term that names no namespace and has no namespace selector is about the pod's own namespace.
        init(_ term: PodAffinityTerm, of spec: SchedulingSpec) {
            let own = term.namespaces.isEmpty && term.namespaceSelector == nil
            namespaces = own ? [spec.namespace] : Set(term.namespaces).sorted()
            namespaceSelector = term.namespaceSelector
            selector = term.effectiveSelector(for: spec.labels)
        }

        func matches(_ spec: SchedulingSpec, namespaceLabels: [String: String]) -> Bool {
            guard let selector, selector.matches(spec.labels) else { return false }
            return namespaces.contains(spec.namespace) || namespaceSelector?.matches(namespaceLabels) ?? false
        }
    }

    var parts: [Part]

    /// Whether pods of `spec` are meant.
    func matches(_ spec: SchedulingSpec, namespaceLabels: [String: String]) -> Bool {
        parts.allSatisfy { $0.matches(spec, namespaceLabels: namespaceLabels) }
    }

    /// Whether the labels of a namespace count.
    var looksAtNamespaceLabels: Bool { parts.contains { $0.namespaceSelector != nil } }

    /// Whether no pod can be meant.
    var isImpossible: Bool { parts.contains { $0.selector == nil } }

    /// A label that every pod meant must have, by which conditions and classes find each other; nil if there is none.
    var anchor: LabelAnchor? {
        for part in parts {
            guard let selector = part.selector else { continue }
            if let pair = selector.matchLabels.min(by: { $0.key < $1.key }) {
                return LabelAnchor(key: pair.key, value: pair.value)
            }
            for item in selector.matchExpressions where item.operator == .in && item.values.count == 1 {
                return LabelAnchor(key: item.key, value: item.values[0])
            }
        }
        return nil
    }
}

/// A label with its value, as a key of an index.
struct LabelAnchor: Hashable {
    var key: String
    var value: String
}

/// A term of a placed pod that concerns other pods.
struct HeldTerm: Hashable {
    /// What the term does to a pod that it selects.
    enum Kind: Hashable {
        /// Keeps it out of the domain.
        case requiredAnti
        /// Draws it into the domain, as much as the profile's `hardPodAffinityWeight` says.
        case required
        /// Draws it into the domain, or pushes it out, by the weight.
        case preferred(Int64)
    }

    var kind: Kind
    var group: Int32
}

/// Pods that a condition selects, and the counters that count them.
struct PodGroupEntry {
    let condition: PodCondition
    /// Registered classes whose pods are selected.
    var members: ContiguousArray<ClassIndex> = []
    /// Counters of the pods selected, and counters of the pods that hold a term about them.
    var counters: ContiguousArray<Int32> = []
    var references = 0
}
