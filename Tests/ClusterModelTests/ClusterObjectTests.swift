import ClusterModel
import ClusterTestKit
import JSON
import Testing

@Suite struct CollectionTests {
    private static func collection(_ json: String, _ kind: PodCollection.Kind) throws -> PodCollection {
        try PodCollection(Value(json: "{\"metadata\":{\"name\":\"c\",\"uid\":\"u\"},\"spec\":\(json)}"), kind: kind)
    }

    private static let template =
        #""template":{"metadata":{"labels":{"a":"b"},"annotations":{"n":"o"}},"spec":{"containers":[{"name":"x"}]}}"#

    @Test func expandsToNumberedPods() throws {
        let set = try Self.collection(
            "{\"replicas\":3,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\(Self.template)}", .replicaSet)
        let pods = set.expanded(nodes: [])
        #expect(pods.map(\.metadata.name) == ["c-0", "c-1", "c-2"])
        #expect(pods.allSatisfy { $0.metadata.labels == ["a": "b"] && $0.metadata.annotations == ["n": "o"] })
        #expect(
            pods[0].metadata.controller
                == OwnerReference(kind: "ReplicaSet", name: "c", apiVersion: "apps/v1", uid: "u"))
        #expect(pods[0].metadata.namespace == "default")
        #expect(try Self.collection("{\(Self.template)}", .deployment).replicas == 1)
    }

    @Test(arguments: [
        (#"{"completions":2,"parallelism":5,"#, 2), (#"{"completions":9,"parallelism":4,"#, 4),
        (#"{"parallelism":4,"#, 4),
        ("{", 1), (#"{"completions":7,"#, 1), (#"{"parallelism":4,"suspend":true,"#, 0),
    ])
    func countsTheParallelPodsOfAJob(start: String, replicas: Int) throws {
        #expect(try Self.collection(start + Self.template + "}", .job).replicas == replicas)
    }

    @Test func putsDaemonsOnTheNodesThatTheyMayUse() throws {
        let json =
            #"{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"#
            + #""containers":[{"name":"x"}],"nodeSelector":{"disk":"ssd"},"tolerations":[{"key":"gpu","operator":"Exists"}]}}}"#
        let nodes = [
            Node.sample("n-0", labels: ["disk": "ssd"]), Node.sample("n-1", labels: ["disk": "hdd"]),
            Node.sample("n-2", labels: ["disk": "ssd"], taints: [Taint(key: "x", effect: .noSchedule)]),
            Node.sample(
                "n-3", labels: ["disk": "ssd"], taints: [Taint(key: "gpu", effect: .noExecute)], unschedulable: true),
            Node.sample("n-4", labels: ["disk": "ssd"], taints: [Taint(key: "x", effect: .preferNoSchedule)]),
        ]
        let pods = try Self.collection(json, .daemonSet).expanded(nodes: nodes)
        #expect(pods.map(\.metadata.name) == ["c-n-0", "c-n-3", "c-n-4"])
        let selector = try #require(pods[1].spec.affinity.requiredNodes)
        #expect(selector.matches(name: "n-3", labels: [:]) && !selector.matches(name: "n-0", labels: [:]))
        #expect(pods[1].spec.tolerations.contains { $0.tolerates(.unschedulable) })
    }

    @Test func refusesWhatHasNoPods() {
        let text = { (json: String, kind: PodCollection.Kind) in fault { try Self.collection(json, kind) } }
        #expect(text("{}", .deployment) == "spec.template.spec: expected a pod's spec, found nothing")
        #expect(
            text("{\"replicas\":-1,\(Self.template)}", .deployment).hasPrefix("spec.replicas: expected a whole number"))
        #expect(
            text("{\"selector\":{\"matchLabels\":{\"z\":\"b\"}},\(Self.template)}", .deployment).hasPrefix(
                "spec.selector"))
        #expect(
            text("{\"selector\":{\"z\":\"b\"},\(Self.template)}", .replicationController).hasPrefix("spec.selector"))
        #expect(
            fault { try PodCollection(Value(json: #"{"metadata":{"name":"c"}}"#), kind: .job) }.hasPrefix(
                "spec: expected"))
    }
}

