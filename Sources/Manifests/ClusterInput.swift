import ClusterModel

/// A cluster and the work for it, as manifests or a trace describe them: read whole, checked, and with the pods of all
/// collections made.
public struct ClusterInput: Sendable {
    /// The machines, in the order of the files.
    public var nodes: [Node]
    /// The pods that have not ended, in the order of the files; the pods of a collection stand in its place.
    public var pods: [Pod]
    /// Where each pod of `pods` came from, in step with it.
    public var podSources: [PodSource]
    /// The namespaces, those that objects merely name among them.
    public var namespaces: [Namespace]
    /// The services.
    public var services: [Service]
    /// The pod groups.
    ///
    /// One that pods name and no manifest defines is as its pods state it, or needs them all; where it is one of Kubernetes'
    /// own API it is not there, and its pods wait.
    public var podGroups: [PodGroup]
    /// The Workloads of Kubernetes' own scheduling API, whose groups stand in `podGroups` as far as pods name them.
    public var workloads: [SchedulingWorkload]
    /// The priority classes of the files; `PriorityClass.builtIn` has two more.
    public var priorityClasses: [PriorityClass]
    /// The runtime classes.
    public var runtimeClasses: [RuntimeClass]
    /// Bounds and defaults of namespaces for their pods.
    public var limitRanges: [LimitRange]
    /// What the pods of namespaces may take together.
    public var quotas: [ResourceQuota]
    /// Volumes, claims on them, and how both come about.
    public var storage: StorageObjects
    /// The disruption budgets.
    public var disruptionBudgets: [PodDisruptionBudget]
    /// The collections, whether their pods were made here or stood in the files.
    public var collections: [PodCollection]
    /// How many pods were left out because they have ended.
    public var finishedPods: Int
    /// What a user should know and need not change.
    public var warnings: [String]
    /// The objects and documents that were left out because something is wrong with them; nil where all is well.
    public var setAside: InputErrors?
    /// The namespaces of `namespaces` that no object defines, so that nobody knows their labels.
    public var assumedNamespaces: [String]
    /// The files that `podSources` points into.
    public var files: [String]

    /// Where a pod came from; a few bytes, as there are many pods.
    public struct PodSource: Hashable, Sendable {
        /// The file, as an index into `files`.
        public var file: Int32
        /// The line where the pod, or the collection that it was made from, begins; 0 where there is none.
        public var line: Int32

        /// A source in a file.
        public init(file: Int, line: Int) {
            self.file = Int32(clamping: file)
            self.line = Int32(clamping: line)
        }
    }

    /// An empty cluster without work.
    public init() {
        nodes = []
        pods = []
        podSources = []
        namespaces = []
        services = []
        podGroups = []
        workloads = []
        priorityClasses = []
        runtimeClasses = []
        limitRanges = []
        quotas = []
        storage = StorageObjects()
        disruptionBudgets = []
        collections = []
        finishedPods = 0
        warnings = []
        assumedNamespaces = []
        files = []
    }

    /// Where a pod came from, in words: `pods.yaml:120`.
    public func source(ofPod index: Int) -> String {
        let source = podSources[index]
        let file = files[Int(source.file)]
        return source.line > 0 ? "\(file):\(source.line)" : file
    }

    /// What completes or refuses new pods.
    public var rules: ClusterRules {
        ClusterRules(
            priorityClasses: allPriorityClasses, runtimeClasses: runtimeClasses, limitRanges: limitRanges,
            quotas: quotas)
    }

    /// The priority classes of the files and the two that every cluster has.
    public var allPriorityClasses: [PriorityClass] {
        let names = Set(priorityClasses.map(\.metadata.name))
        return priorityClasses + PriorityClass.builtIn.filter { !names.contains($0.metadata.name) }
    }
}

extension ClusterInput {
    /// Reads manifests: YAML or JSON, single objects, `List`s, any number of documents; `-` is the standard input.
    ///
    /// Every file may hold objects of every kind. An object with a fault is set aside; a file that cannot be read, or that
    /// holds nothing, is refused.
    ///
    /// - Parameter strict: whether any fault refuses the whole input. All faults of all files are found, not just the first.
    public init(paths: [String], strict: Bool = false) throws(InputErrors) {
        try self.init(ObjectLoader(paths: paths), strict: strict)
    }

    /// Reads manifests that are in memory; `file` names them in errors.
    public init(texts: [(file: String, text: String)], strict: Bool = false) throws(InputErrors) {
        try self.init(ObjectLoader(texts: texts), strict: strict)
    }

    private init(_ loader: ObjectLoader, strict: Bool) throws(InputErrors) {
        var assembler = InputAssembler(loader, strict: strict)
        assembler.assemble()
        let faults = loader.refusals + assembler.errors
        // Where nothing at all is left, what was wrong is all there is to say.
        guard faults.isEmpty || !strict && loader.refusals.isEmpty && assembler.hasObjects else {
            throw InputErrors(faults, omitted: loader.omittedErrors)
        }
        assembler.completeGroups()
        assembler.completeNamespaces()
        self = assembler.input
        if !faults.isEmpty { setAside = InputErrors(faults, omitted: loader.omittedErrors) }
    }
}
