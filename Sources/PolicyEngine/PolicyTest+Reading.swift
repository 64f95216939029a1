import ClusterModel
import Manifests

extension PolicyTest {
    /// Reads a PolicyTest; `file` is where references to other files start from.
    ///
    /// - Returns: the test, or nil where there was any error.
    static func read(_ document: Value, file: String, errors: inout [FieldError]) -> PolicyTest? {
        let errorsBefore = errors.count
        var test = PolicyTest(
            name: "", namespaces: [], groups: [], schedulers: nil, defaultScheduler: PolicyCluster.genericScheduler,
            cases: [])
        do throws(FieldError) {
            let root = try StrictObject(document, keys: ["apiVersion", "kind", "metadata", "spec"])
            try PolicyDocument.checkVersion(root)
            test.name = try PolicyDocument.readName(root)
            guard let spec = root.reader.value("spec") else {
                throw FieldError(path: FieldPath("spec"), expected: "the test's cases", found: "nothing")
            }
            do throws(FieldError) { try test.readSpec(spec, file: file, errors: &errors) } catch {
                throw error.inside(.key("spec"))
            }
        } catch {
            errors.append(error)
        }
        return errors.count == errorsBefore ? test : nil
    }

    private mutating func readSpec(_ value: Value, file: String, errors: inout [FieldError]) throws(FieldError) {
        let keys = [
            "description", "namespaces", "podGroups", "priorityClasses", "schedulers", "defaultScheduler", "time",
            "params", "cases",
        ]
        let spec = try StrictObject(value, keys: keys)
        try spec.refuseNulls()
        _ = try spec.reader.string("description")
        namespaces = try spec.reader.list("namespaces") { item throws(FieldError) in
            try StrictManifest.check(item, of: "Namespace")
            return try Namespace(item)
        }
        groups = try spec.reader.list("podGroups") { item throws(FieldError) in
            try StrictManifest.checkPodGroup(item)
            return try PodGroup(item)
        }
        priorityClasses = try spec.reader.list("priorityClasses") { item throws(FieldError) in
            try StrictManifest.check(item, of: "PriorityClass")
            return try PriorityClass(item)
        }
        schedulers = try spec.reader.optional("schedulers", PolicyTest.readSchedulers)
        defaultScheduler =
            try spec.reader.optional("defaultScheduler", PolicyDocument.objectName) ?? defaultScheduler
        timeSeconds = try spec.reader.optional("time", PolicyTest.time)
        objects = try spec.reader.list("params") { item throws(FieldError) in
            _ = try PolicyObjectKey(of: item)
            return item
        }
        guard let list = spec.reader.value("cases") else {
            throw FieldError(path: FieldPath("cases"), expected: "at least one case", found: "nothing")
        }
        guard case .array(let items) = list, !items.isEmpty else {
            throw FieldError(path: FieldPath("cases"), expected: "a list of at least one case", found: list.summary)
        }
        var names: Set<String> = []
        for (index, item) in items.enumerated() {
            let path = FieldPath([.key("spec"), .key("cases"), .index(index)])
            var faults: [FieldError] = []
            let read = FieldFaults().read(item, &faults) { item throws(FieldError) in
                try Case(item, path: path, file: file)
            }
            if let read {
                if names.insert(read.name).inserted {
                    cases.append(read)
                } else {
                    faults.append(
                        FieldError(
                            path: FieldPath("name"), expected: "a name that no other case of the test has",
                            found: "\"\(read.name)\""))
                }
            }
            errors += faults.map { $0.inside(.index(index)).inside(.key("cases")).inside(.key("spec")) }
        }
    }

    /// A time, or the start of a day.
    static func time(_ value: Value) throws(FieldError) -> Int64 {
        guard let seconds = Timestamp.start(try value.decodeString()) else {
            throw FieldError(expected: "a time such as 2030-06-30T12:00:00Z", found: value.summary)
        }
        return seconds
    }

    /// `[gang, binpack]`, all ready, or `{gang: down, binpack: {state: ready, queueDepth: 500}}`.
    static func readSchedulers(_ value: Value) throws(FieldError) -> [String: SchedulerStatus] {
        enum Word: String, CaseIterable { case ready, down }
        guard case .object = value else {
            let names = try value.decodeList(PolicyDocument.objectName)
            return Dictionary(names.map { ($0, SchedulerStatus()) }) { first, _ in first }
        }
        return try value.decodeMap { item throws(FieldError) in
            guard case .object = item else {
                return SchedulerStatus(isReady: try StrictObject.choice(item, of: Word.self) == .ready)
            }
            let object = try StrictObject(item, keys: ["state", "queueDepth"])
            let state: Word = try object.choice("state") ?? .ready
            let depth = try object.reader.int("queueDepth", in: 0...1_000_000_000) ?? 0
            return SchedulerStatus(isReady: state == .ready, queueDepth: Int(depth))
        }
    }
}

