import ClusterModel

/// Finds misspelt fields in the manifests that stand in a test.
///
/// Elsewhere what is not known of a manifest is passed over, as there is much that scheduling does not look at. In a test a
/// misspelt field makes a pod that is not the one meant, and the test passes for the wrong reason.
enum StrictManifest {
    /// The fields of Kubernetes' types (v1.36), whether they are looked at here or not.
    private static let metadata = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "managedFields",
    ]
    private static let ownerReference = [
        "apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion",
    ]
    private static let podSpec = [
        "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy",
        "terminationGracePeriodSeconds", "activeDeadlineSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName",
        "serviceAccount", "automountServiceAccountToken", "nodeName", "hostNetwork", "hostPID", "hostIPC",
        "shareProcessNamespace", "securityContext", "imagePullSecrets", "hostname", "subdomain", "affinity",
        "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority", "dnsConfig", "readinessGates",
        "runtimeClassName", "enableServiceLinks", "preemptionPolicy", "overhead", "topologySpreadConstraints",
        "setHostnameAsFQDN", "os", "hostUsers", "schedulingGates", "resourceClaims", "resources", "hostnameOverride",
        "workloadRef", "schedulingGroup",
    ]
    private static let container = [
        "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy",
        "restartPolicy", "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe",
        "startupProbe", "lifecycle", "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy",
        "securityContext", "stdin", "stdinOnce", "tty",
    ]
    private static let resources = ["requests", "limits", "claims"]

    /// Fails at the first field of a pod that Kubernetes does not know.
    static func checkPod(_ value: Value) throws(FieldError) {
        let pod = try StrictObject(value, keys: ["apiVersion", "kind", "metadata", "spec", "status"])
        try checkMetadata(pod)
        try pod.object("spec", keys: podSpec) { spec throws(FieldError) in
            try spec.object("resources", keys: resources) { _ in }
            for list in ["containers", "initContainers"] {
                _ = try spec.reader.list(list) { item throws(FieldError) in
                    try StrictObject(item, keys: container).object("resources", keys: resources) { _ in }
                }
            }
        }
    }

    /// Fails at the first field of an object, or of its metadata, that is none.
    static func check(_ value: Value, keys: [String]) throws(FieldError) {
        try checkMetadata(StrictObject(value, keys: ["apiVersion", "kind", "metadata", "status"] + keys))
    }

    private static func checkMetadata(_ object: StrictObject) throws(FieldError) {
        try object.object("metadata", keys: metadata) { metadata throws(FieldError) in
            _ = try metadata.reader.list("ownerReferences") { item throws(FieldError) in
                _ = try StrictObject(item, keys: ownerReference)
            }
        }
    }
}
