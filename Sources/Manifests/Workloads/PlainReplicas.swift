import ClusterModel

extension Workload {
    /// Kinds that are `replicas` times a template, and no more.
    static let plainReplicas: [ObjectKind] = [
        plainReplicas("CloneSet", "apps.kruise.io/v1alpha1"),
        plainReplicas("DeploymentConfig", "apps.openshift.io/v1"),
    ]

    private static func plainReplicas(_ kind: String, _ apiVersion: String) -> ObjectKind {
        .workload(kind, [String(apiVersion.prefix { $0 != "/" })]) { value throws(FieldError) in
            let metadata = try value.namespacedMetadata()
            var workload = Workload(kind: kind, metadata: metadata)
            try ObjectReader(value).object("spec") { spec throws(FieldError) in
                if try spec.bool("paused") ?? false { workload.idle = "paused" }
                let found = try spec.object("template") { v throws(FieldError) in try PodTemplate(v, of: metadata) }
                guard let template = found else {
                    throw FieldError(path: FieldPath("template"), expected: "a pod template", found: "nothing")
                }
                workload.sets = [
                    PodSet(
                        template: template, owner: OwnerReference(kind, apiVersion, metadata),
                        count: try spec.count("replicas") ?? 1, name: "\(metadata.name)-",
                        path: FieldPath("spec", "template"))
                ]
            }
            return workload
        }
    }
}
