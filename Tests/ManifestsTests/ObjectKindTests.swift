import ClusterModel
import ClusterTestKit
import Manifests
import Testing

private func load(_ text: String) throws(InputErrors) -> ClusterInput {
    try ClusterInput(texts: [("f.yaml", text)])
}

@Suite struct ObjectKindTests {
    private static let pod =
        "---\n{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: a}]}}\n"

    @Test(arguments: [
        ("gateway.networking.k8s.io/v1", "HTTPRoute"), ("kueue.x-k8s.io/v1beta1", "ClusterQueue"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"), ("v1", "Xyzzy"), ("apps/v1", "CloneSet"),
        ("apps.kruise.io/v1", "Job"),
        ("node.k8s.io/v1", "SandboxTemplate"), ("example.com/v1", "Whatever"), ("apps.kruise.io/v1", "Deployment"),
        ("kustomize.config.k8s.io/v1beta1", "Kustomization"), ("networking.k8s.io/v1", "Egress"),
    ])
    func passesOverKindsOfAnyGroup(version: String, kind: String) throws {
        let text = "---\n{apiVersion: \(version), kind: \(kind), metadata: {name: x}}\n"
        let input = try load(text + Self.pod + text)
        #expect(input.pods.map(\.metadata.name) == ["web"])
        let group = version.contains("/") ? ".\(version.prefix { $0 != "/" })" : ""
        #expect(input.warnings.count == 1)
        #expect(input.warnings.contains { $0.hasPrefix("passed over 2 of kind \(kind)\(group), which") })
    }

    @Test func saysWhichPodsAreMissing() throws {
        let text = "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: x}}\n"
        #expect(
            try load(text + Self.pod).warnings.contains { $0.contains("Workflow.argoproj.io; its pods are missing") })
    }

    @Test func readsListsInLists() throws {
        let items = "{metadata: {name: a}, spec: {containers: [{name: a}]}}"
        let nested =
            "{kind: List, items: [{kind: PodList, apiVersion: v1, items: [\(items)]}, {kind: List, items: []}]}"
        #expect(try load("{apiVersion: v1, kind: List, items: [\(nested)]}").pods.map(\.metadata.name) == ["a"])
        // The items of a list of somebody else's kind are of somebody else's kind.
        let other = "{kind: PodList, apiVersion: example.com/v1, items: [\(items)]}\n"
        let input = try load(other + Self.pod)
        #expect(input.pods.map(\.metadata.name) == ["web"])
        #expect(input.warnings.contains { $0.hasPrefix("passed over 1 of kind Pod.example.com") })
    }

    @Test func makesNamesUp() throws {
        let prefix = String(repeating: "x", count: 70)
        let pod = { (meta: String) in
            "---\n{apiVersion: v1, kind: Pod, metadata: \(meta), spec: {containers: [{name: a}]}}\n"
        }
        let text =
            (0..<200).map { _ in pod("{generateName: run-}") }.joined()
            + pod("{generateName: run-, name: own}") + pod("{generateName: \(prefix)}")
            + pod("{generateName: a, name: null}")
        let names = try load(text).pods.map(\.metadata.name)
        #expect(Set(names).count == 203)
        let letters = Set("bcdfghjklmnpqrstvwxz2456789")
        for name in names.prefix(200) {
            #expect(name.hasPrefix("run-") && name.count == 9 && name.dropFirst(4).allSatisfy(letters.contains))
        }
        #expect(names[200] == "own")
        #expect(names[201].hasPrefix(String(repeating: "x", count: 58)) && names[201].count == 63)
        #expect(names[202].count == 6)
        #expect(try load(text).pods.map(\.metadata.name) == names)
        let nested =
            "{kind: List, items: [{kind: List, items: [\(text.split(separator: "\n").filter { $0 != "---" }.prefix(50).joined(separator: ", "))]}]}"
        #expect(try Set(load(nested).pods.map(\.metadata.name)).count == 50)
    }

    /// What bears on pods and is not honoured must not be said to have no bearing.
    @Test(arguments: [
        ("storage.k8s.io/v1", "CSIStorageCapacity"), ("resource.k8s.io/v1", "ResourceClaim"),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    ])
    func namesWhatIsNotHonoured(version: String, kind: String) throws {
        let text = "---\n{apiVersion: \(version), kind: \(kind), metadata: {name: x}}\n"
        let warnings = try load(text + Self.pod + text).warnings
        #expect(warnings.contains { $0.hasPrefix("passed over 2 of kind \(kind), which is not honoured: ") })
        let other = "---\n{apiVersion: v1, kind: Secret, metadata: {name: x}}\n"
        #expect(try load(other + Self.pod).warnings.contains { $0.hasSuffix("no bearing on scheduling") })
    }

    @Test func readsRulesAndStorage() throws {
        let input = try load(
            [
                "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: x}, handler: x}",
                "{apiVersion: v1, kind: LimitRange, metadata: {name: x}}",
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: x}}",
                "{apiVersion: v1, kind: PersistentVolume, metadata: {name: x}}",
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: x}}",
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: x}}",
                "{apiVersion: storage.k8s.io/v1, kind: CSINode, metadata: {name: x}}", Self.pod,
            ].joined(separator: "\n---\n"))
        #expect(input.rules.runtimeClasses.count == 1 && input.rules.limitRanges.count == 1)
        #expect(input.rules.quotas.count == 1 && input.storage.volumes.count == 1)
        #expect(input.storage.claims.map(\.metadata.namespace) == ["default"])
        #expect(input.storage.classes.count == 1 && input.storage.csiNodes.count == 1)
    }
}
