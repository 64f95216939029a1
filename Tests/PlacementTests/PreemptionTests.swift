import ClusterModel
import Testing

@testable import Placement

/// Preemption that passes over candidates which cannot win, against the one that works every candidate out.
@Suite struct PreemptionTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func choosesAmongAllCandidates(seed: UInt64) {
        var random = RandomCluster(seed: seed)
        var cell = Cell()
        for index in 0..<40 as Range<NodeIndex> { cell.upsertNode(random.node(index), at: index) }
        var preemption = Preemption()
        preemption.minCandidateNodesAbsolute = random.pick([1, 5, 100])
        if random.chance(30) {
            let selector = LabelSelector(matchLabels: ["app": "app-1"])
            preemption.budgets = [DisruptionBudget(namespace: "default", selector: selector, allowed: 2)]
        }
        var engine = Engine(profile: .kubeDefault, seed: seed)
        for pod in 0..<300 as Range<PodID> {
            let spec = spec(&random, priority: Int32(random.random.below(4)) - 1)
            let index = cell.register(spec)
            if case .node(let node, let devices) = engine.select(index, in: &cell) {
                cell.place(pod, class: index, on: node, devices: devices)
                if random.chance(70) { preemption.startTimes[pod] = Int64(random.random.below(5)) }
                if random.chance(3) { preemption.protected.insert(pod) }
            }
        }
        for _ in 0..<30 {
            let index = cell.register(spec(&random, priority: Int32(random.random.below(4)), size: 6))
            defer { cell.release(class: index) }
            // The same engine, so that both start at the same node.
            var (first, second) = (engine, engine)
            let chosen = preemption.choose(index, by: &first, in: &cell)
            let all = preemption.pick(preemption.dryRun(index, by: &second, in: &cell).candidates, cell)
            if let all {
                #expect(chosen == .evict(all), "seed \(seed): \(cell.spec(of: index))")
            } else if case .evict = chosen {
                Issue.record("seed \(seed): a candidate where there is none")
            }
        }
        cell.checkInvariants()
    }

    private func spec(_ random: inout RandomCluster, priority: Int32, size: Int = 2) -> SchedulingSpec {
        var spec =
            random.chance(80)
            ? SchedulingSpec(labels: ["app": random.pick(["app-1", "app-2"])], requests: [:]) : random.spec()
        spec.requests["cpu"] = Quantity(milli: Int64(200 * (1 + random.random.below(4 * size))))
        spec.priority = priority
        return spec
    }
}
