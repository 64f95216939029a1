import ClusterModel
import ClusterTestKit
import Manifests
import Testing

private func pod(_ name: String, _ rest: String = "", spec: String = "") -> String {
    "---\n{apiVersion: v1, kind: Pod, metadata: {name: \(name)\(rest)}, spec: {containers: [{name: a}]\(spec)}}\n"
}

private let node = "---\n{apiVersion: v1, kind: Node, metadata: {name: node-1}, status: {allocatable: {cpu: 4}}}\n"

private func load(_ text: String, strict: Bool = false) throws(InputErrors) -> ClusterInput {
    try ClusterInput(texts: [("f.yaml", text)], strict: strict)
}

/// One object, or one document, never refuses the input.
@Suite struct SetAsideTests {
    @Test(arguments: [
        (pod("bad", spec: ", priority: high"), "f.yaml:4:", "spec.priority: expected a whole number"),
        (pod("bad", spec: ", nodeSelector: [a]"), "f.yaml:4:", "spec.nodeSelector: expected a mapping"),
        (pod("Bad"), "f.yaml:4:", "metadata.name: expected a name"),
        (pod("bad", ", labels: {x: -y}"), "f.yaml:4:", "metadata.labels.x: expected at most 63"),
        (pod("bad", spec: ", nodeSelector: {a: \u{212a}}"), "f.yaml:4:", "spec.nodeSelector.a: expected at most 63"),
        (
            pod("bad", spec: ", tolerations: [{key: a b, operator: Exists}]"), "f.yaml:4:",
            "tolerations[0].key: expected a key"
        ),
        (
            pod("bad", spec: ", tolerations: [{key: a, value: b c}]"), "f.yaml:4:",
            "tolerations[0].value: expected at most"
        ),
        (
            pod("bad", spec: ", tolerations: [{key: a, operator: Exists, value: b}]"), "f.yaml:4:",
            "tolerations[0].value: expected no value"
        ),
        (
            pod("bad", spec: ", tolerations: [{key: a, operator: Exists, tolerationSeconds: 3}]"), "f.yaml:4:",
            "tolerations[0].effect: expected NoExecute"
        ),
        (
            pod(
                "bad",
                spec:
                    ", topologySpreadConstraints: [&t {maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}, *t]"
            ),
            "f.yaml:4:", "topologySpreadConstraints[1]: expected each pair"
        ),
        (pod("good"), "f.yaml:4:", "expected a name that is not taken, found the name of the Pod at f.yaml:2"),
        (
            "---\n{apiVersion: v1, kind: Pod, metadata: {labels: {a: b}}, spec: {containers: [{name: a}]}}\n",
            "f.yaml:4:",
            "metadata.name: expected a name, found nothing"
        ),
        ("---\n{apiVersion: v1, kind: Pood, metadata: {name: a}}\n", "f.yaml:4:", "perhaps \"Pod\""),
        ("---\nimage: {tag: v1}\nreplicas: 3\n", "f.yaml:4:", "kind: expected a kind such as Pod, found nothing"),
        ("---\na: b: c\n", "f.yaml:4:", "expected valid YAML"),
        ("---\njust text\n", "f.yaml:4:", "expected an object with a kind"),
        (
            "---\n{apiVersion: v1, kind: List, items: [null]}\n", "f.yaml:4:",
            "expected an object with a kind, found null"
        ),
        (
            "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: x}}\n", "f.yaml:4:",
            "Deployment d: spec.replicas: expected a whole number"
        ),
        (
            "---\n{apiVersion: v1, kind: Node, metadata: {name: node-2}, status: {allocatable: {cpu: much}}}\n",
            "f.yaml:4:",
            "status.allocatable.cpu: expected a quantity"
        ),
    ])
    func aFaultSetsOneObjectAside(fault: String, place: String, message: String) throws {
        let text = pod("good") + fault + pod("after") + node
        let input = try load(text)
        #expect(input.pods.map(\.metadata.name) == ["good", "after"])
        #expect(input.nodes.map(\.name) == ["node-1"])
        let setAside = try #require(input.setAside)
        #expect(setAside.count == 1)
        #expect(setAside.description.hasPrefix(place) && setAside.description.contains(message), "\(setAside)")
        let strict = try #require(throws: InputErrors.self) { try load(text, strict: true) }
        #expect(strict.description == setAside.description)
    }

