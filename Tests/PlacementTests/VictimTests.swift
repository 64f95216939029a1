import ClusterModel
import Testing

@testable import Placement

/// Who goes and who is spared: groups, pods that are leaving, and proposals that evict too many.
@Suite struct VictimTests {
    private static func spec(_ milli: Int64, _ priority: Int32, leaving: Bool = false) -> SchedulingSpec {
        var spec = SchedulingSpec(requests: ["cpu": Quantity(milli: milli)])
        spec.priority = priority
        spec.isTerminating = leaving
        return spec
    }

    private static func cell(_ nodes: Int, cpu: Int64 = 4) -> Cell {
        var cell = Cell()
        for index in 0..<nodes {
            let node = Node(metadata: ObjectMeta(name: "n\(index)"), allocatable: ["cpu": Quantity(cpu)])
            cell.upsertNode(node, at: NodeIndex(index))
        }
        return cell
    }

    /// Every set of pods that may go so that the pod fits, found by trying all of them.
    private func waysByHand(
        _ preemption: Preemption, _ index: ClassIndex, _ node: NodeIndex, _ cell: Cell
    ) -> [Set<PodID>] {
        let priority = cell.spec(of: index).priority
        let lower = cell.pods(on: node).filter { cell.spec(of: cell.pods[$0].classIndex).priority < priority }
        return (1..<1 << lower.count).compactMap { bits in
            let gone = Set(lower.indices.filter { bits & 1 << $0 != 0 }.map { lower[$0] })
            for (number, group) in preemption.groups {
                let count = gone.count { preemption.groupOf[$0] == number }
                let left = group.bound - count
                // Untouched, gone with all its members, or left with as many as it needs.
                if count > 0, left > 0, group.goesWhole || left < group.minMember { return nil }
            }
            var bare = cell
            for pod in gone { bare.release(pod) }
            return bare.fit(index, on: node).isFit ? gone : nil
        }
    }

    @Test(arguments: 1...80 as ClosedRange<UInt64>)
    func groupsAreLeftWithEnoughMembersOrWithNone(seed: UInt64) {
        var random = SplitMix64(seed)
        var cell = VictimTests.cell(4)
        var preemption = Preemption()
        var pod: PodID = 0
        for number in 0..<5 as Range<Int32> {
            let size = 1 + random.below(4)
            let index = cell.register(VictimTests.spec(500, Int32(random.below(3))))
            let home = NodeIndex(random.below(4))
            let staysHome = random.below(2) == 0
            var members: [PodID] = []
            for _ in 0..<size {
                let node = staysHome ? home : NodeIndex(random.below(4))
                guard cell.fit(index, on: node).isFit else { continue }
                cell.place(pod, class: index, on: node)
                preemption.groupOf[pod] = number
                members.append(pod)
                pod += 1
            }
            guard !members.isEmpty else { continue }
            preemption.groups[number] = VictimGroup(minMember: random.below(members.count + 1), bound: members.count)
        }
        for node in 0..<4 as Range<NodeIndex> {
            let index = cell.register(VictimTests.spec([300, 700][random.below(2)], Int32(random.below(3))))
            while cell.fit(index, on: node).isFit {
                cell.place(pod, class: index, on: node)
                pod += 1
            }
        }
        var engine = Engine(profile: .kubeDefault, seed: seed)
        let index = cell.register(VictimTests.spec([900, 1_500, 2_500][random.below(3)], Int32(1 + random.below(3))))
        guard !cell.nodeIndices.contains(where: { cell.fit(index, on: $0).isFit }) else { return }
        let (candidates, _) = preemption.dryRun(index, by: &engine, in: &cell)
        for node in cell.nodeIndices {
            let ways = waysByHand(preemption, index, node, cell)
            let candidate = candidates.first { $0.node == node }
            #expect((candidate != nil) == !ways.isEmpty, "seed \(seed), node \(node)")
            guard let candidate else { continue }
            let gone = Set(candidate.victims)
            #expect(ways.contains(gone), "seed \(seed), node \(node): \(gone) is no way")
            #expect(!ways.contains { $0.isStrictSubset(of: gone) }, "seed \(seed): \(gone) has pods that need not go")
        }
        cell.checkInvariants()
    }

    @Test func aGroupThatIsDisruptedAsAWholeGoesFromAllItsNodes() throws {
        var cell = VictimTests.cell(2)
        let (low, mid) = (cell.register(VictimTests.spec(3_000, 0)), cell.register(VictimTests.spec(3_000, 5)))
        cell.place(0, class: low, on: 0)
        cell.place(1, class: mid, on: 1)
        var preemption = Preemption()
        preemption.groupOf = [0: 1, 1: 1]
        preemption.membersOf = [1: [0, 1]]
        preemption.groups = [1: VictimGroup(minMember: 2, bound: 2, goesWhole: true)]
        var engine = Engine(profile: .kubeDefault, seed: 1)
        let high = cell.register(VictimTests.spec(2_000, 9))
        guard case .evict(let found) = preemption.choose(high, by: &engine, in: &cell) else {
            Issue.record("the whole group could go")
            return
        }
        #expect(found.victims == [1, 0], "the most important first")
        #expect(preemption.needed([0, 1], for: high, on: 0, in: &cell)?.victims == [1, 0])
        // One member that is no less important than the pod protects all of them.
        let equal = cell.register(VictimTests.spec(2_000, 5))
        guard case .none = preemption.choose(equal, by: &engine, in: &cell) else {
            Issue.record("a group with a member of the same priority went")
            return
        }
        #expect(cell.podCount == 2)
    }

