import ClusterModel
import Testing

@testable import Placement

@Suite struct GangTests {
    private func cell(zones: Int, nodes: Int, cpu: Int64) -> Cell {
        var cell = Cell()
        for index in 0..<nodes {
            cell.upsertNode(
                Node(
                    metadata: ObjectMeta(name: "n\(index)", labels: ["zone": "z\(index % zones)"]),
                    allocatable: ["cpu": Quantity(cpu)]), at: NodeIndex(index))
        }
        return cell
    }

    private func gang(_ cell: inout Cell, count: Int, cpu: Int64, minMember: Int? = nil) -> Gang {
        let index = cell.register(SchedulingSpec(labels: ["g": "g"], requests: ["cpu": Quantity(cpu)]))
        let pods = (0..<count).map { PodID(1000 + $0) }
        return Gang(members: [.init(class: index, pods: pods)], minMember: minMember ?? count)
    }

    @Test func isPlacedWholeOrNotAtAll() throws {
        var cell = cell(zones: 1, nodes: 4, cpu: 4)
        var engine = Engine(profile: .gang, seed: 1)
        var group = gang(&cell, count: 17, cpu: 1)
        #expect(engine.plan(group, in: &cell) == nil)
        #expect(cell.podCount == 0)
        group.minMember = 16
        let plan = try #require(engine.plan(group, in: &cell))
        #expect(plan.items.count == 16 && plan.left.count == 1)
        #expect(cell.podCount == 0)
        let kept = try #require(engine.plan(group, in: &cell, keepsPlaced: true))
        #expect(kept.items.count == 16 && cell.podCount == 16)
        cell.checkInvariants()
    }

    @Test func staysInOneDomainWhereItMust() throws {
        var cell = cell(zones: 3, nodes: 9, cpu: 4)
        var engine = Engine(profile: .kubeDefault, seed: 1)
        var group = gang(&cell, count: 12, cpu: 1)
        group.requiredTopologyKeys = ["zone"]
        let plan = try #require(engine.plan(group, in: &cell))
        #expect(Set(plan.items.map { $0.node % 3 }).count == 1)
        group = gang(&cell, count: 13, cpu: 1)
        group.requiredTopologyKeys = ["zone"]
        #expect(engine.plan(group, in: &cell) == nil)
        group.requiredTopologyKeys = []
        group.preferredTopologyKeys = ["zone"]
        let wide = try #require(engine.plan(group, in: &cell))
        #expect(wide.items.count == 13)
    }

    @Test func touchesFewDomainsWhereItCan() throws {
        var cell = cell(zones: 4, nodes: 16, cpu: 4)
        var engine = Engine(profile: .kubeDefault, seed: 1)
        var group = gang(&cell, count: 20, cpu: 1)
        group.preferredTopologyKeys = ["zone"]
        let plan = try #require(engine.plan(group, in: &cell))
        #expect(Set(plan.items.map { $0.node % 4 }).count == 2)
    }
}

/// What is kept from gang to gang against an engine that keeps nothing.
@Suite struct GangMemoryTests {
    @Test(arguments: 1...30) func plansAreThoseOfAFreshEngine(seed: UInt64) throws {
        var random = SplitMix64(seed)
        var cell = Cell()
        func put(_ index: Int) {
            let labels = ["zone": "z\(random.below(3))"]
            cell.upsertNode(
                Node(
                    metadata: ObjectMeta(name: "n\(index)", labels: labels),
                    allocatable: ["cpu": Quantity(Int64(2 + random.below(6))), "pods": Quantity(Int64(5))]),
                at: NodeIndex(index))
        }
        for index in 0..<24 { put(index) }
        var engine = Engine(profile: .gang, seed: 1)
        var next = PodID(0)
        var placed: [PodID] = []
        for step in 0..<60 {
            switch random.below(6) {
            case 0: put(random.below(26))
            case 1: cell.removeNode(at: NodeIndex(random.below(24)))
            case 2:
                for _ in 0..<min(3, placed.count) { cell.release(placed.remove(at: random.below(placed.count))) }
            default: break
            }
            let index = cell.register(SchedulingSpec(requests: ["cpu": Quantity(Int64(1 + random.below(2)))]))
            let count = 2 + random.below(3)
            var gang = Gang(
                members: [.init(class: index, pods: (0..<count).map { next + PodID($0) })], minMember: count)
            next += PodID(count)
            if random.below(2) == 0 {
                gang.requiredTopologyKeys = ["zone"]
            } else {
                gang.preferredTopologyKeys = ["zone"]
            }
            var fresh = Engine(profile: .gang, seed: 1)
            let expected = fresh.plan(gang, in: &cell)
            let plan = engine.plan(gang, in: &cell, keepsPlaced: true)
            #expect(plan == expected, "seed \(seed), step \(step)")
            placed += plan?.items.map(\.pod) ?? []
            cell.checkInvariants()
        }
    }
}
