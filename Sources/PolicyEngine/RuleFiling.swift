import ClusterModel

/// Rules by their guards, as they are gathered before an index is made of them; known by where they stand in it.
struct RuleFiling {
    /// How many 64-bit words a set of rules takes.
    let wordCount: Int
    /// Rules that do nothing but route.
    private(set) var routing: ContiguousArray<UInt64>
    /// Rules that have no guard.
    private(set) var unguarded: ContiguousArray<UInt64>
    /// By the key of a label of the pod.
    private(set) var byLabel: [String: Labels] = [:]
    /// By the key of an annotation of the pod.
    private(set) var byAnnotation: [String: Labels] = [:]
    /// By the resource of which they ask for a least amount.
    private(set) var byRequest: [String: [RuleIndex.Threshold<Quantity>]] = [:]
    /// By the least priority.
    private(set) var byPriority: [RuleIndex.Threshold<Int64>] = []
    /// By the kind of the pod's owner.
    private(set) var byOwner: [String: [UInt32]] = [:]
    /// By the name of the pod's priority class.
    private(set) var byPriorityClass: [String: [UInt32]] = [:]
    /// By the pod's having a group.
    private(set) var byGroup: [UInt32] = []
    /// By the pod's naming a scheduler.
    private(set) var byNamed: [UInt32] = []

    /// The rules guarded by one label.
    struct Labels {
        /// Those for which any value will do.
        var anyValue: [UInt32] = []
        /// Those that want one of some values.
        var byValue: [String: [UInt32]] = [:]
    }

    init(_ rules: ContiguousArray<CompiledRule>) {
        wordCount = (rules.count + 63) / 64
        let none = ContiguousArray<UInt64>(repeating: 0, count: wordCount)
        (routing, unguarded) = (none, none)
        for (number, rule) in rules.enumerated() {
            if rule.onlyRoutes { routing[number / 64] |= 1 << UInt64(number % 64) }
            add(rule, UInt32(number))
        }
    }

    /// Files a rule under its guard.
    private mutating func add(_ rule: CompiledRule, _ number: UInt32) {
        switch rule.indexGuard?.test {
        case .label(let requirement): byLabel[requirement.key, default: Labels()].add(number, requirement)
        case .annotation(let requirement): byAnnotation[requirement.key, default: Labels()].add(number, requirement)
        case .ownerKinds(let kinds): for kind in Set(kinds) { byOwner[kind, default: []].append(number) }
        case .priorityClasses(let names):
            for name in names.literals { byPriorityClass[name, default: []].append(number) }
        case .inGroup, .groupNames, .minMember: byGroup.append(number)
        case .schedulerNames: byNamed.append(number)
        case .request(let resource, let range):
            byRequest[resource, default: []].append(RuleIndex.Threshold(least: range.min ?? .zero, number: number))
        case .priority(let range):
            byPriority.append(RuleIndex.Threshold(least: range.min ?? .min, number: number))
        default: unguarded[Int(number) / 64] |= 1 << UInt64(number % 64)
        }
    }
}

extension RuleFiling.Labels {
    fileprivate mutating func add(_ number: UInt32, _ requirement: SelectorRequirement) {
        guard requirement.operator == .in else { return anyValue.append(number) }
        for value in Set(requirement.values) { byValue[value, default: []].append(number) }
    }
}
