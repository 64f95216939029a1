import ClusterModel

/// Which of the schedulers that rules name cannot take pods: found when that changes, and not for every pod.
struct SchedulerAbsences: Sendable {
    /// Why the scheduler of pods that no rule routes cannot take them, or nil.
    private(set) var ofDefault: SchedulerAbsence?
    /// By the number of a rule that routes to one scheduler: why it cannot take pods, or nil.
    private(set) var byRule: ContiguousArray<SchedulerAbsence?>

    /// - Complexity: O(rules).
    init(_ rules: ContiguousArray<CompiledRule>, _ cluster: PolicyCluster) {
        ofDefault = cluster.absence(of: cluster.defaultScheduler)
        byRule = ContiguousArray(rules.map { $0.actions.scheduler.flatMap { cluster.absence(of: $0) } })
    }
}

extension PolicyCluster {
    /// Why a scheduler cannot take pods, or nil.
    func absence(of scheduler: String) -> SchedulerAbsence? {
        guard let schedulers else { return nil }
        guard let status = schedulers.value(ofKey: scheduler) else { return .unknown }
        return status.isReady ? nil : .down
    }
}
