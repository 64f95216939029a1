import Bench
import ClusterTestKit
import Foundation
import Manifests
import Testing

/// Workload files: those that ship can be read, and what is wrong with others is said with its place.
@Suite struct WorkloadReadingTests {
    @Test func everyShippedWorkloadIsRead() throws {
        let benchmarks = try Benchmark.read(paths: [BenchFixtures.project.appendingPathComponent("benchmarks").path])
        let names = Set(benchmarks.map(\.name))
        let wanted: Set = [
            "basic", "node-affinity", "zone-spread", "zone-spread-preferred", "zone-spread-default", "pod-affinity",
            "pod-anti-affinity", "mixed", "unschedulable", "gated", "preemption", "churn", "daemons", "gangs",
            "tenants",
            "conflict-storm", "slow-scheduler", "crash", "scale", "million",
        ]
        #expect(wanted.isSubset(of: names), "missing: \(wanted.subtracting(names))")
        for benchmark in benchmarks {
            #expect(benchmark.size("small") != nil && benchmark.size("medium") != nil, "\(benchmark.name)")
            #expect(benchmark.sizes.allSatisfy { !$0.labels.isEmpty }, "\(benchmark.name) has a size without a label")
        }
    }

    /// What is changed in a good workload, and what the error must say.
    static let faults: [(find: String, replace: String, error: String)] = [
        (
            "count: $nodes,", "count: $nodez,",
            "test.yaml:18:26: Benchmark: spec.operations[0].createNodes.count: expected a number or one of $nodes, $pods"
        ),
        ("count: $nodes,", "count: -3,", "createNodes.count: expected a whole number"),
        (
            "kind: Benchmark", "kind: Benchmarks",
            "test.yaml:2:7: Benchmark: kind: expected \"Benchmark\", found \"Benchmarks\""
        ),
        (
            "template: node}", "template: nodes}",
            "createNodes.template: expected one of the templates node, pod, found the string \"nodes\""
        ),
        ("createNodes:", "makeNodes:", "expected one operation: barrier, churn, cordon"),
        ("labels: [smoke]", "labels: [quick]", "spec.sizes.only.labels[0]: expected one of smoke, short, performance"),
        ("cpu: \"8\"", "cpu: eight", "expected a quantity"),
        ("app: test", "app: \"{i%0}\"", "spec.templates.pod.metadata.labels.app: expected {i}, {i%N} or {i/N}"),
        ("  templates:", "  template:", "spec.template: expected one of core, description"),
        ("name: main, resources", "name: main, resource", "nothing"),
    ]

    @Test(arguments: faults.dropLast().map { [$0.find, $0.replace, $0.error] })
    func aFaultIsSaidWithItsPlace(fault: [String]) throws {
        let good = BenchFixtures.workload("  - createPods: {count: $pods, template: pod}")
        #expect(good.contains(fault[0]), "the fault is in nothing")
        let text = good.replacingOccurrences(of: fault[0], with: fault[1])
        do {
            _ = try BenchFixtures.read(text)
            Issue.record("\(fault[1]) was accepted")
        } catch let error as InputErrors {
            #expect(error.description.contains(fault[2]), "\(error)")
            #expect(error.errors.allSatisfy { $0.line != nil }, "an error without a line: \(error)")
        }
    }

    @Test func allErrorsOfAllFilesAreFound() throws {
        let folder = try TemporaryFolder()
        let one = try folder.write("one.yaml", text: "kind: Pod\n")
        let two = try folder.write("two.yaml", text: "[1, 2]\n")
        do {
            _ = try Benchmark.read(paths: [one, two, folder.path + "/none.yaml"])
            Issue.record("bad files were accepted")
        } catch {
            #expect(error.errors.count == 3, "\(error)")
        }
    }

    @Test func placesOfATemplateAreFilled() throws {
        let text = BenchFixtures.workload("  - createPods: {count: $pods, template: pod}")
        let benchmark = try BenchFixtures.read(
            text.replacingOccurrences(of: "app: test", with: "app: \"a-{i%3}-{i/nodes}\""))
        #expect(benchmark.sizes[0].parameters == ["nodes": 20, "pods": 300])
    }
}
