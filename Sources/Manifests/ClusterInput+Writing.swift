import ClusterModel
import JSON

extension ClusterInput {
    /// Writes the nodes as manifests: JSON documents, one a line, set apart by lines of `---`.
    ///
    /// - Parameter sink: takes the text piece by piece; it is never in memory whole.
    public func writeNodes<E: Error>(to sink: (ArraySlice<UInt8>) throws(E) -> Void) throws(E) {
        try ClusterInput.write(nodes.lazy.map(\.value), to: sink)
    }

    /// Writes the pod groups and the pods as manifests, in the same form.
    public func writePods<E: Error>(to sink: (ArraySlice<UInt8>) throws(E) -> Void) throws(E) {
        try ClusterInput.write(podGroups.lazy.map(\.value), to: sink)
        if !podGroups.isEmpty, !pods.isEmpty { try sink(separator[...]) }
        try ClusterInput.write(pods.lazy.map(\.value), to: sink)
    }

    private static let chunkBytes = 64 << 10

    private static func write<E: Error>(
        _ values: some Sequence<Value>, to sink: (ArraySlice<UInt8>) throws(E) -> Void
    ) throws(E) {
        var writer = JSONWriter(capacity: chunkBytes + chunkBytes / 4)
        var isFirst = true
        for value in values {
            if !isFirst { writer.separator() }
            isFirst = false
            writer.value(value)
            writer.newline()
            if writer.bytes.count >= chunkBytes {
                try sink(writer.bytes[...])
                writer.removeAll()
            }
        }
        if !writer.bytes.isEmpty { try sink(writer.bytes[...]) }
    }
}

private let separator = Array("---\n".utf8)
