import ClusterModel

/// An item of a list with the changes that write and remove it.
private protocol ListedItem: EditableItem {
    /// Whether a pod has one item of a key at most.
    static var keysAreUnique: Bool { get }
    /// The change that writes the item.
    var written: SpecChange.Content { get }
    /// The change that removes the item.
    var removed: SpecChange.Content { get }
    /// The item that a change writes; nil where it does something else.
    init?(writtenBy content: SpecChange.Content)
}

extension Verdict {
    /// Writes into the spec what a rule wants there; of several rules with a default of one key, or with a priority class,
    /// the first one writes it.
    mutating func writeSpec(_ rule: CompiledRule, _ spec: PodSpec, _ decision: inout PolicyDecision) {
        let actions = rule.actions
        if !actions.tolerations.isEmpty { write(actions.tolerations, rule, spec.tolerations, &decision) }
        if !actions.topologySpread.isEmpty {
            write(actions.topologySpread, rule, spec.topologySpreadConstraints, &decision)
        }
        if !actions.schedulingGates.isEmpty {
            // The API server takes no gates on a pod that stands on a node already.
            var gates = actions.schedulingGates
            if spec.nodeName != nil { gates.add = [] }
            write(gates, rule, spec.schedulingGates.map(SchedulingGate.init), &decision)
        }
        if let edit = actions.nodeAffinity { write(edit, rule, spec.affinity, &decision) }
        if actions.editsResources { writeResources(rule, spec, &decision) }
        guard let edit = actions.priorityClass,
            !decision.specChanges.contains(where: { if case .priorityClass = $0.content { true } else { false } })
        else { return }
        switch edit {
        case .add(let name): if spec.priorityClassName != name { append(.priorityClass(name), rule, &decision) }
        case .default(let name):
            // The class that admission gives to all who name none is no choice of the pod's.
            let isFree =
                spec.hasDefaultPriorityClass || (spec.priorityClassName.isEmpty && spec.priority ?? 0 == 0)
            if isFree, spec.priorityClassName != name { append(.priorityClass(name), rule, &decision) }
        }
    }

    private func append(_ content: SpecChange.Content, _ rule: CompiledRule, _ decision: inout PolicyDecision) {
        guard !decision.specChanges.contains(where: { $0.content == content }) else { return }
        decision.specChanges.append(SpecChange(content: content, rule: rule.reference))
    }

    private func isRemoved(_ item: some ListedItem, _ decision: PolicyDecision) -> Bool {
        let removed = item.removed
        return decision.specChanges.contains { $0.content == removed }
    }

    /// Removes from a list what the pod came with, save what an earlier rule writes, and then writes; all rules see the
    /// list as the pod came with it.
    private mutating func write<Item: ListedItem>(
        _ edit: ListEdit<Item>, _ rule: CompiledRule, _ present: [Item], _ decision: inout PolicyDecision
    ) {
        let earlier = decision.specChanges.compactMap { Item(writtenBy: $0.content) }
        for item in present where edit.remove.contains(where: item.matches) {
            if !claims.contains(where: { $0.content == item.written }) { append(item.removed, rule, &decision) }
        }
        for item in edit.add {
            if present.contains(item), !isRemoved(item, decision) {
                claims.append(SpecChange(content: item.written, rule: rule.reference))
                continue
            }
            if Item.keysAreUnique {
                if earlier.contains(where: { $0.key == item.key }) { continue }
                if present.contains(where: { $0.key == item.key && !isRemoved($0, decision) }) { continue }
            }
            append(item.written, rule, &decision)
        }
        if present.isEmpty, earlier.isEmpty {
            for item in edit.default { append(item.written, rule, &decision) }
        }
        for item in edit.defaultByKey {
            let isThere = present.contains { $0.key == item.key } || earlier.contains { $0.key == item.key }
            if !isThere { append(item.written, rule, &decision) }
        }
    }

