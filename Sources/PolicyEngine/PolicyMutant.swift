import ClusterModel

/// A policy with one thing about it changed, as a slip of the pen would: tests that pass with it do not test that thing.
public struct PolicyMutant: Sendable {
    /// The policy that was changed.
    public let policy: String
    /// What was changed, beginning with the rule: `jobs: without ownerKinds`.
    public let change: String
    /// The policy as changed.
    public let mutant: SchedulingPolicy

    /// Every mutant of a policy.
    ///
    /// Each rule is taken out; each condition is dropped, and turned into its opposite or moved by the least step where it can
    /// be; each expression is negated; each action is dropped, redirected, or has its setting changed; each exception is
    /// dropped, ended, or widened. A rule that is taken out stands for conditions that never hold, so that a test has to meet
    /// every condition, and, for dropping it, to fail each of them.
    public static func all(of policy: SchedulingPolicy) -> [PolicyMutant] {
        var list = MutantList(policy: policy)
        list.add("without matchConstraints") { $0.matchConstraints = nil }
        for (what, match) in policy.match.mutants { list.add(what) { $0.match = match } }
        for (index, condition) in policy.matchConditions.enumerated() {
            list.add("without matchCondition \(condition.name)") { $0.matchConditions.remove(at: index) }
            list.add("with matchCondition \(condition.name) negated") { $0.matchConditions[index].negate() }
        }
        for index in policy.rules.indices { list.addRule(index) }
        for index in policy.exceptions.indices { list.addException(index) }
        // Only where it was chosen: most expressions have a value for every pod, and then both policies are alike.
        list.add("with the failurePolicy Fail") { $0.failurePolicy = .fail }
        return list.mutants
    }
}

/// Collects the mutants of one policy.
private struct MutantList {
    let policy: SchedulingPolicy
    private(set) var mutants: [PolicyMutant] = []

    init(policy: SchedulingPolicy) { self.policy = policy }

    mutating func add(_ what: String, _ change: (inout SchedulingPolicy) -> Void) {
        var mutant = policy
        change(&mutant)
        if mutant != policy { mutants.append(PolicyMutant(policy: policy.name, change: what, mutant: mutant)) }
    }

    mutating func addRule(_ index: Int) {
        let rule = policy.rules[index]
        add("\(rule.name): taken out") { $0.rules.remove(at: index) }
        for (what, match) in rule.match.mutants { add("\(rule.name): \(what)") { $0.rules[index].match = match } }
        for (place, condition) in rule.matchConditions.enumerated() {
            add("\(rule.name): without matchCondition \(condition.name)") {
                $0.rules[index].matchConditions.remove(at: place)
            }
            add("\(rule.name): with matchCondition \(condition.name) negated") {
                $0.rules[index].matchConditions[place].negate()
            }
        }
        add("\(rule.name): without schedule") { $0.rules[index].schedule = nil }
        add("\(rule.name): without percent") { $0.rules[index].percent = nil }
        for other in PolicyRule.Enforcement.allCases {
            add("\(rule.name): with enforcement \(other.rawValue)") { $0.rules[index].enforcement = other }
        }
        for (what, actions) in rule.actions.mutants {
            add("\(rule.name): \(what)") { $0.rules[index].actions = actions }
        }
    }

    mutating func addException(_ index: Int) {
        let exception = policy.exceptions[index]
        let name = "exception \(exception.name)"
        add("\(name): taken out") { $0.exceptions.remove(at: index) }
        add("\(name): without end") { $0.exceptions[index].untilSeconds = .max }
        add("\(name): for all rules") { $0.exceptions[index].rules = nil }
        add("\(name): without schedule") { $0.exceptions[index].schedule = nil }
        for (what, match) in exception.match.mutants { add("\(name): \(what)") { $0.exceptions[index].match = match } }
    }
}

extension NamedExpression {
    fileprivate mutating func negate() { expression = "!(\(expression)\n)" }
}

extension PolicyTestRunner {
    /// The mutants that no test notices.
    ///
    /// - Parameter policies: the policies that the tests belong to, which pass them.
    /// - Complexity: O(mutants × cases).
    public static func survivors(
        of policies: [SchedulingPolicy], exceptions: [PolicyException] = [], objects: [Value] = [],
        _ tests: [LoadedTest]
    ) -> (survivors: [PolicyMutant], mutants: Int) {
        var survivors: [PolicyMutant] = []
        var count = 0
        for index in policies.indices {
            for mutant in PolicyMutant.all(of: policies[index]) {
                var changed = policies
                changed[index] = mutant.mutant
                count += 1
                let set = PolicySet(changed, exceptions: exceptions, objects: objects)
                if PolicyTestRunner(set).allPass(tests) { survivors.append(mutant) }
            }
        }
        for index in exceptions.indices {
            for (what, mutant) in exceptions[index].mutants {
                var changed = exceptions
                changed[index] = mutant
                if mutant == exceptions[index] { changed.remove(at: index) }
                count += 1
                let set = PolicySet(policies, exceptions: changed, objects: objects)
                guard PolicyTestRunner(set).allPass(tests), let policy = policies.first else { continue }
                survivors.append(
                    PolicyMutant(policy: "exception \(exceptions[index].name)", change: what, mutant: policy))
            }
        }
        return (survivors, count)
    }
}

extension PolicyException {
    /// The exception with one thing about it changed; one that is left as it is stands for taking it out.
    fileprivate var mutants: [(what: String, exception: PolicyException)] {
        var result = [("taken out", self)]
        func add(_ what: String, _ change: (inout PolicyException) -> Void) {
            var mutant = self
            change(&mutant)
            if mutant != self { result.append((what, mutant)) }
        }
        add("without end") { $0.untilSeconds = .max }
        add("for all rules") { $0.rules = nil }
        add("without schedule") { $0.schedule = nil }
        for (what, match) in match.mutants { add(what) { $0.match = match } }
        return result
    }
}
