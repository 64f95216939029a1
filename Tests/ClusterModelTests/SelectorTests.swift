import ClusterModel
import ClusterTestKit
import JSON
import Testing

@Suite struct SelectorTests {
    @Test(
        arguments: [
            (SelectorRequirement.Operator.in, ["a", "b"], "a", true), (.in, ["a"], "c", false),
            (.in, ["a"], nil, false),
            (.notIn, ["a"], "a", false), (.notIn, ["a"], "b", true), (.notIn, ["a"], nil, true),
            (.exists, [], "", true),
            (.exists, [], nil, false), (.doesNotExist, [], nil, true), (.doesNotExist, [], "x", false),
            (.greaterThan, ["4"], "5", true), (.greaterThan, ["4"], "4", false), (.lessThan, ["4"], "-3", true),
            (.lessThan, ["4"], "x", false), (.greaterThan, ["4"], nil, false), (.lessThan, ["4"], "4", false),
        ] as [(SelectorRequirement.Operator, [String], String?, Bool)])
    func comparesLabels(comparison: SelectorRequirement.Operator, values: [String], label: String?, holds: Bool) {
        #expect(SelectorRequirement(key: "k", operator: comparison, values: values).matches(label) == holds)
    }

    @Test func selectsByAllConditions() {
        let selector = LabelSelector(
            matchLabels: ["a": "1"], matchExpressions: [SelectorRequirement(key: "b", operator: .exists)])
        #expect(selector.matches(["a": "1", "b": ""]))
        #expect(!selector.matches(["a": "1"]) && !selector.matches(["a": "2", "b": ""]))
        #expect(LabelSelector().matches([:]))
        #expect(!NodeSelectorTerm().matches(name: "n", labels: [:]), "a term without requirements selects nothing")
        #expect(!NodeSelector(terms: []).matches(name: "n", labels: [:]))
        let field = SelectorRequirement(key: "metadata.name", operator: .in, values: ["n"])
        let either = NodeSelector(terms: [
            NodeSelectorTerm(matchFields: [field]),
            NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: "x", operator: .exists)]),
        ])
        #expect(either.matches(name: "n", labels: [:]) && either.matches(name: "m", labels: ["x": ""]))
        #expect(!either.matches(name: "m", labels: [:]))
    }

    @Test func mergesLabelKeys() {
        let term = PodAffinityTerm(
            topologyKey: "z", labelSelector: LabelSelector(), matchLabelKeys: ["v", "absent"], mismatchLabelKeys: ["w"])
        let selector = term.effectiveSelector(for: ["v": "1", "w": "2"])
        #expect(selector?.matches(["v": "1", "w": "3"]) == true)
        #expect(selector?.matches(["v": "2", "w": "3"]) == false)
        #expect(selector?.matches(["v": "1", "w": "2"]) == false)
        #expect(PodAffinityTerm(topologyKey: "z", labelSelector: nil).effectiveSelector(for: [:]) == nil)
    }

    @Test(arguments: [
        (#"{"matchExpressions":[{"key":"a","operator":"Has"}]}"#, "matchExpressions[0].operator: expected one of"),
        (
            #"{"matchExpressions":[{"key":"a","operator":"In"}]}"#,
            "matchExpressions[0].values: expected at least one value"
        ),
        (
            #"{"matchExpressions":[{"key":"a","operator":"Exists","values":["x"]}]}"#,
            "expected no values with Exists, found \"x\""
        ),
        (#"{"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]}"#, "found the string \"Gt\""),
        (#"{"matchExpressions":[{"operator":"In","values":["1"]}]}"#, "matchExpressions[0].key: expected a label key"),
        (#"{"matchLabels":{"a":true}}"#, "matchLabels.a: expected a string, found the boolean true"),
    ])
    func refusesBadSelectors(json: String, message: String) {
        let text = fault { try LabelSelector(ObjectReader(Value(json: json))) }
        #expect(text.contains(message), "\(text)")
    }

    @Test func toleratesTaints() {
        let taint = Taint(key: "k", value: "v", effect: .noSchedule)
        let tolerates = { (toleration: Toleration) in toleration.tolerates(taint) }
        #expect(tolerates(Toleration(key: "k", value: "v")))
        #expect(tolerates(Toleration(key: "k", operator: .exists, effect: .noSchedule)))
        #expect(tolerates(Toleration(operator: .exists)))
        #expect(!tolerates(Toleration(key: "k", value: "w")))
        #expect(!tolerates(Toleration(key: "k", value: "v", effect: .noExecute)))
        #expect(!tolerates(Toleration(key: "l", operator: .exists)))
        #expect(!tolerates(Toleration()), "an empty key tolerates everything only with Exists")
    }
}