@Suite struct ClusterObjectTests {
    @Test func readsNodes() throws {
        let json =
            #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n","labels":{"a":"b"}},"spec":{"unschedulable":true,"#
            + #""taints":[{"key":"k","value":"v","effect":"NoExecute"}]},"status":{"allocatable":{"cpu":"4","memory":"8Gi"},"#
            + #""capacity":{"cpu":"5"},"images":[{"names":["x","y"],"sizeBytes":7}]}}"#
        let node = try Node(Value(json: json))
        #expect(node.allocatable == .sample(["cpu": "4", "memory": "8Gi", "pods": "110"]))
        #expect(node.unschedulable && node.taints == [Taint(key: "k", value: "v", effect: .noExecute)])
        #expect(node.images == [Node.Image(names: ["x", "y"], sizeBytes: 7)])
        #expect(try Node(node.value) == node)
        let bare = try Node(Value(json: #"{"metadata":{"name":"n"},"status":{"capacity":{"cpu":5,"pods":"10"}}}"#))
        #expect(bare.allocatable == .sample(["cpu": "5", "pods": "10"]))
        #expect(
            fault { try Node(Value(json: #"{"metadata":{"name":"n"},"spec":{"taints":[{"key":"k","effect":"x"}]}}"#)) }
                .hasPrefix("spec.taints[0].effect: expected one of"))
    }

    @Test(
        arguments: [
            (#"{"minMember":4}"#, 4, []),
            (
                #"{"schedulingPolicy":{"gang":{"minCount":3}},"schedulingConstraints":{"topology":[{"key":"rack"}]}}"#,
                3, ["rack"]
            ),
            (#"{"schedulingPolicy":{"basic":{}},"disruptionMode":"PodGroup"}"#, 0, []),
            (#"{"minMember":0}"#, 0, []),
            ("{}", 0, []),
            (
                #"{"minMember":2,"affinity":{"podGroupAffinity":{"required":[{"topologyKey":"rack"}]}}}"#, 2, ["rack"]
            ),
        ] as [(String, Int, [String])])
    func readsPodGroups(spec: String, minMember: Int, keys: [String]) throws {
        let group = try PodGroup(Value(json: "{\"metadata\":{\"name\":\"g\",\"namespace\":\"n\"},\"spec\":\(spec)}"))
        #expect(group.minMember == minMember)
        #expect(group.requiredTopologyKeys == keys)
        #expect(try PodGroup(group.value) == group)
    }

    @Test(
        arguments: [
            (#"{"minMember":-1}"#, "spec.minMember: expected a whole number"),
            (#"{"minMember":9223372036854775807}"#, "spec.minMember: expected a whole number"),
            (#"{"schedulingPolicy":{"gang":{}}}"#, "spec.schedulingPolicy.gang.minCount: expected"),
            (#"{"schedulingPolicy":{"gang":{"minCount":0}}}"#, "spec.schedulingPolicy.gang.minCount: expected"),
            (#"{"minTaskMember":{"ps":-1}}"#, "spec.minTaskMember.ps: expected a whole number"),
        ])
    func refusesGroupsThatCannotBe(spec: String, message: String) {
        let found = fault { try PodGroup(Value(json: "{\"metadata\":{\"name\":\"g\"},\"spec\":\(spec)}")) }
        #expect(found.hasPrefix(message), "\(found)")
    }

    @Test func readsDisruptionBudgets() throws {
        let budget = { (spec: String) in
            try PodDisruptionBudget(Value(json: "{\"metadata\":{\"name\":\"b\"},\"spec\":\(spec)}"))
        }
        #expect(try budget(#"{"minAvailable":2}"#).limit == .minAvailable(.int(2)))
        #expect(try budget(#"{"maxUnavailable":"30%"}"#).limit == .maxUnavailable(.percent(30)))
        #expect(try budget("{}").limit == nil)
        #expect(
            fault { try budget(#"{"minAvailable":1,"maxUnavailable":1}"#) }.contains(
                "either minAvailable or maxUnavailable"))
        for bad in ["-1", "\"x%\"", "\"-5%\"", "true", "\"5\""] {
            #expect(
                fault { try budget("{\"minAvailable\":\(bad)}") }.contains("a whole number or a percentage"), "\(bad)")
        }
        #expect(PodDisruptionBudget.IntOrPercent.percent(30).resolved(of: 10) == 3)
        #expect(PodDisruptionBudget.IntOrPercent.percent(30).resolved(of: 11) == 4, "rounded up, as Kubernetes does")
        #expect(PodDisruptionBudget.IntOrPercent.int(7).resolved(of: 2) == 7)
        let status = #"{"metadata":{"name":"b"},"status":{"disruptionsAllowed":3}}"#
        #expect(try PodDisruptionBudget(Value(json: status)).disruptionsAllowed == 3)
    }

    @Test func readsTheRest() throws {
        let namespace = try Namespace(Value(json: #"{"metadata":{"name":"n","labels":{"a":"b"}}}"#))
        #expect(namespace.metadata.labels == ["a": "b", "kubernetes.io/metadata.name": "n"])
        let priority = try PriorityClass(
            Value(json: #"{"metadata":{"name":"p"},"value":5,"globalDefault":true,"preemptionPolicy":"Never"}"#))
        #expect(priority.priority == 5 && priority.globalDefault && priority.preemptionPolicy == .never)
        #expect(fault { try PriorityClass(Value(json: #"{"metadata":{"name":"p"}}"#)) }.hasPrefix("value: expected"))
        let service = try Service(Value(json: #"{"metadata":{"name":"s"},"spec":{"selector":{"a":"b"}}}"#))
        #expect(service.selector == ["a": "b"] && service.metadata.namespace == "default")
        #expect(ClusterEvents(names: ClusterEvents.all.names + ["later"]) == .all)
    }

    @Test func readsValuesByPath() throws {
        let value = try Value(json: #"{"a":[{"b":1},2],"c.d/e":null}"#)
        #expect(value[FieldPath([.key("a"), .index(0), .key("b")])] == .int(1))
        #expect(value[FieldPath([.key("a"), .index(2)])] == nil)
        #expect(value[FieldPath([.key("a"), .key("b")])] == nil)
        #expect(FieldPath([.key("a"), .index(1), .key("c.d/e"), .key("f")]).description == "a[1][c.d/e].f")
        #expect(try ObjectReader(value).value("c.d/e") == nil, "null is as good as absent")
        #expect(try Value.double(8).decodeInt() == 8)
        #expect(fault { try Value.double(8.5).decodeInt() } == "expected a whole number, found the number 8.5")
    }

    @Test func randomNumbersDependOnTheSeedAlone() {
        var generator = SeededGenerator(seed: 1)
        #expect(
            (0..<3).map { _ in generator.next() } == [
                0x910a_2dec_8902_5cc1, 0xbeeb_8da1_658e_ec67, 0xf893_a2ee_fb32_555e,
            ])
        var items = Array(0..<100)
        generator.shuffle(&items)
        #expect(items != Array(0..<100) && items.sorted() == Array(0..<100))
        #expect((0..<1_000).allSatisfy { _ in (0..<7).contains(generator.next(below: 7)) })
    }
}
