extension Pod {
    // The sources of a pod's group, in the order in which they are asked: the spec's (Kubernetes 1.36, then 1.35), labels
    // (coscheduling's of three ages, of which Koordinator reads the two older; Kueue's), annotations (Volcano's two,
    // Koordinator's, Gödel's, YuniKorn's).

    private static let groupLabels = [
        "scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io", "pod-group.scheduling.sigs.k8s.io/name",
        "kueue.x-k8s.io/pod-group-name",
    ]
    private static let groupLabelLengths = groupLabels.reduce(0) { $0 | $1.lengthBit }
    private static let groupAnnotations = [
        "scheduling.k8s.io/group-name", "scheduling.volcano.sh/group-name", "gang.scheduling.koordinator.sh/name",
        "godel.bytedance.com/pod-group-name",
    ]
    private static let groupAnnotationLengths = (groupAnnotations + [taskGroupAnnotation])
        .reduce(0) { $0 | $1.lengthBit }

    /// YuniKorn's annotation that names the pod's part of its application.
    public static let taskGroupAnnotation = "yunikorn.apache.org/task-group-name"
    /// Volcano's annotation, or label, that names the pod's task in its job.
    public static let taskAnnotation = "volcano.sh/task-spec"

    /// The pod group that the pod belongs to, or nil.
    ///
    /// Pods of a Workload of Kubernetes 1.35 have the name `workload/podGroup`, or `workload/podGroup/replicaKey`, which no
    /// object can have; those of a YuniKorn application have the application's.
    public var groupName: String? {
        if let name = spec.schedulingGroup, !name.isEmpty { return name }
        if metadata.labels.keyLengths & Pod.groupLabelLengths != 0 {
            for label in Pod.groupLabels {
                if let name = metadata.labels.value(ofPlainKey: label), !name.isEmpty { return name }
            }
        }
        guard metadata.annotations.keyLengths & Pod.groupAnnotationLengths != 0 else { return nil }
        for annotation in Pod.groupAnnotations {
            if let name = metadata.annotations.value(ofPlainKey: annotation), !name.isEmpty { return name }
        }
        guard let task = metadata.annotations.value(ofPlainKey: Pod.taskGroupAnnotation), !task.isEmpty else {
            return nil
        }
        return applicationName
    }

    /// The namespace and name of the pod's group, or nil.
    public var groupKey: ObjectKey? {
        groupName.map { ObjectKey(namespace: metadata.namespace, name: $0) }
    }

    /// The YuniKorn application that the pod belongs to; pods that name none share one for each namespace.
    ///
    /// Source: `GetApplicationIDFromPod` of yunikorn-k8shim.
    private var applicationName: String {
        let canonical = "yunikorn.apache.org/app-id"
        let names = [
            metadata.labels[canonical], metadata.annotations[canonical], metadata.labels["applicationId"],
            metadata.labels["spark-app-selector"],
        ]
        return names.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? "yunikorn-\(metadata.namespace)-autogen"
    }

    /// The task that the pod has in its group, where its group's dialect knows tasks; else empty.
    public var task: String {
        let lengths = Pod.taskAnnotation.lengthBit
        if metadata.annotations.keyLengths & (lengths | Pod.taskGroupAnnotation.lengthBit) != 0 {
            for annotation in [Pod.taskAnnotation, Pod.taskGroupAnnotation] {
                if let task = metadata.annotations.value(ofPlainKey: annotation), !task.isEmpty { return task }
            }
        }
        guard metadata.labels.keyLengths & lengths != 0 else { return "" }
        return metadata.labels.value(ofPlainKey: Pod.taskAnnotation) ?? ""
    }

    /// Whether the pod's group is one of Kubernetes' own API: until its object is there the pod waits.
    public var needsGroupObject: Bool { spec.schedulingGroup.map { !$0.isEmpty } ?? false }

    /// How many members the pod says that its group needs at once, for groups that have no object; nil where it does not.
    public var statedMinMember: Int? {
        let older = "pod-group.scheduling.sigs.k8s.io/min-available"
        let texts = [
            metadata.labels[older], metadata.annotations["gang.scheduling.koordinator.sh/min-available"],
            metadata.annotations["kueue.x-k8s.io/pod-group-total-count"],
            metadata.annotations["scheduling.volcano.sh/group-min-member"],
        ]
        return texts.lazy.compactMap { $0 }.compactMap { Int($0) }.first { (0...PodGroup.maxMembers).contains($0) }
    }
}
