import ClusterModel

extension Workload {
    /// A RayCluster: a head and groups of workers, each of `replicas` times `numOfHosts` pods.
    ///
    /// A gang where its labels ask for Volcano or for gang scheduling: of all pods, or with the autoscaler of as many as it
    /// keeps at least. Source: ray-project/kuberay.
    static let rayCluster = ObjectKind.workload("RayCluster", ["ray.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "RayCluster", metadata: metadata)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            try addRayPods(spec, to: &workload, cluster: metadata)
        }
        return workload
    }

    /// A RayJob: the cluster of its template, and the pod that submits the work to it.
    static let rayJob = ObjectKind.workload("RayJob", ["ray.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "RayJob", metadata: metadata)
        let object = try ObjectReader(value)
        try object.object("spec") { spec throws(FieldError) in
            if try spec.bool("suspend") ?? false { workload.idle = "suspended" }
            try spec.object("rayClusterSpec") { cluster throws(FieldError) in
                try addRayPods(cluster, to: &workload, cluster: rayCluster(of: metadata, "RayJob"))
            }
            let mode = try spec.string("submissionMode") ?? ""
            guard mode.isEmpty || mode == "K8sJobMode", let head = workload.sets.first else { return }
            let stated = try spec.object("submitterPodTemplate") { item throws(FieldError) in
                try PodTemplate(item, of: metadata)
            }
            workload.collections = [submitter(stated ?? submitterTemplate(head.template), of: metadata)]
        }
        try object.object("status") { status throws(FieldError) in
            let state = try status.string("jobDeploymentStatus") ?? ""
            workload.isComplete = state == "Complete" || state == "Failed"
        }
        return workload
    }

    /// A RayService: the cluster of its template.
    static let rayService = ObjectKind.workload("RayService", ["ray.io"]) { value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "RayService", metadata: metadata)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            try spec.object("rayClusterConfig") { cluster throws(FieldError) in
                try addRayPods(cluster, to: &workload, cluster: rayCluster(of: metadata, "RayService"))
            }
        }
        return workload
    }

    /// The metadata of the cluster that another object's controller makes.
    private static func rayCluster(of owner: ObjectMeta, _ kind: String) -> ObjectMeta {
        var metadata = ObjectMeta(name: "\(owner.name)-raycluster", namespace: owner.namespace, labels: owner.labels)
        metadata.annotations = owner.annotations
        metadata.ownerReferences = [OwnerReference(kind, "ray.io/v1", owner)]
        return metadata
    }

    private static func addRayPods(
        _ spec: ObjectReader, to workload: inout Workload, cluster: ObjectMeta
    ) throws(FieldError) {
        if try spec.bool("suspend") ?? false { workload.idle = "suspended" }
        var least = 1
        let scales = try spec.bool("enableInTreeAutoscaling") ?? false
        let head = try spec.object("headGroupSpec") { group throws(FieldError) in
            try raySet(group, "headgroup", "head", 1, "\(cluster.name)-head", of: cluster)
        }
        guard var head else {
            throw FieldError(path: FieldPath("headGroupSpec"), expected: "the group of the head", found: "nothing")
        }
        head.isNumbered = false
        var workers = try spec.objects("workerGroupSpecs") { group throws(FieldError) in
            let name = try group.string("groupName") ?? "workergroup"
            let hosts = try group.count("numOfHosts") ?? 1
            let count = try rayReplicas(group)
            let pods = count.wanted.multipliedReportingOverflow(by: hosts)
            guard !pods.overflow, pods.partialValue <= workloadCounts.upperBound else {
                throw FieldError(
                    path: FieldPath("numOfHosts"), expected: "at most \(workloadCounts.upperBound) pods in all",
                    found: "\(hosts) for each of \(count.wanted) replicas")
            }
            least += (scales ? count.least : count.wanted) * hosts
            return try raySet(
                group, name, "worker", pods.partialValue, "\(cluster.name)-\(name)-worker-", of: cluster)
        }
        let labels = cluster.labels
        if labels["ray.io/gang-scheduling-enabled"] != nil || labels["ray.io/scheduler-name"] == "volcano" {
            let name = "ray-\(cluster.name)-pg"
            workload.groups = [
                PodGroup(metadata: ObjectMeta(name: name, namespace: cluster.namespace), minMember: least)
            ]
            head.template.metadata.annotations["scheduling.k8s.io/group-name"] = name
            for index in workers.indices {
                workers[index].template.metadata.annotations["scheduling.k8s.io/group-name"] = name
            }
        }
        workload.sets = [head] + workers
    }

    /// How many replicas a group of workers has, within its limits, and how many at least.
    private static func rayReplicas(_ group: ObjectReader) throws(FieldError) -> (wanted: Int, least: Int) {
        if try group.bool("suspend") ?? false { return (0, 0) }
        let least = try group.count("minReplicas") ?? 0
        // 2³¹ − 1 stands for any number.
        let most = Int(try group.int("maxReplicas", in: 0...Int64(Int32.max)) ?? Int64(Int32.max))
        let stated = try group.count("replicas") ?? max(1, least)
        return (max(least, min(stated, most)), least)
    }

    private static func raySet(
        _ group: ObjectReader, _ name: String, _ type: String, _ count: Int, _ podName: String, of cluster: ObjectMeta
    ) throws(FieldError) -> PodSet {
        let found = try group.object("template") { item throws(FieldError) in try PodTemplate(item, of: cluster) }
        guard var template = found else {
            throw FieldError(path: FieldPath("template"), expected: "a pod template", found: "nothing")
        }
        if let scheduler = cluster.labels["ray.io/scheduler-name"], template.spec.schedulerName == nil {
            template.spec.schedulerName = scheduler
        }
        return PodSet(
            template: template, owner: OwnerReference("RayCluster", "ray.io/v1", cluster), count: count,
            name: podName,
            marks: [
                "ray.io/cluster": cluster.name, "ray.io/node-type": type, "ray.io/group": name,
                "ray.io/is-ray-node": "yes", "ray.io/identifier": "\(cluster.name)-\(type)",
                "app.kubernetes.io/name": "kuberay", "app.kubernetes.io/created-by": "kuberay-operator",
            ])
    }

    private static func submitter(_ template: PodTemplate, of owner: ObjectMeta) -> PodCollection {
        var metadata = ObjectMeta(name: owner.name, namespace: owner.namespace)
        metadata.ownerReferences = [OwnerReference("RayJob", "ray.io/v1", owner)]
        var job = PodCollection(kind: .job, metadata: metadata, replicas: 1, template: template)
        job.details.completions = 1
        return job
    }

    /// The submitter of a RayJob that describes none: half a CPU beside the image of the head.
    private static func submitterTemplate(_ head: PodTemplate) -> PodTemplate {
        var requests = ResourceList()
        requests["cpu"] = Quantity(milli: 500)
        requests["memory"] = Quantity(200 << 20)
        var limits = ResourceList()
        limits["cpu"] = Quantity(1)
        limits["memory"] = Quantity(1 << 30)
        let container = Container(
            name: "ray-job-submitter", image: head.spec.containers.first?.image ?? "", requests: requests,
            limits: limits)
        return PodTemplate(
            metadata: ObjectMeta(name: head.metadata.name, namespace: head.metadata.namespace),
            spec: PodSpec(containers: [container]))
    }
}
