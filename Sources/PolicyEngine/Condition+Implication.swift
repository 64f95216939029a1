import ClusterModel

/// What follows from conditions without looking at any pod.
///
/// Every answer is safe: "implied" and "impossible" are only said where they are proved, so that no sound rule is called
/// shadowed; some rules that are shadowed in ways harder to prove go unnoticed.
enum Implication {
    /// Whether every pod that meets `conditions` meets `wanted` too.
    static func implies(_ conditions: [Condition], _ wanted: Condition) -> Bool {
        if isTrivial(wanted.test) || conditions.contains(where: { implies($0.test, wanted.test) }) { return true }
        // What lists of conditions come to is looked at where they are short: each is compared with each.
        switch wanted.weighedTest {
        case .anyOf(let lists): if lists.contains(where: { covers($0, conditions) }) { return true }
        case .noneOf(let lists): if lists.allSatisfy({ disjoint($0, conditions) }) { return true }
        default: break
        }
        return conditions.contains { condition in
            guard case .anyOf(let lists)? = condition.weighedTest else { return false }
            return lists.allSatisfy { implies($0, wanted) }
        }
    }

    /// Whether every pod that meets the conditions in `narrow` meets all in `wide` too.
    static func covers(_ wide: [Condition], _ narrow: [Condition]) -> Bool {
        wide.allSatisfy { implies(narrow, $0) }
    }

    /// Two conditions that no pod can meet together, or nil where none are found.
    static func contradiction(in conditions: [Condition]) -> (Condition, Condition)? {
        for (index, first) in conditions.enumerated() {
            for second in conditions[(index + 1)...] {
                if excludes(first.test, second.test) || excludes(second.test, first.test) { return (first, second) }
            }
        }
        for (index, condition) in conditions.enumerated() {
            var others = conditions
            others.remove(at: index)
            let isImpossible =
                switch condition.weighedTest {
                case .anyOf(let lists): lists.allSatisfy { disjoint($0, others) || contradiction(in: $0) != nil }
                case .noneOf(let lists): lists.contains { covers($0, others) }
                default: false
                }
            if isImpossible { return (others.first ?? condition, condition) }
        }
        return nil
    }

    /// Whether no pod meets both lists of conditions; false where that cannot be proved.
    static func disjoint(_ a: [Condition], _ b: [Condition]) -> Bool {
        if a.contains(where: { first in b.contains { excludes(first.test, $0.test) || excludes($0.test, first.test) } })
        {
            return true
        }
        return leavesNothing(of: a, to: b) || leavesNothing(of: b, to: a)
    }

    /// Whether lists of conditions among some leave no pod that meets others.
    private static func leavesNothing(of conditions: [Condition], to others: [Condition]) -> Bool {
        conditions.contains { condition in
            switch condition.weighedTest {
            case .anyOf(let lists): lists.allSatisfy { disjoint($0, others) }
            case .noneOf(let lists): lists.contains { covers($0, others) }
            default: false
            }
        }
    }

    private static func isTrivial(_ test: Condition.Test) -> Bool {
        switch test {
        case .namespaces(let names): names.patterns.contains { $0.text == "*" }
        case .qosClasses(let classes): Set(classes) == Set(QoSClass.allCases)
        case .request(_, let range): (range.min ?? .zero) <= .zero && range.max == nil
        case .sample(let sample): sample.percent >= 100
        default: false
        }
    }

    private static func implies(_ given: Condition.Test, _ wanted: Condition.Test) -> Bool {
        switch (given, wanted) {
        case (.namespaces(let a), .namespaces(let b)): b.covers(a)
        case (.namespaces(let a), .notNamespaces(let b)): a.areLiteral && !a.literals.contains(where: b.matches)
        case (.notNamespaces(let a), .notNamespaces(let b)): a.covers(b)
        case (.namespaces(let a), .namespaceLabel(let b)) where b.key == "kubernetes.io/metadata.name":
            a.areLiteral && a.literals.allSatisfy { b.matches($0) }
        case (.namespaceLabel(let a), .namespaceLabel(let b)), (.label(let a), .label(let b)),
            (.annotation(let a), .annotation(let b)):
            implies(a, b)
        case (.ownerKinds(let a), .ownerKinds(let b)): Set(a).isSubset(of: b)
        case (.priorityClasses(let a), .priorityClasses(let b)): b.covers(a)
        case (.schedulerNames(let a), .schedulerNames(let b)): b.covers(a)
        case (.groupNames(let a), .groupNames(let b)): b.covers(a)
        case (.priority(let a), .priority(let b)), (.minMember(let a), .minMember(let b)): within(a, b)
        case (.qosClasses(let a), .qosClasses(let b)): Set(a).isSubset(of: b)
        case (.inGroup, .inGroup), (.groupNames, .inGroup), (.minMember, .inGroup), (.notInGroup, .notInGroup): true
        case (.request(let a, let inner), .request(let b, let outer)): a == b && within(inner, outer)
        case (.expression(let a), .expression(let b)): a == b
        case (.podNames(let a), .podNames(let b)): Set(a).isSubset(of: b)
        case (.podNames(let a), .notPodNames(let b)): Set(a).isDisjoint(with: b)
        case (.notPodNames(let a), .notPodNames(let b)): Set(b).isSubset(of: a)
        case (.sample(let a), .sample(let b)): a.rule == b.rule && a.percent <= b.percent
        case (.anyOf, .anyOf), (.noneOf, .noneOf), (.schedule, .schedule), (.parameters, .parameters): given == wanted
        default: false
        }
    }

