import ClusterModel
import Dispatcher
import Foundation
import SchedulerRegistry
import Simulation
import Testing

/// Groups through the whole path, with the schedulers that come with Switchyard.
@Suite(.serialized) struct GangRunTests {
    private static let schedulers = ["binpack", "gang", "spread"]

    /// Nodes of 4 CPUs, each with a pod of 3 on it of the given priority, and a group of so many pods of 3 with priority 100.
    private func setup(_ scheduler: String, standing: [Int32], members: Int, minMember: Int) -> SimulationSetup {
        var setup = SimulationSetup(registry: .builtIn(folder: SimulationTests.programs))
        for (number, priority) in standing.enumerated() {
            setup.nodes.append(
                Node(
                    metadata: ObjectMeta(name: "node-\(number)"),
                    allocatable: ["cpu": Quantity(4), "memory": Quantity(8 << 30), "pods": Quantity(10)]))
            var spec = SchedulingSpec(requests: ["cpu": Quantity(3)])
            spec.priority = priority
            setup.found.append(
                FoundPod(
                    key: ObjectKey(namespace: "default", name: "old-\(number)"), spec: spec, node: "node-\(number)"))
        }
        let group = PodGroup(metadata: ObjectMeta(name: "mpi", namespace: "default"), minMember: minMember)
        setup.groups = [group]
        setup.arrivals = (0..<members).map { number in
            var spec = SchedulingSpec(requests: ["cpu": Quantity(3)])
            spec.priority = 100
            return Arrival(
                key: ObjectKey(namespace: "default", name: "mpi-\(number)"), spec: spec, group: group.metadata.key,
                route: PodRoute(scheduler: scheduler))
        }
        return setup
    }

    private func run(_ setup: SimulationSetup) async -> SimulationResult {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) let setup = setup
            Thread.detachNewThread { continuation.resume(returning: Simulation(setup).run()) }
        }
    }

    @Test(arguments: schedulers) func aGangPushesTheLowestAway(scheduler: String) async {
        let result = await run(setup(scheduler, standing: [50, 0, 10, 100], members: 2, minMember: 2))
        #expect(result.placements.count == 2)
        #expect(Set(result.evicted.map(\.key.name)) == ["old-1", "old-2"])
        #expect(Set(result.placements.map(\.node)) == ["node-1", "node-2"])
    }

    @Test(arguments: schedulers) func nobodyLeavesForAGangThatDoesNotStart(scheduler: String) async {
        let result = await run(setup(scheduler, standing: [0, 0, 100], members: 3, minMember: 3))
        #expect(result.placements.isEmpty && result.evicted.isEmpty)
        #expect(result.unschedulable.count == 3)
        let reasons = Set(result.unschedulable.flatMap(\.reasons.keys))
        #expect(reasons.contains("pod group default/mpi: no room for 3 of its members at once"))
    }

    @Test(arguments: schedulers) func tasksMustBeAmongThem(scheduler: String) async {
        var setup = setup(scheduler, standing: [100, 100], members: 3, minMember: 2)
        setup.found = []
        setup.groups[0].minByTask = ["ps": 1, "worker": 1]
        for (number, task) in ["ps", "ps", "worker"].enumerated() { setup.arrivals[number].task = task }
        var spec = setup.arrivals[2].spec
        spec.requests["cpu"] = Quantity(16)
        let huge = Arrival(
            key: setup.arrivals[2].key, spec: spec, group: setup.arrivals[2].group,
            route: PodRoute(scheduler: scheduler))
        let started = await run(setup)
        let names = Set(started.placements.map(\.key.name))
        #expect(names.contains("mpi-2") && names.count == 2, "one of each: \(names)")
        setup.arrivals[2] = huge
        setup.arrivals[2].task = "worker"
        #expect(await run(setup).placements.isEmpty, "two ps do not start alone")
    }

    @Test func whatAGroupNeedsInAllMustBeFree() async {
        var setup = setup("gang", standing: [0, 0], members: 2, minMember: 2)
        setup.found = []
        setup.groups[0].minResources = ["cpu": Quantity(9)]
        let result = await run(setup)
        #expect(result.placements.isEmpty)
        let reasons = Set(result.unschedulable.flatMap(\.reasons.keys))
        #expect(reasons.contains("pod group default/mpi: its minResources are not free: cpu"), "\(reasons)")
        setup.groups[0].minResources = ["cpu": Quantity(8)]
        #expect(await run(setup).placements.count == 2)
    }
}
