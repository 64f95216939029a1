import ClusterModel

/// An object of which a controller makes pods.
struct Workload: Sendable {
    /// The kind's name.
    var kind: String
    /// Name, namespace, labels.
    var metadata: ObjectMeta
    /// The collections of Kubernetes' own kinds that its controller makes of it; a Deployment is its own.
    var collections: [PodCollection] = []
    /// Whether it has run to its end, so that no more pods are made.
    var isComplete = false
}

extension Workload {
    /// The kinds whose pods are made.
    static let kinds: [ObjectKind] = PodCollection.Kind.allCases.map(builtIn) + [cronJob]

    private static func builtIn(_ kind: PodCollection.Kind) -> ObjectKind {
        let group = kind.apiVersion.split(separator: "/").dropLast().first.map(String.init) ?? ""
        // Old manifests have Deployments, ReplicaSets and DaemonSets in `extensions`.
        let groups = group == "apps" ? ["apps", "extensions"] : [group]
        return .workload(kind.rawValue, groups) { value throws(FieldError) in
            let collection = try PodCollection(value, kind: kind)
            return Workload(
                kind: kind.rawValue, metadata: collection.metadata, collections: [collection],
                isComplete: isComplete(value))
        }
    }

    private static let cronJob = ObjectKind("CronJob", ["batch"]) { _ throws(FieldError) in
        .passedOver("CronJob", why: ", which has no bearing on scheduling; the Jobs that it makes are read")
    }

    /// Whether a Job has run to its end, well or not.
    private static func isComplete(_ value: Value) -> Bool {
        guard case .array(let conditions)? = value["status"]?["conditions"] else { return false }
        return conditions.contains { condition in
            condition["status"] == .string("True")
                && (condition["type"] == .string("Complete") || condition["type"] == .string("Failed"))
        }
    }
}
