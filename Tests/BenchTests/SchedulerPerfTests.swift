import Bench
import ClusterTestKit
import Foundation
import Manifests
import Testing

/// Test cases of scheduler_perf: what they do is done here, and what has no counterpart is named.
@Suite(.serialized) struct SchedulerPerfTests {
    private static let config = """
        - name: Spread
          defaultPodTemplatePath: templates/pod.yaml
          workloadTemplate:
          - {opcode: createNodes, countParam: $nodes, labelNodePrepareStrategy: {labelKey: zone, labelValues: [a, b, c]}}
          - {opcode: createNamespaces, prefix: ns, count: 2}
          - {opcode: createPods, countParam: $pods, namespace: ns-0}
          - {opcode: createPods, countParam: $pods, namespace: ns-1, collectMetrics: true}
          workloads:
          - {name: small, labels: [integration-test, short], threshold: 10, params: {nodes: 7, pods: 20}}
        - name: OneNode
          workloadTemplate:
          - {opcode: createNodes, count: 1, nodeTemplatePath: templates/named.yaml}
          - {opcode: createNodes, count: 3}
          - {opcode: createPods, count: 5, podTemplatePath: templates/gated.yaml, skipWaitToCompletion: true}
          - {opcode: barrier, stageRequirement: Attempted}
          - {opcode: createPods, count: 4, podTemplatePath: templates/daemon.yaml, collectMetrics: true}
          workloads:
          - {name: only}
        - name: Claims
          workloadTemplate:
          - {opcode: createNodes, count: 1}
          - {opcode: createResourceDriver, driverName: x}
          - {opcode: createPods, count: 1, collectMetrics: true}
          workloads:
          - {name: only}
        """

    private func written(_ config: String = config) throws -> (TemporaryFolder, String) {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/templates", withIntermediateDirectories: true)
        let pods = [
            "pod": "{containers: [{name: c, resources: {requests: {cpu: 100m}}}], topologySpreadConstraints: "
                + "[{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}]}",
            "gated": "{containers: [{name: c}], schedulingGates: [{name: example.com/hold}]}",
            "daemon": "{containers: [{name: c}], nodeSelector: {kubernetes.io/hostname: the-node}}",
        ]
        for (name, spec) in pods {
            let text = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\nspec: \(spec)\n"
            _ = try folder.write("templates/\(name).yaml", text: text)
        }
        let node = "apiVersion: v1\nkind: Node\nmetadata: {name: the-node}\nstatus: {capacity: {cpu: '4', pods: '9'}}\n"
        _ = try folder.write("templates/named.yaml", text: node)
        return (folder, try folder.write("performance-config.yaml", text: config))
    }

    @Test func casesAreRunAndGapsAreNamed() async throws {
        let (folder, path) = try written()
        let read = try withExtendedLifetime(folder) { try SchedulerPerf(paths: [path]) }
        #expect(read.benchmarks.map(\.name) == ["Spread", "OneNode"])
        #expect(
            read.gaps.map { [$0.testCase, $0.what, "\($0.leavesOut)"] } == [["Claims", "createResourceDriver", "true"]])
        #expect(read.benchmarks[0].sizes[0].labels == ["smoke", "short"])
        #expect(read.benchmarks[0].sizes[0].goals.map(\.min) == [10])
        let spread = try await BenchFixtures.run(read.benchmarks[0])
        #expect(spread.failures.isEmpty, "\(spread.failures)")
        // Twenty pods come first and twenty are measured; all of them fit.
        #expect(spread.runs[0].pods == 20 && spread.runs[0].counts.bound == 40)
        let daemons = try await BenchFixtures.run(read.benchmarks[1])
        #expect(daemons.failures.isEmpty, "\(daemons.failures)")
        #expect(daemons.runs[0].pods == 4 && daemons.runs[0].counts.bound == 4)
    }

    @Test(arguments: [
        (
            "countParam: $nodes", "countParam: $knots",
            "countParam: expected one of the workload's parameters $nodes, $pods"
        ),
        ("templates/pod.yaml", "templates/none.yaml", "podTemplatePath: expected a template beside the file"),
        ("name: Spread", "title: Spread", "[0].name: expected the name of the test case"),
    ])
    func faultsAreNamed(find: String, replace: String, wanted: String) throws {
        let (folder, path) = try written(
            SchedulerPerfTests.config.replacingOccurrences(of: find, with: replace))
        defer { withExtendedLifetime(folder) {} }
        do {
            _ = try SchedulerPerf(paths: [path])
            Issue.record("\(replace) was accepted")
        } catch {
            #expect(error.description.contains(wanted), "\(error)")
        }
    }
}
