import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

@Suite struct PolicyTestRunnerTests {
    static let policies = policyText(
        "p",
        rules: """
            - name: jobs
              match: {ownerKinds: [Job]}
              actions: {scheduler: gang, fallback: binpack, labels: {default: {kind: batch}}}
            - name: refuse
              match: {namespaces: [closed]}
              actions: {reject: {message: closed today}}
            - name: rest
              actions: {scheduler: binpack}
            """)

    static func test(_ cases: String) -> String {
        let lines = cases.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        return """
            apiVersion: switchyard.dev/v1alpha1
            kind: PolicyTest
            metadata: {name: t}
            spec:
              schedulers: {gang: ready, binpack: ready}
              cases:
            \(lines)

            """
    }

    private func run(_ cases: String) throws -> PolicyTestReport {
        var folder = PolicyFolder()
        folder.add(text: Self.policies, file: "p.yaml")
        folder.add(text: Self.test(cases), file: "t.yaml")
        return PolicyTestRunner(try folder.policySet()).run(folder.tests)
    }

    static let job = "metadata: {ownerReferences: [{kind: Job, name: j}]}"

    /// A global default acts in tests as it does in admission: on conditions, on expressions, and against a rule's default.
    @Test func theGlobalDefaultClassActs() throws {
        let rules = """
            - name: middle
              match: {priorityClasses: [std], priority: {min: 100, max: 100}}
              matchConditions: [{name: c, expression: "object.spec.priorityClassName == 'std' && object.spec.priority == 100"}]
              actions: {labels: {add: {middle: "yes"}}}
            - name: gold
              actions: {priorityClassName: {default: gold}}
            """
        let test = """
            priorityClasses:
            - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: std}, value: 100, globalDefault: true}
            - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: gold}, value: 1000}
            cases:
            - {name: free, pod: {}, expect: {labels: {middle: "yes"}, changes: {labels: {middle: "yes"}, spec: [priority class gold]}}}
            - {name: own, pod: {spec: {priorityClassName: std}}, expect: {changes: {labels: {middle: "yes"}}}}
            - {name: high, pod: {spec: {priorityClassName: gold}}, expect: {changes: {}}}
            """
        var folder = folder(policyText(rules: rules))
        folder.add(text: policyTestText(test), file: "t.yaml")
        let report = PolicyTestRunner(try folder.policySet()).run(folder.tests)
        #expect(report.passed, "\(report.text)")
    }

    @Test func nullWantsNoRule() throws {
        let report = try run(
            """
            - {name: a rule routed, pod: {\(Self.job)}, expect: {rule: null}}
            - {name: a policy routed, pod: {\(Self.job)}, expect: {policy: null, scheduler: gang}}
            """)
        #expect(report.failures.count == 2)
        #expect(report.failures.allSatisfy { $0.differences.map(\.field) == ["rule"] }, "\(report.text)")
        var folder = folder(policyText(rules: "- {name: l, actions: {labels: {add: {a: b}}}}"))
        folder.add(
            text: policyTestText("cases: [{name: c, pod: {}, expect: {rule: null, policy: null}}]"), file: "t.yaml")
        #expect(PolicyTestRunner(try folder.policySet()).run(folder.tests).passed)
    }

    /// A field that Kubernetes does not have is an error wherever it stands in a test's manifests.
    @Test(arguments: [
        ("pod: {metadata: {lables: {}}}", "pod.metadata.lables"),
        ("pod: {spec: {nodeSelecter: {a: b}}}", "pod.spec.nodeSelecter"),
        ("pod: {spec: {containers: [{name: c, imagee: x}]}}", "pod.spec.containers[0].imagee"),
        ("pod: {spec: {containers: [{name: c, env: [{nam: x}]}]}}", "pod.spec.containers[0].env[0].nam"),
        ("pods: [{spec: {affinity: {nodeAfinity: {}}}}]", "pods[0].spec.affinity.nodeAfinity"),
        (
            "pod: {kind: Job, metadata: {name: j}, spec: {template: {metadata: {lables: {}}, spec: {containers: [{name: c}]}}}}",
            "pod.spec.template.metadata.lables"
        ),
        (
            "pod: {kind: StatefulSet, metadata: {name: s}, spec: {replica: 1, template: {spec: {containers: [{name: c}]}}}}",
            "pod.spec.replica"
        ),
        ("pod: {spec: {tolerations: [{key: a, opertor: Exists}]}}", "pod.spec.tolerations[0].opertor"),
        ("pod: {}, schedulers: null", "schedulers"),
    ])
    func misspeltFieldsAreErrors(pod: String, path: String) {
        var folder = PolicyFolder()
        folder.add(text: policyTestText("cases: [{name: c, \(pod), expect: {scheduler: s}}]"), file: "t.yaml")
        let paths = folder.findings.map { "\($0.place.path)" }
        #expect(paths == ["spec.cases[0].\(path)"], "\(folder.findings.map(\.text))")
    }

