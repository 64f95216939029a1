import ClusterModel
import ClusterTestKit
import Dispatcher
import DispatcherShell
import Foundation
import PolicyEngine
import SchedulerRegistry
import Simulation
import Testing

/// Pods that come over time, through the real admission and dispatcher to live scheduler processes.
@Suite(.serialized) struct LiveRunTests {
    private static let schedulers = ["binpack", "gang", "spread"]

    /// Sound policies, each of which sends every pod elsewhere than the others do.
    private static let good = (0..<3).map { number in
        """
        apiVersion: switchyard.dev/v1alpha1
        kind: SchedulingPolicy
        metadata: {name: live}
        spec:
          rules:
          - name: banned
            match: {labelSelector: {matchLabels: {tier: banned-\(number)}}}
            actions: {reject: {message: banned by \(number)}}
          - name: even
            matchConditions: [{name: even, expression: "int(object.metadata.labels['number']) % 2 == 0"}]
            actions: {scheduler: \(schedulers[number])}
          - name: rest
            actions: {scheduler: \(schedulers[(number + 1) % 3])}
        """
    }

    private static let broken = [
        "apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {name: p\n",
        good[0].replacingOccurrences(of: "scheduler: binpack", with: "scheduler: nobody"),
        "",
    ]

    private static func set(_ text: String) throws -> PolicySet {
        let folder = try TemporaryFolder()
        _ = try folder.write("p.yaml", text: text)
        return try PolicyFolder(path: folder.path).policySet(schedulers: Set(schedulers))
    }

    private static func setup(nodes: Int) -> SimulationSetup {
        var setup = SimulationSetup(registry: .builtIn(folder: SimulationTests.programs))
        setup.nodes = (0..<nodes).map { .sample("node-\($0)", cpu: "64", memory: "256Gi", resources: ["pods": "1000"]) }
        return setup
    }

    private static func intake(_ policies: PolicySet, _ setup: SimulationSetup) -> Intake {
        Intake(
            policies: policies, rules: ClusterRules(), pods: [], namespaces: [], groups: [],
            schedulers: setup.registry.names,
            defaultScheduler: setup.registry.defaultScheduler)
    }

    private func run(_ live: LiveRun) async -> SimulationResult {
        await withCheckedContinuation { continuation in
            nonisolated(unsafe) var live = live
            Thread.detachNewThread { continuation.resume(returning: live.run().result) }
        }
    }

