import Glibc

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
    /// Writes a file, making its folder if there is none.
    static func write(_ text: String, to path: String) throws {
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o755) }
        guard let file = fopen(path, "w") else {
            throw Failure.input(["\(path): cannot be written: \(String(cString: strerror(errno)))"])
        }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw Failure.input(["\(path): cannot be written: \(String(cString: strerror(errno)))"])
        }
    }
}
