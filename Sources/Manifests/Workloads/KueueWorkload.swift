import ClusterModel

extension Workload {
    /// Kueue's Workload: the pods of its pod sets, as one gang, since Kueue admits all of it or nothing.
    ///
    /// One that an object owns only mirrors it: the pods are that object's.
    static let kueueWorkload = ObjectKind.workload("Workload", ["kueue.x-k8s.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(
            kind: "Workload", metadata: metadata,
            isComplete: hasEnded(value, "Finished") || !metadata.ownerReferences.isEmpty)
        let owner = OwnerReference("Workload", "kueue.x-k8s.io/v1beta1", metadata)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            var least = 0
            workload.sets = try spec.objects("podSets") { item throws(FieldError) in
                let name = try item.string("name") ?? "main"
                let count = try item.count("count") ?? 1
                least += min(count, try item.count("minCount") ?? count)
                let found = try item.object("template") { v throws(FieldError) in try PodTemplate(v, of: metadata) }
                guard var template = found else {
                    throw FieldError(path: FieldPath("template"), expected: "a pod template", found: "nothing")
                }
                template.metadata.labels["scheduling.x-k8s.io/pod-group"] = metadata.name
                return PodSet(
                    template: template, owner: owner, count: count, name: "\(metadata.name)-\(name)-",
                    marks: ["kueue.x-k8s.io/podset": name])
            }
            guard least > 0 else { return }
            workload.groups = [
                PodGroup(
                    metadata: ObjectMeta(name: metadata.name, namespace: metadata.namespace), minMember: least)
            ]
        }
        return workload
    }
}