    @Test(arguments: [
        ("namespaces: [{metadata: {name: a, lables: {}}}]", "spec.namespaces[0].metadata.lables"),
        (
            "priorityClasses: [{metadata: {name: a}, value: 1, globaldefault: true}]",
            "spec.priorityClasses[0].globaldefault"
        ),
        ("podGroups: [{metadata: {name: a}, spec: {minMembers: 3}}]", "spec.podGroups[0].spec.minMembers"),
        ("time: null", "spec.time"),
    ])
    func misspeltFieldsOfTheClusterAreErrors(field: String, path: String) {
        var folder = PolicyFolder()
        folder.add(
            text: policyTestText("\(field)\ncases: [{name: c, pod: {}, expect: {scheduler: s}}]"), file: "t.yaml")
        #expect(folder.findings.map { "\($0.place.path)" } == [path], "\(folder.findings.map(\.text))")
    }

    /// All faults of a case are named at once.
    @Test func allFaultsOfACaseAreNamed() {
        var folder = PolicyFolder()
        folder.add(
            text: policyTestText(
                "cases: [{name: c, pod: {metadata: {lables: {}}, spec: {nodeNam: x}}, expect: {rul: r, scheduler: s}}]"),
            file: "t.yaml")
        #expect(folder.findings.count == 3, "\(folder.findings.map(\.text))")
    }

