import ClusterModel
import JSON

/// A line that is not a message: what is wrong with it.
public struct MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in terms of the message's fields.
    public var description: String

    init(_ description: String) { self.description = description }
}

extension DispatcherMessage {
    /// Reads one line; nil for a message of a type that this version does not know.
    public static func decode(_ line: UnsafeRawBufferPointer) throws(MessageError) -> DispatcherMessage? {
        let document = try parse(line)
        return try document.withRoot { node throws(MessageError) in try decode(MessageNode(root: node)) }
    }

    private static func decode(_ node: MessageNode) throws(MessageError) -> DispatcherMessage? {
        let type = try node.type()
        switch type {
        case "hello": return .hello(try Hello(node))
        case "nodes":
            return .nodes(
                revision: try node.integer("revision"), upsert: try node.list("upsert", NumberedNode.init),
                remove: try node.integers("remove"))
        case "namespaces":
            return .namespaces(
                try node.list("upsert") { item throws(MessageError) in
                    Namespace(name: try item.string("name"), labels: try item.strings("labels"))
                })
        case "budgets": return .budgets(try node.list("budgets", Budget.init))
        case "templates": return .templates(try node.list("templates", NumberedTemplate.init))
        case "forget": return .forget(try node.integers("templates"))
        case "groups": return .groups(try node.list("groups", NumberedGroup.init))
        case "pods":
            let names = try node.list("names") { item throws(MessageError) in try item.text() }
            return .pods(try node.pendingPods(), names: names)
        case "placed":
            return .placed(revision: try node.integer("revision"), try node.placedPods())
        case "standing": return .standing(try Standing(node))
        case "nominated":
            return .nominated(try node.list("pods", NominatedPod.init), ended: try node.integers("ended"))
        case "released": return .released(revision: try node.integer("revision"), try node.integers("pods"))
        case "rejected": return .rejected(try node.list("pods", Rejection.init))
        case "withdraw": return .withdraw(try node.integers("pods"))
        case "clock": return .clock(try node.integer("now"))
        case "share":
            let (share, shares) = (try node.integer("share"), try node.integer("shares"))
            guard share >= 0, share < shares else {
                throw MessageError("share: expected a number from 0 to below shares, found \(share) of \(shares)")
            }
            return .share(share: share, shares: shares)
        case "explain": return .explain(id: try node.integer("id"), template: try node.integer("template"))
        case "ping": return .ping(try node.integer("id"))
        case "drain": return .drain
        case "stop": return .stop
        default: return nil
        }
    }
}

extension SchedulerMessage {
    /// Reads one line.
    public static func decode(_ line: UnsafeRawBufferPointer) throws(MessageError) -> SchedulerMessage {
        let document = try parse(line)
        return try document.withRoot { node throws(MessageError) in try decode(MessageNode(root: node)) }
    }

    private static func decode(_ node: MessageNode) throws(MessageError) -> SchedulerMessage {
        let type = try node.type()
        switch type {
        case "ready": return .ready(try Ready(node))
        case "place":
            return .place(revision: try node.optionalInteger("revision"), try node.proposals())
        case "transaction":
            return .transaction(
                id: try node.optionalInteger("id") ?? 0, revision: try node.optionalInteger("revision"),
                try node.proposals(), victims: try node.integers("victims"))
        case "unschedulable": return .unschedulable(try Unschedulable(node))
        case "hold": return .hold(try Hold(node))
        case "preempt":
            return .preempt(
                revision: try node.optionalInteger("revision"), pod: try node.integer("pod"),
                node: try node.integer("node"), victims: try node.integers("victims"),
                violations: try node.optionalInteger("violations"))
        case "explanation":
            return .explanation(id: try node.integer("id"), node.value("explanation") ?? .null)
        case "pong": return .pong(try node.integer("id"))
        case "stats": return .stats(node.value("stats") ?? .null)
        default: return .unknown(type: type)
        }
    }
}

private func parse(_ line: UnsafeRawBufferPointer) throws(MessageError) -> JSONDocument {
    do { return try JSONDocument(line) } catch { throw MessageError("not JSON: \(error.text)") }
}

/// A node of a message with the place where it stands, for errors.
struct MessageNode {
    let json: JSONNode
    let place: Place

    /// Where a node stands; turned into text only when an error needs it.
    indirect enum Place {
        case root
        case key(Place, StaticString)
        case index(Place, Int)

        var text: String {
            switch self {
            case .root: ""
            case .key(.root, let name): "\(name)"
            case .key(let outer, let name): "\(outer.text).\(name)"
            case .index(let outer, let index): "\(outer.text)[\(index)]"
            }
        }
    }

    init(root: JSONNode) {
        self.init(json: root, place: .root)
    }

    private init(json: JSONNode, place: Place) {
        self.json = json
        self.place = place
    }

    func fail(_ expected: String) -> MessageError {
        let prefix = place.text.isEmpty ? "" : "\(place.text): "
        return MessageError("\(prefix)expected \(expected), found \(Value(json).summary)")
    }

