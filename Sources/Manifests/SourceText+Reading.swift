import ClusterModel
import Glibc

extension SourceText {
    static func read(_ path: String) throws(InputError) -> [UInt8] {
        if path == "-" { return try readAll(STDIN_FILENO, "-", sizeHint: 0) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: InputError.Code = errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable
            throw InputError(code, file: path, expected: "a readable file", found: message(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw InputError(.unreadable, file: path, expected: "a readable file", found: message(errno))
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw InputError(.unreadable, file: path, expected: "a file", found: "a folder")
        }
        return try readAll(descriptor, path, sizeHint: Int(status.st_size))
    }

    private static func readAll(_ descriptor: Int32, _ file: String, sizeHint: Int) throws(InputError) -> [UInt8] {
        let limit = InputLimits.fileBytes
        let tooLarge = { (size: String) in
            InputError(.tooLarge, file: file, expected: "at most \(limit >> 20) MiB", found: size)
        }
        guard sizeHint <= limit else { throw tooLarge("\(sizeHint >> 20) MiB") }
        // One byte more than the file has shows its end without growing the buffer.
        var bytes = [UInt8](repeating: 0, count: max(sizeHint + 1, 64 << 10))
        var count = 0
        while true {
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw InputError(.unreadable, file: file, expected: "a readable file", found: message(errno))
            }
            if got == 0 { break }
            count += got
            guard count <= limit else { throw tooLarge("more") }
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    private static func message(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
