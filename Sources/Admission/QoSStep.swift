import ClusterModel
import PolicyEngine

/// Writes the pod's quality-of-service class into an annotation, where schedulers of any kind can read it.
public struct QoSStep: AdmissionStep {
    /// The annotation.
    public static let annotation = PolicyAnnotation.qos

    /// The step's name.
    public var name: String { "qos" }

    /// The pod asked about last: the pods of a collection have one spec, and to see that is cheaper than to add it up.
    private var latest: (spec: CopyOnWrite<PodSpec>, qos: String)?

    /// A step without settings.
    public init() {}

    /// Writes the annotation; what a client wrote there counts for nothing.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        let qos: String
        if let latest, latest.spec == admitted.pod.$spec {
            qos = latest.qos
        } else {
            qos = admitted.pod.spec.qosClass.rawValue
            latest = (admitted.pod.$spec, qos)
        }
        admitted.pod.metadata.annotations[QoSStep.annotation] = qos
        return nil
    }
}
