import Dispatcher
import Glibc
import JSON
import SchedulerProtocol

/// One process of a scheduler with its pipes, for those who want to talk to it line by line: the conformance kit, replay.
///
/// One thread owns it. Every wait has a deadline, and sending never waits, so that no scheduler can hang its caller.
public final class SchedulerConnection {
    /// What a scheduler did.
    public enum Event: Hashable, Sendable {
        /// It wrote a line, here without its newline.
        case line([UInt8])
        /// It wrote a line longer than the protocol allows: its beginning, its length.
        case overlong(prefix: [UInt8], length: Int)
        /// It has ended, and everything that it wrote was handed over.
        case ended(End)
    }

    /// How a process ended.
    public struct End: Hashable, Sendable, CustomStringConvertible {
        /// Its exit status; nil where it was killed by a signal or never ran.
        public var status: Int32?
        /// What happened, in words.
        public var description: String
    }

    private var process: SchedulerProcess
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ShellLimits.readBytes, alignment: 16)
    private var events: [Event] = []
    /// Events before this one were handed over.
    private var nextEvent = 0
    /// The deadline after which the pipes were looked at once more.
    private var lastLook: ContinuousClock.Instant?
    private var end: End?
    private let clock = ContinuousClock()

    /// Starts a process.
    public init(_ spec: ProcessSpec) throws(StartFailure) {
        // A scheduler that dies must not take the caller with it: a write to it gives an error instead.
        signal(SIGPIPE, SIG_IGN)
        process = try SchedulerProcess(spec: spec, faults: FaultPlan())
    }

    deinit {
        // Left running it would outlive its caller.
        process.finish()
        buffer.deallocate()
    }

    /// The last lines that the process wrote to stderr.
    public var lastErrors: [String] { process.lastErrors }

    /// Queues bytes for the process's stdin; they go out while events are waited for.
    public func send(_ bytes: [UInt8]) {
        guard process.input >= 0 else { return }
        process.outgoing.append(bytes)
        pump()
    }

    /// Queues a message for the process's stdin.
    public func send(_ message: DispatcherMessage) {
        var json = JSONWriter()
        message.write(to: &json)
        send(json.bytes)
    }

    /// Closes the process's stdin, as a dispatcher that died would.
    public func closeInput() { process.closeInput() }

    /// Kills the process and what it started.
    public func kill() { process.kill() }

    /// What the process does next, or nil where it does nothing before the deadline.
    public func next(before deadline: ContinuousClock.Instant) -> Event? {
        while true {
            if let event = takeEvent() { return event }
            if let end { return .ended(end) }
            // Who was stopped meanwhile looks once more: what it waited for may be in the pipe.
            let isLate = clock.now >= deadline
            if isLate, lastLook == deadline { return nil }
            if isLate { lastLook = deadline }
            wait(until: deadline)
            process.readErrors(buffer) { _ in }
            readOutput()
            if process.noteEnd() { noteEnd() }
        }
    }

    private func takeEvent() -> Event? {
        guard nextEvent < events.count else { return nil }
        defer {
            nextEvent += 1
            if nextEvent == events.count {
                events.removeAll(keepingCapacity: true)
                nextEvent = 0
            }
        }
        return events[nextEvent]
    }

    private func noteEnd() {
        // What it said last may still be in the pipe.
        for _ in 0..<ShellLimits.readsPerTurn where !readOutput() { break }
        process.readErrors(buffer) { _ in }
        process.closePipes()
        end = process.end
    }

    private func pump() {
        if process.outgoing.count > 0, !process.outgoing.drain(into: process.input) { process.closeInput() }
    }

    private func wait(until deadline: ContinuousClock.Instant) {
        pump()
        var descriptors: [pollfd] = []
        for descriptor in [process.ending, process.output, process.errors] where descriptor >= 0 {
            descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        if process.input >= 0, process.outgoing.count > 0 {
            descriptors.append(pollfd(fd: process.input, events: Int16(POLLOUT), revents: 0))
        }
        let left = (deadline - clock.now).components
        var milliseconds = min(left.seconds, 1_000_000) * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1
        if process.ending < 0 { milliseconds = min(milliseconds, Int64(ShellLimits.endCheckMilliseconds)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: max(0, milliseconds)))
    }

    /// Reads once; true where there may be more.
    @discardableResult
    private func readOutput() -> Bool {
        guard process.output >= 0 else { return false }
        let count = read(process.output, buffer.baseAddress, buffer.count)
        if count == 0 { process.closeOutput() }
        guard count > 0 else { return false }
        process.framer.push(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { event in
            switch event {
            case .line(let bytes): events.append(.line(Array(bytes)))
            case .overlong(let prefix, let length): events.append(.overlong(prefix: prefix, length: length))
            }
        }
        return true
    }
}
