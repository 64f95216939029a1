import ArgumentParser
import ClusterModel
import Manifests
import PolicyEngine
import SchedulerRegistry
import Simulation

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// The flags that say which cluster, which pods, which policies and which schedulers.
struct InputOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Manifests of the nodes: YAML or JSON, objects or Lists; a folder stands for the files in it; - is stdin.",
            valueName: "file"))
    var nodes: [String] = []

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Manifests of the pods, or of Deployments, ReplicaSets, StatefulSets, Jobs and DaemonSets, with whatever "
                + "belongs to them; files or folders.", valueName: "file"))
    var pods: [String] = []

    @Option(
        help: ArgumentHelp("A folder of policies. Without it the generic scheduler gets every pod.", valueName: "dir"))
    var policies: String?

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Registrations of schedulers. Without it the three built-in ones run.", valueName: "file"))
    var schedulers: [String] = []

    @Flag(help: "Refuse the input if any object of it has a fault, which is otherwise set aside.")
    var strict = false

    func registry() throws -> SchedulerRegistry {
        schedulers.isEmpty
            ? .builtIn(folder: Tool.folder) : try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
    }

    /// Watches the folder of policies, from the set that was read of it on.
    func feed(
        _ current: PolicySet, _ registry: SchedulerRegistry,
        report: @escaping @Sendable (PolicyReloader.Directive) -> Void
    ) -> PolicyFeed? {
        policies.map {
            PolicyFeed(path: $0, current: current, schedulers: Set(registry.names), interval: 0.1, report: report)
        }
    }

    func policySet(_ registry: SchedulerRegistry) throws -> PolicySet? {
        guard let policies else { return nil }
        do {
            return try PolicyFolder(path: policies, withTests: false).policySet(schedulers: Set(registry.names))
                .withObjects(of: nodes + pods)
        } catch {
            throw Failure.faults(error.findings)
        }
    }
}
