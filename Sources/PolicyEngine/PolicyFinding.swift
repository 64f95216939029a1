import ClusterModel

/// Something that is wrong, or looks wrong, with a policy or a policy test.
public struct PolicyFinding: Hashable, Sendable {
    /// How bad it is.
    public var severity: Severity
    /// What kind of finding it is.
    public var code: Code
    /// Where it is.
    public var place: Place
    /// What should stand there.
    public var expected: String
    /// What stands there.
    public var found: String
    /// A pod that shows the fault, where one could be made.
    public var witness: Pod?
    /// The manifests of what must stand around that pod: its namespace, its group.
    public var surroundings: [Value] = []

    /// How bad a finding is: a set of policies with an error is not loaded.
    public enum Severity: String, CaseIterable, Hashable, Sendable {
        case error, warning
    }

    /// The kinds of findings.
    public enum Code: String, CaseIterable, Hashable, Sendable {
        /// The file cannot be read, or is not YAML or JSON.
        case unreadable
        /// A field is unknown, missing, of the wrong type, or out of range.
        case badField = "bad-field"
        /// Two policies, or two tests, have the same name.
        case duplicateName = "duplicate-name"
        /// A scheduler is named that is not registered.
        case unknownScheduler = "unknown-scheduler"
        /// A scheduler falls back, over others or at once, on itself.
        case fallbackCycle = "fallback-cycle"
        /// The conditions of a rule exclude each other.
        case neverMatches = "never-matches"
        /// An earlier rule leaves nothing for this one to do.
        case shadowed
        /// An earlier rule leaves part of what this one does without effect.
        case partlyShadowed = "partly-shadowed"
        /// Two rules that match the same pod want different things of it.
        case contradiction
        /// An exception has ended.
        case ended
        /// Something was not looked at, since there is too much of it.
        case unchecked
        /// Admitting a pod a second time changes it again.
        case unstable
    }

    /// A place in a file.
    public struct Place: Hashable, Sendable {
        /// The file; empty where the policy came from elsewhere.
        public var file: String
        /// The line, from 1; 0 where it is not known.
        public var line: Int
        /// The column, from 1; 0 where it is not known.
        public var column: Int
        /// The field, from the root of its document.
        public var path: FieldPath

        /// A place of the given parts.
        public init(file: String, line: Int = 0, column: Int = 0, path: FieldPath = FieldPath([])) {
            self.file = file
            self.line = line
            self.column = column
            self.path = path
        }

        /// `file:line:column`, as far as they are known.
        var fileText: String { line > 0 ? "\(file):\(line):\(max(column, 1))" : file }

        /// `file:line:column: path`, as far as they are known.
        public var text: String {
            var text = fileText
            if !path.elements.isEmpty { text += text.isEmpty ? "\(path)" : ": \(path)" }
            return text
        }
    }

    /// A finding of the given parts.
    public init(
        _ severity: Severity, _ code: Code, _ place: Place, expected: String, found: String
    ) {
        self.severity = severity
        self.code = code
        self.place = place
        self.expected = expected
        self.found = found
    }

    /// `policies/a.yaml:7:11: spec.rules[0].match: error: expected …, found … [bad-field]`.
    public var text: String {
        let place = place.text
        let text =
            (place.isEmpty ? "" : "\(place): ")
            + "\(severity.rawValue): expected \(expected), found \(found) [\(code.rawValue)]"
        return text.printable
    }

    /// The finding with the pod, and its surroundings, that show it.
    func shown(by witness: WitnessPod?) -> PolicyFinding {
        var finding = self
        (finding.witness, finding.surroundings) = (witness?.pod, witness?.surroundings ?? [])
        return finding
    }

    /// The manifests that show the finding, to be given to other tools: a pod, or a list of it and its surroundings; nil
    /// where there is no pod.
    public var example: Value? {
        guard let pod = witness?.value else { return nil }
        if surroundings.isEmpty { return pod }
        return .object([
            .init("apiVersion", .string("v1")), .init("kind", .string("List")),
            .init("items", .array(surroundings + [pod])),
        ])
    }

    /// The finding as a JSON object.
    public var value: Value {
        var object = ObjectBuilder()
        object.add("severity", severity.rawValue)
        object.add("code", code.rawValue)
        object.add("file", place.file)
        if place.line > 0 {
            object.add("line", .int(Int64(place.line)))
            object.add("column", .int(Int64(place.column)))
        }
        object.add("field", place.path.description)
        object.add("expected", expected)
        object.add("found", found)
        object.add("pod", witness?.value)
        object.add("surroundings", surroundings) { $0 }
        return object.value
    }

    /// A line that sums up a check: `2 errors, 1 warning; 5 policies with 11 rules could be read`.
    public static func summary(of findings: [PolicyFinding], _ policies: [SchedulingPolicy]) -> String {
        let rules = policies.reduce(0) { $0 + $1.rules.count }.counted("rule", "rules")
        let read = policies.isEmpty ? "no policies" : policies.count.counted("policy", "policies") + " with \(rules)"
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count - errors
        let faults = [
            errors > 0 ? errors.counted("error", "errors") : nil,
            warnings > 0 ? warnings.counted("warning", "warnings") : nil,
        ].compactMap { $0 }.joined(separator: ", ")
        if faults.isEmpty { return "\(read): nothing to complain about" }
        return errors > 0 ? "\(faults); \(read) could be read" : "\(read): \(faults)"
    }
}
