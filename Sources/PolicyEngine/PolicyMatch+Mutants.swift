import ClusterModel

extension PolicyMatch {
    /// The match with one condition dropped, turned round, or moved by the least step, and what was done.
    var mutants: [(what: String, match: PolicyMatch)] {
        var result: [(what: String, match: PolicyMatch)] = []
        func add(_ what: String, _ change: (inout PolicyMatch) -> Void) {
            var mutant = self
            change(&mutant)
            if mutant != self { result.append((what, mutant)) }
        }
        func addItems<T: CustomStringConvertible>(_ field: String, _ path: WritableKeyPath<PolicyMatch, [T]?>) {
            guard let items = self[keyPath: path] else { return }
            add("without \(field)") { $0[keyPath: path] = nil }
            guard items.count > 1 else { return }
            for (index, item) in items.enumerated() {
                add("\(field) without \(item)") { $0[keyPath: path]?.remove(at: index) }
            }
        }
        func addSelector(_ field: String, _ path: WritableKeyPath<PolicyMatch, LabelSelector?>) {
            guard let selector = self[keyPath: path] else { return }
            for (what, mutant) in selector.mutants { add("\(field) \(what)") { $0[keyPath: path] = mutant } }
        }
        addItems("namespaces", \.namespaces)
        addItems("excludeNamespaces", \.excludeNamespaces)
        addSelector("namespaceSelector", \.namespaceSelector)
        addSelector("labelSelector", \.labelSelector)
        addSelector("annotationSelector", \.annotationSelector)
        addItems("ownerKinds", \.ownerKinds)
        addItems("priorityClasses", \.priorityClasses)
        addItems("schedulerNames", \.schedulerNames)
        if let qosClasses {
            add("without qosClasses") { $0.qosClasses = nil }
            add("with the other qosClasses") { $0.qosClasses = QoSClass.allCases.filter { !qosClasses.contains($0) } }
        }
        if let priority {
            add("without priority") { $0.priority = nil }
            for (what, range) in priority.mutants { add("priority \(what)") { $0.priority = range } }
        }
        addGroup(add)
        for (resource, range) in requests.sorted(by: { $0.key < $1.key }) {
            add("without requests of \(resource)") { $0.requests.removeValue(forKey: resource) }
            // A device or a byte has no parts.
            let step = resource == "cpu" && range.min ?? .zero < Quantity(10) ? Quantity(milli: 1) : Quantity(1)
            for (what, mutant) in range.mutants(step: step) {
                add("requests of \(resource) \(what)") { $0.requests[resource] = mutant }
            }
        }
        addNested(add)
        return result
    }

    private func addNested(_ add: (String, (inout PolicyMatch) -> Void) -> Void) {
        for (field, path) in [("any", \PolicyMatch.any), ("except", \.except)] {
            let matches = self[keyPath: path]
            if !matches.isEmpty { add("without \(field)") { $0[keyPath: path] = [] } }
            for (index, match) in matches.enumerated() {
                if matches.count > 1 {
                    add("without \(field)[\(index)]") { $0[keyPath: path].remove(at: index) }
                }
                for (what, mutant) in match.mutants where mutant != PolicyMatch() {
                    add("\(field)[\(index)]: \(what)") { $0[keyPath: path][index] = mutant }
                }
            }
        }
    }

    private func addGroup(_ add: (String, (inout PolicyMatch) -> Void) -> Void) {
        switch podGroup {
        case nil: return
        case .any: add("with podGroup none") { $0.podGroup = .absent }
        case .absent: add("with podGroup any") { $0.podGroup = .any }
        case .group(let names, let minMember):
            add("with podGroup any") { $0.podGroup = .any }
            for (what, range) in minMember?.mutants ?? [] {
                add("podGroup.minMember \(what)") { $0.podGroup = .group(names: names, minMember: range) }
            }
            if names != nil, minMember != nil {
                add("without podGroup.names") { $0.podGroup = .group(names: nil, minMember: minMember) }
                add("without podGroup.minMember") { $0.podGroup = .group(names: names, minMember: nil) }
            }
        }
        add("without podGroup") { $0.podGroup = nil }
    }
}

extension LabelSelector {
    fileprivate var mutants: [(what: String, selector: LabelSelector)] {
        var result: [(what: String, selector: LabelSelector)] = []
        func add(_ what: String, _ change: (inout LabelSelector) -> Void) {
            var mutant = self
            change(&mutant)
            result.append((what, mutant))
        }
        for (key, value) in matchLabels.sorted(by: { $0.key < $1.key }) {
            add("without \(key)") { $0.matchLabels.removeValue(forKey: key) }
            add("with \(key) other than \(value)") {
                $0.matchLabels.removeValue(forKey: key)
                $0.matchExpressions.append(SelectorRequirement(key: key, operator: .notIn, values: [value]))
            }
            add("with any \(key)") {
                $0.matchLabels.removeValue(forKey: key)
                $0.matchExpressions.append(SelectorRequirement(key: key, operator: .exists))
            }
        }
        for (index, requirement) in matchExpressions.enumerated() {
            add("without \(requirement.words)") { $0.matchExpressions.remove(at: index) }
            let opposites: [SelectorRequirement.Operator: SelectorRequirement.Operator] = [
                .in: .notIn, .notIn: .in, .exists: .doesNotExist, .doesNotExist: .exists,
            ]
            if let opposite = opposites[requirement.operator] {
                add("with the opposite of \(requirement.words)") { $0.matchExpressions[index].operator = opposite }
            }
            guard requirement.values.count > 1 else { continue }
            for (place, value) in requirement.values.enumerated() {
                add("\(requirement.key) without \(value)") { $0.matchExpressions[index].values.remove(at: place) }
            }
        }
        return result
    }
}

extension IntegerRange {
    /// The range with a bound moved by one, either way.
    fileprivate var mutants: [(what: String, range: IntegerRange)] {
        var result: [(what: String, range: IntegerRange)] = []
        if let min {
            if min < .max { result.append(("from \(min + 1)", IntegerRange(min: min + 1, max: max))) }
            if min > .min { result.append(("from \(min - 1)", IntegerRange(min: min - 1, max: max))) }
        }
        if let max {
            if max < .max { result.append(("to \(max + 1)", IntegerRange(min: min, max: max + 1))) }
            if max > .min { result.append(("to \(max - 1)", IntegerRange(min: min, max: max - 1))) }
        }
        return result
    }
}

extension QuantityRange {
    /// The range with a bound moved by a step, either way.
    fileprivate func mutants(step: Quantity) -> [(what: String, range: QuantityRange)] {
        var result: [(what: String, range: QuantityRange)] = []
        if let min {
            result.append(("from more than \(min)", QuantityRange(min: min + step, max: max)))
            result.append(("from less than \(min)", QuantityRange(min: min - step, max: max)))
        }
        if let max {
            result.append(("to more than \(max)", QuantityRange(min: min, max: max + step)))
            result.append(("to less than \(max)", QuantityRange(min: min, max: max - step)))
        }
        return result
    }
}
