import CEL
import ClusterModel
import ClusterTestKit
import Manifests
import Testing

@testable import PolicyEngine

/// Pods as expressions see them, beside those that a real API server answered with when they were created (version 1.36).
@Suite struct APIServerAnswersTests {
    /// What the recorded server's other admission plug-ins wrote, what tells of the moment, and what the recording leaves out.
    private static let notCompared: Set<String> = ["tolerations", "schedulerName"]

    @Test func podsAreDefaultedAsTheServerDoes() throws {
        var compared = 0
        for file in ["machinery.json", "workloads.json"] {
            guard let path = SharedData.path("api/\(file)") else { return }
            let scenarios = try #require(try SourceReader.documents(path: path).first).value
            for scenario in scenarios.items {
                for step in scenario["steps"]?.items ?? [] {
                    guard let (request, answer) = creation(step) else { continue }
                    try compare(request, answer, "\(scenario["name"] ?? .null)")
                    compared += 1
                }
            }
        }
        #expect(compared >= 15, "\(compared) pods")
    }

    /// The pod of a request and the whole pod of its answer; nil for other requests.
    private func creation(_ step: Value) -> (request: Value, answer: Value)? {
        guard step["method"] == .string("POST"), case .string(let path)? = step["path"],
            path.prefix(while: { $0 != "?" }).hasSuffix("/pods"), let request = step["body"],
            step["answer"]?["status"] == .int(201), let answer = step["answer"]?["body"],
            answer["spec"]?["containers"] != nil
        else { return nil }
        return (request, answer)
    }

    private func compare(_ request: Value, _ answer: Value, _ name: String) throws {
        guard case .object(let fields) = request, let metadata = answer["metadata"] else { return }
        // With the name and the namespace that it was given.
        let whole = Value.object(fields.filter { $0.key != "metadata" } + [.init("metadata", metadata)])
        var pod = try Pod(whole)
        pod.written = WrittenObject(whole)
        let spec = CELPodSpec(pod.$spec, WrittenPod(pod.written))
        let wanted = answer["spec"] ?? .null
        // Another one is chosen, and the class is resolved, elsewhere.
        var skipped = Self.notCompared
        if request["spec"]?["priorityClassName"] != nil { skipped.formUnion(["priority", "preemptionPolicy"]) }
        if request["spec"]?["terminationGracePeriodSeconds"] == .int(-1) {
            skipped.insert("terminationGracePeriodSeconds")
        }
        for field in KubernetesType.podSpec.fields.map(\.name) where !skipped.contains(field) {
            let found = spec.field(CELFieldKey(name: field))
            let expected = wanted[field].map { CELValue($0) }
            #expect(
                found == expected, "\(name): \(field) is \(String(describing: found)), not \(wanted[field] ?? .null)")
        }
    }
}

extension Value {
    fileprivate var items: [Value] { if case .array(let items) = self { items } else { [] } }
}
