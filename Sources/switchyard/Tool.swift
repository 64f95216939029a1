import Glibc
import Manifests

/// Where this program is, and what stands beside it.
enum Tool {
    /// The folder of this program, where the built-in schedulers are too.
    static var folder: String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { path in
                path.baseAddress.map { readlink("/proc/self/exe", $0, path.count) } ?? 0
            }
        }
        let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}

extension Tool {
    /// The text of a file; what is no UTF-8 in it shows as such.
    static func text(of path: String) throws -> String {
        String(decoding: try SourceReader.bytes(path: path), as: UTF8.self)
    }

    /// Writes a file, making its folder if there is none.
    ///
    /// The text is written beside the file and takes its name only when it is all there, so that a full disk costs the new
    /// text and not the old.
    static func write(_ text: String, to path: String) throws {
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o755) }
        do throws(WholeFile.Failure) {
            try WholeFile.write(Array(text.utf8), to: path)
        } catch {
            let message = "\(path): cannot be written: \(error.reason)"
            throw error.isOfPath ? Failure.input([message]) : Failure.found("error: \(message)")
        }
    }
}
