import ClusterModel
import Testing

@testable import Placement

/// Engines that share the nodes.
@Suite struct ShareTests {
    private func cell(_ nodes: Int) -> Cell {
        var cell = Cell()
        for index in 0..<nodes {
            cell.upsertNode(
                Node(
                    metadata: ObjectMeta(name: "n\(index)", labels: ["zone": "z\(index % 3)"]),
                    allocatable: ["cpu": Quantity(Int64(4)), "pods": Quantity(Int64(10))]), at: NodeIndex(index))
        }
        return cell
    }

    @Test(arguments: [Profile.binpack, .spread, .kubeDefault, .mostAllocated])
    func theyMeetOnlyWhereThereIsNoRoomLeft(profile: Profile) throws {
        var cell = cell(40)
        let classes = (1...3).map { cell.register(SchedulingSpec(requests: ["cpu": Quantity(milli: Int64($0) * 500)])) }
        var engines = (0..<4).map { shard in
            var engine = Engine(profile: profile, seed: UInt64(shard))
            engine.share = NodeShare(shard: shard, of: 4)
            return engine
        }
        var pod = PodID(0)
        // A quarter of the cell, by the first engine alone: what its own ten nodes hold, then some more.
        for step in 0..<60 {
            guard case .node(let node, let devices) = engines[0].selectInShare(classes[0], in: &cell) else {
                Issue.record("no node")
                return
            }
            let ownHaveRoom = stride(from: 0, to: 40, by: 4).contains { cell.fit(classes[0], on: NodeIndex($0)).isFit }
            if ownHaveRoom { #expect(node % 4 == 0, "step \(step): node \(node)") }
            cell.place(pod, class: classes[0], on: node, devices: devices)
            pod += 1
        }
        // Everybody together fills the cell.
        var stuck = 0
        while stuck < 4 {
            let shard = Int(pod) % 4
            let index = classes[Int(pod) % 3]
            pod += 1
            guard case .node(let node, let devices) = engines[shard].selectInShare(index, in: &cell) else {
                #expect((0..<40).allSatisfy { !cell.fit(index, on: NodeIndex($0)).isFit })
                stuck += 1
                continue
            }
            #expect(cell.fit(index, on: node).isFit)
            cell.place(pod, class: index, on: node, devices: devices)
        }
        cell.checkInvariants()
    }

    @Test func oneShareIsAll() {
        #expect(NodeShare(shard: 0, of: 1) == nil)
        #expect(NodeShare(shard: 1, of: 2) != NodeShare(shard: 0, of: 2))
    }
}
