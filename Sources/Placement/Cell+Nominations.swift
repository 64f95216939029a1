import ClusterModel

/// Pods that wait for nodes where room is being made for them, and the room that is kept for them there.
struct Nominations {
    struct Entry {
        var node: NodeIndex
        var classIndex: ClassIndex
    }

    private(set) var entries: [PodID: Entry] = [:]
    /// The pods by node, ascending.
    private(set) var pods: [NodeIndex: [PodID]] = [:]

    var isEmpty: Bool { entries.isEmpty }

    mutating func insert(_ pod: PodID, _ entry: Entry) {
        entries[pod] = entry
        var waiting = pods[entry.node] ?? []
        waiting.insert(pod, at: waiting.firstIndex { $0 > pod } ?? waiting.count)
        pods[entry.node] = waiting
    }

    mutating func remove(_ pod: PodID) -> Entry? {
        guard let entry = entries.removeValue(forKey: pod) else { return nil }
        pods[entry.node]?.removeAll { $0 == pod }
        if pods[entry.node]?.isEmpty ?? false { pods[entry.node] = nil }
        return entry
    }
}

/// Nominated pods: those for whose sake others were evicted, while these still leave.
///
/// A nomination takes no room in the columns, so scores do not see it. A node takes a pod only if it would take it also
/// beside the nominated pods of at least its priority, and also without them.
///
/// Source: Kubernetes' `RunFilterPluginsWithNominatedPods`.
extension Cell {
    /// Whether any pod is nominated to a node.
    @inline(__always)
    public var hasNominations: Bool { !nominations.isEmpty }

    /// The node to which a pod is nominated, or nil.
    public func nominatedNode(of pod: PodID) -> NodeIndex? { nominations.entries[pod]?.node }

    /// The pods nominated to a node, ascending.
    public func podsNominated(to node: NodeIndex) -> [PodID] { nominations.pods[node] ?? [] }

    /// Keeps room on a node for a pod of the class; a pod is nominated to one node at most.
    ///
    /// A node that does not exist is no error: nothing is kept there.
    public mutating func nominate(_ pod: PodID, class index: ClassIndex, to node: NodeIndex) {
        precondition(pod >= 0, "a pod's number is not negative")
        retain(class: index)
        endNomination(of: pod)
        nominations.insert(pod, Nominations.Entry(node: node, classIndex: index))
    }

    /// Keeps no room for a pod any more.
    ///
    /// - Returns: where it was kept, and for which class; nil if nowhere.
    @discardableResult
    public mutating func endNomination(of pod: PodID) -> (node: NodeIndex, class: ClassIndex)? {
        guard let entry = nominations.remove(pod) else { return nil }
        release(class: entry.classIndex)
        return (entry.node, entry.classIndex)
    }

    /// Whether a node takes a pod of the class beside the pods nominated to it, and without them.
    ///
    /// - Parameter pod: the pod, whose own nomination does not count; −1 for one that has none.
    /// - Complexity: that of `fit`, and O(pods nominated to the node).
    public mutating func fitBesideNominated(_ index: ClassIndex, on node: NodeIndex, for pod: PodID = -1) -> Fit {
        fitBesideNominated(index, on: node, adding: .none, for: pod)
    }

    mutating func fitBesideNominated(
        _ index: ClassIndex, on node: NodeIndex, adding added: AddedRules, for pod: PodID = -1
    ) -> Fit {
        if nominations.isEmpty { return fit(index, on: node, adding: added) }
        let others = rivals(of: index, on: node, besides: pod)
        guard !others.isEmpty else { return fit(index, on: node, adding: added) }
        for other in others { place(other.pod, class: other.classIndex, on: node) }
        let beside = fit(index, on: node, adding: added)
        for other in others.reversed() { release(other.pod) }
        return beside.isFit ? fit(index, on: node, adding: added) : beside
    }

    /// The pods nominated to a node whose room a pod of the class must leave: those of at least its priority that are not
    /// placed by now.
    private func rivals(
        of index: ClassIndex, on node: NodeIndex, besides pod: PodID
    ) -> [(pod: PodID, classIndex: ClassIndex)] {
        guard hasNode(node), let waiting = nominations.pods[node] else { return [] }
        let priority = classes[Int(index)].spec.priority
        return waiting.compactMap { other in
            guard other != pod, pods[other].node < 0, let entry = nominations.entries[other],
                classes[Int(entry.classIndex)].spec.priority >= priority
            else { return nil }
            return (other, entry.classIndex)
        }
    }

    /// The nodes that would take a pod of the class if no room were kept there for others.
    ///
    /// - Complexity: O(pods nominated).
    mutating func nodesKept(from index: ClassIndex, adding added: AddedRules) -> [NodeIndex] {
        nominations.pods.keys.sorted().filter { node in
            fit(index, on: node, adding: added).isFit
                && !fitBesideNominated(index, on: node, adding: added).isFit
        }
    }
}

extension Engine {
    /// The best node for a pod of the class among those where no room that it asks for is kept for nominated pods.
    ///
    /// Nodes that are kept from it have no say in the scores of the others, as with Kubernetes, where they are not feasible.
    /// - Complexity: that of `selectInShare` and O(pods nominated); where a node is kept also O(nodes) for a class and a set
    ///   of such nodes that were not among the last few.
    public mutating func selectBesideNominated(_ index: ClassIndex, in cell: inout Cell) -> Selection {
        guard let scope = scopeBesideNominated(index, within: nil, in: &cell) else {
            return selectInShare(index, in: &cell)
        }
        if usesPrices { _ = prices.see(index, &cell) }
        var scoped = takeScoped(index, scope) ?? scopedIndex(index, scope, &cell)
        defer { keepScoped(scoped) }
        return choose(index, scope, &scoped, &cell)
    }

    /// The nodes of a scope, nil being all, without those where room that a pod of the class asks for is kept for nominated
    /// pods.
    mutating func scopeBesideNominated(
        _ index: ClassIndex, within scope: Bits?, in cell: inout Cell
    ) -> Bits? {
        guard cell.hasNominations else { return scope }
        prepare(index, &cell)
        let kept = cell.nodesKept(from: index, adding: rules[Int(index)]?.added ?? .none)
        guard !kept.isEmpty else { return scope }
        var rest = Bits()
        for node in cell.nodeIndices where scope?[Int(node)] ?? true { rest.set(Int(node), true) }
        for node in kept { rest.set(Int(node), false) }
        return rest
    }
}
