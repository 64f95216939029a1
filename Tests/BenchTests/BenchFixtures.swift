import Bench
import ClusterTestKit
import Foundation
import Testing

/// What the tests of benchmarks share.
enum BenchFixtures {
    /// The folder of the programs that were built with the tests.
    static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

    /// The project's folder.
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A workload of a few hundred pods; `%` stands for the operations after the nodes were made.
    static func workload(
        _ operations: String, spec: String = "", nodes: Int = 20, pods: Int = 300,
        container: String = "{cpu: 100m, memory: 512Mi}"
    ) -> String {
        """
        apiVersion: switchyard.dev/v1alpha1
        kind: Benchmark
        metadata:
          name: test
        spec:
          sizes:
            only:
              labels: [smoke]
              parameters: {nodes: \(nodes), pods: \(pods)}
        \(spec)
          templates:
            node:
              status: {allocatable: {cpu: "8", memory: 32Gi, pods: "50"}}
            pod:
              metadata: {labels: {app: test}}
              spec: {containers: [{name: main, resources: {requests: \(container)}}]}
          operations:
          - createNodes: {count: $nodes, template: node}
        \(operations)
        """
    }

    /// Reads a text as a workload file.
    static func read(_ text: String) throws -> Benchmark {
        let folder = try TemporaryFolder()
        return try Benchmark.read(paths: [folder.write("test.yaml", text: text)])[0]
    }

    /// Runs the only size of a workload on a thread of its own, as the shell's loop wants one.
    static func run(
        _ text: String, configure: (inout Runner.Options) throws -> Void = { _ in }
    ) async throws -> CaseResult {
        try await run(read(text), configure: configure)
    }

    /// Runs the first size of a benchmark.
    static func run(
        _ benchmark: Benchmark, configure: (inout Runner.Options) throws -> Void = { _ in }
    ) async throws -> CaseResult {
        var options = Runner.Options(toolFolder: programs)
        options.runs = 1
        try configure(&options)
        let runner = Runner(options)
        let outcome: Result<CaseResult, Runner.Failure> = await withCheckedContinuation { continuation in
            nonisolated(unsafe) let runner = runner
            Thread.detachNewThread {
                do throws(Runner.Failure) {
                    continuation.resume(returning: .success(try runner.run(benchmark, benchmark.sizes[0])))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try outcome.get()
    }
}
