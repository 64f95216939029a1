import ClusterModel

extension PolicyChecker {
    /// Rules that earlier ones, or rejecting ones anywhere, leave nothing or only part of their work.
    func shadowedRules(withWitnesses: Bool) -> [PolicyFinding] {
        var result: [PolicyFinding] = []
        for (number, rule) in rules.enumerated() {
            let covering = rules.indices.filter { other in
                other != number && rules[other].isUnconditional
                    && (other < number || rules[other].actions.reject != nil)
                    && Implication.covers(rules[other].conditions, rule.conditions)
                    && !rule.alsoRefusesWhereFails(rules[other])
            }
            guard let finding = shadow(on: number, by: covering) else { continue }
            let witness = withWitnesses ? WitnessPod(meeting: rule.conditions, trials) : nil
            result.append(finding.shown(by: witness))
        }
        return result
    }

    /// What of the rule has no effect, given the rules that match every pod that it matches.
    private func shadow(on number: Int, by covering: [Int]) -> PolicyFinding? {
        let rule = rules[number]
        let rejecting = covering.first {
            rules[$0].actions.reject != nil && ($0 < number || rule.actions.reject == nil)
        }
        if let rejecting {
            return finding(.shadowed, rule, "pods that \(rules[rejecting].reference) does not refuse", by: rejecting)
        }
        // A rule that only tells what it would do is heard beside the others.
        guard rule.actions.reject == nil, rule.enforcement == .enforce else { return nil }
        let earlier = covering.filter { $0 < number }
        let router = !rule.actions.routes ? nil : earlier.first { rules[$0].actions.routes }
        let writers = rule.edits.map { edit in
            earlier.first { other in
                rules[other].edits.contains { $0.leavesNothing(to: edit) }
            }
        }
        let routes = rule.actions.routes && router == nil
        let writes = writers.contains { $0 == nil } || rule.writesSpec
        guard let shadowing = router ?? writers.compactMap({ $0 }).first else { return nil }
        if !routes, !writes {
            let what = router == nil ? "write" : "route"
            return finding(
                .shadowed, rule, "pods that \(rules[shadowing].reference) does not \(what) before", by: shadowing)
        }
        if router != nil {
            return finding(.partlyShadowed, rule, "a scheduler for pods that are not routed before", by: shadowing)
        }
        return finding(
            .partlyShadowed, rule, "keys that no earlier rule writes for every pod of this one", by: shadowing)
    }

    private func finding(
        _ code: PolicyFinding.Code, _ rule: CompiledRule, _ expected: String, by other: Int
    ) -> PolicyFinding {
        let shadowing = place(rules[other], "name")
        let found =
            "every pod of this rule meets the conditions of \(rules[other].reference) "
            + "(\(shadowing.file):\(shadowing.line)) too"
        return PolicyFinding(
            code == .shadowed ? .error : .warning, code, place(rule, "name"), expected: expected, found: found)
    }

    /// Pairs of rules that write different values under one key of the same pod.
    func contradictions() -> [PolicyFinding] {
        struct Key: Hashable {
            let target: MetadataChange.Target
            let key: String
        }
        var writers: [Key: [(number: Int, value: String)]] = [:]
        for (number, rule) in rules.enumerated() where rule.enforcement == .enforce {
            for edit in rule.edits where !edit.onlyIfAbsent {
                let value: String
                switch edit.content {
                case .text(let text): value = "\"\(text)\""
                case .removal: value = "nothing, as it is removed"
                case .expression: continue
                }
                writers[Key(target: edit.target, key: edit.key), default: []].append((number, value))
            }
        }
        var result: [PolicyFinding] = []
        for (key, list) in writers.sorted(by: { $0.key.key < $1.key.key }) {
            for (index, first) in list.enumerated() {
                for second in list[(index + 1)...] where first.value != second.value {
                    let (a, b) = (rules[first.number], rules[second.number])
                    guard !Implication.covers(a.conditions, b.conditions),
                        let witness = WitnessPod(meeting: a.conditions + b.conditions, trials)
                    else { continue }
                    let field = key.target == .nodeSelector ? "nodeSelector" : "\(key.target.rawValue)s"
                    result.append(
                        PolicyFinding(
                            .warning, .contradiction, place(b, "actions", field),
                            expected: "the value that \(a.reference) writes for the same pod, \(first.value)",
                            found: "\(key.target.rawValue) \(key.key): \(second.value); the earlier rule wins"
                        ).shown(by: witness))
                }
            }
        }
        return result
    }

