import Bench
import ClusterTestKit
import DispatcherShell
import Foundation
import Testing

/// Small workloads through real scheduler processes.
@Suite(.serialized) struct RunnerTests {
    private static let plain = "  - createPods: {count: $pods, template: pod}\n  - barrier"

    @Test func everyPodIsBoundAndCounted() async throws {
        let result = try await BenchFixtures.run(BenchFixtures.workload(RunnerTests.plain))
        #expect(result.failures.isEmpty, "\(result.failures)")
        let run = try #require(result.runs.first)
        #expect(run.pods == 300 && run.counts.bound == 300)
        #expect(run.podsPerSecond > 0 && run.seconds > 0)
        #expect(abs(run.podsPerSecond * run.seconds - 300) < 1e-6)
        #expect(run.schedulers.map(\.bound) == [300, 0, 0], "without policies the default scheduler gets all")
        #expect(run.schedulers[0].cpuSeconds > 0 && run.dispatcherCPUSeconds > 0 && run.admissionCPUSeconds > 0)
        #expect(run.schedulers.allSatisfy { $0.peakBytes > 1 << 20 })
        #expect(run.latency.p50 <= run.latency.p99 && run.latency.p99 <= run.latency.max * 1.001)
        #expect(run.overcommits == 0)
        let floor = try #require(result.floor)
        #expect(floor.cpuMicrosecondsPerPod > 0 && floor.cpuRatio > 1, "a run is cheaper than its own bytes: \(floor)")
        #expect(result.series.throughput.count == result.series.p99.count)
        #expect(result.series.utilization.last?.contains { $0 > 0 } == true)
    }

    @Test func oneSchedulerAndOneSeedPlaceTheSame() async throws {
        let text = BenchFixtures.workload(RunnerTests.plain)
        let options: (inout Runner.Options) -> Void = {
            $0.runs = 3
            $0.scheduler = ["binpack"]
        }
        let first = try await BenchFixtures.run(text, configure: options)
        let second = try await BenchFixtures.run(text, configure: options)
        #expect(first.isRepeatable, "\(first.runs.map(\.checksum))")
        #expect(first.runs[0].checksum == second.runs[0].checksum)
        let fewer = try await BenchFixtures.run(
            BenchFixtures.workload(RunnerTests.plain, pods: 299), configure: options)
        #expect(fewer.runs[0].checksum != first.runs[0].checksum)
    }

    @Test func aFixedRateIsKept() async throws {
        let operations = "  - createPods: {count: $pods, template: pod, rate: 1000}\n  - barrier"
        let result = try await BenchFixtures.run(BenchFixtures.workload(operations))
        #expect(result.failures.isEmpty, "\(result.failures)")
        // 300 pods at 1000 a second arrive over 0.299 s.
        #expect(result.runs[0].seconds >= 0.299)
        #expect(result.runs[0].latency.p50 < 299)
    }

    @Test func whatDoesNotEndAsExpectedIsAFailure() async throws {
        let spec = "  expect: {unschedulable: 7}"
        let result = try await BenchFixtures.run(BenchFixtures.workload(RunnerTests.plain, spec: spec))
        #expect(result.failures.contains { $0.contains("expected 7 pods unschedulable, found 0") })
        // Room for 20 × 50 pods, no more.
        let full = try await BenchFixtures.run(BenchFixtures.workload(RunnerTests.plain, pods: 1_010))
        #expect(
            full.failures.contains { $0.contains("expected 1010 pods measured and bound, found 1000") },
            "\(full.failures)")
        #expect(full.runs[0].counts.unschedulable == 10)
    }

    @Test func groupsNodesAndCrashes() async throws {
        let operations = [
            "createNamespaces: {count: 2, template: {metadata: {name: \"ns-{i}\"}}}",
            "createGangs: {name: gang, count: 5, size: 20, template: pod}",
            "createPods: {name: passing, count: 40, template: pod, measured: false}", "barrier",
            "deletePods: {of: passing, count: 40}", "cordon: {first: 0, count: 2}",
            "relabel: {first: 2, count: 2, labels: {rack: a}}",
            "killScheduler: {scheduler: binpack, everyBound: 1000, times: 2}",
            "createPods: {count: $pods, template: pod}", "barrier", "removeNodes: {first: 0, count: 1}",
            "uncordon: {first: 1, count: 1}", "sleep: 0.02",
        ]
        let result = try await BenchFixtures.run(
            BenchFixtures.workload(
                operations.map { "  - \($0)" }.joined(separator: "\n"), nodes: 140, pods: 6_000))
        #expect(result.failures.isEmpty, "\(result.failures)")
        let run = result.runs[0]
        // A window is 1,024 pods, of which two may be bound in one go on a busy machine; so pods are left after each kill.
        #expect(run.pods == 6_100)
        #expect(run.schedulers[0].restarts == 2, "\(run.schedulers)")
        #expect(run.counts.bound + run.counts.gone == 6_140)
    }

    @Test func aPlugInIsMeasured() async throws {
        let script = BenchFixtures.project.appendingPathComponent("examples/python/first_fit.py").path
        let result = try await BenchFixtures.run(BenchFixtures.workload(RunnerTests.plain, pods: 60)) {
            $0.scheduler = ["python3", script]
        }
        #expect(result.failures.isEmpty, "\(result.failures)")
        #expect(result.schedulers == ["plugin"])
        #expect(result.runs[0].schedulers[0].bound == 60)
    }

    @Test func aRealDelayIsFoundWorseAndTwoRunsOfOneBuildAreNot() async throws {
        let text = BenchFixtures.workload(RunnerTests.plain)
        func measured(_ fault: String?) async throws -> BenchResult {
            let item = try await BenchFixtures.run(text) {
                $0.runs = 5
                if let fault { try $0.faults.add(fault) }
            }
            return BenchResult(
                machine: .current(), build: .current(programs: []), seed: 1, cases: [item])
        }
        let quick = try await measured("delay=400")
        let same = try await measured("delay=400")
        let slow = try await measured("delay=800")
        let silent = Comparison(quick, same).lines.filter { $0.metric == .podsPerSecond && $0.verdict == .worse }
        #expect(silent.isEmpty, "\(silent)")
        let found = Comparison(quick, slow).lines.first { $0.metric == .podsPerSecond }
        #expect(found?.verdict == .worse, "\(String(describing: found))")
    }
}
