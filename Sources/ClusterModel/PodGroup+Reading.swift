extension PodGroup {
    /// Counts of members that manifests may state.
    static let counts: ClosedRange<Int64> = 0...Int64(maxMembers)

    /// Reads a PodGroup of `scheduling.k8s.io` (1.36), `scheduling.x-k8s.io` and its older groups, Volcano or Gödel.
    ///
    /// The kinds differ in fields that do not contradict each other, so each is honoured wherever it stands.
    public init(_ value: Value) throws(FieldError) {
        self.init(metadata: try clusterMetadata(value, namespaced: true), minMember: 0)
        try ObjectReader(value).object("spec") { spec throws(FieldError) in
            if let count = try spec.int("minMember", in: PodGroup.counts) { minMember = Int(count) }
            try readPolicy(spec)
            try readTasks(spec)
            minResources =
                try spec.optional("minResources") { v throws(FieldError) in try v.decodeResources() } ?? [:]
            try readAffinity(spec)
            for field in PodGroup.namedFields where spec.value(field) != nil {
                unhonouredFields.append("spec.\(field)")
            }
            let queue = try spec.string("queue") ?? ""
            if !queue.isEmpty, queue != "default" { unhonouredFields.append("spec.queue") }
        }
    }

    /// Fields of the kinds that are named as not honoured where they are set.
    private static let namedFields = [
        "priorityClassName", "priority", "networkTopology", "subGroupPolicy", "resourceClaims",
    ]

    /// A group as a template of a Workload describes it.
    ///
    /// - Parameter policy: the field with the policy: `policy` in Kubernetes 1.35, `schedulingPolicy` since.
    init(metadata: ObjectMeta, template: ObjectReader, policy: String) throws(FieldError) {
        self.init(metadata: metadata, minMember: 0)
        try readPolicy(template, policy)
    }

    /// Reads what Kubernetes' own API has: the policy (a gang, or `basic`, which asks for nothing), topology, disruption.
    private mutating func readPolicy(
        _ spec: ObjectReader, _ field: String = "schedulingPolicy"
    ) throws(FieldError) {
        try spec.object(field) { policy throws(FieldError) in
            try policy.object("gang") { gang throws(FieldError) in
                guard let count = try gang.int("minCount", in: 1...Int64(PodGroup.maxMembers)) else {
                    throw FieldError(
                        path: FieldPath("minCount"), expected: "how many pods must be scheduled at once",
                        found: "nothing")
                }
                minMember = Int(count)
            }
        }
        try spec.object("schedulingConstraints") { constraints throws(FieldError) in
            requiredTopologyKeys = try constraints.objects("topology") { item throws(FieldError) in
                try item.required("key", "a node label key") { v throws(FieldError) in try v.decodeString() }
            }
        }
        // An object with the one field `podGroup` in some versions, its name in others.
        switch spec.value("disruptionMode") {
        case .string("PodGroup")?: isDisruptedWhole = true
        case .object(let fields)?: isDisruptedWhole = fields.contains { $0.key == "podGroup" }
        default: break
        }
    }

    /// Reads Volcano's minimum of each task, which holds only where the group's own minimum covers them all.
    ///
    /// Source: Volcano's `CheckTaskReady`.
    private mutating func readTasks(_ spec: ObjectReader) throws(FieldError) {
        let tasks = try spec.map("minTaskMember") { v throws(FieldError) in
            let count = try v.decodeInt()
            guard PodGroup.counts.contains(count) else {
                throw FieldError(expected: "a whole number, \(PodGroup.counts)", found: "\(count)")
            }
            return Int(count)
        }
        let needed = tasks.filter { $0.value > 0 }
        if needed.values.reduce(0, +) <= minMember { minByTask = needed }
    }

    /// Reads Gödel's affinity of a group to the domains of node labels.
    private mutating func readAffinity(_ spec: ObjectReader) throws(FieldError) {
        try spec.object("affinity") { affinity throws(FieldError) in
            try affinity.object("podGroupAffinity") { terms throws(FieldError) in
                let key = { (item: ObjectReader) throws(FieldError) in
                    try item.required("topologyKey", "a node label key") { v throws(FieldError) in
                        try v.decodeString()
                    }
                }
                requiredTopologyKeys += try terms.objects("required", key)
                preferredTopologyKeys += try terms.objects("preferred", key)
            }
        }
    }
}
