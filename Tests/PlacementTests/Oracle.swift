import ClusterModel
import Foundation

@testable import Placement

/// Kubernetes' rules written as plainly as possible, over dictionaries and loops, sharing no code with the library.
struct Oracle {
    var nodes: [NodeIndex: Node] = [:]
    var pods: [PodID: (node: NodeIndex, spec: SchedulingSpec)] = [:]
    var namespaces: [String: [String: String]] = [:]

    func pods(on node: NodeIndex) -> [SchedulingSpec] { pods.values.filter { $0.node == node }.map(\.spec) }

    // MARK: Filters

    /// The name of the first filter that refuses, or nil.
    func refusal(_ spec: SchedulingSpec, _ index: NodeIndex) -> String? {
        guard let node = nodes[index] else { return "none" }
        if node.unschedulable, !spec.tolerations.contains(where: { $0.tolerates(.unschedulable) }) {
            return "NodeUnschedulable"
        }
        if let name = spec.nodeName, name != node.name { return "NodeName" }
        if !toleratesTaints(spec, node) { return "TaintToleration" }
        if !matchesAffinity(spec, node) { return "NodeAffinity" }
        let placed = pods(on: index)
        for port in spec.hostPorts where placed.contains(where: { $0.hostPorts.contains { $0.conflicts(with: port) } })
        {
            return "NodePorts"
        }
        if !resourcesFit(spec, node, placed) { return "NodeResourcesFit" }
        if !spreadFits(spec, node) { return "PodTopologySpread" }
        if !neighboursFit(spec, node) { return "InterPodAffinity" }
        return nil
    }

    func toleratesTaints(_ spec: SchedulingSpec, _ node: Node) -> Bool {
        node.taints.allSatisfy { taint in
            taint.effect == .preferNoSchedule || spec.tolerations.contains { $0.tolerates(taint) }
        }
    }

    func matchesAffinity(_ spec: SchedulingSpec, _ node: Node) -> Bool {
        spec.nodeSelector.allSatisfy { node.labels[$0.key] == $0.value }
            && spec.affinity.requiredNodes?.matches(name: node.name, labels: node.labels) ?? true
    }

    private func resourcesFit(_ spec: SchedulingSpec, _ node: Node, _ placed: [SchedulingSpec]) -> Bool {
        guard Int64(placed.count) < node.allocatable["pods"]?.value ?? 0 else { return false }
        for (name, amount) in spec.requests where name != GPU.deviceResource && name != GPU.shareResource {
            let taken = placed.reduce(Quantity.zero) { $0 + ($1.requests[name] ?? .zero) }
            if (node.allocatable[name] ?? .zero) - taken < amount { return false }
        }
        return true
    }

    func selects(_ term: PodAffinityTerm, of owner: SchedulingSpec, _ other: SchedulingSpec) -> Bool {
        guard let selector = term.effectiveSelector(for: owner.labels), selector.matches(other.labels) else {
            return false
        }
        if term.namespaces.isEmpty, term.namespaceSelector == nil { return owner.namespace == other.namespace }
        if term.namespaces.contains(other.namespace) { return true }
        var labels = namespaces[other.namespace] ?? [:]
        labels["kubernetes.io/metadata.name"] = other.namespace
        return term.namespaceSelector?.matches(labels) ?? false
    }

    private func eligible(_ c: TopologySpreadConstraint, _ keys: [String], _ spec: SchedulingSpec, _ n: Node) -> Bool {
        keys.allSatisfy { n.labels[$0] != nil }
            && (c.nodeAffinityPolicy == .ignore || matchesAffinity(spec, n))
            && (c.nodeTaintsPolicy == .ignore || toleratesTaints(spec, n))
    }

