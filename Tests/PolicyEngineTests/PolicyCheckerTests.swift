import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct PolicyCheckerTests {
    private func findings(_ rules: String, schedulers: Set<String>? = nil) -> [PolicyFinding] {
        folder(policyText(rules: rules)).check(schedulers: schedulers)
    }

    @Test func namesUnknownSchedulers() throws {
        let rules = "- name: a\n  actions: {scheduler: gnag, fallback: [binpack, nobody]}"
        let found = findings(rules, schedulers: ["gang", "binpack", "spread"])
        #expect(found.map(\.code) == [.unknownScheduler, .unknownScheduler])
        #expect(found.contains { $0.text.contains("did you mean \"gang\"") && $0.place.line == 8 })
        #expect(findings(rules).isEmpty)
    }

    @Test(arguments: [
        "- name: a\n  actions: {scheduler: s, fallback: s}",
        """
        - name: a
          match: {ownerKinds: [Job]}
          actions: {scheduler: s, fallback: t}
        - name: b
          match: {ownerKinds: [ReplicaSet]}
          actions: {scheduler: t, fallback: [u]}
        - name: c
          actions: {scheduler: u, fallback: [v, s]}
        """,
    ])
    func findsFallbackCycles(rules: String) throws {
        let found = findings(rules)
        #expect(found.map(\.code) == [.fallbackCycle])
        #expect(found[0].severity == .error && found[0].found.hasPrefix("s ->") && found[0].place.line > 0)
    }

    @Test func acceptsFallbacksThatEnd() {
        let rules = """
            - name: a
              match: {ownerKinds: [Job]}
              actions: {scheduler: s, fallback: [t, u]}
            - name: b
              actions: {scheduler: t, fallback: u}
            """
        #expect(findings(rules).isEmpty)
    }

    @Test(arguments: [
        "match: {labelSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: NotIn, values: [b]}]}}",
        "match: {labelSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: DoesNotExist}]}}",
        "match: {namespaces: [team-a], excludeNamespaces: [team-*]}",
    ])
    func findsRulesThatCannotMatch(match: String) {
        let found = findings("- name: a\n  \(match)\n  actions: {scheduler: s}")
        #expect(found.map(\.code) == [.neverMatches])
        #expect(found.first?.place.line == 8)
    }

    @Test func findsConditionsThatContradictThePolicys() {
        let text = """
            apiVersion: switchyard.dev/v1alpha1
            kind: SchedulingPolicy
            metadata: {name: p}
            spec:
              match: {podGroup: none}
              rules:
              - name: a
                match: {podGroup: {names: [g]}}
                actions: {scheduler: s}
            """
        #expect(folder(text).check().map(\.code) == [.neverMatches])
    }

    /// Two rules of which the second is shadowed as the code says.
    struct Shadow: Sendable {
        let first: String
        let second: String
        let code: PolicyFinding.Code?
    }

    @Test(arguments: [
        Shadow(
            first: "actions: {scheduler: s}", second: "match: {ownerKinds: [Job]}\n  actions: {scheduler: t}",
            code: .shadowed),
        Shadow(
            first: "match: {ownerKinds: [Job]}\n  actions: {scheduler: t}", second: "actions: {scheduler: s}",
            code: nil),
        Shadow(
            first: "match: {namespaces: [team-*]}\n  actions: {scheduler: s}",
            second: "match: {namespaces: [team-a, team-b-*]}\n  actions: {scheduler: t}", code: .shadowed),
        Shadow(
            first: "match: {namespaces: [team-*]}\n  actions: {scheduler: s}",
            second: "match: {namespaces: [team-a, other]}\n  actions: {scheduler: t}", code: nil),
        Shadow(
            first: "match: {requests: {cpu: {min: 1}}}\n  actions: {scheduler: s}",
            second: "match: {requests: {cpu: {min: 1500m, max: 3}}}\n  actions: {scheduler: t}", code: .shadowed),
        Shadow(
            first: "match: {requests: {cpu: {min: 2}}}\n  actions: {scheduler: s}",
            second: "match: {requests: {cpu: {min: 1500m}}}\n  actions: {scheduler: t}", code: nil),
        Shadow(
            first: "actions: {scheduler: s}", second: "actions: {scheduler: t, labels: {add: {a: b}}}",
            code: .partlyShadowed),
        Shadow(
            first: "actions: {labels: {add: {a: x}}}", second: "actions: {labels: {default: {a: b}}}",
            code: .shadowed),
        Shadow(first: "actions: {labels: {default: {a: x}}}", second: "actions: {labels: {add: {a: b}}}", code: nil),
        Shadow(
            first: "match: {podGroup: any}\n  actions: {reject: {message: stop}}",
            second: "match: {podGroup: {minMember: {min: 3}}}\n  actions: {scheduler: t}", code: .shadowed),
        Shadow(
            first: "actions: {scheduler: s}", second: "match: {podGroup: any}\n  actions: {reject: {message: stop}}",
            code: nil),
    ])
    func findsShadowedRules(_ shadow: Shadow) throws {
        let found = findings("- name: first\n  \(shadow.first)\n- name: second\n  \(shadow.second)")
        #expect(found.map(\.code) == (shadow.code.map { [$0] } ?? []), "\(found.map(\.text))")
        guard let finding = found.first else { return }
        #expect(finding.found.contains("p/first (p.yaml:7)"))
        #expect(finding.witness != nil)
        #expect(finding.severity == (shadow.code == .shadowed ? .error : .warning))
    }

    @Test func aLaterRefusalShadowsToo() {
        let rules = """
            - name: route
              match: {ownerKinds: [Job]}
              actions: {scheduler: s}
            - name: refuse
              match: {ownerKinds: [Job, CronJob]}
              actions: {reject: {message: stop}}
            """
        let found = findings(rules)
        #expect(found.map(\.code) == [.shadowed])
        #expect(found.first?.place.path == FieldPath([.key("spec"), .key("rules"), .index(0), .key("name")]))
    }

    @Test func findsContradictionsWithAPodThatShowsThem() throws {
        let rules = """
            - name: by-app
              match: {labelSelector: {matchLabels: {app: web}}}
              actions: {labels: {add: {tier: front}}}
            - name: by-owner
              match: {ownerKinds: [Job]}
              actions: {labels: {add: {tier: batch}}}
            """
        let found = findings(rules)
        #expect(found.map(\.code) == [.contradiction])
        let witness = try #require(found.first?.witness)
        #expect(witness.metadata.labels["app"] == "web" && witness.metadata.ownerReferences[0].kind == "Job")
        #expect(
            findings(
                rules.replacing("[Job]", with: "[Job]\n    labelSelector: {matchLabels: {app: db}}")
                    .replacing("match: {ownerKinds: [Job]\n", with: "match:\n    ownerKinds: [Job]\n")
                    .replacing("{app: db}}}", with: "{app: db}}")
            ).isEmpty)
    }

    @Test func findsRulesThatUndoEachOther() throws {
        let rules = """
            - name: up
              match: {labelSelector: {matchLabels: {size: small}}}
              actions: {labels: {add: {size: large}}}
            - name: down
              match: {labelSelector: {matchLabels: {size: large}}}
              actions: {labels: {add: {size: small}}}
            """
        let found = findings(rules)
        #expect(found.map(\.code) == [.unstable, .unstable])
        #expect(found.allSatisfy { $0.witness != nil && $0.severity == .warning })
    }

    @Test func findsRoutesThatChangeOnReadmission() {
        let rules = """
            - name: marked
              match: {labelSelector: {matchLabels: {mark: "yes"}}}
              actions: {scheduler: s}
            - name: mark
              actions: {scheduler: t, labels: {add: {mark: "yes"}}}
            """
        let found = findings(rules)
        #expect(found.map(\.code) == [.unstable])
        #expect(found.first?.found.contains("t, then s") == true)
    }

    /// A rule that is called shadowed changes no decision when it is taken out.
    @Test(arguments: 1...12)
    func shadowedRulesHaveNoEffect(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let policy = SchedulingPolicy(
            name: "p",
            rules: (0..<12).map { RandomPolicies.policy(named: "x\($0)", &random).rules[0] }.enumerated().map {
                var rule = $0.element
                rule.name = "r\($0.offset)"
                return rule
            })
        let source = try #require(folder(policyText(rules: PolicyEngineTests.jobs)).policies.first).source
        let checker = PolicyChecker([LoadedPolicy(policy: policy, source: source)], schedulers: nil)
        let cluster = RandomPolicies.cluster(&random)
        for finding in checker.shadowedRules(withWitnesses: true) where finding.code == .shadowed {
            guard case .index(let index) = finding.place.path.elements[2] else { continue }
            var without = policy
            without.rules.remove(at: index)
            for number in 0..<80 {
                let pod = RandomPolicies.pod(number, &random)
                // Explained, since deciding would remember the groups.
                var with = PolicyEngine(PolicySet([policy]), cluster: cluster).explain(pod).decision
                var out = PolicyEngine(PolicySet([without]), cluster: cluster).explain(pod).decision
                (with.revision, out.revision) = ("", "")
                if with.rejection != nil || out.rejection != nil {
                    #expect((with.rejection == nil) == (out.rejection == nil), "seed \(seed) \(finding.text)")
                } else {
                    #expect(with == out, "seed \(seed) \(finding.text)")
                }
            }
        }
    }

    /// A pod can be shown for many a rule with expressions, and none that does not meet them.
    @Test(arguments: [
        ("object.metadata.labels['app'] == 'web'", true), ("object.metadata.labels.app.startsWith('db-')", true),
        ("has(object.metadata.labels.team) && object.metadata.annotations['x/y'] == 'z'", true),
        ("object.metadata.name.matches('^web-[0-9]+$')", false), ("podGroup.minMember >= 32", true),
        ("object.spec.priority > 1000", true), ("object.spec.containers.all(c, c.image.startsWith('r/'))", true),
        ("object.metadata.labels['a'] != object.metadata.labels['a']", false), ("podGroup == null", true),
    ])
    func witnessesForExpressions(_ source: String, _ isFound: Bool) throws {
        let rule = "- name: r\n  matchConditions: [{name: c, expression: \"\(source)\"}]\n  actions: {scheduler: s}"
        let set = try policySet(policyText(rules: rule))
        let witness = WitnessPod(meeting: set.rules[0].conditions)
        #expect((witness != nil) == isFound, "\(source)")
        guard let witness else { return }
        var engine = PolicyEngine(set, cluster: witness.cluster)
        #expect(engine.decide(witness.pod).route?.scheduler == "s")
    }
}
