/// Changes of the cluster that may let a pod that fitted nowhere fit after all.
///
/// A scheduler says with each unschedulable pod which of them are worth another try, so that nobody tries in vain.
public struct ClusterEvents: OptionSet, Hashable, Sendable {
    /// One bit for each kind of event.
    public let rawValue: UInt16

    /// The set of the given bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A node joined.
    public static let nodeAdded = ClusterEvents(rawValue: 1 << 0)
    /// A node left, which can relax a topology spread constraint.
    public static let nodeRemoved = ClusterEvents(rawValue: 1 << 1)
    /// A node's labels changed.
    public static let nodeLabels = ClusterEvents(rawValue: 1 << 2)
    /// A node's taints changed, or it was cordoned or uncordoned.
    public static let nodeTaints = ClusterEvents(rawValue: 1 << 3)
    /// A node offers more of some resource.
    public static let nodeAllocatable = ClusterEvents(rawValue: 1 << 4)
    /// A placed pod ended, was deleted, or was evicted.
    public static let podReleased = ClusterEvents(rawValue: 1 << 5)
    /// A pod was placed, which can satisfy an affinity or relax a spread constraint.
    public static let podPlaced = ClusterEvents(rawValue: 1 << 6)
    /// A namespace's labels changed.
    public static let namespaceLabels = ClusterEvents(rawValue: 1 << 7)

    /// Every event.
    public static let all = ClusterEvents(rawValue: (1 << 8) - 1)

    private static let table: [(ClusterEvents, String)] = [
        (.nodeAdded, "nodeAdded"), (.nodeRemoved, "nodeRemoved"), (.nodeLabels, "nodeLabels"),
        (.nodeTaints, "nodeTaints"), (.nodeAllocatable, "nodeAllocatable"), (.podReleased, "podReleased"),
        (.podPlaced, "podPlaced"), (.namespaceLabels, "namespaceLabels"),
    ]

    /// The events' names in the protocol, in a fixed order.
    public var names: [String] { ClusterEvents.table.filter { contains($0.0) }.map(\.1) }

    /// The events of the given names; names that mean nothing are passed over, so that versions can differ.
    public init(names: [String]) {
        self = ClusterEvents(ClusterEvents.table.filter { names.contains($0.1) }.map(\.0))
    }
}
