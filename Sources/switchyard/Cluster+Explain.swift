import Admission
import ClusterModel
import Placement
import PolicyEngine

extension Cluster {
    /// The cell with the pods that stand on nodes, but for one; a pod's number is its place in the input.
    func cell(without left: ObjectKey) -> Cell {
        var cell = Cell()
        for namespace in namespaces {
            _ = cell.setNamespace(namespace.metadata.name, labels: namespace.metadata.labels)
        }
        for (number, node) in nodes.enumerated() { _ = cell.upsertNode(node, at: NodeIndex(number)) }
        let nodeIndices = nodeIndices
        var priorities = PriorityStep(priorityClasses)
        for (number, pod) in pods.enumerated() where pod.metadata.key != left {
            guard let name = pod.spec.nodeName, let node = nodeIndices[name] else { continue }
            let index = cell.register(spec(of: pod, &priorities))
            cell.place(PodID(number), class: index, on: node)
        }
        return cell
    }

    private var nodeIndices: [String: NodeIndex] {
        Dictionary(nodes.enumerated().map { ($1.name, NodeIndex($0)) }, uniquingKeysWith: { $1 })
    }

    /// What placing a pod depends on, wherever it stands, with the priority of its class.
    private func spec(of pod: Pod, _ priorities: inout PriorityStep) -> SchedulingSpec {
        var admitted = AdmittedPod(pod: pod)
        // A pod whose class is unknown keeps what it states.
        _ = priorities.admit(&admitted)
        admitted.pod.spec.nodeName = nil
        return SchedulingSpec(admitted.pod, serviceSelector: serviceSelector(pod))
    }

    /// Why nodes refuse a pod for the sake of pods that preemption has nominated to them.
    ///
    /// Source: Kubernetes' `RunFilterPluginsWithNominatedPods`: a node must take the pod also beside the nominated pods of at
    /// least its priority, which scores do not count.
    func refusalsForNominated(
        _ pod: Pod, _ profile: Profile, _ cell: Cell, serviceSelector: LabelSelector?
    ) -> [NodeIndex: Fit] {
        let nodeIndices = nodeIndices
        var priorities = PriorityStep(priorityClasses)
        var waiting: [NodeIndex: [(number: PodID, spec: SchedulingSpec)]] = [:]
        for (number, other) in pods.enumerated()
        where other.spec.nodeName == nil && other.metadata.key != pod.metadata.key {
            guard let node = other.nominatedNodeName.flatMap({ nodeIndices[$0] }) else { continue }
            let spec = spec(of: other, &priorities)
            if spec.priority >= pod.spec.priority ?? 0 { waiting[node, default: []].append((PodID(number), spec)) }
        }
        var refusals: [NodeIndex: Fit] = [:]
        for (node, others) in waiting {
            var cell = cell
            for other in others { cell.place(other.number, class: cell.register(other.spec), on: node) }
            let index = cell.register(SchedulingSpec(pod, serviceSelector: serviceSelector))
            var engine = Engine(profile: profile, seed: 0)
            let fit = engine.fit(index, on: node, in: &cell)
            if !fit.isFit { refusals[node] = fit }
        }
        return refusals
    }

    /// Preemption with the budgets of the input and the times at which its pods started.
    func preemption(by preemptor: ObjectKey) -> Preemption {
        var preemption = Preemption()
        let standing = pods.filter { $0.spec.nodeName != nil && $0.metadata.key != preemptor }
        preemption.budgets = budgets.map { budget in
            let healthy = standing.count {
                $0.metadata.namespace == budget.metadata.namespace
                    && budget.selector?.matches($0.metadata.labels) ?? false
            }
            return DisruptionBudget(
                namespace: budget.metadata.namespace, selector: budget.selector,
                allowed: budget.allowed(healthy: healthy))
        }
        for (number, pod) in pods.enumerated() {
            preemption.startTimes[PodID(number)] = pod.startTime.flatMap { Timestamp.seconds($0) }
        }
        return preemption
    }
}
