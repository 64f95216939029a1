import ClusterModel

extension Workload {
    /// A SparkApplication: a driver and so many executors, each with the memory of its JVM and what comes on top of it.
    ///
    /// Source: kubeflow/spark-operator and Spark's `BasicDriverFeatureStep` and `BasicExecutorFeatureStep`.
    static let sparkApplication = ObjectKind.workload("SparkApplication", ["sparkoperator.k8s.io"]) {
        value throws(FieldError) in
        let metadata = try value.namespacedMetadata()
        var workload = Workload(kind: "SparkApplication", metadata: metadata)
        let object = try ObjectReader(value)
        try object.object("spec") { spec throws(FieldError) in
            if try spec.bool("suspend") ?? false { workload.idle = "suspended" }
            let application = try SparkTraits(spec, metadata)
            let owner = OwnerReference("SparkApplication", "sparkoperator.k8s.io/v1beta2", metadata)
            for role in ["driver", "executor"] {
                let set = try spec.object(role) { item throws(FieldError) in
                    try sparkSet(item, role, application, owner)
                }
                if let set { workload.sets.append(set) }
            }
            try spec.object("dynamicAllocation") { dynamic throws(FieldError) in
                guard try dynamic.bool("enabled") ?? false, workload.sets.count > 1 else { return }
                let least = try dynamic.count("minExecutors") ?? 0
                workload.sets[1].count = max(least, try dynamic.count("initialExecutors") ?? workload.sets[1].count)
            }
        }
        try object.object("status") { status throws(FieldError) in
            let state = try status.object("applicationState") { v throws(FieldError) in try v.string("state") } ?? nil
            workload.isComplete = state == "COMPLETED" || state == "FAILED"
        }
        return workload
    }

    private static func sparkSet(
        _ item: ObjectReader, _ role: String, _ application: SparkTraits, _ owner: OwnerReference
    ) throws(FieldError) -> PodSet {
        let name = application.metadata.name
        let stated = try item.object("template") { template throws(FieldError) in
            try PodTemplate(template, of: application.metadata)
        }
        let bare = ObjectMeta(name: name, namespace: application.metadata.namespace)
        var result: PodTemplate
        if let stated { result = stated } else { result = PodTemplate(metadata: bare, spec: try sparkPodSpec(item)) }
        var spec = result.spec
        let container = try sparkContainer(item, role, application)
        if spec.containers.isEmpty {
            spec.containers = [container]
        } else {
            spec.containers[0].requests.merge(container.requests) { $1 }
            spec.containers[0].limits.merge(container.limits) { $1 }
        }
        for (key, value) in application.nodeSelector where spec.nodeSelector[key] == nil {
            spec.nodeSelector[key] = value
        }
        if spec.schedulerName == nil { spec.schedulerName = application.schedulerName }
        if spec.priorityClassName.isEmpty { spec.priorityClassName = application.priorityClassName }
        result.spec = spec
        result.metadata.labels.merge(try item.strings("labels")) { $1 }
        result.metadata.annotations.merge(try item.strings("annotations")) { $1 }
        var set = PodSet(
            template: result, owner: owner, count: 1, name: "\(name)-\(role)",
            marks: [
                "spark-role": role, "spark-app-name": name, "sparkoperator.k8s.io/app-name": name,
                "sparkoperator.k8s.io/launched-by-spark-operator": "true",
            ])
        guard role == "executor" else {
            set.isNumbered = false
            if let stated = try item.string("podName"), !stated.isEmpty { set.name = stated }
            return set
        }
        set.count = try item.count("instances") ?? 1
        (set.name, set.first, set.numberLabels) = ("\(name)-exec-", 1, ["spark-exec-id"])
        return set
    }

    /// The fields of a pod's spec that stand in a role of an application.
    private static func sparkPodSpec(_ item: ObjectReader) throws(FieldError) -> PodSpec {
        let wanted = [
            "affinity", "hostNetwork", "initContainers", "nodeSelector", "priorityClassName", "schedulerName",
            "tolerations",
        ]
        let container = Value.object([.init("name", .string("main"))])
        var fields = item.fields.filter { wanted.contains($0.key) }
        fields.append(.init("containers", .array([container])))
        var spec = try PodSpec(try ObjectReader(.object(fields)))
        spec.containers = []
        return spec
    }

