import ClusterModel

extension Workload {
    /// A JobSet: for each replicated Job so many Jobs, whose pods carry its labels; those of one Job share a domain of the
    /// topology that an annotation names, and no other Job's pods do.
    ///
    /// Source: `constructJob` and the pod webhook of kubernetes-sigs/jobset.
    static let jobSet = ObjectKind.workload("JobSet", ["jobset.x-k8s.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(
            kind: "JobSet", metadata: metadata, isComplete: hasEnded(value, "Completed", "Failed"), standsBack: false)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            if try spec.bool("suspend") ?? false { workload.idle = "suspended" }
            var global = 0
            var place = FieldPath("spec", "replicatedJobs").appending(0)
            let jobs = try spec.objects("replicatedJobs") { item throws(FieldError) in
                var jobs = try replicatedJobs(item, of: metadata, from: &global)
                for job in jobs.indices { jobs[job].templatePath.elements = place.elements + jobTemplate }
                if case .index(let index)? = place.elements.popLast() { place = place.appending(index + 1) }
                return jobs
            }
            workload.collections = Array(jobs.joined())
        }
        return workload
    }

    private static let jobTemplate = FieldPath("template", "spec", "template").elements
    private static let prefix = "jobset.sigs.k8s.io/"
    private static let topology = "alpha.jobset.sigs.k8s.io/exclusive-topology"

    private static func replicatedJobs(
        _ item: ObjectReader, of owner: ObjectMeta, from global: inout Int
    ) throws(FieldError) -> [PodCollection] {
        let name = try item.required("name", "the name of the replicated Job") { v throws(FieldError) in
            try v.decodeString()
        }
        let replicas = try item.int("replicas", in: 0...workloadParts).map { Int($0) } ?? 1
        let template = try item.required("template", "the template of a Job") { v throws(FieldError) in v }
        var own: [String: String] = [:]
        var notes: [String: String] = [:]
        do throws(FieldError) {
            try ObjectReader(template).object("metadata") { meta throws(FieldError) in
                own = try meta.strings("labels")
                notes = try meta.strings("annotations")
            }
        } catch { throw error.inside(.key("template")) }
        var jobs: [PodCollection] = []
        for index in 0..<replicas {
            var metadata = ObjectMeta(name: "\(owner.name)-\(name)-\(index)", namespace: owner.namespace)
            metadata.ownerReferences = [OwnerReference("JobSet", "jobset.x-k8s.io/v1alpha2", owner)]
            let labels = [
                prefix + "jobset-name": owner.name, prefix + "replicatedjob-name": name,
                prefix + "jobset-uid": metadata.ownerReferences[0].uid,
                prefix + "replicatedjob-replicas": String(replicas), prefix + "job-index": String(index),
                prefix + "job-global-index": String(global), prefix + "restart-attempt": "0",
                prefix + "job-key": key(owner.namespace, metadata.name),
            ]
            global += 1
            metadata.labels = own.with(labels)
            metadata.annotations = notes
            var job: PodCollection
            do throws(FieldError) {
                job = try PodCollection(template, kind: .job, metadata: metadata)
            } catch { throw error.inside(.key("template")) }
            // Its Jobs are indexed unless they say otherwise.
            if template["spec"]?["completionMode"] == nil { job.details.isIndexed = true }
            job.templateMetadata.labels.merge(labels) { $1 }
            job.templateMetadata.annotations.merge(labels) { $1 }
            if let topology = notes[topology] ?? owner.annotations[topology] {
                job.template.affinity.keepApart(
                    topology, by: prefix + "job-key", labels[prefix + "job-key"] ?? metadata.name)
            }
            jobs.append(job)
        }
        return jobs
    }

    /// What tells the groups of a workload apart in the whole cluster.
    static func key(_ namespace: String, _ name: String) -> String {
        String(StableHash.uid(kind: "group", namespace: namespace, name: name).filter { $0 != "-" })
    }
}

/// The most parts of one template each that a workload may have.
let workloadParts: Int64 = 10_000

extension Affinity {
    /// Keeps the pods with a value of a label in one domain of the topology, and those with other values out of it.
    mutating func keepApart(_ topologyKey: String, by label: String, _ value: String) {
        func term(_ requirements: [SelectorRequirement]) -> PodAffinityTerm {
            PodAffinityTerm(
                topologyKey: topologyKey, labelSelector: LabelSelector(matchExpressions: requirements),
                namespaceSelector: LabelSelector())
        }
        requiredPods.append(term([SelectorRequirement(key: label, operator: .in, values: [value])]))
        requiredAntiPods.append(
            term([
                SelectorRequirement(key: label, operator: .exists, values: []),
                SelectorRequirement(key: label, operator: .notIn, values: [value]),
            ]))
    }
}