    @Test func podsThatNeedNotGoAreStruckOff() {
        var cell = VictimTests.cell(1)
        let small = cell.register(VictimTests.spec(1_000, 0))
        for pod in 0..<4 as Range<PodID> { cell.place(pod, class: small, on: 0) }
        var preemption = Preemption()
        preemption.startTimes = [0: 10, 1: 20, 2: 30, 3: 40]
        let high = cell.register(VictimTests.spec(2_000, 9))
        #expect(preemption.needed([0, 1, 2, 3], for: high, on: 0, in: &cell)?.victims == [2, 3], "the youngest go")
        #expect(preemption.needed([0, 1], for: high, on: 0, in: &cell)?.victims == [0, 1])
        #expect(preemption.needed([0], for: high, on: 0, in: &cell) == nil, "one is not enough")
        let tiny = cell.register(SchedulingSpec(requests: [:]))
        #expect(preemption.needed([0], for: tiny, on: 0, in: &cell)?.victims == [], "it fits without")
        #expect(cell.podCount == 4)
    }

    @Test func whoIsLeavingAlreadyIsTakenWhereAllElseIsEqual() {
        var cell = VictimTests.cell(2)
        cell.place(0, class: cell.register(VictimTests.spec(3_000, 0)), on: 0)
        cell.place(1, class: cell.register(VictimTests.spec(3_000, 0, leaving: true)), on: 1)
        var engine = Engine(profile: .binpack, seed: 1)
        let high = cell.register(VictimTests.spec(3_000, 9))
        var preemption = Preemption()
        let leaving = PreemptionCandidate(node: 1, victims: [1], budgetViolations: 0)
        #expect(preemption.choose(high, by: &engine, in: &cell) == .evict(leaving))
        // Kubernetes' order comes first: the pod that started last goes.
        preemption.startTimes = [0: 20, 1: 10]
        let youngest = PreemptionCandidate(node: 0, victims: [0], budgetViolations: 0)
        #expect(preemption.choose(high, by: &engine, in: &cell) == .evict(youngest))
    }

    @Test func whoWaitsForVictimsEvictsNoOthers() {
        var cell = VictimTests.cell(2)
        cell.place(0, class: cell.register(VictimTests.spec(3_000, 0, leaving: true)), on: 0)
        cell.place(1, class: cell.register(VictimTests.spec(3_000, 0)), on: 1)
        var engine = Engine(profile: .binpack, seed: 1)
        let high = cell.register(VictimTests.spec(3_000, 9))
        var preemption = Preemption()
        // A pod that is deleted for another reason does not hold anybody up.
        #expect(!preemption.awaitsVictims(high, on: 0, by: &engine, in: &cell))
        preemption.leaving = [0]
        #expect(preemption.awaitsVictims(high, on: 0, by: &engine, in: &cell))
        let result = preemption.choose(high, nominatedTo: 0, by: &engine, in: &cell)
        #expect(result == .none(summary: "not eligible due to a terminating pod on the nominated node."))
        // Not where the pod is no less important, nor where the node cannot take the pod whatever leaves.
        let equal = cell.register(VictimTests.spec(3_000, 0))
        #expect(!preemption.awaitsVictims(equal, on: 0, by: &engine, in: &cell))
        var elsewhere = VictimTests.spec(3_000, 9)
        elsewhere.nodeSelector = ["disk": "ssd"]
        #expect(!preemption.awaitsVictims(cell.register(elsewhere), on: 0, by: &engine, in: &cell))
        #expect(!preemption.awaitsVictims(high, on: 7, by: &engine, in: &cell))
    }

    @Test func evictionsUseUpBudgets() {
        var cell = VictimTests.cell(1)
        var spec = VictimTests.spec(1_000, 0)
        spec.labels = ["app": "guarded"]
        let index = cell.register(spec)
        for pod in 0..<3 as Range<PodID> { cell.place(pod, class: index, on: 0) }
        let selector = LabelSelector(matchLabels: ["app": "guarded"])
        var preemption = Preemption(budgets: [
            DisruptionBudget(namespace: "default", selector: selector, allowed: 2, disrupted: [2]),
            DisruptionBudget(namespace: "default", selector: selector, allowed: 1),
            DisruptionBudget(namespace: "other", selector: selector, allowed: 0),
        ])
        #expect(preemption.budgetViolations(of: [0], in: cell) == 0)
        #expect(preemption.budgetViolations(of: [0, 1], in: cell) == 1, "the second budget allows one")
        preemption.spend(on: [0, 2], in: cell)
        #expect(preemption.budgets.map(\.allowed) == [1, 0, 0])
    }
}
