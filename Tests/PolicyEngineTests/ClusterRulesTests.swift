import Admission
import ClusterModel
import ClusterTestKit
import Manifests
import Testing

@testable import PolicyEngine

/// What RuntimeClass, LimitRange and ResourceQuota do to new pods.
@Suite struct ClusterRulesTests {
    private static let node = "---\n{apiVersion: v1, kind: Node, metadata: {name: node-1}}\n"

    private static func input(_ texts: [String]) throws -> ClusterInput {
        try ClusterInput(texts: (texts + [node]).map { ("f.yaml", $0) })
    }

    /// A chain with the rules of manifests, and their pods in order.
    private func scene(_ texts: String...) throws -> (admission: Admission, pods: [Pod]) {
        let input = try Self.input(texts)
        return (Admission(input.rules, pods: input.pods, policies: PolicyEngine(.empty)), input.pods)
    }

    private func pod(_ spec: String, name: String = "p", more: String = "") -> String {
        "---\n{apiVersion: v1, kind: Pod, metadata: {name: \(name)\(more)}, spec: \(spec)}\n"
    }

    /// What becomes of each pod: the refusal's words, or nil.
    private func refusals(_ texts: String...) throws -> [String?] {
        let input = try Self.input(texts)
        var admission = Admission(input.rules, pods: input.pods, policies: PolicyEngine(.empty))
        return input.pods.map {
            if case .refused(let refusal) = admission.admit($0) { refusal.message } else { nil }
        }
    }

    private func admitted(_ texts: String...) throws -> Pod {
        let input = try Self.input(texts)
        var admission = Admission(input.rules, pods: input.pods, policies: PolicyEngine(.empty))
        guard case .admitted(let admitted) = admission.admit(try #require(input.pods.first)) else {
            Issue.record("refused")
            return .sample()
        }
        return admitted.pod
    }

    // MARK: RuntimeClass

    private static let kata = """
        {apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: kata}, handler: kata,
         overhead: {podFixed: {cpu: 250m, memory: 64Mi}}, scheduling: {nodeSelector: {sandbox: kata},
         tolerations: [{key: sandbox, operator: Exists}, {key: own, value: x}]}}

        """

    @Test func runtimeClassesCompletePods() throws {
        let text = pod(
            "{runtimeClassName: kata, nodeSelector: {zone: a}, tolerations: [{key: own, value: x}, {key: sandbox, "
                + "operator: Exists}], containers: [{name: c, resources: {requests: {cpu: 1}}}]}")
        let done = try admitted(Self.kata, text)
        #expect(done.spec.nodeSelector == ["sandbox": "kata", "zone": "a"])
        #expect(done.spec.tolerations.map(\.key) == ["own", "sandbox"])
        #expect(done.spec.effectiveRequests == .sample(["cpu": "1250m", "memory": "64Mi"]))
    }

    @Test(arguments: [
        ("{runtimeClassName: runc", "pod rejected: RuntimeClass \"runc\" not found"),
        (
            "{runtimeClassName: kata, overhead: {cpu: 1}",
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        ),
        ("{runtimeClassName: kata, overhead: {cpu: 0.25, memory: 65536Ki}", nil),
        (
            "{runtimeClassName: bare, overhead: {cpu: 1}",
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
        ),
        (
            "{runtimeClassName: kata, nodeSelector: {sandbox: gvisor}",
            "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = kata; pod.spec.nodeSelector[sandbox] = gvisor"
        ),
        ("{runtimeClassName: bare", nil), ("{overhead: {cpu: 1}", nil),
    ])
    func runtimeClassesRefusePods(spec: String, message: String?) throws {
        let bare = "---\n{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: bare}, handler: runc}\n"
        #expect(try refusals(Self.kata + bare, pod(spec + ", containers: [{name: c}]}")) == [message])
    }

    @Test func podsThatLivedKeepWhatTheyHave() throws {
        let text = pod("{runtimeClassName: gone, containers: [{name: c}]}", more: ", uid: u1")
        #expect(try refusals(Self.kata, text) == [nil])
        let other = pod("{runtimeClassName: kata, containers: [{name: c}]}", more: ", uid: u1")
        #expect(try admitted(Self.kata, other).spec.overhead.isEmpty)
    }

