import ClusterModel
import Glibc
import JSON
import Manifests

extension TraceInput {
    /// Writes `nodes.yaml` and `pods.yaml` (groups first, then pods) into a folder, which is made if it is not there.
    ///
    /// Each is a YAML file of JSON documents with lines of `---` between them. Files of these names are replaced.
    public func write(to folder: String) throws(InputError) {
        if mkdir(folder, 0o777) != 0, errno != EEXIST {
            throw InputError(
                .unreadable, file: folder, expected: "a folder that can be made",
                found: String(cString: strerror(errno)).lowercased())
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        var nodeFile = try DocumentFile(path: prefix + "nodes.yaml")
        for node in nodes { try nodeFile.append(node.value) }
        try nodeFile.finish()
        var podFile = try DocumentFile(path: prefix + "pods.yaml")
        for group in groups { try podFile.append(group.value) }
        for pod in pods { try podFile.append(pod.value) }
        try podFile.finish()
    }
}

/// A file that documents are appended to; it holds no more than a chunk of them in memory.
private struct DocumentFile: ~Copyable {
    private static let chunkBytes = 1 << 20

    private let path: String
    private var file: WholeFile
    private var writer = JSONWriter()
    private var chunk: [UInt8] = []
    private var isFirst = true

    init(path: String) throws(InputError) {
        self.path = path
        do throws(WholeFile.Failure) {
            file = try WholeFile(path: path)
        } catch {
            throw DocumentFile.fault(path, error)
        }
    }

    mutating func append(_ document: Value) throws(InputError) {
        if !isFirst { chunk.append(contentsOf: "---\n".utf8) }
        isFirst = false
        writer.removeAll()
        writer.value(document)
        writer.newline()
        chunk.append(contentsOf: writer.bytes)
        if chunk.count >= DocumentFile.chunkBytes { try flush() }
    }

    /// Lets the file take its name.
    mutating func finish() throws(InputError) {
        try flush()
        do throws(WholeFile.Failure) { try file.finish() } catch { throw DocumentFile.fault(path, error) }
    }

    private mutating func flush() throws(InputError) {
        do throws(WholeFile.Failure) { try file.append(chunk) } catch { throw DocumentFile.fault(path, error) }
        chunk.removeAll(keepingCapacity: true)
    }

    private static func fault(_ path: String, _ failure: WholeFile.Failure) -> InputError {
        InputError(.unreadable, file: path, expected: "a file that can be written", found: failure.reason)
    }
}
