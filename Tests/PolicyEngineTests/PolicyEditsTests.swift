import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// What rules write and remove: values that expressions make, removals, defaults by key, and the newer parts of the spec.
@Suite struct PolicyEditsTests {
    private static let namespaces = [
        Namespace(name: "default", labels: ["team": "red", "odd": ""]), Namespace(name: "b"),
    ]

    private func admit(
        _ actions: String, failurePolicy: String = "Fail", _ pod: Pod = .sample()
    ) throws -> (pod: Pod, decision: PolicyDecision) {
        let text = policyText(rules: "- name: r\n  actions: \(actions)").replacing(
            "  order:", with: "  failurePolicy: \(failurePolicy)\n  order:")
        let cluster = PolicyCluster(namespaces: Self.namespaces)
        var engine = try PolicyEngine(texts: text, cluster: cluster)
        var admitted = pod
        let explained = engine.explain(pod)
        let decision = engine.admit(&admitted)
        #expect(explained.decision == decision)
        var twice = admitted
        decision.apply(to: &twice)
        #expect(twice == admitted)
        return (admitted, decision)
    }

    private static let team = "\"namespaceObject.metadata.labels['team']\""

    @Test func expressionsMakeLabelsAnnotationsAndNodeLabels() throws {
        let (pod, decision) = try admit(
            """
            {labels: {add: {team: {expression: \(Self.team)}}},
             annotations: {default: {note: {expression: "'made for ' + object.metadata.name"}}},
             nodeSelector: {add: {pool: {expression: "variables.pool"}}}}
            """.replacing("variables.pool", with: "namespaceObject.metadata.labels.team + '-pool'"))
        #expect(pod.metadata.labels["team"] == "red" && pod.spec.nodeSelector == ["pool": "red-pool"])
        #expect(pod.metadata.annotations["note"] == "made for \(pod.metadata.name)")
        #expect(decision.changes.map(\.effect).contains("writes label team: red"))
    }

    @Test(arguments: [
        ("namespaceObject.metadata.labels['team']", "b", "the value of label team: no such key"),
        ("'two words'", "default", "expected a label value"), ("dyn(1)", "default", "expected a string, found int"),
    ])
    func aValueThatCannotBeWrittenFailsAsThePolicySays(source: String, namespace: String, words: String) throws {
        let actions = "{scheduler: s, labels: {add: {team: {expression: \"\(source)\"}}}}"
        let pod = Pod.sample(namespace: namespace)
        let refused = try admit(actions, pod).decision
        #expect(refused.rejection?.message.contains(words) == true, "\(refused.headline)")
        let ignored = try admit(actions, failurePolicy: "Ignore", pod)
        #expect(ignored.decision.route?.origin == .default && ignored.pod.metadata.labels["team"] == nil)
    }

    /// A default is not asked for where the pod has the key, and an optional without a value writes nothing.
    @Test func expressionsAreAskedForOnlyWhereTheyAreWritten() throws {
        let failing = "{labels: {default: {team: {expression: \"object.metadata.labels.none\"}}}}"
        #expect(try admit(failing, .sample(labels: ["team": "own"])).pod.metadata.labels["team"] == "own")
        #expect(try admit(failing).decision.rejection != nil)
        let optional = "{labels: {add: {team: {expression: \"namespaceObject.metadata.labels[?'team']\"}}}}"
        #expect(try admit(optional).pod.metadata.labels["team"] == "red")
        #expect(try admit(optional, .sample(namespace: "b")).decision.changes.isEmpty)
    }

