/// A collection of like pods, as a client submits it: a Deployment, ReplicaSet, StatefulSet, Job or DaemonSet.
public struct PodCollection: Hashable, Sendable {
    /// The kinds of collection.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case deployment = "Deployment"
        case replicaSet = "ReplicaSet"
        case replicationController = "ReplicationController"
        case statefulSet = "StatefulSet"
        case job = "Job"
        case daemonSet = "DaemonSet"

        /// The API group and version of the kind.
        public var apiVersion: String {
            switch self {
            case .replicationController: "v1"
            case .job: "batch/v1"
            case .deployment, .replicaSet, .statefulSet, .daemonSet: "apps/v1"
            }
        }
    }

    /// What kind it is.
    public var kind: Kind
    /// Name, namespace, labels, annotations.
    public var metadata: ObjectMeta
    /// How many pods at once; a DaemonSet has one a node and no number.
    public var replicas: Int
    /// Which pods count as its own.
    public var selector: LabelSelector?
    /// Labels and annotations of the pods.
    public var templateMetadata: ObjectMeta
    /// What each pod asks for.
    public var template: PodSpec
    /// Where the template, its metadata and spec, stands in the object as it was written; nil where none was written.
    public var templatePath: FieldPath?

    /// A collection of the given parts.
    public init(
        kind: Kind, metadata: ObjectMeta, replicas: Int, selector: LabelSelector?, templateLabels: [String: String],
        template: PodSpec
    ) {
        self.kind = kind
        self.metadata = metadata
        self.replicas = replicas
        self.selector = selector
        self.templateMetadata = ObjectMeta(
            name: metadata.name, namespace: metadata.namespace, labels: templateLabels)
        self.template = template
    }

    /// Reads a manifest of one of the kinds.
    public init(_ value: Value, kind: Kind) throws(FieldError) {
        self.kind = kind
        self.metadata = try clusterMetadata(value, namespaced: true)
        self.replicas = 1
        self.templateMetadata = ObjectMeta(name: metadata.name, namespace: metadata.namespace)
        self.template = PodSpec()
        self.templatePath = FieldPath("spec", "template")
        let found: Void? = try ObjectReader(value).object("spec") { spec throws(FieldError) in try read(spec) }
        guard found != nil else { throw FieldError(path: FieldPath("spec"), expected: "a spec", found: "nothing") }
    }

    private mutating func read(_ spec: ObjectReader) throws(FieldError) {
        let counts: ClosedRange<Int64> = 0...10_000_000
        if kind == .job {
            let completions = try spec.int("completions", in: counts)
            let parallelism = try spec.int("parallelism", in: counts) ?? 1
            // A suspended job makes no pods until it is resumed.
            let suspended = try spec.bool("suspend") ?? false
            replicas = suspended ? 0 : Int(min(completions ?? parallelism, parallelism))
        } else {
            replicas = Int(try spec.int("replicas", in: counts) ?? 1)
        }
        if kind == .replicationController {
            let labels = try spec.strings("selector")
            selector = labels.isEmpty ? nil : LabelSelector(matchLabels: labels)
        } else {
            selector = try spec.object("selector", LabelSelector.init)
        }
        let podTemplate: PodSpec?? = try spec.object("template") { item throws(FieldError) in
            try item.object("metadata") { meta throws(FieldError) in
                templateMetadata.labels = try meta.strings("labels")
                templateMetadata.annotations = try meta.strings("annotations")
            }
            return try item.object("spec", PodSpec.init)
        }
        guard let podTemplate, let podTemplate else {
            throw FieldError(path: FieldPath("template", "spec"), expected: "a pod's spec", found: "nothing")
        }
        template = podTemplate
        if let selector, !selector.matches(templateMetadata.labels) {
            throw FieldError(
                path: FieldPath("selector"), expected: "a selector that matches the template's labels",
                found: "one that does not")
        }
    }
}

extension PodCollection {
    /// The pods that the collection's controller would create, in order, called `NAME-0`, `NAME-1` and so on.
    ///
    /// A DaemonSet has one pod for each node that its template's node selector, required node affinity and tolerations
    /// allow, tied to the node by name, as Kubernetes' own controller makes them.
    public func expanded(nodes: [Node]) -> [Pod] {
        guard kind == .daemonSet else { return (0..<replicas).map { pod(named: "\(metadata.name)-\($0)", template) } }
        var pods: [Pod] = []
        for node in nodes {
            var spec = template
            spec.tolerations += PodCollection.daemonTolerations
            guard PodCollection.mayRun(spec, on: node) else { continue }
            let field = SelectorRequirement(key: "metadata.name", operator: .in, values: [node.name])
            spec.affinity.requiredNodes = NodeSelector(
                terms: (spec.affinity.requiredNodes?.terms ?? [NodeSelectorTerm()]).map { term in
                    NodeSelectorTerm(matchExpressions: term.matchExpressions, matchFields: term.matchFields + [field])
                })
            pods.append(pod(named: "\(metadata.name)-\(node.name)", spec))
        }
        return pods
    }

    /// Conditions of a node that daemons bear, so that they run where nothing else may.
    private static let daemonTolerations: [Toleration] = [
        ("not-ready", Taint.Effect.noExecute), ("unreachable", .noExecute), ("disk-pressure", .noSchedule),
        ("memory-pressure", .noSchedule), ("pid-pressure", .noSchedule), ("unschedulable", .noSchedule),
    ].map { Toleration(key: "node.kubernetes.io/\($0.0)", operator: .exists, effect: $0.1) }

    private static func mayRun(_ spec: PodSpec, on node: Node) -> Bool {
        for (key, value) in spec.nodeSelector where node.labels[key] != value { return false }
        if let required = spec.affinity.requiredNodes, !required.matches(name: node.name, labels: node.labels) {
            return false
        }
        return node.taints.allSatisfy { taint in
            taint.effect == .preferNoSchedule || spec.tolerations.contains { $0.tolerates(taint) }
        }
    }

    private func pod(named name: String, _ spec: PodSpec) -> Pod {
        var meta = templateMetadata
        meta.name = name
        meta.ownerReferences = [
            OwnerReference(kind: kind.rawValue, name: metadata.name, apiVersion: kind.apiVersion, uid: metadata.uid)
        ]
        return Pod(metadata: meta, spec: spec)
    }
}
