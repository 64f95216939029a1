import ClusterModel

/// A cluster and its pods, made from a public trace.
public struct TraceInput: Sendable {
    /// The machines.
    public var nodes: [Node]
    /// The pods, in the order of their arrival.
    public var pods: [Pod]
    /// The groups that pods belong to; the traces of single pods have none.
    public var groups: [PodGroup]
    /// When the pods of the file came and went, by name; empty where that was not asked for.
    public var histories: [String: PodHistory] = [:]
    /// One line that says what this is: the trace, counts, and the seed of whatever is random or generated.
    public var description: String

    /// Input of the given parts.
    public init(nodes: [Node], pods: [Pod], groups: [PodGroup] = [], description: String) {
        self.nodes = nodes
        self.pods = pods
        self.groups = groups
        self.description = description
    }

    /// The selector of the ReplicaSet that owns a pod, which stands in no file; nil for other pods.
    ///
    /// It selects the pods with the same `app`: the pods that count as one service.
    public static func serviceSelector(for pod: Pod) -> LabelSelector? {
        guard pod.metadata.controller?.kind == "ReplicaSet", let app = pod.metadata.labels[TraceNames.appLabel] else {
            return nil
        }
        return LabelSelector(matchLabels: [TraceNames.appLabel: app])
    }
}

/// Names that all converters use.
public enum TraceNames {
    /// The namespace of every pod.
    public static let namespace = "default"
    /// The pod label with the trace's own quality-of-service class, such as `LS` or `BE`.
    public static let qosLabel = "switchyard.dev/qos"
    /// The pod label with the application or service that the pod is a replica of.
    public static let appLabel = "app"
    /// The node label that every machine carries its own name in.
    public static let hostLabel = "kubernetes.io/hostname"
    /// The node label with the zone.
    public static let zoneLabel = "topology.kubernetes.io/zone"
}

extension BinaryInteger {
    /// The number as people read it: `8,152`.
    var grouped: String {
        var text = ""
        for (index, digit) in "\(self)".reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
