import ClusterModel

/// Turns the operations of one scheduler_perf workload into those of a benchmark.
struct SchedulerPerfReader {
    let templates: SchedulerPerfTemplates
    /// The template of pods that name none.
    let podTemplate: String?
    /// The numbers, lengths of time and switches that the operations name.
    let parameters: [String: Value]
    /// What has no counterpart.
    var gaps: SchedulerPerfGaps
    /// The operations so far.
    private(set) var operations: [Operation] = []
    /// The streams of pods so far, by namespace, and where each stands among the operations.
    private var streams: [(namespace: String, name: String, count: Int, place: Int)] = []
    /// How many operations were read.
    private var number = 0
    private var nodeOrders = 0

    init(
        templates: SchedulerPerfTemplates, podTemplate: String?, parameters: [String: Value], gaps: SchedulerPerfGaps
    ) {
        self.templates = templates
        self.podTemplate = podTemplate
        self.parameters = parameters
        self.gaps = gaps
    }

    /// Reads one operation.
    mutating func read(_ operation: ObjectReader) throws(FieldError) {
        let code = try operation.string("opcode") ?? ""
        defer { number += 1 }
        switch code {
        case "createNodes": try createNodes(operation)
        case "createNamespaces": try createNamespaces(operation)
        case "createPods": try createPods(operation, in: try operation.string("namespace") ?? "namespace-\(number)")
        case "createPodSets": try createPodSets(operation)
        case "deletePods": try deletePods(operation)
        case "churn": try churn(operation)
        case "barrier": try barrier(operation)
        case "sleep": operations.append(.sleep(seconds: try seconds(operation) ?? 0))
        // Read before the workloads: they stand there from the beginning.
        case "createAny": break
        default: gaps.leaveOut(code.isEmpty ? "an operation without an opcode" : code)
        }
    }

    // MARK: - Nodes and namespaces

    private mutating func createNodes(_ operation: ObjectReader) throws(FieldError) {
        let count = try count(operation)
        var manifest = SchedulerPerfReader.usualNode
        if let path = try operation.string("nodeTemplatePath") {
            guard let stated = try templates.manifest(path, "nodeTemplatePath", &gaps) else { return }
            manifest = stated
        }
        try operation.object("nodeAllocatableStrategy") { strategy throws(FieldError) in
            for (resource, amount) in try strategy.map("nodeAllocatable", { v throws(FieldError) in v }) {
                manifest = manifest.setting(["status", "capacity", resource][...], to: amount)
            }
            if strategy.value("csiNodeAllocatable") != nil { gaps.note("csiNodeAllocatable (attach limits)") }
        }
        try operation.object("uniqueNodeLabelStrategy") { strategy throws(FieldError) in
            let key = try strategy.string("labelKey") ?? ""
            manifest = manifest.setting(["metadata", "labels", key][...], to: .string("unique-{i}"))
        }
        var key = ""
        var values: [String] = []
        try operation.object("labelNodePrepareStrategy") { strategy throws(FieldError) in
            key = try strategy.string("labelKey") ?? ""
            values = try strategy.stringList("labelValues")
        }
        // Every value is a set of nodes of its own: there as here each has the same number of nodes.
        for (index, value) in (values.isEmpty ? [nil] : values.map(Optional.some)).enumerated() {
            let share = values.isEmpty ? count : (count + values.count - 1 - index) / values.count
            guard share > 0 else { continue }
            let labelled = value.map { manifest.setting(["metadata", "labels", key][...], to: .string($0)) }
            let template = try ObjectTemplate(labelled ?? manifest, [:])
            operations.append(.createNodes(.init(count: share, name: "node-\(nodeOrders)", template: template)))
            nodeOrders += 1
        }
    }

    /// The node where no template is named.
    private static let usualNode = Value.object([
        .init(
            "status",
            .object([
                .init(
                    "capacity",
                    .object([
                        .init("pods", .string("110")), .init("cpu", .string("4")), .init("memory", .string("32Gi")),
                    ]))
            ]))
    ])

    private mutating func createNamespaces(_ operation: ObjectReader) throws(FieldError) {
        var manifest = Value.object([])
        if let path = try operation.string("namespaceTemplatePath") {
            guard let stated = try templates.manifest(path, "namespaceTemplatePath", &gaps) else { return }
            manifest = stated
        }
        let prefix = try operation.string("prefix") ?? ""
        let named = manifest.setting(["metadata", "name"][...], to: .string("\(prefix)-{i}"))
        operations.append(
            .createNamespaces(count: try count(operation), template: try ObjectTemplate(named, [:])))
    }

    // MARK: - Pods

    private mutating func createPods(_ operation: ObjectReader, in namespace: String) throws(FieldError) {
        for field in ["persistentVolumeTemplatePath", "persistentVolumeClaimTemplatePath"]
        where operation.value(field) != nil {
            gaps.leaveOut("createPods with \(field)")
        }
        if try isSet(operation, "steadyState") { gaps.leaveOut("createPods with steadyState") }
        guard let path = try operation.string("podTemplatePath") ?? podTemplate else {
            return try addPods(operation, SchedulerPerfReader.usualPod, namespace)
        }
        guard let manifest = try templates.manifest(path, "podTemplatePath", &gaps) else { return }
        if let claims = manifest[FieldPath("spec", "resourceClaims")], claims != .null {
            gaps.leaveOut("pods with resource claims")
        }
        try addPods(operation, manifest, namespace)
    }

