import ClusterModel

/// A small crowded cluster from a seed, and one pod to be placed: everything that preemption looks at.
struct RandomScene {
    private var random: SeededGenerator
    /// The manifests, one JSON document a line.
    private(set) var documents: [String] = []
    /// Pods that are being deleted.
    private(set) var leaving: Set<String> = []
    private let groups = ["g0", "g1", "g2"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let nodes = (0..<2 + random.next(below: 5)).map { node($0) }
        for group in groups {
            let fields = #""apiVersion":"scheduling.x-k8s.io/v1alpha1","kind":"PodGroup","#
            documents.append(
                "{\(fields)\(meta(group)),\"spec\":{\"minMember\":\(1 + random.next(below: 3))}}")
        }
        for number in 0..<random.next(below: 4) { budget(number) }
        fill(nodes)
        let priority = pick([1, 7, 20, 100])
        let scheduler = pick(["binpack", "spread", "gang"])
        let nominated = chance(35) ? "n\(random.next(below: nodes.count + 1))" : nil
        waiting("first", priority, scheduler, nominated)
        // Those that wait beside it come after it.
        for number in 0..<random.next(below: 3) {
            waiting("later-\(number)", priority, scheduler, "n\(random.next(below: nodes.count))")
        }
    }

    private mutating func pick<T>(_ items: [T]) -> T { items[random.next(below: items.count)] }
    private mutating func chance(_ percent: Int) -> Bool { random.next(below: 100) < percent }

    private func meta(_ name: String, _ labels: [String: String] = [:], _ more: String = "") -> String {
        let labels = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return "\"metadata\":{\"name\":\"\(name)\",\"namespace\":\"default\",\"labels\":{\(labels)}\(more)}"
    }

    /// Writes a node; its CPU in thousandths.
    private mutating func node(_ number: Int) -> Int {
        let cpu = pick([2, 4, 6])
        let taint = chance(10) ? #"{"key":"own","effect":"\#(pick(["NoSchedule", "PreferNoSchedule"]))"}"# : ""
        documents.append(
            #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n\#(number)","labels":"#
                + #"{"kubernetes.io/hostname":"n\#(number)","zone":"z\#(number % 3)"}},"spec":{"taints":[\#(taint)]},"#
                + #""status":{"allocatable":{"cpu":"\#(cpu)","memory":"16Gi","pods":"20"}}}"#)
        return cpu * 1_000
    }

    private mutating func budget(_ number: Int) {
        let limit = #""\#(pick(["minAvailable", "maxUnavailable"]))":\#(pick(["0", "1", "2", "\"50%\""]))"#
        let status = chance(40) ? #","status":{"disruptionsAllowed":\#(random.next(below: 3))}"# : ""
        documents.append(
            #"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget",\#(meta("b\(number)")),"spec":{\#(limit),"#
                + #""selector":{"matchLabels":{"app":"a\#(random.next(below: 3))"}}}\#(status)}"#)
    }

    /// Writes pods that stand on the nodes, until these are nearly full.
    private mutating func fill(_ nodes: [Int]) {
        var count = 0
        for (number, cpu) in nodes.enumerated() {
            var free = cpu
            while chance(92) {
                let milli = pick([300, 500, 1_000, 1_500])
                guard milli <= free else { break }
                free -= milli
                standing("p\(count)", on: number, milli)
                count += 1
            }
        }
    }

    private mutating func standing(_ name: String, on node: Int, _ milli: Int) {
        var labels = ["app": "a\(random.next(below: 3))"]
        if chance(25) { labels["scheduling.x-k8s.io/pod-group"] = pick(groups) }
        var status = #""phase":"Running""#
        if chance(70) { status += #","startTime":"2026-01-0\#(1 + random.next(below: 5))T00:00:00Z""# }
        var more = ""
        if chance(12) {
            more = #","deletionTimestamp":"2026-02-01T00:00:00Z""#
            leaving.insert(name)
            if chance(60) {
                status +=
                    #","conditions":[{"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"}]"#
            }
        } else if chance(10) {
            status += #","conditions":[{"type":"Ready","status":"False"}]"#
        }
        let spec = #""nodeName":"n\#(node)","priority":\#(pick([0, 0, 5, 10, 50]))\#(chance(10) ? spread("a0") : "")"#
        pod(name, labels, more, spec, milli, status)
    }

    private mutating func waiting(_ name: String, _ priority: Int, _ scheduler: String, _ nominated: String?) {
        var spec = #""priority":\#(priority),"schedulerName":"\#(scheduler)""#
        if chance(10) { spec += #","preemptionPolicy":"Never""# }
        if chance(10) { spec += #","nodeSelector":{"zone":"z0"}"# }
        if chance(15) { spec += spread("a1") }
        let node = nominated.map { #","nominatedNodeName":"\#($0)""# } ?? ""
        pod(
            name, ["app": "a\(random.next(below: 3))"], "", spec, pick([300, 1_000, 2_000, 3_500]),
            #""phase":"Pending"\#(node)"#)
    }

    private func spread(_ app: String) -> String {
        #","topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","#
            + #""labelSelector":{"matchLabels":{"app":"\#(app)"}}}]"#
    }

    private mutating func pod(
        _ name: String, _ labels: [String: String], _ more: String, _ spec: String, _ milli: Int, _ status: String
    ) {
        let container = #"{"name":"c","image":"x","resources":{"requests":{"cpu":"\#(milli)m"}}}"#
        documents.append(
            #"{"apiVersion":"v1","kind":"Pod",\#(meta(name, labels, more)),"spec":{\#(spec),"containers":"#
                + "[\(container)]},\"status\":{\(status)}}")
    }
}
