import Admission
import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// Expressions, exceptions, enforcement, splits, shadows, and changes of the spec.
@Suite struct PolicyFeaturesTests {
    private func text(_ spec: String) -> String {
        let lines = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        return """
            apiVersion: switchyard.dev/v1alpha1
            kind: SchedulingPolicy
            metadata: {name: p}
            spec:
            \(lines.joined(separator: "\n"))
            """
    }

    @Test(arguments: [
        ("object.spec.containers.all(c, c.image.startsWith('registry.example/'))", false),
        ("object.spec.containers.exists(c, c.name == 'main')", true),
        ("object.metadata.labels['app'] in ['web', 'db']", true),
        ("namespaceObject.metadata.labels.tier == 'gold'", true),
        ("request.operation == 'CREATE' && request.kind.kind == 'Pod'", true),
        ("schedulers.gang.queueDepth > 100 || !schedulers.gang.ready", true),
        ("has(schedulers.nobody)", false), ("podGroup.minMember >= 4", true),
        ("quantity(object.spec.containers[0].resources.requests.cpu).isGreaterThan(quantity('50m'))", true),
        ("variables.isWeb && variables.isGold", true), ("has(object.spec.nodeSelector)", false),
        ("object.spec.priority == 7", true),
    ])
    func expressionsSeeThePodAndItsCluster(expression: String, expected: Bool) throws {
        let policy = text(
            """
            variables:
            - {name: isWeb, expression: "object.metadata.labels.app == 'web'"}
            - {name: isGold, expression: "variables.isWeb && namespaceObject.metadata.labels.tier == 'gold'"}
            rules:
            - name: r
              matchConditions: [{name: c, expression: "\(expression)"}]
              actions: {scheduler: hit}
            """)
        let cluster = PolicyCluster(
            namespaces: [Namespace(name: "default", labels: ["tier": "gold"])],
            groups: [PodGroup(metadata: ObjectMeta(name: "g", namespace: "default"), minMember: 4)],
            schedulers: ["gang": SchedulerStatus(queueDepth: 500), "hit": SchedulerStatus()])
        var engine = try PolicyEngine(texts: policy, cluster: cluster)
        let pod = Pod.sample(labels: ["app": "web", "scheduling.x-k8s.io/pod-group": "g"], priority: 7)
        #expect((engine.decide(pod).route?.scheduler == "hit") == expected, "\(engine.explain(pod).text)")
    }

    @Test(arguments: [
        ("object.metadata.labels.app ==", "1:30"), ("object.metadata.lables.app == 'x'", "lables"),
        ("objekt.spec.priority > 1", "objekt"), ("object.metadata.name", "type string"), ("1 + 'a' == 2", "1:3"),
        ("variables.nothing", "variables"), (String(repeating: "(", count: 5_000), ""),
    ])
    func namesWhatIsWrongWithAnExpression(expression: String, words: String) throws {
        let found = folder(
            text(
                "rules:\n- name: r\n  matchConditions: [{name: c, expression: \"\(expression)\"}]\n  actions: {scheduler: s}"
            )
        ).check()
        try #require(found.count == 1, "\(found.map(\.text))")
        #expect("\(found[0].place.path)" == "spec.rules[0].matchConditions[0].expression")
        #expect(found[0].place.line == 7 && found[0].text.contains(words), "\(found[0].text)")
    }

