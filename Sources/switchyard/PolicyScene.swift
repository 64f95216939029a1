import Admission
import ArgumentParser
import ClusterModel
import Manifests
import PolicyEngine
import SchedulerRegistry

/// The flags that say which pods a policy command looks at, and what is around them.
struct PolicySceneOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Manifests of the pods, or of their collections, with their namespaces and groups; - is stdin.",
            valueName: "file"))
    var pods: [String] = []

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Further manifests of the same cluster, such as its nodes.", valueName: "file"))
    var nodes: [String] = []

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Registrations of the schedulers. Without it the built-in ones.", valueName: "file"))
    var schedulers: [String] = []

    func registry() throws -> SchedulerRegistry {
        schedulers.isEmpty
            ? .builtIn(folder: Tool.folder) : try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
    }

    /// The scene that the flags describe.
    func scene() throws -> PolicyScene { PolicyScene(try Cluster(files: nodes + pods), try registry()) }
}

/// Pods as policies meet them in admission, and the cluster that policies may ask about.
struct PolicyScene {
    /// The pods, with what the steps before the policies write into them.
    private(set) var pods: [Pod] = []
    /// Pods that are refused before any policy sees them, and why.
    private(set) var refused: [(pod: ObjectKey, message: String)] = []
    /// What policies may ask about the cluster.
    let cluster: PolicyCluster

    init(_ cluster: Cluster, _ registry: SchedulerRegistry) {
        var status: [String: SchedulerStatus] = [:]
        for name in registry.names { status[name] = SchedulerStatus() }
        self.cluster = PolicyCluster(
            namespaces: cluster.namespaces, groups: cluster.groups, schedulers: status,
            defaultScheduler: registry.defaultScheduler)
        var admission = Admission(
            priorityClasses: cluster.priorityClasses, policies: PolicyEngine(.empty, cluster: self.cluster))
        for pod in cluster.pods {
            switch admission.prepare(pod) {
            case .admitted(let admitted): pods.append(admitted.pod)
            case .refused(let refusal): refused.append((pod.metadata.key, refusal.message))
            }
        }
    }

    /// Says on stderr which pods no policy will see.
    func complainAboutRefused() {
        for (pod, message) in refused {
            Terminal.complain("warning: \(pod) is refused before policies see it: \(message)")
        }
    }
}

extension PolicyFolder {
    /// The policies of a folder, or all that is wrong with them.
    static func policies(at path: String) throws -> PolicySet {
        do { return try PolicyFolder(path: path, withTests: false).policySet() } catch {
            throw Failure.input(error.findings.map(\.text))
        }
    }
}
