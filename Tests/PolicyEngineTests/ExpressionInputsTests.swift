import CEL
import ClusterModel
import ClusterTestKit
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
        // At least name, namespace, labels, annotations, schedulerName and priority, and every label.
        #expect(taken >= 6 + pod.metadata.labels.count)
    }

    private static let texts = [
        "object.metadata.name", "object.metadata.namespace", "object.metadata.labels.app",
        "object.metadata.labels['tier']", "object.metadata.annotations['x']", "object['metadata'].annotations.tier",
        "object.spec.schedulerName", "object.spec.priorityClassName",
    ]
    private static let constants = ["'1'", "'2'", "'team-'", "'team-a'", "'s'", "'pod-1'", "''", "'\u{e9}'"]

    private static func condition(_ random: inout SeededGenerator, depth: Int) -> String {
        func pick(_ items: [String]) -> String { RandomPolicies.pick(items, &random) }
        switch random.next(below: depth > 0 ? 9 : 6) {
        case 0: return "\(pick(texts)) == \(pick(constants))"
        case 1: return "\(pick(constants)) != \(pick(texts))"
        case 2: return "\(pick(texts)).startsWith(\(pick(constants)))"
        case 3: return "\(pick(texts)).endsWith(\(pick(constants)))"
        case 4: return "\(pick(texts)) in [\(pick(constants)), \(pick(constants))]"
        case 5: return "!(\(pick(texts)) == \(pick(constants)))"
        case 6: return "!(\(condition(&random, depth: depth - 1)))"
        case let choice:
            let parts = (0...random.next(below: 3)).map { _ in "(\(condition(&random, depth: depth - 1)))" }
            return parts.joined(separator: choice == 7 ? " && " : " || ")
        }
    }

    /// Random conditions on texts: what is told by comparing is what evaluating comes to, also where a text is not there.
    @Test(arguments: 1...20)
    func comparingTextsIsEvaluating(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pods = (0..<20).map { RandomPolicies.pod($0, &random) }
        var answered = 0
        for _ in 0..<100 {
            let source = Self.condition(&random, depth: 3)
            let expression = PolicyExpression(NamedExpression("c", source), in: ExpressionScope([]))
            #expect(expression.textCondition != nil, "\(source)")
            for pod in pods {
                var facts = PodFacts(pod, CopyOnWrite(wrappedValue: PolicyCluster()))
                let found = expression.evaluate(pod, &facts)
                let wanted = facts.value(expression, pod).flatMap { value -> Result<Bool, ExpressionFailure> in
                    if case .bool(let holds) = value { return .success(holds) }
                    return .failure(ExpressionFailure(message: "no bool"))
                }
                #expect(found == wanted, "seed \(seed), \(source), \(pod.metadata)")
                if expression.textCondition?.holds(for: pod) != nil { answered += 1 }
            }
        }
        #expect(answered > 500, "\(answered) of 2,000")
    }

    @Test(arguments: [
        "object.metadata.name.contains('a')", "object.spec.priority == 1",
        "object.metadata.name == object.metadata.uid",
        "object.metadata.labels == {}", "object.metadata.labels.app.startsWith(object.metadata.name)",
        "object.metadata.labels.app in []", "object.metadata.labels.app in ['a', 1]", "podGroup.name == 'a'",
        "object.spec.nodeSelector.zone == 'a'", "object.metadata.labels.app.more == 'a'", "variables.name == 'a'",
        "object.metadata.name == 'a' && size(object.metadata.labels) > 1", "object.metadata.?name == 'a'", "true",
    ])
    func whatIsNoComparisonOfTextsIsEvaluated(source: String) {
        let scope = ExpressionScope([NamedExpression("name", "object.metadata.name")])
        let expression = PolicyExpression(NamedExpression("c", source), in: scope)
        #expect(expression.textCondition == nil)
    }

    @Test func seesThatAPodIsBeingDeleted() {
        let expression = PolicyExpression(
            NamedExpression(
                "c",
                "has(object.metadata.deletionTimestamp) && object.metadata.deletionTimestamp.startsWith('2026-11') "
                    + "&& 'deletionTimestamp' in object.metadata"),
            in: ExpressionScope([]))
        #expect(expression.fault == nil)
        var pod = Pod.sample("a")
        for (timestamp, wanted) in [(nil, false), ("2026-11-26T12:00:00Z", true)] {
            pod.metadata.deletionTimestamp = timestamp
            var facts = PodFacts(pod, CopyOnWrite(wrappedValue: PolicyCluster()))
            #expect(expression.evaluate(pod, &facts) == .success(wanted))
        }
    }
}
