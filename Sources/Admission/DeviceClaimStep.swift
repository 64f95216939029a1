import ClusterModel

/// Refuses pods that claim devices (dynamic resource allocation): nothing here hands such devices out, so that wherever the
/// pod were placed, it might not find them.
public struct DeviceClaimStep: AdmissionStep {
    /// The step's name.
    public var name: String { "device-claims" }

    /// A step without settings.
    public init() {}

    /// The pod alone decides.
    public func need(_ pod: Pod) -> StepNeed { .template }

    /// Looks at a pod that stands nowhere yet.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        let claims = admitted.pod.spec.resourceClaims
        guard !claims.isEmpty, admitted.pod.spec.nodeName == nil else { return nil }
        let named = claims.map { "\"\($0)\"" }.joined(separator: ", ")
        return AdmissionRefusal(
            step: name,
            .forbidden(
                "spec.resourceClaims: the pod claims devices (\(named)) by dynamic resource allocation, which is not "
                    + "supported here: no device can be found for it"))
    }
}
