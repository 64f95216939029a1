import Admission
import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// What expressions see beyond the pod and its surroundings: parameters, and who asks.
@Suite struct PolicyParametersTests {
    private func text(action: String = "Deny", failurePolicy: String = "Fail", namespace: String? = "platform")
        -> String
    {
        """
        apiVersion: switchyard.dev/v1alpha1
        kind: SchedulingPolicy
        metadata: {name: p}
        spec:
          failurePolicy: \(failurePolicy)
          paramKind: {apiVersion: v1, kind: ConfigMap}
          paramRef: {name: queues, \(namespace.map { "namespace: \($0), " } ?? "")parameterNotFoundAction: \(action)}
          variables: [{name: queue, expression: "params.data['queue']"}]
          rules:
          - name: r
            match: {labelSelector: {matchLabels: {x: "1"}}}
            matchConditions: [{name: open, expression: "params.data.open == 'true'"}]
            actions: {scheduler: hit, labels: {add: {queue: {expression: variables.queue}}}}

        """
    }

    private func map(namespace: String = "platform", on: String = "true") -> Value {
        .object([
            .init("apiVersion", .string("v1")), .init("kind", .string("ConfigMap")),
            .init("metadata", .object([.init("name", .string("queues")), .init("namespace", .string(namespace))])),
            .init("data", .object([.init("open", .string(on)), .init("queue", .string("main"))])),
        ])
    }

    @Test func expressionsSeeTheObject() throws {
        var engine = try PolicyEngine(texts: text())
        try engine.setObject(map())
        var pod = Pod.sample(labels: ["x": "1"])
        #expect(engine.admit(&pod).route?.scheduler == "hit" && pod.metadata.labels["queue"] == "main")
        try engine.setObject(map(on: "false"))
        #expect(engine.decide(.sample(labels: ["x": "1"])).route?.origin == .default)
        engine.removeObject(try PolicyObjectKey(of: map()))
        #expect(engine.decide(.sample(labels: ["x": "1"])).rejection != nil)
    }

    /// As ValidatingAdmissionPolicy has it: Allow lets the policy rest, Deny is a matter of `failurePolicy`.
    @Test(arguments: [
        ("Deny", "Fail", "parameters: there is no ConfigMap platform/queues"), ("Deny", "Ignore", nil),
        ("Allow", "Fail", nil),
    ])
    func anObjectThatIsMissing(action: String, failurePolicy: String, message: String?) throws {
        var engine = try PolicyEngine(texts: text(action: action, failurePolicy: failurePolicy))
        let decision = engine.decide(.sample(labels: ["x": "1"]))
        #expect(decision.rejection?.message == message.map { "the \($0)" })
        #expect(message != nil || decision.route?.origin == .default)
        #expect(engine.explain(.sample(labels: ["x": "1"])).decision == decision)
        // A pod that no rule is about does not depend on it.
        #expect(engine.decide(.sample()).route?.origin == .default)
    }

    /// Without a namespace the object is that of the pod's.
    @Test func theNamespaceMayBeThePods() throws {
        var engine = try PolicyEngine(texts: text(namespace: nil))
        try engine.setObject(map(namespace: "a"))
        #expect(engine.decide(.sample(namespace: "a", labels: ["x": "1"])).route?.scheduler == "hit")
        #expect(engine.decide(.sample(namespace: "b", labels: ["x": "1"])).rejection != nil)
    }

    @Test(arguments: [
        ("paramKind: {apiVersion: v1, kind: ConfigMap}", "spec.paramRef"),
        ("paramRef: {name: a, parameterNotFoundAction: Deny}", "spec.paramKind"),
        ("paramKind: {apiVersion: v1}\nparamRef: {name: a, parameterNotFoundAction: Deny}", "spec.paramKind.kind"),
        (
            "paramKind: {apiVersion: v1, kind: ConfigMap}\nparamRef: {name: a}",
            "spec.paramRef.parameterNotFoundAction"
        ),
        (
            "paramKind: {apiVersion: v1, kind: ConfigMap}\nparamRef: {name: a, selector: {}, parameterNotFoundAction: Deny}",
            "spec.paramRef.selector"
        ),
    ])
    func faultsAreNamed(fields: String, path: String) {
        let lines = fields.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        let text = policyText(rules: "- name: r\n  actions: {scheduler: s}").replacing(
            "  order:", with: "\(lines)\n  order:")
        let found = folder(text).findings
        #expect(found.map { "\($0.place.path)" }.contains(path), "\(found.map(\.text))")
    }

    @Test func withoutAKindThereAreNoParameters() {
        let rules = "- name: r\n  matchConditions: [{name: c, expression: params == null}]\n  actions: {scheduler: s}"
        #expect(folder(policyText(rules: rules)).findings.first?.text.contains("'params'") == true)
    }

