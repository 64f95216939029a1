import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// Mutants of policies, and tests that notice them or do not.
@Suite struct PolicyMutantTests {
    private static let policy = policyText(
        rules: """
            - name: jobs
              match:
                ownerKinds: [Job, CronJob]
                requests: {cpu: {min: "1", max: "4"}}
              matchConditions: [{name: named, expression: object.metadata.name != ''}]
              actions: {scheduler: gang, labels: {add: {a: b}}}
            - name: others
              enforcement: warn
              match: {labelSelector: {matchLabels: {x: "1"}, matchExpressions: [{key: z, operator: Exists}]}}
              actions: {reject: {message: refused}}
            """)

    @Test func everyPartHasItsMutants() throws {
        let policy = try #require(policySet(Self.policy).policies.first)
        let changes = Set(PolicyMutant.all(of: policy).map(\.change))
        let wanted = [
            "jobs: taken out", "jobs: without ownerKinds", "jobs: ownerKinds without Job",
            "jobs: without requests of cpu",
            "jobs: requests of cpu from more than 1", "jobs: requests of cpu to less than 4",
            "jobs: without matchCondition named", "jobs: with matchCondition named negated",
            "jobs: with another scheduler", "jobs: with whenNamed override", "jobs: with whenUnavailable reject",
            "jobs: with a fallback", "jobs: labels without a", "jobs: labels with another a",
            "jobs: labels with a as a default", "jobs: with enforcement audit", "others: with enforcement enforce",
            "others: labelSelector without x", "others: labelSelector with x other than 1",
            "others: labelSelector with any x", "others: labelSelector with the opposite of z exists",
            "others: with another message",
        ]
        for change in wanted { #expect(changes.contains(change), "\(change) is missing in \(changes.sorted())") }
    }

    /// No mutant says the same as the policy, and each compiles.
    @Test func mutantsDiffer() throws {
        var random = SeededGenerator(seed: 17)
        var count = 0
        for index in 0..<60 {
            let policy = RandomPolicies.policy(named: "p\(index)", &random)
            for mutant in PolicyMutant.all(of: policy) {
                #expect(mutant.mutant != policy, "\(mutant.change)")
                #expect(PolicySet([mutant.mutant]).policies.count == 1)
                count += 1
            }
        }
        #expect(count > 1_000)
    }

    /// A test that looks at one thing alone lets the mutants of all others live.
    @Test func survivorsAreFound() throws {
        let test = """
            apiVersion: switchyard.dev/v1alpha1
            kind: PolicyTest
            metadata: {name: t}
            spec:
              cases:
              - name: a Job
                pod: {metadata: {ownerReferences: [{kind: Job, name: a}]}}
                expect: {scheduler: gang}
              - name: no Job
                pod: {}
                expect: {scheduler: binpack}
            """
        var folder = PolicyFolder()
        folder.add(text: policyText(rules: PolicyEngineTests.jobs), file: "p.yaml")
        folder.add(text: test, file: "t.yaml")
        #expect(folder.findings.isEmpty)
        let (survivors, mutants) = PolicyTestRunner.survivors(of: folder.policies.map(\.policy), folder.tests)
        let changes = survivors.map(\.change)
        #expect(changes.contains("jobs: with whenNamed override") && changes.contains("jobs: with a fallback"))
        #expect(!changes.contains("jobs: taken out") && !changes.contains("jobs: with another scheduler"))
        #expect(!changes.contains("jobs: without ownerKinds") && mutants > survivors.count)
    }
}
