import ClusterModel
import ClusterTestKit
import JSON
import Testing

/// What Kubernetes' own controllers write into the pods that they make.
@Suite struct CollectionPodsTests {
    private static func collection(
        _ kind: PodCollection.Kind, _ spec: String, status: String = "{}", pod: String = #""containers":[{"name":"x"}]"#
    ) throws -> PodCollection {
        let template = #""template":{"metadata":{"labels":{"a":"b"}},"spec":{"# + pod + "}}"
        let selector = kind == .job ? "" : #""selector":{"matchLabels":{"a":"b"}},"#
        let json =
            #"{"metadata":{"name":"c","uid":"u"},"spec":{"# + spec + (spec.isEmpty ? "" : ",") + selector + template
            + #"},"status":"# + status + "}"
        return try PodCollection(Value(json: json), kind: kind)
    }

    @Test func podsOfADeploymentBelongToItsReplicaSet() throws {
        let deployment = try Self.collection(.deployment, #""replicas":2"#)
        let pods = deployment.expanded(nodes: [])
        let hash = try #require(pods[0].metadata.labels["pod-template-hash"])
        #expect(!hash.isEmpty && hash.allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
        for pod in pods {
            #expect(pod.metadata.labels == ["a": "b", "pod-template-hash": hash])
            let owner = try #require(pod.metadata.controller)
            #expect(owner.kind == "ReplicaSet" && owner.name == "c-\(hash)" && owner.apiVersion == "apps/v1")
        }
        // The same template has the same hash, another one another.
        #expect(try Self.collection(.deployment, #""replicas":5"#).templateHash == deployment.templateHash)
        let other = try Self.collection(.deployment, "", pod: #""containers":[{"name":"y"}]"#)
        #expect(other.templateHash != deployment.templateHash)
        #expect(try Self.collection(.deployment, #""paused":true"#).expanded(nodes: []).isEmpty)
        #expect(
            try Self.collection(.deployment, #""paused":true"#, status: #"{"replicas":1}"#).expanded(nodes: []).count
                == 1)
        #expect(try Self.collection(.deployment, #""replicas":0"#).expanded(nodes: []).isEmpty)
    }

    @Test func podsOfAStatefulSetHaveNamesOfTheirOwn() throws {
        let pods = try Self.collection(.statefulSet, #""replicas":2,"ordinals":{"start":3}"#).expanded(nodes: [])
        #expect(pods.map(\.metadata.name) == ["c-3", "c-4"])
        #expect(pods[1].metadata.labels["statefulset.kubernetes.io/pod-name"] == "c-4")
        #expect(pods[1].metadata.labels["apps.kubernetes.io/pod-index"] == "4")
        #expect(pods[1].metadata.labels["controller-revision-hash"]?.hasPrefix("c-") == true)
        #expect(pods[0].metadata.controller?.kind == "StatefulSet")
        let live = try Self.collection(.statefulSet, "", status: #"{"updateRevision":"c-77"}"#).expanded(nodes: [])
        #expect(live[0].metadata.labels["controller-revision-hash"] == "c-77")
    }

    @Test(arguments: [("", 1), (#""parallelism":3"#, 3)])
    func podsOfAJobNameIt(spec: String, count: Int) throws {
        let pods = try Self.collection(.job, spec).expanded(nodes: [])
        #expect(pods.count == count)
        #expect(
            pods[0].metadata.labels == [
                "a": "b", "job-name": "c", "batch.kubernetes.io/job-name": "c", "controller-uid": "u",
                "batch.kubernetes.io/controller-uid": "u",
            ])
        let own = try Self.collection(.job, #""manualSelector":true"#).expanded(nodes: [])
        #expect(own[0].metadata.labels == ["a": "b"])
    }

    @Test func podsOfAnIndexedJobHaveAnIndex() throws {
        let spec = #""completions":9,"parallelism":3,"completionMode":"Indexed""#
        let key = "batch.kubernetes.io/job-completion-index"
        func indices(_ pods: [Pod]) -> [String?] { pods.map { $0.metadata.labels[key] } }
        let pods = try Self.collection(.job, spec).expanded(nodes: [])
        #expect(pods.map(\.metadata.name) == ["c-0", "c-1", "c-2"])
        #expect(indices(pods) == ["0", "1", "2"])
        #expect(pods[2].metadata.annotations[key] == "2")
        let running = try Self.collection(.job, spec, status: #"{"succeeded":4,"completedIndexes":"0,2-4"}"#)
        #expect(indices(running.expanded(nodes: [])) == ["1", "5", "6"])
        #expect(indices(running.expanded(nodes: [], beside: [pods[1]])) == ["5", "6"])
        var failed = pods[1]
        failed.phase = "Failed"
        #expect(indices(running.expanded(nodes: [], beside: [failed])) == ["1", "5", "6"])
        let last = try Self.collection(.job, spec, status: #"{"succeeded":8,"completedIndexes":"0-7"}"#)
        #expect(indices(last.expanded(nodes: [])) == ["8"])
        let odd = try Self.collection(.job, spec, status: #"{"completedIndexes":"9-1,x,-,1-2-3,99999999999999999999"}"#)
        #expect(odd.expanded(nodes: []).count == 3)
    }

    @Test func anIdentityIsMadeUpOnce() throws {
        var job = try Self.collection(.job, "")
        job.metadata.uid = ""
        let uid = try #require(job.expanded(nodes: [])[0].metadata.labels["controller-uid"])
        #expect(uid.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(job.expanded(nodes: [])[0].metadata.ownerReferences[0].uid == uid)
        job.metadata.name = "d"
        #expect(job.expanded(nodes: [])[0].metadata.labels["controller-uid"] != uid)
    }

    @Test(arguments: [
        (PodCollection.Kind.deployment, #""replicas":3"#, "{}", 2), (.replicaSet, #""replicas":3"#, "{}", 2),
        (.statefulSet, #""replicas":3"#, "{}", 2), (.job, #""parallelism":3,"completions":9"#, "{}", 2),
        (.job, #""parallelism":3,"completions":9"#, #"{"succeeded":7}"#, 1), (.job, #""parallelism":3"#, "{}", 2),
        (.job, #""parallelism":3"#, #"{"succeeded":1}"#, 0),
        (.job, #""parallelism":3,"managedBy":"kueue.x-k8s.io/multikueue""#, "{}", 0),
        (.job, #""parallelism":3,"managedBy":"kubernetes.io/job-controller""#, "{}", 2),
    ])
    func onlyWhatIsMissingIsMade(kind: PodCollection.Kind, spec: String, status: String, missing: Int) throws {
        let collection = try Self.collection(kind, spec, status: status)
        let existing = Pod.sample("c-1")
        let pods = collection.expanded(nodes: [], beside: [existing])
        #expect(pods.count == missing)
        #expect(!pods.contains { $0.metadata.name == "c-1" })
        // One that is leaving is replaced, but for its name where that is its own.
        var leaving = existing
        leaving.metadata.deletionTimestamp = "2026-01-01T00:00:00Z"
        let replaced = collection.expanded(nodes: [], beside: [leaving])
        #expect(!replaced.contains { $0.metadata.name == "c-1" })
        if missing > 0, status == "{}" { #expect(replaced.count == (kind == .statefulSet ? 2 : 3)) }
    }

    @Test func daemonsBearWhatTheirControllerSays() throws {
        let keys = [
            "not-ready:NoExecute", "unreachable:NoExecute", "disk-pressure:NoSchedule", "memory-pressure:NoSchedule",
            "pid-pressure:NoSchedule", "unschedulable:NoSchedule",
        ]
        let node = Node.sample("n", labels: ["disk": "ssd"])
        for onHost in [false, true] {
            let pod =
                #""containers":[{"name":"x"}],"hostNetwork":"# + "\(onHost)"
                + #","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","#
                + #""tolerationSeconds":5}],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":"#
                + #"{"nodeSelectorTerms":[{"matchExpressions":[{"key":"disk","operator":"In","values":["ssd"]}]}]}}}"#
            let set = try Self.collection(.daemonSet, "", pod: pod)
            let daemon = try #require(set.expanded(nodes: [node, Node.sample("m")]).first)
            #expect(set.expanded(nodes: [node, Node.sample("m")]).count == 1)
            let found = daemon.spec.tolerations.map { toleration in
                "\(toleration.key.dropFirst("node.kubernetes.io/".count)):\(toleration.effect?.rawValue ?? "")"
            }
            #expect(found == keys + (onHost ? ["network-unavailable:NoSchedule"] : []))
            #expect(daemon.spec.tolerations.allSatisfy { $0.tolerationSeconds == nil && $0.operator == .exists })
            // The controller replaces what the template requires of nodes by the node itself.
            let field = SelectorRequirement(key: "metadata.name", operator: .in, values: ["n"])
            #expect(daemon.spec.affinity.requiredNodes?.terms == [NodeSelectorTerm(matchFields: [field])])
            #expect(daemon.metadata.labels["pod-template-generation"] == "1")
            #expect(daemon.metadata.labels["controller-revision-hash"] == set.templateHash)
            let unready = Node.sample(
                "n", labels: ["disk": "ssd"],
                taints: [Taint(key: "node.kubernetes.io/network-unavailable", effect: .noSchedule)])
            #expect(set.expanded(nodes: [unready]).count == (onHost ? 1 : 0))
        }
    }

    @Test func nodesWithADaemonNeedNoOther() throws {
        let set = try Self.collection(.daemonSet, "")
        let nodes = ["a", "b", "c"].map { Node.sample($0) }
        let pods = set.expanded(nodes: nodes)
        #expect(pods.map(\.metadata.name) == ["c-a", "c-b", "c-c"])
        var standing = Pod.sample("c-xyz")
        standing.spec.nodeName = "a"
        #expect(set.expanded(nodes: nodes, beside: [standing, pods[1]]).map(\.metadata.name) == ["c-c"])
        standing.phase = "Failed"
        #expect(set.expanded(nodes: nodes, beside: [standing]).count == 3)
        let tied = try Self.collection(.daemonSet, "", pod: #""containers":[{"name":"x"}],"nodeName":"b""#)
        #expect(tied.expanded(nodes: nodes).map(\.metadata.name) == ["c-b"])
    }
}
