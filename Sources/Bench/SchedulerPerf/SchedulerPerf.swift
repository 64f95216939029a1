import ClusterModel
import JSON
import Manifests

/// Reads the workloads of scheduler_perf, the benchmark of Kubernetes' own scheduler (`performance-config.yaml` of
/// `test/integration/scheduler_perf`), with the templates beside them.
///
/// A test case becomes a benchmark, each of its workloads a size, its threshold the goal of that size. What has no
/// counterpart here is named, and never passed over in silence.
public struct SchedulerPerf: Sendable {
    /// The test cases that can be run.
    public private(set) var benchmarks: [Benchmark] = []
    /// What is not run, or not as it is written there.
    public private(set) var gaps: [Gap] = []

    /// Something of a test case that has no counterpart here.
    public struct Gap: Hashable, Sendable {
        /// The test case.
        public var testCase: String
        /// What is missing, such as `createResourceDriver`.
        public var what: String
        /// Whether the whole test case is left out for it; else it is run without.
        public var leavesOut: Bool
    }

    /// Reads files of test cases.
    ///
    /// All errors of all files are found, not just the first.
    public init(paths: [String]) throws(InputErrors) {
        var errors: [InputError] = []
        for path in paths {
            do throws(InputError) {
                for document in try SourceReader.documents(path: path) {
                    do throws(FieldError) {
                        try read(document.value, file: path)
                    } catch {
                        errors.append(document.error(error))
                    }
                }
            } catch { errors.append(error) }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    private mutating func read(_ value: Value, file: String) throws(FieldError) {
        let templates = SchedulerPerfTemplates(folder: file.lastIndex(of: "/").map { String(file[...$0]) } ?? "")
        for (index, item) in try value.decodeList({ item throws(FieldError) in item }).enumerated() {
            do throws(FieldError) {
                try read(ObjectReader(item), file, templates)
            } catch { throw error.inside(.index(index)) }
        }
    }

    private mutating func read(
        _ testCase: ObjectReader, _ file: String, _ templates: SchedulerPerfTemplates
    ) throws(FieldError) {
        let name = try testCase.required("name", "the name of the test case") { v throws(FieldError) in
            try v.decodeString()
        }
        var found = SchedulerPerfGaps()
        if testCase.value("schedulerConfigPath") != nil { found.note("schedulerConfigPath") }
        var benchmark = Benchmark(name: name, file: file)
        benchmark.objects = try objects(testCase, templates, &found)
        _ = try testCase.list("workloads") { workload throws(FieldError) in
            let size = try SchedulerPerf.size(testCase, ObjectReader(workload), templates, &found)
            if let size { benchmark.sizes.append(size) }
        }
        gaps += found.gaps(of: name)
        if !found.leavesOut, !benchmark.sizes.isEmpty { benchmarks.append(benchmark) }
    }

    /// The objects that operations of kind `createAny` make, which stand there from the beginning here.
    private func objects(
        _ testCase: ObjectReader, _ templates: SchedulerPerfTemplates, _ found: inout SchedulerPerfGaps
    ) throws(FieldError) -> ClusterInput {
        var texts: [(file: String, text: String)] = []
        _ = try testCase.list("workloadTemplate") { item throws(FieldError) in
            let operation = try ObjectReader(item)
            guard try operation.string("opcode") == "createAny" else { return }
            let path = try operation.string("templatePath") ?? ""
            guard let value = try templates.manifest(path, "templatePath", &found) else { return }
            guard case .string(let kind)? = value["kind"],
                ["Service", "PriorityClass", "PodDisruptionBudget"].contains(kind)
            else {
                let kind = if case .string(let kind)? = value["kind"] { kind } else { "?" }
                return found.leaveOut("createAny of \(kind)")
            }
            let namespaced = value.inNamespace(try operation.string("namespace"), named: "\(kind.lowercased())-0")
            texts.append((path, namespaced.json))
        }
        guard !texts.isEmpty else { return ClusterInput() }
        do { return try ClusterInput(texts: texts) } catch {
            throw FieldError(path: FieldPath("workloadTemplate"), expected: "objects", found: "\(error)")
        }
    }

    /// One workload of a test case; nil where something of it is missing.
    private static func size(
        _ testCase: ObjectReader, _ workload: ObjectReader, _ templates: SchedulerPerfTemplates,
        _ found: inout SchedulerPerfGaps
    ) throws(FieldError) -> Benchmark.Size? {
        guard let name = try workload.string("name") else {
            throw FieldError(path: FieldPath("name"), expected: "the name of the workload", found: "nothing")
        }
        var reader = SchedulerPerfReader(
            templates: templates, podTemplate: try testCase.string("defaultPodTemplatePath"),
            parameters: try workload.map("params") { v throws(FieldError) in v }, gaps: found)
        _ = try testCase.list("workloadTemplate") { item throws(FieldError) in try reader.read(ObjectReader(item)) }
        found = reader.gaps
        guard !found.leavesOut else { return nil }
        var numbers: Parameters = [:]
        for (key, value) in reader.parameters {
            if case .int(let number) = value { numbers[key] = Double(number) }
        }
        let labels = try workload.stringList("labels").map { $0 == "integration-test" ? "smoke" : $0 }
        let threshold = try workload.number("threshold", in: 0...1e12).flatMap { $0 > 0 ? $0 : nil }
        return Benchmark.Size(
            name: name, labels: labels, parameters: numbers, schedulers: nil,
            goals: threshold.map { [Goal(metric: .podsPerSecond, min: $0, max: nil, of: nil)] } ?? [],
            expected: Benchmark.Expectation(), work: .cluster(reader.operations))
    }
}

/// What was found to have no counterpart, each once.
struct SchedulerPerfGaps {
    private(set) var leavesOut = false
    private var noted: [(what: String, leavesOut: Bool)] = []

    /// Notes something that the test case cannot be run without.
    mutating func leaveOut(_ what: String) { add(what, true) }

    /// Notes something that the test case is run without.
    mutating func note(_ what: String) { add(what, false) }

    private mutating func add(_ what: String, _ leavesOut: Bool) {
        if leavesOut { self.leavesOut = true }
        if !noted.contains(where: { $0.what == what }) { noted.append((what, leavesOut)) }
    }

    func gaps(of testCase: String) -> [SchedulerPerf.Gap] {
        noted.map { SchedulerPerf.Gap(testCase: testCase, what: $0.what, leavesOut: $0.leavesOut) }
    }
}

/// The files of templates, which stand beside the file of test cases.
struct SchedulerPerfTemplates {
    let folder: String

    /// The manifest of a template; nil where it is made by functions that have no counterpart here.
    ///
    /// Templates are Go's: `{{.Index}}` is the number of the object, `{{Mod .Index N}}` the rest of dividing it.
    func manifest(
        _ path: String, _ field: String, _ found: inout SchedulerPerfGaps
    ) throws(FieldError) -> Value? {
        let file = path.hasPrefix("/") ? path : folder + path
        do throws(InputError) {
            let text = String(decoding: try SourceReader.bytes(path: file), as: UTF8.self)
            guard let plain = SchedulerPerfTemplates.places(in: text) else {
                found.leaveOut("the functions in the template \(path)")
                return nil
            }
            return try SourceReader.documents(text: plain, file: file)[0].value
        } catch {
            throw FieldError(path: FieldPath(field), expected: "a template beside the file", found: "\(error)")
        }
    }

    /// The text with the places for numbers as `ObjectTemplate` writes them; nil where it has others.
    private static func places(in text: String) -> String? {
        var text = text.replacing(/\{\{-?\s*\.Index\s*-?\}\}/, with: "{i}")
        text = text.replacing(/\{\{-?\s*Mod\s+\.Index\s+(\d+)\s*-?\}\}/) { "{i%\($0.1)}" }
        return text.contains("{{") ? nil : text
    }
}

extension Value {
    /// The manifest with its namespace set, and with a name where it has none.
    func inNamespace(_ namespace: String?, named name: String? = nil) -> Value {
        guard case .object(var fields) = self else { return self }
        var metadata: [Field] = []
        if case .object(let stated)? = self["metadata"] { metadata = stated }
        if let namespace {
            metadata.removeAll { $0.key == "namespace" }
            metadata.append(Field("namespace", .string(namespace)))
        }
        if let name, !metadata.contains(where: { $0.key == "name" }) { metadata.append(Field("name", .string(name))) }
        fields.removeAll { $0.key == "metadata" }
        fields.append(Field("metadata", .object(metadata)))
        return .object(fields)
    }

    /// The manifest with a value at a path of keys, which are made where they are not there.
    func setting(_ keys: ArraySlice<String>, to value: Value) -> Value {
        guard let first = keys.first else { return value }
        var fields: [Field] = []
        if case .object(let stated) = self { fields = stated }
        let inner = (self[first] ?? .object([])).setting(keys.dropFirst(), to: value)
        if let index = fields.firstIndex(where: { $0.key == first }) {
            fields[index].value = inner
        } else {
            fields.append(Field(first, inner))
        }
        return .object(fields)
    }
}
