@_exported import BatchQueue
@_exported import ClusterModel
@_exported import Placement
@_exported import SchedulerProtocol

/// A scheduler, as its author writes it: where a pod goes, given the cell.
///
/// `SchedulerProcess.run` does the rest: it speaks the protocol, keeps the mirror of the cell, hands over pods one by one
/// and groups whole, and takes back what the dispatcher refuses. An algorithm only chooses; it leaves the cell as it was.
public protocol SchedulingAlgorithm {
    /// A scheduler with the configuration under which it was registered.
    init(_ hello: Hello) throws

    /// How many undecided pods it takes at once.
    var window: Int { get }

    /// The order in which groups start of which it is known how long they will run; nil places every group at once.
    var queuePolicy: QueuePolicy? { get }

    /// The node for a pod of the given class, or `.none`.
    mutating func place(_ pod: ClassIndex, in cell: inout Cell) -> Selection

    /// Nodes for at least `minMember` members of a gang, or nil.
    mutating func place(_ gang: Gang, in cell: inout Cell) -> GangPlan?

    /// Looks at a share of the nodes first from now on, because others keep taking the same nodes; nil is all of them.
    mutating func prefer(_ share: NodeShare?)

    /// Why a pod of the class fits nowhere. Asked for only after `place` found nothing.
    mutating func diagnose(_ pod: ClassIndex, in cell: inout Cell) -> Diagnosis

    /// Whether a node takes a pod of the class; asked of the node to which the pod is nominated, before all others.
    mutating func takes(_ pod: ClassIndex, on node: NodeIndex, in cell: inout Cell) -> Bool

    /// The node and the victims that would make room for a pod of the class, or nil.
    ///
    /// - Parameter preemption: what is known of budgets, start times and groups.
    mutating func preempt(
        for pod: ClassIndex, in cell: inout Cell, by preemption: Preemption
    ) -> PreemptionCandidate?

    /// Whether a pod that is nominated to a node waits for victims that are leaving it, and so evicts no others.
    mutating func awaitsVictims(
        for pod: ClassIndex, on node: NodeIndex, in cell: inout Cell, by preemption: Preemption
    ) -> Bool

    /// Nodes for at least `minMember` members of a gang and the victims that would make room for them all, or nil.
    mutating func preempt(
        for gang: Gang, in cell: inout Cell, by preemption: Preemption
    ) -> GangPreemption?
}

extension SchedulingAlgorithm {
    /// No gang pushes others away.
    public mutating func preempt(
        for gang: Gang, in cell: inout Cell, by preemption: Preemption
    ) -> GangPreemption? { nil }

    /// No queue: every group is placed at once or not at all.
    public var queuePolicy: QueuePolicy? { nil }

    /// Looks at all nodes, whatever happens.
    public mutating func prefer(_ share: NodeShare?) {}

    /// Whether the cell's filters let it.
    public mutating func takes(_ pod: ClassIndex, on node: NodeIndex, in cell: inout Cell) -> Bool {
        cell.fitBesideNominated(pod, on: node).isFit
    }

    /// Waits for nobody.
    public mutating func awaitsVictims(
        for pod: ClassIndex, on node: NodeIndex, in cell: inout Cell, by preemption: Preemption
    ) -> Bool { false }
}

/// A scheduler that chooses by a profile of plug-ins and weights: everything follows from its engine.
public protocol ProfileScheduler: SchedulingAlgorithm {
    /// The profile in use where the registration names none.
    static var standardProfile: Profile { get }

    /// What filters and scores.
    var engine: Engine { get set }

    /// A scheduler around an engine.
    init(engine: Engine)
}

extension ProfileScheduler {
    /// A scheduler with the profile of the registration.
    public init(_ hello: Hello) throws { self.init(engine: try Self.engine(hello)) }

    /// The engine of a registration: `config.profile` is a built-in profile's name or a profile written out.
    public static func engine(_ hello: Hello) throws -> Engine {
        var profile = Self.standardProfile
        switch hello.config["profile"] {
        case nil: break
        case .string(let name):
            guard let known = Profile.named(name) else {
                let names = Profile.builtIn.map { "\"\($0.name)\"" }.joined(separator: ", ")
                throw FieldError(
                    path: FieldPath("config", "profile"), expected: "one of \(names)", found: "\"\(name)\"")
            }
            profile = known
        case let written?: profile = try Profile(written)
        }
        return Engine(profile: profile, seed: hello.seed)
    }

    /// The engine looks at them first.
    public mutating func prefer(_ share: NodeShare?) { engine.share = share }

    /// How many undecided pods it takes at once.
    public var window: Int { 4_096 }

    /// The choice of the engine.
    public mutating func place(_ pod: ClassIndex, in cell: inout Cell) -> Selection {
        // The engine is only changed here, never read: to read a property that a protocol asks for takes a copy of all of it.
        cell.hasNominations ? engine.selectBesideNominated(pod, in: &cell) : engine.selectInShare(pod, in: &cell)
    }

    /// Whether the filters of the profile let it.
    public mutating func takes(_ pod: ClassIndex, on node: NodeIndex, in cell: inout Cell) -> Bool {
        cell.hasNode(node) && engine.fit(pod, on: node, in: &cell).isFit
    }

    /// The choice of the engine.
    public mutating func place(_ gang: Gang, in cell: inout Cell) -> GangPlan? {
        engine.plan(gang, in: &cell)
    }

    /// The engine's diagnosis.
    public mutating func diagnose(_ pod: ClassIndex, in cell: inout Cell) -> Diagnosis {
        engine.diagnose(pod, in: &cell)
    }

    /// Kubernetes' DefaultPreemption, for pods that may preempt.
    public mutating func preempt(
        for pod: ClassIndex, in cell: inout Cell, by preemption: Preemption
    ) -> PreemptionCandidate? {
        guard case .evict(let candidate) = preemption.choose(pod, by: &engine, in: &cell) else { return nil }
        return candidate
    }

    /// Kubernetes' rule.
    public mutating func awaitsVictims(
        for pod: ClassIndex, on node: NodeIndex, in cell: inout Cell, by preemption: Preemption
    ) -> Bool {
        preemption.awaitsVictims(pod, on: node, by: &engine, in: &cell)
    }

    /// The fewest and lowest victims that make room for a whole gang.
    public mutating func preempt(
        for gang: Gang, in cell: inout Cell, by preemption: Preemption
    ) -> GangPreemption? {
        preemption.choose(gang, by: &engine, in: &cell)
    }
}
