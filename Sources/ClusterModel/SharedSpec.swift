/// A scheduling spec that many pods have in common: to copy, hash or compare it costs the same whatever it holds.
public struct SharedSpec: Hashable, Sendable {
    private final class Storage: Sendable {
        let spec: SchedulingSpec
        let hash: UInt32
        let priority: Int32

        init(_ spec: SchedulingSpec) {
            self.spec = spec
            self.priority = spec.priority
            self.hash = spec.fingerprint
        }
    }

    private let storage: Storage

    /// The pod's priority, without a look at the rest of the spec.
    public var priority: Int32 { storage.priority }

    /// The spec itself.
    public var spec: SchedulingSpec { storage.spec }

    /// A spec to be shared from now on.
    public init(_ spec: SchedulingSpec) { storage = Storage(spec) }

    /// Whether two are one in memory.
    public func isSame(as other: SharedSpec) -> Bool { storage === other.storage }

    /// Equal specs are equal, whether they are one or two in memory.
    public static func == (left: SharedSpec, right: SharedSpec) -> Bool {
        left.storage === right.storage || (left.storage.hash == right.storage.hash && left.spec == right.spec)
    }

    /// Feeds the spec's hash, which was computed once.
    public func hash(into hasher: inout Hasher) { hasher.combine(storage.hash) }
}

/// Finds the scheduling spec of a pod among those of its like.
///
/// Pods of one collection have the same template, so that the spec of each is that of the one before. To see that they
/// agree is cheap where they share their parts in memory, and right where they do not.
public struct SharedSpecs: Sendable {
    private struct Origin: Hashable {
        var namespace: String
        var owner: String
    }

    private struct Latest {
        var labels: [String: String]
        var spec: CopyOnWrite<PodSpec>
        var serviceSelector: LabelSelector?
        var shared: SharedSpec
    }

    private var latest: [Origin: Latest] = [:]
    private let limit = 4_096

    /// Knows no pod yet.
    public init() {}

    /// The scheduling spec of a pod, shared with earlier pods of its namespace and controller where it is the same.
    public mutating func spec(of pod: Pod, serviceSelector: LabelSelector?) -> SharedSpec {
        let origin = Origin(
            namespace: pod.metadata.namespace,
            owner: pod.metadata.ownerReferences.first(where: \.controller)?.name ?? "")
        if let known = latest[origin], known.labels == pod.metadata.labels, known.spec == pod.$spec,
            known.serviceSelector == serviceSelector, known.shared.spec.isTerminating == pod.isTerminating
        {
            return known.shared
        }
        // Collections come and go; what is forgotten here is only computed again.
        if latest.count >= limit { latest.removeAll(keepingCapacity: true) }
        let shared = SharedSpec(SchedulingSpec(pod, serviceSelector: serviceSelector))
        latest[origin] = Latest(
            labels: pod.metadata.labels, spec: pod.$spec, serviceSelector: serviceSelector, shared: shared)
        return shared
    }
}
