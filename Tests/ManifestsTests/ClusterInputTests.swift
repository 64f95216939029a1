import ClusterModel
import ClusterTestKit
import Foundation
import Manifests
import Testing

/// The input that a text holds.
private func load(_ text: String) throws(InputErrors) -> ClusterInput {
    try ClusterInput(texts: [("f.yaml", text)])
}

/// What is wrong with a text, one error a line.
private func faults(_ text: String) -> String {
    do throws(InputErrors) {
        _ = try ClusterInput(texts: [("f.yaml", text)], strict: true)
        return "no error"
    } catch {
        return error.description
    }
}

private func pod(_ name: String, _ spec: String = "", meta: String = "", containers: String = "[{name: a}]") -> String {
    """
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: \(name)
    \(meta)
    spec:
      containers: \(containers)
    \(spec)

    """
}

private func collection(
    _ kind: String, _ name: String, replicas: Int = 2, meta: String = "", labels: String = "{app: web}"
) -> String {
    let counts = kind == "Job" ? "parallelism: \(replicas)\n  completions: 9" : "replicas: \(replicas)"
    let group = kind == "Job" ? "batch/v1" : kind == "ReplicationController" ? "v1" : "apps/v1"
    let selector = kind == "ReplicationController" ? labels : "{matchLabels: \(labels)}"
    return """
        ---
        apiVersion: \(group)
        kind: \(kind)
        metadata:
          name: \(name)
        \(meta)
        spec:
          \(counts)
          \(kind == "Job" ? "" : "selector: \(selector)")
          template:
            metadata:
              labels: \(labels)
            spec:
              containers: [{name: a}]

        """
}

private let node = """
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: node-1}
    status: {allocatable: {cpu: "4"}}

    """

@Suite struct ClusterInputTests {
    @Test func readsEveryKind() throws {
        let input = try load(
            """
            \(node)---
            apiVersion: v1
            kind: Namespace
            metadata: {name: team-a, labels: {tier: gold}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {selector: {app: web}}
            ---
            apiVersion: scheduling.k8s.io/v1alpha2
            kind: PodGroup
            metadata: {name: g1}
            spec: {schedulingPolicy: {gang: {minCount: 1}}}
            ---
            apiVersion: scheduling.x-k8s.io/v1alpha1
            kind: PodGroup
            metadata: {name: g2}
            spec: {minMember: 1}
            ---
            apiVersion: scheduling.volcano.sh/v1beta1
            kind: PodGroup
            metadata: {name: g3}
            spec: {minMember: 1}
            ---
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: {name: high}
            value: 1000
            ---
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: b}
            spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            ---
            apiVersion: v1
            kind: PodList
            items:
            - metadata: {name: listed, labels: {pod-group.scheduling.sigs.k8s.io: g1}}
              spec: {containers: [{name: a}], priorityClassName: high}
            ---
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "json"}, "spec": {"containers": [{"name": "a"}]}}]}
            \(pod("bound", "  nodeName: node-1"))
            """)
        #expect(input.nodes.map(\.name) == ["node-1"])
        #expect(input.pods.map(\.metadata.name) == ["listed", "json", "bound"])
        #expect(input.namespaces.map(\.metadata.name) == ["team-a", "default"])
        #expect(input.services.map(\.selector) == [["app": "web"]])
        #expect(input.podGroups.map(\.metadata.name) == ["g1", "g2", "g3"])
        #expect(input.priorityClasses.map(\.priority) == [1000])
        #expect(input.allPriorityClasses.count == 3)
        #expect(input.disruptionBudgets.count == 1)
        #expect(input.podSources.map(\.line) == [44, 48, 50])
        #expect(input.source(ofPod: 0).hasPrefix("f.yaml:"))
    }

    @Test func passesOverWhatDoesNotMatter() throws {
        let input = try load(
            """
            \(pod("a"))---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: y}}
            ---
            {apiVersion: example.com/v1, kind: Whatever, metadata: {name: y}}
            ---
            {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: y}}
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: "a:b"}}
            \(pod("done").replacing("spec:", with: "status: {phase: Succeeded}\nspec:"))
            """)
        #expect(input.pods.map(\.metadata.name) == ["a"])
        #expect(input.finishedPods == 1)
        #expect(input.warnings.count == 5)
        #expect(input.warnings.contains { $0.hasPrefix("passed over 2 of kind ConfigMap") })
        #expect(input.warnings.contains { $0.contains("Service.serving.knative.dev") })
        #expect(input.warnings.contains { $0.hasPrefix("passed over 1 of kind ClusterRole, which has no bearing") })
    }