    private static func sparkContainer(
        _ item: ObjectReader, _ role: String, _ application: SparkTraits
    ) throws(FieldError) -> Container {
        let cores = try item.int("cores", in: 1...1_000_000) ?? 1
        var requests = ResourceList()
        var limits = ResourceList()
        requests["cpu"] = try item.optional("coreRequest", sparkCores) ?? Quantity(cores)
        if let limit = try item.optional("coreLimit", sparkCores) { limits["cpu"] = limit }
        let heap = try item.optional("memory", sparkMemory) ?? 1 << 30
        let overhead = try item.optional("memoryOverhead", sparkMemory)
        let share = try item.optional("memoryOverheadFactor") { v throws(FieldError) in try sparkFactor(v) }
        let factor = share ?? application.overheadFactor
        let amount = Int64(min(Double(heap) * factor, Double(Int64.max / 4)))
        let memory = Quantity(heap + (overhead ?? max(amount, 384 << 20)))
        (requests["memory"], limits["memory"]) = (memory, memory)
        try item.object("gpu") { gpu throws(FieldError) in
            guard let name = try gpu.string("name"), !name.isEmpty else { return }
            let count = Quantity(try gpu.int("quantity", in: 0...1_000_000) ?? 0)
            (requests[name], limits[name]) = (count, count)
        }
        let image = try item.string("image") ?? application.image
        return Container(name: "spark-kubernetes-\(role)", image: image, requests: requests, limits: limits)
    }

    private static func sparkCores(_ value: Value) throws(FieldError) -> Quantity {
        let quantity = try value.decodeQuantity()
        guard quantity > .zero else { throw FieldError(expected: "a positive quantity", found: value.summary) }
        return quantity
    }

    /// Memory as a JVM writes it, `512m` or `2g`, in bytes.
    private static func sparkMemory(_ value: Value) throws(FieldError) -> Int64 {
        let text = try value.decodeString().lowercased()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = [
            "": 1 << 20, "b": 1, "k": 1 << 10, "kb": 1 << 10, "ki": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "mi": 1 << 20,
            "g": 1 << 30, "gb": 1 << 30, "gi": 1 << 30, "t": 1 << 40, "tb": 1 << 40, "ti": 1 << 40,
        ]
        guard let number = Int64(digits), let unit = units[String(text.dropFirst(digits.count))],
            case let bytes = number.multipliedReportingOverflow(by: unit), !bytes.overflow,
            bytes.partialValue < Int64.max / 4
        else { throw FieldError(expected: "an amount of memory such as 512m or 2g", found: value.summary) }
        return bytes.partialValue
    }

    fileprivate static func sparkFactor(_ value: Value) throws(FieldError) -> Double {
        let number: Double? =
            switch value {
            case .string(let text): Double(text)
            case .int(let whole): Double(whole)
            case .double(let number): number
            default: nil
            }
        guard let number, number >= 0, number <= 1_000 else {
            throw FieldError(expected: "a factor such as 0.1", found: value.summary)
        }
        return number
    }
}

/// What the driver and the executors of a SparkApplication have in common.
private struct SparkTraits {
    var metadata: ObjectMeta
    var image: String
    var nodeSelector: [String: String]
    var schedulerName: String?
    var priorityClassName = ""
    var overheadFactor: Double

    init(_ spec: ObjectReader, _ metadata: ObjectMeta) throws(FieldError) {
        self.metadata = metadata
        self.image = try spec.string("image") ?? ""
        self.nodeSelector = try spec.strings("nodeSelector")
        self.schedulerName = try spec.string("batchScheduler").flatMap { $0.isEmpty ? nil : $0 }
        let type = try spec.string("type") ?? ""
        // Python and R need memory beside the JVM's.
        self.overheadFactor =
            try spec.optional("memoryOverheadFactor") { v throws(FieldError) in try Workload.sparkFactor(v) }
            ?? (type == "Python" || type == "R" ? 0.4 : 0.1)
        self.priorityClassName =
            try spec.object("batchSchedulerOptions") { options throws(FieldError) in
                try options.string("priorityClassName") ?? ""
            } ?? ""
    }
}