    /// Rules after whose work a pod, admitted again, is decided about otherwise.
    func unstableRules() -> [PolicyFinding] {
        var asked: Set<String> = []
        var asksPriority = false
        var asksAnything = false
        for rule in rules {
            for condition in rule.conditions.flatMap(\.leaves) {
                switch condition.test {
                case .label(let requirement), .annotation(let requirement): asked.insert(requirement.key)
                case .priorityClasses, .priority: asksPriority = true
                case .expression: asksAnything = true
                default: break
                }
            }
        }
        return rules.compactMap { rule in
            let isAskedFor =
                rule.edits.contains { asked.contains($0.key) || asksAnything }
                || (rule.actions.priorityClass != nil && (asksPriority || asksAnything))
                || (rule.actions.editsSpec && asksAnything)
            guard rule.enforcement == .enforce, isAskedFor,
                let witness = WitnessPod(meeting: rule.conditions, trials)
            else { return nil }
            return instability(rule, witness)
        }
    }

    private func instability(_ rule: CompiledRule, _ witness: WitnessPod) -> PolicyFinding? {
        var pod = witness.pod
        var seen: [Pod] = []
        var schedulers: [String] = []
        for _ in 0..<6 {
            var fresh = PolicyEngine(engine.policies, cluster: witness.cluster)
            let decision = fresh.admit(&pod)
            schedulers.append(decision.route?.scheduler ?? "refused")
            if let last = seen.last, last == pod, schedulers.suffix(2).first == schedulers.last { break }
            if seen.contains(pod) { break }
            seen.append(pod)
        }
        // The first admission writes what it should; from then on nothing may change.
        let changes = zip(seen, seen.dropFirst() + [pod]).dropFirst().flatMap { Self.changes(from: $0, to: $1) }
        guard !changes.isEmpty || Set(schedulers).count > 1 else { return nil }
        var texts = [schedulers.joined(separator: ", then ")]
        for change in changes where !texts.contains(change) { texts.append(change) }
        return PolicyFinding(
            .warning, .unstable, place(rule, "actions"),
            expected: "a pod that is decided about alike when it is admitted again",
            found: "what is written makes other rules match: \(texts.prefix(4).joined(separator: "; "))"
        ).shown(by: witness)
    }

    /// What of a pod is written anew: `label size: large, then small`.
    private static func changes(from old: Pod, to new: Pod) -> [String] {
        func differing(_ what: String, _ before: [String: String], _ after: [String: String]) -> [String] {
            Set(before.keys).union(after.keys).subtracting(PolicyAnnotation.reserved).sorted()
                .filter { before[$0] != after[$0] }
                .map { "\(what) \($0): \(before[$0] ?? "absent"), then \(after[$0] ?? "absent")" }
        }
        let classes = [old, new].map(\.spec.priorityClassName)
        return differing("label", old.metadata.labels, new.metadata.labels)
            + differing("annotation", old.metadata.annotations, new.metadata.annotations)
            + differing("nodeSelector", old.spec.nodeSelector, new.spec.nodeSelector)
            + (classes[0] == classes[1] ? [] : ["priority class: \(classes[0]), then \(classes[1])"])
    }
}

extension CompiledRule {
    /// Whether the rule refuses pods for which its expressions have no value, where another that matches the same pods
    /// passes them over.
    fileprivate func alsoRefusesWhereFails(_ other: CompiledRule) -> Bool {
        failurePolicy == .fail && other.failurePolicy == .ignore && hasExpressions
    }

    /// Whether the rule writes into the spec, where several rules may add to one list.
    fileprivate var writesSpec: Bool { actions.editsSpec }
}
