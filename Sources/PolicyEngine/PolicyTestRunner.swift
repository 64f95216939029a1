import ClusterModel

/// Runs policy tests with the engine that routes pods, and says what differs from what was expected.
public struct PolicyTestRunner: Sendable {
    private let policies: PolicySet

    /// A runner for tests of these policies.
    public init(_ policies: PolicySet) {
        self.policies = policies
    }

    /// Runs all tests, each case on an engine of its own.
    public func run(_ tests: [LoadedTest]) -> PolicyTestReport {
        var report = PolicyTestReport(results: [], uncovered: [], ruleCount: policies.ruleCount)
        var reached: Set<RuleReference> = []
        for loaded in tests {
            for testCase in loaded.test.cases {
                report.results.append(run(testCase, of: loaded, &reached))
            }
        }
        report.uncovered = policies.rules.map(\.reference).filter { !reached.contains($0) }
        return report
    }

    /// Whether every case passes; stops at the first that fails.
    func allPass(_ tests: [LoadedTest]) -> Bool {
        var reached: Set<RuleReference> = []
        return tests.allSatisfy { loaded in
            loaded.test.cases.allSatisfy { run($0, of: loaded, &reached).passed }
        }
    }

    private func run(
        _ testCase: PolicyTest.Case, of loaded: LoadedTest, _ reached: inout Set<RuleReference>
    ) -> PolicyTestResult {
        let test = loaded.test
        var schedulers = test.schedulers
        if !testCase.schedulers.isEmpty { schedulers = (schedulers ?? [:]).merging(testCase.schedulers) { $1 } }
        var engine = PolicyEngine(
            policies,
            cluster: PolicyCluster(
                namespaces: test.namespaces, groups: test.groups, schedulers: schedulers,
                defaultScheduler: test.defaultScheduler,
                timeSeconds: testCase.timeSeconds ?? test.timeSeconds ?? PolicyCluster.now()))
        for object in test.objects { try? engine.setObject(object) }
        let request = testCase.userInfo.map { PolicyRequest(userInfo: $0) }
        var result = PolicyTestResult(
            test: test.name, name: testCase.name, place: loaded.source.place(testCase.path), differences: [])
        for (index, original) in testCase.pods.enumerated() {
            var pod = original
            // As admission does before it asks the policies; a class that the test does not name has no number here.
            try? PriorityClasses(test.priorityClasses).resolve(&pod)
            pod.metadata.annotations[PolicyAnnotation.qos] = pod.spec.qosClass.rawValue
            let decision = engine.admit(&pod, for: request)
            if let rule = decision.route?.rule ?? decision.rejection?.rule { reached.insert(rule) }
            for change in decision.changes { reached.insert(change.rule) }
            for change in decision.specChanges { reached.insert(change.rule) }
            for note in decision.warnings + decision.audits { if let rule = note.rule { reached.insert(rule) } }
            let differences = testCase.expect.differences(decision, pod)
            let prefix = testCase.pods.count > 1 ? "pods[\(index)] \(pod.metadata.key): " : ""
            result.differences += differences.map { difference in
                var named = difference
                named.field = prefix + difference.field
                return named
            }
        }
        return result
    }
}

/// How the cases of some policy tests came out.
public struct PolicyTestReport: Hashable, Sendable {
    /// The cases in the order of the files.
    public var results: [PolicyTestResult]
    /// Rules that routed, refused or changed no pod of any case.
    public var uncovered: [RuleReference]
    /// How many rules there are.
    public var ruleCount: Int

    /// Whether a rule that no case reached is a failure.
    public var requiresCoverage = false

    /// The cases that failed.
    public var failures: [PolicyTestResult] { results.filter { !$0.passed } }
    /// Whether every case passed, there was one, and the rules are reached if they must be.
    public var passed: Bool {
        !results.isEmpty && failures.isEmpty && (!requiresCoverage || uncovered.isEmpty)
    }
}

/// How one case came out.
public struct PolicyTestResult: Hashable, Sendable {
    /// The test that the case belongs to.
    public var test: String
    /// The case's name.
    public var name: String
    /// Where the case stands.
    public var place: PolicyFinding.Place
    /// What is not as expected; empty where the case passed.
    public var differences: [Difference]

    /// Whether everything is as expected.
    public var passed: Bool { differences.isEmpty }

    /// One thing that is not as expected.
    public struct Difference: Hashable, Sendable {
        /// What it is, such as `scheduler`, `labels[team]` or `rejected.message`.
        public var field: String
        /// What was expected.
        public var expected: String
        /// What came out.
        public var actual: String
    }
}

extension PolicyTest.Expectation {
    /// What of a decision, and of the pod as it was admitted, is not as expected.
    func differences(_ decision: PolicyDecision, _ pod: Pod) -> [PolicyTestResult.Difference] {
        if let rejected { return rejected.differences(decision) }
        guard let route = decision.route else {
            return [.init(field: "rejected", expected: "no refusal", actual: decision.headline)]
        }
        var result: [PolicyTestResult.Difference] = []
        func compare(_ field: String, _ expected: String?, _ actual: String?) {
            guard let expected, expected != actual else { return }
            result.append(.init(field: field, expected: expected, actual: actual ?? "none"))
        }
        compare("scheduler", scheduler, route.scheduler)
        compare("policy", policy, route.rule?.policy)
        compare("rule", rule, route.rule?.rule)
        if wantsNoRule, let found = route.rule {
            result.append(.init(field: "rule", expected: "no rule that routes", actual: "\(found)"))
        }
        compare("origin", origin?.rawValue, route.origin.rawValue)
        compare("waits", waits.map { "\($0)" }, "\(route.availability.word == "waiting")")
        for (field, wanted, actual) in [
            ("labels", labels, pod.metadata.labels), ("annotations", annotations, pod.metadata.annotations),
        ] {
            for (key, value) in wanted.sorted(by: { $0.key < $1.key }) where actual[key] != value {
                result.append(
                    .init(field: "\(field)[\(key)]", expected: value ?? "absent", actual: actual[key] ?? "absent"))
            }
        }
        result += specDifferences(pod)
        if let changes { result += changes.differences(decision) }
        compare("shadow", shadow, route.shadow ?? (shadow == "" ? "" : nil))
        if let warnings { result += Self.differences("warnings", warnings, decision.warnings) }
        if let audits { result += Self.differences("audits", audits, decision.audits) }
        return result
    }