    @Test(arguments: [("Fail", true), ("Ignore", false)])
    func anExpressionWithoutValueFailsAsThePolicySays(failurePolicy: String, isRefused: Bool) throws {
        let policy = text(
            """
            failurePolicy: \(failurePolicy)
            rules:
            - name: r
              matchConditions: [{name: tier, expression: "object.metadata.labels.tier == 'x'"}]
              actions: {scheduler: s}
            """)
        var engine = try PolicyEngine(texts: policy)
        let decision = engine.decide(.sample())
        #expect((decision.rejection != nil) == isRefused)
        if isRefused { #expect(decision.rejection?.message.contains("the condition tier:") == true) }
        #expect(engine.counters[0].failed == 1)
        #expect(engine.explain(.sample()).decision == decision)
    }

    @Test func aConditionThatIsFalseSettlesTheMatter() throws {
        let policy = text(
            """
            rules:
            - name: r
              matchConditions:
              - {name: broken, expression: "object.metadata.labels.tier == 'x'"}
              - {name: wrong, expression: "object.metadata.name == 'other'"}
              actions: {scheduler: s}
            """)
        var engine = try PolicyEngine(texts: policy)
        #expect(engine.decide(.sample()).route?.scheduler == "binpack")
    }

    @Test func anExpressionThatCostsTooMuchHasNoValue() throws {
        let list = "[1,2,3,4,5,6,7,8,9,10]"
        let nested =
            "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, \(list).all(e, a+b+c+d+e > object.spec.priority)))))"
        var engine = try PolicyEngine(
            texts: text(
                "rules:\n- name: r\n  matchConditions: [{name: c, expression: \"\(nested)\"}]\n  actions: {scheduler: s}"
            ))
        let start = ContinuousClock.now
        #expect(engine.decide(.sample(priority: 1)).rejection != nil)
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test func exceptionsEndOnTheirDay() throws {
        let policy = text(
            """
            exceptions:
            - name: migration
              until: 2030-06-30
              rules: [closed]
              match: {labelSelector: {matchLabels: {team: old}}}
            rules:
            - name: closed
              match: {namespaces: [default]}
              actions: {reject: {message: closed}}
            """)
        var engine = try PolicyEngine(texts: policy)
        let lastSecond: Int64 = 1_909_094_399
        for (time, labels, isRefused) in [
            (lastSecond, ["team": "old"], false), (lastSecond, ["team": "new"], true),
            (lastSecond + 1, ["team": "old"], true),
        ] {
            engine.setTime(seconds: time)
            #expect((engine.decide(.sample(labels: labels)).rejection != nil) == isRefused)
        }
        #expect(engine.counters[0].excepted == 1)
        #expect(folder(policy.replacing("2030", with: "2020")).check().map(\.code) == [.ended])
        #expect(folder(policy.replacing("2030-06-30", with: "2030-02-30")).check().map(\.code) == [.badField])
        let unknown = folder(policy.replacing("[closed]", with: "[close]")).check()
        #expect(unknown.first?.text.contains("did you mean \"closed\"") == true)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 86_400), ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-22T21:00:00+01:00", 1_795_377_600), ("1969-12-31T23:59:59Z", -1), ("2100-02-29", nil),
            ("2026-13-01", nil), ("2026-1-1", nil), ("", nil), ("2026-01-01T25:00:00Z", nil),
            ("2026-01-01T00:00:00", nil),
        ] as [(String, Int64?)])
    func readsTimes(text: String, seconds: Int64?) {
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test(arguments: ["warn", "audit"])
    func rulesThatAreNotEnforcedOnlyTell(enforcement: String) throws {
        let policy = text(
            """
            rules:
            - name: refuse
              enforcement: \(enforcement)
              actions: {reject: {message: stop}}
            - name: route
              enforcement: \(enforcement)
              actions: {scheduler: other, labels: {add: {a: b}}}
            - name: all
              actions: {scheduler: s}
            """)
        var engine = try PolicyEngine(texts: policy)
        var pod = Pod.sample()
        let decision = engine.admit(&pod)
        #expect(pod.spec.schedulerName == "s" && pod.metadata.labels.isEmpty)
        let notes = (enforcement == "warn" ? decision.warnings : decision.audits).map(\.message)
        #expect(
            notes == ["p/refuse would refuse the pod: stop", "p/route would route the pod to other, write label a: b"])
        #expect(decision.warnings.count + decision.audits.count == 2)
        #expect(engine.counters.map(\.advised) == [1, 1, 0])
    }

    @Test func splitsAreEvenAndSticky() throws {
        let policy = text(
            "rules:\n- name: r\n  actions: {split: [{scheduler: a, weight: 90}, {scheduler: b, weight: 10}]}")
        var engine = try PolicyEngine(texts: policy)
        var counts: [String: Int] = [:]
        for index in 0..<5_000 {
            counts[engine.decide(.sample("pod-\(index)")).route?.scheduler ?? "", default: 0] += 1
        }
        #expect((400...600).contains(counts["b"] ?? 0) && counts["a", default: 0] + counts["b", default: 0] == 5_000)
        for owner in 0..<20 {
            let owners = [OwnerReference(kind: "ReplicaSet", name: "web-\(owner)")]
            let schedulers = Set((0..<10).map { engine.decide(.sample("\($0)", owners: owners)).route?.scheduler })
            #expect(schedulers.count == 1)
        }
        // More weight for b moves pods to b alone.
        var more = try PolicyEngine(
            texts: policy.replacing("weight: 90", with: "weight: 80").replacing("weight: 10", with: "weight: 20"))
        for index in 0..<500 where engine.decide(.sample("pod-\(index)")).route?.scheduler == "b" {
            #expect(more.decide(.sample("pod-\(index)")).route?.scheduler == "b")
        }
    }

    @Test func shadowsGetACopy() throws {
        var engine = try PolicyEngine(texts: text("rules:\n- name: r\n  actions: {scheduler: a, shadow: b}"))
        #expect(engine.decide(.sample()).route?.shadow == "b")
        #expect(engine.decide(.sample { $0.schedulerName = "own" }).route?.shadow == nil)
        let both = folder(text("rules:\n- name: r\n  actions: {scheduler: a, shadow: a}")).check()
        #expect(both.map { "\($0.place.path)" } == ["spec.rules[0].actions.shadow"])
    }

    static let specActions = """
        rules:
        - name: r
          actions:
            scheduler: s
            nodeSelector: {add: {pool: batch}, default: {disk: ssd}}
            tolerations: {add: [{key: dedicated, value: batch, effect: NoSchedule}]}
            topologySpreadConstraints:
              default: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]
            priorityClassName: {default: low}
        """

    @Test func writesIntoTheSpec() throws {
        var engine = try PolicyEngine(texts: text(Self.specActions))
        var pod = Pod.sample { $0.nodeSelector = ["disk": "hdd", "pool": "x"] }
        let decision = engine.admit(&pod)
        #expect(pod.spec.nodeSelector == ["disk": "hdd", "pool": "batch"])
        #expect(pod.spec.tolerations == [Toleration(key: "dedicated", value: "batch", effect: .noSchedule)])
        #expect(pod.spec.topologySpreadConstraints.map(\.topologyKey) == ["zone"])
        #expect(pod.spec.priorityClassName == "low")
        #expect(
            decision.specChanges.map(\.summary) == [
                "toleration dedicated=batch:NoSchedule", "spread over zone, maxSkew 1, ScheduleAnyway",
                "priority class low",
            ])
        var again = pod
        #expect(engine.admit(&again).specChanges.isEmpty)
        #expect(again == pod)
    }

