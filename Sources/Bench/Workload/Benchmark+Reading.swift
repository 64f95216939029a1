import ClusterModel
import CoreBench
import JSON
import Manifests

extension Benchmark {
    /// The API version of a workload file.
    public static let apiVersion = "switchyard.dev/v1alpha1"

    /// Reads workload files: documents of kind `Benchmark`, one or more a file; a folder stands for the files in it.
    ///
    /// All errors of all files are found, not just the first.
    public static func read(paths: [String]) throws(InputErrors) -> [Benchmark] {
        var errors: [InputError] = []
        var benchmarks: [Benchmark] = []
        for path in paths {
            do throws(InputError) {
                for file in try files(path) {
                    for document in try SourceReader.documents(path: file) {
                        do throws(FieldError) {
                            let benchmark = try Benchmark(document.value, file: file)
                            if benchmarks.contains(where: { $0.name == benchmark.name }) {
                                throw FieldError(
                                    path: FieldPath("metadata", "name"), expected: "a name that no other benchmark has",
                                    found: "the second \"\(benchmark.name)\"")
                            }
                            benchmarks.append(benchmark)
                        } catch {
                            errors.append(document.error(error, object: "Benchmark"))
                        }
                    }
                }
            } catch {
                errors.append(error)
            }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return benchmarks
    }

    /// The file itself, or the YAML files of a folder.
    private static func files(_ path: String) throws(InputError) -> [String] {
        do throws(InputError) {
            return try SourceReader.files(in: path, extensions: ["yaml", "yml"])
        } catch {
            return [path]
        }
    }

    /// Reads one document.
    init(_ value: Value, file: String) throws(FieldError) {
        let object = try ObjectReader(value)
        try object.expectOnly("apiVersion", "kind", "metadata", "spec")
        try Benchmark.expect(object, "apiVersion", Benchmark.apiVersion)
        try Benchmark.expect(object, "kind", "Benchmark")
        let name = try object.object("metadata") { meta throws(FieldError) in
            try meta.expectOnly("name")
            return try meta.string("name")
        }
        guard let name = name ?? nil, !name.isEmpty else {
            throw FieldError(path: FieldPath("metadata", "name"), expected: "a name", found: "nothing")
        }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let read = try object.object("spec") { spec throws(FieldError) in
            try Benchmark(spec, name: name, file: file, folder: folder)
        }
        guard let read else { throw FieldError(path: FieldPath("spec"), expected: "a spec", found: "nothing") }
        self = read
    }

    private init(_ spec: ObjectReader, name: String, file: String, folder: String) throws(FieldError) {
        try spec.expectOnly(
            "description", "policies", "schedulers", "objects", "templates", "sizes", "operations", "core", "expect",
            "latencyAt", "timeoutSeconds")
        self.name = name
        self.file = file
        self.summary = try spec.string("description") ?? ""
        func beside(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
        self.policies = try spec.string("policies").map(beside)
        self.schedulers = try spec.stringList("schedulers").map(beside)
        self.objects =
            try spec.optional("objects") { v throws(FieldError) in try Benchmark.objects(v) } ?? ClusterInput()
        self.latencyAt = try spec.list("latencyAt") { v throws(FieldError) in
            let share = try ObjectReader(.object([.init("share", v)]))
            do throws(FieldError) {
                return try share.number("share", in: 0.001...1) ?? 1
            } catch {
                throw FieldError(expected: error.expected, found: error.found)
            }
        }
        self.timeoutSeconds = try spec.number("timeoutSeconds", in: 1...86_400) ?? BenchmarkLimits.timeoutSeconds
        let work = WorkReader(spec)
        self.sizes = try spec.required("sizes", "a mapping of sizes") { v throws(FieldError) in
            guard case .object(let fields) = v, !fields.isEmpty else {
                throw FieldError(expected: "a mapping of at least one size", found: v.summary)
            }
            var sizes: [Size] = []
            for field in fields {
                do throws(FieldError) {
                    sizes.append(try Benchmark.size(field.key, ObjectReader(field.value)))
                } catch { throw error.inside(.key(field.key)) }
            }
            return sizes
        }
        for size in sizes {
            for goal in size.goals {
                guard let other = goal.of, !sizes.contains(where: { $0.name == other }) else { continue }
                throw FieldError(
                    path: FieldPath("sizes", size.name, "goals", goal.metric.rawValue, "of"),
                    expected: "one of the sizes \(sizes.map(\.name).joined(separator: ", "))", found: "\"\(other)\"")
            }
        }
        for index in sizes.indices {
            sizes[index].schedulers = sizes[index].schedulers?.map(beside)
            sizes[index].work = try work.work(sizes[index].parameters)
            sizes[index].expected = try work.expectation(sizes[index].parameters)
        }
    }

    private static func size(_ name: String, _ object: ObjectReader) throws(FieldError) -> Size {
        try object.expectOnly("labels", "parameters", "goals", "schedulers")
        let labels = ["smoke", "short", "performance"]
        let parameters = try object.map("parameters") { v throws(FieldError) in
            switch v {
            case .int(let number): return Double(number)
            case .double(let number): return number
            default: throw FieldError(expected: "a number", found: v.summary)
            }
        }
        let read = try object.list("labels") { v throws(FieldError) in
            let label = try v.decodeString()
            guard labels.contains(label) else {
                throw FieldError(expected: "one of \(labels.joined(separator: ", "))", found: v.summary)
            }
            return label
        }
        return Size(
            name: name, labels: read, parameters: parameters,
            schedulers: object.value("schedulers") == nil ? nil : try object.stringList("schedulers"),
            goals: try object.optional("goals") { v throws(FieldError) in try goals(v) } ?? [],
            expected: Expectation(), work: .cluster([]))
    }

    private static func goals(_ value: Value) throws(FieldError) -> [Goal] {
        guard case .object(let fields) = value else {
            throw FieldError(expected: "a mapping of figures", found: value.summary)
        }
        var goals: [Goal] = []
        for field in fields {
            do throws(FieldError) {
                guard let metric = Metric(rawValue: field.key) else {
                    let names = Metric.allCases.map(\.rawValue).joined(separator: ", ")
                    throw FieldError(expected: "one of \(names)", found: "\"\(field.key)\"")
                }
                let object = try ObjectReader(field.value)
                try object.expectOnly("min", "max", "of")
                let range = 0...Double.infinity
                goals.append(
                    Goal(
                        metric: metric, min: try object.number("min", in: range),
                        max: try object.number("max", in: range),
                        of: try object.string("of")))
            } catch { throw error.inside(.key(field.key)) }
        }
        return goals
    }

    /// Manifests that stand in the file, read as any others.
    private static func objects(_ value: Value) throws(FieldError) -> ClusterInput {
        let items = try value.decodeList { item throws(FieldError) in item }
        do {
            return try ClusterInput(texts: items.enumerated().map { ("\($0.offset)", $0.element.json) }, strict: true)
        } catch {
            let first = error.errors[0]
            var path = first.path
            if let index = Int(first.file) { path.elements.insert(.index(index), at: 0) }
            throw FieldError(path: path, expected: first.expected, found: first.found)
        }
    }

    private static func expect(_ object: ObjectReader, _ key: String, _ wanted: String) throws(FieldError) {
        let found = try object.string(key)
        guard found == wanted else {
            throw FieldError(
                path: FieldPath(key), expected: "\"\(wanted)\"", found: found.map { "\"\($0)\"" } ?? "nothing")
        }
    }
}

/// Reads what is measured, for the parameters of one size.
private struct WorkReader {
    let spec: ObjectReader

    init(_ spec: ObjectReader) { self.spec = spec }

    func work(_ parameters: Parameters) throws(FieldError) -> Benchmark.Work {
        if let core = spec.value("core") {
            do { return try self.core(core.resolving(parameters)) } catch { throw error.inside(.key("core")) }
        }
        let templates = try spec.map("templates") { v throws(FieldError) in try ObjectTemplate(v, parameters) }
        return .cluster(
            try spec.required("operations", "a list of operations") { v throws(FieldError) in
                var reader = OperationReader(parameters: parameters, templates: templates)
                var operations: [Operation] = []
                for (index, item) in try v.decodeList({ item throws(FieldError) in item }).enumerated() {
                    do throws(FieldError) {
                        let operation = try reader.operation(item.resolving(parameters))
                        try WorkReader.check(operation)
                        operations.append(operation)
                    } catch { throw error.inside(.index(index)) }
                }
                return operations
            })
    }

    /// Makes the first object of a template, so that a wrong one is found before anything runs.
    private static func check(_ operation: Operation) throws(FieldError) {
        switch operation {
        case .createNodes(let nodes): _ = try NodeMaker.node(nodes.template, "node-0", 0)
        case .createNamespaces(_, let template): _ = try Namespace(template.manifest(for: 0))
        case .createPods(let pods): try check(pods.template, in: "createPods")
        case .churn(let churn): try check(churn.template, in: "churn")
        default: break
        }
    }

    private static func check(_ template: ObjectTemplate, in operation: String) throws(FieldError) {
        var maker = PodMaker(template, name: "pod")
        do {
            _ = try maker.pod(0)
        } catch {
            var error = error
            error.path.elements = [.key(operation), .key("template")] + error.path.elements
            throw error
        }
    }

    private func core(_ value: Value) throws(FieldError) -> Benchmark.Work {
        let object = try ObjectReader(value)
        try object.expectOnly("workload", "profile", "nodes", "pods")
        let workload: CoreBench.Workload? = try object.choice("workload")
        return .core(
            workload ?? .identical, profile: try object.string("profile") ?? "kube-default",
            nodes: try object.requiredCount("nodes", least: 1), pods: try object.requiredCount("pods", least: 1))
    }

    func expectation(_ parameters: Parameters) throws(FieldError) -> Benchmark.Expectation {
        guard let expect = spec.value("expect") else { return Benchmark.Expectation() }
        do throws(FieldError) {
            let object = try ObjectReader(expect.resolving(parameters))
            try object.expectOnly("measured", "bound", "unschedulable", "pending", "refused")
            return Benchmark.Expectation(
                measured: try object.count("measured"), bound: try object.count("bound"),
                unschedulable: try object.count("unschedulable"),
                pending: try object.count("pending"), refused: try object.count("refused"))
        } catch { throw error.inside(.key("expect")) }
    }
}