    /// Tests in folders of the folder of tests are run too, with the files beside them.
    @Test func readsFoldersOfTests() throws {
        let root = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: root.path + "/tests/a/b", withIntermediateDirectories: true)
        _ = try root.write("p.yaml", text: Self.policies)
        let inner = "cases: [{name: c, podFrom: {file: pods.yaml}, expect: {scheduler: gang}}]"
        _ = try root.write("tests/a/b/t.yaml", text: policyTestText(inner))
        _ = try root.write(
            "tests/a/b/pods.yaml",
            text: "{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {containers: [{name: c}]}}")
        let folder = PolicyFolder(path: root.path)
        #expect(folder.findings.isEmpty && folder.tests.count == 1, "\(folder.findings.map(\.text))")
        let report = PolicyTestRunner(try folder.policySet()).run(folder.tests)
        #expect(report.failures.count == 1, "the pod of no Job goes to binpack")
    }

    @Test func passesWhatIsAsExpected() throws {
        let report = try run(
            """
            - name: a job
              pod: {\(Self.job)}
              expect: {scheduler: gang, policy: p, rule: jobs, origin: rule, waits: false, labels: {kind: batch, x: null},
                changes: {labels: {kind: batch}}, warnings: []}
            - name: closed
              pod: {metadata: {namespace: closed}}
              expect: {rejected: {policy: p, rule: refuse, message: closed}}
            """)
        #expect(report.passed, "\(report.text)")
        #expect(report.uncovered == [RuleReference(policy: "p", rule: "rest")])
        #expect(report.text.contains("2 cases: 2 passed, 0 failed; 2 of 3 rules reached"))
    }

    @Test(arguments: [
        ("scheduler: binpack", "scheduler", "binpack", "gang"), ("policy: q", "policy", "q", "p"),
        ("rule: rest", "rule", "rest", "jobs"), ("origin: pod", "origin", "pod", "rule"),
        ("waits: true", "waits", "true", "false"), ("labels: {kind: x}", "labels[kind]", "x", "batch"),
        ("labels: {kind: null}", "labels[kind]", "absent", "batch"),
        ("annotations: {a: b}", "annotations[a]", "b", "absent"),
        ("changes: {}", "changes.labels[kind]", "not written", "batch"),
        ("changes: {labels: {kind: batch, b: c}}", "changes.labels[b]", "c", "not written"),
        ("warnings: [boo]", "warnings", "one with \"boo\"", "none"),
        ("rejected: {rule: refuse}", "rejected", "a refusal", "goes to gang by p/jobs"),
    ])
    func showsWhatDiffers(expect: String, field: String, expected: String, actual: String) throws {
        let report = try run("- name: a job\n  pod: {\(Self.job)}\n  expect: {\(expect)}")
        try #require(report.failures.count == 1)
        #expect(report.results[0].differences == [.init(field: field, expected: expected, actual: actual)])
        #expect(!report.passed)
        #expect(report.text.contains("FAIL t.yaml:7:5: t: a job"))
        #expect(report.junit.contains("failures=\"1\""))
    }

    @Test(arguments: [
        ("rejected: {policy: q}", "rejected.policy"), ("rejected: {rule: q}", "rejected.rule"),
        ("rejected: {message: tomorrow}", "rejected.message"), ("scheduler: gang", "rejected"),
    ])
    func showsRefusalsThatDiffer(expect: String, field: String) throws {
        let report = try run("- name: c\n  pod: {metadata: {namespace: closed}}\n  expect: {\(expect)}")
        #expect(report.results[0].differences.map(\.field) == [field])
    }

    @Test(arguments: [
        ("- name: a\n  pod: {}\n  expect: {}", "expect", "no expectation at all"),
        ("- name: a\n  pod: {}", "expect", "what the case expects"),
        ("- name: a\n  expect: {scheduler: s}", "pod", "a pod, pods or podFrom"),
        ("- name: a\n  pod: {}\n  expect: {schedular: s}", "expect.schedular", "did you mean"),
        ("- name: a\n  pod: {}\n  expect: {rejected: {}}", "expect.rejected", "an empty mapping"),
        ("- name: a\n  pod: {}\n  expect: {rejected: {rule: r}, scheduler: s}", "expect.scheduler", "rejected alone"),
        ("- name: a\n  pod: {kind: Service}\n  expect: {scheduler: s}", "pod.kind", "Pod, or one of"),
        ("- name: a\n  pod: {spec: {containers: 5}}\n  expect: {scheduler: s}", "pod.spec.containers", "a list"),
        ("- name: a\n  podFrom: {file: nowhere.yaml}\n  expect: {scheduler: s}", "podFrom.file", "a file of pods"),
    ])
    func refusesBrokenTests(testCase: String, field: String, words: String) throws {
        var folder = PolicyFolder()
        folder.add(text: Self.policies, file: "p.yaml")
        folder.add(text: Self.test(testCase), file: "t.yaml")
        let found = folder.check()
        try #require(found.count == 1, "\(found.map(\.text))")
        #expect("\(found[0].place.path)" == "spec.cases[0].\(field)")
        #expect(found[0].text.contains(words), "\(found[0].text)")
        #expect(found[0].place.file == "t.yaml" && found[0].place.line >= 7)
    }

    @Test func readsFoldersAndTheFilesBesideTests() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(
            "policies-\(UInt64.random(in: 0...(.max)))")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent("tests"), withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try text.write(to: root.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        #expect(PolicyFolder(path: root.path).check().map(\.code) == [.unreadable])
        try write("p.yaml", Self.policies)
        try write("tests/pods.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: m}]}")
        try write(
            "tests/t.yaml",
            Self.test(
                "- name: a\n  podFrom: {file: pods.yaml, name: default/x}\n  expect: {scheduler: binpack}"))
        let folder = PolicyFolder(path: root.path)
        #expect(folder.check(schedulers: ["gang", "binpack"]).isEmpty)
        #expect(PolicyTestRunner(try folder.policySet()).run(folder.tests).passed)
        #expect(try PolicyFolder(path: root.appendingPathComponent("p.yaml").path).policySet().ruleCount == 3)
        try write("broken.yaml", "apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy")
        #expect(throws: PolicyErrors.self) { try PolicyFolder(path: root.path).policySet() }
        #expect(PolicyFolder(path: root.appendingPathComponent("nowhere").path).check().count == 1)
        try write("broken.yaml", String(repeating: "# padding\n", count: 1 << 20))
        let big = try #require(PolicyFolder(path: root.path).check().first)
        #expect(big.text.contains("at most 4 MiB"))
    }
}
