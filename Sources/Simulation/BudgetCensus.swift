import ClusterModel

/// Counts the pods of disruption budgets, as the disruption controller does in a cluster.
package struct BudgetCensus {
    private let budgets: [PodDisruptionBudget]
    private var numbers: [String: [Int]] = [:]
    private var healthy: [Int]
    private var expected: [Int]

    /// A census for the given budgets.
    package init(_ budgets: [PodDisruptionBudget]) {
        self.budgets = budgets
        healthy = Array(repeating: 0, count: budgets.count)
        expected = healthy
        // Where the status says what is left nothing needs to be counted.
        for (number, budget) in budgets.enumerated() where budget.disruptionsAllowed == nil {
            numbers[budget.metadata.namespace, default: []].append(number)
        }
    }

    /// Whether the count of any pod matters.
    package var isIdle: Bool { numbers.isEmpty }

    /// Counts a pod that its controller wants.
    ///
    /// - Parameter isHealthy: whether it stands on a node, is ready, and is not being deleted.
    package mutating func count(_ key: ObjectKey, labels: [String: String], isHealthy: Bool) {
        guard let numbers = numbers[key.namespace] else { return }
        for number in numbers where budgets[number].selector?.matches(labels) ?? false {
            expected[number] += 1
            if isHealthy, !budgets[number].disruptedPods.contains(key.name) { healthy[number] += 1 }
        }
    }

    /// How many pods of each budget may go now; below 0, how many are missing.
    package var left: [Int] {
        budgets.indices.map { budgets[$0].left(healthy: healthy[$0], expected: expected[$0]) }
    }
}
