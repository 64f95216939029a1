import ClusterModel
import ClusterTestKit
import Manifests
import Testing
import Traces

@Suite struct OpenbTraceTests {
    @Test func nodesAndPodsOfAFixture() throws {
        let fixture = try TraceFixture()
        try fixture.openb()
        let input = try OpenbTrace.load(folder: fixture.path)
        #expect(input.nodes.map(\.name) == ["node-0", "node-1", "node-2"])
        #expect(input.nodes[0].allocatable == .sample(["cpu": "32", "memory": "256Gi", "pods": "1000"]))
        #expect(input.nodes[0].labels == ["kubernetes.io/hostname": "node-0"])
        #expect(input.nodes[2].allocatable[GPU.deviceResource] == Quantity(8))
        #expect(input.nodes[2].labels[GPU.modelLabel] == "G2")

        let requests = input.pods.map(\.spec.effectiveRequests)
        #expect(requests[0] == .sample(["cpu": "12", "memory": "16Gi", GPU.deviceResource: "1"]))
        #expect(requests[1] == .sample(["cpu": "6", "memory": "12Gi", GPU.shareResource: "460"]))
        #expect(requests[2] == .sample(["cpu": "8", "memory": "30517Mi"]))
        #expect(requests[5][GPU.deviceResource] == Quantity(8))
        let models = input.pods[1].spec.affinity.requiredNodes?.terms.first?.matchExpressions
        #expect(models == [SelectorRequirement(key: GPU.modelLabel, operator: .in, values: ["G2", "P100"])])
        #expect(input.pods[4].spec.affinity.isEmpty, "a pod without GPUs does not care for models")
        #expect(
            input.description
                == "openb default: 6 pods asking for 9 GPUs, in file order, on 3 nodes with 10 GPUs")
    }

    @Test func timesOfPods() throws {
        let fixture = try TraceFixture()
        let header = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"
        try fixture.openb(pods: header + "a,1000,10,1,1000,5,100,20\nb,1000,10,0,0,,50,\nc,1000,10,0,0,7.6,,\n")
        let histories = try OpenbTrace.load(folder: fixture.path, withTimes: true).histories
        #expect(histories.mapValues(\.submitted) == ["a": 5, "b": 0, "c": 8])
        #expect(histories.mapValues(\.run) == ["a": 80, "b": 50, "c": nil])
        #expect(try OpenbTrace.load(folder: fixture.path).histories.isEmpty)
        try fixture.openb(pods: header + "a,1000,10,1,1000,50,10,\nb,1000,10,1,1000,x,10,\n")
        let lines = inputErrors { try OpenbTrace.load(folder: fixture.path, withTimes: true) }
        #expect(lines.count == 2)
        #expect(
            lines.first?.hasSuffix(
                #":2: deletion_time: expected a time of at least 50, when the pod began, found "10""#) == true)
        try fixture.openb()
        #expect(
            inputErrors { try OpenbTrace.load(folder: fixture.path, withTimes: true) }.first?.contains(
                ":1: creation_time: expected a column") == true)
    }

    @Test func arrivalsMoveToAGPULoad() throws {
        let fixture = try TraceFixture()
        let header = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"
        // 10 GPUs: 100 + 0.5 x 200 GPU seconds in 100 seconds.
        try fixture.openb(pods: header + "a,1000,10,1,1000,10,110,10\nb,1000,10,1,500,110,310,110\n")
        var input = try OpenbTrace.load(folder: fixture.path, withTimes: true)
        #expect(input.offeredGPULoad == 0.2)
        input.scale(toGPULoad: 0.8)
        #expect(input.offeredGPULoad == 0.8)
        #expect(input.histories["b"]?.submitted == 35 && input.histories["b"]?.run == 200)
    }

    @Test func ownersByQoS() throws {
        let fixture = try TraceFixture()
        try fixture.openb()
        let pods = try OpenbTrace.load(folder: fixture.path).pods
        #expect(pods.map { $0.metadata.controller?.kind } == [nil, "Job", "ReplicaSet", "ReplicaSet", "Job", nil])
        #expect(pods[2].metadata.controller == pods[3].metadata.controller)
        #expect(pods[2].metadata.controller?.name == "openb-ls-8000m-30517mi")
        #expect(pods[1].metadata.controller?.name == "pod-1")
        #expect(
            TraceInput.serviceSelector(for: pods[2]) == LabelSelector(matchLabels: ["app": "openb-ls-8000m-30517mi"]))
        #expect(TraceInput.serviceSelector(for: pods[1]) == nil)
        #expect(pods[5].metadata.labels[TraceNames.qosLabel] == "Burstable")
        #expect(pods.allSatisfy { $0.metadata.namespace == "default" })
    }

    @Test func columnsMayBeMissing() throws {
        let fixture = try TraceFixture()
        try fixture.openb(pods: "name,cpu_milli,memory_mib,num_gpu,gpu_milli\r\npod-0,1000,0,1,1\r\n")
        let pod = try #require(try OpenbTrace.load(folder: fixture.path).pods.first)
        #expect(pod.metadata.labels.isEmpty)
        #expect(pod.metadata.ownerReferences.isEmpty)
        #expect(pod.spec.effectiveRequests == .sample(["cpu": "1", GPU.shareResource: "1"]))
    }

    @Test func loadShufflesAndDraws() throws {
        let fixture = try TraceFixture()
        try fixture.openb()
        let load = { (load: Double, seed: UInt64) in
            try OpenbTrace.load(folder: fixture.path, gpuNodesOnly: true, load: load, seed: seed)
        }
        for seed in UInt64(0)..<20 {
            let input = try load(3, seed)
            let names = input.pods.map(\.metadata.name)
            #expect(Set(names).count == names.count, "seed \(seed)")
            #expect(Set(names.prefix(6)) == Set((0..<6).map { "pod-\($0)" }), "seed \(seed)")
            let milli = input.pods.map { pod in
                let requests = pod.spec.effectiveRequests
                return (requests[GPU.deviceResource]?.milliValue ?? 0) + (requests[GPU.shareResource]?.value ?? 0)
            }
            let sum = milli.reduce(0, +)
            #expect(sum >= 30_000 && sum - (milli.last ?? 0) < 30_000, "seed \(seed)")
            #expect(try load(3, seed).pods == input.pods, "seed \(seed)")
            for pod in input.pods where pod.metadata.controller?.kind == "Job" {
                #expect(pod.metadata.controller?.name == pod.metadata.name)
            }
        }
        #expect(try load(3, 1).pods != load(3, 2).pods)
        #expect(try load(3, 1).pods.contains { $0.metadata.name.hasSuffix("--2") })
        #expect(try load(0.5, 1).pods.count == 6, "the whole file stays, however small the load")
    }

    @Test func errorsNameFileLineAndColumn() throws {
        let fixture = try TraceFixture()
        try fixture.openb(
            pods: """
                name,cpu_milli,memory_mib,num_gpu,gpu_milli
                pod-0,12000,16384,1,1000
                pod-1,lots,16384,1,1000
                pod-2,1000,-4,0,0
                pod-0,1000,4,0,0
                pod-3,1000,4,65,0
                Pod 4,1000,4,0,0
                pod-5,1000,4,1,
                """)
        let file = fixture.path + "/openb_pod_list_default.csv"
        let errors = inputErrors { try OpenbTrace.load(folder: fixture.path) }
        #expect(errors.count == 6)
        #expect(errors[0] == "\(file):3: cpu_milli: expected a whole number, 0 to 1099511627776, found \"lots\"")
        #expect(errors[1].hasPrefix("\(file):4: memory_mib: "))
        #expect(errors[2] == "\(file):5: name: expected a name that line 2 does not have, found \"pod-0\"")
        #expect(errors[3] == "\(file):6: num_gpu: expected a whole number, 0 to 64, found \"65\"")
        #expect(errors[4].hasPrefix("\(file):7: name: expected a name of at most 63"))
        #expect(errors[5] == "\(file):8: gpu_milli: expected a whole number, 1 to 1000, found nothing")
    }

    @Test func errorsOfFilesAndHeaders() throws {
        let fixture = try TraceFixture()
        let absent = inputErrors { try OpenbTrace.load(folder: fixture.path + "/none") }
        #expect(absent.first?.contains("a folder") ?? false)
        try fixture.openb()
        let unknown = inputErrors { try OpenbTrace.load(folder: fixture.path, workload: "x") }
        #expect(unknown.first?.contains("expected a workload of the folder: default, found no workload \"x\"") ?? false)
        try fixture.openb(pods: "name,cpu_milli,memory_mib,gpu_milli\npod-0,1,1,1\n")
        let missing = inputErrors { try OpenbTrace.load(folder: fixture.path) }
        #expect(missing.first?.contains("default.csv:1: num_gpu: expected a column of this name, found ") ?? false)
        try fixture.openb(pods: "name,cpu_milli,memory_mib,num_gpu,gpu_milli\npod-0,1,1\n")
        let short = inputErrors { try OpenbTrace.load(folder: fixture.path) }
        #expect(short.first?.contains("default.csv:2: expected 5 fields, as the header has, found 3") ?? false)
        try fixture.openb(pods: "")
        #expect(inputErrors { try OpenbTrace.load(folder: fixture.path) }.first?.contains("names the columns") ?? false)
        try fixture.openb(nodes: "sn,cpu_milli,memory_mib,gpu,model\nnode-0,1,1,0,\n")
        for load in [0, -1, 101, Double.nan, .infinity] {
            #expect(inputErrors { try OpenbTrace.load(folder: fixture.path, load: load) }.count == 1)
        }
    }

    // MARK: The published files

    @Test func publishedCounts() throws {
        guard let folder = SharedData.path("data/openb") else { return }
        let input = try OpenbTrace.load(folder: folder)
        #expect(input.pods.count == 8152)
        #expect(input.nodes.count == 1523)
        #expect(input.nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) } == 6212)
        let kinds = input.pods.reduce(into: [:]) { $0[$1.metadata.controller?.kind ?? "", default: 0] += 1 }
        #expect(kinds == ["Job": 3398, "ReplicaSet": 637, "": 4117])
        #expect(input.pods.count { $0.spec.effectiveRequests[GPU.shareResource] != nil } == 3078)
        let packed = try OpenbTrace.load(folder: folder, gpuNodesOnly: true, load: 1.3, seed: 1)
        #expect(packed.nodes.count == 1213)
        #expect(packed.pods.count > 8152)
    }

    @Test func publishedWorkloads() throws {
        guard let folder = SharedData.path("data/openb") else { return }
        let names = try OpenbTrace.workloads(in: folder)
        #expect(names == ["cpu100", "cpu200", "default", "gpushare40", "gpuspec10", "multigpu20"])
        let counts = try names.map { try OpenbTrace.load(folder: folder, workload: $0).pods.count }
        #expect(counts == [7853, 8832, 8152, 8152, 8152, 8324])
    }
}
