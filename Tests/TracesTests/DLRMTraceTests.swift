import ClusterModel
import ClusterTestKit
import Manifests
import Testing
import Traces

@Suite struct DLRMTraceTests {
    private static let header = """
        instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,\
        memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time

        """

    private static func load(_ rows: String, seed: UInt64 = 1) throws -> ClusterInput {
        let folder = try TemporaryFolder()
        return try DLRMTrace.load(path: try folder.write("t.csv", text: header + rows), seed: seed)
    }

    @Test func convertsInstances() throws {
        let input = try Self.load(
            """
            instance_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,,,
            instance_1,CN,app_0,64,64,0,0,1,1,937.5,937.5,80.0,100.0,-1,,,
            instance_2,CN,app_1,64,64,0,0,1,1,937.5,937.5,80.0,100.0,1,,,
            instance_3,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,,,
            """)
        #expect(input.pods.map(\.metadata.name) == ["instance-0", "instance-1", "instance-2", "instance-3"])
        #expect(
            input.pods[0].spec.effectiveRequests
                == .sample([
                    "cpu": "12", "memory": "120Gi", "ephemeral-storage": "640Gi", DLRMTrace.rdmaResource: "25",
                    GPU.deviceResource: "1", "slots.switchyard.dev/app-0-hn-8": "1",
                ]))
        #expect(input.pods[1].spec.effectiveRequests["memory"] == Quantity("960000Mi"))
        #expect(input.pods[1].spec.effectiveRequests[GPU.deviceResource] == nil)
        #expect(input.pods.map { $0.spec.nodeSelector[DLRMTrace.poolLabel] } == ["hn", "cn", "cn", "hn"])
        #expect(input.pods.map(\.spec.qosClass) == Array(repeating: .guaranteed, count: 4))
        #expect(input.pods.map { $0.metadata.controller?.name } == ["app-0-hn", "app-0-cn", "app-1-cn", "app-0-hn"])
        #expect(input.collections.map(\.metadata.name) == ["app-0-hn", "app-0-cn", "app-1-cn"])
        #expect(input.collections.map(\.replicas) == [2, 1, 1])
        let term = try #require(input.pods[2].spec.affinity.requiredAntiPods.first)
        #expect(term.topologyKey == "kubernetes.io/hostname")
        #expect(term.labelSelector?.matches(input.pods[2].metadata.labels) == true)
        #expect(term.labelSelector?.matches(input.pods[1].metadata.labels) == false)
        for node in input.nodes {
            let slots = node.allocatable["slots.switchyard.dev/app-0-hn-8"]
            #expect(slots == (node.labels[DLRMTrace.poolLabel] == "hn" ? Quantity(8) : nil))
        }
        #expect(input.serviceSelectors.selector(for: input.pods[0])?.matches(input.pods[3].metadata.labels) == true)
    }

    @Test func makesEnoughNodesForTheWidestSet() throws {
        let rows = (0..<40).map { "instance_\($0),CN,app_0,2,2,0,0,1,1,16.0,16.0,80.0,100.0,2,,,\n" }.joined()
        #expect(try Self.load(rows).nodes.count >= 20)
        let single = (0..<40).map { "instance_\($0),CN,app_0,2,2,0,0,1,1,16.0,16.0,80.0,100.0,1,,,\n" }.joined()
        #expect(try Self.load(single).nodes.count >= 40)
    }

    @Test(arguments: [
        ("instance_0,XN,app_0,1,1,0,0,1,1,1,1,1,1,-1,,,\n", "t.csv:2: role: expected HN or CN, found \"XN\""),
        ("instance_0,HN,app_0,-1,1,0,0,1,1,1,1,1,1,-1,,,\n", "t.csv:2: cpu_request: expected an amount"),
        ("instance_0,HN,app_0,1,1,0,0,1,1,1,1,1,1,-2,,,\n", "t.csv:2: max_instance_per_node: expected a whole number"),
        ("instance_0,HN,,1,1,0,0,1,1,1,1,1,1,-1,,,\n", "t.csv:2: app_name: expected a name"),
    ])
    func saysWhereTheTraceIsWrong(rows: String, message: String) throws {
        let error = try #require(throws: InputError.self) { try Self.load(rows) }
        #expect("\(error)".contains(message), "\(error)")
    }

    @Test func readsThePublishedTraceAndHoldsIt() throws {
        guard let path = SharedData.path("data/traces") else { return }
        let input = try DLRMTrace.load(path: path, seed: 3)
        #expect(input.pods.count == 23_871)
        #expect(Set(input.pods.compactMap { $0.metadata.labels["app"] }).count == 156)
        #expect(Set(input.nodes.map(\.name)).count == input.nodes.count)
        #expect(input.nodes == (try DLRMTrace.load(path: path, seed: 3)).nodes)
        #expect(input.nodes != (try DLRMTrace.load(path: path, seed: 4)).nodes)
        #expect(Self.firstFitFailures(input) == 0)
    }

    /// How many pods find no node when each takes the first that has room.
    private static func firstFitFailures(_ input: ClusterInput) -> Int {
        var free = input.nodes.map(\.allocatable)
        let pools = Dictionary(grouping: input.nodes.indices) { input.nodes[$0].labels[DLRMTrace.poolLabel] ?? "" }
        // Room only shrinks, so what had none for a pod has none for the next of its kind.
        var next: [ResourceList: Int] = [:]
        var failures = 0
        for pod in input.pods {
            let requests = pod.spec.effectiveRequests.merging(["pods": Quantity(1)]) { $1 }
            let pool = pools[pod.spec.nodeSelector[DLRMTrace.poolLabel] ?? ""] ?? []
            var position = next[requests] ?? 0
            while position < pool.count, !requests.allSatisfy({ free[pool[position]][$0.key] ?? .zero >= $0.value }) {
                position += 1
            }
            next[requests] = position
            guard position < pool.count else {
                failures += 1
                continue
            }
            for (name, amount) in requests {
                free[pool[position]][name] = (free[pool[position]][name] ?? .zero) - amount
            }
        }
        return failures
    }

    @Test func writesManifestsThatReadBack() throws {
        let input = try Self.load(
            """
            instance_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,,,
            instance_2,CN,app_1,64,64,0,0,1,1,937.5,937.5,80.0,100.0,1,,,
            """)
        var nodes: [UInt8] = []
        var pods: [UInt8] = []
        input.writeNodes { nodes += $0 }
        input.writePods { pods += $0 }
        let texts = [nodes, pods].map { String(decoding: $0, as: UTF8.self) }
        let again = try ClusterInput(texts: [("nodes.yaml", texts[0]), ("pods.yaml", texts[1])])
        #expect(again.nodes == input.nodes)
        #expect(again.pods == input.pods)
        #expect(texts[1].split(separator: "\n").filter { $0 == "---" }.count == 1)
    }
}
