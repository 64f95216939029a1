import ClusterModel
import ClusterTestKit
import Placement
import Testing

/// What volumes ask of nodes: the filters, and that the choice agrees with them.
@Suite struct VolumeTests {
    private static let zone = "topology.kubernetes.io/zone"

    private static func zones(_ names: String...) -> NodeSelector {
        NodeSelector(
            terms: [NodeSelectorTerm(matchExpressions: [.init(key: zone, operator: .in, values: names)])])
    }

    /// Two nodes in a zone each, which attach two volumes of a driver.
    private func cell() -> Cell {
        var cell = Cell()
        for (number, zone) in ["a", "b"].enumerated() {
            var node = Node.sample("node-\(zone)", labels: [Self.zone: zone])
            node.allocatable[VolumeNeeds.limitResource(ofDriver: "disk")] = Quantity(2)
            cell.upsertNode(node, at: NodeIndex(number))
        }
        return cell
    }

    private func register(_ cell: inout Cell, _ change: (inout VolumeNeeds) -> Void) -> ClassIndex {
        var spec = SchedulingSpec(requests: .sample(["cpu": "100m"]))
        var needs = VolumeNeeds()
        change(&needs)
        spec.volumes = needs
        return cell.register(spec)
    }

    private func choose(_ index: ClassIndex, _ cell: inout Cell) -> NodeIndex? {
        var engine = Engine(profile: .kubeDefault, seed: 1)
        guard case .node(let node, _) = engine.select(index, in: &cell) else { return nil }
        return node
    }

    @Test func boundVolumesSayWhere() {
        var cell = cell()
        let index = register(&cell) { $0.bound = [Self.zones("b")] }
        #expect(cell.fit(index, on: 0) == .unresolvable([.volumeNodeAffinity]))
        #expect(Reason.volumeNodeAffinity.message == "node(s) didn't match PersistentVolume's node affinity")
        #expect(choose(index, &cell) == 1)
        let apart = register(&cell) { $0.bound = [Self.zones("a"), Self.zones("b")] }
        #expect(choose(apart, &cell) == nil)
        let zoned = register(&cell) { $0.zones = [Self.zones("b")] }
        #expect(cell.fit(zoned, on: 0) == .unresolvable([.volumeZone]))
        #expect(choose(zoned, &cell) == 1)
    }

    @Test func whatMustBeMendedFirstStopsThePod() {
        var cell = cell()
        let text = "pod has unbound immediate PersistentVolumeClaims"
        let index = register(&cell) { $0.blockers = [text] }
        #expect(cell.fit(index, on: 0) == .unresolvable([.volumes(text)]))
        var engine = Engine(profile: .kubeDefault, seed: 1)
        #expect(engine.diagnose(index, in: &cell).reasons == [text: 2])
        #expect(choose(index, &cell) == nil)
    }

    /// A volume that one claim got is not there for another; when the pod goes it is.
    @Test func volumesHoldOneClaimEach() {
        var cell = cell()
        let candidates = [
            VolumeNeeds.Candidate(volume: "pv-a", nodes: Self.zones("a")),
            VolumeNeeds.Candidate(volume: "pv-b", nodes: Self.zones("b")),
        ]
        let classes = (0..<3).map { number in
            register(&cell) { $0.claims = [.init(name: "default/c\(number)", candidates: candidates)] }
        }
        cell.place(1, class: classes[0], on: 0)
        #expect(cell.fit(classes[1], on: 0) == .unresolvable([.volumeBind]))
        #expect(choose(classes[1], &cell) == 1)
        cell.place(2, class: classes[1], on: 1)
        #expect(choose(classes[2], &cell) == nil)
        // Another pod with the first claim goes where its volume is.
        #expect(cell.fit(classes[0], on: 0).isFit && !cell.fit(classes[0], on: 1).isFit)
        cell.place(3, class: classes[0], on: 0)
        cell.release(1)
        #expect(choose(classes[2], &cell) == nil)
        cell.release(3)
        #expect(choose(classes[2], &cell) == 0)
        cell.checkInvariants()
    }

