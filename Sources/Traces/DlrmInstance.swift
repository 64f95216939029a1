import ClusterModel
import Manifests

/// The instances of an application that have one role.
struct DlrmPart: Hashable {
    /// The role of an instance, and so the kind of machine that it runs on.
    enum Role: String {
        case gpu = "HN"
        case cpu = "CN"
    }

    var app: String
    var role: Role

    /// The resource that keeps the part's limit per node.
    var slotResource: String { "\(DlrmTrace.slotPrefix)\(app)-\(role.rawValue.lowercased())" }
}

/// One line of the DLRM trace.
struct DlrmInstance {
    /// The longest name of an application, so that its resource's name is not longer than Kubernetes allows.
    private static let longestApp = 60

    var name: String
    var part: DlrmPart
    var pool: DlrmPool
    /// The most pods of the application on one node, or nil for any number.
    var maxPerNode: Int64?
    var requests: ResourceList

    init(_ row: TraceTable.Row, _ name: String, of table: TraceTable) throws(InputError) {
        guard let role = DlrmPart.Role(rawValue: table.text(row, "role")) else {
            throw table.fault(row, "role", expected: "HN or CN")
        }
        self.name = name
        part = DlrmPart(app: try table.name(row, "app_name", longest: DlrmInstance.longestApp), role: role)
        let most = try table.number(row, "max_instance_per_node", in: -1...Int64(Int32.max))
        guard most != 0 else {
            throw table.fault(row, "max_instance_per_node", expected: "-1 for any number, or at least 1")
        }
        maxPerNode = most < 0 ? nil : most
        requests = [
            "cpu": try table.quantity(row, "cpu_request"),
            "memory": try table.quantity(row, "memory_request", unit: "Gi"),
            "ephemeral-storage": try table.quantity(row, "disk_request", unit: "Gi"),
            GPU.deviceResource: Quantity(try table.number(row, "gpu_request", in: 0...Int64(GPU.maxDevices))),
            DlrmTrace.rdmaResource: Quantity(try table.number(row, "rdma_request")),
        ].filter { $0.value > .zero }
        guard let pool = DlrmPool.holding(requests, role: role) else {
            throw table.fault(
                row, "instance_sn", expected: "an instance of at most \(DlrmPool.largest(for: role))")
        }
        self.pool = pool
    }
}
