import ClusterModel
import Manifests
import Simulation

/// A cluster and its pods as they were read, from manifests or from a trace.
struct Cluster {
    var title: String
    var nodes: [Node] = []
    var pods: [Pod] = []
    var namespaces: [Namespace] = []
    var groups: [PodGroup] = []
    var priorityClasses: [PriorityClass] = []
    var budgets: [PodDisruptionBudget] = []
    var warnings: [String] = []
    var serviceSelector: (Pod) -> LabelSelector? = { _ in nil }

    init(title: String) { self.title = title }

    /// Reads what `--nodes` and `--pods` name.
    init(_ options: InputOptions) throws {
        try self.init(title: "x", files: options.nodes + options.pods)
    }

    /// Reads manifests.
    init(title: String, files: [String]) throws {
        self.init(title: title)
        for path in files {
            for document in try SourceReader.documents(path: path) {
                let value = document.value
                switch value["kind"] {
                case .string("Node"): nodes.append(try Node(value))
                case .string("PodGroup"): groups.append(try PodGroup(value))
                case .string("Pod"): pods.append(try Pod(value))
                default: break
                }
            }
        }
    }
}

extension SimulationSetup {
    mutating func take(_ cluster: Cluster) {
        nodes = cluster.nodes
        namespaces = cluster.namespaces
        groups = cluster.groups
        budgets = cluster.budgets
    }
}