    private mutating func write(
        _ edit: NodeAffinityEdit, _ rule: CompiledRule, _ affinity: Affinity, _ decision: inout PolicyDecision
    ) {
        for key in edit.remove where affinity.asks(ofNodeLabel: key) {
            append(.noNodeAffinity(key: key), rule, &decision)
            // What an earlier rule wants, and left as it was since the pod wants it too, must outlast this.
            for claim in claims where claim.isAboutNodes && !decision.specChanges.contains(claim) {
                decision.specChanges.append(claim)
            }
        }
        var left = affinity
        for change in decision.specChanges {
            if case .noNodeAffinity(let key) = change.content { left.askNothing(ofNodeLabel: key) }
        }
        let earlier = decision.specChanges
        if let nodes = edit.addRequired {
            if left.requires(nodes) {
                claims.append(SpecChange(content: .requiredNodes(nodes), rule: rule.reference))
            } else {
                require(nodes, rule, left, &decision)
            }
        }
        if let nodes = edit.defaultRequired, affinity.requiredNodes == nil,
            !earlier.contains(where: { if case .requiredNodes = $0.content { true } else { false } })
        {
            require(nodes, rule, left, &decision)
        }
        for item in edit.addPreferred {
            if left.preferredNodes.contains(item) {
                claims.append(SpecChange(content: .preferredNodes(item), rule: rule.reference))
            } else {
                append(.preferredNodes(item), rule, &decision)
            }
        }
        if affinity.preferredNodes.isEmpty,
            !earlier.contains(where: { if case .preferredNodes = $0.content { true } else { false } })
        {
            for item in edit.defaultPreferred { append(.preferredNodes(item), rule, &decision) }
        }
    }

    /// Requires nodes, unless the terms of the pod and of the rules, each joined with each, become too many.
    private func require(
        _ nodes: NodeSelector, _ rule: CompiledRule, _ affinity: Affinity, _ decision: inout PolicyDecision
    ) {
        var count = max(affinity.requiredNodes?.terms.count ?? 1, 1)
        for change in decision.specChanges {
            if case .requiredNodes(let others) = change.content { count *= others.terms.count }
        }
        count *= nodes.terms.count
        guard count <= PolicyLimits.nodeTerms else {
            let limit = PolicyLimits.nodeTerms
            return refuse(rule, "it would come to require \(count) terms of nodes, more than \(limit)", &decision)
        }
        append(.requiredNodes(nodes), rule, &decision)
    }
}

extension Verdict {
    private mutating func writeResources(_ rule: CompiledRule, _ spec: PodSpec, _ decision: inout PolicyDecision) {
        let edits: [(ResourceChange.Field, ResourceEdit)] = [
            (.request, rule.actions.requests), (.limit, rule.actions.limits),
        ]
        let containers = spec.containers + spec.initContainers
        let earlier = (decision.specChanges + claims).compactMap { change -> ResourceChange? in
            if case .resource(let resource) = change.content { resource } else { nil }
        }
        for (field, edit) in edits {
            let ofPod = field == .request ? spec.podRequests : spec.podLimits
            func change(_ resource: String, _ amount: Quantity?, _ isMeant: (Quantity?) -> Bool) {
                var (changed, kept): ([String], [String]) = ([], [])
                for container in containers {
                    let isSettled = earlier.contains {
                        $0.field == field && $0.resource == resource && $0.containers.contains(container.name)
                    }
                    let stated = (field == .request ? container.requests : container.limits)[resource]
                    guard !isSettled, isMeant(stated) else { continue }
                    if stated == amount { kept.append(container.name) } else { changed.append(container.name) }
                }
                func content(_ names: [String]) -> SpecChange.Content {
                    .resource(
                        ResourceChange(field: field, resource: resource, amount: amount, containers: names))
                }
                if !changed.isEmpty { append(content(changed), rule, &decision) }
                if !kept.isEmpty { claims.append(SpecChange(content: content(kept), rule: rule.reference)) }
            }
            for (resource, amount) in edit.add.sorted(by: { $0.key < $1.key }) {
                change(resource, amount) { _ in true }
            }
            for resource in edit.remove { change(resource, nil) { _ in true } }
            for (resource, amount) in edit.default.sorted(by: { $0.key < $1.key }) where ofPod[resource] == nil {
                change(resource, amount) { $0 == nil }
            }
        }
    }

    /// Finds out what the pod then asks of nodes.
    func settleNodes(_ decision: inout PolicyDecision, _ affinity: Affinity) {
        guard !decision.isRefused, decision.specChanges.contains(where: \.isAboutNodes) else { return }
        var affinity = affinity
        affinity.apply(decision.specChanges)
        decision.nodeAffinity = CopyOnWrite(wrappedValue: affinity)
    }

