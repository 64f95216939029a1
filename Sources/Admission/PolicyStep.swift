import ClusterModel
import PolicyEngine

/// Asks the policies which scheduler places the pod, and writes their decision into it.
public struct PolicyStep: AdmissionStep {
    /// The step's name.
    public var name: String { "policy" }

    /// The engine; its owner tells it of namespaces, groups, schedulers and new policies.
    public var engine: PolicyEngine

    /// A step that decides with `engine`.
    public init(_ engine: PolicyEngine) {
        self.engine = engine
    }

    /// Decides, and applies the decision.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        let decision = engine.admit(&admitted.pod, for: admitted.request)
        if let rejection = decision.rejection { return AdmissionRefusal(step: name, .policy(rejection)) }
        if !decision.warnings.isEmpty { admitted.warnings += decision.warnings.map(\.message) }
        admitted.decision = decision
        return nil
    }
}