    @Test func admissionResolvesThePriorityOfAPolicysClass() throws {
        var admission = Admission(
            priorityClasses: [PriorityClass(name: "low", priority: -10, preemptionPolicy: .never)],
            policies: try PolicyEngine(texts: text(Self.specActions)))
        guard case .admitted(let admitted) = admission.admit(.sample()) else {
            Issue.record("refused")
            return
        }
        #expect(admitted.pod.spec.priority == -10 && admitted.pod.spec.preemptionPolicy == .never)
        admission.priority.remove("low")
        guard case .refused(let refusal) = admission.admit(.sample()) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.message.contains("priorityClassName"))
    }

    @Test func diffShowsPodsThatMove() throws {
        let old = try policySet(policyText(rules: PolicyEngineTests.jobs))
        let new = try policySet(policyText(rules: PolicyEngineTests.jobs.replacing("gang", with: "batch")))
        let pods = [Pod.sample("job", owners: .of("Job")), .sample("other")]
        let diff = PolicyDiff(old: old, new: new, pods: pods, cluster: PolicyCluster())
        #expect(diff.changes.map(\.pod.name) == ["job"])
        #expect(diff.moves == [PolicyDiff.Move(from: "gang", to: "batch"): 1])
        #expect(diff.text.contains("gang -> batch: 1 pod\n1 of 2 pods is"))
        #expect(PolicyDiff(old: old, new: old, pods: pods, cluster: PolicyCluster()).changes.isEmpty)
    }

    @Test func benchMeasuresAndCompares() throws {
        let set = try policySet(policyText(rules: PolicyEngineTests.jobs))
        let bench = PolicyBench(
            set, pods: [.sample("job", owners: .of("Job")), .sample("other")], cluster: PolicyCluster(), rounds: 100)
        #expect(bench.all.count == 200 && bench.byRule["p/jobs"]?.count == 100 && bench.byRule["none"]?.count == 100)
        #expect(bench.all.p50Nanoseconds > 0 && bench.all.p50Nanoseconds <= bench.all.p99Nanoseconds)
        #expect(try bench.regressions(since: bench.value, threshold: 0).isEmpty)
        var faster = bench
        faster.all.p50Nanoseconds = 0
        #expect(try bench.regressions(since: faster.value, threshold: 0.5).map(\.name) == ["all"])
        #expect(throws: FieldError.self) { try bench.regressions(since: .string("x"), threshold: 0) }
    }

    @Test func reloadsWholeSetsAndKeepsTheLastGoodOne() throws {
        let good = folder(policyText(rules: PolicyEngineTests.jobs))
        let broken = folder(policyText(rules: "- name: x"))
        var reloader = PolicyReloader(.empty)
        func words(_ directives: [PolicyReloader.Directive]) -> [String] {
            directives.map { directive in
                switch directive {
                case .putInForce(let set): "put \(set.ruleCount)"
                case .keep(_, let findings): "keep \(findings.count)"
                case .recovered: "recovered"
                }
            }
        }
        #expect(words(reloader.folderRead(good)) == ["put 1"])
        let revision = reloader.current.revision
        #expect(words(reloader.folderRead(good)).isEmpty)
        #expect(words(reloader.folderRead(broken)) == ["keep 1"])
        #expect(words(reloader.folderRead(broken)).isEmpty, "the same fault is told of once")
        #expect(reloader.current.revision == revision && !reloader.errors.isEmpty)
        #expect(words(reloader.folderRead(good)) == ["recovered"])
        #expect(reloader.reloads == 1 && reloader.refusals == 2)
    }

    /// Pods keep coming while policies change: each carries the revision that decided it, and follows that revision.
    @Test func everyPodCarriesTheRevisionThatDecidedIt() throws {
        let sets = try (0..<4).map { try policySet(policyText(rules: "- name: r\n  actions: {scheduler: s\($0)}")) }
        var engine = PolicyEngine(sets[0])
        var random = SeededGenerator(seed: 9)
        var scheduler: [String: String] = [:]
        for (index, set) in sets.enumerated() { scheduler[set.revision] = "s\(index)" }
        for index in 0..<5_000 {
            if random.next(below: 50) == 0 { engine.replacePolicies(sets[random.next(below: 4)]) }
            var pod = Pod.sample("pod-\(index)")
            engine.admit(&pod)
            let revision = pod.metadata.annotations[PolicyAnnotation.revision] ?? ""
            #expect(pod.spec.schedulerName == scheduler[revision] && revision == engine.policies.revision)
        }
    }
}