    /// Refuses a pod of which a container would come to request more than it may use, as the API server does.
    func checkResources(_ decision: inout PolicyDecision, _ pod: Pod) {
        guard decision.specChanges.contains(where: \.changesResources) else { return }
        var spec = pod.spec
        spec.apply(decision.specChanges)
        guard let fault = spec.overcommitted else { return }
        let writer = decision.specChanges.last { change in
            guard case .resource(let resource) = change.content else { return false }
            return resource.resource == fault.resource && resource.containers.contains(fault.container)
        }
        // What no rule has to do with is the pod's own fault.
        guard let writer else { return }
        let message =
            "the container \(fault.container) would request \(fault.request) of \(fault.resource), "
            + "more than its limit, \(fault.limit)"
        decision.outcome = .rejected(PolicyRejection(rule: writer.rule, message: message))
    }
}

extension SpecChange {
    /// Whether it is about what the pod asks of nodes by affinity.
    fileprivate var isAboutNodes: Bool {
        switch content {
        case .requiredNodes, .preferredNodes, .noNodeAffinity: true
        default: false
        }
    }
}

extension CompiledRule {
    /// What the rule would do to a bare spec, in words: `write priority class high`.
    var specWishes: [String] {
        var written = actions.tolerations.written.map(\.written)
        written += actions.topologySpread.written.map(\.written)
        written += actions.schedulingGates.add.map(\.written)
        switch actions.priorityClass {
        case .add(let name), .default(let name): written.append(.priorityClass(name))
        case nil: break
        }
        if let edit = actions.nodeAffinity {
            written += [edit.addRequired, edit.defaultRequired].compactMap { $0 }.map { .requiredNodes($0) }
            written += (edit.addPreferred + edit.defaultPreferred).map { .preferredNodes($0) }
        }
        var removed = actions.tolerations.remove.map { "tolerations of \($0.words)" }
        removed += actions.topologySpread.remove.map { "spread constraints of \($0.words)" }
        removed += actions.schedulingGates.remove.map { "scheduling gate \($0)" }
        removed += actions.nodeAffinity?.remove.map { "node affinity to \($0)" } ?? []
        for (field, edit) in [("request", actions.requests), ("limit", actions.limits)] {
            removed += edit.remove.map { "the \(field) of \($0)" }
        }
        var wishes = removed.map { "remove \($0)" }
        wishes += written.map { "write \(SpecChange(content: $0, rule: reference).summary)" }
        for (field, edit) in [("request", actions.requests), ("limit", actions.limits)] {
            let amounts = edit.add.merging(edit.default) { first, _ in first }.sorted { $0.key < $1.key }
            wishes += amounts.map { "write the \(field) of \($0.key) \($0.value)" }
        }
        return wishes
    }
}

extension Toleration.Pattern {
    /// The pattern in words: `key gpu, effect NoSchedule`.
    var words: String {
        [
            key.map { "key \($0)" }, `operator`.map { "operator \($0.rawValue)" }, value.map { "value \($0)" },
            effect.map { "effect \($0.rawValue)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

extension TopologySpreadConstraint.Pattern {
    /// The pattern in words: `zone, ScheduleAnyway`.
    var words: String { [topologyKey, whenUnsatisfiable?.rawValue].compactMap { $0 }.joined(separator: ", ") }
}

extension Toleration: ListedItem {
    fileprivate static var keysAreUnique: Bool { false }
    fileprivate var written: SpecChange.Content { .toleration(self) }
    fileprivate var removed: SpecChange.Content { .noToleration(self) }
    fileprivate init?(writtenBy content: SpecChange.Content) {
        guard case .toleration(let item) = content else { return nil }
        self = item
    }
}

extension TopologySpreadConstraint: ListedItem {
    fileprivate static var keysAreUnique: Bool { true }
    fileprivate var written: SpecChange.Content { .topologySpread(self) }
    fileprivate var removed: SpecChange.Content { .noTopologySpread(self) }
    fileprivate init?(writtenBy content: SpecChange.Content) {
        guard case .topologySpread(let item) = content else { return nil }
        self = item
    }
}

extension SchedulingGate: ListedItem {
    fileprivate static var keysAreUnique: Bool { true }
    fileprivate var written: SpecChange.Content { .schedulingGate(self) }
    fileprivate var removed: SpecChange.Content { .noSchedulingGate(self) }
    fileprivate init?(writtenBy content: SpecChange.Content) {
        guard case .schedulingGate(let gate) = content else { return nil }
        self = gate
    }
}
