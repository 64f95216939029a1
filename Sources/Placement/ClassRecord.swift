import ClusterModel

/// A hard topology spread constraint, compiled.
struct SpreadRule {
    var counter: Int32
    var topology: Int32
    var maxSkew: Int64
    var minDomains: Int32
    /// 1 where the pod itself is among the pods counted.
    var own: Int64
}

/// One counter that a pod of the class changes, and by how much.
struct Contribution {
    var counter: Int32
    var topology: Int32
    var amount: Int32
}

/// A counter with the weight that scoring gives each pod in it.
struct WeightedCounter {
    var counter: Int32
    var topology: Int32
    var weight: Int64
}

/// A registered scheduling spec, compiled to numbers.
struct ClassRecord {
    @CopyOnWrite var spec: SchedulingSpec
    /// Tells this class from earlier ones of the same index.
    var generation: UInt32
    /// Whether the spec asks for CPU and memory alone and has no wishes, ports, images or rules between pods.
    var isSimple = false
    /// Users that asked for the class to stay; its placed pods keep it too.
    var references = 0
    var podCount = 0
    var firstPod: PodID = -1

    /// What the pod takes, with one of `pods` and GPUs as whole devices or a share; ascending by resource.
    var requests: ContiguousArray<ResourceAmount> = []
    var need = DeviceNeed(whole: 0, share: 0)
    /// Whether some amount is so large that sums must saturate.
    var isHuge = false
    /// What scoring counts, within bounds.
    var scoringCPU: Int64 = 0
    var scoringMemory: Int64 = 0
    var ports: ContiguousArray<Int32> = []
    var images: ContiguousArray<Int32> = []
    /// What the pod's volumes ask; nil is nothing.
    var volumes: VolumeRules?

    /// Sets of nodes by condition; −1 where there is no condition.
    var nameSet: Int32 = -1
    var taintSet: Int32 = -1
    var affinitySet: Int32 = -1
    /// The nodes that every term of the required node affinity names outright.
    var outrightSet: Int32 = -1
    /// Whether those terms contradict themselves, so that no node is left.
    var namesConflict = false
    var cordonSet: Int32 = -1
    /// The conjunction of them all.
    var staticSet: Int32 = -1

    var spread: ContiguousArray<SpreadRule> = []
    /// Counters of the pods that the required affinity wants, a term each.
    var affinity: ContiguousArray<Contribution> = []
    /// Whether the pod meets its own affinity, so that the first of its kind may stand anywhere.
    var affinityIncludesSelf = false
    /// Counters of the pods that the required anti-affinity forbids, a term each.
    var anti: ContiguousArray<Contribution> = []
    /// Counters of pods whose required anti-affinity forbids this pod.
    var antiHolders: ContiguousArray<Contribution> = []
    /// Counters of pods whose required affinity wants this pod.
    var affinityHolders: ContiguousArray<Contribution> = []
    /// Counters of pods whose preferred terms concern this pod.
    var preferredHolders: ContiguousArray<WeightedCounter> = []
    /// Counters of pods that this pod's preferred terms concern; filled when scoring asks for them.
    var preferred: ContiguousArray<WeightedCounter> = []
    /// Whether the counters that only scoring reads exist for this class.
    var hasScoringCounters = false

    /// Counters that a pod of the class changes.
    var contributions: ContiguousArray<Contribution> = []
    /// Groups that select the class.
    var groups: ContiguousArray<Int32> = []
    /// Counters and sets that the class keeps alive.
    var ownedCounters: ContiguousArray<Int32> = []
    var ownedSets: ContiguousArray<Int32> = []
    /// Changes whenever the class's rules or the counters that it reads change.
    var revision: UInt32 = 0

    init(_ spec: CopyOnWrite<SchedulingSpec>, generation: UInt32) {
        _spec = spec
        self.generation = generation
    }
}
