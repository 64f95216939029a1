/// The priority classes of a cluster, by which pods get their priority and their right to preempt, as from Kubernetes'
/// Priority plug-in.
///
/// A pod that names no class gets the class marked as the global default, or priority 0. A priority that the pod states
/// beside the name of a class must be that of the class; one that it states alone is kept, since manifests of benchmarks
/// state it so. A pod that a cluster has admitted already keeps the priority that it was given then, whatever became of
/// its class, as in Kubernetes; and so does any pod that states one whose class is not known.
public struct PriorityClasses: Sendable {
    private var classes: [String: PriorityClass] = [:]
    private var globalDefault: PriorityClass?

    /// The given classes and the two that every cluster has.
    public init(_ classes: [PriorityClass] = []) {
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

    /// Gives a pod its priority, or says what of it does not agree with its class.
    public func resolve(_ pod: inout Pod) throws(FieldError) {
        let named = pod.spec.priorityClassName
        guard !named.isEmpty else {
            if pod.spec.priority == nil { applyDefault(&pod.spec) }
            return
        }
        guard let found = classes[named] else {
            // A class may be gone, or not in the input, while its pods keep what it gave them.
            guard pod.spec.priority == nil else { return }
            throw fault("priorityClassName", "the name of a priority class that exists", "\"\(named)\"")
        }
        if pod.spec.priority != nil, pod.hasLived { return }
        if let stated = pod.spec.priority, stated != found.priority {
            throw fault("priority", "\(found.priority), the priority of the class \(named)", "\(stated)")
        }
        if let stated = pod.spec.preemptionPolicy, stated != found.preemptionPolicy {
            throw fault(
                "preemptionPolicy", "\(found.preemptionPolicy.rawValue), as the class \(named) says", stated.rawValue)
        }
        pod.spec.priority = found.priority
        pod.spec.preemptionPolicy = found.preemptionPolicy
    }

    /// Whether pods that differ in their past alone fare differently: what is stated is not what the class says.
    public func dependsOnPast(_ spec: PodSpec) -> Bool {
        guard let stated = spec.priority, let found = classes[spec.priorityClassName] else { return false }
        return stated != found.priority || spec.preemptionPolicy.map { $0 != found.preemptionPolicy } ?? false
    }

    private func applyDefault(_ spec: inout PodSpec) {
        guard let globalDefault else {
            spec.priority = 0
            return
        }
        spec.priorityClassName = globalDefault.metadata.name
        spec.hasDefaultPriorityClass = true
        spec.priority = globalDefault.priority
        if spec.preemptionPolicy == nil { spec.preemptionPolicy = globalDefault.preemptionPolicy }
    }

    private func fault(_ field: String, _ expected: String, _ found: String) -> FieldError {
        FieldError(path: FieldPath("spec", field), expected: expected, found: found)
    }
}
