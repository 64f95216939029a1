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
        try nodeFile.flush()
        var podFile = try DocumentFile(path: prefix + "pods.yaml")
        for group in groups { try podFile.append(group.value) }
        for pod in pods { try podFile.append(pod.value) }
        try podFile.flush()
    }
}

/// A file that documents are appended to; it holds no more than a chunk of them in memory.
private struct DocumentFile: ~Copyable {
    private static let chunkBytes = 1 << 20

    private let path: String
    private let descriptor: Int32
    private var writer = JSONWriter()
    private var chunk: [UInt8] = []
    private var isFirst = true

    init(path: String) throws(InputError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw DocumentFile.fault(path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    mutating func append(_ document: Value) throws(InputError) {
        if !isFirst { chunk.append(contentsOf: "---\n".utf8) }
        isFirst = false
        writer.removeAll()
        writer.value(document)
        writer.newline()
        chunk.append(contentsOf: writer.bytes)
        if chunk.count >= DocumentFile.chunkBytes { try flush() }
    }

    mutating func flush() throws(InputError) {
        var written = 0
        while written < chunk.count {
            let count = chunk.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DocumentFile.fault(path) }
            written += count
        }
        chunk.removeAll(keepingCapacity: true)
    }

    private static func fault(_ path: String) -> InputError {
        InputError(
            .unreadable, file: path, expected: "a file that can be written",
            found: String(cString: strerror(errno)).lowercased())
    }
}
