import ClusterModel

/// Writes the pod's quality-of-service class into an annotation, where schedulers of any kind can read it.
public struct QoSStep: AdmissionStep {
    /// The annotation.
    public static let annotation = "scheduler.alpha.kubernetes.io/qos"

    /// The step's name.
    public var name: String { "qos" }

    /// A step without settings.
    public init() {}

    /// Writes the annotation; what a client wrote there counts for nothing.
    public func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        admitted.pod.metadata.annotations[QoSStep.annotation] = admitted.pod.spec.qosClass.rawValue
        return nil
    }
}
