import ClusterModel
import Manifests

/// A folder of policies with the tests beside them, as it was read: what is sound, and what is wrong with the rest.
///
/// Policies are the `.yaml`, `.yml` and `.json` files of the folder itself; its subfolder `tests`, with the folders in it,
/// holds PolicyTests and the manifests that they use. A set of policies comes out whole or not at all.
public struct PolicyFolder: Sendable {
    /// The policies read, in the order of the files.
    public private(set) var policies: [LoadedPolicy] = []
    /// The exceptions read that stand alone.
    public private(set) var exceptions: [LoadedException] = []
    /// Objects of the subfolder `cluster` that policies may have as parameters.
    public private(set) var objects: [Value] = []
    /// The tests read.
    public private(set) var tests: [LoadedTest] = []
    /// What is wrong with the files and their fields.
    public private(set) var findings: [PolicyFinding] = []

    /// A folder that holds nothing.
    public init() {}

    /// Reads a folder, a single file of policies, or with `-` the standard input.
    ///
    /// Never throws: what cannot be read is among the findings.
    /// - Parameter withTests: whether the tests are read too; a running system leaves them alone.
    public init(path: String, withTests: Bool = true) {
        var isFile = path == PolicyFolder.standardInput
        for suffix in [".yaml", ".yml", ".json"] where path.hasSuffix(suffix) { isFile = true }
        guard !isFile else {
            read(file: path, inTests: false)
            return
        }
        let files: [String]
        do { files = try SourceReader.files(in: path).filter { !PolicyFolder.isKustomization($0) } } catch {
            add(error)
            return
        }
        guard (1...PolicyLimits.files).contains(files.count) else {
            let expected = "a folder with 1 to \(PolicyLimits.files) files of policies (.yaml, .yml, .json)"
            let place = PolicyFinding.Place(file: path)
            findings.append(
                PolicyFinding(.error, .unreadable, place, expected: expected, found: "\(files.count) files"))
            return
        }
        for file in files { read(file: file, inTests: false) }
        readObjects(of: path.hasSuffix("/") ? path : path + "/")
        guard withTests else { return }
        readTests(in: (path.hasSuffix("/") ? path : path + "/") + "tests", depth: 0)
    }

    /// Reads the tests of a folder, if there is one, and of the folders in it.
    private mutating func readTests(in folder: String, depth: Int) {
        guard depth < PolicyLimits.testFolderDepth, tests.count < PolicyLimits.files else {
            findings.append(
                PolicyFinding(
                    .error, .unreadable, PolicyFinding.Place(file: folder),
                    expected: "tests at most \(PolicyLimits.testFolderDepth) folders deep", found: "more"))
            return
        }
        do {
            for file in try SourceReader.files(in: folder) { read(file: file, inTests: true) }
            for inner in try SourceReader.folders(in: folder) { readTests(in: inner, depth: depth + 1) }
        } catch {
            if error.code != .notFound { add(error) }
        }
    }

    /// The path that stands for the standard input.
    private static let standardInput = "-"

    /// Whether a file is one of kustomize's, which stands beside the manifests that it names and is none itself.
    private static func isKustomization(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(name)
    }

    /// Reads what stands in the subfolder `cluster`, where any policy asks for an object.
    private mutating func readObjects(of folder: String) {
        let wanted = Set(policies.compactMap(\.policy.parameters).map { "\($0.apiVersion) \($0.kind)" })
        guard !wanted.isEmpty, let files = try? SourceReader.files(in: folder + "cluster") else { return }
        for file in files {
            do {
                let bytes = try FileSize.bytes(of: file)
                guard bytes <= PolicyLimits.fileBytes else {
                    refuse(file, bytes: bytes)
                    continue
                }
                for document in try SourceReader.documents(path: file) {
                    objects += PolicyObjects.objects(in: document.value, wanted)
                }
            } catch {
                add(error)
            }
        }
    }

