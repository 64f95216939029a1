import ClusterModel

/// The annotations by which a pod shows what the policies decided about it.
public enum PolicyAnnotation {
    /// The scheduler that places the pod; the annotation of Kubernetes' first multi-scheduler design.
    public static let scheduler = Pod.schedulerAnnotation
    /// The pod's quality-of-service class, which admission writes before policies are asked.
    public static let qos = "scheduler.alpha.kubernetes.io/qos"
    /// The policy that routed the pod.
    public static let policy = "switchyard.dev/policy"
    /// The rule that routed the pod.
    public static let rule = "switchyard.dev/rule"
    /// The revision of the set of policies that decided.
    public static let revision = "switchyard.dev/policy-revision"
    /// The scheduler that the pod itself named when it was admitted.
    ///
    /// Admission overwrites the name; this keeps it, so that admitting the pod again decides the same.
    public static let named = "switchyard.dev/named-scheduler"

    /// Those that policies may not write.
    static let reserved: Set<String> = [scheduler, qos, policy, rule, revision, named]
}
