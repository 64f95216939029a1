import ClusterModel
import JSON

extension DispatcherMessage {
    /// Appends the message as one line; with `runs` pods are written as runs where they can be.
    public func write(to json: inout JSONWriter, runs: Bool = false) {
        json.beginObject()
        json.key("type")
        json.literal(type)
        switch self {
        case .hello(let hello): hello.writeFields(to: &json)
        case .nodes(let revision, let upsert, let remove):
            json.field("revision", revision)
            if !upsert.isEmpty {
                json.list("upsert", upsert) { json, item in item.write(to: &json) }
            }
            if !remove.isEmpty { json.integers("remove", remove) }
        case .namespaces(let all):
            json.list("upsert", all) { json, namespace in
                json.beginObject()
                json.field("name", namespace.metadata.name)
                json.key("labels")
                json.value(.strings(namespace.metadata.labels))
                json.endObject()
            }
        case .budgets(let all): json.list("budgets", all) { json, budget in budget.write(to: &json) }
        case .templates(let all): json.list("templates", all) { json, template in template.write(to: &json) }
        case .forget(let all): json.integers("templates", all)
        case .groups(let all): json.list("groups", all) { json, group in group.write(to: &json) }
        case .pods(let pods, let names):
            if runs {
                Runs.write(pods, to: &json)
            } else {
                json.list("pods", pods) { json, pod in pod.write(to: &json) }
            }
            if !names.isEmpty { json.list("names", names) { json, name in json.string(name) } }
        case .placed(let revision, let pods):
            json.field("revision", revision)
            if runs, Runs.canWrite(pods) {
                Runs.write(pods, to: &json)
            } else {
                json.list("pods", pods) { json, pod in pod.write(to: &json) }
            }
        case .standing(let standing): standing.writeFields(to: &json)
        case .nominated(let pods, let ended):
            if !pods.isEmpty { json.list("pods", pods) { json, pod in pod.write(to: &json) } }
            if !ended.isEmpty { json.integers("ended", ended) }
        case .released(let revision, let pods):
            json.field("revision", revision)
            json.integers("pods", pods)
        case .rejected(let all): json.list("pods", all) { json, rejection in rejection.write(to: &json) }
        case .withdraw(let pods): json.integers("pods", pods)
        case .clock(let now): json.field("now", now)
        case .share(let share, let shares):
            json.field("share", share)
            json.field("shares", shares)
        case .explain(let id, let template):
            json.field("id", id)
            json.field("template", template)
        case .ping(let id): json.field("id", id)
        case .drain, .stop: break
        }
        json.endObject()
        json.newline()
    }

    /// The message's `type`.
    public var type: StaticString {
        switch self {
        case .hello: "hello"
        case .nodes: "nodes"
        case .namespaces: "namespaces"
        case .budgets: "budgets"
        case .templates: "templates"
        case .forget: "forget"
        case .groups: "groups"
        case .pods: "pods"
        case .placed: "placed"
        case .standing: "standing"
        case .nominated: "nominated"
        case .released: "released"
        case .rejected: "rejected"
        case .withdraw: "withdraw"
        case .clock: "clock"
        case .share: "share"
        case .explain: "explain"
        case .ping: "ping"
        case .drain: "drain"
        case .stop: "stop"
        }
    }
}

extension SchedulerMessage {
    /// Appends the message as one line; with `runs` placements are written as runs where they can be.
    public func write(to json: inout JSONWriter, runs: Bool = false) {
        json.beginObject()
        json.key("type")
        if case .unknown(let type) = self { json.string(type) } else { json.literal(type) }
        switch self {
        case .ready(let ready):
            json.field("protocol", ready.version)
            json.field("window", ready.window)
            json.list("capabilities", ready.capabilities.nameList) { json, name in json.string(name) }
        case .place(let revision, let proposals):
            if let revision { json.field("revision", revision) }
            json.proposals(proposals, runs)
        case .transaction(let id, let revision, let proposals, let victims):
            json.field("id", id)
            if let revision { json.field("revision", revision) }
            json.proposals(proposals, runs)
            if !victims.isEmpty { json.integers("victims", victims) }
        case .unschedulable(let report): report.writeFields(to: &json)
        case .hold(let hold):
            if !hold.pods.isEmpty { json.integers("pods", hold.pods) }
            if !hold.groups.isEmpty { json.integers("groups", hold.groups) }
            json.field("reason", hold.reason)
        case .preempt(let revision, let pod, let node, let victims, let violations):
            if let revision { json.field("revision", revision) }
            json.field("pod", pod)
            json.field("node", node)
            json.integers("victims", victims)
            if let violations { json.field("violations", violations) }
        case .explanation(let id, let value):
            json.field("id", id)
            json.key("explanation")
            json.value(value)
        case .pong(let id): json.field("id", id)
        case .stats(let value):
            json.key("stats")
            json.value(value)
        case .unknown: break
        }
        json.endObject()
        json.newline()
    }

    /// The message's `type`; empty for one that this version does not know.
    public var type: StaticString {
        switch self {
        case .ready: "ready"
        case .place: "place"
        case .transaction: "transaction"
        case .unschedulable: "unschedulable"
        case .hold: "hold"
        case .preempt: "preempt"
        case .explanation: "explanation"
        case .pong: "pong"
        case .stats: "stats"
        case .unknown: ""
        }
    }
}

