import ClusterModel

/// Nodes and pods for the checks to play with.
enum Scene {
    /// A node: 8 cpu, about 64 Gi, 110 pods unless stated, in quantities as kubelets report them.
    static func node(
        _ name: String, cpu: Int64 = 8, pods: Int64 = 110, gpus: Int64 = 0, labels: [String: String] = [:],
        taints: [Taint] = [], isCordoned: Bool = false
    ) -> Node {
        var offer: ResourceList = [
            "cpu": Quantity(cpu), "memory": Quantity(65_802_336 << 10, format: .binarySI), "pods": Quantity(pods),
            "ephemeral-storage": Quantity(47_093_746_742), "hugepages-2Mi": Quantity(0),
        ]
        if gpus > 0 { offer[GPU.deviceResource] = Quantity(gpus) }
        return Node(
            metadata: ObjectMeta(name: name, labels: ["kubernetes.io/hostname": name].merging(labels) { $1 }),
            allocatable: offer, taints: taints, unschedulable: isCordoned)
    }

    /// Nodes with room for anything.
    static func wideNodes(_ count: Int) -> [Node] {
        (0..<count).map { node("node-\($0)", cpu: 64, pods: 1_000) }
    }

    /// A pod that asks for cpu and 64 Mi alone.
    static func pod(
        milliCPU: Int64 = 1_000, app: String = "plain", more: ResourceList = [:],
        _ configure: (inout SchedulingSpec) -> Void = { _ in }
    ) -> SchedulingSpec {
        let requests: ResourceList = [
            "cpu": Quantity(milli: milliCPU), "memory": Quantity(64 << 20, format: .binarySI),
        ]
        var spec = SchedulingSpec(
            namespace: "rehearsal", labels: ["app": app], requests: requests.merging(more) { $1 })
        configure(&spec)
        return spec
    }

    private static let zone = "topology.kubernetes.io/zone"
    private static let host = "kubernetes.io/hostname"

    /// Nodes of which each is special in some way.
    static let mixedNodes = [
        node("plain-0", labels: [zone: "a", "disk": "ssd", "generation": "3"]),
        node("plain-1", labels: [zone: "b", "disk": "hdd", "generation": "7"]),
        node("plain-2", labels: [zone: "c", "disk": "ssd", "generation": "9"]),
        node("tainted", labels: [zone: "a"], taints: [Taint(key: "dedicated", value: "batch", effect: .noSchedule)]),
        node("draining", labels: [zone: "b"], taints: [Taint(key: "leaving", effect: .noExecute)]),
        node("cordoned", labels: [zone: "c"], isCordoned: true),
        node("crowded", pods: 2, labels: [zone: "a"]),
        node("gpu", gpus: 2, labels: [zone: "b"]),
    ]

    /// Pods that between them ask for everything that can be required.
    static let mixedPods: [SchedulingSpec] =
        [
            pod(app: "selector") { $0.nodeSelector = ["disk": "hdd"] },
            pod(app: "affinity") { spec in
                let newer = SelectorRequirement(key: "generation", operator: .greaterThan, values: ["5"])
                spec.affinity.requiredNodes = NodeSelector(terms: [NodeSelectorTerm(matchExpressions: [newer])])
            },
            pod(app: "tolerant") {
                $0.tolerations = [Toleration(key: "dedicated", value: "batch", effect: .noSchedule)]
            },
            pod(app: "fearless") { $0.tolerations = [Toleration(operator: .exists)] },
            pod(app: "named") { $0.nodeName = "plain-1" },
            pod(app: "impossible") { $0.nodeSelector = ["disk": "tape"] },
            pod(milliCPU: 100_000, app: "huge"),
            pod(app: "share", more: [GPU.shareResource: Quantity(600)]),
            pod(app: "share", more: [GPU.shareResource: Quantity(600)]),
            pod(app: "share", more: [GPU.shareResource: Quantity(300)]),
            pod(app: "whole", more: [GPU.deviceResource: Quantity(1)]),
            pod(app: "exotic", more: ["example.com/crystal": Quantity(1)]),
        ] + ports + spread + counted + neighbours + (0..<6).map { _ in pod(milliCPU: 3_000, app: "filler") }

    private static let ports = (0..<3).map { _ in
        pod(app: "ports") { $0.hostPorts = [HostPort(port: 8_080)] }
    }

    private static let spread = (0..<5).map { _ in
        pod(milliCPU: 100, app: "spread") { spec in
            spec.topologySpreadConstraints = [
                TopologySpreadConstraint(
                    maxSkew: 1, topologyKey: zone, whenUnsatisfiable: .doNotSchedule,
                    labelSelector: LabelSelector(matchLabels: ["app": "spread"]))
            ]
        }
    }

    /// Pods without a constraint that those above count.
    private static let counted = (0..<4).map { _ in pod(milliCPU: 100, app: "spread") }

    private static let neighbours: [SchedulingSpec] = {
        let lonely = PodAffinityTerm(topologyKey: host, labelSelector: LabelSelector(matchLabels: ["app": "lonely"]))
        let friends = PodAffinityTerm(topologyKey: zone, labelSelector: LabelSelector(matchLabels: ["app": "lonely"]))
        return (0..<4).map { _ in pod(milliCPU: 100, app: "lonely") { $0.affinity.requiredAntiPods = [lonely] } }
            + [pod(milliCPU: 100, app: "friend") { $0.affinity.requiredPods = [friends] }]
    }()
}
