import ClusterModel
import Foundation

/// What policies may ask about the cluster around a pod.
public struct PolicyCluster: Hashable, Sendable {
    /// Labels of the namespaces; a namespace that is missing here has its name as its only label.
    public var namespaces: [String: [String: String]]
    /// Annotations of the namespaces that have any, which expressions alone may ask for.
    public var namespaceAnnotations: [String: [String: String]] = [:]
    /// The pod groups.
    public var groups: [ObjectKey: PodGroup]
    /// The schedulers by name, or nil where nobody knows and every name counts as ready.
    public var schedulers: [String: SchedulerStatus]?
    /// Objects of the cluster that expressions may see as `params`.
    public var objects: [PolicyObjectKey: Value] = [:]
    /// Such objects that stand beside the policies; those of the cluster come before them.
    var objectsOfPolicies: [PolicyObjectKey: Value] = [:]
    /// The scheduler of pods that no rule routes and that name none.
    public var defaultScheduler: String
    /// The time by which exceptions end, in seconds since 1970.
    public var timeSeconds: Int64

    /// The name of the generic scheduler.
    public static let genericScheduler = "binpack"

    /// A cluster of the given parts.
    public init(
        namespaces: [Namespace] = [], groups: [PodGroup] = [], schedulers: [String: SchedulerStatus]? = nil,
        defaultScheduler: String = genericScheduler, timeSeconds: Int64 = now()
    ) {
        self.namespaces = [:]
        self.groups = [:]
        self.schedulers = schedulers
        self.defaultScheduler = defaultScheduler
        self.timeSeconds = timeSeconds
        for namespace in namespaces { set(namespace) }
        for group in groups { self.groups[group.metadata.key] = group }
    }

    /// Makes a namespace known, or what changed about it.
    mutating func set(_ namespace: Namespace) {
        let (name, annotations) = (namespace.metadata.name, namespace.metadata.annotations)
        namespaces[name] = namespace.metadata.labels
        namespaceAnnotations[name] = annotations.isEmpty ? nil : annotations
    }

    /// The time of the machine's clock, in seconds since 1970.
    public static func now() -> Int64 { Int64(Date().timeIntervalSince1970) }

    /// The labels of a namespace.
    func labels(ofNamespace name: String) -> [String: String] {
        namespaces[name] ?? ["kubernetes.io/metadata.name": name]
    }
}

/// What is known of a scheduler.
public struct SchedulerStatus: Hashable, Sendable {
    /// Whether it takes pods.
    public var isReady: Bool
    /// How many pods wait for it.
    public var queueDepth: Int

    /// A scheduler in the given state.
    public init(isReady: Bool = true, queueDepth: Int = 0) {
        self.isReady = isReady
        self.queueDepth = queueDepth
    }
}
