import Admission
import ClusterModel
import Placement
import PolicyEngine
import Simulation

extension Cluster {
    /// The cell with the pods that stand on nodes and the room that is kept for others, but for one; a pod's number is its
    /// place in the input.
    func cell(without left: ObjectKey, protectsPlacedSpread: Bool) -> Cell {
        var cell = Cell()
        cell.protectsPlacedSpread = protectsPlacedSpread
        for namespace in namespaces {
            _ = cell.setNamespace(namespace.metadata.name, labels: namespace.metadata.labels)
        }
        for (number, node) in nodes.enumerated() { _ = cell.upsertNode(node, at: NodeIndex(number)) }
        let nodeIndices = nodeIndices
        var admission = admissionWithoutPolicies
        for (number, pod) in pods.enumerated() where pod.metadata.key != left {
            if let name = pod.spec.nodeName, let node = nodeIndices[name] {
                cell.place(PodID(number), class: cell.register(spec(of: pod, &admission)), on: node)
            } else if let node = nominatedNode(of: pod) {
                let index = cell.register(spec(of: pod, &admission))
                cell.nominate(PodID(number), class: index, to: node)
            }
        }
        return cell
    }

    /// The node where room is kept for a pod that waits for it; nil for one that is held back, or placed already.
    func nominatedNode(of pod: Pod) -> NodeIndex? {
        guard pod.spec.nodeName == nil, pod.spec.schedulingGates.isEmpty, !pod.isTerminating,
            let name = pod.nominatedNodeName
        else { return nil }
        return nodes.firstIndex { $0.name == name }.map { NodeIndex($0) }
    }

    private var nodeIndices: [String: NodeIndex] {
        Dictionary(nodes.enumerated().map { ($1.name, NodeIndex($0)) }, uniquingKeysWith: { $1 })
    }

    /// What completes pods wherever they stand.
    var admissionWithoutPolicies: Admission { Admission(rules, pods: pods, policies: PolicyEngine(.empty)) }

    /// What placing a pod depends on, wherever it stands, with what admission writes into it before policies are asked.
    func spec(of pod: Pod, _ admission: inout Admission) -> SchedulingSpec {
        var completed = admission.completed(pod)
        completed.spec.nodeName = nil
        return SchedulingSpec(completed, serviceSelector: serviceSelector(pod))
    }

    /// Preemption with the budgets of the input, the times at which its pods started, and their groups.
    func preemption(by preemptor: ObjectKey) -> Preemption {
        var preemption = Preemption()
        var census = BudgetCensus(budgets)
        let nodeIndices = nodeIndices
        let rules = Dictionary(groups.map { ($0.metadata.key, $0) }, uniquingKeysWith: { $1 })
        var groupNumbers: [ObjectKey: Int32] = [:]
        var disrupted: [Set<PodID>] = Array(repeating: [], count: budgets.count)
        for (number, pod) in pods.enumerated() {
            let key = pod.metadata.key
            let stands = key != preemptor && pod.spec.nodeName.flatMap { nodeIndices[$0] } != nil
            census.count(key, labels: pod.metadata.labels, isHealthy: stands && pod.isHealthy)
            guard stands else { continue }
            preemption.startTimes[PodID(number)] = pod.startTime.flatMap { Timestamp.seconds($0) }
            if pod.isLeavingByPreemption { preemption.leaving.insert(PodID(number)) }
            for (place, budget) in budgets.enumerated()
            where budget.metadata.namespace == key.namespace && budget.disruptedPods.contains(key.name) {
                disrupted[place].insert(PodID(number))
            }
            guard let group = pod.groupKey, let rule = rules[group] else { continue }
            let groupNumber = groupNumbers[group] ?? Int32(groupNumbers.count)
            groupNumbers[group] = groupNumber
            preemption.groupOf[PodID(number)] = groupNumber
            let least = max(0, rule.minMember - rule.finishedMembers)
            let goesWhole = rule.isDisruptedWhole
            preemption.groups[
                groupNumber, default: VictimGroup(minMember: least, bound: 0, goesWhole: goesWhole)
            ].bound += 1
            if goesWhole { preemption.membersOf[groupNumber, default: []].append(PodID(number)) }
        }
        preemption.budgets = budgets.enumerated().map { place, budget in
            DisruptionBudget(
                namespace: budget.metadata.namespace, selector: budget.selector, allowed: max(0, census.left[place]),
                disrupted: disrupted[place])
        }
        return preemption
    }
}
