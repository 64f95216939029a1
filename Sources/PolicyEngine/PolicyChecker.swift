import CEL
import ClusterModel

/// Finds what is wrong with policies that were read without errors: with their names, references and order.
struct PolicyChecker {
    let policies: [LoadedPolicy]
    private let exceptions: [LoadedException]
    let schedulers: Set<String>?
    /// The rules in the order of evaluation.
    let rules: ContiguousArray<CompiledRule>
    /// Where the policy of each rule was read.
    private let sources: [PolicySource]
    let engine: PolicyEngine
    /// How many more guesses at pods may be tried for all findings together.
    let trials = Allowance(PolicyLimits.witnessTrialsOfCheck)
    /// How many more places may be looked for.
    private let placed = Allowance(2 * PolicyLimits.findings)

    init(_ policies: [LoadedPolicy], exceptions: [LoadedException] = [], schedulers: Set<String>?) {
        let ordered = policies.sorted { ($0.policy.order, $0.policy.name) < ($1.policy.order, $1.policy.name) }
        self.policies = ordered
        self.schedulers = schedulers
        self.exceptions = exceptions
        let set = PolicySet(ordered.map(\.policy), exceptions: exceptions.map(\.exception))
        self.rules = set.rules
        self.sources = ordered.map(\.source)
        self.engine = PolicyEngine(set)
    }

    /// All findings, at most `PolicyLimits.findings` of them.
    ///
    /// - Parameter errorsOnly: whether errors alone are looked for, without pods that show them: enough to know whether a
    ///   set may be put in force, and much faster.
    func findings(errorsOnly: Bool = false) -> [PolicyFinding] {
        var result = duplicates()
        if rules.count > PolicyLimits.rules {
            let place = PolicyFinding.Place(file: policies.first?.source.file ?? "")
            result.append(
                PolicyFinding(
                    .error, .badField, place, expected: "at most \(PolicyLimits.rules) rules in all",
                    found: "\(rules.count)"))
            return result
        }
        result += unknownSchedulers() + fallbackCycles() + impossibleRules() + endedExceptions()
        result += strayExceptions()
        // Pairs of rules that share a name would be compared in vain, and very many rules take too long to compare.
        if !result.contains(where: { $0.severity == .error }) {
            result += rules.count <= PolicyLimits.comparedRules ? comparisons(errorsOnly) : [notCompared]
        }
        if errorsOnly { return result.filter { $0.severity == .error } }
        guard result.count > PolicyLimits.findings else { return result }
        let left = PolicyFinding(
            .warning, .unchecked, PolicyFinding.Place(file: policies.first?.source.file ?? ""),
            expected: "at most \(PolicyLimits.findings) findings",
            found: "\(result.count - PolicyLimits.findings) more, which are left out")
        return Array(result.prefix(PolicyLimits.findings)) + [left]
    }

    private func comparisons(_ errorsOnly: Bool) -> [PolicyFinding] {
        if errorsOnly { return shadowedRules(withWitnesses: false) }
        var result = shadowedRules(withWitnesses: true) + contradictions() + unstableRules()
        if trials.left <= 0 {
            result.append(
                PolicyFinding(
                    .warning, .unchecked, PolicyFinding.Place(file: policies.first?.source.file ?? ""),
                    expected: "expressions for which pods are found with \(PolicyLimits.witnessTrialsOfCheck) guesses",
                    found: "more; some pairs of rules with expressions were not looked at"))
        }
        return result
    }

    private var notCompared: PolicyFinding {
        PolicyFinding(
            .warning, .unchecked, PolicyFinding.Place(file: policies.first?.source.file ?? ""),
            expected: "at most \(PolicyLimits.comparedRules) rules, which are compared with one another",
            found: "\(rules.count); what one rule leaves to another was not looked at")
    }

    /// The place of a field of a rule.
    func place(_ rule: CompiledRule, _ fields: String..., index: Int? = nil) -> PolicyFinding.Place {
        let base = FieldPath([.key("spec"), .key("rules"), .index(rule.ruleIndex)])
        // Of a MetadataPolicy there is one field for all actions, and rules have no names.
        let isMetadataPolicy = policies[rule.policyIndex].policy.isMetadataPolicy
        let fields = isMetadataPolicy ? fields.first == "actions" ? ["policyAction"] : [] : fields
        var path = fields.reduce(base) { $0.appending($1) }
        if let index, !isMetadataPolicy { path = path.appending(index) }
        let source = sources[rule.policyIndex]
        // To find a place reads the file through; beyond what is shown it is not worth it.
        placed.left -= 1
        return placed.left >= 0 ? source.place(path) : PolicyFinding.Place(file: source.file, path: path)
    }

