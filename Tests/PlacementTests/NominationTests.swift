import ClusterModel
import Testing

@testable import Placement

/// Room kept for nominated pods, against the plain rule: with them on their nodes, and without.
@Suite struct NominationTests {
    private struct World {
        var random: RandomCluster
        var cell = Cell()
        var nominated: [(pod: PodID, spec: SchedulingSpec, node: NodeIndex)] = []

        init(seed: UInt64) {
            random = RandomCluster(seed: seed)
            for index in 0..<15 as Range<NodeIndex> { cell.upsertNode(random.node(index), at: index) }
            var engine = Engine(profile: .kubeDefault, seed: seed)
            for pod in 0..<60 as Range<PodID> {
                let index = cell.register(random.spec())
                if case .node(let node, let devices) = engine.select(index, in: &cell) {
                    cell.place(pod, class: index, on: node, devices: devices)
                }
            }
            for pod in 100..<108 as Range<PodID> {
                let node = NodeIndex(random.random.below(16))
                var spec = random.spec()
                spec.requests["cpu"] = Quantity(milli: random.pick([100, 1_000, 3_000]))
                cell.nominate(pod, class: cell.register(spec), to: node)
                nominated.append((pod, spec, node))
            }
        }

        /// Whether a node takes a pod by the rule as it is written down.
        func takes(_ spec: SchedulingSpec, _ node: NodeIndex) -> Bool {
            var bare = cell
            for entry in nominated { bare.endNomination(of: entry.pod) }
            let index = bare.register(spec)
            guard bare.fit(index, on: node).isFit else { return false }
            for entry in nominated where entry.node == node && entry.spec.priority >= spec.priority {
                bare.place(entry.pod, class: bare.register(entry.spec), on: node)
            }
            return bare.fit(index, on: node).isFit
        }
    }

    @Test func aNodeTakesAPodBesideThoseNominatedToItAndWithoutThem() {
        var kept = 0
        for seed in 1...30 as ClosedRange<UInt64> { kept += nodesKept(seed: seed) }
        #expect(kept > 50, "hardly any room is kept: \(kept)")
    }

    private func nodesKept(seed: UInt64) -> Int {
        var world = World(seed: seed)
        var kept = 0
        for _ in 0..<15 {
            let spec = world.random.spec()
            let index = world.cell.register(spec)
            for node in world.cell.nodeIndices {
                let free = world.cell.freeResources(of: node)
                let fit = world.cell.fitBesideNominated(index, on: node)
                #expect(fit.isFit == world.takes(spec, node), "seed \(seed), node \(node): \(spec)")
                #expect(world.cell.freeResources(of: node) == free)
                if !fit.isFit, world.cell.fit(index, on: node).isFit { kept += 1 }
            }
        }
        world.cell.checkInvariants()
        return kept
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func theBestOfTheNodesThatAreNotKeptIsChosen(seed: UInt64) {
        var world = World(seed: seed)
        for profile in [Profile.kubeDefault, .spread, .binpack] {
            var engine = Engine(profile: profile, seed: seed)
            for _ in 0..<20 {
                let spec = world.random.spec()
                let index = world.cell.register(spec)
                let open = world.cell.nodeIndices.filter { world.takes(spec, $0) }
                // Prices are learned from each choice, so the scores that it went by are those afterwards.
                let selection = engine.selectBesideNominated(index, in: &world.cell)
                let explanation = engine.explain(index, in: &world.cell)
                #expect(explanation.nodes.filter(\.isFeasible).map(\.node) == open)
                switch selection {
                case .none: #expect(open.isEmpty, "seed \(seed): \(spec)")
                case .node(let node, _):
                    #expect(explanation.best.contains(node), "seed \(seed), \(profile.name): \(spec)")
                }
            }
        }
    }

    @Test func whoIsNominatedIsNotInItsOwnWayNorInThatOfHigherPods() {
        var cell = Cell()
        cell.upsertNode(Node(metadata: ObjectMeta(name: "n"), allocatable: ["cpu": Quantity(4)]), at: 0)
        func spec(_ priority: Int32) -> SchedulingSpec {
            var spec = SchedulingSpec(requests: ["cpu": Quantity(3)])
            spec.priority = priority
            return spec
        }
        let (low, same, high) = (cell.register(spec(9)), cell.register(spec(10)), cell.register(spec(11)))
        cell.nominate(7, class: same, to: 0)
        #expect(!cell.fitBesideNominated(low, on: 0).isFit)
        #expect(!cell.fitBesideNominated(same, on: 0).isFit)
        #expect(cell.fitBesideNominated(same, on: 0, for: 7).isFit)
        #expect(cell.fitBesideNominated(high, on: 0).isFit)
        // Once it is placed it takes its room as any pod does, and keeps none besides.
        cell.upsertNode(Node(metadata: ObjectMeta(name: "m"), allocatable: ["cpu": Quantity(4)]), at: 1)
        cell.place(7, class: same, on: 1)
        #expect(cell.fitBesideNominated(low, on: 0).isFit)
        cell.release(7)
        #expect(cell.endNomination(of: 7)?.node == 0)
        #expect(!cell.hasNominations && cell.fitBesideNominated(low, on: 0).isFit)
        // Nothing is kept on a node that does not exist.
        cell.nominate(8, class: same, to: 5)
        #expect(!cell.fitBesideNominated(low, on: 5).isFit && cell.fitBesideNominated(low, on: 0).isFit)
    }
}
