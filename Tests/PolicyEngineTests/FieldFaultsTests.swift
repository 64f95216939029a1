import ClusterModel
import Testing

@testable import PolicyEngine

@Suite struct FieldFaultsTests {
    private func findings(_ rules: String, spec: String = "") -> [String] {
        folder(policyText(rules: rules) + spec).check().map { "\($0.place.path): \($0.found)" }
    }

    /// Faults of one rule in several fields, and of one object in several of its fields, are named at once.
    @Test func allFaultsOfARuleAreNamed() {
        let found = findings(
            """
            - name: r
              enforcment: warn
              match: {ownerKinds: [Job], labelSelecter: {}, priority: {min: high}}
              matchConditions:
              - {name: c, expression: "object.spec.hostPid && object.metadata.nam == 'x'"}
              actions: {scheduler: Gang!, fallback: binpack, whenNamed: sometimes}
            """)
        for text in [
            "spec.rules[0].enforcment", "spec.rules[0].match.labelSelecter", "spec.rules[0].match.priority.min",
            "spec.rules[0].actions.scheduler", "spec.rules[0].actions.whenNamed", "hostPid", "no field 'nam'",
        ] {
            #expect(found.contains { $0.contains(text) }, "\(text) is not among \(found)")
        }
        #expect(found.count == 7, "\(found)")
    }

    /// What is only wrong since a fault was taken out is not named.
    @Test(arguments: [
        ("- name: r\n  actions: {scheduler: 5}", 1), ("- name: 5\n  actions: {scheduler: s}", 1),
        ("- name: r\n  actions: {scheduler: Big, fallback: s, shadow: t}", 1),
        ("- name: r\n  actions: {reject: {message: 5}}", 1), ("- name: r\n  actions: {}", 1),
        ("- name: r\n  match: {podGroup: {names: [A!]}}\n  actions: {scheduler: s}", 1), ("- {}", 2),
    ])
    func faultsAreNamedOnce(rules: String, count: Int) {
        let found = findings(rules)
        #expect(found.count == count, "\(found)")
    }

    @Test func typosInVariablesAreNamed() {
        let text = """
            apiVersion: switchyard.dev/v1alpha1
            kind: SchedulingPolicy
            metadata: {name: v}
            spec:
              variables:
              - {name: containers, expression: object.spec.containers}
              - {name: images, expression: "variables.containrs.map(c, c.image)"}
              rules:
              - name: r
                matchConditions: [{name: c, expression: "variables.contaners.size() > 0 || size(variables.nothing) > 1"}]
                actions: {scheduler: gang}
            """
        let found = folder(text).check().map(\.found)
        #expect(
            found.contains { $0.contains("'variables.contaners' (did you mean 'variables.containers'?)") }, "\(found)")
        #expect(
            found.contains { $0.contains("'variables.containrs' (did you mean 'variables.containers'?)") }, "\(found)")
        #expect(found.contains { $0.contains("undeclared reference to 'variables.nothing'") }, "\(found)")
        #expect(found.count == 3)
    }

    /// `has(variables.x)` is true of a variable that there is, and an error of any other.
    @Test func presenceOfVariables() throws {
        let scope = ExpressionScope([NamedExpression("spec", "object.spec")])
        let pod = try WholePodTests.pod("{containers: [{name: c}]}")
        for (source, wanted) in [("has(variables.spec)", true), ("has(variables.spec.volumes)", false)] {
            let expression = PolicyExpression(NamedExpression("c", source), in: scope)
            #expect(expression.fault == nil, "\(source)")
            var facts = PodFacts(pod, CopyOnWrite(wrappedValue: PolicyCluster()))
            #expect(expression.evaluate(pod, &facts) == .success(wanted), "\(source)")
        }
        for source in ["has(variables.spek)", "has(variables.spec.volums)", "'volums' in variables.spec"] {
            #expect(PolicyExpression(NamedExpression("c", source), in: scope).faults.count == 1, "\(source)")
        }
    }
}
