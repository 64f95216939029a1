import ClusterModel
import ClusterTestKit
import Foundation
import Manifests
import Testing

@testable import PolicyEngine

/// Members of groups, shares of splits, places that files lead to, and texts that strangers write.
@Suite struct PolicyCornerTests {
    private static func split(_ shares: [(String, Int64)], whenNamed: PolicyActions.WhenNamed = .honour) -> PolicySet {
        var actions = PolicyActions()
        actions.split = shares.map { SchedulerShare($0.0, weight: $0.1) }
        actions.whenNamed = whenNamed
        return PolicySet([
            SchedulingPolicy(
                name: "p", order: 1, rules: [PolicyRule(name: "r", match: PolicyMatch(), actions: actions)])
        ])
    }

    /// Where each of many pods goes.
    private static func routes(_ shares: [(String, Int64)], pods: Int = 4_000) -> [String] {
        var engine = PolicyEngine(split(shares))
        return (0..<pods).map { engine.decide(.sample("pod-\($0)")).route?.scheduler ?? "" }
    }

    private static func moved(_ before: [String], _ after: [String]) -> Int { zip(before, after).count { $0 != $1 } }

    @Test func otherWeightsMoveFewPods() {
        let before = Self.routes([("a", 33), ("b", 33), ("c", 34)])
        #expect(
            Self.moved(before, Self.routes([("c", 34), ("a", 33), ("b", 33)])) == 0, "the order counts for nothing")
        // Where one weight changes, pods move to that scheduler or from it, and not between others.
        let more = Self.routes([("a", 66), ("b", 33), ("c", 34)])
        #expect(zip(before, more).allSatisfy { $0 == $1 || $1 == "a" })
        #expect((550...750).contains(Self.moved(before, more)), "a has a third, and gets a half: 660 in the mean")
        let added = Self.routes([("a", 33), ("b", 33), ("c", 34), ("d", 10)])
        #expect(zip(before, added).allSatisfy { $0 == $1 || $1 == "d" })
        let hundred = (0..<100).map { ("s\($0)", Int64($0 == 7 ? 2 : 1)) }
        let even = Self.routes((0..<100).map { ("s\($0)", 1) })
        #expect(zip(even, Self.routes(hundred)).allSatisfy { $0 == $1 || $1 == "s7" })
        #expect(!Self.routes([("a", 0), ("b", 1)]).contains("a"))
    }

    @Test func aShareOfTheSplitMayBeNamed() {
        var engine = PolicyEngine(Self.split([("a", 90), ("b", 10)], whenNamed: .reject))
        for name in ["a", "b"] {
            for number in 0..<20 {
                let decision = engine.decide(.sample("pod-\(number)") { $0.schedulerName = name })
                #expect(decision.route?.scheduler == name)
            }
        }
        #expect(engine.decide(.sample { $0.schedulerName = "c" }).rejection != nil)
    }

    /// A group whose scheduler goes down, and comes back: every member is told of it, and none waits for ever.
    @Test func laterMembersOfAGroupAreToldOfAnAbsence() throws {
        var engine = try PolicyEngine(
            texts: policyText(rules: "- name: groups\n  match: {podGroup: any}\n  actions: {scheduler: gang}"),
            cluster: PolicyCluster(schedulers: ["gang": SchedulerStatus(isReady: false)]))
        func member(_ name: String) -> Pod { .sample(name) { $0.schedulingGroup = "g" } }
        for name in ["a", "b"] {
            let decision = engine.decide(member(name))
            #expect(decision.route?.availability == .waiting(.down))
            #expect(decision.warnings.contains { $0.message.contains("waits for it") })
        }
        engine.setScheduler("gang", SchedulerStatus())
        let decision = engine.decide(member("c"))
        #expect(decision.route?.availability == .ready && decision.warnings.isEmpty)
        #expect(decision.route?.origin == .group)
    }

    /// What no pod of Kubernetes has is an error, and not a condition that never holds.
    @Test(arguments: [
        "object.spec.hostPid", "has(object.spec.volums)", "object.spec.?serviceAcountName.orValue('') == 'a'",
        "object.spec.containers.all(c, has(c.securityContex))", "object.spec.priorty > 5",
        "'hostPid' in object.spec", "object.spec.containers.exists(c, 'securityContex' in c)",
        "object.spec['hostPid']", "object.status.fase == 'Running'", "object.metadata.anotations.size() > 0",
        "object.spec.volumes.exists(v, has(v.hostpath))", "object.spec.tolerations.all(t, t.opertor == 'Exists')",
        "has(object.spec.affinity.nodeAfinity)", "request.operatoin == 'CREATE'",
    ])
    func fieldsThatNoPodHasAreErrors(expression: String) throws {
        let text = policyText(
            rules: "- name: r\n  matchConditions: [{name: c, expression: \"\(expression)\"}]\n  actions: {scheduler: s}"
        )
        #expect(throws: PolicyErrors.self) { try policySet(text) }
    }

    @Test func annotationsOfTheNamespaceAreSeen() throws {
        let text = policyText(
            rules: """
                - name: r
                  matchConditions:
                  - {name: c, expression: "namespaceObject.metadata.annotations['tier'] == 'gold'"}
                  actions: {scheduler: gold}
                """)
        var namespace = Namespace(name: "default", labels: [:])
        namespace.metadata.annotations = ["tier": "gold"]
        var engine = try PolicyEngine(texts: text, cluster: PolicyCluster(namespaces: [namespace]))
        #expect(engine.decide(.sample()).route?.scheduler == "gold")
        namespace.metadata.annotations = ["tier": "tin"]
        engine.setNamespace(namespace)
        #expect(engine.decide(.sample()).route?.scheduler == "binpack")
    }

    /// All expressions for a pod have one budget, so that many dear ones together cost no more than it.
    @Test func dearExpressionsShareABudget() throws {
        let nine = "[1,2,3,4,5,6,7,8,9]"
        let dear = "\(nine).all(a, \(nine).all(b, \(nine).all(c, \(nine).all(d, a + b + c + d > 0))))"
        let conditions = (0..<100).map { "  - {name: c\($0), expression: \"\(dear)\"}" }.joined(separator: "\n")
        var engine = try PolicyEngine(
            texts: policyText(rules: "- name: r\n  matchConditions:\n\(conditions)\n  actions: {scheduler: s}"))
        #expect(engine.decide(.sample()).rejection?.message.contains("cost") == true)
    }

    /// What asks for more than an int can count has no value, and stops nothing.
    @Test(arguments: ["lists.range(9223372036854775807).size() > 0", "lists.range(9223372036854775800).all(x, true)"])
    func anExpressionBeyondAllCountingHasNoValue(expression: String) throws {
        var engine = try PolicyEngine(
            texts: policyText(
                rules:
                    "- name: r\n  matchConditions: [{name: c, expression: \"\(expression)\"}]\n  actions: {scheduler: s}"
            ))
        for _ in 0..<3 { #expect(engine.decide(.sample()).rejection?.message.contains("cost") == true) }
    }

    @Test func whatAnOwnerStatesCounts() throws {
        func kind(_ owners: String) throws -> String {
            let text = "metadata: {name: a, ownerReferences: [\(owners)]}\nspec: {containers: [{name: m}]}"
            return try Pod(try SourceReader.documents(text: text, file: "p.yaml")[0].value).ownerKind
        }
        #expect(try kind("{kind: Job, name: j, controller: true}") == "Job")
        #expect(try kind("{kind: Job, name: j, controller: false}") == "None")
        #expect(try kind("{kind: Job, name: j}") == "Job")
        #expect(try kind("{kind: A, name: a}, {kind: B, name: b, controller: true}") == "B")
    }

    /// A rule that refuses where its expression has no value does something that one which passes over does not.
    @Test func aLenientRuleDoesNotShadowAStrictOne() throws {
        func text(_ name: String, order: Int, failurePolicy: String, enforcement: String = "enforce") -> String {
            """
            apiVersion: switchyard.dev/v1alpha1
            kind: SchedulingPolicy
            metadata: {name: \(name)}
            spec:
              order: \(order)
              failurePolicy: \(failurePolicy)
              rules:
              - name: r
                enforcement: \(enforcement)
                matchConditions: [{name: c, expression: "object.metadata.labels['tier'] == 'gold'"}]
                actions: {scheduler: s}
            """
        }
        _ = try policySet(
            text("a", order: 1, failurePolicy: "Ignore"), text("b", order: 2, failurePolicy: "Fail"))
        _ = try policySet(
            text("a", order: 1, failurePolicy: "Fail"),
            text("b", order: 2, failurePolicy: "Fail", enforcement: "audit"))
        #expect(throws: PolicyErrors.self) {
            try policySet(text("a", order: 1, failurePolicy: "Fail"), text("b", order: 2, failurePolicy: "Fail"))
        }
    }

    /// Ten times the rules are checked without a search for pods when a set is put in force.
    @Test func loadingLooksForErrorsAlone() throws {
        let rules = (0..<60).map { number in
            """
            - name: r\(number)
              matchConditions:
              - name: c
                expression: "object.metadata.annotations[?'o'].orValue('').startsWith('t-\(number)/') && !(object.metadata.labels[?'tier'].orValue('') in ['gold', 'tin'])"
              actions: {labels: {add: {team: t\(number)}}}
            """
        }
        var folder = PolicyFolder()
        folder.add(text: policyText(rules: rules.joined(separator: "\n")), file: "p.yaml")
        #expect(folder.check(errorsOnly: true).isEmpty)
        #expect(folder.check().contains { $0.code == .unchecked }, "the search has a budget, and says so")
    }

    @Test func linksAndPipesAreLookedAtFirst() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("policies-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let large = "\(folder)/large.txt"
        try String(repeating: "# a\n", count: PolicyLimits.fileBytes / 3).write(
            toFile: large, atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link.yaml", withDestinationPath: large)
        #expect(PolicyFolder(path: folder).findings.contains { $0.expected.contains("at most") })
        try FileManager.default.removeItem(atPath: "\(folder)/link.yaml")
        #expect(mkfifo("\(folder)/pipe.yaml", 0o600) == 0)
        #expect(PolicyFolder(path: folder).findings.contains { $0.expected == "a plain file" })
    }

    /// What a pod or a policy says cannot begin a line of its own on a terminal.
    @Test func controlCharactersAreWrittenOut() throws {
        var pod = Pod.sample()
        pod.metadata.annotations[PolicyAnnotation.scheduler] = "x\n\u{1b}[31mdefault/fake: refused"
        let text = PolicyEngine(.empty).explain(pod).text
        #expect(!text.contains("\u{1b}") && !text.contains("\ndefault/fake"))
        #expect(text.contains("x\\n\\u001b[31mdefault/fake"))
    }

    @Test(arguments: [
        "{scheduler: null}", "{changes: ~, rule: r}", "{rejected: {policy: null}}", "{rejected: null}",
        "{scheduler: s, waits: ~}", "{changes: {labels: null}}",
    ])
    func anExpectationOfNullsIsNone(expect: String) throws {
        var folder = PolicyFolder()
        folder.add(text: policyTestText("cases: [{name: c, pod: {}, expect: \(expect)}]"), file: "t.yaml")
        #expect(folder.findings.count == 1 && folder.tests.isEmpty, "\(folder.findings)")
        #expect(folder.findings.first?.found == "null")
    }

    /// Rules that undo each other by a priority class, by an expression, or by a node selector that another refuses.
    @Test(arguments: [
        (
            """
            - {name: a, match: {priorityClasses: [low]}, actions: {priorityClassName: {add: high}}}
            - {name: b, match: {priorityClasses: [high]}, actions: {priorityClassName: {add: low}}}
            """, "priority class: high, then low"
        ),
        (
            """
            - name: a
              matchConditions: [{name: c, expression: "object.metadata.labels[?'x'].orValue('') == 'a'"}]
              actions: {labels: {add: {x: b}}}
            - name: b
              matchConditions: [{name: c, expression: "object.metadata.labels[?'x'].orValue('') == 'b'"}]
              actions: {labels: {add: {x: a}}}
            """, "label x: b, then a"
        ),
        (
            """
            - {name: a, actions: {nodeSelector: {add: {pool: b}}}}
            - name: b
              matchConditions: [{name: c, expression: "object.spec.?nodeSelector[?'pool'].orValue('') == 'b'"}]
              actions: {reject: {message: refused}}
            """, "then refused"
        ),
    ])
    func rulesThatUndoEachOtherAreFound(rules: String, words: String) {
        var folder = PolicyFolder()
        folder.add(text: policyText(rules: rules), file: "p.yaml")
        let found = folder.check().filter { $0.code == .unstable }
        #expect(found.contains { $0.found.contains(words) }, "\(folder.check().map(\.text))")
    }

    /// A scheduler that an expression asks for by name must be there, unless the expression asks whether it is.
    @Test(arguments: [
        ("schedulers.gangg.queueDepth > 5", false), ("schedulers['gangg'].ready", false),
        ("schedulers.gang.queueDepth > 5", true), ("has(schedulers.gangg) || true", true),
        ("has(schedulers.gangg) && schedulers.gangg.ready", true),
        ("'gangg' in schedulers && schedulers['gangg'].ready", true),
        ("schedulers.?gangg.?ready.orValue(false)", true), ("schedulers[?'gangg'].hasValue()", true),
        ("schedulers.exists(s, schedulers[s].ready)", true),
    ])
    func schedulersInExpressionsAreKnown(expression: String, isSound: Bool) {
        var folder = PolicyFolder()
        folder.add(
            text: policyText(
                rules:
                    "- name: r\n  matchConditions: [{name: c, expression: \"\(expression)\"}]\n  actions: {scheduler: gang}"
            ),
            file: "p.yaml")
        let found = folder.check(schedulers: ["gang"], errorsOnly: true)
        #expect(found.isEmpty == isSound, "\(found.map(\.text))")
        if !isSound { #expect(found.first?.code == .unknownScheduler) }
    }

    /// Why an exception does not apply is told, as is what an audit recorded of a pod that another rule refused.
    @Test func explainsWhatDidNotApply() throws {
        let text = """
            apiVersion: switchyard.dev/v1alpha1
            kind: SchedulingPolicy
            metadata: {name: p}
            spec:
              exceptions:
              - {name: old, until: "2020-01-01", match: {namespaces: [default]}}
              - {name: other, until: "2099-01-01", match: {namespaces: [elsewhere]}}
              rules:
              - {name: watch, enforcement: audit, actions: {labels: {add: {a: b}}}}
              - {name: r, actions: {reject: {message: refused}}}
            """
        let explained = try PolicyEngine(texts: text).explain(.sample()).text
        #expect(explained.contains("exception old ended 2020-01-01"))
        #expect(explained.contains("exception other wants namespace is \"elsewhere\"; found \"default\""))
        #expect(explained.contains("watch: records in the audit: p/watch would write label a: b"))
    }

    /// A finding about a MetadataPolicy names the fields that it has.
    @Test func findingsNameTheFieldsOfMetadataPolicies() {
        var folder = PolicyFolder()
        folder.add(
            text: """
                apiVersion: switchyard.dev/v1alpha1
                kind: MetadataPolicy
                metadata: {name: m, namespace: shop, uid: x}
                spec:
                  rules:
                  - policyPredicate: {labelSelector: {matchLabels: {a: b}}}
                    policyAction: {updatedAnnotations: {scheduler.alpha.kubernetes.io/name: gangg}}
                """, file: "m.yaml")
        let found = folder.check(schedulers: ["gang"])
        #expect(found.map(\.place.text) == ["m.yaml:7:5: spec.rules[0].policyAction"], "\(found.map(\.text))")
    }

    /// What stands around the pod of a finding is told too, so that the pod shows what it is to show.
    @Test func findingsTellWhatStandsAroundTheirPod() throws {
        var folder = PolicyFolder()
        folder.add(
            text: policyText(
                rules: """
                    - {name: a, match: {namespaceSelector: {matchLabels: {tenant: x}}}, actions: {labels: {add: {k: v}}}}
                    - {name: b, match: {podGroup: {minMember: {min: 8}}}, actions: {labels: {add: {k: w}}}}
                    """), file: "p.yaml")
        let found = try #require(folder.check().first { $0.code == .contradiction })
        #expect(found.surroundings.compactMap { $0["kind"] } == [.string("Namespace"), .string("PodGroup")])
        #expect(found.example?["kind"] == .string("List"))
    }

    /// A misspelt field of a test's pod is an error: the test would pass for the wrong reason.
    @Test(arguments: [
        ("pod: {metadata: {ownerReference: [{kind: Job}]}}", "ownerReferences"),
        ("pod: {metadata: {ownerReferences: [{kid: Job, name: j}]}}", "kind"),
        ("pod: {spec: {schedulername: x}}", "schedulerName"),
        ("pod: {spec: {containers: [{name: c, resource: {}}]}}", "resources"),
        ("pod: {spec: {containers: [{name: c, resources: {request: {cpu: 1}}}]}}", "requests"),
        ("pod: {spec: {volumes: [{name: v}], hostPID: true}}", ""),
    ])
    func misspeltFieldsOfFixturesAreErrors(pod: String, meant: String) {
        var folder = PolicyFolder()
        folder.add(
            text: policyTestText("cases:\n- name: c\n  \(pod)\n  expect: {scheduler: binpack}"), file: "t.yaml")
        let found = folder.findings.map(\.text)
        #expect(meant.isEmpty ? found.isEmpty : found.contains { $0.contains("did you mean \"\(meant)\"") }, "\(found)")
    }

    /// Tests know priority classes, as admission does.
    @Test func testsResolvePriorityClasses() throws {
        var folder = PolicyFolder()
        let rules = "- {name: high, match: {priority: {min: 1000}}, actions: {scheduler: fast}}"
        folder.add(text: policyText(rules: rules), file: "p.yaml")
        folder.add(
            text: policyTestText(
                """
                priorityClasses: [{metadata: {name: gold}, value: 5000}]
                cases:
                - {name: ours, pod: {spec: {priorityClassName: gold}}, expect: {scheduler: fast}}
                - {name: system, pod: {spec: {priorityClassName: system-node-critical}}, expect: {scheduler: fast}}
                - {name: other, pod: {spec: {priorityClassName: tin}}, expect: {scheduler: binpack}}
                """), file: "t.yaml")
        let report = PolicyTestRunner(try folder.policySet()).run(folder.tests)
        #expect(report.passed, "\(report.text)")
    }

    @Test func theLastDayOfAnExceptionCounts() {
        #expect(Timestamp.start("2030-06-30").map { $0 + 86_400 } == Timestamp.seconds("2030-06-30"))
        #expect(Timestamp.start("2030-06-30T12:00:00Z") == Timestamp.seconds("2030-06-30T12:00:00Z"))
    }

    @Test(arguments: [
        "{key: k, operator: Exists, value: x}", "{key: k, operator: Exists, tolerationSeconds: 5}",
        "{key: 'bad key!', operator: Exists}",
    ])
    func tolerationsThatTheServerRefusesAreErrors(item: String) {
        #expect(throws: PolicyErrors.self) {
            try policySet(policyText(rules: "- name: r\n  actions: {tolerations: {add: [\(item)]}}"))
        }
    }
}
