import ClusterModel
import Manifests
import PolicyEngine
import Simulation

/// A cluster and its pods as they were read, from manifests or from a trace, with what an answer about them needs.
struct Cluster {
    /// What it is, in a line.
    var title: String
    var nodes: [Node]
    var pods: [Pod]
    var namespaces: [Namespace] = []
    var groups: [PodGroup] = []
    /// What completes or refuses new pods.
    var rules = ClusterRules()
    var budgets: [PodDisruptionBudget] = []
    var warnings: [String] = []
    /// What was left out because something is wrong with it.
    var setAside: InputErrors?
    /// Namespaces that objects stand in and none defines.
    var assumedNamespaces: [String] = []
    /// The pods that count as the same service as a pod.
    var serviceSelector: (Pod) -> LabelSelector? = { _ in nil }

    /// A cluster of nodes and pods alone.
    init(title: String, nodes: [Node], pods: [Pod]) {
        self.title = title
        self.nodes = nodes
        self.pods = pods
    }

    /// Reads what `--nodes` and `--pods` name.
    init(_ options: InputOptions) throws {
        guard !options.nodes.isEmpty else {
            throw Failure.input(["--nodes: expected manifests of the nodes (or a trace, with --trace)"])
        }
        try self.init(files: options.nodes + options.pods, strict: options.strict)
        if nodes.isEmpty {
            let missing = "\(options.nodes.joined(separator: ", ")): expected at least one Node, found none"
            throw Failure.input((setAside.map { [$0.description] } ?? []) + [missing])
        }
    }

    /// Reads manifests; a file that is named twice is read once.
    init(files: [String], strict: Bool) throws {
        var paths: [String] = []
        for file in files where !paths.contains(file) { paths.append(file) }
        self.init(try ClusterInput(paths: paths, strict: strict), title: paths.joined(separator: ", "))
    }

    /// A cluster as it was read.
    init(_ input: ClusterInput, title: String) {
        self.init(title: title, nodes: input.nodes, pods: input.pods)
        namespaces = input.namespaces
        groups = input.podGroups
        rules = input.rules
        budgets = input.disruptionBudgets
        warnings = input.warnings
        input.storage.limit(&nodes)
        warnings += input.storage.resolve(&pods).warnings
        setAside = input.setAside
        assumedNamespaces = input.assumedNamespaces
        let selectors = input.serviceSelectors
        serviceSelector = { selectors.selector(for: $0) }
        self.title += ": \(Format.count(nodes.count)) nodes, \(Format.count(pods.count)) pods"
    }
}

extension Cluster {
    /// Says on stderr what a user should know about the input.
    func complain() {
        for warning in warnings { Terminal.complain("warning: \(warning)") }
        complainAboutFaults()
    }

    /// Says on stderr what was set aside and why.
    func complainAboutFaults() {
        for line in setAside?.lines ?? [] { Terminal.complain("set aside: \(line)") }
    }

    /// Says on stderr of which namespaces policies ask for labels that nobody knows.
    func complainAboutNamespaces(_ policies: PolicySet?) {
        guard !assumedNamespaces.isEmpty, let policies, policies.policies.contains(where: \.asksForNamespaceLabels)
        else { return }
        let shown = assumedNamespaces.prefix(5).joined(separator: ", ")
        let more = assumedNamespaces.count > 5 ? " and \(assumedNamespaces.count - 5) more" : ""
        Terminal.complain(
            "warning: policies ask for the labels of namespaces, of which only \(Namespace.nameLabel) is known where the "
                + "input has no Namespace object: \(shown)\(more)")
    }

    /// Ends a command that has done its work: with a failure if something had to be set aside for it.
    func finish() throws {
        guard let setAside else { return }
        let count = setAside.count.counted("document or object was", "documents or objects were")
        throw Failure.found("\(count) set aside for faults; --strict refuses such an input")
    }

    /// A result with what was set aside.
    func completed(_ result: Value) -> Value {
        guard case .object(let fields) = result else { return result }
        var added = [Value.Field("setAside", .array(setAside?.errors.map(\.value) ?? []))]
        if let omitted = setAside?.omitted, omitted > 0 {
            added.append(.init("setAsideOmitted", .int(Int64(omitted))))
        }
        return .object(fields + added)
    }

    /// The annotation of pods that a node agent made by itself, which are where they are by nobody's choice.
    private static let mirrorAnnotation = "kubernetes.io/config.mirror"

    /// Takes every pod off its node, to be placed anew.
    mutating func ignorePlacements() {
        for index in pods.indices where pods[index].metadata.annotations[Cluster.mirrorAnnotation] == nil {
            pods[index].spec.nodeName = nil
        }
    }
}

extension SimulationSetup {
    /// Takes over the cluster without its pods, which go through admission.
    mutating func take(_ cluster: Cluster) {
        nodes = cluster.nodes
        namespaces = cluster.namespaces
        groups = cluster.groups
        budgets = cluster.budgets
    }
}
