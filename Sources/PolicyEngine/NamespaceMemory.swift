import ClusterModel

/// Remembers for each namespace which rules hold there.
///
/// Where these are few of many they get an index of their own, so that a pod costs no more for the rules of all the other
/// namespaces; namespaces in which the same rules hold share it. Bounded: when it is full it starts afresh.
struct NamespaceMemory: Sendable {
    private var byName: [String: NamespaceRules] = [:]
    /// The namespace asked for last: pods of one namespace often come together.
    private var last: NamespaceRules?
    /// Indexes by the set of their rules.
    private var indexes: [ContiguousArray<UInt64>: RuleIndex] = [:]
    /// How many rules stand in `indexes`, each as often as it does.
    private var indexedRules = 0

    /// What is remembered of a namespace, or nil.
    mutating func known(_ name: String) -> NamespaceRules? {
        if let last, last.name == name { return last }
        guard let known = byName[name] else { return nil }
        last = known
        return known
    }

    /// Finds out which rules hold in a namespace of some labels, and remembers it.
    ///
    /// - Complexity: O(rules).
    @inline(never)
    mutating func learn(_ name: String, _ labels: [String: String], _ policies: PolicySet) -> NamespaceRules {
        let allowed = policies.namespaces.rules(inNamespace: name, labels: labels, of: policies.rules)
        if byName.count >= PolicyLimits.rememberedNamespaces || indexedRules >= PolicyLimits.rulesOfNamespaces {
            forgetAll()
        }
        let found: NamespaceRules
        if let own = ownIndex(of: allowed, policies) {
            found = NamespaceRules(
                name: name, index: own, allowed: ContiguousArray(repeating: .max, count: own.wordCount))
        } else {
            found = NamespaceRules(name: name, index: policies.index, allowed: allowed)
        }
        byName[name] = found
        last = found
        return found
    }

    /// The index of a set of rules; nil where they are not few, so that they are found in the one of all rules.
    private mutating func ownIndex(of allowed: ContiguousArray<UInt64>, _ policies: PolicySet) -> RuleIndex? {
        let count = allowed.reduce(0) { $0 + $1.nonzeroBitCount }
        if count > PolicyLimits.rulesOfNamespace || 2 * count > policies.ruleCount { return nil }
        if let known = indexes[allowed] { return known }
        let index = RuleIndex(policies.rules.filter { allowed[$0.number / 64] >> UInt64($0.number % 64) & 1 == 1 })
        indexes[allowed] = index
        indexedRules += count
        return index
    }

    /// Forgets a namespace, whose labels changed.
    mutating func forget(_ name: String) {
        byName.removeValue(forKey: name)
        last = nil
    }

    /// Forgets everything, as for other policies.
    mutating func forgetAll() { self = NamespaceMemory() }
}

/// What is remembered of a namespace.
final class NamespaceRules: Sendable {
    let name: String
    /// Where the rules are found.
    let index: RuleIndex
    /// Those in the index that hold there.
    let allowed: ContiguousArray<UInt64>

    init(name: String, index: RuleIndex, allowed: ContiguousArray<UInt64>) {
        (self.name, self.index, self.allowed) = (name, index, allowed)
    }
}