    private func duplicates() -> [PolicyFinding] {
        var names: [String: PolicyFinding.Place] = [:]
        var result: [PolicyFinding] = []
        for loaded in policies {
            let place = loaded.source.place(FieldPath("metadata", "name"))
            if let first = names[loaded.policy.name] {
                result.append(.duplicate(loaded.policy.name, "policy", at: place, first: first))
            } else {
                names[loaded.policy.name] = place
            }
        }
        return result
    }

    private func unknownSchedulers() -> [PolicyFinding] {
        guard let schedulers else { return [] }
        var result: [PolicyFinding] = []
        for rule in rules {
            var named: [(String, PolicyFinding.Place)] = []
            if let name = rule.actions.scheduler { named.append((name, place(rule, "actions", "scheduler"))) }
            for (index, share) in rule.actions.split.enumerated() {
                named.append((share.scheduler, place(rule, "actions", "split", index: index)))
            }
            if let name = rule.actions.shadow { named.append((name, place(rule, "actions", "shadow"))) }
            for (index, name) in rule.actions.fallback.enumerated() {
                named.append((name, place(rule, "actions", "fallback", index: index)))
            }
            named += expressionsOf(rule).map { ($0.scheduler, $0.place) }
            for (name, place) in named where !schedulers.contains(name) {
                let hint = Spelling.nearest(to: name, among: schedulers.sorted()).map { " (did you mean \"\($0)\"?)" }
                let known = schedulers.isEmpty ? "none is registered" : schedulers.sorted().joined(separator: ", ")
                result.append(
                    PolicyFinding(
                        .error, .unknownScheduler, place, expected: "a scheduler that exists (\(known))\(hint ?? "")",
                        found: "\"\(name)\""))
            }
        }
        return result
    }

    /// The schedulers that the expressions of a rule, and the variables that they see, ask for by name.
    ///
    /// A name that no scheduler has leaves the expression without a value for every pod.
    private func expressionsOf(_ rule: CompiledRule) -> [(scheduler: String, place: PolicyFinding.Place)] {
        var texts: [(source: String, path: FieldPath)] = []
        for condition in rule.conditions {
            guard case .expression(let expression) = condition.test else { continue }
            texts.append((expression.source, condition.path.appending("expression")))
        }
        for (path, source) in policies[rule.policyIndex].policy.rules[rule.ruleIndex].actions.expressions {
            let place = FieldPath([.key("spec"), .key("rules"), .index(rule.ruleIndex), .key("actions")])
            texts.append((source, FieldPath(place.elements + path.elements)))
        }
        // Variables belong to the policy; they are looked at with its first rule.
        let variables = rule.ruleIndex == 0 ? policies[rule.policyIndex].policy.variables : []
        for (index, variable) in variables.enumerated() {
            let path = FieldPath([.key("spec"), .key("variables"), .index(index), .key("expression")])
            texts.append((variable.expression, path))
        }
        return texts.flatMap { source, path -> [(scheduler: String, place: PolicyFinding.Place)] in
            // Most name none, and to find a place is dear.
            let names = CELFieldUse.names(of: "schedulers", in: source)
            if names.isEmpty { return [] }
            let place = sources[rule.policyIndex].place(path)
            return names.map { ($0, place) }
        }
    }

    /// Chains of fallbacks that come back to where they began.
    ///
    /// A scheduler that fails under its load would get that load back from the one that stands in for it.
    private func fallbackCycles() -> [PolicyFinding] {
        var edges: [String: [(to: String, rule: CompiledRule)]] = [:]
        for rule in rules {
            for scheduler in rule.actions.targets {
                // One share of a split may stand in for the others; for itself it just waits.
                for name in rule.actions.fallback where name != scheduler || rule.actions.split.count < 2 {
                    edges[scheduler, default: []].append((name, rule))
                }
            }
        }
        var result: [PolicyFinding] = []
        var reported: Set<Set<String>> = []
        for start in edges.keys.sorted() {
            guard let cycle = shortestCycle(from: start, edges), let last = cycle.last else { continue }
            guard reported.insert(Set(cycle.map(\.to))).inserted else { continue }
            let steps = cycle.map { " -> \($0.to) (\($0.rule.reference))" }.joined()
            result.append(
                PolicyFinding(
                    .error, .fallbackCycle, place(last.rule, "actions", "fallback"),
                    expected: "fallbacks that do not come back to where they began", found: start + steps))
        }
        return result
    }

