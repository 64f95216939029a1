import ClusterModel

/// Finds the few rules that can match a pod among the many that there are.
///
/// Each rule stands under one guard: a condition without which it cannot match. A rule guarded by a label is looked at
/// only for pods that have the label, one guarded by an owner's kind only for pods of such owners, and so on; a rule
/// without a guard is looked at for every pod. Namespaces are kept apart, since an engine remembers for each namespace
/// which rules hold there.
///
/// Rules are numbered in the order of evaluation, and sets of rules are bit sets of `wordCount` words.
///
/// A class, so that asking it copies nothing.
final class RuleIndex: Sendable {
    /// Rules by number.
    typealias Numbers = ContiguousArray<UInt32>

    /// How many 64-bit words a set of rules takes.
    let wordCount: Int
    /// Rules that do nothing but route.
    let routing: ContiguousArray<UInt64>
    private let guards: Guards
    private let namespaces: Namespaces

    /// What rules are found by, beside their namespaces.
    fileprivate struct Guards: Sendable {
        /// Rules that have no guard.
        var unguarded: ContiguousArray<UInt64>
        /// Rules guarded by a label of the pod: by its key, then by its value.
        var byLabel = TextTable<LabelGuard>()
        /// Rules guarded by an annotation of the pod, likewise.
        var byAnnotation = TextTable<LabelGuard>()
        /// Rules guarded by the least amount of a resource that they ask for, by the resource.
        var byRequest = TextTable<RequestGuard>()
        /// Rules guarded by the least priority that they ask for.
        var byPriority: [Threshold<Int64>] = []
        /// Rules guarded by the kind of the pod's owner.
        var byOwner = TextTable<Numbers>()
        /// Rules guarded by the pod's having a group.
        var byGroup: Numbers = []
        /// Rules guarded by the pod's naming a scheduler.
        var byNamed: Numbers = []
        /// Rules guarded by the name of the pod's priority class.
        var byPriorityClass = TextTable<Numbers>()
    }

    /// In which namespaces rules hold.
    fileprivate struct Namespaces: Sendable {
        /// Rules that hold in one namespace only, by its name.
        var byName: [String: Numbers] = [:]
        /// Rules whose namespace conditions must be asked for every namespace.
        var asked: Numbers = []
        /// Rules that ask nothing about the namespace.
        var all: ContiguousArray<UInt64>
    }

    /// The rules guarded by one label.
    fileprivate struct LabelGuard: Sendable {
        /// Those for which any value will do.
        var anyValue: Numbers = []
        /// Those that want one of some values.
        var byValue = TextTable<Numbers>()
    }

    /// The rules guarded by the least amount of one resource.
    fileprivate struct RequestGuard: Sendable {
        let resource: String
        var thresholds: [Threshold<Quantity>] = []
    }

    /// A rule that asks for at least so much; kept in ascending order, so that those beyond a pod's are not looked at.
    fileprivate struct Threshold<Amount: Comparable & Sendable>: Sendable {
        let least: Amount
        let number: UInt32
    }

    init(_ rules: ContiguousArray<CompiledRule>) {
        wordCount = (rules.count + 63) / 64
        let none = ContiguousArray<UInt64>(repeating: 0, count: wordCount)
        var routing = none
        var guards = Guards(unguarded: none)
        var namespaces = Namespaces(all: none)
        for (number, rule) in rules.enumerated() {
            if rule.onlyRoutes { routing[number / 64] |= 1 << UInt64(number % 64) }
            guards.add(rule, UInt32(number))
            namespaces.add(rule, UInt32(number))
        }
        (self.routing, self.guards, self.namespaces) = (routing, guards, namespaces)
    }

    /// The rules whose namespace conditions hold in a namespace.
    ///
    /// - Complexity: O(rules that name this namespace, name some by glob, or select by labels).
    func rules(
        inNamespace name: String, labels: [String: String], _ rules: ContiguousArray<CompiledRule>
    ) -> ContiguousArray<UInt64> {
        var words = namespaces.all
        for numbers in [namespaces.byName[name] ?? [], namespaces.asked] {
            for number in numbers {
                let holds = rules[Int(number)].namespaceConditions.allSatisfy {
                    $0.holds(inNamespace: name, labels: labels)
                }
                if holds { words[Int(number) / 64] |= 1 << UInt64(number % 64) }
            }
        }
        return words
    }

    /// Writes into `words` the rules that can match the pod in a namespace where `allowed` hold.
    ///
    /// - Complexity: O(words + labels + rules found).
    func candidates(
        _ pod: Pod, _ facts: inout PodFacts, allowed: ContiguousArray<UInt64>,
        into words: UnsafeMutableBufferPointer<UInt64>
    ) {
        assert(words.count == wordCount && allowed.count == wordCount)
        for word in words.indices { words[word] = guards.unguarded[word] }
        RuleIndex.addGuarded(by: pod.metadata.labels, guards.byLabel, to: words)
        RuleIndex.addGuarded(by: pod.metadata.annotations, guards.byAnnotation, to: words)
        addGuardedByRequests(pod, &facts, to: words)
        RuleIndex.add(guards.byPriority, upTo: facts.priority, to: words)
        if !guards.byOwner.isEmpty, let place = guards.byOwner.place(of: pod.ownerKind) {
            RuleIndex.add(guards.byOwner.entries[place], to: words)
        }
        if !guards.byPriorityClass.isEmpty, let place = guards.byPriorityClass.place(of: pod.priorityClassName) {
            RuleIndex.add(guards.byPriorityClass.entries[place], to: words)
        }
        if facts.group != nil { RuleIndex.add(guards.byGroup, to: words) }
        if facts.named != nil { RuleIndex.add(guards.byNamed, to: words) }
        for word in words.indices { words[word] &= allowed[word] }
    }

