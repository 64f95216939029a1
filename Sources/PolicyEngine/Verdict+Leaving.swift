import ClusterModel

extension CompiledRule {
    /// What of the rule's changes of the spec was not written, each with its reason: `toleration spot: the pod has it`.
    ///
    /// - Parameters:
    ///   - spec: the pod's spec as it came in.
    ///   - decision: what all rules together write.
    func leftContents(_ spec: PodSpec, _ decision: PolicyDecision) -> [String] {
        var result: [String] = []
        func leave(_ content: SpecChange.Content, isDefault: Bool, byKey: Bool = false) {
            if decision.specChanges.contains(where: { $0.content == content && $0.rule == reference }) { return }
            let others = decision.specChanges.filter { $0.rule != reference && !$0.isRemoval }
            let reason: String
            if let own = spec.obstacle(to: content, isDefault: isDefault, byKey: byKey) {
                reason = "the pod has \(own)"
            } else if let other = others.first(where: {
                $0.content.excludes(content, isDefault: isDefault, byKey: byKey)
            }) {
                let what = other.content == content ? "it" : other.content.words
                reason = "\(other.rule) wrote \(what) before"
            } else {
                return
            }
            result.append("\(content.words): \(reason)")
        }
        for item in actions.tolerations.add { leave(.toleration(item), isDefault: false) }
        for item in actions.tolerations.default { leave(.toleration(item), isDefault: true) }
        for item in actions.tolerations.defaultByKey { leave(.toleration(item), isDefault: true, byKey: true) }
        for item in actions.topologySpread.add { leave(.topologySpread(item), isDefault: false) }
        for item in actions.topologySpread.default { leave(.topologySpread(item), isDefault: true) }
        for item in actions.topologySpread.defaultByKey { leave(.topologySpread(item), isDefault: true, byKey: true) }
        for gate in actions.schedulingGates.add { leave(.schedulingGate(gate), isDefault: false) }
        if let edit = actions.nodeAffinity {
            if let nodes = edit.addRequired { leave(.requiredNodes(nodes), isDefault: false) }
            if let nodes = edit.defaultRequired { leave(.requiredNodes(nodes), isDefault: true) }
            for item in edit.addPreferred { leave(.preferredNodes(item), isDefault: false) }
            for item in edit.defaultPreferred { leave(.preferredNodes(item), isDefault: true) }
        }
        switch actions.priorityClass {
        case .add(let name): leave(.priorityClass(name), isDefault: false)
        case .default(let name): leave(.priorityClass(name), isDefault: true)
        case nil: break
        }
        return result
    }
}

extension SpecChange.Content {
    /// Whether one of the two may be written and not both.
    ///
    /// - Parameters:
    ///   - isDefault: whether the other is a default, which is left out where there is anything else.
    ///   - byKey: whether it is one of its key, which is left out where that is there.
    fileprivate func excludes(_ other: SpecChange.Content, isDefault: Bool, byKey: Bool) -> Bool {
        switch (self, other) {
        case (.toleration(let one), .toleration(let two)): byKey ? one.key == two.key : isDefault || one == two
        case (.requiredNodes, .requiredNodes), (.preferredNodes, .preferredNodes): isDefault || self == other
        case (.topologySpread(let one), .topologySpread(let two)): (isDefault && !byKey) || one.isOfPair(of: two)
        case (.priorityClass, .priorityClass): true
        default: self == other
        }
    }
}

extension PodSpec {
    /// What of the spec keeps a rule from writing, in words; nil where nothing does.
    fileprivate func obstacle(to content: SpecChange.Content, isDefault: Bool, byKey: Bool) -> String? {
        switch content {
        case .toleration(let item):
            if tolerations.contains(item) { return "it" }
            return isDefault
                ? tolerations.first { !byKey || $0.key == item.key }.map { SpecChange.Content.toleration($0).words }
                : nil
        case .topologySpread(let item):
            let own = topologySpreadConstraints.first { (isDefault && !byKey) || $0.isOfPair(of: item) }
            return own.map { $0 == item ? "it" : $0.summary }
        case .priorityClass(let name):
            if priorityClassName == name { return "it" }
            guard isDefault, !hasDefaultPriorityClass else { return nil }
            if !priorityClassName.isEmpty { return "priority class \(priorityClassName)" }
            return priority.flatMap { $0 == 0 ? nil : "the priority \($0)" }
        case .schedulingGate(let gate):
            if schedulingGates.contains(gate.name) { return "it" }
            return nodeName.map { "a node, \($0)" }
        case .requiredNodes(let nodes):
            if isDefault { return affinity.requiredNodes.map { SpecChange.Content.requiredNodes($0).words } }
            return affinity.requires(nodes) ? "it" : nil
        case .preferredNodes(let item):
            if affinity.preferredNodes.contains(item) { return "it" }
            return isDefault ? affinity.preferredNodes.first.map { SpecChange.Content.preferredNodes($0).words } : nil
        default: return nil
        }
    }
}
