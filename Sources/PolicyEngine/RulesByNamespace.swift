import ClusterModel

/// Which rules hold in a namespace, as far as that depends on the namespace alone.
///
/// Sets of rules are bit sets, by the numbers of the rules.
struct RulesByNamespace: Sendable {
    /// Rules that hold in one namespace only, by its name.
    private var byName: [String: [Int]] = [:]
    /// Rules whose namespace conditions must be asked for every namespace.
    private var asked: [Int] = []
    /// Rules that ask nothing about the namespace.
    private var everywhere: ContiguousArray<UInt64>

    init(_ rules: ContiguousArray<CompiledRule>) {
        everywhere = ContiguousArray(repeating: 0, count: (rules.count + 63) / 64)
        for rule in rules { add(rule) }
    }

    /// Files a rule under the namespaces in which it can hold.
    private mutating func add(_ rule: CompiledRule) {
        guard !rule.namespaceConditions.isEmpty else {
            everywhere[rule.number / 64] |= 1 << UInt64(rule.number % 64)
            return
        }
        for condition in rule.namespaceConditions {
            guard case .namespaces(let names) = condition.test, names.areLiteral else { continue }
            for name in names.literals { byName[name, default: []].append(rule.number) }
            return
        }
        asked.append(rule.number)
    }

    /// Those of `rules` whose namespace conditions hold in a namespace.
    ///
    /// - Complexity: O(rules that name this namespace, name some by glob, or select by labels).
    func rules(
        inNamespace name: String, labels: [String: String], of rules: ContiguousArray<CompiledRule>
    ) -> ContiguousArray<UInt64> {
        var words = everywhere
        for numbers in [byName[name] ?? [], asked] {
            for number in numbers {
                let holds = rules[number].namespaceConditions.allSatisfy {
                    $0.holds(inNamespace: name, labels: labels)
                }
                if holds { words[number / 64] |= 1 << UInt64(number % 64) }
            }
        }
        return words
    }
}
