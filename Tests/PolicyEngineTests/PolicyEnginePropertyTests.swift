import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct PolicyEnginePropertyTests {
    /// Random policies and pods: deciding, explaining and the documents themselves must say the same.
    @Test(arguments: 1...25)
    func decidesExplainsAndReadsAlike(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var policies = (0...random.next(below: 40)).map { RandomPolicies.policy(named: "p\($0)", &random) }
        if seed.isMultiple(of: 2) {
            // Most hold in one namespace, whose rules then have an index of their own.
            for index in policies.indices where RandomPolicies.chance(80, &random) {
                policies[index].match.namespaces = [NamePattern(RandomPolicies.pick(RandomPolicies.names, &random))]
            }
        }
        let cluster = RandomPolicies.cluster(&random)
        let exceptions = seed.isMultiple(of: 3) ? [RandomPolicies.exception(&random)] : []
        let oracle = DecisionOracle(policies: policies, cluster: cluster, exceptions: exceptions)
        var engine = PolicyEngine(PolicySet(policies, exceptions: exceptions), cluster: cluster)
        for index in 0..<50 {
            let pod = RandomPolicies.pod(index, &random)
            let isFirstOfGroup = pod.groupKey.map { engine.groupRoutes.route(of: $0) == nil } ?? true
            let explanation = engine.explain(pod)
            let decision = engine.decide(pod)
            #expect(explanation.decision == decision, "seed \(seed) \(pod.metadata.key)")
            let matched = explanation.policies.flatMap { policy in
                policy.rules.filter(\.matched).map { "\(policy.policy)/\($0.rule)" }
            }
            #expect(matched == oracle.answers(pod).filter { $0.answer == .yes }.map(\.name))
            check(decision, pod, oracle, isFirstOfGroup: isFirstOfGroup)
        }
    }

    private func check(
        _ decision: PolicyDecision, _ pod: Pod, _ oracle: DecisionOracle, isFirstOfGroup: Bool
    ) {
        let expected = oracle.outcome(pod, isRouted: !isFirstOfGroup)
        if let rejecting = expected.rejecting {
            #expect(decision.rejection.map { "\($0.rule)" } == rejecting)
            #expect(decision.changes.isEmpty)
            return
        }
        guard let route = decision.route else {
            // Only the routing rule may refuse now: for the pod's own choice, or for the scheduler's absence.
            #expect(decision.rejection.map { "\($0.rule)" } == expected.routing)
            return
        }
        for target in MetadataChange.Target.allCases {
            let keys = decision.changes.filter { $0.target == target }.map(\.key)
            #expect(keys.count == Set(keys).count)
        }
        var admitted = pod
        decision.apply(to: &admitted)
        oracle.check(admitted, from: pod, isRouted: !isFirstOfGroup)
        guard isFirstOfGroup else { return #expect(route.origin == .group) }
        #expect(route.rule.map { "\($0)" } == expected.routing)
        guard route.origin != .pod, route.availability.word != "standsIn" else { return }
        #expect(expected.chosen.contains(route.scheduler))
    }

    /// A pod that was admitted is decided about alike when it comes again, unless rules match what rules wrote.
    @Test(arguments: 1...20)
    func applyingTwiceIsApplyingOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let policies = (0...3).map { RandomPolicies.policy(named: "p\($0)", &random) }
        var engine = PolicyEngine(PolicySet(policies), cluster: RandomPolicies.cluster(&random))
        for index in 0..<100 {
            var pod = RandomPolicies.pod(index, &random)
            let decision = engine.admit(&pod)
            let once = pod
            decision.apply(to: &pod)
            #expect(pod == once)
        }
    }

    @Test(arguments: 1...10)
    func implicationsHoldForEveryPod(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let matches = (0..<40).map { _ in RandomPolicies.match(&random).conditions(at: FieldPath([])) }
        let cluster = RandomPolicies.cluster(&random)
        let pods = (0..<60).map { RandomPolicies.pod($0, &random) }
        let holds: [[Bool]] = matches.map { conditions in
            pods.map { pod in
                var facts = PodFacts(pod, CopyOnWrite(wrappedValue: cluster))
                return conditions.allSatisfy { $0.holds(pod, &facts) }
            }
        }
        for (i, wide) in matches.enumerated() {
            if Implication.contradiction(in: wide) != nil { #expect(!holds[i].contains(true), "seed \(seed)") }
            for (j, narrow) in matches.enumerated() {
                if Implication.covers(wide, narrow) {
                    #expect(!zip(holds[i], holds[j]).contains { !$0 && $1 }, "seed \(seed) \(i) \(j)")
                }
                if Implication.disjoint(wide, narrow) {
                    #expect(!zip(holds[i], holds[j]).contains { $0 && $1 }, "seed \(seed) \(i) \(j)")
                }
            }
        }
    }

    /// Witnesses are found for most matches, and the engine confirms each.
    @Test func witnessesMatchTheirRules() {
        var random = SeededGenerator(seed: 5)
        var found = 0
        for _ in 0..<500 {
            let match = RandomPolicies.match(&random)
            guard let witness = WitnessPod(meeting: match.conditions(at: FieldPath([]))) else { continue }
            found += 1
            let rule = PolicyRule(name: "r", match: match, actions: PolicyActions(scheduler: "routed"))
            let policy = SchedulingPolicy(name: "p", rules: [rule])
            var engine = PolicyEngine(PolicySet([policy]), cluster: witness.cluster)
            #expect(engine.decide(witness.pod).route?.rule?.rule == "r", "\(match.value)")
        }
        #expect(found > 400, "\(found) of 500")
    }

    /// An engine that was told of schedulers and of policies bit by bit decides like one that knew them from the start.
    @Test(arguments: 1...10)
    func whoIsThereIsKnownAtOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func policies() -> PolicySet { PolicySet((0...8).map { RandomPolicies.policy(named: "p\($0)", &random) }) }
        func status() -> SchedulerStatus? {
            RandomPolicies.chance(20, &random)
                ? nil : SchedulerStatus(isReady: RandomPolicies.chance(60, &random), queueDepth: random.next(below: 9))
        }
        var engine = PolicyEngine(policies(), cluster: RandomPolicies.cluster(&random))
        for index in 0..<200 {
            switch random.next(below: 10) {
            case 0: engine.replacePolicies(policies())
            case 1:
                var known: [String: SchedulerStatus]? = [:]
                for name in RandomPolicies.schedulers { known?[name] = status() }
                engine.setSchedulers(RandomPolicies.chance(30, &random) ? nil : known)
            default: engine.setScheduler(RandomPolicies.pick(RandomPolicies.schedulers, &random), status())
            }
            var pod = RandomPolicies.pod(index, &random)
            pod.metadata.labels["scheduling.x-k8s.io/pod-group"] = nil
            var fresh = PolicyEngine(engine.policies, cluster: engine.cluster)
            #expect(engine.decide(pod) == fresh.decide(pod), "seed \(seed), \(index)")
        }
    }
}
