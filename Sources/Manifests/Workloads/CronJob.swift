import ClusterModel

extension Workload {
    /// A CronJob: the Job of its template, once, as if it were due now.
    static let cronJob = ObjectKind.workload("CronJob", ["batch"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "CronJob", metadata: metadata)
        let object = try ObjectReader(value)
        let found: Void? = try object.object("spec") { spec throws(FieldError) in
            if try spec.bool("suspend") ?? false { workload.idle = "suspended" }
            let found = try spec.required("jobTemplate", "the template of its Jobs") {
                v throws(FieldError) -> PodCollection in
                try job(v, of: metadata)
            }
            if workload.idle == nil { workload.idle = found.details.idle }
            workload.collections = [found]
        }
        guard found != nil else { throw FieldError(path: FieldPath("spec"), expected: "a spec", found: "nothing") }
        return workload
    }

    private static func job(_ template: Value, of owner: ObjectMeta) throws(FieldError) -> PodCollection {
        var metadata = ObjectMeta(name: owner.name, namespace: owner.namespace)
        try ObjectReader(template).object("metadata") { meta throws(FieldError) in
            metadata.labels = try meta.strings("labels")
            metadata.annotations = try meta.strings("annotations")
        }
        metadata.ownerReferences = [OwnerReference("CronJob", "batch/v1", owner)]
        var job = try PodCollection(template, kind: .job, metadata: metadata)
        job.templatePath = FieldPath("spec", "jobTemplate", "spec", "template")
        return job
    }
}