    /// 20,000 pods at 10,000 a second, while the folder is rewritten with sound and with broken policies.
    @Test func aReloadUnderLoadLosesDoublesAndMisroutesNothing() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("p.yaml", text: Self.good[0])
        let first = try Self.set(Self.good[0])
        let feed = PolicyFeed(
            path: folder.path, current: first, schedulers: Set(Self.schedulers), interval: 0.005
        ) { _ in }
        let pods = (0..<20_000).map { number in
            Pod.sample(
                "pod-\(number)", cpu: "10m", memory: "1Mi",
                labels: ["number": "\(number)", "tier": number % 7 == 0 ? "banned-\(number % 3)" : "plain"])
        }
        let setup = Self.setup(nodes: 50)
        let live = LiveRun(
            setup, intake: Self.intake(first, setup), pods: pods, podsPerSecond: 10_000, feed: feed)
        let writer = FileRewriter(path, good: Self.good, broken: Self.broken)
        let result = await run(live)
        writer.stop()
        feed.stop()
        let counts = feed.counts
        print("\(result.elapsedSeconds) s; \(counts.reloads) reloads, \(counts.refusals) refused; \(result.counts)")
        #expect(counts.reloads >= 8 && counts.refusals >= 2)
        try verify(result, pods)
    }

    /// Decides about every pod anew, by the policies of the revision that it carries.
    private func verify(_ result: SimulationResult, _ pods: [Pod]) throws {
        var engines: [String: PolicyEngine] = [:]
        for text in Self.good {
            let set = try Self.set(text)
            engines[set.revision] = PolicyEngine(set)
        }
        let keys = result.placements.map(\.key) + result.rejected.map(\.key)
        #expect(keys.count == pods.count && Set(keys).count == pods.count, "pods are lost or doubled")
        let byKey = Dictionary(uniqueKeysWithValues: pods.map { ($0.metadata.key, $0) })
        var revisions: Set<String> = []
        var wrong = 0
        for placement in result.placements {
            revisions.insert(placement.revision)
            let decision = byKey[placement.key].flatMap { engines[placement.revision]?.decide($0) }
            if decision?.route?.scheduler != placement.scheduler || decision?.rejection != nil { wrong += 1 }
        }
        for refusal in result.rejected {
            let decision = byKey[refusal.key].flatMap { engines[refusal.revision]?.decide($0) }
            if decision?.rejection?.message != refusal.message { wrong += 1 }
        }
        #expect(wrong == 0, "pods that do not follow the revision that they carry")
        #expect(revisions.count == Self.good.count, "only \(revisions) were in force")
    }

    /// The policy of examples/policies/overflow: small Jobs go elsewhere while the queue of gang is deep, and only then.
    @Test(arguments: [true, false])
    func anOverflowFollowsTheQueue(isDeep: Bool) async throws {
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../examples/policies/overflow")
        var setup = Self.setup(nodes: 20)
        let policies = try PolicyFolder(path: example.path, withTests: false)
            .policySet(schedulers: Set(Self.schedulers))
        // A gang that decides four pods in 20 ms has a long queue at 4,000 pods a second, and none at 100.
        setup.registry.entries[1].registration.window = isDeep ? 4 : nil
        if isDeep { try setup.faults.add("delay=20") }
        let owner = OwnerReference(kind: "Job", name: "job", apiVersion: "batch/v1", uid: "1")
        let pods = (0..<(isDeep ? 2_000 : 200)).map {
            Pod.sample("pod-\($0)", cpu: "10m", memory: "1Mi", labels: ["n": "\($0)"], owners: [owner])
        }
        let live = LiveRun(
            setup, intake: Self.intake(policies, setup), pods: pods, podsPerSecond: isDeep ? 4_000 : 100)
        let result = await run(live)
        let byScheduler = Dictionary(grouping: result.placements, by: \.scheduler).mapValues(\.count)
        #expect(result.placements.count == pods.count, "\(result.notes)")
        if isDeep {
            #expect((byScheduler["gang"] ?? 0) > 500, "the queue must fill first: \(byScheduler)")
            #expect((byScheduler["binpack"] ?? 0) > 500, "the rest overflows: \(byScheduler)")
            let rule = result.rules.first { $0.rule.rule == "small-when-busy" }
            #expect(rule?.counters.routed == byScheduler["binpack"])
        } else {
            #expect(byScheduler == ["gang": pods.count])
        }
    }

    /// A shadow of live processes: what it says is compared; and whatever it does, every pod is placed.
    @Test(arguments: ["", "kill", "garbage", "silent"])
    func aShadowOfLiveProcesses(fault: String) async throws {
        var setup = Self.setup(nodes: 8)
        var shadow = setup.registry.entries[2]
        shadow.registration.name = "spread-next"
        let script: String? =
            switch fault {
            case "kill": "read a; exit 3"
            case "garbage": "while read a; do echo nonsense; done"
            case "silent":
                #"read a; echo '{"type":"ready","protocol":1,"window":100,"capabilities":[]}'; exec sleep 60"#
            default: nil
            }
        if let script {
            shadow.process.executable = "/bin/sh"
            shadow.process.arguments = ["-c", script]
        }
        setup.registry.entries.append(shadow)
        if !fault.isEmpty { (setup.limits.shadowSeconds, setup.limits.handshakeSeconds) = (0.5, 1) }
        setup.arrivals = (0..<400).map { number in
            Arrival(
                key: ObjectKey(namespace: "default", name: "pod-\(number)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(milli: 100)]),
                route: PodRoute(scheduler: "spread", shadow: "spread-next"))
        }
        let result = await withCheckedContinuation { continuation in
            nonisolated(unsafe) let setup = setup
            Thread.detachNewThread { continuation.resume(returning: Simulation(setup).run()) }
        }
        #expect(result.placements.count == 400, "\(result.notes)")
        #expect(result.placements.allSatisfy { $0.scheduler == "spread" })
        let figures = try #require(result.shadows.first)
        #expect((figures.copied, figures.open) == (400, 0))
        if fault.isEmpty {
            #expect(figures.compared + figures.late == 400)
        } else {
            #expect(figures.compared == 0)
        }
    }
}
