import ClusterModel
import Dispatcher
import Placement

/// How full a cluster was, as shares of what its nodes offer.
public struct ClusterUse: Hashable, Sendable {
    /// CPU that is requested on nodes.
    public var cpu = 0.0
    /// Memory that is requested on nodes.
    public var memory = 0.0
    /// GPUs that are given to pods, shares of one counted as such.
    public var gpu = 0.0
    /// Of the GPU capacity that is free, the part on devices that are partly taken; 0 where nothing is free.
    ///
    /// No pod that asks for whole devices can have it, so this is what is lost to fragments.
    public var fragmentation = 0.0
    /// GPUs that pods would hold if each had started when it came.
    public var offeredGPU = 0.0

    /// The shares as lanes, for means over time.
    var lanes: SIMD8<Double> { SIMD8(cpu, memory, gpu, fragmentation, offeredGPU, 0, 0, 0) }

    /// The shares of some lanes.
    init(_ lanes: SIMD8<Double>) {
        (cpu, memory, gpu) = (lanes[0], lanes[1], lanes[2])
        (fragmentation, offeredGPU) = (lanes[3], lanes[4])
    }

    /// An empty cluster.
    public init() {}
}

/// Follows how full the cluster is while a replay goes on.
struct UseMeter {
    /// GPU thousandths that pods hold.
    private var gpuMilli = 0.0
    /// GPU thousandths that come and go by the trace alone, in the order of time.
    private let changes: [(time: Int, milli: Double)]
    private var nextChange = 0
    private var offeredMilli = 0.0

    init(_ jobs: [ReplayJob]) {
        var changes: [(time: Int, milli: Double)] = []
        for job in jobs {
            let milli = job.arrivals.reduce(0) { $0 + UseMeter.gpuMilli($1) }
            guard milli > 0 else { continue }
            changes.append((job.submitted, milli))
            if let run = job.run { changes.append((job.submitted + run, -milli)) }
        }
        self.changes = changes.sorted { $0.time < $1.time }
    }

    /// The GPU thousandths that a pod asks for.
    static func gpuMilli(_ arrival: Arrival) -> Double {
        let requests = arrival.spec.requests
        let devices = requests[GPU.deviceResource]?.value ?? 0
        return Double(devices * GPU.milliPerDevice + (requests[GPU.shareResource]?.value ?? 0))
    }

    mutating func took(_ arrival: Arrival) { gpuMilli += UseMeter.gpuMilli(arrival) }
    mutating func gave(_ arrival: Arrival) { gpuMilli -= UseMeter.gpuMilli(arrival) }

    /// How full the cluster is at a time.
    ///
    /// - Complexity: O(nodes).
    mutating func use(of cell: Cell, at time: Int) -> ClusterUse {
        while nextChange < changes.count, changes[nextChange].time <= time {
            offeredMilli += changes[nextChange].milli
            nextChange += 1
        }
        let (offered, free) = cell.totals()
        func taken(_ lane: Int) -> Double {
            offered[lane] > 0 ? 1 - Double(free[lane]) / Double(offered[lane]) : 0
        }
        var use = ClusterUse()
        (use.cpu, use.memory) = (taken(0), taken(1))
        let devices = Double(offered[3])
        guard devices > 0 else { return use }
        use.gpu = gpuMilli / devices
        use.offeredGPU = offeredMilli / devices
        let freeMilli = devices - gpuMilli
        // `totals` counts a device as free only where nobody has any of it.
        use.fragmentation = freeMilli > 0.5 ? max(0, 1 - Double(free[3]) / freeMilli) : 0
        return use
    }
}
