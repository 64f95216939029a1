import Glibc

/// Writing that is not done until everything is written.
package enum Descriptor {
    /// Gives the standard descriptors that were closed at the start to nobody: a file opened later would get the number,
    /// and with it what is meant for the standard output. Writing to them fails.
    package static func reserveStandardOnes() {
        // The lowest free number that is free is taken, so from the first on.
        for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) < 0 { _ = open("/dev/null", O_RDONLY) }
    }

    /// Writes all bytes, waiting where the descriptor takes none at the moment; 0, or the errno of what went wrong.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                // A pipe that somebody made non-blocking, as some programs do with those that they hand on.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// A file that is replaced as a whole or not at all.
///
/// It is written beside the one of that name and put in its place by `finish`, so that a full disk costs the new text and
/// not the old. What is no ordinary file (a device, a pipe) is written to as it is.
package struct WholeFile: ~Copyable {
    /// Why a file was not written.
    package struct Failure: Error, Hashable, Sendable {
        /// What the system says.
        package var reason: String
        /// Whether the path is at fault: no such folder, no right to write there. Otherwise it is the disk.
        package var isOfPath: Bool

        init(_ code: Int32, isOfPath: Bool) {
            self.reason = String(cString: strerror(code)).lowercased()
            self.isOfPath = isOfPath
        }
    }

    private var descriptor: Int32
    /// The file that is written and the one whose name it takes; nil where the latter is written to itself.
    private var names: (part: String, whole: String)?

    /// Begins to write a file.
    package init(path: String) throws(Failure) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
            descriptor = try WholeFile.open(path, O_WRONLY | O_TRUNC)
            return
        }
        // Through a link, so that the link stays one.
        let whole = WholeFile.resolved(path) ?? path
        let part = "\(whole).\(getpid()).part"
        do throws(Failure) {
            descriptor = try WholeFile.open(part, O_WRONLY | O_CREAT | O_TRUNC)
            names = (part, whole)
            if isThere { _ = fchmod(descriptor, status.st_mode & 0o7777) }
        } catch {
            // A file that may be written, in a folder that may not.
            guard isThere, access(path, W_OK) == 0 else { throw error }
            descriptor = try WholeFile.open(path, O_WRONLY | O_TRUNC)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if let names { unlink(names.part) }
    }

    /// Adds bytes.
    package mutating func append(_ bytes: [UInt8]) throws(Failure) {
        let code = bytes.withUnsafeBytes { Descriptor.write($0, to: descriptor) }
        guard code == 0 else { throw Failure(code, isOfPath: false) }
    }

    /// Lets the file take its name. Without this nothing has happened.
    package mutating func finish() throws(Failure) {
        var code: Int32 = 0
        // Some file systems say only now that there was no room.
        if names != nil, fsync(descriptor) != 0, errno != EINVAL { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        descriptor = -1
        if code == 0, let names, rename(names.part, names.whole) != 0 { code = errno }
        guard code == 0 else { throw Failure(code, isOfPath: false) }
        names = nil
    }

    /// Writes a whole file.
    package static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        var file = try WholeFile(path: path)
        try file.append(bytes)
        try file.finish()
    }

    private static func open(_ path: String, _ flags: Int32) throws(Failure) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure(errno, isOfPath: errno != ENOSPC && errno != EDQUOT) }
        return descriptor
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
