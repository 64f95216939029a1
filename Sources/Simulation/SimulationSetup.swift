import ClusterModel
import Dispatcher
import DispatcherShell
import SchedulerProtocol
import SchedulerRegistry

/// A cluster and its pods after admission: all that a run needs.
public struct SimulationSetup {
    /// The nodes.
    public var nodes: [Node] = []
    /// The namespaces, for their labels.
    public var namespaces: [Namespace] = []
    /// The pod groups.
    public var groups: [PodGroup] = []
    /// The disruption budgets.
    public var budgets: [PodDisruptionBudget] = []
    /// Pods that stand on a node already.
    public var found: [FoundPod] = []
    /// Pods to be placed, in the order of the input.
    public var arrivals: [Arrival] = []
    /// Pods to be placed for which room is kept on a node, and the node's name.
    public var nominations: [(pod: ObjectKey, node: String)] = []
    /// Pods that admission refused.
    public var rejected: [SimulationResult.Rejected] = []
    /// Pods that no scheduler is asked about yet, and why: those with scheduling gates.
    public var gated: [SimulationResult.Pending] = []
    /// How often each rule of the policies had a say.
    public var rules: [SimulationResult.Rule] = []
    /// The schedulers.
    public var registry: SchedulerRegistry
    /// Faults put in on purpose.
    public var faults = FaultPlan()
    /// The limits of the dispatcher.
    public var limits = Limits()
    /// The seed of every random choice.
    public var seed: UInt64 = 0

    /// A setup without any cluster yet.
    public init(registry: SchedulerRegistry) {
        self.registry = registry
    }

    /// The budgets as schedulers are told of them: how many pods of each may go now.
    ///
    /// A budget without a status counts the pods that stand on nodes as healthy, and those to be placed as expected, as the
    /// disruption controller would.
    func currentBudgets(_ number: (ObjectKey) -> Int?) -> [Budget] {
        var census = BudgetCensus(budgets)
        if !census.isIdle {
            for pod in found { census.count(pod.key, labels: pod.spec.labels, isHealthy: pod.isHealthy) }
            for pod in arrivals { census.count(pod.key, labels: pod.spec.labels, isHealthy: false) }
        }
        return zip(budgets, census.left).compactMap { budget, left in
            guard let selector = budget.selector else { return nil }
            let disrupted = budget.disruptedPods.compactMap {
                number(ObjectKey(namespace: budget.metadata.namespace, name: $0))
            }
            return Budget(key: budget.metadata.key, selector: selector, allowed: left, disrupted: disrupted.sorted())
        }
    }
}
