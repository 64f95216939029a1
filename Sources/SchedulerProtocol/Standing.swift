import JSON

/// A pod that waits for a node: `[pod, template, node]`.
public struct NominatedPod: Hashable, Sendable {
    /// The pod's number.
    public var pod: WirePod
    /// The number of its template.
    public var template: WireTemplate
    /// The number of the node where room is kept for it.
    public var node: WireNode

    /// A pod that waits for a node.
    public init(pod: WirePod, template: WireTemplate, node: WireNode) {
        self.pod = pod
        self.template = template
        self.node = node
    }
}

/// The contents of `standing`: facts about placed pods by which preemption chooses among them.
public struct Standing: Hashable, Sendable {
    /// When a pod started, in seconds since 1970.
    public struct Start: Hashable, Sendable {
        /// The pod's number.
        public var pod: WirePod
        /// When it started.
        public var seconds: Int

        /// A pod and when it started.
        public init(pod: WirePod, seconds: Int) {
            self.pod = pod
            self.seconds = seconds
        }
    }

    /// A group with members that stand: `[group, minMember, goesWhole, pod…]`.
    public struct Group: Hashable, Sendable {
        /// The group's number.
        public var id: WireGroup
        /// How many members it needs; 0 where it is no gang.
        public var minMember: Int
        /// Whether it is disrupted as a whole or not at all.
        public var goesWhole: Bool
        /// The members told of here; those told of before stay its members.
        public var pods: [WirePod]

        /// A group with some of its members.
        public init(id: WireGroup, minMember: Int, goesWhole: Bool, pods: [WirePod]) {
            self.id = id
            self.minMember = minMember
            self.goesWhole = goesWhole
            self.pods = pods
        }
    }

    /// Pods of which it is known when they started; the others count as the youngest.
    public var starts: [Start]
    /// Groups of which members stand.
    public var groups: [Group]
    /// Pods that are leaving because they were preempted.
    public var leaving: [WirePod]

    /// Facts about placed pods.
    public init(starts: [Start] = [], groups: [Group] = [], leaving: [WirePod] = []) {
        self.starts = starts
        self.groups = groups
        self.leaving = leaving
    }

    /// Whether nothing is told.
    public var isEmpty: Bool { starts.isEmpty && groups.isEmpty && leaving.isEmpty }
}

extension NominatedPod {
    init(_ node: MessageNode) throws(MessageError) {
        let form = "[pod, template, node]"
        self.init(pod: try node.at(0, form), template: try node.at(1, form), node: try node.at(2, form))
    }

    func write(to json: inout JSONWriter) {
        json.beginArray()
        json.int(pod)
        json.int(template)
        json.int(node)
        json.endArray()
    }
}

extension Standing {
    init(_ node: MessageNode) throws(MessageError) {
        self.init(leaving: try node.integers("leaving"))
        let form = "[group, minMember, 0 or 1, pod, ...]"
        groups = try node.list("groups") { item throws(MessageError) in
            var numbers: [Int] = []
            guard item.json.kind == .array, item.json.appendIntegers(to: &numbers), numbers.count >= 3 else {
                throw item.fail(form)
            }
            return Group(
                id: numbers[0], minMember: numbers[1], goesWhole: numbers[2] != 0, pods: Array(numbers[3...]))
        }
        try node.eachRun("started", "[pod, seconds, seconds, ...]", least: 2) { run, _ throws(MessageError) in
            for offset in 0..<run.count - 1 { starts.append(Start(pod: run[0] + offset, seconds: run[1 + offset])) }
        }
    }

    func writeFields(to json: inout JSONWriter) {
        if !starts.isEmpty {
            Runs.write(
                starts.count, as: "started", to: &json,
                continues: { first, next in starts[next].pod == starts[first].pod + next - first },
                run: { run, json in
                    json.int(starts[run.lowerBound].pod)
                    for position in run { json.int(starts[position].seconds) }
                })
        }
        if !groups.isEmpty {
            json.key("groups")
            json.beginArray()
            for group in groups {
                json.beginArray()
                json.int(group.id)
                json.int(group.minMember)
                json.int(group.goesWhole ? 1 : 0)
                for pod in group.pods { json.int(pod) }
                json.endArray()
            }
            json.endArray()
        }
        if !leaving.isEmpty {
            json.key("leaving")
            json.beginArray()
            for pod in leaving { json.int(pod) }
            json.endArray()
        }
    }
}
