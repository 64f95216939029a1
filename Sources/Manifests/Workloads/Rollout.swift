import ClusterModel

extension Workload {
    /// An Argo Rollout: a ReplicaSet of its template, as of a Deployment; or of the template of the Deployment that it names.
    static let rollout = ObjectKind.workload("Rollout", ["argoproj.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "Rollout", metadata: metadata)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            let replicas = try spec.count("replicas") ?? 1
            let selector = try spec.object("selector", LabelSelector.init)
            let template = try spec.object("template") { item throws(FieldError) in try PodTemplate(item, of: metadata)
            }
            if let template {
                workload.collections = [replicaSet(of: metadata, replicas, selector, template)]
                return
            }
            try spec.object("workloadRef") { reference throws(FieldError) in
                let kind = try reference.string("kind") ?? "Deployment"
                let name = try reference.string("name") ?? ""
                workload.borrowed = BorrowedTemplate(kind: kind, name: name, replicas: replicas)
            }
            guard workload.borrowed != nil else {
                throw FieldError(
                    path: FieldPath("template"), expected: "a pod template or a workloadRef", found: "neither")
            }
        }
        return workload
    }

    /// The ReplicaSet that a Rollout makes of a template.
    static func replicaSet(
        of owner: ObjectMeta, _ replicas: Int, _ selector: LabelSelector?, _ template: PodTemplate
    ) -> PodCollection {
        let hash = template.hash
        var metadata = ObjectMeta(name: "\(owner.name)-\(hash)", namespace: owner.namespace)
        metadata.ownerReferences = [OwnerReference("Rollout", "argoproj.io/v1alpha1", owner)]
        var template = template
        template.metadata.labels[OwnedObjects.rolloutHash] = hash
        var own = selector ?? LabelSelector()
        own.matchLabels[OwnedObjects.rolloutHash] = hash
        return PodCollection(
            kind: .replicaSet, metadata: metadata, replicas: replicas, selector: own, template: template)
    }
}

/// A template that stands in another object.
struct BorrowedTemplate: Sendable {
    /// The kind of the object.
    var kind: String
    /// Its name, in the same namespace.
    var name: String
    /// How many pods are made of it.
    var replicas: Int
}