    /// Pods of a constraint by domain, over the eligible nodes.
    private func spreadCounts(
        _ c: TopologySpreadConstraint, _ keys: [String], _ spec: SchedulingSpec, _ selector: LabelSelector?
    ) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (index, node) in nodes where eligible(c, keys, spec, node) {
            guard let domain = node.labels[c.topologyKey] else { continue }
            counts[domain, default: 0] += spreadCount(index, spec, selector)
        }
        return counts
    }

    /// Pods of a constraint on one node.
    private func spreadCount(_ index: NodeIndex, _ spec: SchedulingSpec, _ selector: LabelSelector?) -> Int {
        let matching = pods(on: index).filter {
            $0.namespace == spec.namespace && selector?.matches($0.labels) ?? false && !$0.isTerminating
        }
        return matching.count
    }

    private func spreadFits(_ spec: SchedulingSpec, _ node: Node) -> Bool {
        let hard = spec.topologySpreadConstraints.filter { $0.whenUnsatisfiable == .doNotSchedule }
        for constraint in hard {
            guard let domain = node.labels[constraint.topologyKey] else { return false }
            let selector = constraint.effectiveSelector(for: spec.labels)
            let counts = spreadCounts(constraint, hard.map(\.topologyKey), spec, selector)
            let least = counts.count < Int(constraint.minDomains ?? 1) ? 0 : counts.values.min() ?? 0
            let own = selector?.matches(spec.labels) ?? false ? 1 : 0
            if (counts[domain] ?? 0) + own - least > Int(constraint.maxSkew) { return false }
        }
        return true
    }

    private func domainHas(_ node: Node, _ key: String, _ test: (SchedulingSpec) -> Bool) -> Bool {
        guard let domain = node.labels[key] else { return false }
        return pods.values.contains { nodes[$0.node]?.labels[key] == domain && test($0.spec) }
    }

    private func neighboursFit(_ spec: SchedulingSpec, _ node: Node) -> Bool {
        let wanted = spec.affinity.requiredPods
        if !wanted.isEmpty {
            guard wanted.allSatisfy({ node.labels[$0.topologyKey] != nil }) else { return false }
            let meetsAll = { (other: SchedulingSpec) in wanted.allSatisfy { selects($0, of: spec, other) } }
            if !wanted.allSatisfy({ domainHas(node, $0.topologyKey, meetsAll) }) {
                let counted = pods.values.contains { pod in
                    meetsAll(pod.spec) && wanted.contains { nodes[pod.node]?.labels[$0.topologyKey] != nil }
                }
                if counted || !meetsAll(spec) { return false }
            }
        }
        for term in spec.affinity.requiredAntiPods
        where domainHas(node, term.topologyKey, { selects(term, of: spec, $0) }) { return false }
        for pod in pods.values {
            for term in pod.spec.affinity.requiredAntiPods where selects(term, of: pod.spec, spec) {
                guard let domain = nodes[pod.node]?.labels[term.topologyKey] else { continue }
                if node.labels[term.topologyKey] == domain { return false }
            }
        }
        return true
    }

    // MARK: Scores

    /// The weighted totals of the stock profile over some nodes.
    func totals(_ spec: SchedulingSpec, _ candidates: [NodeIndex]) -> [Int64] {
        let parts: [(Int64, [Int64])] = [
            (3, taintScores(spec, candidates)), (2, affinityScores(spec, candidates)),
            (1, candidates.map { leastAllocated(spec, $0) }), (2, spreadScores(spec, candidates)),
            (2, neighbourScores(spec, candidates)), (1, candidates.map { balanced(spec, $0) }),
        ]
        return candidates.indices.map { i in parts.reduce(0) { $0 + $1.0 * ($1.1.isEmpty ? 0 : $1.1[i]) } }
    }

    private func taintScores(_ spec: SchedulingSpec, _ candidates: [NodeIndex]) -> [Int64] {
        let counts = candidates.map { index in
            (nodes[index]?.taints ?? []).filter { taint in
                taint.effect == .preferNoSchedule
                    && !spec.tolerations.contains {
                        $0.effect != .noSchedule && $0.effect != .noExecute && $0.tolerates(taint)
                    }
            }.count
        }
        let most = counts.max() ?? 0
        return counts.map { most == 0 ? 100 : 100 - Int64(100 * $0 / most) }
    }

    private func affinityScores(_ spec: SchedulingSpec, _ candidates: [NodeIndex]) -> [Int64] {
        let raw = candidates.map { index -> Int64 in
            guard let node = nodes[index] else { return 0 }
            return spec.affinity.preferredNodes.reduce(0) {
                $0 + ($1.term.matches(name: node.name, labels: node.labels) ? Int64($1.weight) : 0)
            }
        }
        let most = raw.max() ?? 0
        return raw.map { most == 0 ? 0 : 100 * $0 / most }
    }

    private func leastAllocated(_ spec: SchedulingSpec, _ index: NodeIndex) -> Int64 {
        guard let node = nodes[index] else { return 0 }
        let cpu = pods(on: index).reduce(spec.scoringCPUMilli) { $0 + $1.scoringCPUMilli }
        let memory = pods(on: index).reduce(spec.scoringMemoryBytes) { $0 + $1.scoringMemoryBytes }
        var scores: [Int64] = []
        for (taken, offered) in [
            (cpu, node.allocatable["cpu"]?.milliValue), (memory, node.allocatable["memory"]?.value),
        ] {
            guard let offered, offered > 0 else { continue }
            scores.append(taken > offered ? 0 : (offered - taken) * 100 / offered)
        }
        return scores.isEmpty ? 0 : scores.reduce(0, +) / Int64(scores.count)
    }

    private func balanced(_ spec: SchedulingSpec, _ index: NodeIndex) -> Int64 {
        guard let node = nodes[index], spec.requests["cpu"] != nil || spec.requests["memory"] != nil else { return 0 }
        func evenness(_ specs: [SchedulingSpec]) -> Int64 {
            var parts: [Double] = []
            for name in ["cpu", "memory"] {
                func amount(_ q: Quantity?) -> Int64 { (name == "cpu" ? q?.milliValue : q?.value) ?? 0 }
                let offered = amount(node.allocatable[name])
                guard offered > 0 else { continue }
                let taken = specs.reduce(0) { $0 + amount($1.requests[name]) }
                parts.append(min(1, Double(taken) / Double(offered)))
            }
            return Int64((1 - (parts.count == 2 ? abs((parts[0] - parts[1]) / 2) : 0)) * 100)
        }
        let placed = pods(on: index)
        return 50 + (50 + evenness(placed + [spec]) - evenness(placed)) / 2
    }

    private func spreadScores(_ spec: SchedulingSpec, _ candidates: [NodeIndex]) -> [Int64] {
        var soft = spec.topologySpreadConstraints
        var service: LabelSelector?
        if soft.isEmpty, let selector = spec.serviceSelector {
            service = selector
            soft = Profile.systemConstraints
        }
        soft.removeAll { $0.whenUnsatisfiable == .doNotSchedule }
        guard !soft.isEmpty else { return [] }
        let keys = service == nil ? soft.map(\.topologyKey) : []
        let scored = candidates.filter { index in keys.allSatisfy { nodes[index]?.labels[$0] != nil } }
        var raw: [NodeIndex: Double] = Dictionary(uniqueKeysWithValues: scored.map { ($0, 0) })
        for constraint in soft {
            let selector = service ?? constraint.effectiveSelector(for: spec.labels)
            let counts = spreadCounts(constraint, keys, spec, selector)
            let isHost = constraint.topologyKey == "kubernetes.io/hostname"
            let domains = Set(scored.map { nodes[$0]?.labels[constraint.topologyKey] ?? "" })
            let weight = log(Double((isHost ? scored.count : domains.count) + 2))
            for index in scored {
                guard let domain = nodes[index]?.labels[constraint.topologyKey] else { continue }
                let count = isHost ? spreadCount(index, spec, selector) : counts[domain] ?? 0
                raw[index, default: 0] += Double(count) * weight + Double(constraint.maxSkew - 1)
            }
        }
        let rounded = raw.mapValues { Int64($0.rounded()) }
        let (least, most) = (rounded.values.min() ?? 0, rounded.values.max() ?? 0)
        return candidates.map { index in
            guard let score = rounded[index] else { return 0 }
            return most == 0 ? 100 : 100 * (most + least - score) / most
        }
    }

    private func neighbourScores(_ spec: SchedulingSpec, _ candidates: [NodeIndex]) -> [Int64] {
        var pairs: [[String]: Int64] = [:]
        for pod in pods.values {
            guard let node = nodes[pod.node] else { continue }
            func add(_ term: PodAffinityTerm, _ weight: Int64) {
                if let domain = node.labels[term.topologyKey] {
                    pairs[[term.topologyKey, domain], default: 0] += weight
                }
            }
            for item in spec.affinity.preferredPods where selects(item.term, of: spec, pod.spec) {
                add(item.term, Int64(item.weight))
            }
            for item in spec.affinity.preferredAntiPods where selects(item.term, of: spec, pod.spec) {
                add(item.term, -Int64(item.weight))
            }
            for term in pod.spec.affinity.requiredPods where selects(term, of: pod.spec, spec) { add(term, 1) }
            for item in pod.spec.affinity.preferredPods where selects(item.term, of: pod.spec, spec) {
                add(item.term, Int64(item.weight))
            }
            for item in pod.spec.affinity.preferredAntiPods where selects(item.term, of: pod.spec, spec) {
                add(item.term, -Int64(item.weight))
            }
        }
        guard !pairs.isEmpty else { return [] }
        let raw = candidates.map { index in
            (nodes[index]?.labels ?? [:]).reduce(0) { $0 + (pairs[[$1.key, $1.value]] ?? 0) }
        }
        let (least, most) = (raw.min() ?? 0, raw.max() ?? 0)
        return raw.map { most == least ? 0 : Int64(100 * (Double($0 - least) / Double(most - least))) }
    }
}
