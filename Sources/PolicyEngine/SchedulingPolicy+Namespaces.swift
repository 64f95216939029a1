import ClusterModel

extension SchedulingPolicy {
    /// Whether the policy asks for labels of namespaces that only their own objects can tell.
    public var asksForNamespaceLabels: Bool {
        let selectors =
            [matchConstraints?.namespaceSelector, match.namespaceSelector] + rules.map(\.match.namespaceSelector)
            + exceptions.map(\.match.namespaceSelector)
        if selectors.contains(where: { $0?.asksForMoreThanTheName ?? false }) { return true }
        let expressions = variables + matchConditions + rules.flatMap(\.matchConditions)
        return expressions.contains { $0.expression.contains("namespaceObject") }
    }
}