    private mutating func addPods(
        _ operation: ObjectReader, _ manifest: Value, _ namespace: String
    ) throws(FieldError) {
        let isAwaited = try !(operation.bool("skipWaitToCompletion") ?? false)
        let pods = Operation.CreatePods(
            name: "pods-\(streams.count)", count: try count(operation), perSecond: nil,
            isMeasured: try operation.bool("collectMetrics") ?? false, isBackground: !isAwaited, groupSize: 1,
            minMember: 1, topologyKeys: [], template: try ObjectTemplate(manifest.inNamespace(namespace), [:]))
        streams.append((namespace, pods.name, pods.count, operations.count))
        operations.append(.createPods(pods))
        if isAwaited { operations.append(.barrier) }
    }

    /// The pod where no template is named.
    private static let usualPod = Value.object([
        .init(
            "spec",
            .object([
                .init("containers", .array([.object([.init("name", .string("pause"))])]))
            ]))
    ])

    private mutating func createPodSets(_ operation: ObjectReader) throws(FieldError) {
        let prefix = try operation.string("namespacePrefix") ?? ""
        let sets = try count(operation)
        try operation.object("createPodsOp") { inner throws(FieldError) in
            for index in 0..<sets { try createPods(inner, in: "\(prefix)-\(index)") }
        }
    }

    private mutating func deletePods(_ operation: ObjectReader) throws(FieldError) {
        if operation.value("labelSelector") != nil { gaps.leaveOut("deletePods with labelSelector") }
        let namespace = try operation.string("namespace") ?? ""
        let rate = try operation.number("deletePodsPerSecond", in: 0...1e9).flatMap { $0 > 0 ? $0 : nil }
        for stream in streams where stream.namespace == namespace {
            operations.append(.deletePods(of: stream.name, count: stream.count, perSecond: rate))
        }
        if try !(operation.bool("skipWaitToCompletion") ?? false) { operations.append(.barrier) }
    }

    /// Objects that come all the time; of other kinds than pods this benchmark has none.
    private mutating func churn(_ operation: ObjectReader) throws(FieldError) {
        let interval = try operation.number("intervalMilliseconds", in: 1...1e9).map { $0 / 1000 } ?? 0.5
        let isRecreated = try operation.string("mode") == "recreate"
        let number = Double(try operation.count("number") ?? 1)
        for (index, path) in try operation.stringList("templatePaths").enumerated() {
            guard let manifest = try templates.manifest(path, "templatePaths", &gaps) else { return }
            guard manifest["kind"] == .string("Pod") else {
                let kind = if case .string(let kind)? = manifest["kind"] { kind } else { "?" }
                gaps.note("churn of \(kind)")
                continue
            }
            // What is only created stays: longer than any run may last.
            let lifetime = isRecreated ? min(3_600, max(0.001, interval * number)) : 3_600 * 24
            operations.append(
                .churn(
                    .init(
                        name: "churn-\(self.number)-\(index)", perSecond: 1 / interval, lifetime: lifetime,
                        template: try ObjectTemplate(manifest.inNamespace("churn-\(self.number)"), [:]))))
        }
    }

    /// Waits for pods that were not waited for.
    private mutating func barrier(_ operation: ObjectReader) throws(FieldError) {
        // Pods that only need to have been tried need no waiting for: they are tried in the order in which they come.
        guard try operation.string("stageRequirement") != "Attempted" else { return }
        if operation.value("labelSelector") != nil { gaps.leaveOut("barrier with labelSelector") }
        let namespaces = try operation.stringList("namespaces")
        for stream in streams where namespaces.isEmpty || namespaces.contains(stream.namespace) {
            guard case .createPods(var pods) = operations[stream.place] else { continue }
            pods.isBackground = false
            operations[stream.place] = .createPods(pods)
        }
        operations.append(.barrier)
    }

    // MARK: - Parameters

    private func parameter(_ operation: ObjectReader, _ field: String) throws(FieldError) -> Value? {
        guard let name = try operation.string("\(field)Param") else { return operation.value(field) }
        guard name.hasPrefix("$"), let value = parameters[String(name.dropFirst())] else {
            let names = parameters.keys.sorted().map { "$\($0)" }.joined(separator: ", ")
            throw FieldError(
                path: FieldPath("\(field)Param"), expected: "one of the workload's parameters \(names)",
                found: "\"\(name)\"")
        }
        return value
    }

    private func count(_ operation: ObjectReader) throws(FieldError) -> Int {
        let value = try parameter(operation, "count") ?? .int(0)
        return try ObjectReader(.object([.init("count", value)])).requiredCount("count")
    }

    private func isSet(_ operation: ObjectReader, _ field: String) throws(FieldError) -> Bool {
        try parameter(operation, field) == .bool(true)
    }

    /// A length of time as Go writes it: `1m30s`, `500ms`.
    private func seconds(_ operation: ObjectReader) throws(FieldError) -> Double? {
        guard let value = try parameter(operation, "duration") else { return nil }
        let text = try value.decodeString()
        let units = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600]
        var total = 0.0
        var rest = Substring(text)
        while let part = rest.prefixMatch(of: /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/) {
            total += (Double(part.1) ?? 0) * (units[String(part.2)] ?? 0)
            rest = rest[part.range.upperBound...]
        }
        guard rest.isEmpty, !text.isEmpty, total <= 3_600 else {
            throw FieldError(
                path: FieldPath("duration"), expected: "a length of time of at most an hour, such as 1m30s",
                found: value.summary)
        }
        return total
    }
}