    @Test(arguments: [
        ("{apiVersion: v1, kind: Pood, metadata: {name: a}}", "expected a known kind, perhaps \"Pod\", found \"Pood\""),
        ("{apiVersion: apps/v1, kind: deployment}", "perhaps \"Deployment\", found \"deployment\""),
        ("{kind: Xyzzy}", "apiVersion: expected the API version of kind Xyzzy, found nothing"),
        ("{apiVersion: scheduling.k8s.io/v1, kind: PriorityClas}", "perhaps \"PriorityClass\""),
        ("{apiVersion: v1, kind: Deployment, metadata: {name: d}}", "expected \"apps/v1\" for kind Deployment"),
        ("{apiVersion: policy/v1, kind: PriorityClass}", "expected \"scheduling.k8s.io/v1\" for kind PriorityClass"),
        (
            "{apiVersion: app/v1, kind: Deployment, metadata: {name: d}}",
            "apiVersion: expected \"apps/v1\" for kind Deployment"
        ),
        ("{metadata: {name: a}}", "f.yaml:2:1: kind: expected a kind such as Pod, found nothing"),
        ("just text", "expected an object with a kind, found the string \"just text\""),
        ("[]", "expected an object with a kind, found an empty list"),
        ("{kind: List, items: [null]}", "expected an object with a kind, found null"),
        ("{kind: List, items: 5}", "List: items: expected a list, found the number 5"),
    ])
    func refusesUnknownKinds(text: String, message: String) {
        #expect(faults("---\n\(text)\n").contains(message), "\(faults("---\n\(text)\n"))")
    }

    @Test(arguments: [
        (
            pod("a", "  priority: high"),
            "f.yaml:9:13: Pod a: spec.priority: expected a whole number, found the string \"high\""
        ),
        (
            pod("a", containers: "[{resources: {requests: {cpu: -1}}}]"),
            "requests.cpu: expected a quantity that is not negative"
        ),
        (pod("a", containers: "[{resources: {requests: {cpu: 1x}}}]"), "expected a quantity such as 250m or 16Gi"),
        (pod("a", containers: "[]"), "spec.containers: expected at least one container, found none"),
        (pod("A_b"), "Pod default/A_b: metadata.name: expected a name of at most 253"),
        (pod("a", meta: "  labels: {\"x y\": z}"), "labels.x y: expected a key such as app"),
        (pod("a", meta: "  labels: {x: \"-z\"}"), "metadata.labels.x: expected at most 63 letters"),
        (pod("a", meta: "  labels: {x: 5}"), "metadata.labels.x: expected a string, found the number 5"),
        (pod("a", meta: "  namespace: a.b"), "metadata.namespace: expected a name of at most 63"),
        (
            pod("a") + pod("a"),
            "f.yaml:14:9: Pod default/a: metadata.name: expected a name that is not taken, found the name of the Pod at f.yaml:5"
        ),
        (
            pod("a", "  priorityClassName: none"),
            "f.yaml:9:22: Pod default/a: spec.priorityClassName: expected the name of a PriorityClass"
        ),
        (
            node + pod("a", "  nodeName: node-2"),
            "spec.nodeName: expected the name of a Node of the input, found \"node-2\""
        ),
        (
            collection("Deployment", "d").replacing(
                "containers: [{name: a}]", with: "containers: [{name: a}]\n      priorityClassName: x"),
            "Deployment default/d: spec.template.spec.priorityClassName"
        ),
        (
            pod("a", containers: "[{resources: {limits: {nvidia.com/gpu: 1.5}}}]"),
            "expected a whole number of devices, found 1500m"
        ),
        (
            pod("a", containers: "[{resources: {limits: {switchyard.dev/gpu-milli: 1001}}}]"),
            "expected thousandths of one device"
        ),
        (
            pod("a", containers: "[{resources: {limits: {switchyard.dev/gpu-milli: 5, nvidia.com/gpu: 1}}}]"),
            "expected either whole devices"
        ),
        (
            node.replacing("cpu: \"4\"", with: "nvidia.com/gpu: 6500m"),
            "expected a whole number of devices, found 6500m"
        ),
    ])
    func saysWhatIsWrongAndWhere(text: String, message: String) {
        #expect(faults(text).contains(message), "\(faults(text))")
    }

