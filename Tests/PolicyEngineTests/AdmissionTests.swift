import Admission
import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct AdmissionTests {
    private func admission(_ classes: [PriorityClass] = [], rules: String? = nil) throws -> Admission {
        let set = try rules.map { try policySet(policyText(rules: $0)) } ?? .empty
        return Admission(priorityClasses: classes, policies: PolicyEngine(set))
    }

    private func admitted(_ outcome: AdmissionOutcome) throws -> Pod {
        guard case .admitted(let result) = outcome else {
            Issue.record("\(outcome)")
            return .sample()
        }
        return result.pod
    }

    @Test func resolvesPriorityClasses() throws {
        let high = PriorityClass(name: "high", priority: 100, preemptionPolicy: .never)
        var admission = try admission([high])
        let pod = try admitted(admission.admit(.sample { $0.priorityClassName = "high" }))
        #expect(pod.spec.priority == 100 && pod.spec.preemptionPolicy == .never)
        let plain = try admitted(admission.admit(.sample()))
        #expect(plain.spec.priority == 0 && plain.spec.preemptionPolicy == nil)
        #expect(try admitted(admission.admit(.sample(priority: 7))).spec.priority == 7)
        let system = try admitted(admission.admit(.sample { $0.priorityClassName = "system-node-critical" }))
        #expect(system.spec.priority == 2_000_001_000)
    }

    @Test func appliesTheGlobalDefault() throws {
        let low = PriorityClass(name: "low", priority: -5, globalDefault: true, preemptionPolicy: .never)
        let usual = PriorityClass(name: "usual", priority: 5, globalDefault: true)
        var admission = try admission([usual, low])
        let pod = try admitted(admission.admit(.sample()))
        #expect(pod.spec.priorityClassName == "low" && pod.spec.priority == -5)
        #expect(pod.spec.preemptionPolicy == .never)
        admission.priority.remove("low")
        #expect(try admitted(admission.admit(.sample())).spec.priority == 5)
    }

    /// A rule's default class comes before the cluster's, which nobody chose, and not before a class that a pod names.
    @Test func aRulesDefaultComesBeforeTheClusters() throws {
        let std = PriorityClass(name: "std", priority: 100, globalDefault: true, preemptionPolicy: .never)
        let gold = PriorityClass(name: "gold", priority: 1_000)
        let rules = "- {name: r, actions: {priorityClassName: {default: gold}}}"
        for rules in [nil, rules] {
            var admission = try admission([std, gold], rules: rules)
            let free = try admitted(admission.admit(.sample("free")))
            let own = try admitted(admission.admit(.sample("own") { $0.priorityClassName = "std" }))
            let stated = try admitted(admission.admit(.sample("stated", priority: 7)))
            #expect(free.spec.priorityClassName == (rules == nil ? "std" : "gold"))
            #expect(free.spec.priority == (rules == nil ? 100 : 1_000))
            #expect(free.spec.preemptionPolicy == (rules == nil ? .never : .lowerPriority))
            #expect(own.spec.priorityClassName == "std" && own.spec.priority == 100)
            #expect(stated.spec.priorityClassName.isEmpty && stated.spec.priority == 7)
        }
    }

    /// A class may be deleted, or its number changed, while pods keep what they were given; only new pods must agree.
    @Test func keepsPrioritiesThatWereResolvedBefore() throws {
        var admission = try admission([PriorityClass(name: "high", priority: 100)])
        let gone = try admitted(admission.admit(.sample(priority: 7) { $0.priorityClassName = "gone" }))
        #expect(gone.spec.priority == 7)
        var lived = Pod.sample("lived", priority: 7) {
            $0.priorityClassName = "high"
            $0.preemptionPolicy = .never
        }
        lived.phase = "Pending"
        let new = Pod.sample("new", priority: 7) {
            $0.priorityClassName = "high"
            $0.preemptionPolicy = .never
        }
        for past in [\Pod.metadata.uid, \Pod.phase] {
            var pod = new
            pod[keyPath: past] = "x"
            let kept = try admitted(admission.admit(pod))
            #expect(kept.spec.priority == 7 && kept.spec.preemptionPolicy == .never)
        }
        // What became of those must not be remembered for one that is written by hand.
        guard case .refused = admission.admit(new) else {
            Issue.record("a priority that is not that of the class was admitted")
            return
        }
        #expect(try admitted(admission.admit(lived)).spec.priority == 7)
    }

    @Test(
        arguments: [("typo", nil, "spec.priorityClassName"), ("high", 7, "spec.priority")] as [(String, Int32?, String)]
    )
    func refusesWrongPriorities(name: String, priority: Int32?, field: String) throws {
        var admission = try admission([PriorityClass(name: "high", priority: 100)])
        let outcome = admission.admit(.sample(priority: priority) { $0.priorityClassName = name })
        guard case .refused(let refusal) = outcome, case .field(let error) = refusal.reason else {
            Issue.record("\(outcome)")
            return
        }
        #expect("\(error.path)" == field && refusal.step == "priority")
        #expect(refusal.policy == nil && refusal.message.contains(field))
    }

    @Test func policiesSeeTheResolvedPriority() throws {
        let rules = "- name: urgent\n  match: {priority: {min: 50}}\n  actions: {scheduler: fast}"
        var admission = try admission([PriorityClass(name: "high", priority: 100)], rules: rules)
        let pod = try admitted(admission.admit(.sample { $0.priorityClassName = "high" }))
        #expect(pod.spec.schedulerName == "fast")
    }

    @Test func writesTheQoSClass() throws {
        var admission = try admission()
        let forged = Pod.sample(annotations: ["scheduler.alpha.kubernetes.io/qos": "Guaranteed"])
        let pod = try admitted(admission.admit(forged))
        #expect(pod.metadata.annotations["scheduler.alpha.kubernetes.io/qos"] == "Burstable")
    }

    @Test func namesTheRuleThatRefuses() throws {
        var admission = try admission(rules: "- name: stop\n  actions: {reject: {message: closed}}")
        guard case .refused(let refusal) = admission.admit(.sample()) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.policy == "p" && refusal.rule == "stop" && refusal.message == "closed")
    }

    struct Stop: AdmissionStep {
        let name = "stop"
        var seen = 0
        mutating func admit(_ admitted: inout AdmittedPod) -> AdmissionRefusal? {
            seen += 1
            let error = FieldError(expected: "fewer pods", found: "\(seen)")
            return seen > 1 ? AdmissionRefusal(step: name, .field(error)) : nil
        }
    }

    @Test func runsFurtherStepsInOrder() throws {
        var admission = try admission()
        admission.last.append(Stop())
        let first = admission.admit(.sample())
        #expect(try admitted(first).spec.schedulerName == "binpack")
        guard case .refused(let refusal) = admission.admit(.sample()) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.step == "stop")
    }

    /// Pods that follow one of their template take a shorter way; it must lead to the same place, counters included, also
    /// where templates take turns, share a spec, or have equal ones, and where groups are soon forgotten.
    @Test(arguments: 1...60)
    func podsOfATemplateFareAsOneByOne(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let policies = (0...random.next(below: 8)).map { RandomPolicies.policy(named: "p\($0)", &random) }
        var engine = PolicyEngine(PolicySet(policies), cluster: RandomPolicies.cluster(&random))
        if seed.isMultiple(of: 2) { engine.groupRoutes = GroupRoutes(limit: 4) }
        let classes = RandomPolicies.names.map { PriorityClass(name: $0, priority: 3) }
        var quick = Admission(priorityClasses: classes, policies: engine)
        var plain = quick
        var templates = (0..<6).map { RandomPolicies.pod($0, &random) }
        let renewed = seed.isMultiple(of: 3) ? 40 : 3
        for index in 0..<400 {
            let place = random.next(below: templates.count)
            if RandomPolicies.chance(renewed, &random) { templates[place] = RandomPolicies.pod(index, &random) }
            // With the spec of another in memory, and with a spec of its own that is equal.
            if RandomPolicies.chance(3, &random) {
                templates[place].$spec = RandomPolicies.pick(templates, &random).$spec
            }
            if RandomPolicies.chance(3, &random) {
                templates[place].$spec = CopyOnWrite(wrappedValue: templates[place].spec)
            }
            let template = templates[place]
            switch random.next(below: 60) {
            case 2:
                let labels = ["team": RandomPolicies.pick(RandomPolicies.values, &random)]
                let namespace = Namespace(name: template.metadata.namespace, labels: labels)
                quick.policies.engine.setNamespace(namespace)
                plain.policies.engine.setNamespace(namespace)
            case 3, 4:
                let name = RandomPolicies.pick(RandomPolicies.schedulers, &random)
                let status = SchedulerStatus(
                    isReady: RandomPolicies.chance(70, &random), queueDepth: random.next(below: 9))
                let told = RandomPolicies.chance(90, &random) ? status : nil
                quick.setScheduler(name, told)
                plain.policies.engine.setScheduler(name, told)
            default: break
            }
            var pod = template
            pod.metadata.name = "pod-\(index)"
            pod.metadata.uid = "\(index)"
            // Any change of the steps, even none, makes admission forget the pod before.
            plain.last = []
            #expect(quick.admit(pod) == plain.admit(pod), "seed \(seed), pod \(index)")
        }
        #expect(quick.policies.engine.counters == plain.policies.engine.counters)
        #expect(quick.runs <= plain.runs && plain.runs == 400)
    }

    /// As many templates as are remembered take turns, and each is put through the steps once; with one more, none is
    /// still remembered when its turn comes.
    @Test(arguments: [1, 30, Admission.rememberedTemplates, Admission.rememberedTemplates + 1])
    func remembersTemplatesThatTakeTurns(count: Int) throws {
        var admission = try admission(rules: "- name: all\n  actions: {scheduler: a}")
        let templates = (0..<count).map { Pod.sample("t", labels: ["app": "\($0)"]) }
        for round in 0..<3 {
            for (place, template) in templates.enumerated() {
                var pod = template
                pod.metadata.name = "pod-\(round)-\(place)"
                let admitted = try admitted(admission.admit(pod))
                #expect(admitted.metadata.name == pod.metadata.name && admitted.metadata.labels["app"] == "\(place)")
            }
        }
        #expect(admission.runs == (count > Admission.rememberedTemplates ? 3 * count : count))
        #expect(admission.policies.engine.counters[0].routed == 3 * count)
    }

    /// What is known of a template by its number is not taken for that of the one that took its place.
    @Test func numbersOfTemplatesAreNotUsedAgain() throws {
        var admission = try admission(rules: "- name: all\n  actions: {scheduler: a}")
        let (one, other) = (Pod.sample("one", labels: ["app": "1"]), Pod.sample("other", labels: ["app": "2"]))
        let unknown = admission.recall(one)
        _ = admission.admit(one)
        let known = admission.recall(one)
        let first = try #require(known)
        admission.last = []
        let forgotten = admission.recall(one)
        #expect(unknown == nil && forgotten == nil && admission.admitted(one, as: first) == nil)
        _ = admission.admit(other)
        let found = admission.recall(other)
        let second = try #require(found)
        #expect(second.place == first.place && second.number != first.number)
        #expect(admission.admitted(one, as: first) == nil)
        #expect(admission.admitted(other, as: second)?.pod.metadata.labels["app"] == "2")
    }

    /// How much waits for a scheduler is news to expressions alone; that one goes down is news to every pod.
    @Test func forgetsThePodBeforeOnlyWhereASchedulerComesOrGoes() throws {
        let rules = "- name: all\n  actions: {scheduler: a, whenUnavailable: fallback, fallback: b}"
        var admission = try admission(rules: rules)
        for name in ["a", "b"] { admission.setScheduler(name, SchedulerStatus()) }
        for depth in 0..<5 {
            admission.setScheduler("a", SchedulerStatus(queueDepth: depth))
            #expect(try admitted(admission.admit(.sample("pod-\(depth)"))).spec.schedulerName == "a")
        }
        #expect(admission.runs == 1)
        admission.setScheduler("a", SchedulerStatus(isReady: false, queueDepth: 4))
        #expect(try admitted(admission.admit(.sample("late"))).spec.schedulerName == "b")
        #expect(admission.runs == 2)
    }

    /// A rule that looks at the queues sees every change of them.
    @Test func rulesThatLookAtQueuesSeeEveryChange() throws {
        let rules = """
            - name: full
              matchConditions: [{name: deep, expression: schedulers.a.queueDepth > 2}]
              actions: {scheduler: b}
            - name: all
              actions: {scheduler: a}
            """
        var admission = try admission(rules: rules)
        admission.setScheduler("b", SchedulerStatus())
        for depth in 0..<5 {
            admission.setScheduler("a", SchedulerStatus(queueDepth: depth))
            let pod = try admitted(admission.admit(.sample("pod-\(depth)")))
            #expect(pod.spec.schedulerName == (depth > 2 ? "b" : "a"))
        }
    }
}
