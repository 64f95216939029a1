import ClusterModel

/// The routes of pods that name no scheduler, as far as they can be told before a pod comes: found when the policies or the
/// states of schedulers change, and shared by all decisions until then.
struct SettledRoutes: Sendable {
    /// The route of a pod that no rule routes, whether its scheduler is there or not.
    let unrouted: CopyOnWrite<Route>
    /// Whether the scheduler of such pods can take them.
    let takesUnrouted: Bool
    /// By the number of a rule: the route of the pods that it routes; nil where it routes none, where that depends on the
    /// pod, and where the scheduler cannot take them.
    let byRule: ContiguousArray<CopyOnWrite<Route>?>

    /// - Complexity: O(rules).
    init(_ rules: ContiguousArray<CompiledRule>, _ cluster: PolicyCluster) {
        unrouted = CopyOnWrite(
            wrappedValue: Route(
                scheduler: cluster.defaultScheduler, origin: .default, rule: nil, availability: .ready,
                whenUnavailable: .queue, fallback: []))
        takesUnrouted = cluster.absence(of: cluster.defaultScheduler) == nil
        byRule = ContiguousArray(
            rules.map { rule in
                guard let scheduler = rule.actions.scheduler, cluster.absence(of: scheduler) == nil else { return nil }
                return CopyOnWrite(wrappedValue: rule.route)
            })
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
