import ClusterModel

extension CompiledRule {
    /// What of the rule's changes of the spec was not written, each with its reason: `toleration spot: the pod has it`.
    ///
    /// - Parameters:
    ///   - spec: the pod's spec as it came in.
    ///   - decision: what all rules together write.
    func leftContents(_ spec: PodSpec, _ decision: PolicyDecision) -> [String] {
        var result: [String] = []
        func leave(_ content: SpecChange.Content, isDefault: Bool) {
            if decision.specChanges.contains(where: { $0.content == content && $0.rule == reference }) { return }
            let others = decision.specChanges.filter { $0.rule != reference && $0.content.isLike(content) }
            let reason: String
            if let own = spec.obstacle(to: content, isDefault: isDefault) {
                reason = "the pod has \(own)"
            } else if let other = others.first(where: { isDefault || $0.content.excludes(content) }) {
                let what = other.content == content ? "it" : other.content.summary
                reason = "\(other.rule) wrote \(what) before"
            } else {
                return
            }
            result.append("\(content.summary): \(reason)")
        }
        for item in actions.tolerations.add { leave(.toleration(item), isDefault: false) }
        for item in actions.tolerations.default { leave(.toleration(item), isDefault: true) }
        for item in actions.topologySpread.add { leave(.topologySpread(item), isDefault: false) }
        for item in actions.topologySpread.default { leave(.topologySpread(item), isDefault: true) }
        switch actions.priorityClass {
        case .add(let name): leave(.priorityClass(name), isDefault: false)
        case .default(let name): leave(.priorityClass(name), isDefault: true)
        case nil: break
        }
        return result
    }
}

extension SpecChange.Content {
    /// Whether both write the same field.
    fileprivate func isLike(_ other: SpecChange.Content) -> Bool {
        switch (self, other) {
        case (.toleration, .toleration), (.topologySpread, .topologySpread), (.priorityClass, .priorityClass): true
        default: false
        }
    }

    /// Whether one of the two may be written and not both.
    fileprivate func excludes(_ other: SpecChange.Content) -> Bool {
        switch (self, other) {
        case (.topologySpread(let one), .topologySpread(let two)): one.isOfPair(of: two)
        case (.priorityClass, .priorityClass): true
        default: self == other
        }
    }
}

extension PodSpec {
    /// What of the spec keeps a rule from writing, in words; nil where nothing does.
    fileprivate func obstacle(to content: SpecChange.Content, isDefault: Bool) -> String? {
        switch content {
        case .toleration(let item):
            if tolerations.contains(item) { return "it" }
            return isDefault ? tolerations.first.map { SpecChange.Content.toleration($0).summary } : nil
        case .topologySpread(let item):
            let own = topologySpreadConstraints.first { isDefault || $0.isOfPair(of: item) }
            return own.map { $0 == item ? "it" : $0.summary }
        case .priorityClass(let name):
            if priorityClassName == name { return "it" }
            guard isDefault, !hasDefaultPriorityClass else { return nil }
            if !priorityClassName.isEmpty { return "priority class \(priorityClassName)" }
            return priority.flatMap { $0 == 0 ? nil : "the priority \($0)" }
        }
    }
}
