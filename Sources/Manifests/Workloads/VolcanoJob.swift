import ClusterModel

extension Workload {
    /// Volcano's Job: the pods of its tasks, as one gang of which `minAvailable` must run, or all where it does not say.
    ///
    /// Source: `createJobPod` and `createOrUpdatePodGroup` of volcano-sh/volcano.
    static let volcanoJob = ObjectKind.workload("Job", ["batch.volcano.sh"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        let owner = OwnerReference("Job", "batch.volcano.sh/v1alpha1", metadata)
        let group = "\(metadata.name)-\(owner.uid)"
        var workload = Workload(kind: "Job", metadata: metadata, group: "batch.volcano.sh")
        let object = try ObjectReader(value)
        try object.object("spec") { spec throws(FieldError) in
            var shared = VolcanoJobTraits(group: group)
            shared.schedulerName = try spec.string("schedulerName").flatMap { $0.isEmpty ? nil : $0 } ?? "volcano"
            shared.priorityClassName = try spec.string("priorityClassName") ?? ""
            shared.queue = try spec.string("queue").flatMap { $0.isEmpty ? nil : $0 } ?? "default"
            var least = 0
            var leastByTask: [String: Int] = [:]
            var number = 0
            workload.sets = try spec.objects("tasks") { task throws(FieldError) in
                defer { number += 1 }
                var set = try taskSet(task, number, of: metadata, owner, shared)
                set.path = FieldPath("spec", "tasks").appending(number).appending("template")
                let needed = try task.count("minAvailable") ?? set.count
                least += needed
                if needed > 0, let name = set.template.metadata.annotations[Pod.taskAnnotation] {
                    leastByTask[name] = needed
                }
                return set
            }
            if let stated = try spec.count("minAvailable"), stated > 0 { least = stated }
            guard least > 0 else { return }
            var gang = PodGroup(metadata: ObjectMeta(name: group, namespace: metadata.namespace), minMember: least)
            // As in a PodGroup of Volcano's, a minimum below their sum switches those of the tasks off.
            if leastByTask.values.reduce(0, +) <= least { gang.minByTask = leastByTask }
            workload.groups = [gang]
        }
        try object.object("status") { status throws(FieldError) in
            let phase = try status.object("state") { state throws(FieldError) in try state.string("phase") } ?? nil
            workload.isComplete = ["Completed", "Failed", "Terminated", "Aborted"].contains(phase ?? "")
        }
        return workload
    }

    private static func taskSet(
        _ task: ObjectReader, _ number: Int, of job: ObjectMeta, _ owner: OwnerReference, _ shared: VolcanoJobTraits
    ) throws(FieldError) -> PodSet {
        let name = try task.string("name").flatMap { $0.isEmpty ? nil : $0 } ?? "default\(number)"
        let found = try task.object("template") { item throws(FieldError) in try PodTemplate(item, of: job) }
        guard var template = found else {
            throw FieldError(path: FieldPath("template"), expected: "a pod template", found: "nothing")
        }
        if template.spec.schedulerName == nil { template.spec.schedulerName = shared.schedulerName }
        if template.spec.priorityClassName.isEmpty { template.spec.priorityClassName = shared.priorityClassName }
        template.metadata.annotations.merge([
            "scheduling.k8s.io/group-name": shared.group, "volcano.sh/job-name": job.name,
            "volcano.sh/task-spec": name, "volcano.sh/queue-name": shared.queue, "volcano.sh/job-version": "0",
            "volcano.sh/template-uid": "\(owner.uid)-\(name)",
        ]) { $1 }
        return PodSet(
            template: template, owner: owner, count: try task.count("replicas") ?? 1, name: "\(job.name)-\(name)-",
            marks: [
                "volcano.sh/job-name": job.name, "volcano.sh/job-namespace": job.namespace,
                "volcano.sh/queue-name": shared.queue, "volcano.sh/task-spec": name,
            ], numberLabels: ["volcano.sh/task-index"], numberAnnotations: ["volcano.sh/task-index"])
    }
}

/// What the tasks of a Job of Volcano have in common.
private struct VolcanoJobTraits {
    var group: String
    var schedulerName = ""
    var priorityClassName = ""
    var queue = ""
}
