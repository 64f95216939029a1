/// What preemption must know of a pod group whose members stand on nodes: how many of them it can lose.
///
/// A group that runs with fewer than `minMember` members is of no use, so it loses what it has beyond that, or everything.
public struct VictimGroup: Hashable, Sendable {
    /// How many members the group needs; 0 where it is no gang.
    public var minMember: Int
    /// Members that stand on nodes, or have ended well.
    public var bound: Int
    /// Whether the group is disrupted as a whole or not at all (Kubernetes' `disruptionMode: PodGroup`).
    public var goesWhole: Bool

    /// What must be known of a group.
    public init(minMember: Int, bound: Int, goesWhole: Bool = false) {
        self.minMember = minMember
        self.bound = bound
        self.goesWhole = goesWhole
    }

    /// How many members can be lost while the group goes on.
    public var spare: Int { goesWhole ? 0 : max(0, bound - minMember) }

    /// Whether the group may lose so many members at once.
    public func mayLose(_ count: Int) -> Bool { count <= spare || count >= bound }
}

/// Pods that preemption evicts, or spares, together.
struct VictimUnit {
    /// The pods, the most important first; at least one.
    var pods: [PodID]
}