    @Test func tellsMachinesWhatWasSetAside() throws {
        let error = try #require(try load(pod("a") + pod("bad", spec: ", priority: high")).setAside?.errors.first)
        let value = error.value
        #expect(value["object"] == .string("Pod bad"))
        #expect(value["file"] == .string("f.yaml"))
        #expect(value["line"] == .int(4))
        #expect(value["field"] == .string("spec.priority"))
        #expect(value["message"] == .string("expected a whole number, found the string \"high\""))
    }

    @Test func refusesWhatHoldsNothing() throws {
        for text in ["", "# nothing\n", "a: b: c\n", "just text\n", pod("Bad")] {
            #expect(throws: InputErrors.self) { try load(text) }
        }
        // Of several files each must hold something.
        let error = try #require(throws: InputErrors.self) {
            try ClusterInput(texts: [("good.yaml", pod("a")), ("broken.yaml", "a: b: c\n"), ("bad.yaml", pod("B"))])
        }
        #expect(error.errors.contains { $0.file == "broken.yaml" })
        let input = try ClusterInput(texts: [("good.yaml", pod("a")), ("bad.yaml", pod("B"))])
        #expect(input.setAside?.errors.map(\.file) == ["bad.yaml"])
    }

    @Test func keepsCountOfManyFaults() throws {
        let text = pod("good") + (0..<300).map { pod("p-\($0)", spec: ", priority: x") }.joined()
        let setAside = try #require(try load(text).setAside)
        #expect(setAside.count == 300)
        #expect(setAside.lines.count == 21 && setAside.lines.last == "and 280 more")
    }

    @Test func leavesPodsOfUnknownNodesOut() throws {
        let text =
            node + pod("here", spec: ", nodeName: node-1") + pod("there", spec: ", nodeName: node-2")
            + pod("leaving", ", deletionTimestamp: 2026-01-01T00:00:00Z", spec: ", nodeName: gone") + pod("new")
        let input = try load(text)
        #expect(input.pods.map(\.metadata.name) == ["here", "new"])
        #expect(input.podSources.count == 2)
        #expect(input.setAside == nil)
        #expect(
            input.warnings == [
                "left out 2 pods (1 of them terminating) on nodes that the input does not have: node-2, gone"
            ])
        #expect(try #require(throws: InputErrors.self) { try load(text, strict: true) }.errors.count == 1)
    }

    @Test func leavesPriorityClassesToAdmission() throws {
        let text = node + pod("a", spec: ", priorityClassName: none")
        #expect(try load(text).setAside == nil)
        #expect(throws: InputErrors.self) { try load(text, strict: true) }
        #expect(try load(node + pod("a", spec: ", priorityClassName: none, priority: 7"), strict: true).pods.count == 1)
    }

    @Test(arguments: [
        ("{matchLabels: {team: a}}", true), ("{matchExpressions: [{key: x, operator: Exists}]}", true),
        ("{matchLabels: {kubernetes.io/metadata.name: b}}", false), ("{}", false),
    ])
    func saysWhichNamespacesAreNotKnown(selector: String, isWarned: Bool) throws {
        let term = "{topologyKey: zone, labelSelector: {}, namespaceSelector: \(selector)}"
        for affinity in [
            "podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [\(term)]}",
            "podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [\(term)]}",
            "podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: \(term)}]}",
            "podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: \(term)}]}",
        ] {
            let pods = pod("a", ", namespace: x", spec: ", affinity: {\(affinity)}") + pod("b", ", namespace: yy")
            let known = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: x}}\n"
            let input = try load(node + pods + known)
            #expect(input.assumedNamespaces == ["yy"])
            #expect(
                input.warnings.contains { $0.hasPrefix("1 pods select namespaces") && $0.hasSuffix(": yy") } == isWarned
            )
            let all = known + known.replacing("name: x", with: "name: yy")
            #expect(try load(node + pods + all).warnings.isEmpty)
        }
    }
}
