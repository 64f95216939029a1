import ClusterModel

/// What the API server writes into a pod where its author has written nothing: the defaults of the types, and the priority
/// that admission resolves.
///
/// Requests that come from limits are in `Container.requests` already. What other admission plug-ins add, such as a service
/// account with its token, or tolerations for 300 seconds, is not here: policies see what the author left out.
///
/// Source: `pkg/apis/core/v1/defaults.go` and the `+default` tags of `k8s.io/api`, Kubernetes 1.36.
enum KubernetesDefaults {
    /// Fields by type, each with its value where it is not stated.
    private static let table: [String: [String: Value]] = [
        "AzureDiskVolumeSource": [
            "cachingMode": .string("ReadWrite"), "fsType": .string("ext4"), "kind": .string("Shared"),
            "readOnly": .bool(false),
        ],
        "ConfigMapVolumeSource": ["defaultMode": .int(0o644)],
        "Container": containerDefaults,
        "ContainerPort": ["protocol": .string("TCP")],
        "DownwardAPIVolumeSource": ["defaultMode": .int(0o644)],
        "EphemeralContainer": containerDefaults,
        "FileKeySelector": ["optional": .bool(false)],
        "GRPCAction": ["service": .string("")],
        "HTTPGetAction": ["path": .string("/"), "scheme": .string("HTTP")],
        "HostPathVolumeSource": ["type": .string("")],
        "ISCSIVolumeSource": ["iscsiInterface": .string("default")],
        "ObjectFieldSelector": ["apiVersion": .string("v1")],
        "PersistentVolumeClaimSpec": ["volumeMode": .string("Filesystem")],
        "Pod": ["apiVersion": .string("v1"), "kind": .string("Pod")],
        "PodSpec": [
            "dnsPolicy": .string("ClusterFirst"), "enableServiceLinks": .bool(true),
            "preemptionPolicy": .string("PreemptLowerPriority"), "priority": .int(0),
            "restartPolicy": .string("Always"), "schedulerName": .string(Pod.defaultSchedulerName),
            "securityContext": .object([]), "terminationGracePeriodSeconds": .int(30),
        ],
        "Probe": [
            "failureThreshold": .int(3), "periodSeconds": .int(10), "successThreshold": .int(1),
            "timeoutSeconds": .int(1),
        ],
        "ProjectedVolumeSource": ["defaultMode": .int(0o644)],
        "RBDVolumeSource": [
            "keyring": .string("/etc/ceph/keyring"), "pool": .string("rbd"), "user": .string("admin"),
        ],
        "ScaleIOVolumeSource": ["fsType": .string("xfs"), "storageMode": .string("ThinProvisioned")],
        "SecretVolumeSource": ["defaultMode": .int(0o644)],
        "ServiceAccountTokenProjection": ["expirationSeconds": .int(3600)],
    ]

    private static let containerDefaults: [String: Value] = [
        "terminationMessagePath": .string("/dev/termination-log"), "terminationMessagePolicy": .string("File"),
    ]

    /// The default of a field of an object; nil where it has none.
    static func value(of field: String, in object: Value, of type: String) -> Value? {
        if let value = table[type]?[field] { return value }
        switch (type, field) {
        case ("Container", "imagePullPolicy"), ("EphemeralContainer", "imagePullPolicy"):
            return pullPolicy(object["image"])
        case ("ImageVolumeSource", "pullPolicy"): return pullPolicy(object["reference"])
        // A volume of which only the name is stated is an empty folder.
        case ("Volume", "emptyDir"):
            guard case .object(let fields) = object else { return nil }
            return fields.contains { $0.key != "name" && $0.value != .null } ? nil : .object([])
        // The older name of the field, which both have what one of them states.
        case ("PodSpec", "serviceAccount"): return object["serviceAccountName"].flatMap(\.filledText)
        case ("PodSpec", "serviceAccountName"): return object["serviceAccount"].flatMap(\.filledText)
        default: return nil
        }
    }

    /// `Always` for the tag `latest`, which is that of an image without tag and digest.
    private static func pullPolicy(_ image: Value?) -> Value {
        guard case .string(let text)? = image, !text.isEmpty else { return .string("IfNotPresent") }
        let isPinned = text.contains("@")
        let name = text.prefix { $0 != "@" }.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let tag = name.firstIndex(of: ":").map { name[name.index(after: $0)...] }
        let isLatest = tag.map { $0 == "latest" } ?? !isPinned
        return .string(isLatest ? "Always" : "IfNotPresent")
    }
}

extension Value {
    fileprivate var filledText: Value? {
        if case .string(let text) = self, !text.isEmpty { self } else { nil }
    }
}
