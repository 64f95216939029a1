import Admission
import ClusterModel
import ClusterTestKit
import Dispatcher
import Testing

@testable import PolicyEngine
@testable import Simulation

@Suite struct IntakeTests {
    /// Rules that look at the template, one that looks at the name, and one that warns.
    private static func policies() -> PolicySet {
        func rule(_ name: String, _ labels: [String: String], _ actions: PolicyActions) -> PolicyRule {
            var match = PolicyMatch()
            match.labelSelector = LabelSelector(matchLabels: labels)
            return PolicyRule(name: name, match: match, actions: actions)
        }
        var odd = rule("odd", ["kind": "2"], PolicyActions(scheduler: "gang"))
        odd.matchConditions = [NamedExpression("odd", "object.metadata.name.endsWith('1')")]
        var warned = rule("warned", ["kind": "3"], PolicyActions(reject: "old"))
        warned.enforcement = .warn
        let rules = [
            rule("refused", ["kind": "0"], PolicyActions(reject: "no")),
            rule("spread", ["kind": "1"], PolicyActions(scheduler: "spread")), odd, warned,
        ]
        return PolicySet([SchedulingPolicy(name: "p", order: 1, rules: rules)])
    }

    private static func text(_ outcome: Intake.Outcome) -> String {
        switch outcome {
        case .arrival(let arrival, let warnings): "\(arrival.key) \(arrival.route) \(arrival.group as Any) \(warnings)"
        case .gated(let scheduler, let message, let warnings): "\(scheduler) \(message) \(warnings)"
        case .refused(let refusal): "\(refusal)"
        }
    }

    private static func spec(_ outcome: Intake.Outcome) -> SharedSpec? {
        if case .arrival(let arrival, _) = outcome { arrival.sharedSpec } else { nil }
    }

    /// How often each rule had a say; when one was timed, and what came of it, is another matter.
    private static func counts(_ intake: Intake) -> [RuleCounters] {
        intake.admission.policies.engine.counters.map { counters in
            var counters = counters
            (counters.timed, counters.timedNanoseconds) = (0, 0)
            return counters
        }
    }

    private static func template(_ number: Int, _ random: inout SeededGenerator) -> Pod {
        let labels = ["kind": "\(number % 6)", "app": "\(random.next(below: 3))"]
        var pod = Pod.sample("t", cpu: "\(1 + random.next(below: 3))", labels: labels)
        if random.next(below: 5) == 0 { pod.spec.schedulingGates = ["wait"] }
        if random.next(below: 4) == 0 { pod.spec.schedulingGroup = "g\(random.next(below: 3))" }
        return pod
    }

    /// Without policies the generic scheduler takes the pod, so nothing may say that it waits.
    @Test(arguments: ["volcano", "yunikorn", "default-scheduler"])
    func podsOfSchedulersThatNobodyRunsGoToTheGenericOne(name: String) throws {
        var intake = Intake(
            policies: nil, rules: ClusterRules(), pods: [], namespaces: [], groups: [],
            schedulers: ["binpack", "gang"],
            defaultScheduler: "binpack")
        for number in 0..<3 {
            let pod = Pod.sample("p-\(number)") { $0.schedulerName = name }
            guard case .arrival(let arrival, let warnings) = intake.admit(pod, service: nil) else {
                Issue.record("the pod did not arrive")
                return
            }
            #expect(arrival.route.scheduler == "binpack")
            #expect(warnings.allSatisfy { !$0.contains("waits") })
            #expect(warnings.count <= 1)
        }
    }

    /// Templates in turn, with services that change: each pod becomes what it would become by itself.
    @Test(arguments: 1...20)
    func templatesInTurnBecomeWhatEachPodWould(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var quick = Intake(
            policies: Self.policies(), rules: ClusterRules(), pods: [], namespaces: [], groups: [],
            schedulers: ["binpack", "gang", "spread"], defaultScheduler: "binpack")
        var plain = quick
        let templates = (0..<[3, 12, 80][Int(seed % 3)]).map { Self.template($0, &random) }
        for number in 0..<600 {
            var pod = templates[number % templates.count]
            pod.metadata.name = "pod-\(number)"
            let service = random.next(below: 10) == 0 ? LabelSelector(matchLabels: ["app": "1"]) : nil
            if random.next(below: 100) == 0 {
                let status = SchedulerStatus(isReady: random.next(below: 2) == 0)
                quick.admission.setScheduler("spread", status)
                plain.admission.setScheduler("spread", status)
            }
            // Any change of the steps, even none, makes admission forget all templates.
            plain.admission.last = []
            let (one, other) = (quick.admit(pod, service: service), plain.admit(pod, service: service))
            #expect(Self.text(one) == Self.text(other), "seed \(seed), pod \(number)")
            #expect(Self.spec(one) == Self.spec(other), "seed \(seed), pod \(number)")
        }
        #expect(Self.counts(quick) == Self.counts(plain), "seed \(seed)")
        // With 80 templates none is remembered until its turn comes again.
        #expect(templates.count > 64 || quick.admission.runs < 500)
    }
}
