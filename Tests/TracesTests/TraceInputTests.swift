import ClusterModel
import ClusterTestKit
import Manifests
import Testing
import Traces

@Suite struct TraceInputTests {
    @Test func writtenFilesReadBackTheSame() throws {
        let fixture = try TraceFixture()
        try fixture.openb()
        var input = try OpenbTrace.load(folder: fixture.path, load: 20)
        input.groups = [PodGroup(metadata: ObjectMeta(name: "g", namespace: "default"), minMember: 2)]
        let folder = fixture.path + "/out"
        try input.write(to: folder)
        let nodes = try SourceReader.documents(path: folder + "/nodes.yaml").map { try Node($0.value) }
        #expect(nodes == input.nodes)
        let documents = try SourceReader.documents(path: folder + "/pods.yaml")
        #expect(documents.first?.value["kind"] == .string("PodGroup"))
        #expect(try documents.dropFirst().map { try Pod($0.value) } == input.pods)
        try input.write(to: folder + "/")
    }

    @Test func aFolderThatCannotBeMadeIsAnError() throws {
        let fixture = try TraceFixture()
        let file = try fixture.folder.write("file", text: "x")
        let input = TraceInput(nodes: [], pods: [], description: "nothing")
        #expect(throws: InputError.self) { try input.write(to: file + "/out") }
        #expect(throws: InputError.self) { try input.write(to: file) }
    }

    /// The published DLRM trace keeps every value on its way through the files.
    @Test func publishedTraceSurvivesWriting() throws {
        guard let folder = SharedData.path("data/traces") else { return }
        var input = try DlrmTrace.load(path: folder, seed: 1)
        // Reading takes long in a debug build; the largest requests come late.
        input.pods = Array(input.pods.suffix(2000))
        input.nodes = Array(input.nodes.prefix(100))
        let output = try TemporaryFolder()
        try input.write(to: output.path)
        let pods = try SourceReader.documents(path: output.path + "/pods.yaml").map { try Pod($0.value) }
        #expect(pods == input.pods)
        let nodes = try SourceReader.documents(path: output.path + "/nodes.yaml").map { try Node($0.value) }
        #expect(nodes == input.nodes)
    }
}
