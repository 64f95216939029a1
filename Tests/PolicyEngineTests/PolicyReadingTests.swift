import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct PolicyReadingTests {
    /// A fault in a rule: the rule, the line in the rule at which it must be reported, the field, and words of the error.
    struct Fault: CustomTestStringConvertible, Sendable {
        let rule: String
        let line: Int
        let field: String
        let words: String
        var testDescription: String { "\(field): \(words)" }
    }

    @Test(arguments: [
        Fault(
            rule: "- name: a\n  match: {labelSelecter: {}}\n  actions: {scheduler: s}", line: 2,
            field: "match.labelSelecter", words: "did you mean \"labelSelector\""),
        Fault(
            rule: "- name: a\n  actions:\n    schedular: s", line: 3, field: "actions.schedular",
            words: "did you mean \"scheduler\""),
        Fault(rule: "- name: a", line: 1, field: "actions", words: "what the rule does"),
        Fault(rule: "- name: a\n  actions: {}", line: 2, field: "actions", words: "at least one of scheduler"),
        Fault(rule: "- actions: {scheduler: s}", line: 1, field: "name", words: "a name for the rule"),
        Fault(rule: "- name: Jobs!\n  actions: {scheduler: s}", line: 1, field: "name", words: "a name of a-z"),
        Fault(
            rule: "- name: a\n  match: {namespaces: team-a}\n  actions: {scheduler: s}", line: 2,
            field: "match.namespaces", words: "a list"),
        Fault(
            rule: "- name: a\n  match: {namespaces: []}\n  actions: {scheduler: s}", line: 2,
            field: "match.namespaces", words: "at least one namespace"),
        Fault(
            rule: "- name: a\n  match:\n    namespaces:\n    - ok\n    - Team_A\n  actions: {scheduler: s}", line: 5,
            field: "match.namespaces[1]", words: "glob with * and ?"),
        Fault(
            rule: "- name: a\n  match: {labelSelector: {matchLabels: {app: [x]}}}\n  actions: {scheduler: s}",
            line: 2, field: "match.labelSelector.matchLabels.app", words: "a string"),
        Fault(
            rule: "- name: a\n  match: {labelSelector: {matchLabels: {\"-\": x}}}\n  actions: {scheduler: s}",
            line: 2, field: "match.labelSelector.matchLabels.-", words: "a key such as app"),
        Fault(
            rule: """
                - name: a
                  match:
                    labelSelector:
                      matchExpressions:
                      - {key: app, operator: In}
                  actions: {scheduler: s}
                """, line: 5, field: "match.labelSelector.matchExpressions[0].values", words: "at least one value"),
        Fault(
            rule: """
                - name: a
                  match:
                    labelSelector:
                      matchExpressions:
                      - {key: app, operator: Exists, value: x}
                  actions: {scheduler: s}
                """, line: 5, field: "match.labelSelector.matchExpressions[0].value",
            words: "did you mean \"values\""),
        Fault(
            rule: "- name: a\n  match: {ownerKinds: [job]}\n  actions: {scheduler: s}", line: 2,
            field: "match.ownerKinds[0]", words: "a kind such as Job"),
        Fault(
            rule: "- name: a\n  match: {priority: {min: 5, max: 1}}\n  actions: {scheduler: s}", line: 2,
            field: "match.priority.max", words: "at least min, 5"),
        Fault(
            rule: "- name: a\n  match: {priority: {}}\n  actions: {scheduler: s}", line: 2, field: "match.priority",
            words: "min, max or both"),
        Fault(
            rule: "- name: a\n  match: {priority: {min: high}}\n  actions: {scheduler: s}", line: 2,
            field: "match.priority.min", words: "a whole number"),
        Fault(
            rule: "- name: a\n  match: {qosClasses: [guaranteed]}\n  actions: {scheduler: s}", line: 2,
            field: "match.qosClasses[0]", words: "did you mean \"Guaranteed\""),
        Fault(
            rule: "- name: a\n  match: {podGroup: some}\n  actions: {scheduler: s}", line: 2, field: "match.podGroup",
            words: "one of \"any\", \"none\""),
        Fault(
            rule: "- name: a\n  match: {requests: {cpu: {min: lots}}}\n  actions: {scheduler: s}", line: 2,
            field: "match.requests.cpu.min", words: "a quantity"),
        Fault(
            rule: "- name: a\n  match: {requests: {cpu: 4}}\n  actions: {scheduler: s}", line: 2,
            field: "match.requests.cpu", words: "a mapping"),
        Fault(
            rule: "- name: a\n  actions: {scheduler: s, reject: {message: stop}}", line: 2, field: "actions.reject",
            words: "no other action beside reject"),
        Fault(
            rule: "- name: a\n  actions: {reject: {message: \" \"}}", line: 2, field: "actions.reject.message",
            words: "an empty one"),
        Fault(rule: "- name: a\n  actions: {reject: never}", line: 2, field: "actions.reject", words: "a mapping"),
        Fault(
            rule: "- name: a\n  actions: {scheduler: s, whenUnavailable: fallback}", line: 2,
            field: "actions.fallback", words: "the scheduler to fall back to"),
        Fault(
            rule: "- name: a\n  actions: {scheduler: s, whenUnavailable: queue, fallback: t}", line: 2,
            field: "actions.whenUnavailable", words: "since a fallback is given"),
        Fault(
            rule: "- name: a\n  actions: {split: [{scheduler: s, weight: 0}, {scheduler: t, weight: 0}]}", line: 2,
            field: "actions.split", words: "a weight above 0"),
        Fault(
            rule: "- name: a\n  actions: {scheduler: s, whenNamed: honor}", line: 2, field: "actions.whenNamed",
            words: "did you mean \"honour\""),
        Fault(
            rule: "- name: a\n  actions: {whenNamed: override, labels: {add: {a: b}}}", line: 2,
            field: "actions.whenNamed", words: "a scheduler beside it"),
        Fault(
            rule: "- name: a\n  actions: {labels: {add: {team: \"a b\"}}}", line: 2, field: "actions.labels.add.team",
            words: "a label value"),
        Fault(
            rule: "- name: a\n  actions: {labels: {set: {team: b}}}", line: 2, field: "actions.labels.set",
            words: "one of the fields add, default"),
        Fault(
            rule: "- name: a\n  actions: {labels: {add: {x: a}, default: {x: b}}}", line: 2,
            field: "actions.labels.default.x", words: "not under add too"),
        Fault(
            rule: "- name: a\n  actions: {annotations: {add: {switchyard.dev/policy: x}}}", line: 2,
            field: "actions.annotations.add[switchyard.dev/policy]", words: "does not write itself"),
    ])
    func namesTheFault(_ fault: Fault) throws {
        let findings = folder(policyText(rules: fault.rule)).check()
        try #require(findings.count == 1, "\(findings.map(\.text))")
        let finding = findings[0]
        #expect(finding.severity == .error)
        #expect(finding.place.line == fault.line + 6, "\(finding.text)")
        #expect(finding.place.column > 0)
        #expect("\(finding.place.path)" == "spec.rules[0].\(fault.field)")
        #expect(finding.text.contains(fault.words), "\(finding.text)")
    }

    @Test(arguments: [
        ("kind: SchedulingPolicy\nmetadata: {name: a}\nspec: {rules: []}", 1, "switchyard.dev/v1alpha1"),
        ("apiVersion: v1\nkind: SchedulingPolicy\nmetadata: {name: a}\nspec: {rules: []}", 1, "apiVersion"),
        ("apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolcy\nmetadata: {name: a}", 2, "did you mean"),
        ("apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {name: a}", 1, "the policy's rules"),
        (
            "apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {name: a}\nspec: {rules: []}", 4,
            "at least one rule"
        ),
        ("apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {}\nspec: {rules: []}", 3, "a name"),
        (
            "apiVersion: switchyard.dev/v1alpha1\nkind: SchedulingPolicy\nmetadata: {name: a}\nspec: {rulez: []}", 4,
            "did you mean \"rules\""
        ),
        ("apiVersion: [", 1, "unreadable"), ("a: 1\na: 2", 2, "bad-field"), ("", 0, "unreadable"),
        ("- 1\n- 2", 1, "kind"), ("just text", 1, "kind"),
    ])
    func refusesBrokenDocuments(text: String, line: Int, words: String) throws {
        let findings = folder(text).check()
        let finding = try #require(findings.first { $0.text.contains(words) }, "\(findings.map(\.text))")
        #expect(finding.severity == .error)
        #expect(finding.place.line == line || line == 0, "\(finding.text)")
        #expect(throws: PolicyErrors.self) { try folder(text).policySet() }
    }

    @Test func findsFaultsOfAllRules() {
        let rules = "- name: a\n  actions: {}\n- name: b\n  actions: {scheduler: s}\n- name: c\n  match: {x: 1}"
        let lines = folder(policyText(rules: rules)).check().map(\.place.line)
        // The third one has no action either.
        #expect(lines == [8, 11, 12])
    }

    /// One look finds the faults of all fields of a policy, and of all policies of a file.
    @Test func findsFaultsOfAllFields() {
        func paths(_ specs: String...) -> [String] {
            folder(
                specs.enumerated().map { number, spec in
                    """
                    apiVersion: switchyard.dev/v1alpha1
                    kind: SchedulingPolicy
                    metadata: {name: p\(number)}
                    spec: \(spec)

                    """
                }.joined(separator: "---\n")
            ).check().map { "\($0.place.path)" }
        }
        let rule = "{name: a, actions: {scheduler: s}}"
        #expect(
            paths(
                """
                {order: 1.5, description: 3, matchConstraints: {matchPolicy: x}, match: {x: 1}, variables: [1],
                  matchConditions: [{name: a}], failurePolicy: ignore, exceptions: [{name: e}], rules: [{name: b}]}
                """
            ) == [
                "spec.order", "spec.description", "spec.matchConstraints.matchPolicy", "spec.match.x",
                "spec.variables[0]", "spec.matchConditions[0].expression", "spec.failurePolicy",
                "spec.exceptions[0].until", "spec.rules[0].actions",
            ])
        let exception = "{name: e, until: 2030-01-01, rules: [x, a, z], match: {namespaces: [shop]}}"
        #expect(
            paths("{exceptions: [\(exception), {name: e, until: 2030-01-01, match: {}}], rules: [\(rule)]}") == [
                "spec.exceptions[0].rules[0]", "spec.exceptions[0].rules[2]", "spec.exceptions[1].name",
            ])
        // What is wrong with one policy does not hide what is wrong with the next.
        let conditions = "matchConditions: [{name: c, expression: x}]"
        #expect(
            paths("{order: a, rules: [\(rule)]}", "{\(conditions), rules: [\(rule)]}") == [
                "spec.order", "spec.matchConditions[0].expression",
            ])
    }

    @Test func sumsUp() {
        func summary(_ texts: String...) -> String {
            var folder = PolicyFolder()
            for (index, text) in texts.enumerated() { folder.add(text: text, file: "p\(index).yaml") }
            return PolicyFinding.summary(of: folder.check(), folder.policies.map(\.policy))
        }
        let rule = "- name: a\n  actions: {scheduler: s}"
        let good = policyText("good", rules: rule)
        let ended = policyText("ended", rules: rule + "\nexceptions: [{name: e, until: 2020-01-01, match: {}}]")
        #expect(summary() == "no policies: nothing to complain about")
        #expect(summary(good) == "1 policy with 1 rule: nothing to complain about")
        #expect(summary(policyText("bad", rules: "- name: a\n- name: b")) == "2 errors; no policies could be read")
        #expect(summary(good, policyText("bad", rules: "- name: a")) == "1 error; 1 policy with 1 rule could be read")
        #expect(summary(ended).hasSuffix("1 policy with 1 rule: 1 warning"))
    }

    @Test func refusesHugeAndBombastic() {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (last, next) in zip("abcdefgh", "bcdefghi") {
            bomb += "\(next): &\(next) [\(Array(repeating: "*\(last)", count: 10).joined(separator: ", "))]\n"
        }
        for text in [bomb, String(repeating: "[", count: 100_000), String(repeating: "x", count: 10 << 20)] {
            let start = ContinuousClock.now
            let findings = folder(text).check()
            #expect(findings.count == 1 && findings[0].severity == .error)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func loadsWholeOrNotAtAll() {
        let good = policyText("good", rules: "- name: a\n  actions: {scheduler: s}")
        let bad = policyText("bad", rules: "- name: a\n  actions: {scheduler: 7}")
        #expect(throws: Never.self) { try folder(good).policySet() }
        #expect(throws: PolicyErrors.self) { try folder(good, bad).policySet() }
    }

    @Test func refusesDuplicateNames() throws {
        let rule = "- name: a\n  actions: {scheduler: s}"
        let policies = folder(policyText("p", rules: rule), policyText("p", order: 5, rules: rule)).check()
        let finding = try #require(policies.first)
        #expect(finding.code == .duplicateName && finding.place.path == FieldPath("metadata", "name"))
        let rules = folder(policyText(rules: rule + "\n" + rule)).check()
        #expect(rules.map { "\($0.place.path)" } == ["spec.rules[1].name"])
    }

    @Test func writtenFormReadsBackEqual() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let policy = RandomPolicies.policy(named: "p", &random)
            var errors: [FieldError] = []
            let read = SchedulingPolicy.read(policy.value, errors: &errors)
            #expect(errors.isEmpty && read == policy, "\(policy.value) \(errors)")
        }
    }

    @Test func revisionDependsOnContentAlone() throws {
        let a = policyText("a", rules: "- name: x\n  actions: {scheduler: s}")
        let b = policyText("b", rules: "- name: x\n  actions: {labels: {add: {t: t}}}")
        let both = try policySet(a, b)
        #expect(both.revision == (try policySet("# a comment\n" + b, a)).revision)
        #expect(both.revision != (try policySet(a)).revision)
        #expect(both.revision != (try policySet(a, b.replacing("{t: t}", with: "{t: u}"))).revision)
        #expect(both.revision.count == 10)
        #expect(PolicySet.empty.ruleCount == 0)
    }
}
