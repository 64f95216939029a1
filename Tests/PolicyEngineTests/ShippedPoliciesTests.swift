import ClusterModel
import ClusterTestKit
import Foundation
import Testing

@testable import PolicyEngine

/// The policies that come with the package, those in force by default and those of the cookbook, and the tests beside
/// them.
@Suite struct ShippedPoliciesTests {
    /// The schedulers that come with the package, and those that the cookbook supposes.
    static let schedulers: Set<String> = ["binpack", "gang", "spread", "gang-next", "gang-large", "spread-next"]

    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folders of policies: `policies`, and one for each recipe of the cookbook.
    static let folders: [String] = {
        let cookbook = package.appendingPathComponent("examples/policies").path
        let recipes = (try? FileManager.default.contentsOfDirectory(atPath: cookbook)) ?? []
        return ["policies"] + recipes.sorted().map { "examples/policies/\($0)" }
    }()

    static func load(_ folder: String) -> PolicyFolder {
        PolicyFolder(path: package.appendingPathComponent(folder).path)
    }

    @Test func cookbookHasADozenRecipes() {
        #expect(Self.folders.count > 12)
    }

    @Test(arguments: folders)
    func areWithoutFault(folder: String) {
        let findings = Self.load(folder).check(schedulers: Self.schedulers)
        #expect(findings.isEmpty, "\(findings.map(\.text))")
    }

    @Test(arguments: folders)
    func passTheirTestsAndReachEveryRule(folder: String) throws {
        let loaded = Self.load(folder)
        let report = PolicyTestRunner(try loaded.policySet()).run(loaded.tests)
        #expect(report.passed, "\(report.text)")
        #expect(report.uncovered.isEmpty, "\(report.text)")
    }

    /// Any condition or action changed in any one way makes a test fail.
    @Test(arguments: folders)
    func testsNoticeEveryMutant(folder: String) throws {
        let loaded = Self.load(folder)
        let policies = loaded.policies.map(\.policy)
        let (survivors, mutants) = PolicyTestRunner.survivors(of: policies, loaded.tests)
        for mutant in survivors { Issue.record("no test notices: \(mutant.policy)/\(mutant.change)") }
        print("\(folder): \(mutants) mutants, \(survivors.count) survive")
        #expect(mutants >= 6 * policies.reduce(0) { $0 + $1.rules.count })
    }

    @Test func leaveRandomWorkloadsAlone() throws {
        var engine = PolicyEngine(try Self.load("policies").policySet())
        var random = SeededGenerator(seed: 3)
        for index in 0..<500 {
            let pod = Pod.sample(
                "p\(index)", namespace: ["default", "team-a", "team-b"][index % 3],
                cpu: "\(1 + random.next(below: 4000))",
                resources: index % 7 == 0 ? ["nvidia.com/gpu": "1"] : [:])
            #expect(engine.decide(pod).rejection == nil)
        }
    }

    /// The recipes in the documentation are the files.
    @Test func documentationShowsTheFiles() throws {
        let text = try String(contentsOf: Self.package.appendingPathComponent("docs/policies.md"), encoding: .utf8)
        for folder in Self.folders.dropFirst() {
            let file = Self.package.appendingPathComponent("\(folder)/policy.yaml")
            let policy = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains("```yaml\n\(policy)```"), "docs/policies.md does not show \(folder)/policy.yaml")
        }
    }
}
