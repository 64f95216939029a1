/// Pods that run together or not at all: a gang.
public struct PodGroup: Hashable, Sendable {
    /// Name, namespace, labels.
    public var metadata: ObjectMeta
    /// How many members must be placed at once; with 0 each is placed by itself.
    public var minMember: Int
    /// Node labels of which the group must lie in a single domain.
    public var requiredTopologyKeys: [String]
    /// Node labels of which the group should lie in few domains.
    public var preferredTopologyKeys: [String]
    /// How many members of a task, as `Pod.task` has it, must be among those placed at once.
    public var minByTask: [String: Int] = [:]
    /// What must be free on all nodes together before any member is placed, its members that run counted as free.
    public var minResources: ResourceList = [:]
    /// Members that are no pods any more, by task, and count as placed: they have run to their end.
    public var finishedByTask: [String: Int] = [:]
    /// Whether the group's members may only be evicted all together.
    public var isDisruptedWhole = false
    /// Fields that bear on scheduling elsewhere and are not honoured here.
    public var unhonouredFields: [String] = []

    /// The most members that a group can have.
    public static let maxMembers = 1_000_000

    /// A group of the given parts.
    public init(
        metadata: ObjectMeta, minMember: Int, requiredTopologyKeys: [String] = [], preferredTopologyKeys: [String] = []
    ) {
        self.metadata = metadata
        self.minMember = minMember
        self.requiredTopologyKeys = requiredTopologyKeys
        self.preferredTopologyKeys = preferredTopologyKeys
    }

    /// How many members have run to their end.
    public var finishedMembers: Int { finishedByTask.isEmpty ? 0 : finishedByTask.values.reduce(0, +) }

    /// The group as a `scheduling.x-k8s.io` manifest; what that kind does not have is written as the kinds have it that do.
    public var value: Value {
        var spec = ObjectBuilder()
        spec.add("minMember", .int(Int64(minMember)))
        if !minByTask.isEmpty {
            let tasks = minByTask.sorted { $0.key < $1.key }.map { Value.Field($0.key, .int(Int64($0.value))) }
            spec.add("minTaskMember", .object(tasks))
        }
        if !minResources.isEmpty { spec.add("minResources", .resources(minResources)) }
        if isDisruptedWhole { spec.add("disruptionMode", "PodGroup") }
        if !requiredTopologyKeys.isEmpty {
            let keys = requiredTopologyKeys.map { Value.object([.init("key", .string($0))]) }
            spec.add("schedulingConstraints", .object([.init("topology", .array(keys))]))
        }
        return .object([
            .init("apiVersion", .string("scheduling.x-k8s.io/v1alpha1")), .init("kind", .string("PodGroup")),
            .init("metadata", metadata.value), .init("spec", spec.value),
        ])
    }
}
