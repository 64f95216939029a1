import ClusterModel
import Testing

@testable import Placement

/// Single facts of Kubernetes' scheduler, as numbers and words.
@Suite struct FactTests {
    private func scores(
        _ plugin: ScorePlugin, _ profile: Profile = .kubeDefault, nodes: [Node],
        placed: [(NodeIndex, SchedulingSpec)] = [],
        _ spec: SchedulingSpec
    ) throws -> [Int64] {
        var cell = Cell()
        for (index, node) in nodes.enumerated() { cell.upsertNode(node, at: NodeIndex(index)) }
        for (pod, item) in placed.enumerated() {
            cell.place(PodID(pod), class: cell.register(item.1), on: item.0)
        }
        var engine = Engine(profile: profile, seed: 1)
        let index = cell.register(spec)
        return engine.explain(index, in: &cell).nodes.map { $0.scores[plugin] ?? -1 }
    }

    private func node(_ name: String, cpu: Int64, memory: Int64, labels: [String: String] = [:]) -> Node {
        Node(
            metadata: ObjectMeta(name: name, labels: labels),
            allocatable: ["cpu": Quantity(cpu), "memory": Quantity(memory)])
    }

    private let asking = SchedulingSpec(requests: ["cpu": Quantity(3), "memory": Quantity(5000)])

    @Test func allocationIsScoredByWhatIsLeftOrTaken() throws {
        let nodes = [node("a", cpu: 4, memory: 10_000), node("b", cpu: 6, memory: 10_000)]
        #expect(try scores(.nodeResourcesFit, nodes: nodes, asking) == [37, 50])
        #expect(try scores(.nodeResourcesFit, .mostAllocated, nodes: nodes, asking) == [62, 50])
        var ratio = Profile.kubeDefault
        ratio.fit.strategy = .requestedToCapacityRatio
        ratio.fit.shape = [.init(utilization: 0, score: 10), .init(utilization: 100, score: 0)]
        #expect(try scores(.nodeResourcesFit, ratio, nodes: nodes, asking) == [38, 50])
    }

    @Test func balanceIsScoredByWhatThePodChanges() throws {
        let nodes = [node("a", cpu: 4, memory: 10_000), node("b", cpu: 6, memory: 10_000)]
        #expect(try scores(.nodeResourcesBalancedAllocation, nodes: nodes, asking) == [68, 75])
        // A pod that asks for nothing has nothing to balance.
        #expect(try scores(.nodeResourcesBalancedAllocation, nodes: nodes, SchedulingSpec()) == [-1, -1])
    }

    @Test func taintsThatPreferAbsenceLowerTheScore() throws {
        var nodes = (0..<3).map { node("n\($0)", cpu: 4, memory: 10_000) }
        nodes[1].taints = [Taint(key: "a", effect: .preferNoSchedule)]
        nodes[2].taints = [Taint(key: "a", effect: .preferNoSchedule), Taint(key: "b", effect: .preferNoSchedule)]
        #expect(try scores(.taintToleration, nodes: nodes, asking) == [100, 50, 0])
    }