    @inline(__always)
    private static func add(_ numbers: Numbers, to words: UnsafeMutableBufferPointer<UInt64>) {
        for number in numbers { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }
    }

    @inline(__always)
    private static func add<Amount>(
        _ thresholds: [Threshold<Amount>], upTo amount: Amount, to words: UnsafeMutableBufferPointer<UInt64>
    ) {
        for threshold in thresholds {
            if threshold.least > amount { return }
            words[Int(threshold.number >> 6)] |= 1 << UInt64(threshold.number & 63)
        }
    }

    /// Goes through the pod's labels once, however many rules ask for labels.
    private static func addGuarded(
        by labels: [String: String], _ table: TextTable<LabelGuard>, to words: UnsafeMutableBufferPointer<UInt64>
    ) {
        if table.isEmpty || labels.isEmpty || addPlainlyGuarded(by: labels, table, to: words) { return }
        for (key, value) in labels {
            guard let place = table.place(of: key) else { continue }
            add(table.entries[place].anyValue, to: words)
            guard let valuePlace = table.entries[place].byValue.place(of: value) else { continue }
            add(table.entries[place].byValue.entries[valuePlace], to: words)
        }
    }

    /// Does so where the slots of the tables tell, as they nearly always do; false where they do not.
    @inline(never)
    private static func addPlainlyGuarded(
        by labels: [String: String], _ table: TextTable<LabelGuard>, to words: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        for (key, value) in labels {
            let place = table.plainPlace(of: key)
            if place < 0 {
                if place == TextTable<LabelGuard>.onlyPlacesTell { return false }
                continue
            }
            add(table.entries[place].anyValue, to: words)
            let valuePlace = table.entries[place].byValue.plainPlace(of: value)
            if valuePlace < 0 {
                if valuePlace == TextTable<Numbers>.onlyPlacesTell { return false }
                continue
            }
            add(table.entries[place].byValue.entries[valuePlace], to: words)
        }
        return true
    }

    /// Goes through the requests of a pod of one container once; for others each resource is added up that some rule
    /// asks for.
    private func addGuardedByRequests(
        _ pod: Pod, _ facts: inout PodFacts, to words: UnsafeMutableBufferPointer<UInt64>
    ) {
        if guards.byRequest.isEmpty { return }
        if pod.requestsOfOneContainerAlone,
            RuleIndex.addPlainlyGuarded(
                by: pod.$spec.wrappedValue.containers[0].requests, guards.byRequest, to: words)
        {
            return
        }
        for entry in guards.byRequest.entries {
            RuleIndex.add(entry.thresholds, upTo: facts.request(of: entry.resource, pod), to: words)
        }
    }

    /// Goes through requests where the slots of the table tell, as they nearly always do; false where they do not.
    @inline(never)
    private static func addPlainlyGuarded(
        by requests: ResourceList, _ table: TextTable<RequestGuard>, to words: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        for (resource, amount) in requests {
            let place = table.plainPlace(of: resource)
            if place < 0 {
                if place == TextTable<RequestGuard>.onlyPlacesTell { return false }
                continue
            }
            add(table.entries[place].thresholds, upTo: amount, to: words)
        }
        return true
    }
}

extension RuleIndex.Guards {
    /// Files a rule under its guard.
    fileprivate mutating func add(_ rule: CompiledRule, _ number: UInt32) {
        switch rule.indexGuard?.test {
        case .label(let requirement): Self.add(number, requirement, to: &byLabel)
        case .annotation(let requirement): Self.add(number, requirement, to: &byAnnotation)
        case .ownerKinds(let kinds):
            for kind in Set(kinds) { byOwner.update(kind, default: []) { $0.append(number) } }
        case .priorityClasses(let names):
            for name in names.literals { byPriorityClass.update(name, default: []) { $0.append(number) } }
        case .inGroup, .groupNames, .minMember: byGroup.append(number)
        case .schedulerNames: byNamed.append(number)
        case .request(let resource, let range):
            byRequest.update(resource, default: RuleIndex.RequestGuard(resource: resource)) {
                $0.thresholds.insert(RuleIndex.Threshold(least: range.min ?? .zero, number: number))
            }
        case .priority(let range):
            byPriority.insert(RuleIndex.Threshold(least: range.min ?? .min, number: number))
        default: unguarded[Int(number) / 64] |= 1 << UInt64(number % 64)
        }
    }

    private static func add(
        _ number: UInt32, _ requirement: SelectorRequirement, to table: inout TextTable<RuleIndex.LabelGuard>
    ) {
        table.update(requirement.key, default: RuleIndex.LabelGuard()) { entry in
            guard requirement.operator == .in else { return entry.anyValue.append(number) }
            for value in Set(requirement.values) { entry.byValue.update(value, default: []) { $0.append(number) } }
        }
    }
}

extension RuleIndex.Namespaces {
    /// Files a rule under the namespaces in which it can hold.
    fileprivate mutating func add(_ rule: CompiledRule, _ number: UInt32) {
        guard !rule.namespaceConditions.isEmpty else {
            all[Int(number) / 64] |= 1 << UInt64(number % 64)
            return
        }
        for condition in rule.namespaceConditions {
            guard case .namespaces(let names) = condition.test, names.areLiteral else { continue }
            for name in names.literals { byName[name, default: []].append(number) }
            return
        }
        asked.append(number)
    }
}

extension Array {
    /// Puts a rule in its place among the others.
    fileprivate mutating func insert<Amount>(_ threshold: Element) where Element == RuleIndex.Threshold<Amount> {
        insert(threshold, at: firstIndex { $0.least > threshold.least } ?? endIndex)
    }
}
