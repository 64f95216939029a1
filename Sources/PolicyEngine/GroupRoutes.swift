import ClusterModel

/// Remembers where pod groups were routed, so that every member of a group goes where the first one went.
///
/// Bounded: two generations of half the limit each; when the younger is full the older is forgotten. A group that is still
/// asked for moves to the younger generation, so only groups that nobody asks for are lost.
struct GroupRoutes: Sendable {
    private var young: [ObjectKey: CopyOnWrite<Route>] = [:]
    private var old: [ObjectKey: CopyOnWrite<Route>] = [:]
    private let generationLimit: Int
    /// How often routes were moved to the older generation or forgotten.
    private(set) var losses = 0

    init(limit: Int = PolicyLimits.rememberedGroups) {
        precondition(limit >= 2, "a memory of groups holds at least two")
        self.generationLimit = limit / 2
    }

    /// How many groups are remembered.
    var count: Int { young.count + old.count }

    /// Where the group was routed, or nil.
    mutating func route(of group: ObjectKey) -> CopyOnWrite<Route>? {
        if let route = young[group] { return route }
        guard !old.isEmpty, let route = old.removeValue(forKey: group) else { return nil }
        remember(route, for: group)
        return route
    }

    /// Remembers where the group was routed, as the route of the members to come.
    mutating func remember(_ route: CopyOnWrite<Route>, for group: ObjectKey) {
        var route = route
        route.wrappedValue.origin = .group
        if young.count >= generationLimit, young[group] == nil {
            (old, young) = (young, [:])
            losses += 1
        }
        old.removeValue(forKey: group)
        young[group] = route
    }

    /// Forgets a group, whose next member is then routed afresh.
    mutating func forget(_ group: ObjectKey) {
        losses += 1
        young.removeValue(forKey: group)
        old.removeValue(forKey: group)
    }
}