    /// Objects stand beside the policies, or in the files of the input; those of the cluster come first.
    @Test func objectsAreFoundInFiles() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("params-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        let beside = place.appendingPathComponent("cluster")
        try FileManager.default.createDirectory(at: beside, withIntermediateDirectories: true)
        func write(_ text: String, _ path: String) throws {
            try text.write(to: place.appendingPathComponent(path), atomically: true, encoding: .utf8)
        }
        try write(text(), "p.yaml")
        let object =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: queues, namespace: platform}, data: {open: 'true', queue: q}}"
        try write("apiVersion: v1\nkind: List\nitems:\n- \(object)\n", "cluster/objects.yaml")
        let set = try PolicyFolder(path: place.path).policySet()
        var engine = PolicyEngine(set)
        var pod = Pod.sample(labels: ["x": "1"])
        engine.admit(&pod)
        #expect(pod.metadata.labels["queue"] == "q")
        try write(object.replacing("queue: q", with: "queue: live"), "input.txt")
        var live = PolicyEngine(set.withObjects(of: [place.appendingPathComponent("input.txt").path, "-", "/none"]))
        var other = Pod.sample(labels: ["x": "1"])
        live.admit(&other)
        #expect(other.metadata.labels["queue"] == "live")
        // Other policies come, and what the input has stays.
        live.replacePolicies(set)
        var third = Pod.sample(labels: ["x": "1"])
        live.admit(&third)
        #expect(third.metadata.labels["queue"] == "live")
    }

    private static let user = """
        - name: r
          matchConditions:
          - {name: known, expression: "has(request.userInfo)"}
          - {name: group, expression: "'ops' in request.userInfo.groups && request.userInfo.username.startsWith('a')"}
          actions: {scheduler: hit}
        """

    @Test func expressionsSeeWhoAsks() throws {
        var engine = try PolicyEngine(texts: policyText(rules: Self.user))
        #expect(engine.decide(.sample()).route?.origin == .default)
        let request = PolicyRequest(userInfo: PolicyRequest.UserInfo(username: "anna", groups: ["ops"]))
        #expect(engine.decide(.sample(), for: request).route?.scheduler == "hit")
        #expect(engine.explain(.sample(), for: request).decision.route?.scheduler == "hit")
        var admission = Admission(policies: engine)
        // One who asks does not answer for the others.
        for (request, scheduler) in [(request, "hit"), (nil, "binpack"), (request, "hit")] {
            guard case .admitted(let admitted) = admission.admit(.sample(), for: request) else { continue }
            #expect(admitted.pod.spec.schedulerName == scheduler && admitted.request == nil)
        }
        let misspelt = policyText(rules: Self.user.replacing("userInfo.groups", with: "userInfo.group"))
        #expect(folder(misspelt).findings.first?.text.contains("group") == true)
    }

    @Test func testsStateTimeUserAndParameters() throws {
        let policy = text().replacing("    match:", with: "    schedule: {days: [Mon]}\n    match:")
            .replacing("- {name: on", with: "- {name: on")
        let test = policyTestText(
            """
            params: [{apiVersion: v1, kind: ConfigMap, metadata: {name: queues, namespace: platform}, data: {open: "true", queue: q}}]
            time: 2030-07-02
            cases:
            - name: on Mondays
              time: 2030-07-01
              userInfo: {username: anna, groups: [ops], extra: {scopes: [a]}}
              pod: {metadata: {labels: {x: "1"}}}
              expect: {scheduler: hit, labels: {queue: q}, nodeSelector: {pool: null}, tolerations: [], schedulingGates: []}
            - name: on other days
              pod: {metadata: {labels: {x: "1"}}}
              expect: {origin: default, labels: {queue: null}}
            """)
        let read = folder(policy, test)
        let report = PolicyTestRunner(try read.policySet()).run(read.tests)
        #expect(report.passed && report.results.count == 2, "\(report.text)")
    }

    @Test(arguments: [
        ("nodeSelector: {pool: z}", "nodeSelector[pool]"), ("tolerations: []", "tolerations"),
        ("schedulingGates: [a.example/b]", "schedulingGates"), ("nodeAffinity: {}", "nodeAffinity"),
        ("requests: {main: {cpu: 1}}", "requests[main].cpu"), ("limits: {main: {cpu: null}}", "limits[main].cpu"),
        ("limits: {other: {cpu: null}}", "limits[other].cpu"),
    ])
    func testsExpectWhatTheSpecHas(expect: String, field: String) throws {
        let policy = policyText(
            rules: """
                - name: r
                  actions:
                    nodeSelector: {add: {pool: x}}
                    tolerations: {add: [{key: a, operator: Exists}]}
                    schedulingGates: {add: [a.example/a]}
                    requests: {default: {cpu: 100m}}
                    limits: {default: {cpu: "2"}}
                    nodeAffinity: {add: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}
                """)
        func report(_ expect: String) throws -> PolicyTestReport {
            let read = folder(policy, policyTestText("cases:\n- name: c\n  pod: {}\n  expect: {\(expect)}"))
            return PolicyTestRunner(try read.policySet()).run(read.tests)
        }
        #expect(try report(expect).results.first?.differences.map(\.field) == [field])
        let right = """
            nodeSelector: {pool: x}, tolerations: [{key: a, operator: Exists}], schedulingGates: [a.example/a],
                requests: {main: {cpu: 100m, memory: null}}, limits: {main: {cpu: "2"}},
                nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}
            """
        let passing = try report(right)
        #expect(passing.passed, "\(passing.text)")
    }
}
