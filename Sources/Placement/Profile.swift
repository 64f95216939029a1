import ClusterModel

/// The score plug-ins: Kubernetes' own by their own names, and two of this project.
public enum ScorePlugin: String, CaseIterable, Hashable, Sendable {
    case taintToleration = "TaintToleration"
    case nodeAffinity = "NodeAffinity"
    case nodeResourcesFit = "NodeResourcesFit"
    case podTopologySpread = "PodTopologySpread"
    case interPodAffinity = "InterPodAffinity"
    case nodeResourcesBalancedAllocation = "NodeResourcesBalancedAllocation"
    case imageLocality = "ImageLocality"
    /// What placing the pod leaves of the node's worth, by prices learned from the pods seen; before there are prices,
    /// what NodeResourcesFit's strategy says.
    case learnedPrices = "LearnedPrices"
    /// How few pods of the same service stand in the node's failure domains.
    case serviceBalance = "ServiceBalance"
    /// 100 for a node without GPUs, 0 for one with GPUs, for pods that ask for none: they leave the others to pods that do.
    case gpuReserve = "GPUReserve"

    /// The weight that the plug-in has where a profile does not say.
    public var defaultWeight: Int64 {
        switch self {
        case .taintToleration: 3
        case .nodeAffinity, .podTopologySpread, .interPodAffinity: 2
        default: 1
        }
    }
}

/// What a scheduler cares about: which filters and scores it runs, with which weights and arguments.
///
/// Written like a profile of a KubeSchedulerConfiguration: `plugins`, `pluginConfig`.
public struct Profile: Hashable, Sendable {
    /// A score plug-in with its weight.
    public struct Score: Hashable, Sendable {
        /// The plug-in.
        public var plugin: ScorePlugin
        /// What its normalised score is multiplied by.
        public var weight: Int64

        /// A plug-in with a weight.
        public init(_ plugin: ScorePlugin, weight: Int64? = nil) {
            self.plugin = plugin
            self.weight = weight ?? plugin.defaultWeight
        }
    }

    /// A resource that a score looks at, with its weight among the others.
    public struct ResourceWeight: Hashable, Sendable {
        /// The resource's name.
        public var name: String
        /// Its weight, at least 1.
        public var weight: Int64

        /// A resource of the given weight.
        public init(_ name: String, weight: Int64 = 1) {
            self.name = name
            self.weight = weight
        }
    }

    /// How NodeResourcesFit scores.
    public enum Strategy: String, CaseIterable, Hashable, Sendable {
        case leastAllocated = "LeastAllocated"
        case mostAllocated = "MostAllocated"
        case requestedToCapacityRatio = "RequestedToCapacityRatio"
    }

    /// A point of the function that RequestedToCapacityRatio scores by.
    public struct ShapePoint: Hashable, Sendable {
        /// Percent of the resource taken, 0 to 100.
        public var utilization: Int64
        /// The score there, 0 to 10.
        public var score: Int64

        /// A point.
        public init(utilization: Int64, score: Int64) {
            self.utilization = utilization
            self.score = score
        }
    }

    /// Arguments of NodeResourcesFit.
    public struct FitArguments: Hashable, Sendable {
        /// How it scores.
        public var strategy = Strategy.leastAllocated
        /// The resources scored.
        public var resources = [ResourceWeight("cpu"), ResourceWeight("memory")]
        /// The function, for RequestedToCapacityRatio.
        public var shape: [ShapePoint] = []
        /// Extended resources that the filter does not look at.
        public var ignoredResources: [String] = []
        /// Prefixes (up to the `/`) of such resources.
        public var ignoredResourceGroups: [String] = []

        /// The defaults.
        public init() {}
    }

    /// How nodes with the same score are told apart.
    public enum TieBreaking: String, CaseIterable, Hashable, Sendable {
        /// At random, by the seed, as Kubernetes does; it also keeps shards from choosing alike.
        case random = "Random"
        /// The lowest node index.
        case first = "First"
        /// The highest node index, so that two schedulers that pack start from opposite ends.
        case last = "Last"
    }

