import ClusterModel

/// Keeping the hard spread constraints of pods that stand already.
///
/// Kubernetes checks a constraint once, when the pod that has it is placed; a later pod with a weaker constraint, or with
/// none, may then break it. A cell that protects placed spread refuses such a later pod, as Kubernetes itself refuses one
/// that a placed pod's anti-affinity forbids.
extension Cell {
    /// A hard constraint and the class that has it.
    struct SpreadHolder {
        var holder: ClassIndex
        var rule: SpreadRule
    }

    /// Remembers the hard constraints of a class under the counters that they read.
    mutating func noteSpreadHolder(_ index: ClassIndex) {
        for rule in classes[Int(index)].spread {
            spreadHolders[rule.counter, default: []].append(SpreadHolder(holder: index, rule: rule))
            noteHoldersChanged(rule.counter)
        }
    }

    /// Forgets the hard constraints of a class that is forgotten.
    mutating func forgetSpreadHolder(_ index: ClassIndex) {
        for rule in classes[Int(index)].spread {
            spreadHolders[rule.counter]?.removeAll { $0.holder == index }
            if spreadHolders[rule.counter]?.isEmpty ?? false { spreadHolders[rule.counter] = nil }
            noteHoldersChanged(rule.counter)
        }
    }

    /// Tells the classes whose pods a counter counts that their rules changed.
    private mutating func noteHoldersChanged(_ counter: Int32) {
        guard protectsPlacedSpread else { return }
        for member in groups[Int(counters[Int(counter)].key.counted.group)].members {
            classes[Int(member)].revision &+= 1
        }
    }

    /// Whether a pod of the class counts for a constraint of some other class's placed pods, so that placing it can break
    /// one.
    ///
    /// Such a class needs `keepsPlacedSpread` beside its own filters.
    func concernsPlacedSpread(_ index: ClassIndex) -> Bool {
        guard protectsPlacedSpread, !spreadHolders.isEmpty else { return false }
        return classes[Int(index)].contributions.contains { item in
            spreadHolders[item.counter]?.contains { $0.holder != index && classes[Int($0.holder)].podCount > 0 }
                ?? false
        }
    }

    /// Whether one more pod of the class on the node keeps every hard constraint of the pods placed.
    ///
    /// The class's own constraints are left to the spread filter. The minimum is taken before the placement: where the
    /// pod's domain is the only emptiest one, its skew is at most 1, which every constraint allows.
    /// - Complexity: O(counters that the class changes × classes with a constraint on them).
    func keepsPlacedSpread(_ index: ClassIndex, _ node: Int) -> Bool {
        guard protectsPlacedSpread, !spreadHolders.isEmpty else { return true }
        for item in classes[Int(index)].contributions {
            guard let holders = spreadHolders[item.counter] else { continue }
            let domain = topologies[Int(item.topology)].domainOf[node]
            guard domain >= 0, counters[Int(item.counter)].counts(node: node) else { continue }
            let count = Int64(counters[Int(item.counter)][domain]) + Int64(item.amount)
            for entry in holders where entry.holder != index && classes[Int(entry.holder)].podCount > 0 {
                if count - spreadMinimum(entry.rule) > entry.rule.maxSkew { return false }
            }
        }
        return true
    }
}
