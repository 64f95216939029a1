import ClusterModel

/// How evenly the pods of a service stood on nodes and in domains while it lived.
public struct ServiceSpread: Hashable, Sendable {
    /// The service's name.
    public var name: String
    /// Pods of it that stood on a node at any time.
    public var pods = 0
    /// The most of its pods that stood together on one node.
    public var mostOnNode = 0
    /// How many may; nil for any number.
    public var limit: Int?
    /// The largest difference between the fullest and the emptiest zone, in pods, at the end of any moment.
    public var worstSkew = 0
    /// The same, as a mean over the time in which it had pods.
    public var meanSkew = 0.0
}

/// Follows where the pods of each service stand.
struct ServiceMeter {
    private struct Service {
        var spread: ServiceSpread
        var byNode: [Int: Int] = [:]
        var byZone: [Int]
        var count = 0
        var since = 0
        var skewSeconds = 0.0
        var seconds = 0.0

        var skew: Int { (byZone.max() ?? 0) - (byZone.min() ?? 0) }
    }

    private var services: [Service] = []
    private var numbers: [String: Int] = [:]
    private var zones: [String: Int] = [:]
    private var zoneOfNode: [String: Int] = [:]
    /// Services that changed in the moment at hand.
    private var changed: Set<Int> = []

    /// The label of a node that names its domain.
    static let domainLabel = "topology.kubernetes.io/zone"

    init(_ nodes: [Node]) {
        for node in nodes {
            guard let zone = node.metadata.labels[ServiceMeter.domainLabel] else { continue }
            let number = zones[zone] ?? zones.count
            zones[zone] = number
            zoneOfNode[node.metadata.name] = number
        }
    }

    /// Pods of a service came to a node, or left it, where `delta` is below 0.
    mutating func change(_ service: ReplayJob.Service, node: Int, named name: String?, by delta: Int) {
        let index = number(of: service)
        changed.insert(index)
        services[index].byNode[node, default: 0] += delta
        services[index].count += delta
        if let name, let zone = zoneOfNode[name] { services[index].byZone[zone] += delta }
        guard delta > 0 else { return }
        services[index].spread.pods += delta
        services[index].spread.mostOnNode = max(
            services[index].spread.mostOnNode, services[index].byNode[node] ?? 0)
    }

    private mutating func number(of service: ReplayJob.Service) -> Int {
        if let number = numbers[service.name] { return number }
        numbers[service.name] = services.count
        services.append(
            Service(
                spread: ServiceSpread(name: service.name, limit: service.mostPerNode),
                byZone: Array(repeating: 0, count: zones.count)))
        return services.count - 1
    }

    /// Time goes on from a moment to the next; to be called before the next moment's changes.
    mutating func settle(at time: Int) {
        for index in changed {
            let skew = services[index].skew
            services[index].spread.worstSkew = max(services[index].spread.worstSkew, skew)
            services[index].since = time
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// Counts the time that services stood as they do until now, for one that is about to change.
    mutating func account(_ service: ReplayJob.Service, until time: Int) {
        let index = number(of: service)
        let seconds = Double(time - services[index].since)
        services[index].since = time
        guard services[index].count > 0, seconds > 0 else { return }
        services[index].seconds += seconds
        services[index].skewSeconds += seconds * Double(services[index].skew)
    }

    /// The figures of all services, by name.
    func spreads(until time: Int) -> [ServiceSpread] {
        services.map { service in
            var spread = service.spread
            let rest = service.count > 0 ? Double(time - service.since) : 0
            let seconds = service.seconds + rest
            if seconds > 0 { spread.meanSkew = (service.skewSeconds + rest * Double(service.skew)) / seconds }
            return spread
        }.sorted { $0.name < $1.name }
    }
}
