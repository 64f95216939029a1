@_exported import ClusterModel
@_exported import Placement
@_exported import SchedulerProtocol

/// A scheduler, as its author writes it: where a pod goes, given the cell.
///
/// `SchedulerProcess.run` does the rest: it speaks the protocol, keeps the mirror of the cell, hands over pods one by one and
/// groups whole, and takes back what the dispatcher refuses. An algorithm only chooses; it changes nothing in the cell.
public protocol SchedulingAlgorithm {
    /// A scheduler with the configuration under which it was registered.
    init(_ hello: Hello) throws

    /// How many undecided pods it takes at once.
    var window: Int { get }

    /// The node for a pod of the given class, or `.nowhere`.
    mutating func place(_ pod: ClassIndex, in cell: inout Cell) -> Choice

    /// Nodes for the members of a group, at least `request.missing` of them or none.
    mutating func place(_ request: GroupRequest, in cell: inout Cell) -> [GroupSeat]

    /// Why a pod of the class fits nowhere. Asked for only after `place` has answered `.nowhere`.
    func diagnose(_ pod: ClassIndex, in cell: inout Cell) -> Diagnosis

    /// The node and the victims that would make room for a pod of the class, or nil.
    mutating func preempt(for pod: ClassIndex, in cell: inout Cell, budgets: [Budget]) -> Preemption?

    /// All that led to the choice for a pod of the class, for people to read.
    mutating func explain(_ pod: ClassIndex, in cell: inout Cell) -> Value?
}

/// A choice for one pod.
public enum Choice: Hashable, Sendable {
    /// This node, with these GPU devices.
    case node(NodeIndex, DeviceSet)
    /// No node will do.
    case nowhere
}

/// A group to be placed together.
public struct GroupRequest: Hashable, Sendable {
    /// The group.
    public var group: PodGroup
    /// How many of the members below must be placed at once.
    public var missing: Int
    /// The classes of the members at hand, in order.
    public var members: [ClassIndex]
}

/// A member of a group with its node.
public struct GroupSeat: Hashable, Sendable {
    /// The member, as a position in `GroupRequest.members`.
    public var member: Int
    /// Its node.
    public var node: NodeIndex
    /// Its GPU devices.
    public var devices: DeviceSet

    /// A seat for a member.
    public init(member: Int, node: NodeIndex, devices: DeviceSet) {
        self.member = member
        self.node = node
        self.devices = devices
    }
}