    private static func differences(
        _ field: String, _ expected: [String], _ notes: [PolicyWarning]
    ) -> [PolicyTestResult.Difference] {
        let actual = notes.map(\.message)
        if expected.isEmpty, !actual.isEmpty {
            return [.init(field: field, expected: "none", actual: actual.joined(separator: "; "))]
        }
        return expected.filter { text in !actual.contains { $0.contains(text) } }.map { text in
            let all = actual.isEmpty ? "none" : actual.joined(separator: "; ")
            return .init(field: field, expected: "one with \"\(text)\"", actual: all)
        }
    }
}

extension PolicyTest.Expectation {
    /// What of the admitted pod's spec is not as expected.
    fileprivate func specDifferences(_ pod: Pod) -> [PolicyTestResult.Difference] {
        var result: [PolicyTestResult.Difference] = []
        func add(_ field: String, _ expected: String, _ actual: String) {
            result.append(.init(field: field, expected: expected, actual: actual))
        }
        let spec = pod.spec
        for (key, value) in nodeSelector.sorted(by: { $0.key < $1.key }) where spec.nodeSelector[key] != value {
            add("nodeSelector[\(key)]", value ?? "absent", spec.nodeSelector[key] ?? "absent")
        }
        func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.sorted().joined(separator: "; ") }
        if let tolerations, Set(tolerations) != Set(spec.tolerations) {
            func words(_ items: [Toleration]) -> String { list(items.map { SpecChange.Content.toleration($0).words }) }
            add("tolerations", words(tolerations), words(spec.tolerations))
        }
        if let schedulingGates, Set(schedulingGates) != Set(spec.schedulingGates) {
            add("schedulingGates", list(schedulingGates), list(spec.schedulingGates))
        }
        let actual = Affinity(
            requiredNodes: spec.affinity.requiredNodes, preferredNodes: spec.affinity.preferredNodes)
        if let nodeAffinity, nodeAffinity != actual {
            func words(_ affinity: Affinity) -> String {
                list(
                    (affinity.requiredNodes.map { [SpecChange.Content.requiredNodes($0).words] } ?? [])
                        + affinity.preferredNodes.map { SpecChange.Content.preferredNodes($0).words })
            }
            add("nodeAffinity", words(nodeAffinity), words(actual))
        }
        for (field, wanted) in [("requests", requests), ("limits", limits)] {
            for (name, amounts) in wanted.sorted(by: { $0.key < $1.key }) {
                let container = (spec.containers + spec.initContainers).first { $0.name == name }
                for (resource, amount) in amounts.sorted(by: { $0.key < $1.key }) {
                    let stated = field == "requests" ? container?.requests[resource] : container?.limits[resource]
                    guard stated != amount || container == nil else { continue }
                    let found = container == nil ? "no such container" : stated?.description ?? "none"
                    add("\(field)[\(name)].\(resource)", amount?.description ?? "none", found)
                }
            }
        }
        return result
    }
}

extension PolicyTest.Changes {
    func differences(_ decision: PolicyDecision) -> [PolicyTestResult.Difference] {
        var result: [PolicyTestResult.Difference] = []
        for (target, wanted) in [
            (MetadataChange.Target.label, labels), (.annotation, annotations), (.nodeSelector, nodeSelector),
        ] {
            let written = decision.changes.filter { $0.target == target }
            let actual: [String: String?] = Dictionary(written.map { ($0.key, $0.value) }) { first, _ in first }
            func words(_ value: String??) -> String { value.map { $0 ?? "removed" } ?? "not written" }
            for key in Set(wanted.keys).union(actual.keys).sorted() where wanted[key] != actual[key] {
                result.append(
                    .init(
                        field: "changes.\(target == .nodeSelector ? "nodeSelector" : "\(target.rawValue)s")[\(key)]",
                        expected: words(wanted[key]), actual: words(actual[key])))
            }
        }
        let written = decision.specChanges.map(\.summary).sorted()
        if written != spec.sorted() {
            func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.joined(separator: "; ") }
            result.append(.init(field: "changes.spec", expected: list(spec.sorted()), actual: list(written)))
        }
        return result
    }
}

extension PolicyTest.Rejection {
    func differences(_ decision: PolicyDecision) -> [PolicyTestResult.Difference] {
        guard let rejection = decision.rejection else {
            return [.init(field: "rejected", expected: "a refusal", actual: decision.headline)]
        }
        var result: [PolicyTestResult.Difference] = []
        if let policy, policy != rejection.rule.policy {
            result.append(.init(field: "rejected.policy", expected: policy, actual: rejection.rule.policy))
        }
        if let rule, rule != rejection.rule.rule {
            result.append(.init(field: "rejected.rule", expected: rule, actual: rejection.rule.rule))
        }
        if let message, !rejection.message.contains(message) {
            result.append(
                .init(field: "rejected.message", expected: "a text with \"\(message)\"", actual: rejection.message))
        }
        return result
    }
}