    private static func implies(_ given: SelectorRequirement, _ wanted: SelectorRequirement) -> Bool {
        guard given.key == wanted.key else { return false }
        switch given.operator {
        case .in: return given.values.allSatisfy { wanted.matches($0) }
        case .doesNotExist: return wanted.matches(nil)
        case .exists: return wanted.operator == .exists
        case .notIn: return wanted.operator == .notIn && wanted.values.allSatisfy(given.has)
        case .greaterThan, .lessThan: return given == wanted || wanted.operator == .exists
        }
    }

    private static func within(_ inner: IntegerRange, _ outer: IntegerRange) -> Bool {
        (inner.min ?? .min) >= (outer.min ?? .min) && (inner.max ?? .max) <= (outer.max ?? .max)
    }

    private static func within(_ inner: QuantityRange, _ outer: QuantityRange) -> Bool {
        if let floor = outer.min, (inner.min ?? .zero) < floor { return false }
        if let ceiling = outer.max {
            guard let top = inner.max, top <= ceiling else { return false }
        }
        return true
    }

    /// Whether no pod meets both.
    private static func excludes(_ a: Condition.Test, _ b: Condition.Test) -> Bool {
        switch (a, b) {
        case (.namespaces(let names), .namespaces(let others)),
            (.priorityClasses(let names), .priorityClasses(let others)),
            (.groupNames(let names), .groupNames(let others)),
            (.schedulerNames(let names), .schedulerNames(let others)):
            return names.areLiteral && !names.literals.contains(where: others.matches)
        case (.namespaces(let names), .notNamespaces(let excluded)): return excluded.covers(names)
        case (.namespaces(let names), .namespaceLabel(let other)) where other.key == "kubernetes.io/metadata.name":
            return names.areLiteral && !names.literals.contains { other.matches($0) }
        case (.namespaceLabel(let one), .namespaceLabel(let other)), (.label(let one), .label(let other)),
            (.annotation(let one), .annotation(let other)):
            return excludes(one, other)
        case (.ownerKinds(let kinds), .ownerKinds(let others)): return Set(kinds).isDisjoint(with: others)
        case (.qosClasses(let classes), .qosClasses(let others)): return Set(classes).isDisjoint(with: others)
        case (.notInGroup, .inGroup), (.notInGroup, .groupNames), (.notInGroup, .minMember): return true
        case (.priority(let one), .priority(let other)), (.minMember(let one), .minMember(let other)):
            return (one.min ?? .min) > (other.max ?? .max)
        case (.request(let resource, let one), .request(let other, let range)):
            guard resource == other, let floor = one.min, let ceiling = range.max else { return false }
            return floor > ceiling
        case (.podNames(let names), .podNames(let others)): return Set(names).isDisjoint(with: others)
        case (.podNames(let names), .notPodNames(let others)): return Set(names).isSubset(of: others)
        default: return false
        }
    }

    private static func excludes(_ a: SelectorRequirement, _ b: SelectorRequirement) -> Bool {
        guard a.key == b.key else { return false }
        switch a.operator {
        case .in: return !a.values.contains { b.matches($0) }
        case .doesNotExist: return b.operator == .exists || b.operator == .in
        default: return false
        }
    }
}

extension Condition {
    /// The test, where it is of lists of conditions and those are few; nil otherwise.
    fileprivate var weighedTest: Test? {
        switch test {
        case .anyOf(let lists), .noneOf(let lists):
            lists.joined().reduce(0) { $0 + $1.leaves.count } <= PolicyLimits.weighedConditions ? test : nil
        default: nil
        }
    }
}
