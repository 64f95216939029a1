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
    /// Where the template, its metadata and spec, stands in the object as it was written.
    public var templatePath = FieldPath("spec", "template")
    /// What only some kinds have.
    public var details = Details()

    /// What only some kinds of collection have.
    public struct Details: Hashable, Sendable {
        /// Why no pods are made though there could be some, such as `suspended`.
        public var idle: String?
        /// StatefulSet: the number of the first pod.
        public var firstOrdinal = 0
        /// StatefulSet: what the claims of each pod are made of; those of the pod NAME are called `TEMPLATE-NAME`.
        public var claimTemplates: [ClaimTemplate] = []
        /// Job: how many pods must succeed; nil where one success ends the work.
        public var completions: Int?
        /// Job: how many have succeeded already.
        public var succeeded = 0
        /// Job: whether each pod has an index.
        public var isIndexed = false
        /// Job: the indices that have succeeded already.
        public var finishedIndices: [ClosedRange<Int>] = []
        /// Job: whether its author chose the selector, so that the pods get no labels that tell the Job.
        public var hasOwnSelector = false
        /// StatefulSet: the revision that its pods are made of, as its status says.
        public var revision = ""
        /// DaemonSet: how often the template was changed.
        public var templateGeneration = "1"
    }

    /// A collection of the given parts.
    public init(
        kind: Kind, metadata: ObjectMeta, replicas: Int, selector: LabelSelector?, templateLabels: [String: String],
        template: PodSpec
    ) {
        let labels = ObjectMeta(name: metadata.name, namespace: metadata.namespace, labels: templateLabels)
        self.init(
            kind: kind, metadata: metadata, replicas: replicas, selector: selector,
            template: PodTemplate(metadata: labels, spec: template))
    }

    /// A collection that another object's controller makes, of the given parts.
    public init(
        kind: Kind, metadata: ObjectMeta, replicas: Int, selector: LabelSelector? = nil, template: PodTemplate
    ) {
        self.kind = kind
        self.metadata = metadata
        self.replicas = replicas
        self.selector = selector
        self.templateMetadata = template.metadata
        self.template = template.spec
    }

    /// Reads a manifest of one of the kinds.
    public init(_ value: Value, kind: Kind) throws(FieldError) {
        try self.init(value, kind: kind, metadata: try clusterMetadata(value, namespaced: true))
    }

    /// Reads what stands in a manifest beside the metadata, as in the template of a Job.
    public init(_ value: Value, kind: Kind, metadata: ObjectMeta) throws(FieldError) {
        self.kind = kind
        self.metadata = metadata
        self.replicas = 1
        self.templateMetadata = ObjectMeta(name: metadata.name, namespace: metadata.namespace)
        self.template = PodSpec()
        let object = try ObjectReader(value)
        let found: Void? = try object.object("spec") { spec throws(FieldError) in try read(spec) }
        guard found != nil else { throw FieldError(path: FieldPath("spec"), expected: "a spec", found: "nothing") }
        try object.object("status") { status throws(FieldError) in try readStatus(status) }
        if kind == .daemonSet, let text = metadata.annotations[Details.generationAnnotation], Int64(text) != nil {
            details.templateGeneration = text
        }
    }

    private static let counts: ClosedRange<Int64> = 0...10_000_000

    private mutating func read(_ spec: ObjectReader) throws(FieldError) {
        switch kind {
        case .job: try readJob(spec)
        case .statefulSet:
            replicas = Int(try spec.int("replicas", in: PodCollection.counts) ?? 1)
            details.firstOrdinal =
                try spec.object("ordinals") { ordinals throws(FieldError) in
                    Int(try ordinals.int("start", in: PodCollection.counts) ?? 0)
                } ?? 0
            details.claimTemplates = try spec.objects("volumeClaimTemplates") { claim throws(FieldError) in
                ClaimTemplate(
                    name: try claim.object("metadata") { meta throws(FieldError) in try meta.string("name") ?? "" }
                        ?? "",
                    spec: try claim.object("spec", ClaimSpec.init) ?? ClaimSpec())
            }
        default: replicas = Int(try spec.int("replicas", in: PodCollection.counts) ?? 1)
        }
        if kind == .deployment, try spec.bool("paused") ?? false { details.idle = "paused" }
        if kind == .replicationController {
            let labels = try spec.strings("selector")
            selector = labels.isEmpty ? nil : LabelSelector(matchLabels: labels)
        } else {
            selector = try spec.object("selector", LabelSelector.init)
        }
        let owner = metadata
        let found = try spec.object("template") { item throws(FieldError) in try PodTemplate(item, of: owner) }
        guard let found else {
            throw FieldError(path: FieldPath("template", "spec"), expected: "a pod's spec", found: "nothing")
        }
        templateMetadata = found.metadata
        template = found.spec
        try checkSelector()
    }

    private func checkSelector() throws(FieldError) {
        // The API server writes the selector of a Job, and the labels that it selects, unless the author has.
        guard kind != .job || details.hasOwnSelector, let selector else { return }
        guard !selector.matches(templateMetadata.labels) else { return }
        throw FieldError(
            path: FieldPath("selector"), expected: "a selector that matches the template's labels",
            found: "one that does not")
    }

    private mutating func readJob(_ spec: ObjectReader) throws(FieldError) {
        let completions = try spec.int("completions", in: PodCollection.counts)
        let stated = try spec.int("parallelism", in: PodCollection.counts)
        let parallelism = stated ?? 1
        details.completions = completions.map { Int($0) } ?? (stated == nil ? 1 : nil)
        details.isIndexed = try spec.string("completionMode") == "Indexed"
        details.hasOwnSelector = try spec.bool("manualSelector") ?? false
        replicas = Int(min(completions ?? parallelism, parallelism))
        if let manager = try spec.string("managedBy"), manager != "kubernetes.io/job-controller" {
            details.idle = "managed by \(manager)"
        }
        // A suspended job makes no pods until it is resumed.
        if try spec.bool("suspend") ?? false { details.idle = "suspended" }
        if details.idle != nil { replicas = 0 }
    }

    private mutating func readStatus(_ status: ObjectReader) throws(FieldError) {
        switch kind {
        case .job:
            details.succeeded = Int(try status.int("succeeded", in: 0...Int64(Int32.max)) ?? 0)
            details.finishedIndices = PodCollection.ranges(try status.string("completedIndexes") ?? "")
        case .statefulSet: details.revision = try status.string("updateRevision") ?? ""
        case .deployment:
            // It was paused after its pods had been made.
            if details.idle != nil, try status.int("replicas") ?? 0 > 0 { details.idle = nil }
        case .replicaSet, .replicationController, .daemonSet: break
        }
    }

    /// Numbers as a Job's status lists them: `1,3-5`.
    private static func ranges(_ text: String) -> [ClosedRange<Int>] {
        text.split(separator: ",").compactMap { part in
            let ends = part.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
                return nil
            }
            return first...last
        }
    }
}

extension PodCollection.Details {
    fileprivate static let generationAnnotation = "deprecated.daemonset.template.generation"
}
