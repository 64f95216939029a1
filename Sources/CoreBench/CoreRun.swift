import ClusterModel
import Placement

/// One run: a cell, an engine, and the pods to place.
struct CoreRun {
    var cell = Cell()
    var engine: Engine
    var checksum: UInt64 = 0xcbf2_9ce4_8422_2325
    private var nextPod: PodID = 0
    private var different: [SchedulingSpec] = []
    private var state: UInt64

    init(profile: Profile, seed: UInt64) {
        engine = Engine(profile: profile, seed: seed)
        state = seed | 1
    }

    private mutating func random(_ bound: UInt64) -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state % bound
    }

    mutating func addNodes(_ count: Int) {
        let sizes: [(cpu: Int64, memory: Int64)] = [(16, 64), (32, 128), (64, 256), (96, 384)]
        for index in 0..<count {
            let size = sizes[index % sizes.count]
            var node = Node(
                metadata: ObjectMeta(
                    name: "node-\(index)",
                    labels: [
                        "kubernetes.io/hostname": "node-\(index)", "topology.kubernetes.io/zone": "zone-\(index % 8)",
                        "disk": index % 4 < 3 ? "ssd" : "hdd",
                    ]),
                allocatable: ["cpu": Quantity(size.cpu), "memory": Quantity(size.memory << 30)])
            if index % 10 == 0 { node.taints = [Taint(key: "dedicated", value: "batch", effect: .noSchedule)] }
            cell.upsertNode(node, at: NodeIndex(index))
        }
    }

    mutating func place(_ workload: CoreBench.Workload, _ count: Int) -> Int {
        switch workload {
        case .identical: placeClasses([spec("app")], count)
        case .manyClasses:
            placeClasses((0..<100).map { spec("app-\($0)", cpuMilli: 50 + Int64($0) * 7) }, count)
        case .allDifferent: placeDifferent(count)
        case .zoneSpread: placeClasses([zoneSpread()], count)
        case .hostAntiAffinity: placeAntiAffinity(count)
        case .zoneAffinity: placeClasses([zoneAffinity()], count)
        case .taintsAndSelectors: placeClasses([selecting()], count)
        case .gangs: placeGangs(count)
        case .preemption: preempt(count)
        }
    }

    private func spec(_ app: String, cpuMilli: Int64 = 100, memory: Int64 = 256 << 20) -> SchedulingSpec {
        SchedulingSpec(labels: ["app": app], requests: ["cpu": Quantity(milli: cpuMilli), "memory": Quantity(memory)])
    }

    private func zoneSpread() -> SchedulingSpec {
        var spec = spec("spread")
        spec.topologySpreadConstraints = [
            TopologySpreadConstraint(
                maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: .doNotSchedule,
                labelSelector: LabelSelector(matchLabels: ["app": "spread"]))
        ]
        return spec
    }

    private func zoneAffinity() -> SchedulingSpec {
        var spec = spec("near")
        spec.affinity.requiredPods = [
            PodAffinityTerm(
                topologyKey: "topology.kubernetes.io/zone", labelSelector: LabelSelector(matchLabels: ["app": "near"]))
        ]
        return spec
    }

    private func selecting() -> SchedulingSpec {
        var spec = spec("picky")
        spec.nodeSelector = ["disk": "ssd"]
        spec.tolerations = [Toleration(key: "dedicated", operator: .exists)]
        return spec
    }

    @inline(__always)
    private mutating func note(_ node: NodeIndex) {
        checksum = (checksum ^ UInt64(UInt32(bitPattern: node))) &* 0x100_0000_01b3
    }

    private mutating func placeClasses(_ specs: [SchedulingSpec], _ count: Int) -> Int {
        let classes = specs.map { cell.register($0) }
        var placed = 0
        for number in 0..<count {
            let index = classes[number % classes.count]
            guard case .node(let node, let devices) = engine.select(index, in: &cell) else { break }
            cell.place(nextPod, class: index, on: node, devices: devices)
            nextPod += 1
            placed += 1
            note(node)
        }
        return placed
    }

    private mutating func placeDifferent(_ count: Int) -> Int {
        var placed = 0
        for spec in different {
            let index = cell.register(spec)
            guard case .node(let node, let devices) = engine.select(index, in: &cell) else { break }
            cell.place(nextPod, class: index, on: node, devices: devices)
            cell.release(class: index)
            nextPod += 1
            placed += 1
            note(node)
        }
        return placed
    }

    /// Makes the specs of pods that are all different, which is not what is measured.
    mutating func prepareDifferent(_ count: Int) {
        for number in 0..<count {
            let memory = Int64(64 + random(4096)) << 20 | Int64(number)
            different.append(spec("app", cpuMilli: 50 + Int64(random(2000)), memory: memory))
        }
    }

    /// Apps of as many pods as half the nodes.
    private mutating func placeAntiAffinity(_ count: Int) -> Int {
        var placed = 0
        var app = 0
        while placed < count {
            var spec = spec("lonely-\(app)", cpuMilli: 10, memory: 1 << 20)
            spec.affinity.requiredAntiPods = [
                PodAffinityTerm(
                    topologyKey: "kubernetes.io/hostname", labelSelector: LabelSelector(matchLabels: spec.labels))
            ]
            let size = min(max(1, cell.nodeCount / 2), count - placed)
            let done = placeClasses([spec], size)
            placed += done
            app += 1
            if done < size { break }
        }
        return placed
    }

    private mutating func placeGangs(_ count: Int) -> Int {
        let index = cell.register(spec("gang", cpuMilli: 100))
        var placed = 0
        while placed < count {
            let pods = (0..<100).map { nextPod + PodID($0) }
            nextPod += 100
            let gang = Gang(members: [.init(class: index, pods: pods)], minMember: 100)
            guard let plan = engine.plan(gang, in: &cell, keepsPlaced: true) else { break }
            for item in plan.items { note(item.node) }
            placed += plan.items.count
        }
        return placed
    }

    private mutating func preempt(_ count: Int) -> Int {
        let low = cell.register(spec("low", cpuMilli: 15_000, memory: 1 << 30))
        while case .node(let node, _) = engine.select(low, in: &cell) {
            cell.place(nextPod, class: low, on: node)
            nextPod += 1
        }
        var urgent = spec("urgent", cpuMilli: 12_000, memory: 1 << 30)
        urgent.priority = 1000
        let index = cell.register(urgent)
        let preemption = Preemption()
        var placed = 0
        for _ in 0..<count {
            guard case .evict(let found) = preemption.choose(index, by: &engine, in: &cell) else { break }
            for victim in found.victims { cell.release(victim) }
            cell.place(nextPod, class: index, on: found.node)
            nextPod += 1
            placed += 1
            note(found.node)
        }
        return placed
    }
}
