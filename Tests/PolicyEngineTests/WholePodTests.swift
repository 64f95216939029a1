import Admission
import CEL
import ClusterModel
import ClusterTestKit
import Manifests
import Testing

@testable import PolicyEngine

/// What expressions see of a pod: every field that its manifest has, with what the API server adds and without what it drops.
@Suite struct WholePodTests {
    /// The pods of some manifests, as a file has them.
    static func pods(_ text: String) throws -> [Pod] {
        try ClusterInput(texts: [("pods.yaml", text)]).pods
    }

    static func pod(
        _ spec: String, metadata: String = "{name: a, namespace: shop}", more: String = ""
    ) throws -> Pod {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: \(metadata)\nspec: \(spec)\n\(more)\n"
        return try #require(try pods(text).first)
    }

    /// What an expression comes to for a pod.
    static func value(_ source: String, _ pod: Pod) -> Result<Bool, ExpressionFailure> {
        let expression = PolicyExpression(NamedExpression("c", source), in: ExpressionScope([]))
        if let fault = expression.fault { return .failure(ExpressionFailure(message: "does not compile: \(fault)")) }
        var facts = PodFacts(pod, CopyOnWrite(wrappedValue: PolicyCluster()))
        return expression.evaluate(pod, &facts)
    }

    static let rich =
        "{hostPID: true, serviceAccountName: builder, volumes: [{name: v, hostPath: {path: /x}}, {name: w}], "
        + "securityContext: {runAsUser: 0, fsGroup: 7}, hostIPC: false, shareProcessNamespace: false, "
        + "containers: [{name: c, image: \"x:1\", "
        + "env: [{name: A, value: b}, {name: P, valueFrom: {fieldRef: {fieldPath: p}}}], "
        + "securityContext: {privileged: false, capabilities: {drop: [ALL]}}, stdin: false, "
        + "volumeMounts: [{name: v, mountPath: /m, readOnly: false}], livenessProbe: {httpGet: {port: web}}, "
        + "ports: [{containerPort: 80, name: web}, {containerPort: 81, hostPort: 8081, protocol: UDP}], "
        + "resources: {limits: {cpu: \"0.5\"}, claims: [{name: g}]}, restartPolicy: Never}]}"

    /// Each of them is true of the pod above, by the rules of the API server.
    @Test(arguments: [
        "object.spec.hostPID", "object.spec.serviceAccountName == 'builder'",
        "object.spec.serviceAccount == 'builder'",
        "object.spec.volumes.exists(v, has(v.hostPath) && v.hostPath.path == '/x')",
        "object.spec.volumes[1].emptyDir == {} && object.spec.volumes[0].hostPath.type == ''",
        "object.spec.securityContext.runAsUser == 0 && object.spec.securityContext.fsGroup == 7",
        "!has(object.spec.hostIPC) && !('hostIPC' in object.spec)",
        "has(object.spec.shareProcessNamespace) && !object.spec.shareProcessNamespace",
        "object.spec.containers[0].env.exists(e, e.name == 'A' && e.value == 'b')",
        "object.spec.containers[0].env[1].valueFrom.fieldRef.apiVersion == 'v1'",
        "has(object.spec.containers[0].securityContext.privileged)",
        "!object.spec.containers[0].securityContext.privileged",
        "object.spec.containers[0].securityContext.capabilities.drop == ['ALL']",
        "!has(object.spec.containers[0].stdin)", "!has(object.spec.containers[0].volumeMounts[0].readOnly)",
        "object.spec.containers.all(c, c.volumeMounts.all(m, m.mountPath == '/m'))",
        "object.spec.containers[0].livenessProbe.httpGet.port == 'web'",
        "object.spec.containers[0].livenessProbe.httpGet.scheme == 'HTTP'",
        "object.spec.containers[0].livenessProbe.httpGet.path == '/'",
        "object.spec.containers[0].livenessProbe.periodSeconds == 10",
        "object.spec.containers[0].ports[0].containerPort == 80 && !has(object.spec.containers[0].ports[0].hostPort)",
        "object.spec.containers[0].ports.map(p, p.protocol) == ['TCP', 'UDP']",
        "object.spec.containers[0].ports[1].hostPort == 8081",
        "object.spec.containers[0].resources.requests.cpu == '500m'",
        "object.spec.containers[0].resources.limits['cpu'] == '500m'",
        "object.spec.containers[0].resources.claims[0].name == 'g'",
        "object.spec.containers[0].restartPolicy == 'Never'",
        "object.spec.containers[0].imagePullPolicy == 'IfNotPresent'",
        "object.spec.containers[0].terminationMessagePath == '/dev/termination-log'",
        "object.spec.restartPolicy == 'Always' && object.spec.dnsPolicy == 'ClusterFirst'",
        "object.spec.schedulerName == 'default-scheduler' && object.spec.terminationGracePeriodSeconds == 30",
        "object.spec.enableServiceLinks && object.spec.preemptionPolicy == 'PreemptLowerPriority'",
        "object.spec.priority == 0 && !has(object.spec.priorityClassName)", "!has(object.spec.tolerations)",
        "!has(object.spec.nodeName) && !has(object.spec.affinity) && !has(object.spec.initContainers)",
        "!has(object.metadata.ownerReferences) && !has(object.metadata.finalizers) && !has(object.metadata.uid)",
        "has(object.metadata.labels) && has(object.metadata.annotations)",
        "has(object.status) && !has(object.status.conditions)", "!has(object.metadata.generateName)",
        "object.spec.?hostUsers.orValue(true)", "size(object.spec.volumes) == 2",
        "object.spec.exists(f, f == 'volumes') && !object.spec.exists(f, f == 'hostIPC')",
        "object.spec.containers[0].exists(f, f == 'env') && object.kind == 'Pod' && object.apiVersion == 'v1'",
        "quantity(object.spec.containers[0].resources.limits.cpu).isLessThan(quantity('1'))",
        "request.resource.resource == 'pods' && request.kind.kind == 'Pod' && !request.dryRun",
    ])
    func seesWhatTheAPIServerWouldShow(source: String) throws {
        #expect(Self.value(source, try Self.pod(Self.rich)) == .success(true), "\(source)")
    }