    /// The profile's name.
    public var name: String
    /// Filters that are left out.
    public var disabledFilters: Set<FilterPlugin> = []
    /// The score plug-ins, in order.
    public var scores: [Score]
    /// Arguments of NodeResourcesFit.
    public var fit = FitArguments()
    /// Resources of NodeResourcesBalancedAllocation.
    public var balancedResources = [ResourceWeight("cpu"), ResourceWeight("memory")]
    /// NodeAffinity's `addedAffinity`: node affinity that every pod of the profile has besides its own.
    public var addedAffinity = Affinity()
    /// Spread constraints of pods that have none; their selector is that of the pod's service.
    public var defaultConstraints = Profile.systemConstraints
    /// Whether the default constraints are the system's, which do not ask for every label.
    public var usesSystemConstraints = true
    /// The weight of required affinity terms of placed pods, 0 to 100.
    public var hardPodAffinityWeight: Int64 = 1
    /// Whether pods without affinity of their own are scored without looking at the preferences of others.
    public var ignoresPreferredTermsOfExistingPods = false
    /// How ties are broken.
    public var tieBreaking = TieBreaking.random
    /// Node labels of which one domain must hold a whole pod group.
    public var requiredTopologyKeys: [String] = []
    /// Node labels of which a pod group should touch few domains, the closest last.
    public var preferredTopologyKeys: [String] = []

    /// The step in which LearnedPrices tells losses of worth apart; an average GPU is worth one.
    public var priceQuantum = 0.01
    /// How many pods are seen between two renewals of the prices, once the first few hundred were.
    public var priceRenewalPods = 150

    /// A profile of the given scores, with Kubernetes' defaults for the rest.
    public init(name: String, scores: [Score]) {
        self.name = name
        self.scores = scores
    }

    /// Kubernetes' default constraints: at most 3 more pods of a service on a host, 5 more in a zone, as a wish.
    public static let systemConstraints = [
        TopologySpreadConstraint(
            maxSkew: 3, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: .scheduleAnyway, labelSelector: nil),
        TopologySpreadConstraint(
            maxSkew: 5, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: .scheduleAnyway,
            labelSelector: nil),
    ]

    /// What the stock scheduler does.
    public static let kubeDefault = Profile(
        name: "kube-default",
        scores: [
            Score(.taintToleration), Score(.nodeAffinity), Score(.nodeResourcesFit), Score(.podTopologySpread),
            Score(.interPodAffinity), Score(.nodeResourcesBalancedAllocation), Score(.imageLocality),
        ])

    /// Packs: each pod goes where its node loses the least worth to the pods still to come.
    ///
    /// Where the cell has no GPUs there are no prices, and the fullest node wins. Equal nodes are taken in order: scattering
    /// them costs half a percent of the GPUs.
    public static let binpack: Profile = {
        var profile = Profile(
            name: "binpack",
            scores: [
                Score(.taintToleration, weight: 3000), Score(.nodeAffinity, weight: 2000),
                Score(.podTopologySpread, weight: 2000), Score(.interPodAffinity, weight: 2000),
                Score(.learnedPrices, weight: 1000),
            ])
        profile.fit.strategy = .mostAllocated
        profile.tieBreaking = .first
        return profile
    }()

    /// Packs by what is allocated alone, without learning.
    public static let mostAllocated: Profile = {
        var profile = Profile(name: "most-allocated", scores: kubeDefault.scores)
        profile.fit.strategy = .mostAllocated
        profile.scores.removeAll { $0.plugin == .nodeResourcesBalancedAllocation }
        return profile
    }()

    /// Keeps groups together: fills nodes, and touches few domains.
    public static let gang: Profile = {
        var profile = Profile(
            name: "gang",
            scores: [
                Score(.taintToleration), Score(.nodeAffinity), Score(.podTopologySpread), Score(.interPodAffinity),
                Score(.nodeResourcesFit, weight: 2), Score(.gpuReserve, weight: 3),
            ])
        profile.fit.strategy = .mostAllocated
        // Where `binpack` starts, `gang` ends.
        profile.tieBreaking = .last
        profile.preferredTopologyKeys = ["topology.kubernetes.io/zone"]
        return profile
    }()

    /// Balances what a service owns over zones and hosts, and keeps headroom.
    public static let spread = Profile(
        name: "spread",
        scores: [
            Score(.taintToleration), Score(.nodeAffinity), Score(.podTopologySpread), Score(.interPodAffinity),
            Score(.serviceBalance, weight: 4), Score(.nodeResourcesFit), Score(.nodeResourcesBalancedAllocation),
            Score(.gpuReserve, weight: 3),
        ])

    /// The built-in profiles.
    public static let builtIn = [binpack, gang, spread, kubeDefault, mostAllocated]

    /// The built-in profile of a name, or nil.
    public static func named(_ name: String) -> Profile? { builtIn.first { $0.name == name } }

    /// Whether a score plug-in runs.
    public func runs(_ plugin: ScorePlugin) -> Bool { scores.contains { $0.plugin == plugin && $0.weight != 0 } }
}
