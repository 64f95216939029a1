import Admission
import Dispatcher
import PolicyEngine

/// What policies are told of a cluster that runs while pods arrive.
extension Intake {
    /// Tells the policies what there is of every scheduler now: whether it is there, and how much waits for it.
    ///
    /// - Complexity: O(schedulers); once for all pods that arrive together.
    public mutating func note(_ dispatcher: borrowing Dispatcher) {
        for (name, load) in dispatcher.loadsByScheduler {
            admission.setScheduler(
                name, SchedulerStatus(isReady: load.isAvailable, queueDepth: load.queued + load.undecided))
        }
        let seconds = PolicyCluster.now()
        if admission.policies.engine.cluster.timeSeconds != seconds {
            admission.policies.engine.setTime(seconds: seconds)
        }
    }

    /// Puts the newest policies of a feed in force, if there are any that are not yet.
    public mutating func reload(from feed: PolicyFeed?) {
        if let policies = feed?.take() { admission.policies.engine.replacePolicies(policies) }
    }

    /// How often each rule had a say, by the rules in force.
    var ruleResults: [SimulationResult.Rule] {
        admission.policies.engine.countersByRule.map { .init(rule: $0.rule, counters: $0.counters) }
    }
}
