import ClusterModel

/// Turns a pod's priority class into its priority and its right to preempt.
public struct PriorityStep: AdmissionStep {
    /// The step's name.
    public var name: String { "priority" }

    private var classes: PriorityClasses

    /// A step that knows these classes and the two that every cluster has.
    public init(_ classes: [PriorityClass]) { self.classes = PriorityClasses(classes) }

    /// Makes a class known.
    public mutating func set(_ item: PriorityClass) { classes.set(item) }

    /// Forgets a class.
    public mutating func remove(_ name: String) { classes.remove(name) }

    /// Resolves the pod's class.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        do {
            try classes.resolve(&admitted.pod)
            return nil
        } catch {
            return AdmissionRefusal(step: name, .field(error))
        }
    }

    /// The past counts where what is stated is not what the class says.
    public func need(_ pod: Pod) -> StepNeed { classes.dependsOnPast(pod.spec) ? .past : .template }
}
