import ClusterModel
import Placement
import SchedulerProtocol

/// Disruption budgets as they are used up and filled again while pods leave nodes and stand on them anew.
///
/// The disruption controller does this in Kubernetes: it counts a budget's healthy pods and allows as many to go as there
/// are beyond those that must stay. What is left is kept with its sign: a budget that was broken by two must gain three
/// pods before it allows one to go.
struct BudgetBook {
    /// The budgets, as schedulers are told of them.
    private(set) var budgets: [Budget] = []
    private var left: [Int] = []
    private var rules: [DisruptionBudget] = []
    /// By class: the budgets that guard its pods.
    private var guarding: [ClassIndex: [Int]] = [:]
    /// Pods that stand and were not healthy when they came: they count for no budget.
    var unhealthy: Set<Int> = []

    var isEmpty: Bool { budgets.isEmpty }

    /// The budgets as preemption looks at them.
    var disruptionBudgets: [DisruptionBudget] { rules }

    /// Takes over the budgets as they now stand; `allowed` below 0 says how many pods are missing.
    mutating func replace(_ all: [Budget]) {
        left = all.map(\.allowed)
        budgets = all
        guarding = [:]
        for number in budgets.indices { budgets[number].allowed = max(0, left[number]) }
        rules = budgets.map {
            DisruptionBudget(
                namespace: $0.key.namespace, selector: $0.selector, allowed: $0.allowed,
                disrupted: Set($0.disrupted.compactMap { PodID(exactly: $0) }))
        }
    }

    /// A healthy pod of the class has come to stand, or stands no more.
    ///
    /// - Returns: whether any budget allows more, or less, evictions now.
    mutating func count(_ pod: Int, class index: ClassIndex, _ change: Int, _ cell: borrowing Cell) -> Bool {
        var hasChanged = false
        for number in budgets(guarding: index, cell) where !budgets[number].disrupted.contains(pod) {
            left[number] = max(Int(Int32.min), min(left[number] + change, Int(Int32.max)))
            let allowed = max(0, left[number])
            guard allowed != budgets[number].allowed else { continue }
            budgets[number].allowed = allowed
            rules[number].allowed = allowed
            hasChanged = true
        }
        return hasChanged
    }

    private mutating func budgets(guarding index: ClassIndex, _ cell: borrowing Cell) -> [Int] {
        if let known = guarding[index] { return known }
        let spec = cell.spec(of: index)
        // A pod that is being deleted is not healthy.
        let numbers = spec.isTerminating ? [] : rules.indices.filter { rules[$0].guards(spec) }
        guarding[index] = numbers
        return numbers
    }
}

extension Dispatcher {
    /// Keeps the budgets right when a pod comes to stand on a node, or stands there no more.
    mutating func noteHealth(_ pod: Int, leaving old: PodRecord.State, entering new: PodRecord.State) {
        guard (old == .bound) != (new == .bound), !budgets.unhealthy.contains(pod) else { return }
        guard budgets.count(pod, class: pods[pod].spec, new == .bound ? 1 : -1, cell) else { return }
        for index in slots.indices {
            // Of budgets that allow more schedulers hear when there is something else to say.
            if new == .bound { slots[index].budgetsGrew = true } else { slots[index].budgetsChanged = true }
        }
    }
}
