import ClusterModel

/// A kind of machine of the generated cluster.
struct MachineType: Sendable {
    /// The name, such as `cpu-192`.
    var name: String
    /// What pods may take.
    var allocatable: ResourceList
    /// The model of its GPUs, or nil where it has none.
    var model: String?

    init(
        _ name: String, cpu: Int64, memoryGiB: Int64, diskGiB: Int64, rdma: Int64, gpus: Int64 = 0, model: String? = nil
    ) {
        self.name = name
        self.model = model
        allocatable = [
            "cpu": Quantity(cpu), "memory": Quantity(memoryGiB << 30, format: .binarySI),
            "ephemeral-storage": Quantity(diskGiB << 30, format: .binarySI), DlrmTrace.rdmaResource: Quantity(rdma),
            "pods": Node.defaultPodCapacity,
        ]
        if gpus > 0 { allocatable[GPU.deviceResource] = Quantity(gpus) }
    }

    /// Whether one of these, empty, holds the requests `times` over.
    func holds(_ requests: ResourceList, times: Int64 = 1) -> Bool {
        requests.allSatisfy { $0.value * times <= allocatable[$0.key] ?? .zero }
    }
}

/// A part of the generated cluster: machines for one kind of pod, which selects them by label.
///
/// Large CPU instances have a pool of their own because they need half a machine or more: a scheduler that balances puts
/// something on every machine and leaves no such hole, however much room there is in all.
enum DlrmPool: String, CaseIterable, Sendable {
    case gpu
    case cpu
    case largeCPU = "cpu-large"

    /// The node label with the pool.
    static let label = "switchyard.dev/pool"

    /// The kinds of machine; each is as likely as the others.
    var machines: [MachineType] {
        switch self {
        case .gpu: DlrmPool.gpuMachines
        case .cpu: DlrmPool.cpuMachines
        case .largeCPU: DlrmPool.largeCPUMachines
        }
    }

    private static let gpuMachines = [
        MachineType("gpu-4", cpu: 64, memoryGiB: 512, diskGiB: 4096, rdma: 200, gpus: 4, model: "A10"),
        MachineType("gpu-8", cpu: 128, memoryGiB: 1024, diskGiB: 8192, rdma: 400, gpus: 8, model: "A10"),
        MachineType("gpu-8l", cpu: 128, memoryGiB: 1024, diskGiB: 8192, rdma: 400, gpus: 8, model: "L20"),
    ]
    private static let cpuMachines = [
        MachineType("cpu-192", cpu: 192, memoryGiB: 1536, diskGiB: 3072, rdma: 400),
        MachineType("cpu-384", cpu: 384, memoryGiB: 3072, diskGiB: 6144, rdma: 400),
    ]
    private static let largeCPUMachines = [
        MachineType("cpu-384", cpu: 384, memoryGiB: 3072, diskGiB: 6144, rdma: 400)
    ]

    /// The pool for an instance, or nil where no machine of the right kind holds it.
    static func holding(_ requests: ResourceList, role: DlrmPart.Role) -> DlrmPool? {
        if role == .cpu, cpu.machines.allSatisfy({ $0.holds(requests, times: 2) }) { return .cpu }
        let pool: DlrmPool = role == .gpu ? .gpu : .largeCPU
        return pool.machines.allSatisfy { $0.holds(requests) } ? pool : nil
    }

    /// What the largest instance of a role may ask for, for an error.
    static func largest(for role: DlrmPart.Role) -> String {
        let pool: DlrmPool = role == .gpu ? .gpu : .largeCPU
        return pool.machines[0].allocatable.sorted { $0.key < $1.key }.filter { $0.key != "pods" }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
