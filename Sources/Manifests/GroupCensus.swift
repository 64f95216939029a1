import ClusterModel
import JSON

/// The pods of an input by group: it completes the groups that manifests define, and defines those that pods alone speak
/// of.
struct GroupCensus {
    /// The groups, all that are needed.
    private(set) var groups: [PodGroup]
    /// What a user should know.
    private(set) var warnings: [String] = []

    /// What is known of the members of one group.
    private struct Members {
        let key: ObjectKey
        var count = 0
        var byTask: [String: Int] = [:]
        /// How many members must start at once, as the first one has it that says.
        var stated: Int?
        /// YuniKorn's list of the tasks of the group's application, as JSON.
        var taskGroups: String?
        /// Whether its members belong to it by Kubernetes' own API.
        var needsObject = false
        /// Whether it is an application of YuniKorn's.
        var isApplication = false
    }

    /// The groups that pods name, in the order of the input, and the place of each.
    private var members: [Members] = []
    private var places: [ObjectKey: Int] = [:]
    /// Groups of Koordinator that are to start together with others.
    private var linked = 0

    private static let taskGroupsAnnotation = "yunikorn.apache.org/task-groups"
    private static let linksAnnotation = "gang.scheduling.koordinator.sh/groups"

    /// Looks at the pods of an input, and at those that are left out although they have been placed, by group and task.
    init(_ input: ClusterInput, placed: [ObjectKey: [String: Int]]) {
        groups = input.podGroups
        for pod in input.pods {
            if let name = pod.groupName { count(pod, ObjectKey(namespace: pod.metadata.namespace, name: name)) }
        }
        define(input.workloads, placed)
        for position in groups.indices {
            if let ended = placed[groups[position].metadata.key] { groups[position].finishedByTask = ended }
            if groups[position].metadata.annotations[GroupCensus.linksAnnotation] != nil { linked += 1 }
        }
        warnOfShortGroups()
        warnOfFields()
    }

    private mutating func count(_ pod: Pod, _ key: ObjectKey) {
        let place = places[key] ?? members.count
        if place == members.count {
            places[key] = place
            members.append(
                Members(
                    key: key, needsObject: pod.needsGroupObject,
                    isApplication: pod.metadata.annotations[Pod.taskGroupAnnotation] != nil))
        }
        let task = pod.task
        members[place].count += 1
        if !task.isEmpty { members[place].byTask[task, default: 0] += 1 }
        if members[place].stated == nil { members[place].stated = pod.statedMinMember }
        if members[place].isApplication, members[place].taskGroups == nil {
            members[place].taskGroups = pod.metadata.annotations[GroupCensus.taskGroupsAnnotation]
        }
    }

    /// Defines the groups that no PodGroup does: by a Workload, by what their pods state, or else as all their pods.
    private mutating func define(_ workloads: [SchedulingWorkload], _ placed: [ObjectKey: [String: Int]]) {
        let defined = Set(groups.map(\.metadata.key))
        let byKey = Dictionary(workloads.map { ($0.metadata.key, $0) }) { first, _ in first }
        var whole: [String] = []
        var undefined: [String] = []
        for found in members where !defined.contains(found.key) {
            let key = found.key
            let metadata = ObjectMeta(name: key.name, namespace: key.namespace)
            if found.needsObject {
                let workload = key.name.split(separator: "/").first.map(String.init) ?? ""
                if let group = byKey[ObjectKey(namespace: key.namespace, name: workload)]?.group(named: key.name) {
                    groups.append(group)
                } else {
                    undefined.append(key.description)
                }
            } else if found.isApplication {
                groups.append(application(metadata, found, placed[key] ?? [:]))
            } else if let stated = found.stated {
                groups.append(PodGroup(metadata: metadata, minMember: stated))
            } else {
                let ended = (placed[key] ?? [:]).values.reduce(0, +)
                groups.append(PodGroup(metadata: metadata, minMember: found.count + ended))
                whole.append(key.description)
            }
        }
        if !undefined.isEmpty {
            warnings.append(
                "pods wait for pod groups that no PodGroup or Workload of the input defines: \(listed(undefined))")
        }
        if !whole.isEmpty {
            warnings.append(
                "pods name pod groups that no PodGroup defines, which then need all their pods: \(listed(whole))")
        }
    }

    /// An application of YuniKorn's: of each task that it declares as many members as it says must start at once.
    ///
    /// YuniKorn makes placeholders for members that are not there yet, which nobody does here: of those no more are waited
    /// for than there are.
    private func application(_ metadata: ObjectMeta, _ found: Members, _ finished: [String: Int]) -> PodGroup {
        var group = PodGroup(metadata: metadata, minMember: 0)
        guard let text = found.taskGroups, let value = try? Value(json: text), case .array(let tasks) = value else {
            return group
        }
        for task in tasks {
            guard case .string(let name)? = task["name"], case .int(let count)? = task["minMember"], count > 0 else {
                continue
            }
            let there = (found.byTask[name] ?? 0) + (finished[name] ?? 0)
            let needed = min(Int(min(count, Int64(PodGroup.maxMembers))), there)
            if needed > 0 { group.minByTask[name] = needed }
        }
        group.minMember = group.minByTask.values.reduce(0, +)
        return group
    }

    private mutating func warnOfShortGroups() {
        let short = groups.compactMap { group -> String? in
            let there = places[group.metadata.key].map { members[$0].count } ?? 0
            guard group.minMember > there + group.finishedMembers else { return nil }
            return "\(group.metadata.key) (minMember \(group.minMember), \(there) pods)"
        }
        if !short.isEmpty {
            warnings.append("pod groups have fewer pods than they need at least: \(listed(short))")
        }
    }

    private mutating func warnOfFields() {
        var counts: [String: Int] = [:]
        for group in groups { for field in group.unhonouredFields { counts[field, default: 0] += 1 } }
        if linked > 0 { counts["metadata.annotations[\(GroupCensus.linksAnnotation)]"] = linked }
        guard !counts.isEmpty else { return }
        let fields = counts.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
        warnings.append("fields of pod groups that are not honoured here: \(listed(fields))")
    }
}
