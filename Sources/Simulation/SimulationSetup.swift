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
    /// A budget without a status counts the pods that stand on nodes as healthy, as the disruption controller would.
    var currentBudgets: [Budget] {
        budgets.compactMap { budget in
            guard let selector = budget.selector else { return nil }
            let healthy = found.count {
                $0.key.namespace == budget.metadata.namespace && selector.matches($0.spec.labels)
            }
            return Budget(key: budget.metadata.key, selector: selector, allowed: budget.allowed(healthy: healthy))
        }
    }
}