    /// Reads policies and tests from a text; `file` names it in findings.
    public mutating func add(text: String, file: String) {
        guard text.utf8.count <= PolicyLimits.fileBytes else { return refuse(file, bytes: text.utf8.count) }
        do {
            for document in try SourceReader.documents(text: text, file: file) { add(document, inTests: false) }
        } catch {
            add(error)
        }
    }

    private mutating func read(file: String, inTests: Bool) {
        do {
            // What comes through a pipe has no size before it is read.
            let bytes = file == PolicyFolder.standardInput ? 0 : try FileSize.bytes(of: file)
            guard bytes <= PolicyLimits.fileBytes else { return refuse(file, bytes: bytes) }
            for document in try SourceReader.documents(path: file) { add(document, inTests: inTests) }
        } catch {
            add(error)
        }
    }

    private mutating func refuse(_ file: String, bytes: Int) {
        findings.append(
            PolicyFinding(
                .error, .unreadable, PolicyFinding.Place(file: file),
                expected: "a file of at most \(PolicyLimits.fileBytes >> 20) MiB", found: "\(bytes) bytes"))
    }

    private mutating func add(_ error: InputError) {
        let place = PolicyFinding.Place(
            file: error.file, line: error.line ?? 0, column: error.column ?? 0, path: error.path)
        let isField = error.code == .field || error.code == .duplicateKey
        findings.append(
            PolicyFinding(
                .error, isField ? .badField : .unreadable, place, expected: error.expected, found: error.found))
    }

    /// Takes in one document by its kind; a folder of tests may hold other manifests too, which the tests refer to.
    private mutating func add(_ document: SourceDocument, inTests: Bool) {
        add(document.value, PolicySource(document), inTests: inTests)
    }

    private mutating func add(_ value: Value, _ source: PolicySource, inTests: Bool) {
        let kind = value["kind"].flatMap { try? $0.decodeString() } ?? ""
        var errors: [FieldError] = []
        switch kind {
        case SchedulingPolicy.kind where !inTests:
            if let policy = SchedulingPolicy.read(value, errors: &errors) {
                policies.append(LoadedPolicy(policy: policy, source: source))
            }
        case MetadataPolicy.kind where !inTests:
            if let policy = MetadataPolicy.read(value, errors: &errors) {
                policies.append(LoadedPolicy(policy: policy, source: source))
            }
        case PolicyException.kind where !inTests:
            if let exception = PolicyException.read(value, errors: &errors) {
                exceptions.append(LoadedException(exception: exception, source: source))
            }
        case "List", "\(SchedulingPolicy.kind)List", "\(PolicyException.kind)List", "\(PolicyTest.kind)List":
            guard case .array(let items)? = value["items"] else {
                errors.append(
                    FieldError(
                        path: FieldPath("items"), expected: "a list",
                        found: value["items"].map(\.summary) ?? "nothing"))
                break
            }
            for (index, item) in items.enumerated() {
                add(item, source.item(index), inTests: inTests)
            }
        case PolicyTest.kind:
            if let test = PolicyTest.read(value, file: source.file, errors: &errors) {
                tests.append(LoadedTest(test: test, source: source))
            }
        default:
            let ours = (value["apiVersion"].flatMap { try? $0.decodeString() } ?? "").hasPrefix(
                "switchyard.dev/")
            if inTests, !ours { return }
            errors.append(PolicyFolder.unknownKind(kind, inTests: inTests))
        }
        findings += errors.map { error in
            PolicyFinding(.error, .badField, source.place(error.path), expected: error.expected, found: error.found)
        }
    }

    private static func unknownKind(_ kind: String, inTests: Bool) -> FieldError {
        let kinds =
            inTests
            ? [PolicyTest.kind] : [SchedulingPolicy.kind, MetadataPolicy.kind, PolicyException.kind, PolicyTest.kind]
        let hint = Spelling.nearest(to: kind, among: kinds).map { " (did you mean \"\($0)\"?)" } ?? ""
        return FieldError(
            path: FieldPath("kind"), expected: kinds.joined(separator: ", ") + hint,
            found: kind.isEmpty ? "nothing" : "\"\(kind)\"")
    }
}

