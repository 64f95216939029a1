/// A way to run containers, with what it costs and where it can be had.
public struct RuntimeClass: Hashable, Sendable {
    /// The class's name.
    public var metadata: ObjectMeta
    /// What the sandbox of each pod takes; nil where the class says nothing of it.
    public var overhead: ResourceList?
    /// Labels of the nodes that have it.
    public var nodeSelector: [String: String]
    /// Taints that its pods bear.
    public var tolerations: [Toleration]

    /// A class of the given parts.
    public init(
        name: String, overhead: ResourceList? = nil, nodeSelector: [String: String] = [:],
        tolerations: [Toleration] = []
    ) {
        self.metadata = ObjectMeta(name: name)
        self.overhead = overhead
        self.nodeSelector = nodeSelector
        self.tolerations = tolerations
    }

    /// Reads a RuntimeClass manifest.
    public init(_ value: Value) throws(FieldError) {
        let object = try ObjectReader(value)
        metadata = try clusterMetadata(value, namespaced: false)
        overhead =
            try object.object("overhead") { overhead throws(FieldError) in
                try overhead.optional("podFixed") { v throws(FieldError) in try v.decodeResources() }
            } ?? nil
        (nodeSelector, tolerations) = ([:], [])
        try object.object("scheduling") { scheduling throws(FieldError) in
            nodeSelector = try scheduling.strings("nodeSelector")
            tolerations = try scheduling.objects("tolerations", Toleration.init)
        }
    }
}
