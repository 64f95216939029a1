import ClusterModel
import Dispatcher
import DispatcherShell
import Foundation
import SchedulerRegistry
import Simulation
import Testing

/// Whole runs beside a scheduler that is broken in one way: they end, nothing is lost or doubled, the others' pods are
/// placed, and the summary says what happened.
@Suite(.serialized) struct BrokenSchedulerRunTests {
    /// What a run must show of the broken scheduler.
    enum Trace: Sendable {
        case badLines, misplaced, notItsOwn, restarts, nothing
    }

    /// A way to be broken, and what comes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        /// A mode of `broken.py`.
        var mode: String
        /// What the summary must count.
        var trace: Trace
        /// Whether all its pods are placed nevertheless; nil where that hangs on who is faster.
        var places: Bool?
        /// What one of the summary's notes or pending pods must say.
        var says = ""
        var testDescription: String { mode }
    }

    private static let groups = 4
    private static let membersOfAGroup = 5
    private static let singles = 20
    private static let podsOfOthers = 40

    private static func setup(_ mode: String, orphans: PodRoute.Unavailable) -> SimulationSetup {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let script = package.appendingPathComponent("Tests/ConformanceTests/Fixtures/broken.py").path
        let sdk = package.appendingPathComponent("examples/python").path
        var setup = SimulationSetup(registry: .builtIn(folder: SimulationTests.programs))
        setup.registry.entries[1].process = ProcessSpec(
            executable: "python3", arguments: [script, sdk, mode], environment: ["MEGABYTES": "1024"])
        // Short, so that a scheduler that hangs is soon found out; a broken one is tried twice.
        setup.limits.handshakeSeconds = 5
        // A line of a GiB takes its time on a busy machine; only the one that never decides must be found out soon.
        if mode == "never-decides" { setup.limits.decisionSeconds = 2 }
        setup.limits.drainSeconds = 1
        setup.limits.crashesBeforePodIsSetAside = 1
        setup.limits.crashesBeforeBreak = 2
        setup.nodes = (0..<8).map { number in
            Node(
                metadata: ObjectMeta(name: "node-\(number)"),
                allocatable: ["cpu": Quantity(8), "memory": Quantity(32 << 30), "pods": Quantity(40)])
        }
        let spec = SchedulingSpec(requests: ["cpu": Quantity(milli: 300), "memory": Quantity(64 << 20)])
        func add(_ name: String, group: ObjectKey? = nil, to route: PodRoute) {
            setup.arrivals.append(
                Arrival(key: ObjectKey(namespace: "default", name: name), spec: spec, group: group, route: route))
        }
        let broken = PodRoute(scheduler: "gang", unavailable: orphans)
        for number in 0..<podsOfOthers {
            add("other-\(number)", to: PodRoute(scheduler: number % 2 == 0 ? "binpack" : "spread"))
        }
        for number in 0..<singles { add("single-\(number)", to: broken) }
        for number in 0..<groups {
            let metadata = ObjectMeta(name: "group-\(number)", namespace: "default")
            setup.groups.append(PodGroup(metadata: metadata, minMember: membersOfAGroup))
            for member in 0..<membersOfAGroup {
                add("member-\(number)-\(member)", group: metadata.key, to: broken)
            }
        }
        return setup
    }

    private func run(_ setup: SimulationSetup) async -> SimulationResult {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) let setup = setup
            Thread.detachNewThread { continuation.resume(returning: Simulation(setup).run()) }
        }
    }

    /// What holds whatever a scheduler does.
    private func checkInvariants(_ result: SimulationResult) {
        let total = Self.podsOfOthers + Self.singles + Self.groups * Self.membersOfAGroup
        let keys =
            result.placements.map(\.key) + result.unschedulable.map(\.key) + result.pending.map(\.key)
            + result.rejected.map(\.key)
        #expect(keys.count == total && Set(keys).count == total, "a pod is lost or stands twice")
        var load: [String: Int] = [:]
        for placement in result.placements { load[placement.node, default: 0] += 300 }
        #expect(load.values.allSatisfy { $0 <= 8_000 }, "a node is over its capacity: \(load)")
        #expect(Set(load.keys).isSubset(of: (0..<8).map { "node-\($0)" }))
        #expect(
            result.placements.count { $0.key.name.hasPrefix("other-") } == Self.podsOfOthers,
            "pods of the other schedulers must not suffer: \(result.notes)")
        for group in 0..<Self.groups {
            let bound = result.placements.count { $0.key.name.hasPrefix("member-\(group)-") }
            #expect(bound == 0 || bound == Self.membersOfAGroup, "group \(group) is bound in part: \(bound)")
        }
    }

    @Test(arguments: [
        Case(mode: "garbage", trace: .badLines, places: true, says: "Placing pods now"),
        Case(mode: "binary", trace: .badLines, places: true),
        Case(mode: "huge-line", trace: .badLines, places: true, says: "a line of 1073741824 bytes"),
        Case(mode: "flood", trace: .nothing, places: true),
        Case(mode: "not-its-own", trace: .notItsOwn, places: true),
        Case(mode: "twice", trace: .notItsOwn, places: nil),
        Case(mode: "unknown-node", trace: .misplaced, places: false),
        Case(mode: "over-capacity", trace: .misplaced, places: false),
        Case(mode: "half-a-group", trace: .nothing, places: false),
        Case(mode: "deaf-while-busy", trace: .nothing, places: true),
        Case(mode: "never-decides", trace: .restarts, places: false),
        Case(mode: "never-reads", trace: .restarts, places: false, says: "ready"),
        Case(mode: "hangs", trace: .restarts, places: false, says: "ready"),
        Case(mode: "dies", trace: .restarts, places: false, says: "cannot find its configuration"),
        Case(mode: "wrong-version", trace: .restarts, places: false, says: "version"),
        Case(mode: "ignores-stop", trace: .nothing, places: true),
    ])
    func theRunEnds(beside broken: Case) async {
        let result = await run(Self.setup(broken.mode, orphans: .queue))
        checkInvariants(result)
        let placed = result.placements.count { $0.scheduler == "gang" }
        let own = Self.singles + Self.groups * Self.membersOfAGroup
        if let places = broken.places { #expect((placed == own) == places, "\(placed) of \(own): \(result.notes)") }
        let figures = result.schedulers[1]
        switch broken.trace {
        case .badLines: #expect(figures.badLines > 0, "\(figures)")
        case .misplaced: #expect(figures.misplaced > 0, "\(figures)")
        case .notItsOwn: #expect(figures.notItsOwn > 0, "\(figures)")
        case .restarts: #expect(figures.restarts > 0, "\(figures)")
        case .nothing: break
        }
        let said = result.notes.map(\.0) + result.pending.map(\.message)
        #expect(broken.says.isEmpty || said.contains { $0.contains(broken.says) }, "\(said)")
    }

    /// A policy that names a fallback gets the pods of a scheduler that cannot be helped to one that can.
    @Test(arguments: ["hangs", "dies", "never-reads"])
    func podsFallBack(from mode: String) async {
        let result = await run(Self.setup(mode, orphans: .fallback(["binpack"])))
        checkInvariants(result)
        #expect(result.placements.count == Self.podsOfOthers + Self.singles + Self.groups * Self.membersOfAGroup)
        #expect(result.placements.allSatisfy { $0.scheduler != "gang" })
    }
}
