import ClusterTestKit
import Foundation
import Testing

/// Options that change what is read, from outside.
@Suite(.serialized) struct OptionTests {
    @Test func ignorePlacementsPlacesAllAnewButWhatANodeMadeItself() throws {
        let scene = try Scene(nodes: 2, pods: 0)
        func pod(_ name: String, _ more: String) -> String {
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), namespace: default\(more)}
            spec: {nodeName: n1, containers: [{name: c, image: x, resources: {requests: {cpu: 500m}}}]}
            """
        }
        let pods = [
            pod("a", ""), pod("b", ""), pod("static", ", annotations: {kubernetes.io/config.mirror: x}"),
        ]
        _ = try scene.folder.write("pods.yaml", text: pods.joined(separator: "\n---\n"))
        let command = [Program.switchyard] + Scene.files + ["-o", "json"]
        let before = try Program.run(command, in: scene.folder)
        #expect(before.output.contains(#""placedBefore": 3"#), "\(before.errors)")
        let anew = try Program.run(command + ["--ignore-placements"], in: scene.folder)
        #expect(anew.code == 0)
        #expect(anew.output.contains(#""placedBefore": 1"#), "\(anew.output)")
        #expect(anew.output.contains(#""bound": 3"#))
        #expect(anew.output.contains(#""name": "a""#), "it stands among the placements")
    }

    private static let policy = """
        apiVersion: switchyard.dev/v1alpha1
        kind: SchedulingPolicy
        metadata: {name: all}
        spec:
          order: 10
          rules:
          - name: everything
            actions: {scheduler: binpack}
        """

    @Test func policiesComeFromStdinAndKustomizationsArePassedOver() throws {
        let scene = try Scene()
        _ = try scene.folder.write("policy.yaml", text: Self.policy)
        let piped = ["/bin/sh", "-c", "\"$@\" < policy.yaml", "sh", Program.switchyard, "policy", "check", "-"]
        let outcome = try Program.run(piped, in: scene.folder)
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        let script = "echo 'kind: Nonsense' | \"$@\""
        let wrong = ["/bin/sh", "-c", script, "sh", Program.switchyard, "policy", "check", "-"]
        #expect(try Program.run(wrong, in: scene.folder).code == 2)
        try FileManager.default.createDirectory(
            atPath: scene.folder.path + "/policies", withIntermediateDirectories: true)
        _ = try scene.folder.write("policies/policy.yaml", text: Self.policy)
        _ = try scene.folder.write(
            "policies/kustomization.yaml",
            text: "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [policy.yaml]\n")
        let folder = try Program.run([Program.switchyard, "policy", "check", "policies"], in: scene.folder)
        #expect(folder.code == 0, "\(folder.output)\(folder.errors)")
    }

    @Test func theVersionIsSaid() throws {
        let scene = try Scene()
        let outcome = try Program.run([Program.switchyard, "--version"], in: scene.folder)
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("switchyard 0."), "\(outcome.output)")
    }
}
