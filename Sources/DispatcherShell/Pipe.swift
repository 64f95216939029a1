import CLinux
import Dispatcher
import Glibc

/// The limits that belong to pipes and processes.
typealias ShellLimits = Limits.Pipes

/// The two ends of a pipe; neither survives an `exec`.
public struct Pipe: Sendable {
    /// Where bytes come out.
    public var readEnd: Int32
    /// Where bytes go in.
    public var writeEnd: Int32

    /// A new pipe, or nil where the system has no more descriptors.
    public init?() {
        var ends: [Int32] = [-1, -1]
        guard switchyard_pipe(&ends) == 0 else { return nil }
        readEnd = ends[0]
        writeEnd = ends[1]
        _ = switchyard_set_pipe_size(writeEnd, ShellLimits.pipeBytes)
    }
}

extension Pipe {
    /// Pipes for a process's stdin, stdout and stderr: all of them or none.
    static func three() throws(StartFailure) -> [Pipe] {
        var pipes: [Pipe] = []
        while pipes.count < 3 {
            guard let pipe = Pipe() else {
                let code = errno
                for pipe in pipes { pipe.close() }
                throw StartFailure.pipe(code)
            }
            pipes.append(pipe)
        }
        return pipes
    }

    /// Closes both ends.
    func close() {
        _ = Glibc.close(readEnd)
        _ = Glibc.close(writeEnd)
    }
}

/// Makes reads and writes return at once instead of waiting.
func setNonBlocking(_ descriptor: Int32) {
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
}

/// Bytes on their way into a descriptor that takes them when it can.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var sent = 0

    /// How many bytes wait.
    var count: Int { bytes.count - sent }

    mutating func append(_ more: [UInt8]) {
        if sent == bytes.count {
            bytes = more
            sent = 0
        } else {
            bytes.append(contentsOf: more)
        }
    }

    /// Writes as much as the descriptor takes; false when the other end is gone.
    mutating func drain(into descriptor: Int32) -> Bool {
        while count > 0 {
            let written = bytes.withUnsafeBytes { all -> Int in
                let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                return write(descriptor, rest.baseAddress, rest.count)
            }
            if written > 0 {
                sent += written
                // Sent bytes are dropped when they are the larger part, so each byte is moved at most once or so.
                if sent > 1 << 20, sent * 2 > bytes.count {
                    bytes.removeFirst(sent)
                    sent = 0
                }
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        bytes.removeAll(keepingCapacity: true)
        sent = 0
        return true
    }
}
