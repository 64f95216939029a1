import ClusterModel

/// Finds misspelt fields in the manifests that stand in a test.
///
/// Elsewhere what is not known of a manifest is passed over, as there is much that scheduling does not look at. In a test a
/// misspelt field makes an object that is not the one meant, and the test passes for the wrong reason.
enum StrictManifest {
    /// Fails at the first field, however deep, that a type of the Kubernetes API does not have.
    static func check(_ value: Value, of type: String) throws(FieldError) {
        try check(value, KubernetesType.named(type))
    }

    private static func check(_ value: Value, _ type: KubernetesType) throws(FieldError) {
        guard case .object(let fields) = value else { return }
        for field in fields {
            guard let known = type.field(field.key) else {
                throw StrictObject.unknown(field.key, keys: type.fields.map(\.name))
            }
            do { try check(field.value, known.form) } catch { throw error.inside(.key(field.key)) }
        }
    }

    private static func check(_ value: Value, _ form: KubernetesType.Form) throws(FieldError) {
        switch (form, value) {
        case (.object(let name), _): try check(value, KubernetesType.named(name))
        case (.list(let form), .array(let items)):
            for (index, item) in items.enumerated() {
                do { try check(item, form) } catch { throw error.inside(.index(index)) }
            }
        case (.map(let form), .object(let fields)):
            for field in fields {
                do { try check(field.value, form) } catch { throw error.inside(.key(field.key)) }
            }
        default: break
        }
    }

    /// What pod groups of the several APIs have in their spec, whether it is looked at here or not.
    private static let groupSpec = [
        "minMember", "minTaskMember", "minResources", "queue", "priorityClassName", "priority",
        "scheduleTimeoutSeconds", "schedulingPolicy", "schedulingConstraints", "podGroupTemplateRef",
        "disruptionMode", "resourceClaims", "networkTopology", "subGroupPolicy", "maxScheduleTime",
        "podNamespacedNames",
    ]

    /// Likewise for a pod group, of whatever API.
    static func checkPodGroup(_ value: Value) throws(FieldError) {
        let group = try StrictObject(value, keys: ["apiVersion", "kind", "metadata", "spec", "status"])
        _ = try group.reader.optional("metadata") { v throws(FieldError) in try check(v, KubernetesType.metadata) }
        _ = try group.object("spec", keys: groupSpec) { _ in }
    }
}
