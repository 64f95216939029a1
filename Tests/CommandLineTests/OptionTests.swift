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

    @Test func aRecordingIsReplayed() throws {
        let scene = try Scene(nodes: 3, pods: 20)
        let record = try Program.run(
            [Program.switchyard, "scheduler", "record"] + Scene.files.dropFirst() + ["--out", "recordings"],
            in: scene.folder)
        #expect(record.code == 0, "\(record.errors)")
        #expect(record.output.contains("20 of 20 pods placed"), "\(record.output)")
        let replay = [Program.switchyard, "scheduler", "replay", "recordings/binpack.ndjson"]
        let same = try Program.run(replay + ["binpack"], in: scene.folder)
        #expect(same.code == 0, "\(same.output)\(same.errors)")
        #expect(same.output.contains("0 pods differ"), "\(same.output)")
        // First fit fills the first node where packing does, so another order shows.
        let script = try scene.folder.write("last.py", text: Self.lastNode)
        let other = try Program.run(replay + ["--", "python3", script], in: scene.folder)
        #expect(other.code == 1)
        #expect(other.output.contains("pod 0: recorded on node"), "\(other.output)")
        _ = try scene.folder.write("broken.ndjson", text: "{}\n")
        let broken = try Program.run(
            [Program.switchyard, "scheduler", "replay", "broken.ndjson", "binpack"], in: scene.folder)
        #expect(broken.code == 2)
        #expect(broken.errors.contains("broken.ndjson: line 1: expected"), "\(broken.errors)")
    }

    /// Puts every pod on node 2, whatever is there.
    private static let lastNode = """
        import json, os, sys
        def say(**m): os.write(1, (json.dumps(m) + "\\n").encode())
        for line in sys.stdin.buffer:
            m = json.loads(line); t = m["type"]
            if t == "hello": say(type="ready", protocol=1, window=256, capabilities=["runs"])
            elif t == "ping": say(type="pong", id=m["id"])
            elif t == "stop": break
            elif t == "pods":
                pods = [p[0] for p in m.get("pods", [])] + [p for r in m.get("runs", []) for p in range(r[0], r[0] + r[2])]
                say(type="place", pods=[[p, 2] for p in pods])
        """

    @Test func theVersionIsSaid() throws {
        let scene = try Scene()
        let outcome = try Program.run([Program.switchyard, "--version"], in: scene.folder)
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("switchyard 0."), "\(outcome.output)")
    }
}