extension PolicyTest.Case {
    init(_ value: Value, path: FieldPath, file: String) throws(FieldError) {
        let object = try StrictObject(
            value, keys: ["name", "description", "pod", "pods", "podFrom", "schedulers", "time", "userInfo", "expect"])
        try object.refuseNulls()
        name = try object.reader.required("name", "a name for the case") { v throws(FieldError) in try v.decodeString()
        }
        _ = try object.reader.string("description")
        schedulers = try object.reader.optional("schedulers", PolicyTest.readSchedulers) ?? [:]
        timeSeconds = try object.reader.optional("time", PolicyTest.time)
        userInfo = try object.reader.optional("userInfo", PolicyRequest.UserInfo.init)
        self.path = path
        var given: [Pod] = []
        if let pod = try object.reader.optional("pod", TestPods.pods) { given += pod }
        for list in try object.reader.list("pods", TestPods.pods) { given += list }
        if let pods = try object.reader.optional(
            "podFrom", { v throws(FieldError) in try TestPods.pods(from: v, file) })
        {
            given += pods
        }
        guard !given.isEmpty else {
            throw FieldError(path: FieldPath("pod"), expected: "a pod, pods or podFrom", found: "nothing")
        }
        pods = given
        expect = try object.reader.required("expect", "what the case expects", PolicyTest.Expectation.init)
    }
}

extension PolicyTest.Expectation {
    init(_ value: Value) throws(FieldError) {
        let keys = [
            "scheduler", "policy", "rule", "origin", "waits", "shadow", "labels", "annotations", "changes", "warnings",
            "audits", "rejected", "nodeSelector", "tolerations", "schedulingGates", "nodeAffinity", "requests",
            "limits",
        ]
        let object = try StrictObject(value, keys: keys)
        guard !object.reader.fields.isEmpty else {
            throw FieldError(
                expected: "at least one of \(keys.joined(separator: ", "))", found: "no expectation at all")
        }
        try object.refuseNulls(except: ["rule", "policy"])
        wantsNoRule = object.isNull("rule") || object.isNull("policy")
        scheduler = try object.reader.string("scheduler")
        policy = try object.reader.string("policy")
        rule = try object.reader.string("rule")
        origin = try object.choice("origin")
        waits = try object.reader.bool("waits")
        labels = try object.reader.optional("labels", PolicyTest.Expectation.entries) ?? [:]
        annotations = try object.reader.optional("annotations", PolicyTest.Expectation.entries) ?? [:]
        try readSpec(object)
        changes = try object.object("changes", keys: ["labels", "annotations", "nodeSelector", "spec"]) {
            item throws(FieldError) in
            try item.refuseNulls()
            return PolicyTest.Changes(
                labels: try item.reader.optional("labels", PolicyTest.Expectation.entries) ?? [:],
                annotations: try item.reader.optional("annotations", PolicyTest.Expectation.entries) ?? [:],
                nodeSelector: try item.reader.optional("nodeSelector", PolicyTest.Expectation.entries) ?? [:],
                spec: try item.reader.stringList("spec"))
        }
        warnings = object.reader.value("warnings") == nil ? nil : try object.reader.stringList("warnings")
        shadow = try object.reader.string("shadow")
        audits = object.reader.value("audits") == nil ? nil : try object.reader.stringList("audits")
        rejected = try object.object("rejected", keys: ["policy", "rule", "message"]) { item throws(FieldError) in
            guard !item.reader.fields.isEmpty else {
                throw FieldError(expected: "policy, rule or message of the refusal", found: "an empty mapping")
            }
            try item.refuseNulls()
            return PolicyTest.Rejection(
                policy: try item.reader.string("policy"), rule: try item.reader.string("rule"),
                message: try item.reader.string("message"))
        }
        for key in keys where key != "rejected" && rejected != nil && (object.reader.fields.contains { $0.key == key })
        {
            throw FieldError(
                path: FieldPath(key), expected: "rejected alone, since a refused pod is neither routed nor changed",
                found: "\(key) beside rejected")
        }
    }

    private mutating func readSpec(_ object: StrictObject) throws(FieldError) {
        nodeSelector = try object.reader.optional("nodeSelector", PolicyTest.Expectation.entries) ?? [:]
        if object.reader.value("tolerations") != nil {
            tolerations = try object.reader.list("tolerations") { item throws(FieldError) in
                let keys = ["key", "operator", "value", "effect", "tolerationSeconds"]
                return try PolicyActions.toleration(StrictObject(item, keys: keys).reader)
            }
        }
        if object.reader.value("schedulingGates") != nil {
            schedulingGates = try object.reader.stringList("schedulingGates")
        }
        nodeAffinity = try object.reader.optional("nodeAffinity") { value throws(FieldError) in
            try NodeAffinityEdit.affinity(value)
        }
        requests = try object.reader.map("requests", PolicyTest.Expectation.amounts)
        limits = try object.reader.map("limits", PolicyTest.Expectation.amounts)
    }

