import ClusterModel

/// Finds the few rules that can match a pod among the many that there are.
///
/// Each rule stands under one guard: a condition without which it cannot match. A rule guarded by a label is looked at
/// only for pods that have the label, one guarded by an owner's kind only for pods of such owners, and so on; a rule
/// without a guard is looked at for every pod. Namespaces are kept apart, since an engine remembers for each namespace
/// which rules hold there.
///
/// Rules are numbered in the order of evaluation, and sets of rules are bit sets of `wordCount` words.
struct RuleIndex: Sendable {
    /// Rules by number.
    typealias Numbers = ContiguousArray<UInt32>

    /// How many 64-bit words a set of rules takes.
    let wordCount: Int
    /// Rules that have no guard.
    private(set) var unguarded: ContiguousArray<UInt64>
    /// Rules that do nothing but route.
    private(set) var routing: ContiguousArray<UInt64>
    /// Rules guarded by a label of the pod: by its key, then by its value.
    private(set) var byLabel: [String: LabelGuard] = [:]
    /// Rules guarded by an annotation of the pod, likewise.
    private(set) var byAnnotation: [String: LabelGuard] = [:]
    /// Rules guarded by the least amount of a resource that they ask for, by the resource.
    private(set) var byRequest: [String: [Threshold<Quantity>]] = [:]
    /// Rules guarded by the least priority that they ask for.
    private(set) var byPriority: [Threshold<Int64>] = []
    /// Rules guarded by the kind of the pod's owner.
    private(set) var byOwner: [String: Numbers] = [:]
    /// Rules guarded by the pod's having a group.
    private(set) var byGroup: Numbers = []
    /// Rules guarded by the pod's naming a scheduler.
    private(set) var byNamed: Numbers = []
    /// Rules guarded by the name of the pod's priority class.
    private(set) var byPriorityClass: [String: Numbers] = [:]

    /// Rules that hold in one namespace only, by its name.
    private(set) var byNamespace: [String: Numbers] = [:]
    /// Rules whose namespace conditions must be asked for every namespace.
    private(set) var askedInNamespaces: Numbers = []
    /// Rules that ask nothing about the namespace.
    private(set) var inEveryNamespace: ContiguousArray<UInt64>

    /// The rules guarded by one label.
    struct LabelGuard: Sendable {
        /// Those for which any value will do.
        var anyValue: Numbers = []
        /// Those that want one of some values.
        var byValue: [String: Numbers] = [:]
    }

    /// A rule that asks for at least so much; kept in ascending order, so that those beyond a pod's are not looked at.
    struct Threshold<Amount: Comparable & Sendable>: Sendable {
        let least: Amount
        let number: UInt32
    }

    init(_ rules: ContiguousArray<CompiledRule>) {
        wordCount = (rules.count + 63) / 64
        unguarded = ContiguousArray(repeating: 0, count: wordCount)
        routing = unguarded
        inEveryNamespace = unguarded
        for (number, rule) in rules.enumerated() {
            if rule.onlyRoutes { routing[number / 64] |= 1 << UInt64(number % 64) }
            addGuard(of: rule, UInt32(number))
            addNamespaces(of: rule, UInt32(number))
        }
    }

    /// Files the rule under its most telling condition.
    private mutating func addGuard(of rule: CompiledRule, _ number: UInt32) {
        var best: (rank: Int, test: Condition.Test)?
        for test in rule.guards {
            let rank = RuleIndex.rank(test)
            if rank > best?.rank ?? 0 { best = (rank, test) }
        }
        switch best?.test {
        case .label(let requirement): RuleIndex.add(number, requirement, to: &byLabel)
        case .annotation(let requirement): RuleIndex.add(number, requirement, to: &byAnnotation)
        case .ownerKinds(let kinds):
            for kind in Set(kinds) { byOwner[kind, default: []].append(number) }
        case .priorityClasses(let names):
            for name in names.literals { byPriorityClass[name, default: []].append(number) }
        case .inGroup, .groupNames, .minMember: byGroup.append(number)
        case .schedulerNames: byNamed.append(number)
        case .request(let resource, let range):
            byRequest[resource, default: []].insert(Threshold(least: range.min ?? .zero, number: number))
        case .priority(let range):
            byPriority.insert(Threshold(least: range.min ?? .min, number: number))
        default: unguarded[Int(number) / 64] |= 1 << UInt64(number % 64)
        }
    }

