import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

@Suite struct NamespaceMemoryTests {
    /// A policy for each of some namespaces, and one for those with a label.
    private static func policies(_ names: [String]) -> PolicySet {
        var policies = names.map { name in
            var policy = SchedulingPolicy(name: name, order: 1, rules: [rule(name)])
            policy.match.namespaces = [NamePattern(name)]
            return policy
        }
        var labelled = SchedulingPolicy(name: "labelled", order: 2, rules: [rule("hot")])
        labelled.match.namespaceSelector = LabelSelector(matchLabels: ["tier": "hot"])
        policies.append(labelled)
        return PolicySet(policies)
    }

    private static func rule(_ scheduler: String) -> PolicyRule {
        PolicyRule(name: "r", match: PolicyMatch(), actions: PolicyActions(scheduler: scheduler))
    }

    private static func names(_ rules: NamespaceRules) -> [String] { rules.index.rules.map(\.reference.policy) }

    @Test func fewRulesHaveAnIndexOfTheirOwn() {
        let policies = Self.policies(["a", "b", "c"])
        var memory = NamespaceMemory()
        #expect(memory.known("a") == nil)
        let a = memory.learn("a", [:], policies)
        #expect(Self.names(a) == ["a"] && memory.known("a") === a)
        #expect(Self.names(memory.learn("b", ["tier": "hot"], policies)) == ["b", "labelled"])
        #expect(Self.names(memory.learn("elsewhere", [:], policies)) == [])
        memory.forget("a")
        #expect(memory.known("a") == nil && memory.known("b") != nil)
    }

    @Test func namespacesWithTheSameRulesShareAnIndex() {
        let policies = Self.policies(["a", "b", "c"])
        var memory = NamespaceMemory()
        let (x, y) = (memory.learn("x", [:], policies), memory.learn("y", [:], policies))
        #expect(x.index === y.index)
        #expect(memory.learn("z", ["tier": "hot"], policies).index !== x.index)
        #expect(memory.learn("x", [:], policies).index === x.index)
    }

    @Test func manyRulesAreFoundInTheIndexOfAll() {
        let policies = Self.policies(["a"])
        var memory = NamespaceMemory()
        let a = memory.learn("a", [:], policies)
        // One of two is not few: the index is that of all rules, of which one is allowed.
        #expect(memory.learn("a", ["tier": "hot"], policies).index === policies.index)
        #expect(Self.names(a) == ["a"])
    }

    @Test func isBounded() {
        let policies = Self.policies(["a", "b", "c"])
        var memory = NamespaceMemory()
        let first = memory.learn("n0", [:], policies)
        for number in 1..<PolicyLimits.rememberedNamespaces { _ = memory.learn("n\(number)", [:], policies) }
        #expect(memory.known("n0") === first)
        _ = memory.learn("one more", [:], policies)
        #expect(memory.known("n0") == nil && memory.known("one more") != nil)
    }

    /// An engine whose namespaces change their labels goes on deciding by the labels of the moment.
    @Test func followsTheLabelsOfNamespaces() {
        var engine = PolicyEngine(Self.policies(["a", "b", "c", "d"]))
        let pod = Pod.sample("pod", namespace: "x")
        #expect(engine.decide(pod).route?.scheduler == "binpack")
        engine.setNamespace(Namespace(name: "x", labels: ["tier": "hot"]))
        #expect(engine.decide(pod).route?.scheduler == "hot")
        engine.removeNamespace("x")
        #expect(engine.decide(pod).route?.scheduler == "binpack")
        #expect(engine.decide(Pod.sample("pod", namespace: "c")).route?.scheduler == "c")
        engine.replacePolicies(Self.policies(["a", "x"]))
        #expect(engine.decide(pod).route?.scheduler == "x")
        #expect(engine.decide(Pod.sample("pod", namespace: "c")).route?.scheduler == "binpack")
    }
}
