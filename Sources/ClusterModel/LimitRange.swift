/// Bounds and defaults for the resources of a namespace's pods and containers.
public struct LimitRange: Hashable, Sendable {
    /// What the bounds of an item are about.
    public enum Subject: String, CaseIterable, Hashable, Sendable {
        case container = "Container"
        case pod = "Pod"
        case claim = "PersistentVolumeClaim"
    }

    /// Bounds and defaults for one subject.
    public struct Item: Hashable, Sendable {
        /// What they are about.
        public var subject: Subject
        /// The least that may be requested.
        public var min: ResourceList
        /// The most that may be requested, and the highest limit.
        public var max: ResourceList
        /// Limits of containers that state none.
        public var defaultLimits: ResourceList
        /// Requests of containers that state none.
        public var defaultRequests: ResourceList
        /// By how many times a limit may exceed its request.
        public var maxRatio: ResourceList

        /// An item of the given parts, completed as the API server completes one.
        ///
        /// Source: Kubernetes' `SetDefaults_LimitRangeItem`: for containers the highest limit is the default limit, that is
        /// the default request, and else the least is.
        public init(
            subject: Subject, min: ResourceList = [:], max: ResourceList = [:], defaultLimits: ResourceList = [:],
            defaultRequests: ResourceList = [:], maxRatio: ResourceList = [:]
        ) {
            self.subject = subject
            self.min = min
            self.max = max
            self.maxRatio = maxRatio
            self.defaultLimits = defaultLimits
            self.defaultRequests = defaultRequests
            guard subject == .container else { return }
            self.defaultLimits.merge(max) { stated, _ in stated }
            self.defaultRequests.merge(self.defaultLimits) { stated, _ in stated }
            self.defaultRequests.merge(min) { stated, _ in stated }
        }

        init?(_ object: ObjectReader) throws(FieldError) {
            let amounts = { (key: String) throws(FieldError) -> ResourceList in
                try object.optional(key) { v throws(FieldError) in try v.decodeResources() } ?? [:]
            }
            // Kubernetes takes subjects that it does not know, and does nothing for them.
            guard let subject = Subject(rawValue: try object.string("type") ?? "") else { return nil }
            self.init(
                subject: subject, min: try amounts("min"), max: try amounts("max"),
                defaultLimits: try amounts("default"), defaultRequests: try amounts("defaultRequest"),
                maxRatio: try amounts("maxLimitRequestRatio"))
        }
    }

    /// Name and namespace.
    public var metadata: ObjectMeta
    /// The items.
    public var items: [Item]

    /// A range of the given items.
    public init(metadata: ObjectMeta, items: [Item]) {
        self.metadata = metadata
        self.items = items
    }

    /// Reads a LimitRange manifest.
    public init(_ value: Value) throws(FieldError) {
        metadata = try clusterMetadata(value, namespaced: true)
        items =
            try ObjectReader(value).object("spec") { spec throws(FieldError) in
                try spec.objects("limits") { item throws(FieldError) in try Item(item) }.compactMap { $0 }
            } ?? []
    }
}
