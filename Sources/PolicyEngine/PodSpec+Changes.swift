import ClusterModel

extension PodSpec {
    /// Carries out changes: first what is removed, which the pod came with, then what is written, in the order of the rules.
    /// What comes of the pod's affinity to nodes stands in the decision.
    ///
    /// Done twice it is as if done once.
    mutating func apply(_ changes: [SpecChange]) {
        for change in changes where change.isRemoval { remove(change.content) }
        for change in changes where !change.isRemoval { write(change.content) }
        if changes.contains(where: \.changesResources) { completeRequests() }
    }

    private mutating func remove(_ content: SpecChange.Content) {
        switch content {
        case .noToleration(let item): tolerations.removeAll { $0 == item }
        case .noTopologySpread(let item): topologySpreadConstraints.removeAll { $0 == item }
        case .noSchedulingGate(let gate): schedulingGates.removeAll { $0 == gate.name }
        case .resource(let change): apply(change)
        default: break
        }
    }

    private mutating func write(_ content: SpecChange.Content) {
        switch content {
        case .toleration(let item): if !tolerations.contains(item) { tolerations.append(item) }
        case .topologySpread(let item):
            if !topologySpreadConstraints.contains(item) { topologySpreadConstraints.append(item) }
        case .priorityClass(let name): (priorityClassName, hasDefaultPriorityClass) = (name, false)
        case .schedulingGate(let gate): if !schedulingGates.contains(gate.name) { schedulingGates.append(gate.name) }
        case .resource(let change): apply(change)
        default: break
        }
    }

    private mutating func apply(_ change: ResourceChange) {
        let names = Set(change.containers)
        for index in containers.indices where names.contains(containers[index].name) {
            containers[index].apply(change)
        }
        for index in initContainers.indices where names.contains(initContainers[index].name) {
            initContainers[index].apply(change)
        }
    }

    /// Lets limits stand in for requests that are not stated, as the API server does.
    private mutating func completeRequests() {
        for index in containers.indices { containers[index].completeRequests() }
        for index in initContainers.indices { initContainers[index].completeRequests() }
    }

    /// A container that would request more of a resource than it may use, which the API server does not take; nil where
    /// there is none.
    var overcommitted: (container: String, resource: String, request: Quantity, limit: Quantity)? {
        for container in containers + initContainers {
            for (resource, limit) in container.limits.sorted(by: { $0.key < $1.key }) {
                guard let request = container.requests[resource], request > limit else { continue }
                return (container.name, resource, request, limit)
            }
        }
        return nil
    }
}

extension Container {
    fileprivate mutating func apply(_ change: ResourceChange) {
        switch change.field {
        case .request: requests[change.resource] = change.amount
        case .limit:
            limits[change.resource] = change.amount
            // Of these nothing may be requested but the limit.
            let isWhole = change.resource.contains("/") || change.resource.hasPrefix("hugepages-")
            if isWhole { requests[change.resource] = change.amount }
        }
    }

    fileprivate mutating func completeRequests() {
        for (resource, limit) in limits where requests[resource] == nil { requests[resource] = limit }
    }
}

extension Affinity {
    /// Carries out what of some changes is about nodes: first what is removed, then what is written.
    ///
    /// Once alone: what was written cannot be told from what the pod came with, and would be removed.
    mutating func apply(_ changes: [SpecChange]) {
        for change in changes {
            if case .noNodeAffinity(let key) = change.content { askNothing(ofNodeLabel: key) }
        }
        for change in changes {
            switch change.content {
            case .requiredNodes(let selector): require(selector)
            case .preferredNodes(let item): if !preferredNodes.contains(item) { preferredNodes.append(item) }
            default: break
            }
        }
    }

    /// Whether the pod asks for something of the nodes' label of a key.
    func asks(ofNodeLabel key: String) -> Bool {
        let terms = (requiredNodes?.terms ?? []) + preferredNodes.map(\.term)
        return terms.contains { $0.matchExpressions.contains { $0.key == key } }
    }

    /// Takes away all that is asked of the nodes' label of a key.
    ///
    /// A term of which nothing is left would select no node; here it asks nothing, so that any node will do.
    mutating func askNothing(ofNodeLabel key: String) {
        func isAbout(_ term: NodeSelectorTerm) -> Bool { term.matchExpressions.contains { $0.key == key } }
        func rest(_ term: NodeSelectorTerm) -> NodeSelectorTerm {
            NodeSelectorTerm(
                matchExpressions: term.matchExpressions.filter { $0.key != key }, matchFields: term.matchFields)
        }
        if var required = requiredNodes {
            let isFree = required.terms.contains { isAbout($0) && rest($0).isEmpty }
            required.terms = required.terms.map { isAbout($0) ? rest($0) : $0 }
            requiredNodes = isFree ? nil : required
        }
        preferredNodes = preferredNodes.compactMap { item in
            guard isAbout(item.term) else { return item }
            let term = rest(item.term)
            return term.isEmpty ? nil : PreferredNodes(weight: item.weight, term: term)
        }
    }

    /// Whether what is required holds the pod to some nodes as it is.
    func requires(_ nodes: NodeSelector) -> Bool {
        guard let terms = requiredNodes?.terms else { return false }
        return terms.allSatisfy { term in
            term.isEmpty || nodes.terms.contains { term.matchesNoMore(than: $0) }
        }
    }

    /// Requires some nodes beside what is required: each term is joined with each of theirs.
    mutating func require(_ nodes: NodeSelector) {
        guard let terms = requiredNodes?.terms else { return requiredNodes = nodes }
        if requires(nodes) { return }
        var joined: [NodeSelectorTerm] = []
        for term in terms {
            // A term without requirements selects no node, and must not come to select some.
            if term.isEmpty {
                joined.append(term)
            } else {
                for other in nodes.terms { joined.append(term.joined(with: other)) }
            }
        }
        requiredNodes = NodeSelector(terms: joined)
    }
}

extension NodeSelectorTerm {
    /// Whether the term has no requirement.
    fileprivate var isEmpty: Bool { matchExpressions.isEmpty && matchFields.isEmpty }

    /// Whether the term has all requirements of another, which then selects what it selects.
    fileprivate func matchesNoMore(than other: NodeSelectorTerm) -> Bool {
        other.matchExpressions.allSatisfy(matchExpressions.contains)
            && other.matchFields.allSatisfy(matchFields.contains)
    }

    fileprivate func joined(with other: NodeSelectorTerm) -> NodeSelectorTerm {
        var result = self
        result.matchExpressions += other.matchExpressions.filter { !matchExpressions.contains($0) }
        result.matchFields += other.matchFields.filter { !matchFields.contains($0) }
        return result
    }
}
