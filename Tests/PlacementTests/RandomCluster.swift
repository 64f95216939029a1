import ClusterModel

@testable import Placement

/// Random nodes and specs that touch every rule, from a seed.
struct RandomCluster {
    var random: SplitMix64
    let zones: Int

    init(seed: UInt64, zones: Int = 3) {
        random = SplitMix64(seed)
        self.zones = zones
    }

    mutating func pick<T>(_ items: [T]) -> T { items[random.below(items.count)] }
    mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }

    mutating func node(_ index: NodeIndex) -> Node {
        var labels = ["kubernetes.io/hostname": "node-\(index)", "disk": pick(["ssd", "hdd"])]
        if !chance(5) { labels["topology.kubernetes.io/zone"] = "zone-\(random.below(zones))" }
        if chance(70) { labels["generation"] = "\(random.below(9))" }
        if chance(3) { labels["kubernetes.io/hostname"] = nil }
        var taints: [Taint] = []
        if chance(20) {
            taints.append(Taint(key: "dedicated", value: pick(["batch", "gpu"]), effect: pick(Taint.Effect.allCases)))
        }
        if chance(15) { taints.append(Taint(key: "old", effect: .preferNoSchedule)) }
        var offers: ResourceList = [
            "cpu": Quantity(milli: pick([500, 2000, 4000, 8000])), "memory": Quantity(pick([1, 4, 16]) << 30),
            "pods": Quantity(pick([2, 5, 110])),
        ]
        if chance(30) { offers["example.com/widget"] = Quantity(pick([1, 4])) }
        return Node(
            metadata: ObjectMeta(name: "node-\(index)", labels: labels), allocatable: offers, taints: taints,
            unschedulable: chance(4))
    }

    mutating func spec() -> SchedulingSpec {
        var requests: ResourceList = [:]
        if !chance(10) { requests["cpu"] = Quantity(milli: pick([50, 100, 500, 1000])) }
        if !chance(20) { requests["memory"] = Quantity(pick([64, 256, 2048]) << 20) }
        if chance(8) { requests["example.com/widget"] = Quantity(1) }
        var spec = SchedulingSpec(
            namespace: pick(["default", "team-a", "team-b"]), labels: ["app": app(), "tier": pick(["web", "db"])],
            requests: requests)
        spec.priority = pick([0, 0, 10, 100])
        spec.isTerminating = chance(6)
        switch random.below(12) {
        case 0: spec.nodeSelector = ["disk": pick(["ssd", "hdd"])]
        case 1: spec.affinity.requiredNodes = NodeSelector(terms: [nodeTerm(), nodeTerm()])
        case 2:
            spec.affinity.preferredNodes = [
                PreferredNodes(weight: 3, term: nodeTerm()), PreferredNodes(weight: 40, term: nodeTerm()),
            ]
        case 3:
            spec.tolerations = [pick([Toleration(key: "dedicated", operator: .exists), Toleration(operator: .exists)])]
        case 4: spec.hostPorts = [HostPort(ip: pick(["0.0.0.0", "127.0.0.1"]), port: pick([80, 81]))]
        case 5, 6: spec.topologySpreadConstraints = (0...random.below(2)).map { _ in constraint() }
        case 7: spec.affinity.requiredPods = (0...random.below(2)).map { _ in term() }
        case 8: spec.affinity.requiredAntiPods = (0...random.below(2)).map { _ in term() }
        case 9:
            spec.affinity.preferredPods = [PreferredPods(weight: 7, term: term())]
            spec.affinity.preferredAntiPods = [PreferredPods(weight: 20, term: term())]
        case 10: spec.serviceSelector = LabelSelector(matchLabels: ["app": spec.labels["app"] ?? ""])
        default: break
        }
        return spec
    }

    private mutating func app() -> String { "app-\(random.below(4))" }

    private mutating func selector() -> LabelSelector {
        chance(80)
            ? LabelSelector(matchLabels: ["app": app()])
            : LabelSelector(matchExpressions: [
                SelectorRequirement(key: "tier", operator: pick([.exists, .doesNotExist]))
            ])
    }

    private mutating func key() -> String {
        pick(["topology.kubernetes.io/zone", "kubernetes.io/hostname", "topology.kubernetes.io/zone", "disk"])
    }

    private mutating func nodeTerm() -> NodeSelectorTerm {
        NodeSelectorTerm(matchExpressions: [
            pick([
                SelectorRequirement(key: "disk", operator: .in, values: ["ssd"]),
                SelectorRequirement(key: "generation", operator: .greaterThan, values: ["4"]),
                SelectorRequirement(key: "generation", operator: .doesNotExist),
                SelectorRequirement(key: "topology.kubernetes.io/zone", operator: .notIn, values: ["zone-0"]),
            ])
        ])
    }

    private mutating func constraint() -> TopologySpreadConstraint {
        TopologySpreadConstraint(
            maxSkew: pick([1, 2, 3]), topologyKey: key(), whenUnsatisfiable: pick([.doNotSchedule, .scheduleAnyway]),
            labelSelector: selector(), minDomains: chance(10) ? 3 : nil,
            nodeAffinityPolicy: pick([.honor, .ignore]), nodeTaintsPolicy: pick([.honor, .ignore]),
            matchLabelKeys: chance(10) ? ["tier"] : [])
    }

    private mutating func term() -> PodAffinityTerm {
        var term = PodAffinityTerm(topologyKey: key(), labelSelector: selector())
        if chance(15) { term.namespaces = ["team-a"] }
        if chance(15) { term.namespaceSelector = LabelSelector(matchLabels: ["team": pick(["a", "b"])]) }
        if chance(10) { term.matchLabelKeys = ["tier"] }
        return term
    }
}
