import ClusterModel

/// Turns a pod's priority class into its priority and its right to preempt, as Kubernetes' Priority plug-in does.
///
/// A pod that names no class gets the class marked as the global default, or priority 0. A priority that the pod states
/// beside the name of a class must be that of the class; one that it states alone is kept, since manifests of benchmarks
/// state it so. A pod that a cluster has admitted already keeps the priority that it was given then, whatever became of
/// its class, as in Kubernetes; and so does any pod that states one whose class is not known.
public struct PriorityStep: AdmissionStep {
    /// The step's name.
    public var name: String { "priority" }

    private var classes: [String: PriorityClass] = [:]
    private var globalDefault: PriorityClass?

    /// A step that knows these classes and the two that every cluster has.
    public init(_ classes: [PriorityClass]) {
        for item in PriorityClass.builtIn + classes { self.classes[item.metadata.name] = item }
        findDefault()
    }

    /// Makes a class known.
    public mutating func set(_ item: PriorityClass) {
        classes[item.metadata.name] = item
        findDefault()
    }

    /// Forgets a class.
    public mutating func remove(_ name: String) {
        classes.removeValue(forKey: name)
        findDefault()
    }

    /// Of several global defaults the one with the lowest priority counts, as in Kubernetes.
    private mutating func findDefault() {
        globalDefault = classes.values.filter(\.globalDefault).min {
            ($0.priority, $0.metadata.name) < ($1.priority, $1.metadata.name)
        }
    }

    /// Resolves the pod's class.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        let named = admitted.pod.spec.priorityClassName
        guard !named.isEmpty else {
            if admitted.pod.spec.priority == nil { applyDefault(&admitted.pod.spec) }
            return nil
        }
        guard let found = classes[named] else {
            // A class may be gone, or not in the input, while its pods keep what it gave them.
            guard admitted.pod.spec.priority == nil else { return nil }
            return refusal("priorityClassName", "the name of a priority class that exists", "\"\(named)\"")
        }
        if admitted.pod.spec.priority != nil, admitted.pod.hasLived { return nil }
        if let stated = admitted.pod.spec.priority, stated != found.priority {
            return refusal("priority", "\(found.priority), the priority of the class \(named)", "\(stated)")
        }
        if let stated = admitted.pod.spec.preemptionPolicy, stated != found.preemptionPolicy {
            return refusal(
                "preemptionPolicy", "\(found.preemptionPolicy.rawValue), as the class \(named) says", stated.rawValue)
        }
        admitted.pod.spec.priority = found.priority
        admitted.pod.spec.preemptionPolicy = found.preemptionPolicy
        return nil
    }

    /// Whether pods that differ in their past alone fare differently: what is stated is not what the class says.
    func dependsOnPast(_ spec: PodSpec) -> Bool {
        guard let stated = spec.priority, let found = classes[spec.priorityClassName] else { return false }
        return stated != found.priority || spec.preemptionPolicy.map { $0 != found.preemptionPolicy } ?? false
    }

    private func applyDefault(_ spec: inout PodSpec) {
        guard let globalDefault else {
            spec.priority = 0
            return
        }
        spec.priorityClassName = globalDefault.metadata.name
        spec.priority = globalDefault.priority
        if spec.preemptionPolicy == nil { spec.preemptionPolicy = globalDefault.preemptionPolicy }
    }

    private func refusal(_ field: String, _ expected: String, _ found: String) -> AdmissionRefusal {
        AdmissionRefusal(
            step: name, .field(FieldError(path: FieldPath("spec", field), expected: expected, found: found)))
    }
}
