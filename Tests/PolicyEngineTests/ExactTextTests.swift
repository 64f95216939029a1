import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// Texts are compared byte for byte, as Kubernetes compares them; Swift takes canonically equivalent texts for equal.
@Suite struct ExactTextTests {
    static let composed = "caf\u{e9}"
    static let decomposed = "cafe\u{301}"

    @Test func selectorsCompareBytes() {
        #expect(Self.composed == Self.decomposed)
        let requirement = SelectorRequirement(key: "a", operator: .in, values: [Self.composed])
        #expect(requirement.matches(Self.composed) && !requirement.matches(Self.decomposed))
        let not = SelectorRequirement(key: "a", operator: .notIn, values: [Self.composed])
        #expect(!not.matches(Self.composed) && not.matches(Self.decomposed))
        let selector = LabelSelector(matchLabels: ["a": Self.composed])
        #expect(selector.matches(["a": Self.composed]) && !selector.matches(["a": Self.decomposed]))
        // The sign of the unit is equal to the letter, and of another length.
        #expect(!SelectorRequirement(key: "a", operator: .in, values: ["K1"]).matches("\u{212a}1"))
    }

    /// However the rules are found: one rule alone, and one of many that are found by the annotation's value.
    @Test(arguments: [0, 40])
    func rulesAreFoundByBytes(others: Int) throws {
        func rule(_ name: String, _ value: String) -> String {
            """
            - name: \(name)
              match: {annotationSelector: {matchLabels: {place: "\(value)"}}}
              actions: {scheduler: \(name)}
            """
        }
        let rules =
            (0..<others).map { rule("other-\($0)", "place-\($0)") }
            + [rule("composed", Self.composed), rule("decomposed", Self.decomposed), rule("unit", "K1")]
        var engine = try PolicyEngine(texts: policyText(rules: rules.joined(separator: "\n")))
        for (value, wanted) in [
            (Self.composed, "composed"), (Self.decomposed, "decomposed"), ("K1", "unit"), ("\u{212a}1", "binpack"),
        ] {
            let pod = Pod.sample(annotations: ["place": value])
            #expect(engine.decide(pod).route?.scheduler == wanted, "\(value.unicodeScalars.map(\.value))")
            #expect(engine.explain(pod).decision.route?.scheduler == wanted)
        }
    }

    /// Neither rule is shadowed by the other, as no pod meets both.
    @Test func equivalentTextsShadowNothing() {
        let rules = [Self.composed, Self.decomposed].enumerated().map { index, value in
            """
            - name: r\(index)
              match: {annotationSelector: {matchExpressions: [{key: place, operator: NotIn, values: ["\(value)"]}]}}
              actions: {scheduler: s\(index)}
            """
        }
        #expect(!folder(policyText(rules: rules.joined(separator: "\n"))).check().contains { $0.code == .shadowed })
    }

    @Test(arguments: [
        ("object.metadata.annotations['place'] == 'caf\u{e9}'", true),
        ("object.metadata.annotations['place'] == 'cafe\u{301}'", false),
        ("object.metadata.annotations['place'] in ['cafe\u{301}']", false),
        ("object.metadata.annotations['place'].startsWith('cafe')", false),
        ("object.metadata.annotations['place'].size() == 4", true),
        ("'\u{212a}' in object.metadata.labels", false), ("'K' in object.metadata.labels", true),
        ("has(object.metadata.labels.K)", true), ("object.metadata.labels[?'\u{212a}'].hasValue()", false),
        ("object.metadata.annotations['place'] < 'cafe\u{301}'", false),
    ])
    func expressionsCompareBytes(source: String, holds: Bool) {
        let pod = Pod.sample(labels: ["K": "v"], annotations: ["place": Self.composed])
        #expect(WholePodTests.value(source, pod) == .success(holds), "\(source)")
    }
}
