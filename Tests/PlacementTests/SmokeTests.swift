import ClusterModel
import Testing

@testable import Placement

@Suite struct SmokeTests {
    @Test func placesWhereThereIsRoom() {
        var cell = Cell()
        let small = Node(metadata: ObjectMeta(name: "small"), allocatable: ["cpu": Quantity(1)])
        let large = Node(metadata: ObjectMeta(name: "large"), allocatable: ["cpu": Quantity(8)])
        #expect(cell.upsertNode(small, at: 0) == .nodeAdded)
        #expect(cell.upsertNode(large, at: 3) == .nodeAdded)
        let pod = cell.register(SchedulingSpec(requests: ["cpu": Quantity(4)]))
        var engine = Engine(profile: .kubeDefault, seed: 1)
        #expect(engine.select(pod, in: &cell) == .node(3, []))
        cell.place(7, class: pod, on: 3)
        cell.place(8, class: pod, on: 3)
        #expect(engine.select(pod, in: &cell) == .none)
        #expect(
            engine.diagnose(pod, in: &cell).summary == "0/2 nodes are available: 2 Insufficient cpu.")
        #expect(cell.release(7)?.node == 3)
        #expect(cell.release(7) == nil)
        #expect(engine.select(pod, in: &cell) == .node(3, []))
        cell.checkInvariants()
    }
}
