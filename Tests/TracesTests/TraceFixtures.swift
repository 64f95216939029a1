import ClusterTestKit
import Manifests
import Testing

/// Small traces for tests.
struct TraceFixture {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path }

    static let nodes = """
        sn,cpu_milli,memory_mib,gpu,model
        node-0,32000,262144,0,
        node-1,64000,131072,2,P100
        node-2,96000,393216,8,G2

        """
    static let pods = """
        name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase
        pod-0,12000,16384,1,1000,,LS,Running
        pod-1,6000,12288,1,460,G2|P100,BE,Running
        pod-2,8000,30517,0,0,,LS,Running
        pod-3,8000,30517,0,0,,LS,Pending
        pod-4,32000,49152,0,0,T4,BE,Failed
        pod-5,64000,1000,8,1000,G2,Burstable,Running

        """
    static let dlrmHeader =
        "instance_sn,role,app_name,cpu_request,gpu_request,rdma_request,memory_request,disk_request,max_instance_per_node\n"

    /// An openb folder with the given files; the workload is `default`.
    func openb(nodes: String = TraceFixture.nodes, pods: String = TraceFixture.pods) throws {
        _ = try folder.write("openb_node_list_all_node.csv", text: nodes)
        _ = try folder.write("openb_pod_list_default.csv", text: pods)
    }

    /// A DLRM file with the given lines.
    func dlrm(_ lines: String...) throws -> String {
        try folder.write(
            "alibaba_dlrm_2025.csv", text: TraceFixture.dlrmHeader + lines.map { $0 + "\n" }.joined())
    }
}

/// The lines of the input errors that `body` throws; a body that throws none, or another error, fails the test.
func inputErrors<T>(_ body: () throws -> T) -> [String] {
    do {
        _ = try body()
        Issue.record("no error was thrown")
        return []
    } catch let errors as InputErrors {
        return errors.errors.map(\.description)
    } catch {
        Issue.record("not an input error: \(error)")
        return []
    }
}
