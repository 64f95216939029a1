import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// What explanations say of changes that a rule leaves out.
@Suite struct LeftContentTests {
    private func effects(_ actions: String, before: String? = nil, _ pod: Pod) throws -> String {
        let earlier = before.map { "- {name: first, actions: {\($0)}}\n" } ?? ""
        let engine = try PolicyEngine(texts: policyText(rules: earlier + "- {name: r, actions: {\(actions)}}"))
        return engine.explain(pod).policies[0].rules.last?.effects.joined(separator: "; ") ?? ""
    }

    private static let spot = "tolerations: {default: [{key: spot, operator: Exists}]}"
    private static let zone = "maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule"

    @Test func theReasonIsTrue() throws {
        let tolerant = Pod.sample { $0.tolerations = [Toleration(key: "gpu", operator: .exists)] }
        #expect(try effects(Self.spot, tolerant) == "leaves toleration spot: the pod has toleration gpu")
        #expect(try effects(Self.spot, .sample()) == "writes toleration spot")
        #expect(
            try effects(Self.spot, before: "tolerations: {add: [{key: x, operator: Exists}]}", .sample())
                == "leaves toleration spot: p/first wrote toleration x before")
        let byKey = Self.spot.replacing("default", with: "defaultByKey")
        #expect(try effects(byKey, tolerant) == "writes toleration spot")
        let cheap = Pod.sample { $0.tolerations = [Toleration(key: "spot", value: "cheap")] }
        #expect(try effects(byKey, cheap) == "leaves toleration spot: the pod has toleration spot=cheap")
        let gpu = "tolerations: {add: [{key: gpu, operator: Exists}]}"
        #expect(try effects(gpu, tolerant) == "leaves toleration gpu: the pod has it")
        #expect(try effects(gpu, before: gpu, .sample()) == "leaves toleration gpu: p/first wrote it before")

        let gold = "priorityClassName: {default: gold}"
        let classed = Pod.sample { $0.priorityClassName = "std" }
        #expect(try effects(gold, classed) == "leaves priority class gold: the pod has priority class std")
        #expect(try effects(gold, .sample(priority: 7)) == "leaves priority class gold: the pod has the priority 7")
        #expect(
            try effects(gold, before: "priorityClassName: {add: high}", .sample())
                == "leaves priority class gold: p/first wrote priority class high before")
    }

    @Test func onePairOfASpreadConstraintIsWritten() throws {
        let own = TopologySpreadConstraint(
            maxSkew: 5, topologyKey: "zone", whenUnsatisfiable: .doNotSchedule, labelSelector: nil)
        let spread = Pod.sample { $0.topologySpreadConstraints = [own] }
        let add = "topologySpreadConstraints: {add: [{\(Self.zone)}]}"
        #expect(try effects(add, spread).hasPrefix("leaves spread over zone, maxSkew 1"))
        #expect(
            try effects(add, before: add.replacing("maxSkew: 1", with: "maxSkew: 2"), .sample()).hasPrefix("leaves"))
        var engine = try PolicyEngine(
            texts: policyText(
                rules:
                    "- {name: a, actions: {\(add)}}\n- {name: b, actions: {\(add.replacing("maxSkew: 1", with: "maxSkew: 3"))}}"
            ))
        var pod = Pod.sample()
        engine.admit(&pod)
        #expect(pod.spec.topologySpreadConstraints.map(\.maxSkew) == [1])
        // Another pair of the same key is another constraint.
        let soft = add.replacing("DoNotSchedule", with: "ScheduleAnyway")
        #expect(try effects(soft, spread).hasPrefix("writes spread over zone, maxSkew 1, ScheduleAnyway"))
        for list in ["add: [{\(Self.zone)}, {\(Self.zone)}]", "add: [{\(Self.zone)}], default: [{\(Self.zone)}]"] {
            let text = policyText(rules: "- {name: r, actions: {topologySpreadConstraints: {\(list)}}}")
            #expect(folder(text).findings.contains { $0.found.contains("a second time") }, "\(list)")
        }
    }
}
