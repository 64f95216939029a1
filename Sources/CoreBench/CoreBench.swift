import ClusterModel
import Glibc
import Placement

/// Measures `Placement` alone, on one thread: how many pods a second it places, and how that grows with the nodes.
public struct CoreBench {
    /// A kind of pods to place.
    public enum Workload: String, CaseIterable, Sendable {
        /// One class of pods.
        case identical
        /// Every pod with requests of its own.
        case allDifferent = "all-different"
        /// A hundred classes, in turn.
        case manyClasses = "100-classes"
        /// At most one more pod in a zone than in any other.
        case zoneSpread = "zone-spread"
        /// No two pods of an app on a host.
        case hostAntiAffinity = "host-anti-affinity"
        /// Pods of an app in the zone of its first.
        case zoneAffinity = "zone-affinity"
        /// A node selector and tolerations.
        case taintsAndSelectors = "taints+selectors"
        /// Gangs of a hundred pods.
        case gangs = "gangs-of-100"
        /// Preemption on a full cluster.
        case preemption
    }

    /// What one run measured.
    public struct Measurement: Sendable {
        /// What was run.
        public var workload: Workload
        /// The profile's name.
        public var profile: String
        /// How many nodes.
        public var nodes: Int
        /// How many pods were placed.
        public var pods: Int
        /// The time it took to place them.
        public var seconds: Double
        /// The processor time of it, which other programs on the machine disturb less.
        public var cpuSeconds: Double
        /// The time it took to add the nodes.
        public var setupSeconds: Double
        /// Memory that the cell and the engine took, by the process's own resident pages; right for the first run of a process.
        public var bytesPerNode: Double
        /// A sum over the placements, equal for equal results.
        public var checksum: UInt64
        /// The least time that moving the bytes touched takes.
        public var floorNanoseconds: Double

        /// Nanoseconds a pod.
        public var nanosecondsPerPod: Double { pods == 0 ? 0 : seconds * 1e9 / Double(pods) }
        /// Nanoseconds of processor time a pod.
        public var cpuNanosecondsPerPod: Double { pods == 0 ? 0 : cpuSeconds * 1e9 / Double(pods) }
        /// Pods a second.
        public var podsPerSecond: Double { seconds == 0 ? 0 : Double(pods) / seconds }
        /// How many times the floor the processor time is.
        public var ratio: Double { floorNanoseconds == 0 ? 0 : cpuNanosecondsPerPod / floorNanoseconds }
    }

    /// The profile used.
    public var profile: Profile
    /// The seed of ties and requests.
    public var seed: UInt64

    /// A benchmark of a profile.
    public init(profile: Profile = .kubeDefault, seed: UInt64 = 1) {
        self.profile = profile
        self.seed = seed
    }

    /// Places pods on an empty cluster of `nodes` nodes.
    public func run(_ workload: Workload, nodes: Int, pods: Int) -> Measurement {
        var run = CoreRun(profile: profile, seed: seed)
        if workload == .allDifferent { run.prepareDifferent(pods) }
        let before = Memory.residentBytes
        let clock = ContinuousClock()
        let setup = clock.measure { run.addNodes(nodes) }
        var placed = 0
        let cpuBefore = Memory.cpuSeconds
        let time = clock.measure { placed = run.place(workload, pods) }
        let cpuSeconds = Memory.cpuSeconds - cpuBefore
        let bytes = withExtendedLifetime(run) {
            Double(max(0, Memory.residentBytes - before)) / Double(max(1, nodes))
        }
        return Measurement(
            workload: workload, profile: profile.name, nodes: nodes, pods: placed, seconds: time.seconds,
            cpuSeconds: cpuSeconds,
            setupSeconds: setup.seconds, bytesPerNode: bytes, checksum: run.checksum,
            floorNanoseconds: CoreBench.floorNanoseconds(workload, nodes))
    }

    /// The least time a pod can take: bytes that must be touched over the bandwidth measured here.
    ///
    /// A placement touches a cache line in each of about eight columns of the node, its entry in the pod table, and two
    /// lines a level of the heap (log₄ of the nodes). One that is different from all before has no heap: it reads twelve
    /// words for each of about 512 squares of nodes that are alike, and the eleven words of each of eight nodes in one.
    static func floorNanoseconds(_ workload: Workload, _ nodes: Int) -> Double {
        let levels = max(1, (64 - nodes.leadingZeroBitCount) / 2)
        let search = workload == .allDifferent ? 48 * min(nodes, 512) + 44 * 8 : 64 * 2 * levels
        return Double(64 * (8 + 2) + search) / Memory.bandwidth * 1e9
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// What the machine's memory can do, and what the process has taken of it and of the processor.
enum Memory {
    /// Bytes a second that a copy moves, read and written.
    static let bandwidth: Double = {
        let size = 64 << 20
        let from = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        let to = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        defer {
            from.deallocate()
            to.deallocate()
        }
        memset(from, 1, size)
        memset(to, 2, size)
        var best = 0.0
        for _ in 0..<5 {
            let start = cpuSeconds
            memcpy(to, from, size)
            best = max(best, Double(2 * size) / max(cpuSeconds - start, 1e-9))
        }
        return best
    }()

    /// The processor time of this thread so far.
    static var cpuSeconds: Double {
        var time = timespec()
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The process's resident memory.
    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
