import ClusterModel
import SchedulerProtocol

/// Makes random messages, the same for the same seed: every type, every optional field present and absent.
public struct SeededMessages {
    var random: SeededGenerator

    /// Messages of a seed.
    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A message of each type that the dispatcher sends.
    public mutating func dispatcherMessages() -> [DispatcherMessage] {
        let hello = Hello(
            scheduler: word(), shard: random.next(below: 4), shards: 4 + random.next(below: 4), seed: random.next(),
            protectsPlacedSpread: random.next(below: 2) == 0, config: config())
        return [
            .hello(hello),
            .nodes(revision: number(), upsert: list { $0.node() }, remove: list { $0.number() }),
            .namespaces(list { Namespace(name: $0.word(), labels: $0.labels()) }),
            .budgets(list { $0.budget() }),
            .templates(list { NumberedTemplate(id: $0.number(), spec: $0.spec()) }),
            .forget(list { $0.number() }),
            .groups(list { $0.group() }),
            .pods(
                list { PendingPod(pod: $0.number(), template: $0.number(), group: $0.maybe { $0.number() }) },
                names: list { $0.word() }),
            .placed(
                revision: number(),
                list {
                    PlacedPod(
                        pod: $0.number(), template: $0.number(), node: $0.number(), devices: $0.devices(),
                        group: $0.maybe { $0.number() })
                }),
            .standing(
                Standing(
                    starts: list { Standing.Start(pod: $0.number(), seconds: $0.number()) },
                    groups: list {
                        Standing.Group(
                            id: $0.number(), minMember: $0.number(), goesWhole: $0.random.next(below: 2) == 0,
                            pods: $0.list { $0.number() })
                    }, leaving: list { $0.number() })),
            .nominated(
                list { NominatedPod(pod: $0.number(), template: $0.number(), node: $0.number()) },
                ended: list { $0.number() }),
            .released(revision: number(), list { $0.number() }),
            .rejected(list { $0.rejection() }),
            .withdraw(list { $0.number() }),
            .clock(number()),
            .share(share: random.next(below: 3), shares: 3 + random.next(below: 3)),
            .explain(id: number(), template: number()),
            .ping(number()),
            .drain,
            .stop,
        ]
    }

    /// A message of each type that a scheduler sends.
    public mutating func schedulerMessages() -> [SchedulerMessage] {
        [
            .ready(
                Ready(
                    window: 1 + number(),
                    capabilities: Ready.Capabilities(rawValue: UInt8(random.next(below: 64))))),
            .place(revision: maybe { $0.number() }, list { $0.proposal() }),
            .transaction(
                id: number(), revision: maybe { $0.number() }, list { $0.proposal() }, victims: list { $0.number() }),
            .unschedulable(
                Unschedulable(
                    pods: list { $0.number() }, revision: maybe { $0.number() },
                    reasons: Dictionary(list { ($0.word(), $0.number()) }) { $1 },
                    events: ClusterEvents(rawValue: UInt16(random.next(below: 256))),
                    awaitsVictims: random.next(below: 2) == 0)),
            .hold(Hold(pods: list { $0.number() }, groups: list { $0.number() }, reason: word())),
            .preempt(
                revision: maybe { $0.number() }, pod: number(), node: number(), victims: list { $0.number() },
                violations: maybe { $0.number() }),
            .explanation(id: number(), config()),
            .pong(number()),
            .stats(config()),
        ]
    }
}

extension SeededMessages {
    mutating func maybe<T>(_ make: (inout SeededMessages) -> T) -> T? {
        random.next(below: 2) == 0 ? nil : make(&self)
    }

    mutating func list<T>(_ make: (inout SeededMessages) -> T) -> [T] {
        (0..<random.next(below: 4)).map { _ in make(&self) }
    }

    mutating func number() -> Int { random.next(below: random.next(below: 2) == 0 ? 10 : 1 << 40) }

    /// A word with now and then a character that JSON must escape, or one beyond ASCII.
    mutating func word() -> String {
        let odd = ["\"", "\\", "\n", "\u{1}", "ü", "🚂", " ", "/", "."]
        return String((0..<1 + random.next(below: 6)).map { _ in pick(Array("abcxyz019-")) })
            + (random.next(below: 4) == 0 ? pick(odd) : "")
    }

    mutating func pick<T>(_ items: [T]) -> T { items[random.next(below: items.count)] }

    mutating func labels() -> [String: String] { Dictionary(list { ($0.word(), $0.word()) }) { $1 } }

    mutating func devices() -> UInt64 { random.next(below: 2) == 0 ? 0 : random.next() }

