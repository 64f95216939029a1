import ClusterModel

/// One step of a workload. Steps that create work go on while the next ones begin; a barrier waits for them.
enum Operation: Hashable, Sendable {
    /// Nodes join, named `NAME-0` and on.
    case createNodes(CreateNodes)
    /// Namespaces appear, named as the template says.
    case createNamespaces(count: Int, template: ObjectTemplate)
    /// Pods come.
    case createPods(CreatePods)
    /// Pods come and are deleted again, until the next barrier.
    case churn(Churn)
    /// The oldest pods of a stream are deleted.
    case deletePods(of: String, count: Int, perSecond: Double?)
    /// Nodes are cordoned, or taken back into service.
    case setUnschedulable(Bool, NodeChoice)
    /// Nodes get labels.
    case relabel(NodeChoice, labels: [String: String])
    /// Nodes leave, and their pods with them.
    case removeNodes(NodeChoice)
    /// The process of a scheduler is killed.
    case killScheduler(Kill)
    /// All work that is not in the background is waited for.
    case barrier
    /// Nothing happens for a while.
    case sleep(seconds: Double)

    /// Nodes to be made.
    struct CreateNodes: Hashable, Sendable {
        var count: Int
        var name: String
        var template: ObjectTemplate
    }

    /// Pods to be made.
    struct CreatePods: Hashable, Sendable {
        /// The stream's name, and the stem of the pods' names.
        var name: String
        var count: Int
        /// Pods a second, whatever becomes of them; nil for as many as the schedulers' windows take.
        var perSecond: Double?
        /// Whether they count in the figures.
        var isMeasured: Bool
        /// Whether no barrier waits for them.
        var isBackground: Bool
        /// Members of one group, 1 for single pods, and how many must be placed at once.
        var groupSize: Int
        var minMember: Int
        /// Node labels of which a group must lie in one domain.
        var topologyKeys: [String]
        var template: ObjectTemplate
    }

    /// Pods that come and go.
    struct Churn: Hashable, Sendable {
        var name: String
        var perSecond: Double
        /// Seconds from a pod's creation to its deletion.
        var lifetime: Double
        var template: ObjectTemplate
    }

    /// Some of the nodes, in the order in which they joined.
    struct NodeChoice: Hashable, Sendable {
        var first: Int
        var count: Int
    }

    /// When a scheduler is killed.
    struct Kill: Hashable, Sendable {
        var scheduler: String
        /// Pods bound, by all schedulers, between one kill and the next; nil for once, now.
        var everyBound: Int?
        var times: Int
    }
}
