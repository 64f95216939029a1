import ClusterModel

/// Reads the operations of a benchmark, whose parameters are numbers by now.
struct OperationReader {
    let parameters: Parameters
    let templates: [String: ObjectTemplate]
    /// The streams of pods so far, which must have names of their own.
    private var streams: Set<String> = []

    init(parameters: Parameters, templates: [String: ObjectTemplate]) {
        self.parameters = parameters
        self.templates = templates
    }

    /// The names of the operations.
    static let names = [
        "barrier", "churn", "cordon", "createGangs", "createNamespaces", "createNodes", "createPods", "deletePods",
        "killScheduler", "relabel", "removeNodes", "sleep", "uncordon",
    ]

    /// Reads `name`, or `name: {…}`.
    mutating func operation(_ value: Value) throws(FieldError) -> Operation {
        let expected = "one operation: \(OperationReader.names.joined(separator: ", "))"
        switch value {
        case .string("barrier"): return .barrier
        case .object(let fields) where fields.count == 1:
            let name = fields[0].key
            guard OperationReader.names.contains(name) else {
                throw FieldError(path: FieldPath(name), expected: expected, found: "\"\(name)\"")
            }
            do { return try read(name, fields[0].value) } catch { throw error.inside(.key(name)) }
        default: throw FieldError(expected: expected, found: value.summary)
        }
    }

    private mutating func read(_ name: String, _ value: Value) throws(FieldError) -> Operation {
        if name == "sleep" {
            let wrapped = try ObjectReader(.object([.init("seconds", value)]))
            return .sleep(seconds: try wrapped.number("seconds", in: 0...3_600) ?? 0)
        }
        let object = try ObjectReader(value)
        switch name {
        case "createNodes": return try createNodes(object)
        case "createNamespaces":
            try object.expectOnly("count", "template")
            return .createNamespaces(count: try object.requiredCount("count"), template: try template(object))
        case "createPods": return .createPods(try createPods(object))
        case "createGangs": return .createPods(try createGangs(object))
        case "churn": return .churn(try churn(object))
        case "deletePods":
            try object.expectOnly("of", "count", "rate")
            let stream = try object.required("of", "the name of a stream of pods") { v throws(FieldError) in
                let name = try v.decodeString()
                guard streams.contains(name) else {
                    throw FieldError(
                        expected: "a stream created before: \(streams.sorted().joined(separator: ", "))",
                        found: v.summary)
                }
                return name
            }
            return .deletePods(
                of: stream, count: try object.requiredCount("count"), perSecond: try rate(object))
        case "cordon", "uncordon":
            try object.expectOnly("first", "count")
            return .setUnschedulable(name == "cordon", try choice(object))
        case "relabel":
            try object.expectOnly("first", "count", "labels")
            return .relabel(try choice(object), labels: try object.strings("labels"))
        case "removeNodes":
            try object.expectOnly("first", "count")
            return .removeNodes(try choice(object))
        case "killScheduler": return .killScheduler(try kill(object))
        default:
            try object.expectOnly()
            return .barrier
        }
    }

    private func createNodes(_ object: ObjectReader) throws(FieldError) -> Operation {
        try object.expectOnly("count", "name", "template")
        let name = try object.string("name") ?? "node"
        let count = try object.requiredCount("count")
        return .createNodes(.init(count: count, name: name, template: try template(object)))
    }

    private mutating func createPods(_ object: ObjectReader) throws(FieldError) -> Operation.CreatePods {
        try object.expectOnly("name", "count", "rate", "template", "measured", "background")
        return Operation.CreatePods(
            name: try stream(object, "pod"), count: try object.requiredCount("count"), perSecond: try rate(object),
            isMeasured: try object.bool("measured") ?? true, isBackground: try object.bool("background") ?? false,
            groupSize: 1, minMember: 1, topologyKeys: [], template: try template(object))
    }

    private mutating func createGangs(_ object: ObjectReader) throws(FieldError) -> Operation.CreatePods {
        try object.expectOnly(
            "name", "count", "size", "minMember", "rate", "template", "measured", "background", "topologyKeys")
        let size = try object.requiredCount("size", least: 1)
        let gangs = try object.requiredCount("count")
        guard Int64(gangs) * Int64(size) <= BenchmarkLimits.maxCount else {
            throw FieldError(
                path: FieldPath("count"), expected: "at most \(BenchmarkLimits.maxCount) pods in all gangs",
                found: "\(gangs) of \(size)")
        }
        return Operation.CreatePods(
            name: try stream(object, "gang"), count: gangs * size, perSecond: try rate(object),
            isMeasured: try object.bool("measured") ?? true, isBackground: try object.bool("background") ?? false,
            groupSize: size, minMember: try object.count("minMember", least: 1) ?? size,
            topologyKeys: try object.stringList("topologyKeys"), template: try template(object))
    }

    private mutating func churn(_ object: ObjectReader) throws(FieldError) -> Operation.Churn {
        try object.expectOnly("name", "rate", "lifetime", "template")
        guard let rate = try rate(object) else {
            throw FieldError(path: FieldPath("rate"), expected: "pods a second", found: "nothing")
        }
        return Operation.Churn(
            name: try stream(object, "churn"), perSecond: rate,
            lifetime: try object.number("lifetime", in: 0.001...3_600) ?? 0.1, template: try template(object))
    }

    private func kill(_ object: ObjectReader) throws(FieldError) -> Operation.Kill {
        try object.expectOnly("scheduler", "everyBound", "times")
        let name = try object.required("scheduler", "the name of a scheduler") { v throws(FieldError) in
            try v.decodeString()
        }
        return Operation.Kill(
            scheduler: name, everyBound: try object.count("everyBound", least: 1),
            times: try object.count("times", least: 1) ?? 1)
    }

    private func choice(_ object: ObjectReader) throws(FieldError) -> Operation.NodeChoice {
        Operation.NodeChoice(
            first: try object.count("first") ?? 0, count: try object.requiredCount("count", least: 1))
    }

    private func rate(_ object: ObjectReader) throws(FieldError) -> Double? {
        try object.number("rate", in: 0.001...1e9)
    }

    /// The stream's name, which no other may have.
    private mutating func stream(_ object: ObjectReader, _ usual: String) throws(FieldError) -> String {
        let stated = try object.string("name")
        let name = stated ?? usual
        guard streams.insert(name).inserted else {
            throw FieldError(
                path: FieldPath("name"), expected: "a name that no other pods have",
                found: stated == nil
                    ? "the second \"\(name)\" (the name that is given where none is stated)" : "\"\(name)\"")
        }
        return name
    }

    private func template(_ object: ObjectReader) throws(FieldError) -> ObjectTemplate {
        let names = templates.keys.sorted().joined(separator: ", ")
        return try object.required("template", "a manifest, or one of the templates \(names)") {
            v throws(FieldError) in
            guard case .string(let name) = v else { return try ObjectTemplate(v, parameters) }
            guard let found = templates[name] else {
                throw FieldError(expected: "one of the templates \(names)", found: v.summary)
            }
            return found
        }
    }
}
