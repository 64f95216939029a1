import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// The policies that come with the package, and the tests beside them.
@Suite struct ShippedPoliciesTests {
    static let schedulers: Set<String> = ["binpack", "gang", "spread"]

    static let folder = PolicyFolder(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("policies").path)

    @Test func areWithoutFault() {
        let findings = Self.folder.check(schedulers: Self.schedulers)
        #expect(findings.isEmpty, "\(findings.map(\.text))")
    }

    @Test func passTheirTestsAndReachEveryRule() throws {
        let report = PolicyTestRunner(try Self.folder.policySet()).run(Self.folder.tests)
        #expect(report.passed, "\(report.text)")
        #expect(report.uncovered.isEmpty, "\(report.text)")
    }

    /// Any rule changed in any one way makes a test fail.
    @Test func testsNoticeEveryMutation() throws {
        let policies = Self.folder.policies.map(\.policy)
        var mutants = 0
        for (p, policy) in policies.enumerated() {
            for (r, rule) in policy.rules.enumerated() {
                for (what, mutant) in Mutation.mutants(of: rule) {
                    var changed = policies
                    changed[p].rules[r] = mutant
                    mutants += 1
                    let report = PolicyTestRunner(PolicySet(changed)).run(Self.folder.tests)
                    #expect(!report.passed, "no test notices: \(policy.name)/\(rule.name) \(what)")
                }
            }
        }
        #expect(mutants > 40)
    }

    @Test func leaveRandomWorkloadsAlone() throws {
        var engine = PolicyEngine(try Self.folder.policySet())
        var random = SeededGenerator(seed: 3)
        for index in 0..<500 {
            let pod = Pod.sample(
                "p\(index)", namespace: ["default", "team-a", "team-b"][index % 3],
                cpu: "\(1 + random.next(below: 4000))",
                resources: index % 7 == 0 ? ["nvidia.com/gpu": "1"] : [:])
            #expect(engine.decide(pod).rejection == nil)
        }
    }
}

/// Ways of breaking a rule.
enum Mutation {
    static func mutants(of rule: PolicyRule) -> [(String, PolicyRule)] {
        var result: [(String, PolicyRule)] = []
        func add(_ what: String, _ change: (inout PolicyRule) -> Void) {
            var mutant = rule
            change(&mutant)
            if mutant != rule { result.append((what, mutant)) }
        }
        add("without namespaceSelector") { $0.match.namespaceSelector = nil }
        add("without excludeNamespaces") { $0.match.excludeNamespaces = nil }
        add("without labelSelector") { $0.match.labelSelector = nil }
        add("without priorityClasses") { $0.match.priorityClasses = nil }
        add("without podGroup") { $0.match.podGroup = nil }
        add("without requests") { $0.match.requests = [:] }
        add("without ownerKinds") { $0.match.ownerKinds = nil }
        for kind in rule.match.ownerKinds ?? [] {
            add("without owner \(kind)") { $0.match.ownerKinds?.removeAll { $0 == kind } }
        }
        for (resource, range) in rule.match.requests {
            guard let min = range.min else { continue }
            add("with more \(resource)") { $0.match.requests[resource]?.min = min + Quantity(1) }
            add("with less \(resource)") { $0.match.requests[resource]?.min = min - Quantity(1) }
        }
        add("never matching") { $0.match.namespaces = [NamePattern("nowhere")] }
        add("without rejection") { $0.actions.reject = $0.actions.reject.map { _ in "something else" } }
        add("with another scheduler") { $0.actions.scheduler = $0.actions.scheduler.map { _ in "other" } }
        add("without labels") { $0.actions.labels = MetadataEdit() }
        add("without annotations") { $0.actions.annotations = MetadataEdit() }
        add("adding for default") {
            $0.actions.labels.add.merge($0.actions.labels.default) { old, _ in old }
            $0.actions.labels.default = [:]
        }
        add("adding annotations for default") {
            $0.actions.annotations.add.merge($0.actions.annotations.default) { old, _ in old }
            $0.actions.annotations.default = [:]
        }
        guard rule.actions.routes else { return result }
        add("without fallback") { ($0.actions.whenUnavailable, $0.actions.fallback) = (.queue, []) }
        add("rejecting when unavailable") { $0.actions.whenUnavailable = .reject }
        for choice in PolicyActions.WhenNamed.allCases where rule.actions.whenNamed == .override || choice == .reject {
            guard choice != .reject || rule.actions.whenNamed == .override else { continue }
            add("with whenNamed \(choice)") { $0.actions.whenNamed = choice }
        }
        return result
    }
}
