import ClusterModel

/// Keeps the pods of a namespace within its quotas; comes last, when nothing else can refuse the pod.
///
/// Pods that stand in the input count from the start. The `status.used` of a quota counts where the input has none of its
/// namespace's pods that lived. Source: Kubernetes' ResourceQuota plug-in (apiserver, plugin/resourcequota), with its words.
public struct QuotaStep: AdmissionStep {
    /// The step's name.
    public var name: String { "quota" }

    fileprivate struct Ledger: Sendable {
        var quota: ResourceQuota
        var used: ResourceList
    }

    private var ledgers: [String: [Ledger]] = [:]

    /// A step that knows these quotas.
    ///
    /// - Parameter pods: the pods of the input; those that are there already are charged.
    public init(_ quotas: [ResourceQuota], pods: [Pod]) {
        guard !quotas.isEmpty else { return }
        let namespaces = Set(quotas.map(\.metadata.namespace))
        let standing = pods.filter { namespaces.contains($0.metadata.namespace) && QuotaStep.isThere($0) }
        let lived = Set(standing.filter(\.hasLived).map(\.metadata.namespace))
        for quota in quotas {
            let used = lived.contains(quota.metadata.namespace) ? [:] : quota.used.filter { quota.hard[$0.key] != nil }
            ledgers[quota.metadata.namespace, default: []].append(Ledger(quota: quota, used: used))
        }
        for pod in standing { charge(pod) }
    }

    /// Whether a pod was let in before.
    private static func isThere(_ pod: Pod) -> Bool { pod.hasLived || pod.spec.nodeName != nil }

    /// Only where no quota counts what others took.
    public func need(_ pod: Pod) -> StepNeed { ledgers[pod.metadata.namespace] == nil ? .template : .anything }

    /// What is taken of a quota.
    public func used(of quota: ObjectKey) -> ResourceList? {
        ledgers[quota.namespace]?.first { $0.quota.metadata.name == quota.name }?.used
    }

    /// Charges a new pod to the quotas that count it, or refuses it.
    public mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
        guard let ledgers = ledgers[admitted.pod.metadata.namespace], !QuotaStep.isThere(admitted.pod) else {
            return nil
        }
        let usage = ResourceQuota.usage(of: admitted.pod.spec)
        for ledger in ledgers where ledger.quota.counts(admitted.pod) {
            let missing = ledger.quota.missing(in: admitted.pod.spec).map {
                "\($0.resource) for: \($0.containers.joined(separator: ","))"
            }
            guard missing.isEmpty else {
                let list = missing.joined(separator: "; ")
                return refusal("failed quota: \(ledger.quota.metadata.name): must specify \(list)")
            }
        }
        for ledger in ledgers where ledger.quota.counts(admitted.pod) {
            if let message = ledger.excess(usage) { return refusal(message) }
        }
        charge(admitted.pod)
        return nil
    }

    private mutating func charge(_ pod: Pod) {
        let namespace = pod.metadata.namespace
        guard let count = ledgers[namespace]?.count else { return }
        let usage = ResourceQuota.usage(of: pod.spec)
        for index in 0..<count where ledgers[namespace]?[index].quota.counts(pod) == true {
            ledgers[namespace]?[index].add(usage)
        }
    }

    private func refusal(_ message: String) -> AdmissionRefusal { AdmissionRefusal(step: name, .forbidden(message)) }
}

extension QuotaStep.Ledger {
    /// What of the usage would be too much, in Kubernetes' words; nil where all fits.
    fileprivate func excess(_ usage: ResourceList) -> String? {
        let exceeded = usage.keys.filter { name in
            guard let most = quota.hard[name], let more = usage[name], more > .zero else { return false }
            return (used[name] ?? .zero) + more > most
        }.sorted()
        guard !exceeded.isEmpty else { return nil }
        let list = { (amounts: ResourceList) in
            exceeded.map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
        }
        return "exceeded quota: \(quota.metadata.name), requested: \(list(usage)), used: \(list(used)), "
            + "limited: \(list(quota.hard))"
    }

    fileprivate mutating func add(_ usage: ResourceList) {
        for (name, amount) in usage where quota.hard[name] != nil { used[name, default: .zero] += amount }
    }
}
