/// Objects of the cluster by which pods are completed or refused as they come in.
public struct ClusterRules: Sendable {
    /// The priority classes, beyond the two that every cluster has.
    public var priorityClasses: [PriorityClass]
    /// The runtime classes.
    public var runtimeClasses: [RuntimeClass]
    /// Bounds and defaults of namespaces.
    public var limitRanges: [LimitRange]
    /// What namespaces may take.
    public var quotas: [ResourceQuota]

    /// Rules of the given parts.
    public init(
        priorityClasses: [PriorityClass] = [], runtimeClasses: [RuntimeClass] = [], limitRanges: [LimitRange] = [],
        quotas: [ResourceQuota] = []
    ) {
        self.priorityClasses = priorityClasses
        self.runtimeClasses = runtimeClasses
        self.limitRanges = limitRanges
        self.quotas = quotas
    }
}