    /// Amounts by resource, where null wants none.
    private static func amounts(_ value: Value) throws(FieldError) -> [String: Quantity?] {
        try value.decodeMap { item throws(FieldError) -> Quantity? in
            if case .null = item { return nil }
            return try item.decodeQuantity()
        }
    }

    /// Texts by key, where null wants the key absent.
    private static func entries(_ value: Value) throws(FieldError) -> [String: String?] {
        let entries = try value.decodeMap { item throws(FieldError) -> String? in
            if case .null = item { return nil }
            return try item.decodeString()
        }
        guard !entries.isEmpty else { throw FieldError(expected: "at least one key", found: value.summary) }
        return entries
    }
}

extension PolicyRequest.UserInfo {
    /// Reads who asks, as a request of the API server says it.
    init(_ value: Value) throws(FieldError) {
        let object = try StrictObject(value, keys: ["username", "uid", "groups", "extra"])
        self.init(
            username: try object.reader.string("username") ?? "", uid: try object.reader.string("uid") ?? "",
            groups: try object.reader.stringList("groups"),
            extra: try object.reader.map("extra") { item throws(FieldError) in
                try item.decodeList { text throws(FieldError) in try text.decodeString() }
            })
    }
}

/// Reads the pods of tests, in which what does not matter to the case may be left out.
enum TestPods {
    /// A pod, or the first pod of a collection (a Job, a Deployment …), whose owner it then has.
    static func pods(_ value: Value) throws(FieldError) -> [Pod] {
        let kind = value["kind"].flatMap { try? $0.decodeString() } ?? "Pod"
        guard kind != "Pod" else {
            try StrictManifest.check(value, of: "Pod")
            var pod = try Pod(try completed(value))
            pod.written = WrittenObject(value)
            return [pod]
        }
        guard let kind = PodCollection.Kind(rawValue: kind), kind != .daemonSet else {
            let kinds = PodCollection.Kind.allCases.filter { $0 != .daemonSet }.map(\.rawValue).joined(separator: ", ")
            throw FieldError(path: FieldPath("kind"), expected: "Pod, or one of \(kinds)", found: "\"\(kind)\"")
        }
        try StrictManifest.check(value, of: kind.rawValue)
        let collection = try PodCollection(value, kind: kind)
        guard var pod = collection.expanded(nodes: []).first else {
            throw FieldError(path: FieldPath("spec"), expected: "a collection of at least one pod", found: "none")
        }
        pod.written = value[collection.templatePath].map { WrittenObject($0) }
        return [pod]
    }

    /// The pods of a file beside the test: all of them, or the one with the name given.
    static func pods(from value: Value, _ testFile: String) throws(FieldError) -> [Pod] {
        let object = try StrictObject(value, keys: ["file", "name"])
        let file = try object.reader.required("file", "a file beside the test") { v throws(FieldError) in
            try v.decodeString()
        }
        let name = try object.reader.string("name")
        let folder = testFile.lastIndex(of: "/").map { String(testFile[...$0]) } ?? ""
        let documents: [SourceDocument]
        do { documents = try SourceReader.documents(path: folder + file) } catch {
            throw FieldError(path: FieldPath("file"), expected: "a file of pods", found: "\(error)")
        }
        var pods: [Pod] = []
        for document in documents {
            guard document.value["kind"] == .string("Pod") else { continue }
            var pod: Pod
            do throws(FieldError) { pod = try Pod(document.value) } catch {
                throw FieldError(path: FieldPath("file"), expected: "sound pods", found: "\(document.error(error))")
            }
            pod.written = WrittenObject(document.value)
            if name == nil || name == pod.metadata.name || name == "\(pod.metadata.key)" { pods.append(pod) }
        }
        guard !pods.isEmpty else {
            let expected = name.map { "a file with a pod \($0)" } ?? "a file with pods"
            throw FieldError(path: FieldPath("file"), expected: expected, found: "none in \(file)")
        }
        return pods
    }

    /// The pod with a name and a container, if it has none.
    private static func completed(_ value: Value) throws(FieldError) -> Value {
        guard case .object(var fields) = value else { throw FieldError(expected: "a pod", found: value.summary) }
        complete(&fields, "metadata", "name", .string("pod"))
        complete(&fields, "spec", "containers", .array([.object([.init("name", .string("main"))])]))
        return .object(fields)
    }

    private static func complete(_ fields: inout [Value.Field], _ outer: String, _ key: String, _ value: Value) {
        guard let index = fields.firstIndex(where: { $0.key == outer }) else {
            fields.append(Value.Field(outer, .object([Value.Field(key, value)])))
            return
        }
        guard case .object(var inner) = fields[index].value, !inner.contains(where: { $0.key == key }) else { return }
        inner.append(Value.Field(key, value))
        fields[index].value = .object(inner)
    }
}
