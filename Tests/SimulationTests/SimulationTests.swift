import ClusterModel
import Dispatcher
import DispatcherShell
import Foundation
import SchedulerRegistry
import Simulation
import Testing

/// Runs with real scheduler processes, and with ones that are broken.
@Suite(.serialized) struct SimulationTests {
    /// The folder of the programs that were built with the tests.
    static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

    private static func setup(pods: Int, route: @escaping (Int) -> PodRoute) -> SimulationSetup {
        var setup = SimulationSetup(registry: .builtIn(folder: programs))
        setup.nodes = (0..<8).map { number in
            Node(
                metadata: ObjectMeta(name: "node-\(number)"),
                allocatable: ["cpu": Quantity(8), "memory": Quantity(32 << 30), "pods": Quantity(40)])
        }
        setup.arrivals = (0..<pods).map { number in
            Arrival(
                key: ObjectKey(namespace: "default", name: "pod-\(number)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(milli: 300), "memory": Quantity(64 << 20)]),
                route: route(number))
        }
        return setup
    }

    private static let names = ["binpack", "gang", "spread"]

    /// Every pod stands in one list, no node is over its capacity.
    private func check(_ result: SimulationResult, pods: Int) {
        let keys =
            result.placements.map(\.key) + result.unschedulable.map(\.key) + result.pending.map(\.key)
            + result.rejected.map(\.key)
        #expect(keys.count == pods)
        #expect(Set(keys).count == pods, "a pod stands twice in the result")
        var load: [String: Int] = [:]
        for placement in result.placements { load[placement.node, default: 0] += 300 }
        #expect(load.values.allSatisfy { $0 <= 8_000 }, "a node is over its capacity: \(load)")
    }

    private func run(_ setup: SimulationSetup) async -> SimulationResult {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) let setup = setup
            Thread.detachNewThread { continuation.resume(returning: Simulation(setup).run()) }
        }
    }

    @Test(arguments: ["", "kill-every=7", "garbage-every=2", "delay=15"])
    func threeSchedulersWantTheSameNodes(fault: String) async throws {
        var setup = SimulationTests.setup(pods: 260) { PodRoute(scheduler: SimulationTests.names[$0 % 3]) }
        if !fault.isEmpty { try setup.faults.add(fault) }
        let result = await run(setup)
        check(result, pods: 260)
        // Eight nodes hold 26 such pods each.
        #expect(result.placements.count == 208, "\(result.notes)")
        #expect(result.unschedulable.count == 52)
        let conflicts = result.schedulers.reduce(0) { $0 + $1.conflicts }
        #expect(conflicts == result.schedulers.reduce(0) { $0 + $1.conflictsWith.values.reduce(0, +) })
        if fault == "kill-every=7" {
            // One that was killed when all its pods were decided need not come back.
            #expect(result.schedulers.contains { $0.restarts > 0 || $0.lastExit.contains("killed by signal 9") })
        }
        if fault == "garbage-every=2" { #expect(result.schedulers.contains { $0.badLines > 0 }) }
    }

    @Test func eachShardTellsOfItsOwnPods() async {
        var setup = SimulationTests.setup(pods: 260) { _ in PodRoute(scheduler: "binpack") }
        setup.registry.entries[0].registration.shards = 2
        let result = await run(setup)
        check(result, pods: 260)
        let shards = result.schedulers.filter { $0.name.hasPrefix("binpack/") }
        #expect(shards.count == 2 && shards.allSatisfy { $0.routed > 0 })
        #expect(shards.map(\.bound).reduce(0, +) == 208)
        #expect(shards.map(\.unschedulable).reduce(0, +) == 52)
    }

    @Test func podsOfADeadSchedulerFallBack() async {
        var setup = SimulationTests.setup(pods: 30) {
            let actions: [PodRoute.Unavailable] = [.fallback(["binpack"]), .reject, .queue]
            return PodRoute(scheduler: "gang", unavailable: actions[$0 % 3])
        }
        setup.registry.entries[1].process = ProcessSpec(executable: "/bin/false")
        let result = await run(setup)
        check(result, pods: 30)
        #expect(result.placements.count == 10)
        #expect(result.placements.allSatisfy { $0.scheduler == "binpack" })
        #expect(result.rejected.count == 10)
        #expect(result.pending.count == 10)
        #expect(result.pending.allSatisfy { $0.message.contains("given up") })
    }
}