/// The kind of policy that Kubernetes' design of 2016 proposed.
@Suite struct MetadataPolicyTests {
    static let text = """
        apiVersion: switchyard.dev/v1alpha1
        kind: MetadataPolicy
        metadata: {name: qos, namespace: shop}
        spec:
          rules:
          - policyPredicate:
              annotationSelector: {matchLabels: {scheduler.alpha.kubernetes.io/qos: Guaranteed}}
            policyAction:
              updatedAnnotations: {scheduler.alpha.kubernetes.io/name: spread, seen: "yes"}
          - policyPredicate:
              labelSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}
            policyAction: {updatedLabels: {team: shop}}
          - policyPredicate: {labelSelector: {matchLabels: {forbidden: "true"}}}
            policyAction: {reject: true, updatedLabels: {never: written}}
        """

    @Test func routesUpdatesAndRefusesInItsNamespaceOnly() throws {
        var admission = Admission(policies: try PolicyEngine(texts: Self.text))
        func guaranteed(_ namespace: String, _ labels: [String: String] = [:]) -> Pod {
            .sample(namespace: namespace, labels: labels) { $0.containers[0].limits = $0.containers[0].requests }
        }
        guard case .admitted(let pod) = admission.admit(guaranteed("shop")) else {
            Issue.record("refused")
            return
        }
        #expect(pod.pod.spec.schedulerName == "spread" && pod.pod.metadata.labels["team"] == "shop")
        #expect(pod.pod.metadata.annotations["seen"] == "yes")
        #expect(pod.decision?.route?.rule == RuleReference(policy: "shop.qos", rule: "rule-0"))
        guard case .refused(let refusal) = admission.admit(guaranteed("shop", ["forbidden": "true"])) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.rule == "rule-2" && refusal.message.contains("shop/qos"))
        guard case .admitted(let elsewhere) = admission.admit(guaranteed("default")) else {
            Issue.record("refused")
            return
        }
        #expect(elsewhere.pod.spec.schedulerName == "binpack" && elsewhere.pod.metadata.labels.isEmpty)
    }

    @Test(arguments: [
        ("reject: true", "rejekt: true", "did you mean \"reject\""),
        ("spread,", "\"not a name\",", "the name of a scheduler"),
        ("policyAction: {updatedLabels: {team: shop}}", "policyAction: {}", "nothing to do"),
        ("seen:", "switchyard.dev/rule:", "does not write itself"),
    ])
    func namesItsFaults(old: String, new: String, words: String) throws {
        let found = folder(Self.text.replacing(old, with: new)).check()
        try #require(found.count == 1, "\(found.map(\.text))")
        #expect(found[0].text.contains(words) && found[0].place.line > 4, "\(found[0].text)")
    }
}
