import ClusterModel

extension PolicyActions {
    /// The actions with one of them dropped, redirected, or set otherwise, and what was done.
    var mutants: [(what: String, actions: PolicyActions)] {
        var result: [(what: String, actions: PolicyActions)] = []
        func add(_ what: String, _ change: (inout PolicyActions) -> Void) {
            var mutant = self
            change(&mutant)
            if mutant != self { result.append((what, mutant)) }
        }
        if reject != nil, rejectExpression == nil { add("with another message") { $0.reject = "another message" } }
        if rejectExpression != nil { add("without messageExpression") { $0.rejectExpression = nil } }
        addRouting(add)
        for (field, path) in [
            ("labels", \PolicyActions.labels), ("annotations", \.annotations), ("nodeSelector", \.nodeSelector),
        ] {
            for (what, edit) in self[keyPath: path].mutants { add("\(field) \(what)") { $0[keyPath: path] = edit } }
        }
        addSpecEdits(add)
        switch priorityClass {
        case nil: break
        case .add(let name):
            add("with priorityClassName as a default") { $0.priorityClass = .default(name) }
            add("with another priorityClassName") { $0.priorityClass = .add("another") }
            add("without priorityClassName") { $0.priorityClass = nil }
        case .default(let name):
            add("with priorityClassName in any case") { $0.priorityClass = .add(name) }
            add("with another priorityClassName") { $0.priorityClass = .default("another") }
            add("without priorityClassName") { $0.priorityClass = nil }
        }
        return result
    }

    private func addSpecEdits(_ add: (String, (inout PolicyActions) -> Void) -> Void) {
        for (what, edit) in tolerations.mutants() { add("tolerations \(what)") { $0.tolerations = edit } }
        for (what, edit) in topologySpread.mutants() {
            add("topologySpreadConstraints \(what)") { $0.topologySpread = edit }
        }
        for (what, edit) in schedulingGates.mutants(defaultsDiffer: false) {
            add("schedulingGates \(what)") { $0.schedulingGates = edit }
        }
        for (what, edit) in nodeAffinity?.mutants ?? [] { add("nodeAffinity \(what)") { $0.nodeAffinity = edit } }
        for (what, edit) in requests.mutants { add("requests \(what)") { $0.requests = edit } }
        for (what, edit) in limits.mutants { add("limits \(what)") { $0.limits = edit } }
    }

    private func addRouting(_ add: (String, (inout PolicyActions) -> Void) -> Void) {
        guard routes else { return }
        if scheduler != nil { add("with another scheduler") { $0.scheduler = "another" } }
        for (index, share) in split.enumerated() {
            add("with another scheduler than \(share.scheduler)") {
                $0.split[index] = SchedulerShare("another", weight: share.weight)
            }
            if split.count > 1 { add("without the share of \(share.scheduler)") { $0.split.remove(at: index) } }
        }
        if shadow != nil { add("without shadow") { $0.shadow = nil } }
        for choice in WhenNamed.allCases { add("with whenNamed \(choice.rawValue)") { $0.whenNamed = choice } }
        for (index, name) in fallback.enumerated() {
            add("with another fallback than \(name)") { $0.fallback[index] = "another" }
        }
        for choice in [WhenUnavailable.queue, .reject] {
            add("with whenUnavailable \(choice.rawValue)") { ($0.whenUnavailable, $0.fallback) = (choice, []) }
        }
        if whenUnavailable != .fallback {
            add("with a fallback") { ($0.whenUnavailable, $0.fallback) = (.fallback, ["binpack", "gang", "spread"]) }
        }
    }
}

extension EditValue {
    /// Another value than this one.
    fileprivate var another: EditValue {
        switch self {
        case .text(let text): .text(text + "x")
        case .expression: .text("x")
        }
    }
}

extension MetadataEdit {
    fileprivate var mutants: [(what: String, edit: MetadataEdit)] {
        var result: [(what: String, edit: MetadataEdit)] = []
        func add(_ what: String, _ change: (inout MetadataEdit) -> Void) {
            var mutant = self
            change(&mutant)
            result.append((what, mutant))
        }
        for (key, value) in self.add.sorted(by: { $0.key < $1.key }) {
            add("without \(key)") { $0.add.removeValue(forKey: key) }
            add("with another \(key)") { $0.add[key] = value.another }
            add("with \(key) as a default") {
                $0.add.removeValue(forKey: key)
                $0.default[key] = value
            }
        }
        for (key, value) in self.default.sorted(by: { $0.key < $1.key }) {
            add("without \(key)") { $0.default.removeValue(forKey: key) }
            add("with another \(key)") { $0.default[key] = value.another }
            add("with \(key) in any case") {
                $0.default.removeValue(forKey: key)
                $0.add[key] = value
            }
        }
        for (index, key) in remove.enumerated() {
            add("without removing \(key)") { $0.remove.remove(at: index) }
        }
        return result
    }
}

