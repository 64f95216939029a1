import ClusterModel

extension Workload {
    /// The jobs of Kubeflow's training operators: pods by role, as a gang where a scheduling policy is stated.
    ///
    /// A gang needs the policy's `minAvailable`, or all pods where it does not say. Source: kubeflow/training-operator and
    /// kubeflow/mpi-operator.
    static let kubeflowJobs = [
        ("TFJob", "tfReplicaSpecs"), ("PyTorchJob", "pytorchReplicaSpecs"), ("MPIJob", "mpiReplicaSpecs"),
        ("XGBoostJob", "xgbReplicaSpecs"), ("PaddleJob", "paddleReplicaSpecs"), ("JAXJob", "jaxReplicaSpecs"),
        ("MXJob", "mxReplicaSpecs"),
    ].map(kubeflowJob)

    private static func kubeflowJob(_ kind: String, _ key: String) -> ObjectKind {
        .workload(kind, ["kubeflow.org"]) { value throws(FieldError) in
            let metadata = try value.namespacedMetadata()
            var workload = Workload(
                kind: kind, metadata: metadata, isComplete: hasEnded(value, "Succeeded", "Failed"), standsBack: false)
            var version = "kubeflow.org/v1"
            if case .string(let text)? = value["apiVersion"] { version = text }
            let owner = OwnerReference(kind, version, metadata)
            try ObjectReader(value).object("spec") { spec throws(FieldError) in
                var policy = KubeflowPolicy()
                try spec.object("runPolicy") { run throws(FieldError) in try policy.read(run) }
                // Older versions have the fields of the run policy in the spec itself.
                try policy.read(spec)
                if policy.isSuspended { workload.idle = "suspended" }
                try spec.optional(key) { roles throws(FieldError) in
                    guard case .object(let fields) = roles else {
                        throw FieldError(expected: "a mapping of roles", found: roles.summary)
                    }
                    for field in fields {
                        do throws(FieldError) {
                            let item = try ObjectReader(field.value)
                            let before = workload.sets.count
                            try add(field.key.lowercased(), item, to: &workload, owner, isGang: policy.isGang)
                            if workload.sets.count > before {
                                workload.sets[before].path = FieldPath("spec", key, field.key, "template")
                            } else {
                                workload.collections[0].templatePath = FieldPath("spec", key, field.key, "template")
                            }
                        } catch { throw error.inside(.key(field.key)) }
                    }
                }
                let total = workload.expectedCount(nodes: 0)
                guard policy.isGang, total > 0 else { return }
                workload.groups = [
                    PodGroup(
                        metadata: ObjectMeta(name: metadata.name, namespace: metadata.namespace),
                        minMember: max(1, policy.minAvailable ?? total))
                ]
            }
            return workload
        }
    }

    private static func add(
        _ role: String, _ item: ObjectReader, to workload: inout Workload, _ owner: OwnerReference, isGang: Bool
    ) throws(FieldError) {
        let job = workload.metadata
        let found = try item.object("template") { template throws(FieldError) in try PodTemplate(template, of: job) }
        guard var template = found else {
            throw FieldError(path: FieldPath("template"), expected: "a pod template", found: "nothing")
        }
        let prefix = "training.kubeflow.org/"
        var marks = [
            prefix + "job-name": job.name, prefix + "replica-type": role,
            prefix + "operator-name": "\(workload.kind.lowercased())-controller",
        ]
        if isGang { template.metadata.annotations["scheduling.k8s.io/group-name"] = job.name }
        let isMPI = workload.kind == "MPIJob"
        if isMPI || role == "master" || role == "chief" { marks[prefix + "job-role"] = isMPI ? role : "master" }
        let count = try item.count("replicas") ?? 1
        // The launcher of newer versions is a Job of Kubernetes.
        if isMPI, role == "launcher", owner.apiVersion == "kubeflow.org/v2beta1" {
            var metadata = ObjectMeta(name: "\(job.name)-launcher", namespace: job.namespace)
            metadata.ownerReferences = [owner]
            template.metadata.labels.merge(marks) { $1 }
            var launcher = PodCollection(kind: .job, metadata: metadata, replicas: count, template: template)
            launcher.details.completions = 1
            workload.collections.append(launcher)
            return
        }
        let name = "\(job.name)-\(role)"
        var set = PodSet(
            template: template, owner: owner, count: count, name: "\(name)-", marks: marks,
            numberLabels: [prefix + "replica-index"])
        if isMPI, role == "launcher" { (set.isNumbered, set.name, set.numberLabels) = (false, name, []) }
        workload.sets.append(set)
    }
}

/// What a run policy says about pods.
private struct KubeflowPolicy {
    var isSuspended = false
    var isGang = false
    var minAvailable: Int?

    mutating func read(_ object: ObjectReader) throws(FieldError) {
        if try object.bool("suspend") ?? false { isSuspended = true }
        try object.object("schedulingPolicy") { policy throws(FieldError) in
            isGang = true
            minAvailable = try policy.count("minAvailable") ?? minAvailable
        }
    }
}