    private static func add(
        _ number: UInt32, _ requirement: SelectorRequirement, to guards: inout [String: LabelGuard]
    ) {
        guard requirement.operator == .in else {
            guards[requirement.key, default: LabelGuard()].anyValue.append(number)
            return
        }
        for value in Set(requirement.values) {
            guards[requirement.key, default: LabelGuard()].byValue[value, default: []].append(number)
        }
    }

    /// How telling a condition is as a guard; 0 where it cannot be one.
    private static func rank(_ test: Condition.Test) -> Int {
        switch test {
        case .label(let requirement) where requirement.operator == .in: 9
        case .priorityClasses(let names) where names.areLiteral: 8
        case .annotation(let requirement) where requirement.operator == .in: 7
        case .schedulerNames: 6
        case .label(let requirement) where requirement.operator == .exists: 5
        case .annotation(let requirement) where requirement.operator == .exists: 5
        case .inGroup, .groupNames, .minMember: 4
        case .request(_, let range) where range.min ?? .zero > .zero: 3
        case .ownerKinds: 2
        case .priority(let range) where range.min != nil: 1
        default: 0
        }
    }

    private mutating func addNamespaces(of rule: CompiledRule, _ number: UInt32) {
        guard !rule.namespaceConditions.isEmpty else {
            inEveryNamespace[Int(number) / 64] |= 1 << UInt64(number % 64)
            return
        }
        for condition in rule.namespaceConditions {
            guard case .namespaces(let names) = condition.test, names.areLiteral else { continue }
            for name in names.literals { byNamespace[name, default: []].append(number) }
            return
        }
        askedInNamespaces.append(number)
    }

    /// The rules whose namespace conditions hold in a namespace.
    ///
    /// - Complexity: O(rules that name this namespace, name some by glob, or select by labels).
    func rules(
        inNamespace name: String, labels: [String: String], _ rules: ContiguousArray<CompiledRule>
    ) -> ContiguousArray<UInt64> {
        var words = inEveryNamespace
        for numbers in [byNamespace[name] ?? [], askedInNamespaces] {
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
        for word in words.indices { words[word] = unguarded[word] }
        func add(_ numbers: Numbers) {
            for number in numbers { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }
        }
        RuleIndex.look(up: pod.metadata.labels, in: byLabel, add)
        RuleIndex.look(up: pod.metadata.annotations, in: byAnnotation, add)
        for (resource, thresholds) in byRequest {
            let amount = facts.request(of: resource, pod)
            for threshold in thresholds {
                if threshold.least > amount { break }
                words[Int(threshold.number >> 6)] |= 1 << UInt64(threshold.number & 63)
            }
        }
        for threshold in byPriority {
            if threshold.least > facts.priority { break }
            words[Int(threshold.number >> 6)] |= 1 << UInt64(threshold.number & 63)
        }
        if !byOwner.isEmpty, let numbers = byOwner[pod.ownerKind] { add(numbers) }
        if !byPriorityClass.isEmpty, let numbers = byPriorityClass[facts.priorityClassName] { add(numbers) }
        if facts.group != nil { add(byGroup) }
        if facts.named != nil { add(byNamed) }
        for word in words.indices { words[word] &= allowed[word] }
    }

    /// Goes through the pod's labels or the index's keys, whichever are fewer.
    private static func look(
        up labels: [String: String], in guards: [String: LabelGuard], _ add: (Numbers) -> Void
    ) {
        if guards.isEmpty || labels.isEmpty { return }
        if guards.count < labels.count {
            for (key, entry) in guards {
                guard let value = labels[key] else { continue }
                if !entry.anyValue.isEmpty { add(entry.anyValue) }
                if let numbers = entry.byValue[value] { add(numbers) }
            }
        } else {
            for (key, value) in labels {
                guard let entry = guards[key] else { continue }
                if !entry.anyValue.isEmpty { add(entry.anyValue) }
                if let numbers = entry.byValue[value] { add(numbers) }
            }
        }
    }
}

extension Array {
    /// Puts a rule in its place among the others.
    fileprivate mutating func insert<Amount>(_ threshold: Element) where Element == RuleIndex.Threshold<Amount> {
        insert(threshold, at: firstIndex { $0.least > threshold.least } ?? endIndex)
    }
}
