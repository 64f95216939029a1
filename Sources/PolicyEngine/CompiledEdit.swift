import ClusterModel

/// One label, annotation or node label that a rule writes or removes.
struct CompiledEdit: Hashable, Sendable {
    let target: MetadataChange.Target
    let key: String
    let content: Content
    /// Whether it is written only where the pod lacks the key.
    let onlyIfAbsent: Bool

    /// What is written.
    enum Content: Hashable, Sendable {
        case text(String)
        case expression(PolicyExpression)
        /// Nothing: the key is removed.
        case removal
    }

    /// The edits of one target, in the order of their keys.
    static func edits(
        _ target: MetadataChange.Target, _ edit: MetadataEdit, _ scope: ExpressionScope
    ) -> [CompiledEdit] {
        func content(_ key: String, _ value: EditValue) -> Content {
            switch value {
            case .text(let text): .text(text)
            case .expression(let source):
                .expression(
                    PolicyExpression(NamedExpression("value of \(target.rawValue) \(key)", source), in: scope))
            }
        }
        var edits = edit.add.map {
            CompiledEdit(target: target, key: $0.key, content: content($0.key, $0.value), onlyIfAbsent: false)
        }
        edits += edit.default.map {
            CompiledEdit(target: target, key: $0.key, content: content($0.key, $0.value), onlyIfAbsent: true)
        }
        edits += edit.remove.map { CompiledEdit(target: target, key: $0, content: .removal, onlyIfAbsent: false) }
        return edits.sorted { $0.key < $1.key }
    }

    /// What comes of the edit for every pod; nil where that depends on the pod.
    func change(by rule: RuleReference) -> MetadataChange? {
        guard case .text(let text) = content, !onlyIfAbsent else { return nil }
        return MetadataChange(target: target, key: key, value: text, rule: rule)
    }

    /// Whether the pod came with the key.
    func isPresent(in pod: Pod) -> Bool {
        switch target {
        case .label: pod.metadata.labels[key] != nil
        case .annotation: pod.metadata.annotations[key] != nil
        case .nodeSelector: pod.$spec.wrappedValue.nodeSelector[key] != nil
        }
    }

    /// Whether no rule after this one, of all pods that its rule matches, writes the key; false where that is not sure.
    func leavesNothing(to later: CompiledEdit) -> Bool {
        guard target == later.target, key == later.key else { return false }
        switch content {
        case .removal: return true
        case .text: return !onlyIfAbsent || later.onlyIfAbsent
        case .expression: return false
        }
    }
}

extension CompiledRule {
    /// Makes the texts that expressions give for the pod, so that they are at hand where they are written; what went wrong,
    /// or nil.
    func makeTexts(_ pod: Pod, _ facts: inout PodFacts) -> String? {
        for edit in madeEdits {
            guard case .expression(let expression) = edit.content else { continue }
            if edit.onlyIfAbsent, edit.isPresent(in: pod) { continue }
            switch expression.evaluateValue(pod, &facts) {
            case .failure(let failure): return "\(expression.name): \(failure.message)"
            case .success(let text):
                if let text, let fault = edit.fault(of: text) { return "\(expression.name): \(fault)" }
                facts.keep(text, of: expression)
            }
        }
        return nil
    }
}

extension CompiledEdit {
    /// Why a text cannot stand here, or nil.
    fileprivate func fault(of text: String) -> String? {
        if target != .annotation {
            return MetadataText.isLabelValue(text)
                ? nil : "expected \(MetadataText.labelValue), found \(Value.string(text).summary)"
        }
        let bytes = text.utf8.count
        return bytes <= PolicyLimits.annotationBytes
            ? nil : "expected at most \(PolicyLimits.annotationBytes) bytes, found \(bytes)"
    }
}
