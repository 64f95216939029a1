import Admission
import ClusterModel
import Placement

extension ExplainReport {
    /// What becomes of the pod's group as a whole.
    struct GroupReport {
        /// How many members must start at once now; 0 where the group runs.
        var missing = 0
        /// Where they would go, by pod.
        var places: [(pod: String, node: String)] = []
        /// Who would have to leave for them.
        var victims: [String] = []
        /// Whether anything defines the group.
        var isDefined = true
        /// Why the group does not start, or that it runs; empty where it would start.
        var message = ""

        /// Whether the group does not run and does not start, so that none of its pods goes anywhere.
        var waits: Bool { !message.isEmpty && (missing > 0 || !isDefined) }

        /// A line about the group.
        var line: String {
            guard message.isEmpty else { return "the group \(message)" }
            let shown = places.prefix(8).map { "\($0.pod) on \($0.node)" }.joined(separator: ", ")
            let more = places.count > 8 ? " and \(places.count - 8) more" : ""
            let evicting = victims.isEmpty ? "" : ", after evicting \(victims.joined(separator: ", "))"
            return "the group would start with \(shown)\(more)\(evicting)"
        }

        var value: Value {
            var object = ObjectBuilder()
            object.add("missing", .int(Int64(missing)))
            object.add("message", message)
            object.add("placements", .object(places.map { .init($0.pod, .string($0.node)) }))
            object.add("victims", .strings(victims))
            return object.value
        }
    }
}

extension Cluster {
    /// What becomes of a pod's group as a whole, in a cell without the pod; nil for a pod without a group.
    func explainGroup(
        of pod: Pod, as spec: SchedulingSpec, by engine: Engine, in cell: Cell, _ preemption: Preemption
    ) -> ExplainReport.GroupReport? {
        guard let key = pod.groupKey else { return nil }
        var report = ExplainReport.GroupReport()
        guard let group = groups.first(where: { $0.metadata.key == key }) else {
            report.isDefined = false
            report.message = "waits for \(PodGroup.definition(of: key))"
            return report
        }
        let members = pods.indices.filter { pods[$0].groupKey == key }
        let bound = members.count { pods[$0].spec.nodeName != nil && pods[$0].metadata.key != pod.metadata.key }
        report.missing = max(0, group.minMember - bound - group.finishedMembers)
        guard report.missing > 0 else {
            report.message = group.minMember == 0 ? "asks for nothing at once" : "runs, so the pod is placed by itself"
            return report
        }
        let waiting = members.filter { number in
            let other = pods[number]
            return other.metadata.key == pod.metadata.key
                || other.spec.nodeName == nil && other.spec.schedulingGates.isEmpty && !other.isTerminating
        }
        guard waiting.count >= report.missing else {
            report.message =
                "has \(members.count + group.finishedMembers) of the \(group.minMember) members that it needs"
            return report
        }
        plan(group, waiting, pod, spec, by: engine, in: cell, preemption, &report)
        return report
    }

    /// Looks for places for a group's members, with evictions if need be.
    private func plan(
        _ group: PodGroup, _ waiting: [Int], _ pod: Pod, _ spec: SchedulingSpec, by engine: Engine, in cell: Cell,
        _ preemption: Preemption, _ report: inout ExplainReport.GroupReport
    ) {
        var (engine, cell) = (engine, cell)
        var admission = admissionWithoutPolicies
        let classes = waiting.map { number in
            cell.register(
                pods[number].metadata.key == pod.metadata.key ? spec : self.spec(of: pods[number], &admission))
        }
        var gang = Gang(
            members: Gang.Members.runs(of: zip(classes, waiting).lazy.map { ($0, PodID($1)) }),
            minMember: report.missing, requiredTopologyKeys: group.requiredTopologyKeys,
            preferredTopologyKeys: group.preferredTopologyKeys)
        gang.tasks = group.minByTask.sorted { $0.key < $1.key }.map { task, count in
            let placed = pods.count { $0.groupKey == group.metadata.key && $0.spec.nodeName != nil && $0.task == task }
            return Gang.Task(
                name: task, pods: Set(waiting.filter { pods[$0].task == task }.map { PodID($0) }),
                minMember: max(0, count - placed - (group.finishedByTask[task] ?? 0)))
        }
        let lacking = cell.lacking(group.minResources)
        let plan = lacking.isEmpty ? engine.plan(gang, in: &cell) : nil
        let found = plan == nil ? preemption.choose(gang, by: &engine, in: &cell) : nil
        guard let items = plan?.items ?? found?.plan.items else {
            report.message =
                lacking.isEmpty
                ? "cannot start: no room for \(report.missing) of its members at once"
                : "cannot start: its minResources are not free: \(lacking.joined(separator: ", "))"
            return
        }
        report.places = items.map {
            (pods[Int($0.pod)].metadata.key.description, cell.nodeName($0.node) ?? "")
        }
        report.victims = found?.victims.map { pods[Int($0)].metadata.key.description } ?? []
    }
}
