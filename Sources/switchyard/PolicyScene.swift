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
            "Manifests of the pods, or of their collections, with their namespaces and groups: files or folders; - is stdin.",
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

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Schedulers to take for down.", valueName: "scheduler"))
    var down: [String] = []

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("How many pods wait for a scheduler; 0 where it is not said.", valueName: "scheduler=pods"))
    var queued: [String] = []

    @Flag(help: "Refuse the input if any object of it has a fault, which is otherwise set aside.")
    var strict = false

    func registry() throws -> SchedulerRegistry {
        schedulers.isEmpty
            ? .builtIn(folder: Tool.folder) : try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
    }

    /// The scene that the flags describe.
    func scene() throws -> PolicyScene {
        let registry = try registry()
        let input = try Cluster(files: nodes + pods, strict: strict)
        input.complainAboutFaults()
        return PolicyScene(input, registry, schedulers: try status(registry))
    }

    /// The states of the schedulers.
    private func status(_ registry: SchedulerRegistry) throws -> [String: SchedulerStatus] {
        var status = PolicyScene.allReady(registry)
        func update(_ flag: String, _ name: String, _ change: (inout SchedulerStatus) -> Void) throws {
            guard var known = status[name] else {
                throw Failure.input([
                    "\(flag) \(name): expected a scheduler that exists (\(registry.names.joined(separator: ", ")))"
                ])
            }
            change(&known)
            status[name] = known
        }
        for name in down { try update("--down", name) { $0.isReady = false } }
        for text in queued {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let depth = Int(parts[1]), depth >= 0 else {
                throw Failure.input(["--queued \(text): expected a scheduler and a number of pods, such as gang=500"])
            }
            try update("--queued", parts[0]) { $0.queueDepth = depth }
        }
        return status
    }
}

/// Pods as policies meet them in admission, and the cluster that policies may ask about.
struct PolicyScene {
    /// The pods, with what the steps before the policies write into them.
    private(set) var pods: [Pod] = []
    /// Pods that are refused before any policy sees them, and why.
    private(set) var refused: [(pod: ObjectKey, message: String)] = []
    /// What policies may ask about the cluster.
    var cluster: PolicyCluster
    /// What is known of the request that makes the pods; nil for nothing.
    var request: PolicyRequest?
    /// The cluster as it was read.
    let input: Cluster
    private let priorityClasses: Set<String>

    init(_ cluster: Cluster, _ registry: SchedulerRegistry, schedulers: [String: SchedulerStatus]? = nil) {
        input = cluster
        priorityClasses = Set((PriorityClass.builtIn + cluster.rules.priorityClasses).map(\.metadata.name))
        self.cluster = PolicyCluster(
            namespaces: cluster.namespaces, groups: cluster.groups,
            schedulers: schedulers ?? PolicyScene.allReady(registry), defaultScheduler: registry.defaultScheduler)
        var admission = Admission(
            cluster.rules, pods: cluster.pods, policies: PolicyEngine(.empty, cluster: self.cluster))
        for pod in cluster.pods {
            switch admission.prepare(pod) {
            case .admitted(let admitted): pods.append(admitted.pod)
            case .refused(let refusal): refused.append((pod.metadata.key, refusal.message))
            }
        }
    }

    /// All schedulers of a registry, as if they ran and had nothing to do.
    static func allReady(_ registry: SchedulerRegistry) -> [String: SchedulerStatus] {
        Dictionary(uniqueKeysWithValues: registry.names.map { ($0, SchedulerStatus()) })
    }

    /// Explains some of the pods, each after those before it were decided about: a group goes where its first pod went.
    func explanations(of wanted: Set<ObjectKey>, by policies: PolicySet) -> [PolicyExplanation] {
        var engine = PolicyEngine(policies, cluster: cluster)
        var result: [PolicyExplanation] = []
        for pod in pods {
            if wanted.contains(pod.metadata.key) {
                result.append(engine.explain(pod, for: request))
                if result.count == wanted.count { break }
            }
            _ = engine.decide(pod, for: request)
        }
        for explanation in result { complainAboutPriorityClass(explanation) }
        return result
    }

    /// Says on stderr that a rule writes a priority class that the input lacks, for which admission refuses the pod.
    func complainAboutPriorityClass(_ explanation: PolicyExplanation) {
        for change in explanation.decision.specChanges {
            guard case .priorityClass(let name) = change.content, !priorityClasses.contains(name) else { continue }
            Terminal.complain(
                "warning: \(explanation.pod) will be refused: \(change.rule) writes the priority class \(name), "
                    + "which the input does not have")
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
            throw Failure.faults(error.findings)
        }
    }
}
