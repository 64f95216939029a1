import ClusterModel

extension Node {
    /// A node for tests: 8 cores, 32 GiB, 110 pods, with its name as the host label.
    public static func sample(
        _ name: String = "node-1", cpu: String = "8", memory: String = "32Gi", resources: [String: String] = [:],
        labels: [String: String] = [:], taints: [Taint] = [], unschedulable: Bool = false
    ) -> Node {
        let amounts = ["cpu": cpu, "memory": memory, "pods": "110"].merging(resources) { $1 }
        return Node(
            metadata: ObjectMeta(name: name, labels: ["kubernetes.io/hostname": name].merging(labels) { $1 }),
            allocatable: ResourceList.sample(amounts), taints: taints, unschedulable: unschedulable)
    }
}

extension Pod {
    /// A pod for tests: one container with the given requests, 100m and 128Mi unless stated.
    public static func sample(
        _ name: String = "pod-1", namespace: String = "default", cpu: String = "100m", memory: String = "128Mi",
        resources: [String: String] = [:], labels: [String: String] = [:], annotations: [String: String] = [:],
        owners: [OwnerReference] = [], priority: Int32? = nil, configure: (inout PodSpec) -> Void = { _ in }
    ) -> Pod {
        let requests = ResourceList.sample(["cpu": cpu, "memory": memory].merging(resources) { $1 })
        var spec = PodSpec(containers: [Container(name: "main", image: "sample/app:1", requests: requests)])
        spec.priority = priority
        configure(&spec)
        return Pod(
            metadata: ObjectMeta(
                name: name, namespace: namespace, labels: labels, annotations: annotations, ownerReferences: owners),
            spec: spec)
    }
}

extension ResourceList {
    /// Amounts for tests; text that is not a quantity stops the test.
    public static func sample(_ amounts: [String: String]) -> ResourceList {
        amounts.mapValues { text in
            guard let quantity = Quantity(text) else { preconditionFailure("\(text) is not a quantity") }
            return quantity
        }
    }
}
