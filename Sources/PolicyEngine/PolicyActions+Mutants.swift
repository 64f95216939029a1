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
        for (what, edit) in tolerations.mutants { add("tolerations \(what)") { $0.tolerations = edit } }
        for (what, edit) in topologySpread.mutants {
            add("topologySpreadConstraints \(what)") { $0.topologySpread = edit }
        }
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

extension MetadataEdit {
    fileprivate var mutants: [(what: String, edit: MetadataEdit)] {
        var result: [(what: String, edit: MetadataEdit)] = []
        for (key, value) in add.sorted(by: { $0.key < $1.key }) {
            var (dropped, other, weaker) = (self, self, self)
            dropped.add.removeValue(forKey: key)
            other.add[key] = value + "x"
            weaker.add.removeValue(forKey: key)
            weaker.default[key] = value
            result.append(("without \(key)", dropped))
            result.append(("with another \(key)", other))
            result.append(("with \(key) as a default", weaker))
        }
        for (key, value) in self.default.sorted(by: { $0.key < $1.key }) {
            var (dropped, other, stronger) = (self, self, self)
            dropped.default.removeValue(forKey: key)
            other.default[key] = value + "x"
            stronger.default.removeValue(forKey: key)
            stronger.add[key] = value
            result.append(("without \(key)", dropped))
            result.append(("with another \(key)", other))
            result.append(("with \(key) in any case", stronger))
        }
        return result
    }
}

extension ListEdit {
    fileprivate var mutants: [(what: String, edit: ListEdit)] {
        var result: [(what: String, edit: ListEdit)] = []
        for index in add.indices {
            var dropped = self
            dropped.add.remove(at: index)
            result.append(("without add[\(index)]", dropped))
        }
        for index in self.default.indices {
            var dropped = self
            dropped.default.remove(at: index)
            result.append(("without default[\(index)]", dropped))
        }
        if !add.isEmpty { result.append(("added as defaults", ListEdit(default: self.default + add))) }
        if !self.default.isEmpty { result.append(("added in any case", ListEdit(add: add + self.default))) }
        return result
    }
}
