import CLinux
import Glibc
import Synchronization

/// Where the tasks that watch processes leave word for the loop, which sleeps in `poll`.
final class Mailbox: Sendable {
    enum Letter: Sendable {
        case started(scheduler: Int, incarnation: Int, processID: pid_t)
        /// `status` is nil where a signal ended the process or it never ran.
        case exited(scheduler: Int, incarnation: Int, reason: String, status: Int32?)
    }

    private let letters = Mutex<[Letter]>([])
    /// An eventfd that is readable while there are letters.
    let descriptor: Int32

    init() {
        descriptor = switchyard_eventfd()
        precondition(descriptor >= 0, "no eventfd: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    func post(_ letter: Letter) {
        letters.withLock { $0.append(letter) }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func takeAll() -> [Letter] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return letters.withLock { letters in
            defer { letters.removeAll() }
            return letters
        }
    }
}