    @Test func findsAllErrorsOfAllFiles() throws {
        let broken = (0..<100).map { pod("p-\($0)", "  priority: x") }.joined()
        let error = try #require(throws: InputErrors.self) {
            try ClusterInput(texts: [("b.yaml", "a: : b\n"), ("a.yaml", broken), ("c.yaml", "")], strict: true)
        }
        #expect(error.errors.count + error.omitted == 102)
        #expect(Set(error.errors.map(\.file)) == ["a.yaml", "b.yaml", "c.yaml"])
        #expect(error.description.split(separator: "\n").count == 21)
        #expect(error.description.hasSuffix("and 82 more"))
        #expect(error.errors.allSatisfy { $0.file == "c.yaml" || $0.line != nil })
    }

    @Test func completesPodGroups() throws {
        let label = "  labels: {scheduling.x-k8s.io/pod-group: g}"
        let input = try load(pod("a", meta: label) + pod("b", meta: label))
        #expect(input.podGroups.map(\.minMember) == [2])
        #expect(input.warnings.contains { $0.contains("no PodGroup defines") && $0.contains("default/g") })
        let short = try load(
            pod("a", meta: label)
                + "---\n{apiVersion: scheduling.x-k8s.io/v1alpha1, kind: PodGroup, metadata: {name: g}, spec: {minMember: 3}}\n"
        )
        #expect(short.podGroups.map(\.minMember) == [3])
        #expect(short.warnings.contains { $0.contains("default/g (minMember 3, 1 pods)") })
    }

    @Test func countsManyDevicesOfANode() throws {
        let many = node.replacing("cpu: \"4\"", with: "nvidia.com/gpu: 120")
        #expect(
            try load(many).warnings.filter { $0.hasPrefix("1 nodes offer more than 64 of nvidia.com/gpu") }.count == 1)
        #expect(try load(many.replacing("120", with: "64")).warnings.isEmpty)
    }

    @Test func expandsCollections() throws {
        let input = try load(
            collection("Deployment", "d") + collection("StatefulSet", "s", replicas: 1)
                + collection("Job", "j", replicas: 3)
                + collection("ReplicationController", "r", replicas: 1) + node + collection("DaemonSet", "ds")
                + collection("ReplicaSet", "d", replicas: 1)
                + collection("Job", "ended").replacing(
                    "spec:\n  par", with: "status: {conditions: [{type: Complete, status: \"True\"}]}\nspec:\n  par"))
        #expect(
            input.pods.map(\.metadata.name)
                == ["d-0", "d-1", "s-0", "j-0", "j-1", "j-2", "r-0", "ds-node-1", "d-0-replicaset"])
        #expect(input.pods.map { $0.metadata.controller?.kind }.first == "ReplicaSet")
        #expect(input.collections.count == 7)
        let selectors = input.pods.map { input.serviceSelectors.selector(for: $0)?.matchLabels }
        let web = ["app": "web"]
        // The ReplicaSet of a Deployment selects by the hash of the template too.
        let hashed = web.merging(["pod-template-hash": input.collections[0].templateHash]) { $1 }
        #expect(selectors == [hashed, hashed, web, nil, nil, nil, web, nil, web])
    }

    @Test func doesNotMakePodsTwice() throws {
        let replicaSet = collection(
            "ReplicaSet", "d-5d4f", meta: "  ownerReferences: [{kind: Deployment, name: d, controller: true}]")
        let owned = pod(
            "d-5d4f-x",
            meta:
                "  labels: {pod-template-hash: 5d4f}\n  ownerReferences: [{kind: ReplicaSet, name: d-5d4f, controller: true}]"
        )
        let names = { (text: String) in try load(text).pods.map(\.metadata.name) }
        // Of two replicas one is there.
        #expect(try names(collection("Deployment", "d") + replicaSet + owned) == ["d-5d4f-0", "d-5d4f-x"])
        #expect(try names(collection("Deployment", "d") + owned) == ["d-0", "d-5d4f-x"])
        #expect(try names(collection("Deployment", "d", replicas: 1) + owned) == ["d-5d4f-x"])
        #expect(try names(collection("Deployment", "d") + replicaSet) == ["d-5d4f-0", "d-5d4f-1"])
        #expect(try names(collection("Deployment", "e") + owned) == ["e-0", "e-1", "d-5d4f-x"])
    }

    @Test func findsServiceSelectors() throws {
        let service = { (name: String, selector: String) in
            "---\n{apiVersion: v1, kind: Service, metadata: {name: \(name)}, spec: {selector: \(selector)}}\n"
        }
        let input = try load(
            service("a", "{app: web}") + service("b", "{tier: front}") + service("c", "{app: db}") + service("d", "{}")
                + pod("p", meta: "  labels: {app: web, tier: front}")
                + pod("q", meta: "  labels: {app: web}\n  namespace: other")
                + collection("StatefulSet", "s", replicas: 1, labels: "{app: db, x: z}"))
        let selectors = input.schedulingSpecs.map(\.serviceSelector)
        #expect(selectors[0] == LabelSelector(matchLabels: ["app": "web", "tier": "front"]))
        #expect(selectors[1] == nil)
        #expect(selectors[2] == LabelSelector(matchLabels: ["app": "db", "x": "z"]))
    }

    @Test func readsTheSameFromListsHoweverTheyAreWritten() throws {
        let items = (0..<150).map { index in
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p-\(index)\n    managedFields:\n    - x: 1\n  spec:\n"
                + "    containers:\n    - name: a\n      resources:\n        requests: \(index % 2 == 0 ? "{cpu: 1}" : "\n          cpu: 1")\n"
        }.joined()
        let indented = items.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n") + "\n"
        let texts = [
            "apiVersion: v1\nitems:\n\(items)kind: List\n",
            "kind: List\napiVersion: v1\nitems:   \n# first\n\(indented)",
            "apiVersion: v1\nkind: List\nmetadata:\n  resourceVersion: \"\"\nitems:\n\(items)# end\n",
        ]
        let inputs = try texts.map { try load($0) }
        #expect(inputs.allSatisfy { $0.pods == inputs[0].pods })
        #expect(inputs[0].pods.count == 150)
        #expect(inputs[0].podSources[0].line == 3)
        #expect(inputs[0].podSources[1].line == 14)
        var json: [UInt8] = []
        inputs[0].writePods { json += $0 }
        let documents = String(decoding: json, as: UTF8.self)
        let list = "{\"kind\": \"List\",\n \"items\": [\n" + documents.replacing("---\n", with: ",\n") + "]}"
        #expect(try load(list).pods == inputs[0].pods)
        #expect(try load(documents).pods == inputs[0].pods)
        #expect(
            faults(list.replacing("\"p-77\"", with: "5")).contains(
                "Pod: metadata.name: expected a string, found the number 5"))
        #expect(faults(list.replacing("\"p-77\"", with: "\"p\" \"q\"")).contains("f.yaml:"))
        #expect(faults(list + "]").contains("expected valid JSON"))
    }

    @Test func readsAGeneratedCluster() throws {
        guard let tool = SharedData.path("tools/random_cluster.py") else { return }
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", tool, "--seed", "5", "--nodes", "40", "--pods", "300", "--out", folder.path]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let input = try ClusterInput(paths: ["nodes.yaml", "pods.yaml", "pods.yaml"].map { folder.path + "/" + $0 })
        #expect(input.nodes.count == 40)
        #expect(input.pods.count >= 300)
        #expect(input.podGroups.count > 1)
        var nodes: [UInt8] = []
        var pods: [UInt8] = []
        input.writeNodes { nodes += $0 }
        input.writePods { pods += $0 }
        let again = try ClusterInput(
            texts: [("n", String(decoding: nodes, as: UTF8.self)), ("p", String(decoding: pods, as: UTF8.self))])
        #expect(again.nodes == input.nodes)
        #expect(again.pods == input.pods)
        #expect(again.podGroups == input.podGroups)
    }

    @Test func reportsEveryFileThatCannotBeRead() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("good.yaml", text: pod("a"))
        let paths = [good + "/x", good, folder.path + "/absent.yaml"]
        let error = try #require(throws: InputErrors.self) { try ClusterInput(paths: paths) }
        #expect(error.errors.map(\.code) == [.notFound, .notFound])
        #expect(try ClusterInput(paths: [good, good]).pods.count == 1)
    }

    @Test func readsALargeFileOfOneScalarQuickly() throws {
        let text = "kind: ConfigMap\ndata:\n  x: |\n" + String(repeating: "    0123456789abcdef\n", count: 1 << 18)
        #expect(try load(text).warnings.count == 1)
        let flow = "x: [" + String(repeating: "a, ", count: 22 << 20) + "a]\n"
        #expect(faults(flow).contains("found 66 MiB"))
    }
}
