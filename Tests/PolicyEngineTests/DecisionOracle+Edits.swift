import ClusterModel
import ClusterTestKit
import Testing

@testable import PolicyEngine

/// What rules write and remove, from what the documentation says, key by key and item by item.
extension DecisionOracle {
    private func made(_ value: EditValue, _ pod: Pod) -> RandomPolicies.Made {
        switch value {
        case .text(let text): .text(text)
        case .expression(let source): RandomPolicies.texts.first { $0.source == source }?.meaning(pod) ?? .fault
        }
    }

    /// Whether every expression of the actions that is asked gives a text that may stand where it is written.
    func makesItsTexts(_ actions: PolicyActions, _ pod: Pod) -> Bool {
        for (edit, present, areLabels) in [
            (actions.labels, pod.metadata.labels, true), (actions.annotations, pod.metadata.annotations, false),
            (actions.nodeSelector, pod.spec.nodeSelector, true),
        ] {
            let asked = Array(edit.add.values) + edit.default.filter { present[$0.key] == nil }.map(\.value)
            for value in asked {
                switch made(value, pod) {
                case .fault: return false
                case .text(let text): if areLabels, text.contains(" ") { return false }
                case .nothing: break
                }
            }
        }
        return true
    }

    /// Whether the admitted pod is what the rules make of the pod as it came.
    func check(_ admitted: Pod, from pod: Pod, isRouted: Bool) {
        let rules = acting(pod, isRouted: isRouted).filter { $0.answer == .yes }.map(\.rule.actions)
        #expect(admitted.metadata.labels == edited(pod.metadata.labels, rules.map(\.labels), pod))
        #expect(
            admitted.metadata.annotations.filter { !PolicyAnnotation.reserved.contains($0.key) }
                == edited(pod.metadata.annotations, rules.map(\.annotations), pod))
        #expect(admitted.spec.nodeSelector == edited(pod.spec.nodeSelector, rules.map(\.nodeSelector), pod))
        #expect(Set(admitted.spec.tolerations) == edited(pod.spec.tolerations, rules.map(\.tolerations)))
        #expect(
            Set(admitted.spec.schedulingGates)
                == Set(
                    edited(pod.spec.schedulingGates.map(SchedulingGate.init), rules.map(\.schedulingGates)).map(\.name))
        )
        checkSpread(admitted, from: pod, rules.map(\.topologySpread))
        checkNodes(admitted.spec.affinity, from: pod.spec.affinity, rules.compactMap(\.nodeAffinity))
        checkResources(admitted, from: pod, rules)
    }

    /// Of each key the first rule that has a say about it: one that adds or removes it, or a default where the pod lacks it.
    private func edited(_ present: [String: String], _ edits: [MetadataEdit], _ pod: Pod) -> [String: String] {
        var result = present
        for key in RandomPolicies.keys {
            for edit in edits {
                if edit.remove.contains(key) {
                    result[key] = nil
                    break
                }
                guard let value = edit.add[key] ?? (present[key] == nil ? edit.default[key] : nil) else { continue }
                if case .text(let text) = made(value, pod) {
                    result[key] = text
                    break
                }
            }
        }
        return result
    }

    /// What the pod has that no rule removes, what rules add, defaults where neither the pod nor an earlier rule has anything,
    /// and defaults of keys that neither has.
    private func edited<Item: EditableItem>(_ present: [Item], _ edits: [ListEdit<Item>]) -> Set<Item> {
        var result = Set(present)
        for (index, edit) in edits.enumerated() {
            for item in present where edit.remove.contains(where: item.matches) {
                if !edits[..<index].contains(where: { $0.add.contains(item) }) { result.remove(item) }
            }
        }
        for edit in edits { result.formUnion(edit.add) }
        var keys = Set(present.map(\.key))
        var isBare = present.isEmpty
        for edit in edits {
            let written = (isBare ? edit.default : []) + edit.defaultByKey.filter { !keys.contains($0.key) }
            result.formUnion(written)
            keys.formUnion((edit.add + written).map(\.key))
            if !(edit.add + written).isEmpty { isBare = false }
        }
        return result
    }

    /// Of each pair of key and action there is one constraint: what the pod has, unless a rule removes it, or the first one
    /// that a rule then writes.
    private func checkSpread(_ admitted: Pod, from pod: Pod, _ edits: [ListEdit<TopologySpreadConstraint>]) {
        var expected: [TopologySpreadConstraint.Key: TopologySpreadConstraint] = [:]
        let own = Dictionary(uniqueKeysWithValues: pod.spec.topologySpreadConstraints.map { ($0.key, $0) })
        var bareUntil = own.isEmpty ? edits.count : -1
        if own.isEmpty {
            bareUntil = edits.firstIndex { !($0.add + $0.default + $0.defaultByKey).isEmpty } ?? edits.count
        }
        for key in Set(RandomPolicies.spreads.map(\.key)) {
            var constraint = own[key]
            var isOwn = constraint != nil
            var isWanted = false
            for (index, edit) in edits.enumerated() {
                if isOwn, !isWanted, let item = own[key], edit.remove.contains(where: item.matches) {
                    (constraint, isOwn) = (nil, false)
                }
                let added = edit.add.first { $0.key == key }
                if isOwn, added == constraint, added != nil { isWanted = true }
                let defaults = (index <= bareUntil ? edit.default : []) + edit.defaultByKey
                constraint = constraint ?? added ?? (own[key] == nil ? defaults.first { $0.key == key } : nil)
            }
            expected[key] = constraint
        }
        #expect(admitted.spec.topologySpreadConstraints.count == expected.count)
        #expect(Set(admitted.spec.topologySpreadConstraints) == Set(expected.values))
    }

    /// A pod may stand on the nodes on which it might before, what is removed not counting, and that every rule requires.
    private func checkNodes(_ admitted: Affinity, from before: Affinity, _ edits: [NodeAffinityEdit]) {
        let removed = Set(edits.flatMap(\.remove))
        let own = before.requiredNodes?.terms
        let wanted = edits.compactMap(\.addRequired)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<40 {
            var labels: [String: String] = [:]
            for key in RandomPolicies.keys where RandomPolicies.chance(70, &random) {
                labels[key] = RandomPolicies.pick(RandomPolicies.values, &random)
            }
            let isAllowed = own.map { terms in
                terms.contains { term in
                    let left = term.matchExpressions.filter { !removed.contains($0.key) }
                    return !term.matchExpressions.isEmpty && left.allSatisfy { $0.matches(labels[$0.key]) }
                }
            }
            var expected = (isAllowed ?? true) && wanted.allSatisfy { $0.matches(name: "n", labels: labels) }
            if own == nil, let index = edits.firstIndex(where: { $0.defaultRequired != nil }),
                !edits[..<index].contains(where: { $0.addRequired != nil }), let nodes = edits[index].defaultRequired
            {
                expected = expected && nodes.matches(name: "n", labels: labels)
            }
            #expect((admitted.requiredNodes?.matches(name: "n", labels: labels) ?? true) == expected)
        }
        #expect(Set(admitted.preferredNodes) == Set(edits.flatMap(\.addPreferred)))
    }

    /// Of each resource the first rule that has a say about it in a container.
    private func checkResources(_ admitted: Pod, from pod: Pod, _ rules: [PolicyActions]) {
        func edited(_ stated: ResourceList, _ edits: [ResourceEdit]) -> ResourceList {
            var result = stated
            for name in ["cpu", "memory", "ephemeral-storage"] {
                for edit in edits {
                    if edit.remove.contains(name) {
                        result[name] = nil
                        break
                    }
                    guard let amount = edit.add[name] ?? (stated[name] == nil ? edit.default[name] : nil) else {
                        continue
                    }
                    result[name] = amount
                    break
                }
            }
            return result
        }
        let before = pod.spec.containers + pod.spec.initContainers
        for (old, new) in zip(before, admitted.spec.containers + admitted.spec.initContainers) {
            #expect(new.limits == edited(old.limits, rules.map(\.limits)))
            var requests = edited(old.requests, rules.map(\.requests))
            for (name, limit) in new.limits where requests[name] == nil { requests[name] = limit }
            // Without a change nothing is completed, and nothing need be: requests are, as pods are read.
            #expect(new.requests == requests)
        }
    }
}