    /// `Always` for `latest` and for no tag, as Kubernetes reads image names.
    @Test(arguments: [
        ("x", "Always"), ("x:latest", "Always"), ("x:1", "IfNotPresent"), ("host:5000/x", "Always"),
        ("host:5000/x:1.2", "IfNotPresent"), ("x@sha256:0123", "IfNotPresent"), ("x:latest@sha256:0123", "Always"),
        ("", "IfNotPresent"),
    ])
    func pullsByTheTag(image: String, policy: String) throws {
        let pod = try Self.pod("{containers: [{name: c, image: \"\(image)\"}]}")
        #expect(Self.value("object.spec.containers[0].imagePullPolicy == '\(policy)'", pod) == .success(true))
    }

    @Test func aKnownFieldThatIsAbsentHasNoValue() throws {
        let pod = try Self.pod("{containers: [{name: c}]}")
        for source in ["object.spec.volumes.size() == 0", "object.spec.containers[0].securityContext.privileged"] {
            guard case .failure(let failure) = Self.value(source, pod) else {
                Issue.record("\(source) has a value")
                continue
            }
            #expect(failure.message.hasPrefix("no such key"), "\(failure.message)")
        }
        #expect(Self.value("object.spec.containers.all(c, has(c.resources.limits))", pod) == .success(false))
    }

    @Test func theNodesNetworkMakesPortsOfTheNode() throws {
        let spec = "{hostNetwork: true, containers: [{name: c, ports: [{containerPort: 80}]}]}"
        #expect(Self.value("object.spec.containers[0].ports[0].hostPort == 80", try Self.pod(spec)) == .success(true))
    }

    @Test func tolerationsKeepTheirWords() throws {
        let pod = try Self.pod(
            "{containers: [{name: c}], tolerations: [{key: a, operator: Equal, value: b}, {key: c, value: d}]}")
        #expect(Self.value("object.spec.tolerations[0].operator == 'Equal'", pod) == .success(true))
        #expect(Self.value("!has(object.spec.tolerations[1].operator)", pod) == .success(true))
        // What admission adds stands beside them, in the words of the view.
        var changed = pod
        changed.spec.tolerations.append(Toleration(key: "e", operator: .exists))
        #expect(Self.value("object.spec.tolerations[0].operator == 'Equal'", changed) == .success(true))
        #expect(Self.value("object.spec.tolerations[2].operator == 'Exists'", changed) == .success(true))
    }

