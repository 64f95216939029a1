import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM, which stop what runs in order: schedulers are told to stop, what is known is printed, and the
/// program ends with 130 or 143.
///
/// While no shell runs there is nothing to put in order, and the program ends at once; likewise at a second signal, or
/// where the end in order takes too long.
public enum Interruption {
    /// Seconds that an end in order may take.
    static let graceSeconds = 10

    /// The signal that came, or 0.
    private static let received = Atomic<Int32>(0)
    /// Shells that run and look at `signal`.
    private static let running = Atomic<Int>(0)
    /// From the handler to the thread that acts on it; −1 as long as signals are not caught.
    nonisolated(unsafe) private static var alarm: Int32 = -1
    /// Whose other end is closed at the first signal, so that those who wait in `poll` see it; −1 likewise.
    nonisolated(unsafe) private static var news: Int32 = -1
    nonisolated(unsafe) private static var newsWriter: Int32 = -1

    /// The signal that asked this program to end, or nil.
    public static var signal: Int32? {
        let number = received.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// What the program's exit code becomes by the signal that came, or nil.
    public static var exitCode: Int32? { signal.map { 128 + $0 } }

    /// A descriptor that `poll` finds ready once a signal came; −1, which it passes over, where none is caught.
    static var descriptor: Int32 { news }

    /// Catches the signals from now on. To be called once, by a program that is its own master.
    public static func catchSignals() {
        guard alarm < 0, let pipe = Pipe(), let other = Pipe() else { return }
        // Looked at before the handler is, which must not be the first to do so.
        _ = received.load(ordering: .acquiring)
        setNonBlocking(pipe.writeEnd)
        (alarm, news, newsWriter) = (pipe.writeEnd, other.readEnd, other.writeEnd)
        let listener = pipe.readEnd
        Thread.start { serve(listener) }
        // Programs that start others from a pool of threads hand their blocked signals on.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = handle
            action.sa_flags = Int32(SA_RESTART)
            // One who started us with a signal ignored (nohup, a shell's background job) wants it so.
            var before = sigaction()
            _ = sigaction(number, nil, &before)
            if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            _ = sigaction(number, &action, nil)
        }
    }

    private static let handle: @convention(c) (Int32) -> Void = { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.alarm, &byte, 1)
        errno = before
    }

    private static func serve(_ listener: Int32) {
        let first = next(listener)
        received.store(first, ordering: .releasing)
        close(newsWriter)
        if running.load(ordering: .acquiring) > 0 {
            var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, Int32(graceSeconds * 1_000)) < 0, errno == EINTR {}
        }
        GroupWatchdog.shared.endAll()
        _exit(128 + first)
    }

    private static func next(_ listener: Int32) -> Int32 {
        var byte: UInt8 = 0
        while read(listener, &byte, 1) != 1 {}
        return Int32(byte)
    }

    /// Says that somebody looks at `signal` from now on and ends soon after one came.
    static func watch() { running.add(1, ordering: .acquiringAndReleasing) }

    /// Takes that back.
    static func unwatch() { running.subtract(1, ordering: .acquiringAndReleasing) }
}

/// A thread of our own: the shared pools may all be busy when it is needed.
enum Thread {
    /// Runs `body` on a new thread; false where there is none left to have, and then nothing runs.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<Box>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        if code == 0 { pthread_detach(thread) } else { box.release() }
        return code == 0
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
