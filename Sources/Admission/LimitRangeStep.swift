import ClusterModel

/// Writes the default limits and requests of a namespace into containers that state none.
///
/// Source: Kubernetes' LimitRanger plug-in (plugin/pkg/admission/limitranger), its mutating half. By then a container that
/// states a limit alone has that limit as its request.
public struct LimitRangeStep: AdmissionStep {
    /// The annotation that says what was written.
    public static let annotation = "kubernetes.io/limit-ranger"

    /// The step's name.
    public var name: String { "limit-range" }

    private let ranges: [String: [LimitRange]]

    /// A step that knows these ranges.
    public init(_ ranges: [LimitRange]) {
        self.ranges = Dictionary(grouping: ranges, by: \.metadata.namespace)
    }

    /// The namespace alone decides.
    public func need(_ pod: Pod) -> StepNeed { ranges[pod.metadata.namespace] == nil ? .template : .past }

    /// Completes a new pod.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        guard let ranges = ranges[admitted.pod.metadata.namespace], !admitted.pod.hasLived else { return nil }
        for range in ranges {
            let items = range.items.filter { $0.subject == .container }
            // Of two items with a default for one resource the later counts.
            let limits = items.reduce(into: ResourceList()) { $0.merge($1.defaultLimits) { $1 } }
            let requests = items.reduce(into: ResourceList()) { $0.merge($1.defaultRequests) { $1 } }
            guard !limits.isEmpty || !requests.isEmpty else { continue }
            var written = admitted.pod.spec.containers.indices.flatMap {
                LimitRangeStep.complete(&admitted.pod.spec.containers[$0], "container", limits, requests)
            }
            written += admitted.pod.spec.initContainers.indices.flatMap {
                LimitRangeStep.complete(&admitted.pod.spec.initContainers[$0], "init container", limits, requests)
            }
            if !written.isEmpty {
                let text = written.joined(separator: "; ")
                admitted.pod.metadata.annotations[LimitRangeStep.annotation] = "LimitRanger plugin set: \(text)"
            }
        }
        return excess(admitted.pod.spec)
    }

    /// Completes a container; what was written.
    private static func complete(
        _ container: inout Container, _ kind: String, _ limits: ResourceList, _ requests: ResourceList
    ) -> [String] {
        let (before, requested) = (container.limits, container.requests)
        let newLimits = limits.keys.filter { before[$0] == nil }.sorted()
        let newRequests = requests.keys.filter { requested[$0] == nil }.sorted()
        for name in newLimits { container.limits[name] = limits[name] }
        for name in newRequests { container.requests[name] = requests[name] }
        return [("request", newRequests), ("limit", newLimits)].filter { !$0.1.isEmpty }.map {
            "\($0.1.joined(separator: ", ")) \($0.0) for \(kind) \(container.name)"
        }
    }

    /// The refusal of a container that requests more than its limit, as it can after a default limit was written.
    private func excess(_ spec: PodSpec) -> AdmissionRefusal? {
        for (field, containers) in [("containers", spec.containers), ("initContainers", spec.initContainers)] {
            for (index, container) in containers.enumerated() {
                for (name, amount) in container.requests.sorted(by: { $0.key < $1.key }) {
                    guard let limit = container.limits[name], amount > limit else { continue }
                    let path = "spec.\(field)[\(index)].resources.requests"
                    let message =
                        "\(path): Invalid value: \"\(amount)\": must be less than or equal to \(name) limit of \(limit)"
                    return AdmissionRefusal(step: self.name, .forbidden(message))
                }
            }
        }
        return nil
    }
}

/// Refuses pods that break the bounds of their namespace; comes after all that changes pods.
///
/// Source: Kubernetes' `PodValidateLimitFunc` (plugin/pkg/admission/limitranger), with its words.
public struct LimitRangeCheck: AdmissionStep {
    /// The step's name.
    public var name: String { "limit-range" }

    private let ranges: [String: [LimitRange]]

    /// A step that knows these ranges.
    public init(_ ranges: [LimitRange]) {
        self.ranges = Dictionary(grouping: ranges, by: \.metadata.namespace)
    }

    /// The namespace alone decides.
    public func need(_ pod: Pod) -> StepNeed { ranges[pod.metadata.namespace] == nil ? .template : .past }

    /// Looks at a new pod.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        guard let ranges = ranges[admitted.pod.metadata.namespace], !admitted.pod.hasLived else { return nil }
        for range in ranges {
            let faults = range.items.flatMap { LimitRangeCheck.faults(of: admitted.pod.spec, $0) }
            guard let first = faults.first else { continue }
            let message = faults.count == 1 ? first : "[\(faults.joined(separator: ", "))]"
            return AdmissionRefusal(step: name, .forbidden(message))
        }
        return nil
    }

    private static func faults(of spec: PodSpec, _ item: LimitRange.Item) -> [String] {
        switch item.subject {
        case .container:
            (spec.containers + spec.initContainers).flatMap { Bounds(item, $0.requests, $0.limits).faults }
        case .pod: Bounds(item, spec.statedRequests, spec.statedLimits).faults
        case .claim: []
        }
    }
}

/// What a container or a pod states, held against the bounds of a namespace.
private struct Bounds {
    let item: LimitRange.Item
    let requests: ResourceList
    let limits: ResourceList

    init(_ item: LimitRange.Item, _ requests: ResourceList, _ limits: ResourceList) {
        (self.item, self.requests, self.limits) = (item, requests, limits)
    }

    /// What is broken, in Kubernetes' words.
    var faults: [String] {
        var result: [String] = []
        for (name, least) in item.min.sorted(by: { $0.key < $1.key }) { result += minimum(name, least) }
        for (name, most) in item.max.sorted(by: { $0.key < $1.key }) { result += maximum(name, most) }
        for (name, most) in item.maxRatio.sorted(by: { $0.key < $1.key }) { result += ratio(name, most) }
        return result
    }

    private func minimum(_ name: String, _ least: Quantity) -> [String] {
        let head = "minimum \(name) usage per \(item.subject.rawValue) is \(least)"
        guard let request = requests[name] else { return ["\(head).  No request is specified"] }
        if request < least { return ["\(head), but request is \(request)"] }
        if let limit = limits[name], limit < least { return ["\(head), but limit is \(limit)"] }
        return []
    }

    private func maximum(_ name: String, _ most: Quantity) -> [String] {
        let head = "maximum \(name) usage per \(item.subject.rawValue) is \(most)"
        guard let limit = limits[name] else { return ["\(head).  No limit is specified"] }
        if limit > most { return ["\(head), but limit is \(limit)"] }
        if let request = requests[name], request > most { return ["\(head), but request is \(request)"] }
        return []
    }

    private func ratio(_ name: String, _ most: Quantity) -> [String] {
        let head = "\(name) max limit to request ratio per \(item.subject.rawValue) is \(most)"
        guard let request = requests[name], request > .zero else {
            return ["\(head), but no request is specified or request is 0"]
        }
        guard let limit = limits[name], limit > .zero else {
            return ["\(head), but no limit is specified or limit is 0"]
        }
        let found = Double(limit.nanos) / Double(request.nanos)
        guard found * 1000 > Double(most.milliValue) else { return [] }
        return ["\(head), but provided ratio is \(Bounds.sixDigits(found))"]
    }

    /// A number with six digits behind the point.
    private static func sixDigits(_ number: Double) -> String {
        let millionths = Int128((number * 1e6).rounded())
        let digits = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
