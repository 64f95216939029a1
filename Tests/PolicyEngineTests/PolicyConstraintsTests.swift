import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// `matchConstraints` and `messageExpression`, as Kubernetes' admission policies have them.
@Suite struct PolicyConstraintsTests {
    private static func text(_ constraints: String) -> String {
        policyText(rules: "- name: r\n  actions: {scheduler: special}").replacing(
            "  rules:", with: "  matchConstraints:\n\(constraints)\n  rules:")
    }

    private static let pods = """
            resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
            - {apiGroups: [apps], apiVersions: ["*"], operations: ["*"], resources: [deployments]}
        """

    private func schedulers(_ constraints: String, _ pods: [Pod], _ namespaces: [Namespace] = []) throws -> [String] {
        var engine = PolicyEngine(
            try policySet(Self.text(constraints)), cluster: PolicyCluster(namespaces: namespaces))
        return pods.map { pod in
            let decision = engine.decide(pod)
            #expect(decision == engine.explain(pod).decision)
            return decision.route?.scheduler ?? "refused"
        }
    }

    @Test func selectorsAndNames() throws {
        let pods = [
            Pod.sample("a", namespace: "x", labels: ["app": "web"]),
            .sample("a", namespace: "y", labels: ["app": "web"]),
            .sample("b", namespace: "x", labels: ["app": "web"]), .sample("a", namespace: "x"),
        ]
        let namespaces = [Namespace(name: "x", labels: ["env": "prod"]), Namespace(name: "y", labels: ["env": "test"])]
        let (yes, no) = ("special", "binpack")
        #expect(try schedulers(Self.pods, pods, namespaces) == [yes, yes, yes, yes])
        let selectors = """
                matchPolicy: Exact
                namespaceSelector: {matchLabels: {env: prod}}
                objectSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}
            """
        #expect(try schedulers(selectors, pods, namespaces) == [yes, no, yes, no])
        let named = """
                resourceRules:
                - {apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], resourceNames: [a]}
            """
        #expect(try schedulers(named, pods) == [yes, yes, no, yes])
        let excluded = """
                excludeResourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [pods], resourceNames: [a, c]}
                - {apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [pods]}
            """
        #expect(try schedulers(excluded, pods) == [no, no, yes, no])
    }

    @Test(arguments: [
        (
            "    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]",
            "spec.matchConstraints.resourceRules"
        ),
        (
            "    resourceRules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [UPDATE], resources: [pods]}]",
            "spec.matchConstraints.resourceRules"
        ),
        (
            "    resourceRules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [CRAETE], resources: [pods]}]",
            "spec.matchConstraints.resourceRules[0].operations[0]"
        ),
        (
            "    excludeResourceRules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}]",
            "spec.matchConstraints.excludeResourceRules[0]"
        ),
        ("    objectSelektor: {}", "spec.matchConstraints.objectSelektor"),
        ("    matchPolicy: Roughly", "spec.matchConstraints.matchPolicy"),
    ])
    func faults(_ constraints: String, _ path: String) {
        let findings = folder(Self.text(constraints)).check()
        #expect(findings.map { "\($0.place.path)" } == [path], "\(findings.map(\.text))")
    }

    @Test func writtenFormReadsBackEqual() throws {
        let constraints = Self.pods + "\n    objectSelector: {matchLabels: {a: b}}\n    matchPolicy: Exact"
        let policy = try #require(policySet(Self.text(constraints)).policies.first)
        var errors: [FieldError] = []
        #expect(SchedulingPolicy.read(policy.value, errors: &errors) == policy && errors.isEmpty)
        #expect(policy.matchConstraints?.matchPolicy == .exact)
        var other = policy
        other.matchConstraints = nil
        #expect(PolicySet([other]).revision != PolicySet([policy]).revision)
    }

    private static func refusing(_ expression: String, enforcement: String = "enforce") -> String {
        policyText(
            rules: """
                - name: r
                  enforcement: \(enforcement)
                  match: {labelSelector: {matchLabels: {bad: "true"}}}
                  actions:
                    reject:
                      message: plain
                      messageExpression: "\(expression)"
                """)
    }

    @Test(arguments: [
        ("'pod ' + object.metadata.name + ' is bad'", "pod p is bad"), ("object.metadata.labels['none']", "plain"),
        ("''", "plain"), ("'  '", "plain"), ("'a\\\\nb'", "plain"), ("dyn(1)", "plain"),
        ("string(variables.two)", "plain"),
    ])
    func messages(_ expression: String, _ wanted: String) throws {
        guard !expression.contains("variables") else {
            let findings = folder(Self.refusing(expression)).check()
            #expect(findings.map { "\($0.place.path)" } == ["spec.rules[0].actions.reject.messageExpression"])
            return
        }
        var engine = try PolicyEngine(texts: Self.refusing(expression))
        let pod = Pod.sample("p", labels: ["bad": "true"])
        #expect(engine.explain(pod).decision.rejection?.message == wanted)
        #expect(engine.decide(pod).rejection?.message == wanted)
        #expect(engine.decide(.sample("p")).rejection == nil)
        var warning = try PolicyEngine(texts: Self.refusing(expression, enforcement: "warn"))
        #expect(warning.decide(pod).warnings.map(\.message) == ["p/r would refuse the pod: \(wanted)"])
    }

    @Test func messagesMustBeText() {
        for expression in ["1 + 1", "1 +", "object.metadata.nmae"] {
            let findings = folder(Self.refusing(expression)).check()
            #expect(findings.map { "\($0.place.path)" } == ["spec.rules[0].actions.reject.messageExpression"])
        }
    }
}