    mutating func quantity() -> Quantity {
        switch random.next(below: 4) {
        case 0: Quantity(milli: Int64(number()))
        case 1: Quantity(Int64(number()), format: .binarySI)
        case 2: Quantity(Int64(number()), format: .decimalExponent)
        default: Quantity(Int64(number()))
        }
    }

    mutating func resources() -> ResourceList {
        Dictionary(list { ($0.pick(["cpu", "memory", "nvidia.com/gpu", "x.y/z"]), $0.quantity()) }) { $1 }
    }

    mutating func config(depth: Int = 0) -> Value {
        switch random.next(below: depth > 2 ? 5 : 7) {
        case 0: return .null
        case 1: return .bool(random.next(below: 2) == 0)
        case 2: return .int(Int64(bitPattern: random.next()))
        case 3: return .double(Double(number()) / 8)
        case 4: return .string(word())
        case 5: return .array((0..<random.next(below: 3)).map { _ in config(depth: depth + 1) })
        default:
            let fields = Dictionary(list { ($0.word(), $0.config(depth: depth + 1)) }) { $1 }
            return .object(fields.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value) })
        }
    }

    mutating func requirement(numeric: Bool = false) -> SelectorRequirement {
        let comparison = pick(
            SelectorRequirement.Operator.allCases.filter { numeric || ![.greaterThan, .lessThan].contains($0) })
        let values: [String] =
            switch comparison {
            case .in, .notIn: [word()] + list { $0.word() }
            case .exists, .doesNotExist: []
            case .greaterThan, .lessThan: [String(number())]
            }
        return SelectorRequirement(key: word(), operator: comparison, values: values)
    }

    mutating func selector() -> LabelSelector {
        LabelSelector(matchLabels: labels(), matchExpressions: list { $0.requirement() })
    }

    mutating func term() -> NodeSelectorTerm {
        NodeSelectorTerm(
            matchExpressions: list { $0.requirement(numeric: true) },
            matchFields: list { SelectorRequirement(key: "metadata.name", operator: .in, values: [$0.word()]) })
    }

    mutating func podTerm() -> PodAffinityTerm {
        PodAffinityTerm(
            topologyKey: word(), labelSelector: maybe { $0.selector() }, namespaces: list { $0.word() },
            namespaceSelector: maybe { $0.selector() }, matchLabelKeys: list { $0.word() },
            mismatchLabelKeys: list { $0.word() })
    }

    mutating func affinity() -> Affinity {
        Affinity(
            requiredNodes: maybe { messages in NodeSelector(terms: [messages.term()] + messages.list { $0.term() }) },
            preferredNodes: list { PreferredNodes(weight: 1 + Int32($0.random.next(below: 100)), term: $0.term()) },
            requiredPods: list { $0.podTerm() },
            preferredPods: list { PreferredPods(weight: 7, term: $0.podTerm()) },
            requiredAntiPods: list { $0.podTerm() },
            preferredAntiPods: list { PreferredPods(weight: 9, term: $0.podTerm()) })
    }

    mutating func toleration() -> Toleration {
        let seconds = maybe { Int64($0.number()) }
        let effect = maybe { $0.pick(Taint.Effect.allCases) }
        if random.next(below: 4) == 0 {
            return Toleration(
                key: word(), operator: pick([.greaterThan, .lessThan]), value: "\(number())", effect: effect,
                tolerationSeconds: seconds)
        }
        if random.next(below: 3) == 0 {
            return Toleration(operator: .exists, effect: effect, tolerationSeconds: seconds)
        }
        return Toleration(
            key: word(), operator: .equal, value: maybe { $0.word() } ?? "", effect: effect,
            tolerationSeconds: seconds)
    }

    mutating func spread() -> TopologySpreadConstraint {
        TopologySpreadConstraint(
            maxSkew: 1 + Int32(random.next(below: 5)), topologyKey: word(),
            whenUnsatisfiable: pick(TopologySpreadConstraint.WhenUnsatisfiable.allCases),
            labelSelector: maybe { $0.selector() }, minDomains: maybe { 1 + Int32($0.random.next(below: 9)) },
            nodeAffinityPolicy: pick(TopologySpreadConstraint.NodePolicy.allCases),
            nodeTaintsPolicy: pick(TopologySpreadConstraint.NodePolicy.allCases),
            matchLabelKeys: list { $0.word() })
    }

    mutating func spec() -> SchedulingSpec {
        var spec = SchedulingSpec(namespace: word(), labels: labels(), requests: resources())
        spec.priority = Int32(truncatingIfNeeded: random.next())
        spec.mayPreempt = random.next(below: 2) == 0
        spec.nodeName = maybe { $0.word() }
        spec.nodeSelector = labels()
        spec.affinity = maybe { $0.affinity() } ?? Affinity()
        spec.tolerations = list { $0.toleration() }
        spec.topologySpreadConstraints = list { $0.spread() }
        spec.hostPorts = list {
            HostPort(
                ip: $0.pick(["0.0.0.0", "10.0.0.1"]), protocol: $0.pick(["TCP", "UDP"]),
                port: UInt16(1 + $0.random.next(below: 65_535)))
        }
        spec.images = list { $0.word() }
        spec.serviceSelector = maybe { $0.selector() }
        spec.isTerminating = random.next(below: 8) == 0
        if random.next(below: 3) == 0 { spec.volumes = volumes() }
        return spec
    }

    mutating func volumes() -> VolumeNeeds {
        var needs = VolumeNeeds()
        let selector = { (messages: inout SeededMessages) in NodeSelector(terms: [messages.term()]) }
        needs.blockers = list { $0.word() }
        needs.bound = list { selector(&$0) }
        needs.zones = list { selector(&$0) }
        needs.claims = list { messages in
            VolumeNeeds.Claim(
                name: messages.word(),
                candidates: messages.list { .init(volume: $0.word(), nodes: $0.maybe { selector(&$0) }) },
                isMade: messages.random.next(below: 2) == 0, madeIn: messages.maybe { selector(&$0) },
                topologyKeys: messages.list { $0.word() })
        }
        needs.attachments = list { .init(driver: $0.word(), volume: $0.word()) }
        needs.exclusive = list { $0.word() }
        needs.disks = list { .init(name: $0.word(), mayShare: $0.random.next(below: 2) == 0) }
        return needs
    }

    mutating func node() -> NumberedNode {
        var allocatable = resources()
        allocatable["pods"] = Quantity(Int64(1 + random.next(below: 500)))
        return NumberedNode(
            id: number(),
            node: Node(
                metadata: ObjectMeta(name: word(), labels: labels()), allocatable: allocatable,
                taints: list {
                    Taint(key: $0.word(), value: $0.maybe { $0.word() } ?? "", effect: $0.pick(Taint.Effect.allCases))
                },
                unschedulable: random.next(below: 2) == 0,
                images: list { messages in
                    Node.Image(names: messages.list { $0.word() }, sizeBytes: Int64(messages.number()))
                }))
    }

    mutating func group() -> NumberedGroup {
        var group = PodGroup(
            metadata: ObjectMeta(name: word(), namespace: word()), minMember: random.next(below: 100),
            requiredTopologyKeys: list { $0.word() }, preferredTopologyKeys: list { $0.word() })
        group.minResources = resources()
        return NumberedGroup(
            id: number(), group: group,
            bound: random.next(below: 100), submitted: maybe { $0.number() }, expectedSeconds: maybe { $0.number() },
            started: maybe { $0.number() },
            tasks: list { GroupTask(name: $0.word(), missing: $0.number(), pods: $0.list { $0.number() }) })
    }

    mutating func budget() -> Budget {
        Budget(key: ObjectKey(namespace: word(), name: word()), selector: selector(), allowed: random.next(below: 9))
    }

    mutating func rejection() -> Rejection {
        var free = resources()
        if random.next(below: 4) == 0 { free["cpu"] = Quantity(milli: -250) }
        return Rejection(
            pod: number(), node: number(), verdict: pick(Rejection.Verdict.allCases), reason: word(), free: free)
    }

    /// Messages about pods most of which are numbered one after the other.
    public mutating func podsInRows() -> [DispatcherMessage] {
        var (pending, placed): ([PendingPod], [PlacedPod]) = ([], [])
        for pod in rows() {
            let template = random.next(below: 3)
            pending.append(
                PendingPod(pod: pod, template: template, group: random.next(below: 4) == 0 ? template : nil))
            placed.append(PlacedPod(pod: pod, template: template, node: random.next(below: 50)))
        }
        return [.pods(pending, names: []), .placed(revision: number(), placed)]
    }

    /// Placements of pods most of which are numbered one after the other.
    public mutating func proposalsInRows() -> [SchedulerMessage] {
        let places = rows().map { ProposedPlacement(pod: $0, node: random.next(below: 50)) }
        return [.place(revision: number(), places), .transaction(id: number(), revision: nil, places)]
    }

    private mutating func rows() -> [Int] {
        var numbers: [Int] = []
        for _ in 0..<1 + random.next(below: 8) {
            let first = number()
            numbers += first..<first + 1 + random.next(below: 20)
        }
        return numbers
    }

    mutating func proposal() -> ProposedPlacement {
        ProposedPlacement(pod: number(), node: number(), devices: devices())
    }
}