    @Test func preferredTermsAreScoredByTheirWeights() throws {
        let nodes = [
            node("a", cpu: 4, memory: 10_000, labels: ["x": "1"]),
            node("b", cpu: 4, memory: 10_000, labels: ["x": "1", "y": "1"]), node("c", cpu: 4, memory: 10_000),
        ]
        var spec = asking
        spec.affinity.preferredNodes = ["x", "y"].map { key in
            PreferredNodes(
                weight: key == "x" ? 2 : 3,
                term: NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: key, operator: .exists)]))
        }
        #expect(try scores(.nodeAffinity, nodes: nodes, spec) == [40, 100, 0])
    }

    @Test func imagesThatAreThereRaiseTheScore() throws {
        var nodes = [node("a", cpu: 4, memory: 10_000), node("b", cpu: 4, memory: 10_000)]
        nodes[1].images = [.init(names: ["registry.example/app:latest"], sizeBytes: 1_046 << 20)]
        var spec = asking
        spec.images = ["registry.example/app"]
        // Half of the nodes have it, so half of its size counts: (523 − 23) / (1000 − 23).
        #expect(try scores(.imageLocality, nodes: nodes, spec) == [0, 51])
    }

    @Test func neighboursDrawAndPush() throws {
        let nodes = ["1", "2", "3"].map { node("n\($0)", cpu: 4, memory: 10_000, labels: ["zone": $0]) }
        let web = SchedulingSpec(labels: ["app": "web"])
        let db = SchedulingSpec(labels: ["app": "db"])
        var spec = asking
        let term = { (app: String) in
            PodAffinityTerm(topologyKey: "zone", labelSelector: LabelSelector(matchLabels: ["app": app]))
        }
        spec.affinity.preferredPods = [PreferredPods(weight: 10, term: term("web"))]
        spec.affinity.preferredAntiPods = [PreferredPods(weight: 10, term: term("db"))]
        #expect(try scores(.interPodAffinity, nodes: nodes, placed: [(0, web), (1, db)], spec) == [100, 0, 50])
    }

    @Test func reasonsAreInKubernetesWords() throws {
        var cell = Cell()
        var cordoned = node("cordoned", cpu: 4, memory: 1 << 40)
        cordoned.unschedulable = true
        var tainted = node("tainted", cpu: 4, memory: 1 << 40)
        tainted.taints = [Taint(key: "k", effect: .noSchedule)]
        var full = node("full", cpu: 1, memory: 1)
        full.allocatable["pods"] = Quantity(0)
        for (index, node) in [cordoned, tainted, full].enumerated() { cell.upsertNode(node, at: NodeIndex(index)) }
        var engine = Engine(profile: .kubeDefault, seed: 1)
        let diagnosis = engine.diagnose(cell.register(asking), in: &cell)
        #expect(
            diagnosis.summary
                == "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, "
                + "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.")
        #expect(diagnosis.events.isSuperset(of: [.nodeAdded, .nodeTaints, .podReleased, .nodeAllocatable]))
        #expect(!diagnosis.events.contains(.namespaceLabels))
    }

    @Test func profilesReadBackAsWritten() throws {
        for profile in Profile.builtIn { #expect(try Profile(profile.value) == profile) }
        var custom = Profile.kubeDefault
        custom.disabledFilters = [.nodePorts]
        custom.usesSystemConstraints = false
        custom.defaultConstraints = []
        custom.addedAffinity.requiredNodes = NodeSelector(terms: [
            NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: "pool", operator: .in, values: ["a"])])
        ])
        custom.requiredTopologyKeys = ["rack"]
        #expect(try Profile(custom.value) == custom)
        #expect(throws: FieldError.self) {
            try Profile(.object([.init("plugins", .object([.init("score", .string("all"))]))]))
        }
    }

    @Test func theLeastImportantVictimsAreChosen() throws {
        var cell = Cell()
        for (index, name) in ["a", "b", "c"].enumerated() {
            cell.upsertNode(node(name, cpu: 4, memory: 1 << 30), at: NodeIndex(index))
        }
        func spec(_ cpu: Int64, _ priority: Int32, _ app: String) -> SchedulingSpec {
            var spec = SchedulingSpec(labels: ["app": app], requests: ["cpu": Quantity(cpu)])
            spec.priority = priority
            return spec
        }
        let placed: [(NodeIndex, SchedulingSpec)] = [
            (0, spec(4, 10, "guarded")), (1, spec(2, 10, "x")), (1, spec(2, 20, "x")), (2, spec(4, 10, "x")),
        ]
        for (pod, item) in placed.enumerated() { cell.place(PodID(pod), class: cell.register(item.1), on: item.0) }
        var engine = Engine(profile: .binpack, seed: 1)
        let urgent = cell.register(spec(2, 1000, "urgent"))
        var preemption = Preemption()
        preemption.budgets = [
            DisruptionBudget(
                namespace: "default", selector: LabelSelector(matchLabels: ["app": "guarded"]), allowed: 0)
        ]
        // On b the pod of priority 20 is spared; a breaks a budget; b and c lose one pod of priority 10, b comes first.
        let found = preemption.choose(urgent, by: &engine, in: &cell)
        #expect(found == .evict(PreemptionCandidate(node: 1, victims: [1], budgetViolations: 0)))
        #expect(cell.podCount == 4)
        var never = spec(2, 1000, "never")
        never.mayPreempt = false
        guard case .none = preemption.choose(cell.register(never), by: &engine, in: &cell) else {
            Issue.record("a pod that must not preempt did")
            return
        }
        cell.checkInvariants()
    }
}