    /// The shortest way from `start` back to itself.
    private func shortestCycle(
        from start: String, _ edges: [String: [(to: String, rule: CompiledRule)]]
    ) -> [(to: String, rule: CompiledRule)]? {
        var cameBy: [String: (from: String, rule: CompiledRule)] = [:]
        var queue = [start]
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for edge in edges[current] ?? [] {
                if edge.to == start {
                    var path = [(to: start, rule: edge.rule)]
                    var node = current
                    while node != start, let step = cameBy[node] {
                        path.insert((node, step.rule), at: 0)
                        node = step.from
                    }
                    return path
                }
                guard cameBy[edge.to] == nil else { continue }
                cameBy[edge.to] = (current, edge.rule)
                queue.append(edge.to)
            }
        }
        return nil
    }

    /// Rules whose own conditions exclude each other.
    private func impossibleRules() -> [PolicyFinding] {
        rules.compactMap { rule in
            guard let (first, second) = Implication.contradiction(in: rule.conditions) else { return nil }
            return PolicyFinding(
                .error, .neverMatches, sources[rule.policyIndex].place(second.path),
                expected: "a condition that can hold beside \(first.path): \(first.wanted)", found: second.wanted)
        }
    }

    /// Exceptions whose day has passed.
    private func endedExceptions() -> [PolicyFinding] {
        policies.flatMap { loaded in
            loaded.policy.exceptions.enumerated().compactMap { index, exception in
                guard exception.untilSeconds <= engine.cluster.timeSeconds else { return nil }
                let path = FieldPath([.key("spec"), .key("exceptions"), .index(index), .key("until")])
                return PolicyFinding(
                    .warning, .ended, loaded.source.place(path), expected: "a day to come", found: exception.until)
            }
        }
    }

    /// Exceptions that stand alone and are about nothing, have ended, or share a name.
    private func strayExceptions() -> [PolicyFinding] {
        var result: [PolicyFinding] = []
        var names: [String: PolicyFinding.Place] = [:]
        for loaded in exceptions {
            let (exception, source) = (loaded.exception, loaded.source)
            let place = source.place(FieldPath("metadata", "name"))
            if let first = names.updateValue(place, forKey: exception.name) {
                result.append(.duplicate(exception.name, "exception", at: place, first: first))
            }
            for (index, pattern) in (exception.policies ?? []).enumerated()
            where !policies.contains(where: { pattern.matches($0.policy.name) }) {
                let path = FieldPath("spec", "policies").appending(index)
                result.append(stray(source.place(path), "policy", pattern.text, among: policies.map(\.policy.name)))
            }
            let candidates = policies.map(\.policy).filter { policy in
                exception.policies?.contains { $0.matches(policy.name) } ?? false
            }
            let rules = candidates.flatMap { $0.rules.map(\.name) }
            for (index, text) in (exception.rules ?? []).enumerated()
            where !rules.contains(where: NamePattern(text).matches) && !candidates.isEmpty {
                let path = FieldPath("spec", "rules").appending(index)
                result.append(stray(source.place(path), "rule of these policies", text, among: rules))
            }
            guard exception.untilSeconds <= engine.cluster.timeSeconds else { continue }
            result.append(
                PolicyFinding(
                    .warning, .ended, source.place(FieldPath("spec", "until")), expected: "a day to come",
                    found: exception.until))
        }
        return result
    }

    private func stray(
        _ place: PolicyFinding.Place, _ what: String, _ text: String, among names: [String]
    ) -> PolicyFinding {
        let hint = Spelling.nearest(to: text, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
        return PolicyFinding(
            .error, .badField, place, expected: "the name or a glob of a \(what)\(hint)", found: "\"\(text)\"")
    }
}