/// A policy with the place that it was read from.
public struct LoadedPolicy: Sendable {
    /// The policy.
    public let policy: SchedulingPolicy
    /// Where it stands.
    public let source: PolicySource
}

/// An exception that stands alone, with the place that it was read from.
public struct LoadedException: Sendable {
    /// The exception.
    public let exception: PolicyException
    /// Where it stands.
    public let source: PolicySource
}

/// A policy test with the place that it was read from.
public struct LoadedTest: Sendable {
    /// The test.
    public let test: PolicyTest
    /// Where it stands.
    public let source: PolicySource
}

/// The document that something was read from, for messages.
public struct PolicySource: Sendable {
    /// The file.
    public let file: String
    private let locator: SourceLocator
    /// Where in the document it stands, if that is a list.
    private var root: [FieldPath.Element] = []

    init(_ document: SourceDocument) {
        self.file = document.file
        self.locator = SourceLocator(document)
    }

    /// The source of an item of a list.
    func item(_ index: Int) -> PolicySource {
        var item = self
        item.root += [.key("items"), .index(index)]
        return item
    }

    /// The place of a field, or of the nearest that exists around it.
    func place(_ path: FieldPath) -> PolicyFinding.Place {
        let path = FieldPath(root + path.elements)
        let location = locator.location(of: path)
        return PolicyFinding.Place(file: file, line: location?.line ?? 0, column: location?.column ?? 0, path: path)
    }
}

/// Why a folder of policies does not load: the errors among its findings.
public struct PolicyErrors: Error, Sendable, CustomStringConvertible {
    /// The errors, at least one.
    public let findings: [PolicyFinding]

    /// One line an error.
    public var description: String { findings.map(\.text).joined(separator: "\n") }
}

extension PolicyFolder {
    /// The set of policies, if nothing at all is wrong with them.
    ///
    /// - Parameter schedulers: the names that policies may refer to, or nil where any may come later.
    public func policySet(schedulers: Set<String>? = nil) throws(PolicyErrors) -> PolicySet {
        let errors = check(schedulers: schedulers, errorsOnly: true)
        guard errors.isEmpty else { throw PolicyErrors(findings: errors) }
        return uncheckedSet
    }

    /// The set of what could be read, whatever else is wrong.
    public var uncheckedSet: PolicySet {
        PolicySet(policies.map(\.policy), exceptions: exceptions.map(\.exception), objects: objects)
    }

    /// Everything that is wrong, or looks wrong, with the policies and the tests, in the order of files and lines.
    ///
    /// - Parameters:
    ///   - schedulers: the names that policies may refer to, or nil where any may come later.
    ///   - errorsOnly: whether errors alone are looked for, which is much faster.
    public func check(schedulers: Set<String>? = nil, errorsOnly: Bool = false) -> [PolicyFinding] {
        var result = findings
        result += PolicyChecker(policies, exceptions: exceptions, schedulers: schedulers).findings(
            errorsOnly: errorsOnly)
        var names: [String: PolicyFinding.Place] = [:]
        for loaded in tests {
            let place = loaded.source.place(FieldPath("metadata", "name"))
            if let first = names.updateValue(place, forKey: loaded.test.name) {
                result.append(.duplicate(loaded.test.name, "test", at: place, first: first))
            }
        }
        return result.sorted {
            ($0.place.file, $0.place.line, $0.place.column) < ($1.place.file, $1.place.line, $1.place.column)
        }
    }
}

extension PolicyFinding {
    static func duplicate(_ name: String, _ what: String, at place: Place, first: Place) -> PolicyFinding {
        PolicyFinding(
            .error, .duplicateName, place, expected: "a name that no other \(what) has",
            found: "\"\(name)\", the name of the \(what) at \(first.file):\(first.line)")
    }
}