    func type() throws(MessageError) -> String {
        guard json.kind == .object else { throw fail("a message, which is an object with a \"type\"") }
        guard let type = json["type"]?.string else { throw fail("an object with a string \"type\"") }
        return type
    }

    func child(_ key: StaticString) -> MessageNode? {
        guard let child = json[key], !child.isNull else { return nil }
        return MessageNode(json: child, place: .key(place, key))
    }

    func element(_ index: Int) -> MessageNode? {
        json[index].map { MessageNode(json: $0, place: .index(place, index)) }
    }

    func required(_ key: StaticString, _ expected: String) throws(MessageError) -> MessageNode {
        guard let child = child(key) else {
            throw MessageError("\(Place.key(place, key).text): expected \(expected), found nothing")
        }
        return child
    }

    func integer() throws(MessageError) -> Int {
        guard let number = json.int else { throw fail("a whole number") }
        return number
    }

    func text() throws(MessageError) -> String {
        guard let text = json.string else { throw fail("a string") }
        return text
    }

    func integer(_ key: StaticString) throws(MessageError) -> Int { try required(key, "a whole number").integer() }

    func optionalInteger(_ key: StaticString) throws(MessageError) -> Int? { try child(key)?.integer() }

    func string(_ key: StaticString) throws(MessageError) -> String { try required(key, "a string").text() }

    func value(_ key: StaticString) -> Value? { json[key].map { Value($0) } }

    func strings(_ key: StaticString) throws(MessageError) -> [String: String] {
        guard let child = child(key) else { return [:] }
        return try child.fields { () throws(FieldError) in
            try Value(child.json).decodeMap { v throws(FieldError) in try v.decodeString() }
        }
    }

    func integers(_ key: StaticString) throws(MessageError) -> [Int] {
        var numbers: [Int] = []
        if let child = child(key), child.json.appendIntegers(to: &numbers) { return numbers }
        return try list(key) { item throws(MessageError) in try item.integer() }
    }

    func list<T>(
        _ key: StaticString, _ decode: (MessageNode) throws(MessageError) -> T
    ) throws(MessageError) -> [T] {
        guard let child = child(key) else { return [] }
        guard child.json.kind == .array else { throw child.fail("a list") }
        var items: [T] = []
        items.reserveCapacity(child.json.count)
        for index in 0..<child.json.count {
            guard let item = child.element(index) else { break }
            items.append(try decode(item))
        }
        return items
    }

    /// The whole number at a position of a positional message.
    func at(_ index: Int, _ expected: String) throws(MessageError) -> Int {
        guard json.kind == .array, let item = json[index] else { throw fail(expected) }
        guard let number = item.int else { throw fail(expected) }
        return number
    }

    /// The devices listed at a position, one bit each; none where there is no such position.
    func devices(at index: Int) throws(MessageError) -> UInt64 {
        guard let item = element(index) else { return 0 }
        guard item.json.kind == .array else { throw item.fail("a list of GPU indices") }
        var bits: UInt64 = 0
        for entry in item.json.items {
            guard let device = entry.int, (0..<GPU.maxDevices).contains(device), bits & 1 << UInt64(device) == 0 else {
                throw item.fail("different GPU indices below \(GPU.maxDevices)")
            }
            bits |= 1 << UInt64(device)
        }
        return bits
    }

    /// Runs a decoder of the cluster model, and turns its error into one of this message.
    func fields<T>(_ decode: () throws(FieldError) -> T) throws(MessageError) -> T {
        do { return try decode() } catch { throw MessageError("\(place.text): \(error)") }
    }
}

extension Hello {
    init(_ node: MessageNode) throws(MessageError) {
        let version = try node.integer("protocol")
        guard version == SchedulerProtocol.version else {
            throw MessageError("protocol: expected version \(SchedulerProtocol.version), found \(version)")
        }
        let shard = node.child("shard")
        let seedText = try node.child("seed")?.text() ?? "0"
        guard let seed = UInt64(seedText) else {
            throw MessageError("seed: expected a whole number in a string, found \"\(seedText)\"")
        }
        self.init(
            scheduler: try node.string("scheduler"), shard: try shard?.at(0, "[shard, shards]") ?? 0,
            shards: try shard?.at(1, "[shard, shards]") ?? 1, seed: seed,
            protectsPlacedSpread: node.json["protectsPlacedSpread"]?.bool ?? false,
            config: node.value("config") ?? .object([]))
        guard self.shard >= 0, self.shard < shards else {
            throw MessageError(
                "shard: expected [shard, shards] with the first below the second, found [\(self.shard),\(shards)]")
        }
    }
}

extension NumberedNode {
    init(_ node: MessageNode) throws(MessageError) {
        self.id = try node.integer("id")
        let object = Value(node.json)
        self.node = try node.fields { () throws(FieldError) in
            let reader = try ObjectReader(object)
            var metadata = ObjectMeta(name: try reader.string("name") ?? "")
            metadata.labels = try reader.strings("labels")
            return Node(
                metadata: metadata,
                allocatable: try reader.optional("allocatable") { v throws(FieldError) in
                    try v.decodeResources()
                } ?? [:],
                taints: try reader.objects("taints", Taint.init),
                unschedulable: try reader.bool("unschedulable") ?? false,
                images: try reader.objects("images") { image throws(FieldError) in
                    Node.Image(
                        names: try image.stringList("names"), sizeBytes: try image.int("sizeBytes") ?? 0)
                })
        }
    }
}

