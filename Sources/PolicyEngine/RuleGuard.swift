import ClusterModel

/// The condition by which the index finds a rule: one without which the rule cannot match.
struct RuleGuard: Sendable {
    /// Where the condition stands among those that were offered.
    let place: Int
    /// The condition.
    let test: Condition.Test
    /// Whether a rule that is found by the condition meets it, so that it need not be asked again.
    let isExact: Bool

    /// The most telling of some conditions; nil where none can be a guard.
    init?(_ tests: some Collection<Condition.Test>) {
        var best: (rank: Int, place: Int, test: Condition.Test)?
        for (place, test) in tests.enumerated() {
            let rank = RuleGuard.rank(test)
            if rank > best?.rank ?? 0 { best = (rank, place, test) }
        }
        guard let best else { return nil }
        place = best.place
        test = best.test
        isExact = RuleGuard.isExact(best.test)
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

    private static func isExact(_ test: Condition.Test) -> Bool {
        switch test {
        // The index finds canonically equivalent texts too, where there are any.
        case .label(let requirement), .annotation(let requirement):
            !requirement.values.contains(where: PlainText.hasTwin)
        case .priorityClasses, .inGroup, .ownerKinds: true
        case .request(_, let range): range.max == nil
        case .priority(let range): range.max == nil
        default: false
        }
    }
}
