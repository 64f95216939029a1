import ClusterModel
import Manifests
import Simulation

/// A cluster and its pods as they were read, from manifests or from a trace, with what an answer about them needs.
struct Cluster {
    /// What it is, in a line.
    var title: String
    var nodes: [Node]
    var pods: [Pod]
    var namespaces: [Namespace] = []
    var groups: [PodGroup] = []
    var priorityClasses: [PriorityClass] = []
    var budgets: [PodDisruptionBudget] = []
    var warnings: [String] = []
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
        try self.init(files: options.nodes + options.pods)
        if nodes.isEmpty {
            throw Failure.input(["\(options.nodes.joined(separator: ", ")): expected at least one Node, found none"])
        }
    }

    /// Reads manifests; a file that is named twice is read once.
    init(files: [String]) throws {
        var paths: [String] = []
        for file in files where !paths.contains(file) { paths.append(file) }
        self.init(try ClusterInput(paths: paths), title: paths.joined(separator: ", "))
    }

    /// A cluster as it was read.
    init(_ input: ClusterInput, title: String) {
        self.init(title: title, nodes: input.nodes, pods: input.pods)
        namespaces = input.namespaces
        groups = input.podGroups
        priorityClasses = input.allPriorityClasses
        budgets = input.disruptionBudgets
        warnings = input.warnings
        let selectors = input.serviceSelectors
        serviceSelector = { selectors.selector(for: $0) }
        self.title += ": \(Format.count(nodes.count)) nodes, \(Format.count(pods.count)) pods"
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
