import ClusterModel
import Foundation
import Testing

@testable import Placement

/// The library against the oracle, over random clusters and random changes to them.
@Suite struct OracleTests {
    /// Steps for each seed; `SWITCHYARD_STEPS=20000` makes a long run.
    private static let steps = ProcessInfo.processInfo.environment["SWITCHYARD_STEPS"].flatMap { Int($0) } ?? 150

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func agreesWithPlainLoops(seed: UInt64) throws {
        var run = OracleRun(seed: seed, tieBreaking: seed.isMultiple(of: 2) ? .first : .random)
        for step in 0..<OracleTests.steps {
            run.change()
            try run.compare("seed \(seed), step \(step)")
        }
        run.cell.checkInvariants()
    }
}

/// A cell and an oracle side by side.
struct OracleRun {
    var cell = Cell()
    var oracle = Oracle()
    var random: RandomCluster
    var engine: Engine
    var specs: [SchedulingSpec] = []
    var nextPod: PodID = 0
    let nodeSlots: NodeIndex = 24

    init(seed: UInt64, tieBreaking: Profile.TieBreaking) {
        random = RandomCluster(seed: seed, zones: seed.isMultiple(of: 5) ? 1 : 3)
        var profile = Profile.kubeDefault
        profile.tieBreaking = tieBreaking
        engine = Engine(profile: profile, seed: seed)
        cell.idleClassLimit = 3
        for index in 0..<14 as Range<NodeIndex> { upsert(index) }
        for _ in 0..<16 { specs.append(random.spec()) }
    }

    mutating func upsert(_ index: NodeIndex) {
        let node = random.node(index)
        oracle.nodes[index] = node
        cell.upsertNode(node, at: index)
    }

    mutating func change() {
        switch random.random.below(20) {
        case 0: upsert(NodeIndex(random.random.below(Int(nodeSlots))))
        case 1:
            let index = NodeIndex(random.random.below(Int(nodeSlots)))
            for pod in cell.removeNode(at: index) { oracle.pods[pod] = nil }
            oracle.nodes[index] = nil
        case 2:
            let labels = random.chance(50) ? ["team": random.pick(["a", "b"])] : [:]
            let name = random.pick(["team-a", "team-b"])
            oracle.namespaces[name] = labels
            cell.setNamespace(name, labels: labels)
        case 3: specs[random.random.below(specs.count)] = random.spec()
        case 4...8: release()
        default: place(anywhere: random.chance(10))
        }
    }

    private mutating func release() {
        guard let pod = oracle.pods.keys.sorted().randomElement(using: &random.random) else { return }
        oracle.pods[pod] = nil
        cell.release(pod)
    }

    private mutating func place(anywhere: Bool) {
        let spec = random.pick(specs)
        let index = cell.register(spec)
        defer { cell.release(class: index) }
        var node: NodeIndex?
        if anywhere {
            node = oracle.nodes.keys.sorted().randomElement(using: &random.random)
        } else if case .node(let chosen, _) = engine.select(index, in: &cell) {
            node = chosen
        }
        guard let node else { return }
        cell.place(nextPod, class: index, on: node)
        oracle.pods[nextPod] = (node, spec)
        nextPod += 1
    }

    /// Compares feasibility, totals and the choice for a few specs.
    mutating func compare(_ context: String) throws {
        for _ in 0..<3 {
            let spec = random.pick(specs)
            let index = cell.register(spec)
            defer { cell.release(class: index) }
            var feasible: [NodeIndex] = []
            for node in oracle.nodes.keys.sorted() {
                let refusal = oracle.refusal(spec, node)
                if refusal == nil { feasible.append(node) }
                let fit = cell.fit(index, on: node)
                #expect(fit.reasons.first?.plugin.rawValue == refusal, "\(context): node \(node) for \(spec)")
            }
            let totals = oracle.totals(spec, feasible)
            let explanation = engine.explain(index, in: &cell)
            for (position, node) in feasible.enumerated() {
                let report = try #require(explanation.nodes.first { $0.node == node })
                #expect(report.total == totals[position], "\(context): node \(node) \(report.scores) for \(spec)")
            }
            let best = feasible.indices.filter { totals[$0] == totals.max() }.map { feasible[$0] }
            switch engine.select(index, in: &cell) {
            case .none: #expect(best.isEmpty, "\(context): nothing chosen for \(spec)")
            case .node(let node, _):
                #expect(best.contains(node), "\(context): chose \(node) of \(best) for \(spec)")
                if engine.profile.tieBreaking == .first { #expect(node == best.first, "\(context)") }
            }
        }
    }
}