    /// What admission has written is seen, and not what the manifest had.
    @Test func viewsGoBeforeTheManifest() throws {
        var pod = try Self.pod(
            "{containers: [{name: c, resources: {requests: {cpu: 1}}}], nodeSelector: {a: b}, priority: 3}")
        pod.spec.containers[0].requests["cpu"] = Quantity(2)
        pod.spec.nodeSelector = [:]
        pod.spec.priority = 5
        pod.metadata.annotations["x"] = "y"
        for source in [
            "object.spec.containers[0].resources.requests.cpu == '2' && !has(object.spec.nodeSelector)",
            "object.spec.priority == 5 && object.metadata.annotations['x'] == 'y'",
        ] {
            #expect(Self.value(source, pod) == .success(true), "\(source)")
        }
    }

    @Test func metadataAndStatusAreWhole() throws {
        let pod = try Self.pod(
            "{containers: [{name: c}]}",
            metadata: "{name: a, namespace: shop, generateName: a-, finalizers: [f/x], resourceVersion: \"7\", "
                + "generation: 2, ownerReferences: [{apiVersion: v1, kind: Node, name: node, uid: u, "
                + "blockOwnerDeletion: true}]}",
            more: "status: {phase: Pending, conditions: [{type: PodScheduled, status: \"False\"}], podIP: 1.2.3.4}")
        for source in [
            "object.metadata.generateName == 'a-' && object.metadata.finalizers == ['f/x']",
            "object.metadata.resourceVersion == '7' && object.metadata.generation == 2",
            "object.metadata.ownerReferences[0].uid == 'u' && object.metadata.ownerReferences[0].blockOwnerDeletion",
            "object.status.phase == 'Pending' && object.status.conditions[0].type == 'PodScheduled'",
            "object.status.podIP == '1.2.3.4'",
        ] {
            #expect(Self.value(source, pod) == .success(true), "\(source)")
        }
    }

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {a: b}}
          template:
            metadata: {labels: {a: b}}
            spec:
              hostPID: true
              containers:
              - name: c
                env: [{name: A, value: b}]
        """
    private static let job = """
        {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "j", "namespace": "shop"}, "spec": {"parallelism": 2, "completions": 2, "template":
        {"spec": {"hostPID": true, "containers": [{"name": "c", "env": [{"name": "A", "value": "b"}]}]}}}}]}
        """
    private static let alias = """
        {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop},
        spec: &s {hostPID: true, containers: [{name: c, env: [{name: A, value: b}]}]}},
        {apiVersion: v1, kind: Pod, metadata: {name: q, namespace: shop}, spec: *s}]}
        """

    /// The pods of a collection have the fields of its template, in whatever form the file is written.
    @Test(arguments: [deployment, job, alias])
    func collectionsGiveTheirTemplate(text: String) throws {
        let pods = try Self.pods(text)
        #expect(pods.count == 2)
        for pod in pods {
            let source = "object.spec.hostPID && object.spec.containers[0].env[0].value == 'b'"
            #expect(Self.value(source, pod) == .success(true), "\(pod.metadata.name)")
        }
    }

    /// Pods that no view tells apart get decisions of their own where a rule asks for more, and each keeps what it was made
    /// from, also where they share a decision.
    @Test func decisionsAreNotSharedBeyondWhatTheyAskFor() throws {
        let disks = """
            - name: disks
              matchConditions:
              - {name: c, expression: "has(object.spec.volumes) && object.spec.volumes.exists(v, has(v.hostPath))"}
              actions: {scheduler: gang}
            """
        let volumes = ["hostPath: {path: /x}", "emptyDir: {}", "hostPath: {path: /y}"]
        let text = volumes.enumerated().map { index, volume in
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p\(index), namespace: shop}\n"
                + "spec: {containers: [{name: c}], volumes: [{name: v, \(volume)}]}\n"
        }.joined(separator: "---\n")
        let pods = try Self.pods(text)
        let all = "- {name: r, actions: {scheduler: x}}"
        for (rules, wanted) in [(disks, ["gang", "binpack", "gang"]), (all, ["x", "x", "x"])] {
            var admission = Admission(policies: PolicyEngine(try policySet(policyText(rules: rules))))
            for (pod, scheduler) in zip(pods + pods, wanted + wanted) {
                guard case .admitted(let admitted) = admission.admit(pod) else {
                    Issue.record("\(pod.metadata.name) is refused")
                    continue
                }
                #expect(admitted.pod.spec.schedulerName == scheduler, "\(pod.metadata.name)")
                #expect(admitted.pod.written === pod.written)
            }
        }
    }
}
