import ClusterModel

/// A share of the pods, told by what they belong to: of one group or one owner all pods are in it or none.
///
/// A greater share of the same rule holds every pod of a smaller one.
struct PolicySample: Hashable, Sendable {
    /// The rule, so that two rules have samples that have nothing to do with each other.
    let rule: RuleReference
    /// The share, 0 to 100.
    let percent: Int

    /// Whether the pod is in the sample.
    func contains(_ pod: Pod, _ group: ObjectKey?) -> Bool { place(of: pod, group) < percent * 100 }

    /// Where the pod stands among 10,000 places.
    func place(of pod: Pod, _ group: ObjectKey?) -> Int {
        var hash = rule.hash(of: pod, group)
        hash.add("sample")
        return Int(((hash.mixed >> 32) * 10_000) >> 32)
    }

    /// Where the pod stands, in percent: `37.25`.
    func placeText(of pod: Pod, _ group: ObjectKey?) -> String {
        let place = place(of: pod, group)
        let rest = place % 100
        return "\(place / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension RuleReference {
    /// A hash of the rule and of what the pod belongs to: its group, or else its owner, or else its name.
    func hash(of pod: Pod, _ group: ObjectKey?) -> ContentHash {
        var hash = ContentHash()
        hash.add(policy)
        hash.add(rule)
        hash.add(pod.metadata.namespace)
        if let group {
            hash.add("group \(group.name)")
        } else if let owner = pod.metadata.controller {
            hash.add("\(owner.kind) \(owner.name)")
        } else {
            hash.add(pod.metadata.name)
        }
        return hash
    }
}
