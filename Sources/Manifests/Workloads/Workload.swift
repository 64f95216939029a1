import ClusterModel

/// What a controller makes of an object: collections of Kubernetes' own kinds, pods, and the gangs that these form.
///
/// Each kind is read by a function of its own, in a file of this folder, which says nothing but what its controller would do;
/// nothing here depends on other objects, so that the same functions serve whoever runs such a controller.
struct Workload: Sendable {
    /// The kind's name.
    var kind: String
    /// Name, namespace, labels.
    var metadata: ObjectMeta
    /// The collections of Kubernetes' own kinds that it becomes; a Deployment is its own.
    var collections: [PodCollection] = []
    /// The pods that its controller makes itself.
    var sets: [PodSet] = []
    /// The gangs that its controller defines.
    var groups: [PodGroup] = []
    /// Whether it has run to its end, so that no more pods are made.
    var isComplete = false
    /// Why no pods are made though there could be some, such as `suspended`.
    var idle: String?
    /// A template of another object that its pods are made of.
    var borrowed: BorrowedTemplate?
    /// Whether any collection that it owns in the input stands for all of it, as a ReplicaSet for its Deployment.
    var standsBack = true

    /// The API group of its kind, where another kind has the same name.
    var group = ""
    /// The kind's name, with the group where that is needed.
    var kindID: String { group.isEmpty ? kind : "\(kind).\(group)" }

    /// How many pods it makes at most.
    func expectedCount(nodes: Int) -> Int {
        collections.reduce(0) { $0 + $1.expectedCount(nodes: nodes) } + sets.reduce(0) { $0 + $1.count }
            + (borrowed?.replicas ?? 0)
    }

    /// The templates of its pods, with the fields that they stand in where that is known.
    var templates: [PodSpec] { collections.map(\.template) + sets.map(\.template.spec) }
}

extension Workload {
    /// The kinds whose pods are made, one file each.
    static let kinds: [ObjectKind] =
        PodCollection.Kind.allCases.map(builtIn) + [
            cronJob, jobSet, leaderWorkerSet, volcanoJob, rayCluster, rayJob, rayService, sparkApplication, rollout,
            kueueWorkload,
        ] + kubeflowJobs + plainReplicas

    private static func builtIn(_ kind: PodCollection.Kind) -> ObjectKind {
        let group = kind.apiVersion.split(separator: "/").dropLast().first.map(String.init) ?? ""
        // Old manifests have Deployments, ReplicaSets and DaemonSets in `extensions`.
        let groups = group == "apps" ? ["apps", "extensions"] : [group]
        return .workload(kind.rawValue, groups) { value throws(FieldError) in
            let collection = try PodCollection(value, kind: kind)
            return Workload(
                kind: kind.rawValue, metadata: collection.metadata, collections: [collection],
                isComplete: kind == .job && hasEnded(value, "Complete", "Failed"), idle: collection.details.idle)
        }
    }

    /// Whether one of the conditions of an object holds.
    static func hasEnded(_ value: Value, _ types: String...) -> Bool {
        guard case .array(let conditions)? = value["status"]?["conditions"] else { return false }
        return conditions.contains { condition in
            guard case .string(let type)? = condition["type"] else { return false }
            return condition["status"] == .string("True") && types.contains(type)
        }
    }
}

/// The counts that a workload may state.
let workloadCounts: ClosedRange<Int64> = 0...1_000_000

extension ObjectReader {
    /// The number under a key that says how many of something there are.
    func count(_ key: String) throws(FieldError) -> Int? {
        try int(key, in: workloadCounts).map { Int($0) }
    }
}

extension Value {
    /// The metadata of a manifest of a namespace.
    func namespacedMetadata() throws(FieldError) -> ObjectMeta {
        try ObjectMeta(manifest: self)
    }
}

extension Dictionary where Key == String, Value == String {
    /// The labels with others put over them.
    func with(_ others: [String: String]) -> [String: String] { merging(others) { $1 } }
}
