import CEL
import ClusterModel
import Testing

@testable import PolicyEngine

@Suite struct ExpressionInputsTests {
    private static let names =
        CELField.allCases.map { "\($0)" } + RandomPolicies.keys + [
            "tolerations", "none", "scheduling.x-k8s.io/pod-group",
        ]

    private static func key(_ name: String) -> CELFieldKey {
        CELFieldKey(name: name, number: CELField.numbers[name] ?? -1)
    }

    /// What asking field by field comes to.
    private static func walk(_ object: CELPod, _ path: [CELFieldKey]) -> CELValue? {
        var value = CELValue.object(object)
        for key in path {
            let next: CELValue? =
                switch value {
                case .object(let object): object.field(key)
                case .map(let map): map[.string(key.name)]
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// Random pods and all paths of up to three fields: a short cut leads where field by field leads.
    @Test(arguments: 1...20)
    func shortCutsLeadToTheSamePlace(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pod = RandomPolicies.pod(1, &random)
        let object = CELPod(pod)
        let keys = Self.names.map(Self.key)
        var taken = 0
        for first in keys {
            for second in keys {
                for path in [[first, second]] + keys.map({ [first, second, $0] }) {
                    guard let value = object.value(at: path) else { continue }
                    taken += 1
                    let wanted = Self.walk(object, path)
                    #expect(wanted.map { $0 == value } ?? false, "seed \(seed), \(path.map(\.name))")
                }
            }
        }
        // At least name, namespace, uid, labels, annotations, owners and containers, and every label.
        #expect(taken >= 7 + pod.metadata.labels.count)
    }
}
