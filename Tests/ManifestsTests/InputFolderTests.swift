import ClusterTestKit
import Foundation
import Manifests
import Testing

/// A folder of manifests means its files, as with `kubectl apply -f`.
@Suite struct InputFolderTests {
    private static func pod(_ name: String) -> String {
        "kind: Pod\nmetadata: {name: \(name)}\nspec: {containers: [{name: c}]}\n"
    }

    private static func folder(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files { _ = try folder.write(name, text: text) }
        return folder
    }

    @Test func readsTheFilesOfAFolder() throws {
        let folder = try InputFolderTests.folder([
            "b.yml": InputFolderTests.pod("b"), "a.yaml": InputFolderTests.pod("a"),
            "c.json": #"{"kind": "Pod", "metadata": {"name": "c"}, "spec": {"containers": [{"name": "c"}]}}"#,
            ".hidden.yaml": InputFolderTests.pod("hidden"), "notes.txt": "a: b: c\n", "empty.yaml": "# nothing\n---\n",
        ])
        for inner in ["/inside", "/folder.yaml"] {
            try FileManager.default.createDirectory(atPath: folder.path + inner, withIntermediateDirectories: false)
            _ = try folder.write("\(inner)/d.yaml", text: InputFolderTests.pod("inside"))
        }
        let input = try ClusterInput(paths: [folder.path, folder.path + "/a.yaml", folder.path])
        #expect(input.pods.map(\.metadata.name) == ["a", "b", "c"])
        #expect(input.setAside == nil && input.warnings.isEmpty)
        #expect(input.source(ofPod: 1) == folder.path + "/b.yml:1")
        #expect(try ClusterInput(paths: [folder.path + "/"]).pods.count == 3)
        #expect(
            try ClusterInput(paths: [folder.path + "/b.yml", folder.path]).pods.map(\.metadata.name) == ["b", "a", "c"])
    }

    @Test func saysThatAFolderHasNone() throws {
        for files in [[:], ["notes.txt": "x", ".a.yaml": InputFolderTests.pod("a")]] {
            let folder = try InputFolderTests.folder(files)
            let error = try #require(throws: InputErrors.self) { try ClusterInput(paths: [folder.path]) }
            #expect(
                error.description
                    == "\(folder.path): expected manifests (*.yaml, *.yml or *.json) right in the folder, found none")
        }
        let empty = try InputFolderTests.folder(["a.yaml": "# x\n", "b.json": ""])
        let error = try #require(throws: InputErrors.self) { try ClusterInput(paths: [empty.path]) }
        #expect(
            error.description == "\(empty.path): expected at least one object, found no objects in any of its files")
    }

    @Test func aBadFileNamesItself() throws {
        let folder = try InputFolderTests.folder([
            "a.yaml": InputFolderTests.pod("a"), "b.yaml": "{{ if .x }}\na: b\n{{ end }}\n",
            "c.yaml": InputFolderTests.pod("c"),
        ])
        _ = try folder.write("d.yaml", bytes: [0xFF, 0x61])
        let input = try ClusterInput(paths: [folder.path])
        #expect(input.pods.map(\.metadata.name) == ["a", "c"])
        let errors = try #require(input.setAside?.errors)
        #expect(Set(errors.map(\.file)) == [folder.path + "/b.yaml", folder.path + "/d.yaml"])
        #expect(throws: InputErrors.self) { try ClusterInput(paths: [folder.path], strict: true) }
        // Named by itself it is refused, as before.
        #expect(throws: InputErrors.self) {
            try ClusterInput(paths: [folder.path + "/b.yaml", folder.path + "/a.yaml"])
        }
    }

    @Test func passesOverKustomizations() throws {
        let folder = try InputFolderTests.folder([
            "kustomization.yaml": "resources:\n- pod.yaml\n", "pod.yaml": InputFolderTests.pod("a"),
        ])
        let input = try ClusterInput(paths: [folder.path])
        #expect(input.pods.count == 1 && input.setAside == nil)
        #expect(input.warnings.count == 1)
        #expect(input.warnings.first?.contains("kustomization.yaml") == true)
    }
}