    @Test func podsThatStandCountWithTheirOverhead() throws {
        var (admission, pods) = try scene(
            Self.kata, pod("{nodeName: node-1, runtimeClassName: kata, containers: [{name: c}]}"),
            pod("{nodeName: node-1, runtimeClassName: gone, containers: [{name: c}]}", name: "q"))
        #expect(admission.completed(pods[0]).spec.overhead["cpu"] == Quantity(milli: 250))
        #expect(admission.completed(pods[1]).spec.runtimeClassName == "gone")
    }

    // MARK: LimitRange

    private func range(_ items: String, namespace: String = "default") -> String {
        "---\n{apiVersion: v1, kind: LimitRange, metadata: {name: r, namespace: \(namespace)}, spec: {limits: [\(items)]}}\n"
    }

    /// Source of the rows: `SetDefaults_LimitRangeItem` and `mergeContainerResources`. Of each row: the item, the
    /// container's resources, then its requests and limits.
    @Test(arguments: [
        ("default: {cpu: 3}, defaultRequest: {cpu: 2}", "{}", "2", "3"),
        ("default: {cpu: 3}", "{}", "3", "3"), ("defaultRequest: {cpu: 2}", "{}", "2", nil),
        ("max: {cpu: 4}", "{}", "4", "4"), ("min: {cpu: 1}, max: {cpu: 4}", "{}", "4", "4"),
        ("max: {cpu: 4}, default: {cpu: 2}", "{}", "2", "2"), ("default: {cpu: 3}", "{requests: {cpu: 1}}", "1", "3"),
        // A limit alone is the request too, before LimitRanger sees it.
        ("default: {cpu: 3}, defaultRequest: {cpu: 1}", "{limits: {cpu: 2}}", "2", "2"),
        ("default: {cpu: 3}", "{requests: {cpu: 0}}", "0", "3"),
    ])
    func limitRangesGiveDefaults(item: String, resources: String, request: String, limit: String?) throws {
        let containers = "containers: [{name: c, resources: \(resources)}]"
        let text = pod("{\(containers), initContainers: [{name: i, resources: \(resources)}]}")
        let spec = try admitted(range("{type: Container, \(item)}"), text).spec
        for container in spec.containers + spec.initContainers {
            #expect(container.requests["cpu"] == Quantity(request))
            #expect(container.limits["cpu"] == limit.flatMap { Quantity($0) })
        }
    }

