import CEL
import Foundation
import Testing

/// What an evaluation costs. Measures only when asked: `CEL_BENCHMARK=1 swift test -c release -Xswiftc -enable-testing
/// --filter CELTests.BenchmarkTests`.
@Suite struct BenchmarkTests {
    private static let expressions = [
        "object.metadata.labels['app'] == 'web' && object.spec.priority > 100",
        "object.metadata.labels['app'] == 'db' || object.spec.priority > 100",
        "has(object.metadata.labels.app) && object.metadata.labels.app in ['web', 'api', 'db']",
        "object.metadata.name.startsWith('web-') && object.metadata.name.matches('^web-[0-9]+$')",
        "object.spec.containers.exists(c, c.image.startsWith('registry/'))",
        "object.?metadata.?labels.?team.orValue('none') == 'none'",
        "quantity('1Gi').compareTo(quantity('500Mi')) > 0 && object.spec.priority > 100",
    ]

    /// A pod as a policy engine shows it: fields by number, labels from a dictionary.
    private final class Fields: CELObject {
        private let values: [CELValue?]
        private let names: [String]

        init(_ values: [CELValue?], _ names: [String]) {
            self.values = values
            self.names = names
        }

        func field(_ key: CELFieldKey) -> CELValue? {
            key.number >= 0 && key.number < values.count ? values[key.number] : nil
        }

        var fieldNames: [String] { names }
    }

    private final class Labels: CELObject {
        private let labels: [String: String]

        init(_ labels: [String: String]) {
            self.labels = labels
        }

        func field(_ key: CELFieldKey) -> CELValue? { labels[key.name].map { .string($0) } }
        var fieldNames: [String] { labels.keys.sorted() }
    }

    private static let numbers = [
        "metadata": 0, "spec": 1, "name": 2, "labels": 3, "priority": 4, "containers": 5, "image": 6,
    ]

    private static func pod() -> CELValue {
        func fields(_ present: [Int: CELValue]) -> CELValue {
            .object(Fields((0..<7).map { present[$0] }, []))
        }
        let container = fields([6: "registry/web:1"])
        return fields([
            0: fields([2: "web-17", 3: .object(Labels(["app": "web", "tier": "front", "version": "v1"]))]),
            1: fields([4: 200, 5: .list(CELList([container, container]))]),
        ])
    }

    @Test func evaluations() throws {
        let isAsked = ProcessInfo.processInfo.environment["CEL_BENCHMARK"] != nil
        let rounds = isAsked ? 400_000 : 10
        let environment = CELEnvironment(variables: [CELVariable("object")], fieldNumbers: BenchmarkTests.numbers)
        let activation = CELActivation(environment, ["object": BenchmarkTests.pod()])
        for source in BenchmarkTests.expressions {
            let program = try environment.compile(source)
            let clock = ContinuousClock()
            var best = Duration.seconds(1000)
            var matched = 0
            for _ in 0..<5 {
                matched = 0
                let elapsed = try clock.measure {
                    for _ in 0..<rounds where try program.evaluateBool(activation) { matched += 1 }
                }
                best = min(best, elapsed)
            }
            #expect(matched == rounds, "\(source)")
            let (seconds, attoseconds) = best.components
            let nanoseconds = (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(rounds)
            if isAsked { print("\(Int(nanoseconds)) ns  \(source)") }
        }
        guard isAsked else { return }
        let start = ContinuousClock().now
        for _ in 0..<2000 { _ = try environment.compile(BenchmarkTests.expressions[0]) }
        print("compile: \((ContinuousClock().now - start) / 2000)")
    }
}
