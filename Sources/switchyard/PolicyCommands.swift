import ArgumentParser
import ClusterModel
import JSON
import Manifests
import PolicyEngine
import SchedulerRegistry

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, test, explain, compare, measure and watch scheduling policies.",
        discussion: """
            Examples:
              switchyard policy check policies
              switchyard policy test policies --require-tests
              switchyard policy explain policies --pods pods.yaml --pod default/web-0
            """,
        subcommands: [
            PolicyCheck.self, PolicyTestCommand.self, PolicyExplain.self, PolicyDiffCommand.self,
            PolicyBenchCommand.self, PolicyEval.self, PolicyWatchCommand.self,
        ])
}

/// The folder that a policy command is about.
struct PolicyFolderArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The folder of policies, with its tests in tests/, or one file; - is the standard input.", valueName: "dir")
    )
    var path = "policies"

    func load() throws -> PolicyFolder {
        let folder = PolicyFolder(path: path)
        let errors = folder.findings.filter { $0.severity == .error }
        if !errors.isEmpty { throw Failure.faults(errors) }
        return folder
    }
}

struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find what is wrong with policies before they decide about pods.",
        discussion: """
            Syntax, unknown fields, types, references, rules that can never match, rules that contradict each other.

            Examples:
              switchyard policy check policies
              switchyard policy check policies --schedulers schedulers.yaml -o json
              kustomize build overlays/production | switchyard policy check -
            """)

    @OptionGroup var folder: PolicyFolderArgument

    @Option(name: .long, parsing: .upToNextOption, help: "Registrations of the schedulers that policies may name.")
    var schedulers: [String] = []

    @Flag(help: "Exit with 1 where there are warnings.")
    var strict = false

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        let registry: SchedulerRegistry =
            schedulers.isEmpty
            ? .builtIn(folder: Tool.folder) : try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
        let loaded = PolicyFolder(path: folder.path)
        let findings = loaded.check(schedulers: Set(registry.names))
        switch output {
        case .json: Terminal.print(Value.array(findings.map(\.value)).prettyJSON)
        case .text:
            for finding in findings {
                Terminal.print(finding.text)
                // Written so that it can be given to `policy explain --pods -` as it stands.
                if let example = finding.example { Terminal.print("  for example \(example.json)") }
            }
            Terminal.print(PolicyFinding.summary(of: findings, loaded.policies.map(\.policy)))
        }
        if findings.contains(where: { $0.severity == .error }) { Terminal.exit(2) }
        if strict, !findings.isEmpty { throw Failure.found("") }
    }
}

struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests that stand beside the policies.",
        discussion: """
            Examples:
              switchyard policy test policies
              switchyard policy test policies --require-tests -o junit > report.xml
              switchyard policy test policies --mutants
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, junit }

    @OptionGroup var folder: PolicyFolderArgument

    @Flag(help: "Fail where a rule is reached by no test.")
    var requireTests = false

    @Flag(
        help: "Change each condition and each action in turn, and fail where no test notices a change.")
    var mutants = false

    @Option(name: .shortAndLong, help: "text, json or junit.")
    var output: Format = .text

    func run() throws {
        let loaded = try folder.load()
        let policies: PolicySet
        do { policies = try loaded.policySet() } catch { throw Failure.faults(error.findings) }
        if loaded.tests.isEmpty { throw Failure.input([noTests()]) }
        var report = PolicyTestRunner(policies).run(loaded.tests)
        report.requiresCoverage = requireTests
        switch output {
        case .text: Terminal.print(report.text.trimmedNewline)
        case .json: Terminal.print(report.value.prettyJSON)
        case .junit: Terminal.print(report.junit.trimmedNewline)
        }
        if !report.failures.isEmpty { throw Failure.found("") }
        if requireTests, !report.uncovered.isEmpty {
            let count = report.uncovered.count
            throw Failure.found(count.counted("rule is reached by no test", "rules are reached by no test"))
        }
        if mutants { try runMutants(loaded) }
    }

    /// Why there is nothing to run.
    private func noTests() -> String {
        let isFile = [".yaml", ".yml", ".json"].contains { folder.path.hasSuffix($0) }
        return isFile
            ? "\(folder.path): expected a PolicyTest in the file, or a folder of policies with its tests in tests/"
            : "\(folder.path): expected tests of the policies (kind: PolicyTest) in \(folder.path)/tests, found none"
    }

    /// Survivors go to stderr, beside whatever format the report has.
    private func runMutants(_ folder: PolicyFolder) throws {
        let (survivors, count) = PolicyTestRunner.survivors(
            of: folder.policies.map(\.policy), exceptions: folder.exceptions.map(\.exception),
            objects: folder.objects, folder.tests)
        for survivor in survivors { Terminal.complain("no test notices: \(survivor.policy)/\(survivor.change)") }
        Terminal.complain("\(count) mutants, \(survivors.count) survive")
        if !survivors.isEmpty { throw Failure.found("") }
    }
}

struct PolicyExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell which policies and rules match a pod, and which condition failed where one does not.",
        discussion: """
            Examples:
              switchyard policy explain policies --pods pods.yaml --pod default/web-0
            """)

    @OptionGroup var folder: PolicyFolderArgument

    @OptionGroup var scene: PolicySceneOptions

    @Option(
        help: ArgumentHelp(
            "The time of the decision, such as 2030-06-30T12:00:00Z, or the start of a day; now, without it.",
            valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("The name of the user that makes the pods; request.userInfo is absent without it."))
    var user: String?

    @Option(name: .customLong("group"), help: ArgumentHelp("A group of that user; may be given several times."))
    var groups: [String] = []

    @Option(help: ArgumentHelp("The pod; without it, every pod of the input.", valueName: "namespace/name"))
    var pod: String?

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func validate() throws {
        if scene.pods.isEmpty, scene.nodes.isEmpty {
            throw ValidationError("--pods: expected manifests of the pods to explain")
        }
        if user == nil, !groups.isEmpty { throw ValidationError("--group: expected a --user beside it") }
        if let at, Timestamp.start(at) == nil {
            throw ValidationError("--at \(at): expected a day or a time such as 2030-06-30T12:00:00Z")
        }
    }

    func run() throws {
        let policies = try policySet()
        var scene = try scene.scene()
        if let seconds = at.flatMap(Timestamp.start) { scene.cluster.timeSeconds = seconds }
        scene.request = user.map { PolicyRequest(userInfo: PolicyRequest.UserInfo(username: $0, groups: groups)) }
        if let pod, let refused = scene.refused.first(where: { $0.pod.description == pod }) {
            throw Failure.found("\(pod) is refused before policies see it: \(refused.message)")
        }
        scene.complainAboutRefused()
        scene.input.complainAboutNamespaces(policies)
        let wanted = scene.pods.filter { pod == nil || $0.metadata.key.description == pod }
        guard !wanted.isEmpty else {
            guard let pod, !scene.pods.isEmpty else { throw Failure.input(["--pods: the input has no pods"]) }
            let known = scene.pods.prefix(3).map(\.metadata.key.description).joined(separator: ", ")
            let more = scene.pods.count > 3 ? " and others" : ""
            throw Failure.input(["--pod \(pod.printable): the input has no such pod; it has \(known)\(more)"])
        }
        let explanations = scene.explanations(of: Set(wanted.map(\.metadata.key)), by: policies)
        switch output {
        case .text: for explanation in explanations { Terminal.print(explanation.text.trimmedNewline) }
        case .json:
            let values = explanations.map(\.value)
            Terminal.print((pod == nil ? .array(values) : values[0]).prettyJSON)
        }
        try scene.input.finish()
    }

    /// The policies; rules without effect are told of, and explained all the same: a pod of `policy check` shows why.
    private func policySet() throws -> PolicySet {
        let loaded = PolicyFolder(path: folder.path, withTests: false)
        let errors = loaded.check(errorsOnly: true)
        let others = errors.filter { $0.code != .shadowed && $0.code != .neverMatches }
        if !others.isEmpty { throw Failure.faults(others) }
        for error in errors { Terminal.complain(error.text) }
        return loaded.uncheckedSet.withObjects(of: scene.nodes + scene.pods)
    }
}

extension String {
    /// The text without newlines at its end, for printing with one.
    var trimmedNewline: String {
        var text = self
        while text.last == "\n" { text.removeLast() }
        return text
    }
}
