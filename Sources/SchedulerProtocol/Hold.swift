/// The contents of `hold`: what a scheduler keeps in a queue of its own, and why.
public struct Hold: Hashable, Sendable {
    /// Pods that wait by themselves.
    public var pods: [WirePod]
    /// Groups of which every undecided member waits.
    public var groups: [WireGroup]
    /// Why, for those who ask what became of the pods.
    public var reason: String

    /// Says that pods and groups wait.
    public init(pods: [WirePod] = [], groups: [WireGroup] = [], reason: String) {
        self.pods = pods
        self.groups = groups
        self.reason = reason
    }
}

extension Hold {
    init(_ node: MessageNode) throws(MessageError) {
        self.init(
            pods: try node.integers("pods"), groups: try node.integers("groups"), reason: try node.string("reason"))
    }
}
