import ClusterModel
import ClusterTestKit
import Manifests
import Testing
import Traces

@Suite struct OpenBTraceTests {
    private static func folder(pods: String? = nil) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            "openb_node_list_all_node.csv",
            text: "sn,cpu_milli,memory_mib,gpu,model\nn-0,32000,1024,0,\nn-1,96000,2048,8,V100M16\r\nn-2,1500,1,2,T4\n")
        _ = try folder.write(
            "openb_pod_list_default.csv",
            text: pods ?? """
                name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos
                p-0,12500,16,1,1000,,LS
                p-1,6000,12,1,460,V100M16|T4|T4,BE
                p-2,500,1,0,0,T4,Burstable
                p-3,1,1,4,1000,T4,Guaranteed
                """)
        _ = try folder.write("openb_pod_list_cpu.csv", text: "name,cpu_milli,memory_mib,num_gpu,gpu_milli\nq,1,1,0,0\n")
        return folder
    }

    @Test func convertsNodesAndPods() throws {
        let folder = try Self.folder()
        let input = try OpenBTrace.load(directory: folder.path)
        #expect(input.nodes.map(\.name) == ["n-0", "n-1", "n-2"])
        #expect(input.nodes[1].labels == ["kubernetes.io/hostname": "n-1", GPU.modelLabel: "V100M16"])
        #expect(
            input.nodes[1].allocatable
                == .sample(["cpu": "96", "memory": "2Gi", "pods": "1000", GPU.deviceResource: "8"]))
        #expect(input.nodes[0].allocatable[GPU.deviceResource] == nil)
        #expect(input.pods.map(\.metadata.name) == ["p-0", "p-1", "p-2", "p-3"])
        #expect(input.pods.allSatisfy { $0.metadata.namespace == "default" })
        let requests = input.pods.map(\.spec.effectiveRequests)
        #expect(requests[0] == .sample(["cpu": "12500m", "memory": "16Mi", GPU.deviceResource: "1"]))
        #expect(requests[1] == .sample(["cpu": "6", "memory": "12Mi", GPU.shareResource: "460"]))
        #expect(requests[2] == .sample(["cpu": "500m", "memory": "1Mi"]))
        #expect(requests[3][GPU.deviceResource] == Quantity(4))
        #expect(input.pods.map(OpenBTrace.gpuMilli) == [1000, 460, 0, 4000])
        let models = input.pods.map { $0.spec.affinity.requiredNodes?.terms.first?.matchExpressions.first?.values }
        #expect(models == [nil, ["V100M16", "T4"], nil, ["T4"]])
        #expect(input.pods.map { $0.metadata.labels["switchyard.dev/qos"] } == ["LS", "BE", "Burstable", "Guaranteed"])
        #expect(
            input.pods.map { $0.metadata.labels["switchyard.dev/band"] } == [
                "production", "batch", "mid", "production",
            ])
        #expect(input.pods.map(\.spec.qosClass) == [.guaranteed, .burstable, .burstable, .guaranteed])
        #expect(input.source(ofPod: 1).hasSuffix("openb_pod_list_default.csv:3"))
        let only = try OpenBTrace.load(directory: folder.path, options: .init(workload: "cpu", gpuNodesOnly: true))
        #expect(only.nodes.map(\.name) == ["n-1", "n-2"])
        #expect(only.pods.map(\.metadata.name) == ["q"])
        #expect(only.pods[0].metadata.labels.isEmpty)
    }

    @Test(arguments: [0.3, 1.0, 2.5]) func drawsUntilTheLoadIsReached(load: Double) throws {
        let folder = try Self.folder()
        let options = OpenBTrace.Options(load: load, seed: 7)
        let input = try OpenBTrace.load(directory: folder.path, options: options)
        let target = load * 10_000
        let sum = input.pods.reduce(0) { $0 + OpenBTrace.gpuMilli($1) }
        let last = try #require(input.pods.last)
        #expect(Double(sum) >= target)
        #expect(Double(sum - OpenBTrace.gpuMilli(last)) < target)
        #expect(Set(input.pods.map(\.metadata.name)).count == input.pods.count)
        #expect(Set(input.pods.prefix(4).map(\.metadata.name)).count == min(4, input.pods.count))
        #expect(input.podSources.count == input.pods.count)
        let again = try OpenBTrace.load(directory: folder.path, options: options)
        #expect(again.pods == input.pods)
        if load > 2 {
            #expect(input.pods.contains { $0.metadata.name.hasSuffix("--2") })
            #expect(input.pods.contains { $0.metadata.name.hasSuffix("--3") })
            let other = try OpenBTrace.load(directory: folder.path, options: .init(load: load, seed: 8))
            #expect(other.pods != input.pods)
        }
    }

    @Test(arguments: [
        (
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1,1,9999,0\n",
            "openb_pod_list_default.csv:2: num_gpu: expected"
        ),
        (
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n\np,x,1,0,0\n",
            "default.csv:3: cpu_milli: expected a whole number"
        ),
        ("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1,1,1\n", "default.csv:2: expected 5 fields, found 4"),
        ("name,cpu_milli,memory_mib,num_gpu\np,1,1,1\n", "default.csv:1: expected a column \"gpu_milli\""),
        (
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n",
            "default.csv: expected the names of the columns and at least one"
        ),
        (
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n\"p\",1,1,1,1\n",
            "default.csv:2: expected fields without quotes"
        ),
        ("name,cpu_milli,memory_mib,num_gpu,gpu_milli\n,1,1,1,1\n", "default.csv:2: name: expected a name"),
    ])
    func saysWhereTheTraceIsWrong(pods: String, message: String) throws {
        let folder = try Self.folder(pods: pods)
        let error = try #require(throws: InputError.self) { try OpenBTrace.load(directory: folder.path) }
        #expect("\(error)".contains(message), "\(error)")
    }

    @Test func namesTheWorkloadsThatThereAre() throws {
        let folder = try Self.folder()
        let error = try #require(throws: InputError.self) {
            try OpenBTrace.load(directory: folder.path, options: .init(workload: "cpu1000"))
        }
        #expect("\(error)".contains("one of cpu, default, found \"cpu1000\""))
        #expect(throws: InputError.self) { try OpenBTrace.load(directory: folder.path + "/absent") }
        #expect(throws: InputError.self) {
            try OpenBTrace.load(directory: folder.path, options: .init(workload: "cpu", load: 1.3))
        }
    }

    @Test func readsThePublishedTrace() throws {
        guard let folder = SharedData.path("data/openb") else { return }
        let all = try OpenBTrace.load(directory: folder)
        #expect(all.nodes.count == 1_523)
        #expect(all.pods.count == 8_152)
        let devices = { (nodes: [Node]) in nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) } }
        #expect(devices(all.nodes) == 6_212)
        let loaded = try OpenBTrace.load(directory: folder, options: .init(gpuNodesOnly: true, load: 1.3, seed: 42))
        #expect(loaded.nodes.count == 1_213)
        #expect(devices(loaded.nodes) == 6_212)
        let sum = loaded.pods.reduce(0) { $0 + OpenBTrace.gpuMilli($1) }
        #expect(sum >= 8_075_600 && sum < 8_083_600)
        #expect(Set(loaded.pods.map(\.metadata.name)).count == loaded.pods.count)
        #expect(Set(loaded.pods.prefix(8_152).map(\.metadata.name)) == Set(all.pods.map(\.metadata.name)))
        for workload in try OpenBTrace.workloads(in: folder) {
            #expect(try OpenBTrace.load(directory: folder, options: .init(workload: workload)).pods.count > 7_000)
        }
    }
}
