import ClusterModel
import Testing

@testable import Placement

@Suite struct ExtremeTests {
    private func node(_ name: String, _ offers: ResourceList, labels: [String: String] = [:]) -> Node {
        Node(metadata: ObjectMeta(name: name, labels: labels), allocatable: offers)
    }

    @Test func noNodeTakesNoPod() {
        var cell = Cell()
        var engine = Engine(profile: .kubeDefault, seed: 1)
        let pod = cell.register(SchedulingSpec())
        #expect(engine.select(pod, in: &cell) == .none)
        #expect(engine.diagnose(pod, in: &cell).summary == "0/0 nodes are available.")
        #expect(engine.explain(pod, in: &cell).chosen == nil)
        #expect(cell.fit(pod, on: 5) == .unresolvable([.noSuchNode]))
        #expect(cell.fit(pod, on: -1) == .unresolvable([.noSuchNode]))
    }

    @Test(arguments: Profile.builtIn.map(\.name))
    func hugeAmountsNeitherTrapNorWrap(profile: String) throws {
        var cell = Cell()
        var engine = Engine(profile: try #require(Profile.named(profile)), seed: 1)
        let most = Quantity(Int64.max)
        cell.upsertNode(node("huge", ["cpu": most, "memory": most, "pods": most, "nvidia.com/gpu": most]), at: 0)
        cell.upsertNode(node("zero", ["cpu": .zero, "memory": .zero, "pods": .zero]), at: 1)
        let greedy = cell.register(SchedulingSpec(requests: ["cpu": most, "memory": most, "nvidia.com/gpu": most]))
        #expect(engine.select(greedy, in: &cell) == .none)
        #expect(!cell.fit(greedy, on: 0).isFit)
        for pod in 0..<1100 as Range<PodID> { cell.place(pod, class: greedy, on: 1) }
        for pod in 1100..<2200 as Range<PodID> { cell.place(pod, class: greedy, on: 0) }
        let small = cell.register(SchedulingSpec(requests: ["cpu": Quantity(milli: 1)]))
        #expect(!cell.fit(small, on: 0).isFit)
        #expect(!cell.fit(small, on: 1).isFit)
        #expect(engine.select(small, in: &cell) == .none)
        cell.checkInvariants()
        for pod in 0..<2200 as Range<PodID> { cell.release(pod) }
        #expect(cell.fit(small, on: 0).isFit)
        #expect(engine.select(small, in: &cell) == .node(0, []))
        cell.checkInvariants()
    }

    @Test func thousandsOfLabelsAreSearched() {
        var cell = Cell()
        var labels: [String: String] = [:]
        for number in 0..<3000 { labels["label-\(number)"] = "\(number)" }
        cell.upsertNode(node("many", ["cpu": Quantity(1)], labels: labels), at: 0)
        var spec = SchedulingSpec()
        spec.nodeSelector = ["label-2999": "2999", "label-0": "0"]
        let both = cell.register(spec)
        #expect(cell.fit(both, on: 0).isFit)
        spec.nodeSelector = ["label-3000": "3000"]
        let neither = cell.register(spec)
        #expect(cell.fit(neither, on: 0) == .unresolvable([.nodeAffinity]))
    }

    @Test(arguments: [1, 64])
    func spreadsOverOneZoneAndOverMany(zones: Int) throws {
        var cell = Cell()
        for index in 0..<128 {
            let labels = ["zone": "z\(index % zones)"]
            cell.upsertNode(node("n\(index)", ["cpu": Quantity(4)], labels: labels), at: NodeIndex(index))
        }
        var spec = SchedulingSpec(labels: ["app": "a"], requests: ["cpu": Quantity(milli: 500)])
        spec.topologySpreadConstraints = [
            TopologySpreadConstraint(
                maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: .doNotSchedule,
                labelSelector: LabelSelector(matchLabels: ["app": "a"]))
        ]
        let index = cell.register(spec)
        var engine = Engine(profile: .kubeDefault, seed: 4)
        var counts = Array(repeating: 0, count: zones)
        for pod in 0..<640 as Range<PodID> {
            guard case .node(let node, _) = engine.select(index, in: &cell) else { break }
            cell.place(pod, class: index, on: node)
            counts[Int(node) % zones] += 1
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
        }
        #expect(counts.reduce(0, +) == 640)
        cell.checkInvariants()
    }

    @Test func gpuSharesKeepDevicesApart() {
        var cell = Cell()
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(2)]), at: 0)
        let half = cell.register(SchedulingSpec(requests: [GPU.shareResource: Quantity(500)]))
        let most = cell.register(SchedulingSpec(requests: [GPU.shareResource: Quantity(600)]))
        let whole = cell.register(SchedulingSpec(requests: [GPU.deviceResource: Quantity(1)]))
        let pair = cell.register(SchedulingSpec(requests: [GPU.deviceResource: Quantity(2)]))
        let tooMuch = cell.register(SchedulingSpec(requests: [GPU.shareResource: Quantity(1001)]))
        #expect(cell.fit(pair, on: 0).isFit)
        #expect(cell.fit(tooMuch, on: 0).reasons == [.insufficient(GPU.shareResource)])
        cell.place(1, class: half, on: 0)
        #expect(cell.placement(of: 1)?.devices.indices == [0])
        #expect(cell.fit(pair, on: 0) == .rejected([.insufficient(GPU.deviceResource)]))
        #expect(cell.chooseDevices(half, 0)?.indices == [0])
        #expect(cell.chooseDevices(most, 0)?.indices == [1])
        #expect(cell.chooseDevices(whole, 0)?.indices == [1])
        #expect(!cell.fitDevices(whole, 0, DeviceSet(indices: [0])))
        #expect(!cell.fitDevices(half, 0, DeviceSet(indices: [0, 1])))
        #expect(!cell.fitDevices(half, 0, DeviceSet(indices: [5])))
        cell.place(2, class: whole, on: 0, devices: DeviceSet(indices: [1]))
        #expect(!cell.fit(most, on: 0).isFit)
        #expect(cell.fit(half, on: 0).isFit)
        #expect(cell.utilization[GPU.deviceResource] == 0.75)
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(1)]), at: 0)
        #expect(!cell.fit(whole, on: 0).isFit)
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(4)]), at: 0)
        #expect(cell.fit(pair, on: 0).isFit)
        cell.checkInvariants()
    }

    /// A node with more devices than can be told apart counts them: never more than it has, and no shares.
    @Test(arguments: 1...20)
    func manyDevicesAreCounted(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var cell = Cell()
        var size: Int64 = 120
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(size)]), at: 0)
        let counts: [Int64] = [1, 3, 40, 121]
        let classes = counts.map {
            cell.register(SchedulingSpec(requests: [GPU.deviceResource: Quantity($0)]))
        }
        let share = cell.register(SchedulingSpec(requests: [GPU.shareResource: Quantity(500)]))
        let plain = cell.register(SchedulingSpec(requests: ["cpu": Quantity(1)]))
        var placed: [PodID: Int64] = [:]
        for pod in 0..<300 as Range<PodID> {
            let used = placed.values.reduce(0, +)
            let pick = Int(random.next(below: counts.count))
            let fits = cell.fit(classes[pick], on: 0).isFit
            #expect(fits == (used + counts[pick] <= size))
            #expect(cell.chooseDevices(classes[pick], 0) == (fits ? [] : nil))
            #expect(cell.fitDevices(classes[pick], 0, []) == fits)
            #expect(!cell.fitDevices(classes[pick], 0, DeviceSet(indices: [0])))
            if fits {
                cell.place(pod, class: classes[pick], on: 0)
                placed[pod] = counts[pick]
            } else if random.next(below: 3) == 0 || pick != 3, let gone = placed.keys.min() {
                cell.release(gone)
                placed[gone] = nil
            }
            if random.next(below: 20) == 0 {
                size = [120, 300, 66][Int(random.next(below: 3))]
                cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(size)]), at: 0)
            }
            cell.checkInvariants()
        }
        #expect(!cell.fit(share, on: 0).isFit && cell.chooseDevices(share, 0) == nil)
        #expect(cell.fit(plain, on: 0).isFit && cell.fitDevices(plain, 0, []))
        // Told apart from now on, the pods that stay take their devices; and counted again.
        for (pod, _) in placed { cell.release(pod) }
        cell.place(1_000, class: classes[1], on: 0)
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(4)]), at: 0)
        #expect(cell.placement(of: 1_000)?.devices.count == 3)
        #expect(cell.fit(classes[0], on: 0).isFit && !cell.fit(classes[1], on: 0).isFit)
        cell.upsertNode(node("g", ["cpu": Quantity(64), GPU.deviceResource: Quantity(80)]), at: 0)
        #expect(cell.utilization[GPU.deviceResource] == 3.0 / 80)
        cell.release(1_000)
        #expect(cell.utilization[GPU.deviceResource] == 0)
        cell.checkInvariants()
    }
}
