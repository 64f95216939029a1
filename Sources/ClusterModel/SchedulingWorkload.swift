/// A Workload of Kubernetes' own scheduling API: kinds of pod groups, to which pods belong by name in 1.35, and of which
/// controllers make PodGroups in 1.36.
public struct SchedulingWorkload: Hashable, Sendable {
    /// Name and namespace.
    public var metadata: ObjectMeta
    /// What each kind of group needs, by the kind's name; their metadata name no group.
    public var templates: [String: PodGroup]

    /// Reads a Workload manifest of either version.
    public init(_ value: Value) throws(FieldError) {
        let metadata = try clusterMetadata(value, namespaced: true)
        self.metadata = metadata
        self.templates = [:]
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            let old = try spec.objects("podGroups") { item throws(FieldError) in
                (
                    try item.string("name") ?? "",
                    try PodGroup(metadata: metadata, template: item, policy: "policy")
                )
            }
            let new = try spec.objects("podGroupTemplates") { item throws(FieldError) in
                (
                    try item.string("name") ?? "",
                    try PodGroup(metadata: metadata, template: item, policy: "schedulingPolicy")
                )
            }
            for (name, group) in old + new { templates[name] = group }
        }
    }

    /// The group of that name, as `Pod.groupName` has it, if the Workload has its kind.
    public func group(named name: String) -> PodGroup? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == metadata.name, var group = templates[String(parts[1])] else { return nil }
        group.metadata = ObjectMeta(name: name, namespace: metadata.namespace)
        return group
    }
}

extension PodSpec {
    /// Reads the pod's group by Kubernetes' own API: `schedulingGroup` (1.36), or `workloadRef` (1.35), whose group is
    /// called `workload/podGroup` or `workload/podGroup/replicaKey`.
    static func schedulingGroup(_ spec: ObjectReader) throws(FieldError) -> String? {
        let name = { (object: ObjectReader, field: String) throws(FieldError) in
            let name = try object.string(field) ?? ""
            // The parts of a name are told apart by it.
            guard !name.contains("/") else {
                throw FieldError(path: FieldPath(field), expected: "a name without \"/\"", found: "\"\(name)\"")
            }
            return name
        }
        let group: String? = try spec.object("schedulingGroup") { group throws(FieldError) in
            try name(group, "podGroupName")
        }
        if let group, !group.isEmpty { return group }
        return try spec.object("workloadRef") { reference throws(FieldError) in
            let parts = [try name(reference, "name"), try name(reference, "podGroup")]
            for (part, field) in zip(parts, ["name", "podGroup"]) where part.isEmpty {
                throw FieldError(path: FieldPath(field), expected: "a name", found: "nothing")
            }
            let replica = try name(reference, "podGroupReplicaKey")
            return (replica.isEmpty ? parts : parts + [replica]).joined(separator: "/")
        }
    }

    /// The fields that `schedulingGroup` was read from.
    func addSchedulingGroup(to object: inout ObjectBuilder) {
        guard let schedulingGroup else { return }
        let parts = schedulingGroup.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else {
            object.add("schedulingGroup", .object([.init("podGroupName", .string(schedulingGroup))]))
            return
        }
        var reference = ObjectBuilder()
        for (part, field) in zip(parts, ["name", "podGroup", "podGroupReplicaKey"]) { reference.add(field, part) }
        object.add("workloadRef", reference.value)
    }
}

extension PodGroup {
    /// What would have to define the group of a key for its pods to be placed, in words.
    public static func definition(of key: ObjectKey) -> String {
        let parts = key.name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return "PodGroup \(key), which does not exist" }
        return "Workload \(key.namespace)/\(parts[0]) with a pod group \(parts[1]), which does not exist"
    }
}