extension ListEdit {
    /// - Parameter defaultsDiffer: whether a default is any other than what is added: not where the pod's own entry stays
    ///   in either case.
    fileprivate func mutants(defaultsDiffer: Bool = true) -> [(what: String, edit: ListEdit)] {
        var result: [(what: String, edit: ListEdit)] = []
        func add(_ what: String, _ change: (inout ListEdit) -> Void) {
            var mutant = self
            change(&mutant)
            result.append((what, mutant))
        }
        for index in self.add.indices { add("without add[\(index)]") { $0.add.remove(at: index) } }
        for index in self.default.indices { add("without default[\(index)]") { $0.default.remove(at: index) } }
        for index in defaultByKey.indices {
            add("without defaultByKey[\(index)]") { $0.defaultByKey.remove(at: index) }
        }
        for index in remove.indices { add("without remove[\(index)]") { $0.remove.remove(at: index) } }
        guard defaultsDiffer else { return result }
        if !self.add.isEmpty { add("added as defaults") { ($0.add, $0.default) = ([], $0.default + $0.add) } }
        if !defaultByKey.isEmpty {
            add("with defaults by key as defaults of the list") {
                ($0.default, $0.defaultByKey) = ($0.default + $0.defaultByKey, [])
            }
        }
        if !self.default.isEmpty { add("added in any case") { ($0.add, $0.default) = ($0.add + $0.default, []) } }
        return result
    }
}

extension NodeAffinityEdit {
    fileprivate var mutants: [(what: String, edit: NodeAffinityEdit)] {
        var result: [(what: String, edit: NodeAffinityEdit)] = []
        func add(_ what: String, _ change: (inout NodeAffinityEdit) -> Void) {
            var mutant = self
            change(&mutant)
            if mutant != self { result.append((what, mutant)) }
        }
        for (name, path) in [("add", \NodeAffinityEdit.addRequired), ("default", \.defaultRequired)] {
            add("without what \(name) requires") { $0[keyPath: path] = nil }
            guard let selector = self[keyPath: path], selector.terms.count > 1 else { continue }
            for index in selector.terms.indices {
                add("without term \(index) of what \(name) requires") { $0[keyPath: path]?.terms.remove(at: index) }
            }
        }
        add("with what add requires as a default") {
            guard $0.defaultRequired == nil else { return }
            ($0.addRequired, $0.defaultRequired) = (nil, $0.addRequired)
        }
        add("with what default requires in any case") {
            guard $0.addRequired == nil else { return }
            ($0.addRequired, $0.defaultRequired) = ($0.defaultRequired, nil)
        }
        for index in addPreferred.indices { add("without preference \(index)") { $0.addPreferred.remove(at: index) } }
        for index in defaultPreferred.indices {
            add("without default preference \(index)") { $0.defaultPreferred.remove(at: index) }
        }
        for (index, key) in remove.enumerated() { add("without removing \(key)") { $0.remove.remove(at: index) } }
        return result
    }
}

extension ResourceEdit {
    fileprivate var mutants: [(what: String, edit: ResourceEdit)] {
        var result: [(what: String, edit: ResourceEdit)] = []
        func add(_ what: String, _ change: (inout ResourceEdit) -> Void) {
            var mutant = self
            change(&mutant)
            result.append((what, mutant))
        }
        let step = Quantity(milli: 1)
        for (name, amount) in self.add.sorted(by: { $0.key < $1.key }) {
            add("without \(name)") { $0.add.removeValue(forKey: name) }
            add("with more \(name)") { $0.add[name] = amount + step }
            add("with \(name) as a default") {
                $0.add.removeValue(forKey: name)
                $0.default[name] = amount
            }
        }
        for (name, amount) in self.default.sorted(by: { $0.key < $1.key }) {
            add("without \(name)") { $0.default.removeValue(forKey: name) }
            add("with more \(name)") { $0.default[name] = amount + step }
            add("with \(name) in any case") {
                $0.default.removeValue(forKey: name)
                $0.add[name] = amount
            }
        }
        for (index, name) in remove.enumerated() { add("without removing \(name)") { $0.remove.remove(at: index) } }
        return result
    }
}