    @Test(arguments: [
        ("{labels: {add: {team: {expression: \"1 + 1\"}}}}", "labels.add.team.expression", "type int"),
        ("{labels: {add: {team: {expression: \"objekt\"}}}}", "labels.add.team.expression", "objekt"),
        ("{labels: {add: {team: {expresion: \"'a'\"}}}}", "labels.add.team.expresion", "did you mean"),
        ("{labels: {add: {team: {}}}}", "labels.add.team.expression", "nothing"),
        ("{labels: {add: {team: 1}}}", "labels.add.team", "1"),
        ("{labels: {add: {a: b}, remove: [a]}}", "labels.remove[0]", "\"a\""),
        ("{annotations: {remove: [switchyard.dev/rule]}}", "annotations.remove[0]", "switchyard.dev/rule"),
        ("{labels: {remove: [\"a b\"]}}", "labels.remove[0]", "a b"),
        ("{labels: {remove: []}}", "labels.remove", "empty"),
        ("{tolerations: {remove: [{}]}}", "tolerations.remove[0]", "key, operator"),
        ("{tolerations: {remove: [{key: a, seconds: 1}]}}", "tolerations.remove[0].seconds", "unknown field"),
        ("{schedulingGates: {add: [\"\"]}}", "schedulingGates.add[0]", "gate"),
        ("{schedulingGates: {default: [a]}}", "schedulingGates.default", "unknown field"),
        ("{schedulingGates: {add: [a], remove: [a]}}", "schedulingGates.remove[0]", "\"a\""),
        ("{nodeAffinity: {add: {}}}", "nodeAffinity.add", "required"),
        (
            "{nodeAffinity: {add: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{}]}}}}",
            "nodeAffinity.add.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]", "matchFields"
        ),
        (
            """
            {nodeAffinity: {default: {preferredDuringSchedulingIgnoredDuringExecution:
              [{weight: 101, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}}
            """,
            "nodeAffinity.default.preferredDuringSchedulingIgnoredDuringExecution[0].weight", "101"
        ),
        ("{requests: {default: {cpu: fast}}}", "requests.default.cpu", "fast"),
        ("{requests: {default: {nvidia.com/gpu: 1}}}", "requests.default[nvidia.com/gpu]", "write limits"),
        ("{limits: {default: {cpu: -1}}}", "limits.default.cpu", "-1"),
        ("{limits: {add: {cpu: 1}, remove: [cpu]}}", "limits.add.cpu", "\"cpu\""),
    ])
    func faultsAreNamed(actions: String, path: String, words: String) {
        let found = folder(policyText(rules: "- name: r\n  actions: \(actions)")).findings
        #expect(found.first.map { "\($0.place.path)" } == "spec.rules[0].actions.\(path)", "\(found.map(\.text))")
        #expect(found.first?.text.contains(words) == true, "\(found.map(\.text))")
    }