extension NumberedTemplate {
    init(_ node: MessageNode) throws(MessageError) {
        self.id = try node.integer("id")
        let object = Value(node.json)
        self.spec = try node.fields { () throws(FieldError) in try SchedulingSpec(ObjectReader(object)) }
    }
}

extension NumberedGroup {
    init(_ node: MessageNode) throws(MessageError) {
        let metadata = ObjectMeta(name: try node.string("name"), namespace: try node.string("namespace"))
        let keys = { (item: MessageNode) throws(MessageError) in try item.text() }
        var group = PodGroup(
            metadata: metadata, minMember: try node.integer("minMember"),
            requiredTopologyKeys: try node.list("requiredTopologyKeys", keys),
            preferredTopologyKeys: try node.list("preferredTopologyKeys", keys))
        group.minResources =
            try node.child("minResources")?.fields { () throws(FieldError) in
                try (node.value("minResources") ?? .object([])).decodeResources()
            } ?? [:]
        self.init(
            id: try node.integer("id"), group: group,
            bound: try node.integer("bound"), submitted: try node.optionalInteger("submitted"),
            expectedSeconds: try node.optionalInteger("expectedSeconds"),
            started: try node.optionalInteger("started"), tasks: try node.list("tasks", GroupTask.init))
    }
}

extension GroupTask {
    init(_ node: MessageNode) throws(MessageError) {
        self.init(
            name: try node.string("name"), missing: try node.integer("missing"), pods: try node.integers("pods"))
    }
}

extension Budget {
    init(_ node: MessageNode) throws(MessageError) {
        let selector = try node.child("selector")?.fields { () throws(FieldError) in
            try LabelSelector(ObjectReader(node.value("selector") ?? .object([])))
        }
        self.init(
            key: ObjectKey(namespace: try node.string("namespace"), name: try node.string("name")),
            selector: selector ?? LabelSelector(),
            allowed: try node.integer("allowed"), disrupted: try node.integers("disrupted"))
    }
}

extension PendingPod {
    init(_ node: MessageNode) throws(MessageError) {
        let form = "[pod, template] or [pod, template, group]"
        self.init(
            pod: try node.at(0, form), template: try node.at(1, form),
            group: node.json.count > 2 ? try node.at(2, form) : nil)
    }
}

extension PlacedPod {
    init(_ node: MessageNode) throws(MessageError) {
        let form = "[pod, template, node], [pod, template, node, [device, ...]] or [..., group]"
        self.init(
            pod: try node.at(0, form), template: try node.at(1, form), node: try node.at(2, form),
            devices: try node.devices(at: 3), group: node.json.count > 4 ? try node.at(4, form) : nil)
    }
}

extension ProposedPlacement {
    init(_ node: MessageNode) throws(MessageError) {
        let form = "[pod, node] or [pod, node, [device, ...]]"
        self.init(pod: try node.at(0, form), node: try node.at(1, form), devices: try node.devices(at: 2))
    }
}

extension Rejection {
    init(_ node: MessageNode) throws(MessageError) {
        let form = "[pod, node, verdict, reason] or [pod, node, verdict, reason, {resource: free}]"
        guard let name = node.json[2]?.string, let verdict = Verdict(rawValue: name), let reason = node.json[3]?.string
        else { throw node.fail(form) }
        let free = node.json[4].map { Value($0) } ?? .object([])
        self.init(
            pod: try node.at(0, form), node: try node.at(1, form), verdict: verdict, reason: reason,
            free: try node.fields { () throws(FieldError) in
                // A node may be over-committed, so what is free may be negative.
                try free.decodeMap { v throws(FieldError) in try v.decodeQuantity() }
            })
    }
}

extension Ready {
    init(_ node: MessageNode) throws(MessageError) {
        self.init(
            version: try node.integer("protocol"), window: try node.integer("window"),
            capabilities: Capabilities(
                names: try node.list("capabilities") { item throws(MessageError) in try item.text() }))
        guard window >= 1 else { throw MessageError("window: expected at least 1, found \(window)") }
    }
}

extension Unschedulable {
    init(_ node: MessageNode) throws(MessageError) {
        var reasons: [String: Int] = [:]
        if let object = node.child("reasons") {
            guard object.json.kind == .object else { throw object.fail("an object of reason to node count") }
            for (reason, count) in object.json.fields {
                guard let count = count.int else { throw object.fail("an object of reason to node count") }
                reasons[reason] = count
            }
        }
        let names = try node.list("events") { item throws(MessageError) in try item.text() }
        self.init(
            pods: try node.integers("pods"), revision: try node.optionalInteger("revision"), reasons: reasons,
            // A scheduler that does not say what may help is tried again after any change.
            events: node.child("events") == nil ? .all : ClusterEvents(names: names),
            awaitsVictims: node.json["awaitsVictims"]?.bool ?? false)
    }
}