extension Hello {
    fileprivate func writeFields(to json: inout JSONWriter) {
        json.field("protocol", SchedulerProtocol.version)
        json.field("scheduler", scheduler)
        json.key("shard")
        json.beginArray()
        json.int(shard)
        json.int(shards)
        json.endArray()
        // The seed is written as a string: jansson's integers have 63 bits.
        json.field("seed", String(seed))
        if protectsPlacedSpread {
            json.key("protectsPlacedSpread")
            json.bool(true)
        }
        json.key("config")
        json.value(config)
    }
}

extension NumberedNode {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("id", id)
        json.field("name", node.name)
        if !node.labels.isEmpty {
            json.key("labels")
            json.value(.strings(node.labels))
        }
        if node.unschedulable {
            json.key("unschedulable")
            json.bool(true)
        }
        if !node.taints.isEmpty { json.list("taints", node.taints) { json, taint in json.value(taint.manifest) } }
        json.key("allocatable")
        json.value(.resources(node.allocatable))
        if !node.images.isEmpty {
            json.list("images", node.images) { json, image in
                json.value(.object([.init("names", .strings(image.names)), .init("sizeBytes", .int(image.sizeBytes))]))
            }
        }
        json.endObject()
    }
}

extension NumberedTemplate {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("id", id)
        if case .object(let fields) = spec.value {
            for field in fields {
                json.key(named: field.key)
                json.value(field.value)
            }
        }
        json.endObject()
    }
}

extension NumberedGroup {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("id", id)
        json.field("namespace", group.metadata.namespace)
        json.field("name", group.metadata.name)
        json.field("minMember", group.minMember)
        json.field("bound", bound)
        if let submitted { json.field("submitted", submitted) }
        if let expectedSeconds { json.field("expectedSeconds", expectedSeconds) }
        if let started { json.field("started", started) }
        if !group.requiredTopologyKeys.isEmpty {
            json.list("requiredTopologyKeys", group.requiredTopologyKeys) { json, key in json.string(key) }
        }
        if !group.preferredTopologyKeys.isEmpty {
            json.list("preferredTopologyKeys", group.preferredTopologyKeys) { json, key in json.string(key) }
        }
        if !group.minResources.isEmpty {
            json.key("minResources")
            json.value(.resources(group.minResources))
        }
        if !tasks.isEmpty { json.list("tasks", tasks) { json, task in task.write(to: &json) } }
        json.endObject()
    }
}

extension GroupTask {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("name", name)
        json.field("missing", missing)
        json.integers("pods", pods)
        json.endObject()
    }
}

extension Budget {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("namespace", key.namespace)
        json.field("name", key.name)
        json.key("selector")
        json.value(selector.value)
        json.field("allowed", allowed)
        if !disrupted.isEmpty { json.integers("disrupted", disrupted) }
        json.endObject()
    }
}

extension PendingPod {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginArray()
        json.int(pod)
        json.int(template)
        if let group { json.int(group) }
        json.endArray()
    }
}

extension PlacedPod {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginArray()
        json.int(pod)
        json.int(template)
        json.int(node)
        if let group {
            // The group's place in the list is after the devices, so these are written even where there are none.
            json.beginArray()
            json.deviceIndices(devices)
            json.endArray()
            json.int(group)
        } else {
            json.devices(devices)
        }
        json.endArray()
    }
}

extension ProposedPlacement {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginArray()
        json.int(pod)
        json.int(node)
        json.devices(devices)
        json.endArray()
    }
}

extension Rejection {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginArray()
        json.int(pod)
        json.int(node)
        json.string(verdict.rawValue)
        json.string(reason)
        if !free.isEmpty { json.value(.resources(free)) }
        json.endArray()
    }
}

extension Unschedulable {
    fileprivate func writeFields(to json: inout JSONWriter) {
        if let revision { json.field("revision", revision) }
        json.integers("pods", pods)
        json.key("reasons")
        json.beginObject()
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
            json.key(named: reason)
            json.int(count)
        }
        json.endObject()
        json.list("events", events.names) { json, name in json.string(name) }
        if awaitsVictims {
            json.key("awaitsVictims")
            json.bool(true)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ name: StaticString, _ number: Int) {
        key(name)
        int(number)
    }

    fileprivate mutating func field(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    fileprivate mutating func list<T>(
        _ name: StaticString, _ items: [T], _ write: (inout JSONWriter, T) -> Void
    ) {
        key(name)
        beginArray()
        for item in items { write(&self, item) }
        endArray()
    }

    fileprivate mutating func proposals(_ proposals: [ProposedPlacement], _ runs: Bool) {
        if runs, Runs.canWrite(proposals) {
            Runs.write(proposals, to: &self)
        } else {
            list("pods", proposals) { json, proposal in proposal.write(to: &json) }
        }
    }

    fileprivate mutating func integers(_ name: StaticString, _ numbers: [Int]) {
        key(name)
        beginArray()
        for number in numbers { int(number) }
        endArray()
    }

    /// Devices as a list of indices; nothing where there are none.
    fileprivate mutating func devices(_ bits: UInt64) {
        guard bits != 0 else { return }
        beginArray()
        deviceIndices(bits)
        endArray()
    }

    fileprivate mutating func deviceIndices(_ bits: UInt64) {
        var rest = bits
        while rest != 0 {
            int(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }
}
