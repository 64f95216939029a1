import ClusterModel
import ClusterTestKit
import Manifests
import Testing
import Traces

@Suite struct DlrmTraceTests {
    @Test func podsOfAFixture() throws {
        let fixture = try TraceFixture()
        let path = try fixture.dlrm(
            "instance_0,HN,app_0,12,1,25,120.0,640.0,4", "instance_1,CN,app_0,48,0,1,400.5,680.0,-1",
            "instance_2,CN,app_1,48,0,0,240,255.0,1", "instance_3,CN,app_1,192,0,51,960.0,340.0,2")
        let input = try DlrmTrace.load(path: path, seed: 3)
        let requests = input.pods.map(\.spec.effectiveRequests)
        #expect(
            requests[0]
                == .sample([
                    "cpu": "12", "memory": "120Gi", "ephemeral-storage": "640Gi", GPU.deviceResource: "1",
                    DlrmTrace.rdmaResource: "25", DlrmTrace.slotPrefix + "app-0-hn": "1",
                ]))
        #expect(requests[1]["memory"] == Quantity("410112Mi"))
        #expect(requests[2][DlrmTrace.rdmaResource] == nil)
        #expect(input.pods.map(\.metadata.name) == (0..<4).map { "instance-\($0)" })
        #expect(
            input.pods[0].metadata.labels == ["app": "app-0", "role": "HN", TraceNames.qosLabel: "LS"])
        #expect(input.pods[1].metadata.controller?.kind == "ReplicaSet")
        #expect(input.pods[1].metadata.controller == input.pods[0].metadata.controller)
        let pools = input.pods.map { $0.spec.nodeSelector["switchyard.dev/pool"] }
        #expect(pools == ["gpu", "cpu", "cpu", "cpu-large"])
        #expect(try DlrmTrace.load(path: fixture.path, seed: 3).nodes == input.nodes, "the folder will do too")
    }

    @Test func limitsPerNode() throws {
        let fixture = try TraceFixture()
        let path = try fixture.dlrm(
            "i_0,HN,app_0,12,1,25,120.0,640.0,4", "i_1,HN,app_0,12,1,25,120.0,640.0,2",
            "i_2,HN,app_0,12,1,25,120.0,640.0,-1", "i_3,CN,app_0,48,0,1,240.0,680.0,-1",
            "i_4,CN,app_1,8,0,1,40,255.0,1", "i_5,CN,app_1,8,0,1,40,255.0,1", "i_6,CN,app_1,8,0,1,40,255.0,1")
        let input = try DlrmTrace.load(path: path)
        let slot = DlrmTrace.slotPrefix + "app-0-hn"
        let slots = input.pods.map { $0.spec.effectiveRequests[slot] }
        #expect(slots == [Quantity(1), Quantity(1), Quantity(1), nil, nil, nil, nil])
        for node in input.nodes {
            let isGPU = node.labels["switchyard.dev/pool"] == "gpu"
            #expect(node.allocatable[slot] == (isGPU ? Quantity(2) : nil), "the smallest limit holds")
            #expect(node.allocatable.keys.count { $0.hasPrefix(DlrmTrace.slotPrefix) } == (isGPU ? 1 : 0))
        }
        #expect(input.pods[3].spec.affinity.isEmpty)
        let term = try #require(input.pods[4].spec.affinity.requiredAntiPods.first)
        #expect(term.topologyKey == "kubernetes.io/hostname")
        #expect(term.labelSelector?.matches(input.pods[5].metadata.labels) ?? false)
        #expect(!(term.labelSelector?.matches(input.pods[3].metadata.labels) ?? true))
        let hosts = input.nodes.count { $0.labels["switchyard.dev/pool"] == "cpu" }
        #expect(hosts >= 3, "three pods that keep apart need 3 hosts")
    }

    @Test func errorsNameFileLineAndColumn() throws {
        let fixture = try TraceFixture()
        let path = try fixture.dlrm(
            "i_0,XX,app_0,12,1,25,120.0,640.0,4", "i_1,CN,app_0,48,0,1,12m,680.0,-1", "i_2,CN,app_0,4,0,1,40,255.0,0",
            "i_3,CN,app_0,999,0,1,40,255.0,1", "i_4,CN,,8,0,1,40,255.0,1", "i_5,CN,app_0,-8,0,1,40,255.0,1")
        let errors = inputErrors { try DlrmTrace.load(path: path) }
        #expect(errors.count == 6)
        #expect(errors[0] == "\(path):2: role: expected HN or CN, found \"XX\"")
        #expect(errors[1] == "\(path):3: memory_request: expected a number of GiB, found \"12m\"")
        #expect(errors[2].hasPrefix("\(path):4: max_instance_per_node: expected -1 for any number"))
        #expect(errors[3].hasPrefix("\(path):5: instance_sn: expected an instance of at most "))
        #expect(errors[4].hasPrefix("\(path):6: app_name: expected a name"))
        #expect(errors[5].hasPrefix("\(path):7: cpu_request: expected a number, found \"-8\""))
        let empty = try TemporaryFolder()
        #expect(inputErrors { try DlrmTrace.load(path: empty.path) }.first?.contains("alibaba_dlrm_2025.csv") ?? false)
        #expect(inputErrors { try DlrmTrace.load(path: empty.path + "/x.csv") }.first?.contains("x.csv") ?? false)
    }

    @Test func publishedCountsAndCluster() throws {
        guard let folder = SharedData.path("data/traces") else { return }
        let input = try DlrmTrace.load(path: folder, seed: 1)
        #expect(input.pods.count == 23_871)
        #expect(Set(input.pods.compactMap { $0.metadata.controller?.name }).count == 156)
        #expect(input.pods.count { $0.metadata.labels["role"] == "HN" } == 7386)
        let limited = input.pods.count { pod in
            pod.spec.effectiveRequests.keys.contains { $0.hasPrefix(DlrmTrace.slotPrefix) }
        }
        #expect(limited == 23_871 - 12_248 + 1066, "1,066 have no limit of their own, and others of their part do")
        #expect(Set(input.nodes.map(\.name)).count == input.nodes.count)
        #expect(Set(input.nodes.compactMap { $0.labels[TraceNames.zoneLabel] }).count == 3)

        for pool in ["gpu", "cpu", "cpu-large"] {
            let nodes = input.nodes.filter { $0.labels["switchyard.dev/pool"] == pool }
            let pods = input.pods.filter { $0.spec.nodeSelector["switchyard.dev/pool"] == pool }
            var asked: ResourceList = [:]
            for pod in pods {
                for (name, amount) in pod.spec.effectiveRequests { asked[name, default: .zero] += amount }
            }
            for (name, amount) in asked {
                let offered = nodes.reduce(Quantity.zero) { $0 + ($1.allocatable[name] ?? .zero) }
                #expect(offered * 4 >= amount * 5, "\(pool) offers \(offered) of \(name), and \(amount) is asked for")
            }
        }
        #expect(try DlrmTrace.load(path: folder, seed: 1).nodes == input.nodes)
        #expect(try DlrmTrace.load(path: folder, seed: 2).nodes != input.nodes)
        #expect(try DlrmTrace.load(path: folder, seed: 2).pods == input.pods)
    }
}