    @Test func claimsOfOnePodNeedAVolumeEach() {
        var cell = cell()
        let one = [VolumeNeeds.Candidate(volume: "pv", nodes: Self.zones("a"))]
        let index = register(&cell) {
            $0.claims = [.init(name: "default/c0", candidates: one), .init(name: "default/c1", candidates: one)]
        }
        #expect(!cell.fit(index, on: 0).isFit)
        let made = register(&cell) {
            $0.claims = [
                .init(name: "default/c0", candidates: one),
                .init(name: "default/c1", candidates: one, isMade: true, madeIn: Self.zones("a")),
            ]
        }
        #expect(cell.fit(made, on: 0).isFit && !cell.fit(made, on: 1).isFit)
    }

    @Test func volumesAreMadeWhereTheClassAllows() {
        var cell = cell()
        let index = register(&cell) { $0.claims = [.init(name: "default/c", isMade: true, madeIn: Self.zones("b"))] }
        #expect(cell.fit(index, on: 0) == .unresolvable([.volumeBind]))
        #expect(choose(index, &cell) == 1)
        let never = register(&cell) { $0.claims = [.init(name: "default/c")] }
        #expect(choose(never, &cell) == nil)
        // A claim that two pods share: what was made for the first is where that stands.
        let shared = register(&cell) {
            $0.claims = [.init(name: "default/s", isMade: true, topologyKeys: [Self.zone])]
        }
        cell.place(1, class: shared, on: 1)
        #expect(!cell.fit(shared, on: 0).isFit && cell.fit(shared, on: 1).isFit)
    }

    @Test func driversAttachSoMany() {
        var cell = cell()
        let uses = { (cell: inout Cell, volumes: [String]) in
            self.register(&cell) { $0.attachments = volumes.map { .init(driver: "disk", volume: $0) } }
        }
        let (first, second, third) = (uses(&cell, ["v1"]), uses(&cell, ["v2"]), uses(&cell, ["v3"]))
        cell.place(1, class: first, on: 0)
        cell.place(2, class: first, on: 0)
        // Two pods share one volume, which is attached once.
        #expect(cell.fit(second, on: 0).isFit)
        cell.place(3, class: second, on: 0)
        #expect(cell.fit(third, on: 0) == .rejected([.volumeLimit]))
        #expect(cell.fit(first, on: 0).isFit)
        #expect(cell.fit(third, on: 1).isFit)
        let many = uses(&cell, ["v4", "v5", "v6"])
        #expect(!cell.fit(many, on: 1).isFit)
        let other = register(&cell) { $0.attachments = [.init(driver: "other", volume: "v")] }
        #expect(cell.fit(other, on: 0).isFit)
        cell.release(1)
        #expect(!cell.fit(third, on: 0).isFit)
        cell.release(2)
        #expect(cell.fit(third, on: 0).isFit)
        #expect(cell.utilization.keys.allSatisfy { !$0.hasPrefix("attachable") })
    }

    @Test func someClaimsAndDisksAreForOnePod() {
        var cell = cell()
        let claim = register(&cell) { $0.exclusive = ["default/one"] }
        cell.place(1, class: claim, on: 0)
        #expect(cell.fit(claim, on: 1) == .rejected([.exclusiveVolume]))
        cell.release(1)
        #expect(cell.fit(claim, on: 1).isFit)
        let written = register(&cell) { $0.disks = [.init(name: "gce x", mayShare: false)] }
        let read = register(&cell) { $0.disks = [.init(name: "gce x", mayShare: true)] }
        cell.place(2, class: read, on: 0)
        #expect(cell.fit(read, on: 0).isFit)
        #expect(cell.fit(written, on: 0) == .rejected([.disk]) && cell.fit(written, on: 1).isFit)
        cell.release(2)
        cell.place(3, class: written, on: 0)
        #expect(!cell.fit(read, on: 0).isFit)
    }
}
