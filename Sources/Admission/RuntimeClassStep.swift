import ClusterModel

/// Writes into a pod what its RuntimeClass says: overhead, node labels, tolerations.
///
/// Source: Kubernetes' RuntimeClass plug-in (plugin/pkg/admission/runtimeclass). An overhead that a pod states without
/// naming a class is kept, since manifests of benchmarks state it so.
public struct RuntimeClassStep: AdmissionStep {
    /// The step's name.
    public var name: String { "runtime-class" }

    private let classes: [String: RuntimeClass]

    /// A step that knows these classes.
    public init(_ classes: [RuntimeClass]) {
        self.classes = Dictionary(classes.map { ($0.metadata.name, $0) }) { first, _ in first }
    }

    /// The class alone decides.
    public func need(_ pod: Pod) -> StepNeed { pod.spec.runtimeClassName.isEmpty ? .template : .past }

    /// Completes a new pod.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        let named = admitted.pod.spec.runtimeClassName
        guard !named.isEmpty, !admitted.pod.hasLived else { return nil }
        guard let found = classes[named] else {
            return refusal("pod rejected: RuntimeClass \"\(named)\" not found")
        }
        let stated = admitted.pod.spec.overhead
        if let overhead = found.overhead {
            guard stated.isEmpty || stated == overhead else {
                return refusal("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
            }
            admitted.pod.spec.overhead = overhead
        } else if !stated.isEmpty {
            return refusal("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
        }
        for (key, value) in found.nodeSelector.sorted(by: { $0.key < $1.key }) {
            if let other = admitted.pod.spec.nodeSelector[key], other != value {
                return refusal(
                    "conflict: runtimeClass.scheduling.nodeSelector[\(key)] = \(value); "
                        + "pod.spec.nodeSelector[\(key)] = \(other)")
            }
            admitted.pod.spec.nodeSelector[key] = value
        }
        if !found.tolerations.isEmpty {
            admitted.pod.spec.tolerations = Toleration.merged(admitted.pod.spec.tolerations + found.tolerations)
        }
        return nil
    }

    private func refusal(_ message: String) -> AdmissionRefusal { AdmissionRefusal(step: name, .forbidden(message)) }
}
