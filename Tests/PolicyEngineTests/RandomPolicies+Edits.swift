import ClusterModel
import ClusterTestKit

@testable import PolicyEngine

/// Random edits of metadata and specs, and specs on which they have something to do.
extension RandomPolicies {
    /// What an expression comes to.
    enum Made {
        case text(String)
        case nothing
        case fault
    }

    /// Expressions for values with what they mean.
    static let texts: [(source: String, meaning: @Sendable (Pod) -> Made)] = [
        ("object.metadata.namespace", { .text($0.metadata.namespace) }),
        ("object.metadata.labels.app", { $0.metadata.labels["app"].map { .text($0) } ?? .fault }),
        ("object.metadata.labels[?'tier']", { $0.metadata.labels["tier"].map { .text($0) } ?? .nothing }),
        ("'no label value'", { _ in .text("no label value") }),
    ]

    static func value(_ random: inout SeededGenerator) -> EditValue {
        chance(20, &random) ? .expression(pick(texts.map(\.source), &random)) : .text(pick(values, &random))
    }

    static func edit(_ random: inout SeededGenerator) -> MetadataEdit {
        var edit = MetadataEdit()
        for key in some(keys, &random) {
            switch random.next(below: 5) {
            case 0, 1: edit.add[key] = value(&random)
            case 2, 3: edit.default[key] = value(&random)
            default: edit.remove.append(key)
            }
        }
        return edit
    }

    static let tolerations = [
        Toleration(key: "dedicated", operator: .exists), Toleration(key: "dedicated", value: "a", effect: .noSchedule),
        Toleration(key: "gpu", operator: .exists), Toleration(key: "gpu", value: "a"), Toleration(operator: .exists),
    ]
    static let removals: [Toleration.Pattern] = [
        .init(key: "dedicated"), .init(operator: .exists), .init(value: "a"), .init(key: "gpu", effect: .noSchedule),
        .init(key: ""), .init(effect: .noSchedule),
    ]
    static let spreads = ["zone", "rack"].flatMap { key in
        [1, 2].flatMap { skew in
            TopologySpreadConstraint.WhenUnsatisfiable.allCases.map {
                TopologySpreadConstraint(
                    maxSkew: skew, topologyKey: key, whenUnsatisfiable: $0, labelSelector: LabelSelector())
            }
        }
    }
    static let gates = ["example.com/a", "example.com/b"].map(SchedulingGate.init)

    /// One of a few terms over three labels of nodes.
    static func term(_ random: inout SeededGenerator) -> NodeSelectorTerm {
        let listed = some(keys, &random).map { key in
            SelectorRequirement(key: key, operator: pick([.in, .notIn], &random), values: some(values, &random))
        }
        return NodeSelectorTerm(matchExpressions: listed)
    }

    static func nodes(_ random: inout SeededGenerator) -> NodeSelector {
        NodeSelector(terms: (0...random.next(below: 2)).map { _ in term(&random) })
    }

    static func editSpec(_ actions: inout PolicyActions, _ random: inout SeededGenerator) {
        switch random.next(below: 5) {
        case 0:
            if chance(60, &random) { actions.tolerations.add = some(tolerations, &random) }
            if chance(40, &random) { actions.tolerations.default = some(tolerations, &random) }
            if chance(40, &random) { actions.tolerations.defaultByKey = some(tolerations, &random) }
            if chance(40, &random) {
                actions.tolerations.remove = [pick(removals, &random)]
            }
        case 1:
            if chance(60, &random) { actions.topologySpread.add = [pick(spreads, &random)] }
            if chance(50, &random) {
                let other = pick(spreads, &random)
                // To write a pair twice cannot be read.
                if !actions.topologySpread.add.contains(where: { $0.key == other.key }) {
                    if chance(50, &random) {
                        actions.topologySpread.default = [other]
                    } else {
                        actions.topologySpread.defaultByKey = [other]
                    }
                }
            }
            if chance(30, &random) {
                actions.topologySpread.remove = [.init(topologyKey: "zone")]
            }
        case 2:
            if chance(70, &random) { actions.schedulingGates.add = some(gates, &random) }
            if chance(40, &random) {
                let removed = pick(gates, &random)
                actions.schedulingGates.remove = [removed.name]
                actions.schedulingGates.add.removeAll { $0 == removed }
            }
        case 3:
            var edit = NodeAffinityEdit()
            if chance(60, &random) { edit.addRequired = nodes(&random) }
            if chance(40, &random) { edit.defaultRequired = nodes(&random) }
            if chance(40, &random) { edit.remove = [pick(keys, &random)] }
            if chance(30, &random) { edit.addPreferred = [PreferredNodes(weight: 3, term: term(&random))] }
            if edit != NodeAffinityEdit() { actions.nodeAffinity = edit }
        default:
            if chance(60, &random) { actions.requests.default = ["cpu": Quantity(milli: 100)] }
            if chance(30, &random) { actions.requests.add = ["memory": Quantity(1 << 20)] }
            if chance(40, &random) { actions.limits.default = ["cpu": Quantity(64), "memory": Quantity(1 << 40)] }
            if chance(30, &random) { actions.limits.remove = ["x.example/gpu", "ephemeral-storage"] }
        }
    }

    /// Fills in what edits of the spec look at.
    static func fillSpec(_ spec: inout PodSpec, _ random: inout SeededGenerator) {
        if chance(50, &random) { spec.tolerations = some(tolerations, &random) }
        if chance(40, &random) { spec.topologySpreadConstraints = [pick(spreads, &random)] }
        if chance(30, &random) { spec.schedulingGates = some(gates, &random).map(\.name) }
        if chance(50, &random) { spec.nodeSelector[pick(keys, &random)] = pick(values, &random) }
        if chance(40, &random) { spec.affinity.requiredNodes = nodes(&random) }
        if chance(10, &random) { spec.affinity.requiredNodes?.terms.append(NodeSelectorTerm()) }
    }

    /// A schedule that holds at one of the two times of random clusters, both, or neither.
    static func schedule(_ random: inout SeededGenerator) -> PolicySchedule {
        let fields: [Value.Field] = [
            .init("days", .array([.string(pick(["Mon-Fri", "Sat-Sun", "Wed"], &random))])),
            .init("hours", .string(pick(["22:00-09:00", "08:00-09:00", "00:00-24:00"], &random))),
            .init("from", .string(pick(["2027-01-01", "2029-01-01"], &random))),
            .init("timeZone", .string(pick(["Europe/Zurich", "UTC"], &random))),
        ]
        let given = fields.filter { _ in chance(50, &random) }
        return (try? PolicySchedule(.object(given))) ?? PolicySchedule.night
    }

    /// An exception that stands alone.
    static func exception(_ random: inout SeededGenerator) -> PolicyException {
        PolicyException(
            name: "shared", summary: "", until: "2030-01-01", untilSeconds: 1_893_542_400,
            rules: chance(50, &random) ? ["r1"] : nil, match: match(&random),
            schedule: chance(30, &random) ? schedule(&random) : nil,
            policies: [NamePattern(pick(["p0", "p?", "*"], &random))])
    }
}

extension PolicySchedule {
    /// From ten in the evening to six.
    fileprivate static var night: PolicySchedule {
        var schedule = PolicySchedule()
        schedule.hours = ["22:00-06:00"]
        schedule.spans = [Span(start: 1_320, end: 360)]
        return schedule
    }
}
