extension PodSpec {
    /// What the pod takes on a node: the larger of what its containers need together and what its init containers need
    /// at their peak, plus overhead.
    ///
    /// Init containers run one after another, each beside the sidecars started before it. Requests of the pod as a whole
    /// (`spec.resources`) stand in for the sums of cpu, memory and huge pages. A container that is being resized counts with
    /// what it holds. Zero amounts are left out.
    /// Source: Kubernetes' `resourcehelper.PodRequests`.
    public var effectiveRequests: ResourceList {
        var total = podLevel(containerRequests { $0.held ?? $0.requests })
        for (name, amount) in overhead { total[name, default: .zero] += amount }
        return total.filter { $0.value > .zero }
    }

    /// What scoring counts for the pod: its requests, where a container that names no CPU counts as 100m and one that
    /// names no memory as 200 MB. Of a pod that states requests as a whole this holds only for what neither it nor any of
    /// its containers requests.
    ///
    /// Source: Kubernetes' `PodInfo.CalculateResource` and `getNonMissingContainerRequests` (scheduler/framework/types.go),
    /// so that a node full of best-effort pods does not look empty.
    public var scoringRequests: (cpuMilli: Int64, memoryBytes: Int64) {
        var assumed: ResourceList = ["cpu": PodSpec.defaultCPU, "memory": PodSpec.defaultMemory]
        if podRequests.keys.contains(where: PodSpec.isPodLevel) {
            let stated = podLevel(containerRequests { $0.held ?? $0.requests })
            assumed = assumed.filter { stated[$0.key] == nil && overhead[$0.key] == nil }
        }
        var total = podLevel(
            containerRequests { container in
                (container.held ?? container.requests).filter { $0.key == "cpu" || $0.key == "memory" }
                    .merging(assumed) { stated, _ in stated }
            })
        for (name, amount) in overhead { total[name, default: .zero] += amount }
        return (total["cpu"]?.milliValue ?? 0, total["memory"]?.value ?? 0)
    }

    private static let defaultCPU = Quantity(milli: 100)
    private static let defaultMemory = Quantity(200 * 1024 * 1024)

    /// Whether a pod may request the resource as a whole.
    private static func isPodLevel(_ resource: String) -> Bool {
        resource == "cpu" || resource == "memory" || resource.hasPrefix("hugepages-")
    }

    private func podLevel(_ sums: ResourceList) -> ResourceList {
        let whole = podRequests.filter { PodSpec.isPodLevel($0.key) }
        return whole.isEmpty ? sums : sums.merging(whole) { $1 }
    }

    /// What the pod requests without its overhead, as it is stated: zero amounts too.
    public var statedRequests: ResourceList { podLevel(containerRequests(\.requests)) }

    /// The limits of the pod as a whole, or else the sums of its containers' limits.
    public var statedLimits: ResourceList {
        containerRequests(\.limits).merging(podLimits.filter { PodSpec.isPodLevel($0.key) }) { $1 }
    }

    /// The limits of the pod as a whole, or else the sums of its containers' limits, plus the overhead of what is limited.
    ///
    /// Source: Kubernetes' `resourcehelper.PodLimits`.
    public var effectiveLimits: ResourceList {
        var total = statedLimits
        for (name, amount) in overhead {
            if let limit = total[name], limit > .zero { total[name] = limit + amount }
        }
        return total
    }

    private func containerRequests(_ requests: (Container) -> ResourceList) -> ResourceList {
        var total: ResourceList = [:]
        for container in containers {
            for (name, amount) in requests(container) { total[name, default: .zero] += amount }
        }
        guard !initContainers.isEmpty else { return total }
        var sidecars: ResourceList = [:]
        var peak: ResourceList = [:]
        for container in initContainers {
            var need = sidecars
            for (name, amount) in requests(container) { need[name, default: .zero] += amount }
            if container.restartsAlways { sidecars = need }
            for (name, amount) in need { peak[name] = max(peak[name] ?? .zero, amount) }
        }
        for (name, amount) in sidecars { total[name, default: .zero] += amount }
        for (name, amount) in peak { total[name] = max(total[name] ?? .zero, amount) }
        return total
    }

    /// Reads the resources of the pod as a whole. A request that is not stated beside a limit is what the containers
    /// request of it together, or else the limit, as Kubernetes' defaulting has it.
    mutating func readPodResources(_ resources: ObjectReader) throws(FieldError) {
        let decode = { (value: Value) throws(FieldError) in try value.decodeResources() }
        let stated = try resources.optional("requests", decode) ?? [:]
        podLimits = try resources.optional("limits", decode) ?? [:]
        podRequests = try Container.requests(resources)
        let sums = containerRequests { $0.requests }
        for name in podLimits.keys where stated[name] == nil {
            if let sum = sums[name], sum > .zero { podRequests[name] = sum }
        }
    }

    /// Every host port that the pod takes.
    ///
    /// Ports of sidecars count, those of other init containers do not, as in Kubernetes' scheduler.
    public var hostPorts: [HostPort] {
        containers.flatMap(\.hostPorts) + initContainers.filter(\.restartsAlways).flatMap(\.hostPorts)
    }
}

/// How much a pod's containers promise about their use, as Kubernetes derives it.
public enum QoSClass: String, CaseIterable, Hashable, Sendable {
    /// Every container has limits for CPU and memory, and requests equal to them.
    case guaranteed = "Guaranteed"
    /// Some container requests or limits CPU or memory.
    case burstable = "Burstable"
    /// None does.
    case bestEffort = "BestEffort"
}

extension PodSpec {
    /// The pod's quality-of-service class, computed as Kubernetes' `ComputePodQOS` does: by the resources of the pod as a
    /// whole where it states any, else by those of its containers.
    public var qosClass: QoSClass {
        if !podRequests.isEmpty || !podLimits.isEmpty { return podLevelQoSClass }
        var requests: ResourceList = [:]
        var limits: ResourceList = [:]
        var everyContainerLimited = true
        for container in containers + initContainers {
            for name in ["cpu", "memory"] {
                if let amount = container.requests[name], amount > .zero { requests[name, default: .zero] += amount }
                if let amount = container.limits[name], amount > .zero {
                    limits[name, default: .zero] += amount
                } else {
                    everyContainerLimited = false
                }
            }
        }
        if requests.isEmpty, limits.isEmpty { return .bestEffort }
        return everyContainerLimited && requests == limits ? .guaranteed : .burstable
    }

    private var podLevelQoSClass: QoSClass {
        func counted(_ resources: ResourceList) -> ResourceList {
            resources.filter { ["cpu", "memory"].contains($0.key) && $0.value > .zero }
        }
        let (requests, limits) = (counted(podRequests), counted(podLimits))
        if requests.isEmpty, limits.isEmpty { return .bestEffort }
        return limits.count == 2 && requests == limits ? .guaranteed : .burstable
    }
}