    @Test func limitRangesSayWhatTheyWrote() throws {
        let item = range("{type: Container, default: {cpu: 3, memory: 1Gi}, defaultRequest: {cpu: 2}}")
        let text = pod("{containers: [{name: c}], initContainers: [{name: i}]}")
        #expect(
            try admitted(item, text).metadata.annotations["kubernetes.io/limit-ranger"]
                == "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c; "
                + "cpu, memory request for init container i; cpu, memory limit for init container i")
        let other = try admitted(range("{type: Container, default: {cpu: 3}}", namespace: "else"), text)
        #expect(other.spec.containers[0].requests.isEmpty)
        #expect(other.metadata.annotations["kubernetes.io/limit-ranger"] == nil)
    }

    /// Source of the words: `minConstraint`, `maxConstraint`, `limitRequestRatioConstraint` and ValidatePod.
    @Test(arguments: [
        ("Container, max: {cpu: 2}", "{limits: {cpu: 4}}", "maximum cpu usage per Container is 2, but limit is 4"),
        (
            "Container, max: {cpu: 2}, default: {cpu: 1}", "{requests: {cpu: 1500m}}",
            "spec.containers[0].resources.requests: Invalid value: \"1500m\": must be less than or equal to cpu limit of 1"
        ),
        (
            "Container, min: {memory: 64Mi}", "{requests: {memory: 1Mi}}",
            "minimum memory usage per Container is 64Mi, but request is 1Mi"
        ),
        (
            "Container, min: {cpu: 1}", "{requests: {cpu: 500m}, limits: {cpu: 800m}}",
            "minimum cpu usage per Container is 1, but request is 500m"
        ),
        (
            "Container, maxLimitRequestRatio: {cpu: 2}", "{requests: {cpu: 1}, limits: {cpu: 3}}",
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000"
        ),
        ("Container, maxLimitRequestRatio: {cpu: 3}", "{requests: {cpu: 1}, limits: {cpu: 3}}", nil),
        (
            "Container, maxLimitRequestRatio: {cpu: 1500m}", "{requests: {cpu: 3}, limits: {cpu: 5}}",
            "cpu max limit to request ratio per Container is 1500m, but provided ratio is 1.666667"
        ),
        (
            "Container, maxLimitRequestRatio: {cpu: 2}", "{}",
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"
        ),
        ("Pod, max: {cpu: 3}", "{limits: {cpu: 2}}", "maximum cpu usage per Pod is 3, but limit is 4"),
        ("Pod, max: {cpu: 4}", "{limits: {cpu: 2}}", nil),
        ("Pod, max: {cpu: 3}", "{requests: {cpu: 1}}", "maximum cpu usage per Pod is 3.  No limit is specified"),
        ("Pod, min: {cpu: 3}", "{limits: {memory: 1}}", "minimum cpu usage per Pod is 3.  No request is specified"),
        (
            "Pod, min: {cpu: 3}, max: {memory: 1Gi}", "{limits: {cpu: 1, memory: 1Gi}}",
            "[minimum cpu usage per Pod is 3, but request is 2, maximum memory usage per Pod is 1Gi, but limit is 2Gi]"
        ),
        ("PersistentVolumeClaim, max: {storage: 1}", "{}", nil), ("Widget, max: {cpu: 1}", "{limits: {cpu: 9}}", nil),
    ])
    func limitRangesBoundPods(item: String, resources: String, message: String?) throws {
        let isPod = item.hasPrefix("Pod")
        let second = isPod ? ", {name: d, resources: \(resources)}" : ""
        let text = pod("{containers: [{name: c, resources: \(resources)}\(second)]}")
        #expect(try refusals(range("{type: \(item)}"), text) == [message])
        let lived = pod("{containers: [{name: c, resources: \(resources)}\(second)]}", more: ", uid: u")
        #expect(try refusals(range("{type: \(item)}"), lived) == [nil])
    }

    @Test func podsOfATemplateAreStillRemembered() throws {
        var (admission, pods) = try scene(
            Self.kata, range("{type: Container, default: {cpu: 3}}"),
            "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 9, selector: {matchLabels: "
                + "{app: d}}, template: {metadata: {labels: {app: d}}, spec: {runtimeClassName: kata, containers: "
                + "[{name: c}]}}}}")
        for pod in pods {
            guard case .admitted(let admitted) = admission.admit(pod) else {
                Issue.record("refused")
                return
            }
            #expect(admitted.pod.spec.containers[0].limits["cpu"] == Quantity(3))
            #expect(admitted.pod.metadata.name == pod.metadata.name && admitted.pod.spec.overhead.count == 2)
        }
        #expect(pods.count == 9 && admission.runs == 1)
        // A pod that lived is not like those.
        pods[0].metadata.uid = "u"
        guard case .admitted(let lived) = admission.admit(pods[0]) else {
            Issue.record("refused")
            return
        }
        #expect(lived.pod.spec.overhead.isEmpty)
    }

    // MARK: ResourceQuota

    private func quota(_ hard: String, more: String = "", status: String = "", namespace: String = "default") -> String
    {
        "---\n{apiVersion: v1, kind: ResourceQuota, metadata: {name: compute, namespace: \(namespace)}, "
            + "spec: {hard: \(hard)\(more)}\(status)}\n"
    }

    private func pods(_ count: Int, _ resources: String, more: String = "") -> String {
        (0..<count).map { pod("{\(more)containers: [{name: c, resources: \(resources)}]}", name: "p\($0)") }.joined()
    }

    @Test func quotasCountPods() throws {
        let most = quota("{requests.cpu: 2, pods: 5}")
        #expect(
            try refusals(most, pods(3, "{requests: {cpu: 1}}")) == [
                nil, nil,
                "exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2",
            ])
        #expect(
            try refusals(quota("{requests.cpu: 2}", namespace: "else"), pods(3, "{requests: {cpu: 1}}")).count {
                $0 != nil
            } == 0)
    }

    /// Source of the names: `podComputeUsageHelper`. Of each row: what is limited, the resources of two pods, and the words
    /// for the second.
    @Test(arguments: [
        ("{cpu: 1}", "{requests: {cpu: 600m}}", "cpu=600m, used: cpu=600m, limited: cpu=1"),
        ("{memory: 1Gi}", "{requests: {memory: 1Gi}}", "memory=1Gi, used: memory=1Gi, limited: memory=1Gi"),
        (
            "{limits.cpu: 3, requests.cpu: 9}", "{limits: {cpu: 2}}",
            "limits.cpu=2, used: limits.cpu=2, limited: limits.cpu=3"
        ),
        ("{pods: 1}", "{}", "pods=1, used: pods=1, limited: pods=1"),
        ("{count/pods: 1}", "{}", "count/pods=1, used: count/pods=1, limited: count/pods=1"),
        (
            "{requests.nvidia.com/gpu: 1}", "{limits: {nvidia.com/gpu: 1}}",
            "requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=1, limited: requests.nvidia.com/gpu=1"
        ),
        (
            "{requests.ephemeral-storage: 1Gi}", "{requests: {ephemeral-storage: 1Gi}}",
            "requests.ephemeral-storage=1Gi, used: requests.ephemeral-storage=1Gi, limited: requests.ephemeral-storage=1Gi"
        ),
        (
            "{hugepages-2Mi: 2Mi}", "{requests: {hugepages-2Mi: 2Mi, cpu: 1}}",
            "hugepages-2Mi=2Mi, used: hugepages-2Mi=2Mi, limited: hugepages-2Mi=2Mi"
        ),
        (
            "{cpu: 1, memory: 1Gi}", "{requests: {cpu: 1, memory: 1Gi}}",
            "cpu=1,memory=1Gi, used: cpu=1,memory=1Gi, limited: cpu=1,memory=1Gi"
        ),
        ("{count/deployments.apps: 0, services: 0}", "{}", nil),
    ])
    func quotasKnowTheirResources(hard: String, resources: String, words: String?) throws {
        let found = try refusals(quota(hard), pods(2, resources))
        #expect(found == [nil, words.map { "exceeded quota: compute, requested: \($0)" }])
    }

    @Test func quotasWantAmountsStated() throws {
        let text = pod(
            "{containers: [{name: b, resources: {limits: {cpu: 1}}}, {name: a}], initContainers: [{name: i}]}")
        #expect(
            try refusals(quota("{limits.cpu: 9, requests.memory: 9, pods: 5, requests.nvidia.com/gpu: 5}"), text) == [
                "failed quota: compute: must specify limits.cpu for: a,i; requests.memory for: a,b,i"
            ])
        // Defaults of the namespace come first.
        let range = range("{type: Container, default: {cpu: 1, memory: 1}}")
        #expect(try refusals(quota("{limits.cpu: 9, requests.memory: 9}"), range, text) == [nil])
        let whole = pod("{containers: [{name: a}], resources: {limits: {cpu: 1}}}")
        #expect(try refusals(quota("{limits.cpu: 9}"), whole) == [nil])
    }

    /// Source of the rows: `podMatchesScopeFunc`. Of each row: the scopes, the pod's fields, and whether the pod counts.
    @Test(arguments: [
        ("scopes: [BestEffort]", "", true), ("scopes: [NotBestEffort]", "", false),
        ("scopes: [Terminating]", "activeDeadlineSeconds: 5, ", true),
        ("scopes: [NotTerminating]", "activeDeadlineSeconds: 5, ", false), ("scopes: [NotTerminating]", "", true),
        ("scopes: [BestEffort, Terminating]", "", false), ("scopes: [PriorityClass]", "", false),
        ("scopes: [PriorityClass]", "priorityClassName: gold, ", true),
        (
            "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [gold]}]}",
            "priorityClassName: gold, ", true
        ),
        (
            "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [gold]}]}",
            "priorityClassName: gold, ", false
        ),
        (
            "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [gold]}]}", "", true
        ),
        (
            "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: DoesNotExist}]}", "", true
        ),
        ("scopes: [CrossNamespacePodAffinity]", "", false),
        (
            "scopes: [CrossNamespacePodAffinity]",
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, namespaces: [x]}]}}, ",
            true
        ),
        (
            "scopes: [CrossNamespacePodAffinity]",
            "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: "
                + "{topologyKey: z, namespaceSelector: {}}}]}}, ", true
        ),
        ("scopes: [Unheard]", "", false),
    ])
    func quotasHaveScopes(scopes: String, fields: String, counts: Bool) throws {
        let gold = "---\n{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: gold}, value: 5}\n"
        let found = try refusals(quota("{pods: 0}", more: ", \(scopes)"), gold, pods(1, "{}", more: fields))
        #expect((found[0] != nil) == counts)
    }

    @Test func quotasCountWhatIsThere() throws {
        let standing = pod("{nodeName: node-1, containers: [{name: c, resources: {requests: {cpu: 1}}}]}", name: "s")
        let lived = pod("{containers: [{name: c, resources: {requests: {cpu: 1}}}]}", name: "l", more: ", uid: u")
        let done =
            "---\n{apiVersion: v1, kind: Pod, metadata: {name: d}, status: {phase: Succeeded}, "
            + "spec: {containers: [{name: c, resources: {requests: {cpu: 1}}}]}}\n"
        // Pods count wherever they stand in the input; those that have ended do not.
        let found = try refusals(quota("{cpu: 2}"), pods(1, "{requests: {cpu: 1}}"), standing, lived, done)
        try #require(found.count == 3)
        #expect(found[0]?.hasPrefix("exceeded quota: compute, requested: cpu=1, used: cpu=2") == true)
        #expect(found.dropFirst().allSatisfy { $0 == nil })
    }

    @Test func quotasRememberWhatWasUsedWherePodsAreMissing() throws {
        let used = quota("{cpu: 2}", status: ", status: {used: {cpu: 2}}")
        #expect(try refusals(used, pods(1, "{requests: {cpu: 1}}"))[0]?.contains("used: cpu=2") == true)
        let lived = pod("{containers: [{name: c, resources: {requests: {cpu: 1}}}]}", name: "l", more: ", uid: u")
        #expect(try refusals(used, lived, pods(1, "{requests: {cpu: 1}}")) == [nil, nil])
    }

    /// Whatever comes, what was let in never exceeds a quota, and what was refused would have.
    @Test(arguments: 1...40)
    func quotasAreNeverExceeded(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let hard: ResourceList = [
            "requests.cpu": Quantity(Int64(random.next(below: 20))), "pods": Quantity(Int64(random.next(below: 12))),
        ]
        let quotas = (0..<3).map { number in
            ResourceQuota(
                metadata: ObjectMeta(name: "q\(number)", namespace: number == 2 ? "b" : "a"), hard: hard,
                scopes: random.next(below: 3) == 0 ? [.init("NotTerminating")] : [])
        }
        var pods: [Pod] = []
        for number in 0..<40 {
            var pod = Pod.sample(
                "p\(number)", namespace: random.next(below: 2) == 0 ? "a" : "b", cpu: "\(random.next(below: 4))")
            if random.next(below: 4) == 0 { pod.spec.activeDeadlineSeconds = 1 }
            if random.next(below: 6) == 0 { pod.spec.nodeName = "n" }
            pods.append(pod)
        }
        var admission = Admission(ClusterRules(quotas: quotas), pods: pods, policies: PolicyEngine(.empty))
        var inside = pods.filter { $0.spec.nodeName != nil }
        /// Worked out from the pods that are in, one by one.
        func fits(_ pod: Pod) -> Bool {
            quotas.filter { $0.metadata.namespace == pod.metadata.namespace && $0.counts(pod) }.allSatisfy { quota in
                let counted = (inside + [pod]).filter {
                    $0.metadata.namespace == pod.metadata.namespace && quota.counts($0)
                }
                let cpu = counted.reduce(Quantity.zero) { $0 + ($1.spec.containers[0].requests["cpu"] ?? .zero) }
                let asks = (pod.spec.containers[0].requests["cpu"] ?? .zero) > .zero
                return Int64(counted.count) <= (hard["pods"]?.value ?? 0)
                    && (!asks || cpu <= hard["requests.cpu"] ?? .zero)
            }
        }
        for pod in pods where pod.spec.nodeName == nil {
            let expected = fits(pod)
            guard case .admitted = admission.admit(pod) else {
                #expect(!expected, "\(pod.metadata.name) was refused")
                continue
            }
            #expect(expected, "\(pod.metadata.name) was let in")
            inside.append(pod)
        }
    }

    // MARK: Device claims

    @Test func claimsOfDevicesAreRefused() throws {
        let claims = "resourceClaims: [{name: gpu, resourceClaimTemplateName: t}], "
        let found = try refusals(
            pod("{\(claims)containers: [{name: c}]}"),
            pod("{\(claims)nodeName: node-1, containers: [{name: c}]}", name: "q")
        )
        try #require(found.count == 2)
        #expect(found[0]?.contains("(\"gpu\")") == true && found[0]?.contains("not supported") == true)
        #expect(found[1] == nil)
    }
}
