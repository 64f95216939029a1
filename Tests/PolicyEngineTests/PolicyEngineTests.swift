import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct PolicyEngineTests {
    static let jobs = "- name: jobs\n  match: {ownerKinds: [Job]}\n  actions: {scheduler: gang}"

    @Test func firstMatchingRuleRoutes() throws {
        let late = policyText("a", order: 20, rules: "- name: all\n  actions: {scheduler: late}")
        var engine = try PolicyEngine(texts: policyText("b", order: 10, rules: Self.jobs), late)
        #expect(engine.decide(.sample(owners: .of("Job"))).route?.scheduler == "gang")
        let other = engine.decide(.sample())
        #expect(other.route?.scheduler == "late")
        #expect(other.route?.rule == RuleReference(policy: "a", rule: "all"))
        #expect(engine.counters.map(\.routed) == [1, 1])
    }

    @Test func policiesOfOneOrderGoByName() throws {
        let all = "- name: all\n  actions: {scheduler: NAME}"
        var engine = PolicyEngine(
            PolicySet([
                SchedulingPolicy(name: "b", rules: [PolicyRule(name: "r", actions: PolicyActions(scheduler: "late"))]),
                SchedulingPolicy(name: "a", rules: [PolicyRule(name: "r", actions: PolicyActions(scheduler: "early"))]),
            ]))
        #expect(engine.decide(.sample()).route?.scheduler == "early")
        #expect(folder(policyText("a", rules: all.replacing("NAME", with: "x"))).check().isEmpty)
    }

    @Test func stampsThePod() throws {
        var engine = try PolicyEngine(texts: policyText("batch", rules: Self.jobs))
        var pod = Pod.sample(annotations: ["keep": "me"], owners: .of("Job"))
        engine.admit(&pod)
        #expect(pod.spec.schedulerName == "gang")
        #expect(
            pod.metadata.annotations == [
                "keep": "me", "scheduler.alpha.kubernetes.io/name": "gang", "switchyard.dev/policy": "batch",
                "switchyard.dev/rule": "jobs", "switchyard.dev/policy-revision": engine.policies.revision,
            ])
    }

    @Test func rejectionWinsAndChangesNothing() throws {
        let rules = """
            - name: mark
              actions: {scheduler: s, labels: {add: {a: b}}}
            - name: refuse
              match: {labelSelector: {matchLabels: {bad: "yes"}}}
              actions: {reject: {message: bad pods stay out}}
            """
        var engine = try PolicyEngine(texts: policyText(rules: rules))
        var pod = Pod.sample(labels: ["bad": "yes"])
        let before = pod
        let decision = engine.admit(&pod)
        #expect(
            decision.rejection
                == PolicyRejection(
                    rule: RuleReference(policy: "p", rule: "refuse"), message: "bad pods stay out"))
        #expect(pod == before && decision.changes.isEmpty)
        #expect(engine.counters.map(\.rejected) == [0, 1])
    }

    @Test func addOverwritesAndDefaultDoesNot() throws {
        let rules = """
            - name: first
              actions: {labels: {add: {a: "1"}, default: {b: "1", c: "1"}}}
            - name: second
              actions: {scheduler: s, labels: {add: {b: "2"}, default: {d: "2"}}, annotations: {add: {a: x y}}}
            """
        var engine = try PolicyEngine(texts: policyText(rules: rules))
        var pod = Pod.sample(labels: ["a": "0", "c": "0"])
        engine.admit(&pod)
        #expect(pod.metadata.labels == ["a": "1", "b": "1", "c": "0", "d": "2"])
        #expect(pod.metadata.annotations["a"] == "x y")
        var present = Pod.sample(labels: ["b": "0"])
        engine.admit(&present)
        #expect(present.metadata.labels == ["a": "1", "b": "2", "c": "1", "d": "2"])
    }

    @Test(arguments: [
        ("honour", "own", "pod", 0), ("override", "rule", "rule", 1), ("reject", "", "", 0),
    ])
    func handlesThePodsOwnChoice(whenNamed: String, scheduler: String, origin: String, warnings: Int) throws {
        let rules = "- name: r\n  actions: {scheduler: rule, whenNamed: \(whenNamed)}"
        for byAnnotation in [false, true] {
            var engine = try PolicyEngine(texts: policyText(rules: rules))
            var pod = Pod.sample()
            if byAnnotation {
                pod.metadata.annotations[Pod.schedulerAnnotation] = "own"
            } else {
                pod.spec.schedulerName = "own"
            }
            let decision = engine.admit(&pod)
            #expect(decision.route?.scheduler ?? "" == scheduler)
            #expect(decision.route?.origin.rawValue ?? "" == origin)
            #expect(decision.warnings.count == warnings)
            guard decision.rejection == nil else { continue }
            #expect(pod.metadata.annotations[PolicyAnnotation.named] == "own")
            // Admitting again must not take the name that was written for one that the author chose.
            #expect(engine.decide(pod) == decision)
            var again = pod
            engine.admit(&again)
            #expect(again == pod)
        }
    }

    @Test func namingWhatTheRuleSaysIsNoConflict() throws {
        let rules = "- name: r\n  actions: {scheduler: rule, whenNamed: reject}"
        var engine = try PolicyEngine(texts: policyText(rules: rules))
        let decision = engine.decide(.sample { $0.schedulerName = "rule" })
        #expect(decision.route?.origin == .rule && decision.warnings.isEmpty)
    }

    @Test func withoutPoliciesPodsGoWhereTheyAskOrToTheGenericScheduler() {
        var engine = PolicyEngine(.empty)
        #expect(engine.decide(.sample()).route?.scheduler == "binpack")
        #expect(engine.decide(.sample { $0.schedulerName = "default-scheduler" }).route?.origin == .default)
        let own = engine.decide(.sample { $0.schedulerName = "mine" })
        #expect(own.route?.scheduler == "mine" && own.route?.origin == .pod && own.route?.rule == nil)
    }

    @Test(arguments: [
        ("whenUnavailable: queue", "waiting", "gang"), ("whenUnavailable: reject", "refused", ""),
        ("fallback: binpack", "standsIn", "binpack"), ("fallback: [nobody, spread, binpack]", "standsIn", "binpack"),
        ("fallback: spread", "waiting", "gang"),
    ])
    func handlesAbsentSchedulers(action: String, word: String, scheduler: String) throws {
        let rules = "- name: r\n  actions: {scheduler: gang, \(action)}"
        for gang in [nil, SchedulerStatus(isReady: false)] {
            var engine = try PolicyEngine(texts: policyText(rules: rules))
            engine.setSchedulers(["binpack": SchedulerStatus(), "spread": SchedulerStatus(isReady: false)])
            engine.setScheduler("gang", gang)
            let decision = engine.decide(.sample())
            let reason = gang == nil ? "no scheduler has this name" : "it is down"
            if word == "refused" {
                #expect(decision.rejection?.message.contains(reason) == true)
                continue
            }
            #expect(decision.route?.availability.word == word)
            #expect(decision.route?.scheduler == scheduler)
            #expect(decision.warnings.count == 1 && decision.warnings[0].message.contains(reason))
            engine.setScheduler("gang", SchedulerStatus())
            #expect(engine.decide(.sample()).route?.availability == .ready)
        }
    }

    @Test func aNameThatNobodyRunsIsNeverSilent() {
        var engine = PolicyEngine(.empty, cluster: PolicyCluster(schedulers: ["binpack": SchedulerStatus()]))
        let decision = engine.decide(.sample { $0.schedulerName = "typo" })
        #expect(decision.route?.availability == .waiting(.unknown))
        #expect(decision.warnings.first?.message.contains("\"typo\"") == true)
    }

    @Test func aGroupIsRoutedAsOne() throws {
        let rules = """
            - name: leaders
              match: {labelSelector: {matchLabels: {role: leader}}}
              actions: {scheduler: leaders}
            - name: all
              actions: {scheduler: workers, whenNamed: override}
            """
        var engine = try PolicyEngine(texts: policyText(rules: rules))
        func member(_ name: String, _ role: String, in group: String) -> Pod {
            .sample(name, labels: ["role": role, "scheduling.x-k8s.io/pod-group": group])
        }
        #expect(engine.decide(member("a", "worker", in: "g")).route?.scheduler == "workers")
        let leader = engine.decide(member("b", "leader", in: "g"))
        #expect(leader.route?.scheduler == "workers" && leader.route?.origin == .group)
        #expect(engine.decide(member("a", "leader", in: "h")).route?.scheduler == "leaders")
        engine.replacePolicies(try policySet(policyText(rules: "- name: new\n  actions: {scheduler: new}")))
        #expect(engine.decide(member("c", "worker", in: "g")).route?.scheduler == "workers")
        engine.rerouteGroup(ObjectKey(namespace: "default", name: "g"), to: "moved")
        #expect(engine.decide(member("d", "worker", in: "g")).route?.scheduler == "moved")
        engine.removeGroup(ObjectKey(namespace: "default", name: "g"))
        #expect(engine.decide(member("e", "worker", in: "g")).route?.scheduler == "new")
    }

    @Test func namespaceLabelsMayChange() throws {
        let rules = "- name: r\n  match: {namespaceSelector: {matchLabels: {tier: hot}}}\n  actions: {scheduler: hot}"
        var engine = try PolicyEngine(texts: policyText(rules: rules))
        #expect(engine.decide(.sample()).route?.scheduler == "binpack")
        engine.setNamespace(Namespace(name: "default", labels: ["tier": "hot"]))
        #expect(engine.decide(.sample()).route?.scheduler == "hot")
        engine.removeNamespace("default")
        #expect(engine.decide(.sample()).route?.scheduler == "binpack")
    }

    @Test func remembersABoundedNumberOfGroups() {
        var routes = GroupRoutes(limit: 10)
        let route = Route(
            scheduler: "s", origin: .rule, rule: nil, availability: .ready, whenUnavailable: .queue, fallback: [])
        let shared = CopyOnWrite(wrappedValue: route)
        for index in 0..<100 {
            routes.remember(shared, for: ObjectKey(namespace: "n", name: "\(index)"))
            #expect(routes.count <= 10)
            #expect(routes.route(of: ObjectKey(namespace: "n", name: "0")) != nil, "a group in use stays")
        }
        #expect(routes.route(of: ObjectKey(namespace: "n", name: "1")) == nil)
    }
}
