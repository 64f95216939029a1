import ClusterModel

/// The kinds of object that Switchyard reads from manifests.
enum ObjectKind: Hashable, Sendable {
    case node
    case pod
    case namespace
    case service
    case podGroup
    case priorityClass
    case disruptionBudget
    case collection(PodCollection.Kind)
    case cronJob

    private static let table: [String: (kind: ObjectKind, groups: [String])] = {
        var table: [String: (kind: ObjectKind, groups: [String])] = [
            "Node": (.node, [""]), "Pod": (.pod, [""]), "Namespace": (.namespace, [""]), "Service": (.service, [""]),
            "PodGroup": (.podGroup, ["scheduling.k8s.io", "scheduling.x-k8s.io", "scheduling.volcano.sh"]),
            "PriorityClass": (.priorityClass, ["scheduling.k8s.io"]),
            "PodDisruptionBudget": (.disruptionBudget, ["policy"]), "CronJob": (.cronJob, ["batch"]),
        ]
        for kind in PodCollection.Kind.allCases {
            // Old manifests have Deployments, ReplicaSets and DaemonSets in `extensions`.
            let group = ObjectKind.group(of: kind.apiVersion)
            table[kind.rawValue] = (.collection(kind), group == "apps" ? ["apps", "extensions"] : [group])
        }
        return table
    }()

    /// Kinds of Kubernetes itself that have no bearing on scheduling.
    private static let others: Set<String> = [
        "APIService", "Binding", "CSIDriver", "CSINode", "CSIStorageCapacity", "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding", "ClusterTrustBundle", "ComponentStatus", "ConfigMap", "ControllerRevision",
        "CustomResourceDefinition", "DeviceClass", "EndpointSlice", "Endpoints", "Event", "Eviction", "FlowSchema",
        "HorizontalPodAutoscaler", "IPAddress", "Ingress", "IngressClass", "Lease", "LimitRange",
        "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "NetworkPolicy",
        "NodeMetrics", "PersistentVolume", "PersistentVolumeClaim", "PodMetrics", "PodTemplate",
        "PriorityLevelConfiguration", "ResourceClaim", "ResourceClaimTemplate", "ResourceQuota", "ResourceSlice",
        "Role",
        "RoleBinding", "RuntimeClass", "Secret", "ServiceAccount", "ServiceCIDR", "StorageClass",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        "VolumeAttachment", "VolumeAttributesClass", "Workload",
    ]

    /// What becomes of an object with a kind and an API version.
    enum Lookup: Equatable {
        /// It is read.
        case known(ObjectKind)
        /// It has no bearing on scheduling, and is passed over under this name.
        case other(String)
        /// Nobody knows the kind; `nearest` is one that is spelt much like it.
        case unknown(nearest: String?)
        /// The kind is known, but not in this API group; `expected` names its own.
        case wrongGroup(expected: String)
    }

    /// Looks a kind up.
    ///
    /// An object without API version is taken to have the right one, as the items of a list have.
    static func lookup(_ kind: String, apiVersion: String?) -> Lookup {
        let group = apiVersion.map(ObjectKind.group)
        // The groups of custom resources have a dot in their names, and those of Kubernetes end in k8s.io.
        let isCustom = group.map { $0.contains(".") && !$0.hasSuffix("k8s.io") } ?? false
        if let entry = table[kind] {
            guard let group, !entry.groups.contains(group) else { return .known(entry.kind) }
            if group.contains(".") { return .other("\(kind).\(group)") }
            return .wrongGroup(expected: entry.groups.first.map { $0.isEmpty ? "v1" : "\($0)/v1" } ?? "v1")
        }
        if isCustom { return .other("\(kind).\(group ?? "")") }
        if others.contains(kind) { return .other(kind) }
        return .unknown(nearest: nearest(to: kind))
    }

    private static func group(of apiVersion: String) -> String {
        apiVersion.firstIndex(of: "/").map { String(apiVersion[..<$0]) } ?? ""
    }

    private static func nearest(to kind: String) -> String? {
        let names = Array(table.keys) + others + ["List"]
        let ranked = names.map { (distance: distance(kind.lowercased(), $0.lowercased()), name: $0) }
        guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= max(1, kind.count / 3) ? best.name : nil
    }

    /// How many letters must be put in, taken out or replaced to make one word of the other.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8.prefix(64)), Array(b.utf8.prefix(64)))
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