    @Test func whatIsRemovedIsGone() throws {
        let given = Pod.sample(labels: ["a": "1", "b": "2"]) {
            $0.tolerations = [
                Toleration(key: "gpu", value: "x", effect: .noSchedule), Toleration(key: "gpu", effect: .noExecute),
                Toleration(key: "spot", operator: .exists),
            ]
            $0.nodeSelector = ["pool": "x", "disk": "ssd"]
            $0.schedulingGates = ["example.com/quota", "example.com/other"]
        }
        let (pod, decision) = try admit(
            """
            {labels: {remove: [a, nothing]}, nodeSelector: {remove: [pool]},
             tolerations: {remove: [{key: gpu, effect: NoSchedule}, {operator: Exists}]},
             schedulingGates: {remove: [example.com/quota]}}
            """, given)
        #expect(pod.metadata.labels == ["b": "2"] && pod.spec.nodeSelector == ["disk": "ssd"])
        #expect(pod.spec.tolerations == [Toleration(key: "gpu", effect: .noExecute)])
        #expect(pod.spec.schedulingGates == ["example.com/other"])
        #expect(
            (decision.changes.map(\.effect) + decision.specChanges.map(\.effect)).sorted() == [
                "removes label a", "removes nodeSelector pool", "removes scheduling gate example.com/quota",
                "removes toleration gpu=x:NoSchedule", "removes toleration spot",
            ])
    }

    /// The first rule that writes or removes a key has it, whether or not the pod came with the key.
    @Test(arguments: [["a": "own"], [:]])
    func theFirstRuleHasTheKey(labels: [String: String]) throws {
        let remove = policyText(
            "remove", order: 1,
            rules: "- name: r\n  match: {namespaces: [default]}\n  actions: {labels: {remove: [a]}}")
        let add = policyText(
            "add", order: 2,
            rules: "- name: r\n  match: {ownerKinds: [None]}\n  actions: {labels: {add: {a: written}}}")
        for (texts, expected) in [
            ((remove, add), nil), ((remove.replacing("order: 1", with: "order: 3"), add), "written"),
        ] {
            var engine = try PolicyEngine(texts: texts.0, texts.1)
            var pod = Pod.sample(labels: labels)
            #expect(engine.explain(pod).decision == engine.admit(&pod))
            #expect(pod.metadata.labels["a"] == expected)
        }
    }

    @Test func defaultsOfListsAreByKey() throws {
        let actions = """
            {tolerations: {defaultByKey: [{key: gpu, operator: Exists}, {key: spot, effect: NoSchedule}, {key: spot, effect: NoExecute}]},
             topologySpreadConstraints: {defaultByKey: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}}
            """
        let given = Pod.sample {
            $0.tolerations = [Toleration(key: "gpu", value: "x")]
            $0.topologySpreadConstraints = [
                TopologySpreadConstraint(
                    maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: .doNotSchedule, labelSelector: nil)
            ]
        }
        let pod = try admit(actions, given).pod
        // A default that is not by key is one of the whole list.
        let whole = try admit(actions.replacing("defaultByKey", with: "default"), given).pod
        #expect(whole.spec.tolerations == given.spec.tolerations)
        #expect(whole.spec.topologySpreadConstraints == given.spec.topologySpreadConstraints)
        #expect(pod.spec.tolerations.map(\.key) == ["gpu", "spot", "spot"])
        #expect(pod.spec.tolerations[0].value == "x")
        #expect(pod.spec.topologySpreadConstraints.map(\.whenUnsatisfiable) == [.doNotSchedule, .scheduleAnyway])
    }

    /// The API server takes one constraint of a key and an action; to put another in its place is to remove the pod's.
    @Test(arguments: [("", 2), (", remove: [{topologyKey: zone}]", 1)])
    func aSpreadConstraintIsReplaced(remove: String, maxSkew: Int32) throws {
        let given = Pod.sample {
            $0.topologySpreadConstraints = [
                TopologySpreadConstraint(
                    maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: .doNotSchedule, labelSelector: nil)
            ]
        }
        let add = "add: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]"
        let pod = try admit("{topologySpreadConstraints: {\(add)\(remove)}}", given).pod
        #expect(pod.spec.topologySpreadConstraints.map(\.maxSkew) == [maxSkew])
    }

    @Test func gatesAreNotPutOnPlacedPods() throws {
        let actions = "{schedulingGates: {add: [example.com/quota]}}"
        #expect(try admit(actions).pod.spec.schedulingGates == ["example.com/quota"])
        #expect(try admit(actions, .sample { $0.nodeName = "n" }).pod.spec.schedulingGates.isEmpty)
    }

    private static let arm = """
        {nodeAffinity: {add: {requiredDuringSchedulingIgnoredDuringExecution:
          {nodeSelectorTerms: [{matchExpressions: [{key: arch, operator: In, values: [arm64]}]}]}}}}
        """

    @Test func requiredNodesAreJoinedWithEveryTerm() throws {
        func zone(_ name: String) -> SelectorRequirement {
            SelectorRequirement(key: "zone", operator: .in, values: [name])
        }
        let terms = [
            NodeSelectorTerm(matchExpressions: [zone("a")]), NodeSelectorTerm(),
            NodeSelectorTerm(matchExpressions: [zone("b")]),
        ]
        let (pod, decision) = try admit(Self.arm, .sample { $0.affinity.requiredNodes = NodeSelector(terms: terms) })
        let arm = SelectorRequirement(key: "arch", operator: .in, values: ["arm64"])
        // A term without requirements selects no node, and still does.
        #expect(
            pod.spec.affinity.requiredNodes?.terms.map(\.matchExpressions) == [
                [zone("a"), arm], [], [zone("b"), arm],
            ])
        #expect(decision.specChanges.map(\.effect) == ["writes required nodes arch is \"arm64\""])
        #expect(try admit(Self.arm).pod.spec.affinity.requiredNodes?.terms.map(\.matchExpressions) == [[arm]])
        #expect(try admit(Self.arm, pod).decision.specChanges.isEmpty)
    }

    @Test func nodeLabelsAreAskedForNoMore() throws {
        let given = Pod.sample {
            $0.affinity.requiredNodes = NodeSelector(terms: [
                NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: "pool", operator: .exists)])
            ])
            $0.affinity.preferredNodes = [
                PreferredNodes(
                    weight: 1,
                    term: NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: "pool", operator: .exists)]))
            ]
        }
        let pod = try admit("{nodeAffinity: {remove: [pool]}}", given).pod
        #expect(pod.spec.affinity.isEmpty)
    }

    @Test func termsOfNodesDoNotMultiplyWithoutEnd() throws {
        let terms = (0..<600).map { "{matchExpressions: [{key: k\($0), operator: Exists}]}" }.joined(separator: ", ")
        let actions = """
            {nodeAffinity: {add: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [\(terms)]}}}}
            """
        #expect(try admit(actions).pod.spec.affinity.requiredNodes?.terms.count == 600)
        let own = NodeSelector(
            terms: ["a", "b"].map {
                NodeSelectorTerm(matchExpressions: [SelectorRequirement(key: $0, operator: .exists)])
            })
        let refused = try admit(actions, .sample { $0.affinity.requiredNodes = own }).decision
        #expect(refused.rejection?.message.contains("1200 terms") == true)
    }

    @Test func containersGetRequestsAndLimits() throws {
        let given = Pod.sample {
            $0.containers = [
                Container(name: "bare"), Container(name: "asks", requests: ["cpu": Quantity(1)]),
                Container(name: "limited", limits: ["cpu": Quantity(2), "memory": Quantity(1 << 30)]),
            ]
            $0.initContainers = [Container(name: "first")]
        }
        let (pod, decision) = try admit(
            "{requests: {default: {cpu: 100m}}, limits: {default: {cpu: \"4\"}, remove: [memory]}}", given)
        let containers = pod.spec.containers + pod.spec.initContainers
        #expect(containers.map { $0.requests["cpu"]?.description } == ["100m", "1", "2", "100m"])
        #expect(containers.map { $0.limits["cpu"]?.description } == ["4", "4", "2", "4"])
        #expect(containers.allSatisfy { $0.limits["memory"] == nil })
        // The request that the limit had stood in for is stated by now.
        #expect(containers[2].requests["memory"] == Quantity(1 << 30))
        #expect(
            decision.specChanges.map(\.effect) == [
                "writes request of cpu 100m for bare, first", "removes limit of memory for limited",
                "writes limit of cpu 4 for bare, asks, first",
            ])
    }

    @Test func aDeviceIsRequestedByItsLimit() throws {
        let pod = try admit("{limits: {add: {nvidia.com/gpu: 1}}}").pod
        #expect(pod.spec.containers[0].requests["nvidia.com/gpu"] == Quantity(1))
    }

    @Test func theQualityOfServiceFollowsTheResources() throws {
        var given = Pod.sample { $0.containers = [Container(name: "main")] }
        given.metadata.annotations[PolicyAnnotation.qos] = QoSClass.bestEffort.rawValue
        let pod = try admit("{limits: {default: {cpu: 1, memory: 1Gi}}}", given).pod
        #expect(pod.metadata.annotations[PolicyAnnotation.qos] == "Guaranteed")
    }

    @Test func aRequestBeyondTheLimitIsRefused() throws {
        let given = Pod.sample { $0.containers = [Container(name: "main", requests: ["cpu": Quantity(2)])] }
        let decision = try admit("{limits: {default: {cpu: 500m}}}", given).decision
        #expect(
            decision.rejection?.message
                == "the container main would request 2 of cpu, more than its limit, 500m", "\(decision.headline)")
        // A fault that is the pod's own is left to others.
        let own = Pod.sample {
            $0.containers = [Container(name: "main")]
            $0.containers[0].limits = ["cpu": Quantity(1)]
            $0.containers[0].requests = ["cpu": Quantity(2)]
        }
        #expect(try admit("{requests: {default: {memory: 1Mi}}}", own).decision.rejection == nil)
    }
}
