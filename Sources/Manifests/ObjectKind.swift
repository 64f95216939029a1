import ClusterModel

/// A kind of object that Switchyard reads from manifests, and how it does.
struct ObjectKind: Sendable {
    /// The kind's name.
    let name: String
    /// The API groups that have it, its own first; the core group is the empty string.
    let groups: [String]
    /// Reads a manifest.
    let read: @Sendable (Value) throws(FieldError) -> ClusterObject

    /// A kind of the given parts.
    init(_ name: String, _ groups: [String], read: @escaping @Sendable (Value) throws(FieldError) -> ClusterObject) {
        self.name = name
        self.groups = groups
        self.read = read
    }

    /// A kind whose objects stand in a list of the input.
    static func listed<T: ListedType>(
        _ type: T.Type, _ name: String, _ groups: [String], _ list: any WritableKeyPath<ClusterInput, [T]> & Sendable
    ) -> ObjectKind {
        ObjectKind(name, groups) { value throws(FieldError) in
            let object = try T(value)
            return .listed(
                ListedObject(kind: name, metadata: object.metadata) { input in input[keyPath: list].append(object) })
        }
    }

    /// A kind of which a controller makes pods.
    static func workload(
        _ name: String, _ groups: [String], read: @escaping @Sendable (Value) throws(FieldError) -> Workload
    ) -> ObjectKind {
        ObjectKind(name, groups) { value throws(FieldError) in .workload(try read(value)) }
    }
}

extension ObjectKind {
    /// Every kind that is read. A new one is a line here, or a file in `Workloads` where its controller makes pods.
    static let all: [ObjectKind] =
        [
            ObjectKind("Node", [""]) { value throws(FieldError) in .node(try Node(value)) },
            ObjectKind("Pod", [""]) { value throws(FieldError) in .pod(try pod(value)) },
            .listed(Namespace.self, "Namespace", [""], \.namespaces),
            .listed(Service.self, "Service", [""], \.services),
            .listed(PodGroup.self, "PodGroup", podGroupGroups, \.podGroups),
            .listed(SchedulingWorkload.self, "Workload", ["scheduling.k8s.io"], \.workloads),
            .listed(PriorityClass.self, "PriorityClass", ["scheduling.k8s.io"], \.priorityClasses),
            .listed(PodDisruptionBudget.self, "PodDisruptionBudget", ["policy"], \.disruptionBudgets),
            .listed(RuntimeClass.self, "RuntimeClass", ["node.k8s.io"], \.runtimeClasses),
            .listed(LimitRange.self, "LimitRange", [""], \.limitRanges),
            .listed(ResourceQuota.self, "ResourceQuota", [""], \.quotas),
            .listed(PersistentVolume.self, "PersistentVolume", [""], \.storage.volumes),
            .listed(PersistentVolumeClaim.self, "PersistentVolumeClaim", [""], \.storage.claims),
            .listed(StorageClass.self, "StorageClass", ["storage.k8s.io"], \.storage.classes),
            .listed(CSINode.self, "CSINode", ["storage.k8s.io"], \.storage.csiNodes),
        ] + Workload.kinds

    /// Kubernetes' own, coscheduling's and its older one, which Koordinator has too, Volcano's, Gödel's.
    private static let podGroupGroups = [
        "scheduling.k8s.io", "scheduling.x-k8s.io", "scheduling.sigs.k8s.io", "scheduling.volcano.sh",
        "scheduling.godel.kubewharf.io",
    ]

    private static func pod(_ value: Value) throws(FieldError) -> Pod {
        var pod = try Pod(value)
        // kubectl's copy of the whole manifest: of no use to anybody here, and as large as all the rest.
        pod.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        return pod
    }

    /// Kinds among `others` that do bear on pods or on where they stand, and what is not done for them.
    static let notHonoured: [String: String] = [
        "CSIStorageCapacity": "how much room is left for new volumes is not looked at",
        "DeviceClass": "pods that claim devices are refused",
        "DeviceTaintRule": "pods that claim devices are refused",
        "MutatingAdmissionPolicy": "what it would change in pods is left as it is",
        "MutatingWebhookConfiguration": "what its webhooks would change in pods is left as it is",
        "ResourceClaim": "pods that claim devices are refused",
        "ResourceClaimTemplate": "pods that claim devices are refused",
        "ResourceSlice": "pods that claim devices are refused",
        "ValidatingAdmissionPolicy": "pods that it would refuse are taken",
        "ValidatingWebhookConfiguration": "pods that its webhooks would refuse are taken",
    ]

    /// Kinds of Kubernetes itself that are passed over, by group.
    static let others: [String: [String]] = [
        "": [
            "Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "PodTemplate", "Secret", "ServiceAccount",
        ],
        "admissionregistration.k8s.io": [
            "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        ],
        "apiextensions.k8s.io": ["CustomResourceDefinition"],
        "apiregistration.k8s.io": ["APIService"],
        "apps": ["ControllerRevision"],
        "authentication.k8s.io": ["SelfSubjectReview", "TokenRequest", "TokenReview"],
        "authorization.k8s.io": [
            "LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview",
        ],
        "autoscaling": ["HorizontalPodAutoscaler", "Scale"],
        "batch": [],
        "certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"],
        "coordination.k8s.io": ["Lease", "LeaseCandidate"],
        "discovery.k8s.io": ["EndpointSlice"],
        "events.k8s.io": ["Event"],
        "extensions": ["Ingress", "NetworkPolicy", "PodSecurityPolicy"],
        "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
        "internal.apiserver.k8s.io": ["StorageVersion"],
        "metrics.k8s.io": ["NodeMetrics", "PodMetrics"],
        "networking.k8s.io": ["IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"],
        "policy": ["Eviction", "PodSecurityPolicy"],
        "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        "resource.k8s.io": [
            "DeviceClass", "DeviceTaintRule", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice",
        ],
        "scheduling.k8s.io": [],
        "storage.k8s.io": [
            "CSIDriver", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass",
        ],
        "storagemigration.k8s.io": ["StorageVersionMigration"],
    ]

    /// Kinds that make pods which nothing here makes.
    static let missing: [String: String] = [
        "Workflow.argoproj.io": "a pod for each step that runs",
        "CronWorkflow.argoproj.io": "the pods of the Workflows that it starts",
        "TaskRun.tekton.dev": "one pod", "PipelineRun.tekton.dev": "a pod for each task",
        "Service.serving.knative.dev": "those of its Deployment",
        "Configuration.serving.knative.dev": "those of its Deployment",
        "Revision.serving.knative.dev": "those of its Deployment",
        "TrainJob.trainer.kubeflow.org": "those of the JobSet that its runtime describes",
        "ScheduledSparkApplication.sparkoperator.k8s.io": "those of the SparkApplications that it starts",
        "RayCronJob.ray.io": "those of the RayJobs that it starts",
        "InferenceService.serving.kserve.io": "those of its Deployments",
        "Notebook.kubeflow.org": "the pod of its StatefulSet", "Experiment.kubeflow.org": "those of its trials",
        "Prometheus.monitoring.coreos.com": "those of its StatefulSet",
        "PrometheusAgent.monitoring.coreos.com": "those of its StatefulSet",
        "Alertmanager.monitoring.coreos.com": "those of its StatefulSet",
        "ThanosRuler.monitoring.coreos.com": "those of its StatefulSet",
        "StatefulSet.apps.kruise.io": "those of its template", "DaemonSet.apps.kruise.io": "those of its template",
        "BroadcastJob.apps.kruise.io": "those of its template",
    ]
}
