import CLinux
import Dispatcher
import Glibc
import JSON
import SchedulerProtocol

/// One process of a scheduler, and the dispatcher's ends of its pipes.
///
/// Owned by one thread, which learns of the process's end by a descriptor that it polls.
struct SchedulerProcess {
    let processID: pid_t
    /// Readable once the process has ended; −1 where the system has no such thing, then one has to ask.
    private(set) var ending: Int32
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var errors: Int32
    var outgoing = OutputBuffer()
    /// How many bytes of `outgoing` the dispatcher was last told of.
    var reportedBytes = 0
    var framer = LineFramer(maxLineBytes: SchedulerProtocol.maxLineBytes)
    var errorFramer = LineFramer(maxLineBytes: ShellLimits.errorLineBytes)
    var faults: FaultState
    /// The last lines of its stderr.
    var lastErrors: [String] = []
    /// Bytes read and not acted upon yet, with when they count: a delay put in on purpose.
    var delayed = DelayedBytes()
    /// Set when the process has ended and its last output is being worked off.
    private(set) var end: SchedulerConnection.End?
    /// Whether it was killed: what it had said and nobody has heard yet does not count any more.
    private(set) var isKilled = false

    /// Starts the process.
    init(spec: ProcessSpec, faults: FaultPlan) throws(StartFailure) {
        let pipes = try Pipe.three()
        let (input, output, errors) = (pipes[0], pipes[1], pipes[2])
        do throws(StartFailure) {
            processID = try ProcessStarter.shared.start(spec, [input.readEnd, output.writeEnd, errors.writeEnd])
        } catch {
            for pipe in pipes { pipe.close() }
            throw error
        }
        for descriptor in [input.readEnd, output.writeEnd, errors.writeEnd] { close(descriptor) }
        ending = switchyard_watch_end(processID)
        self.input = input.writeEnd
        self.output = output.readEnd
        self.errors = errors.readEnd
        self.faults = FaultState(plan: faults)
        for descriptor in [input.writeEnd, output.readEnd, errors.readEnd] { setNonBlocking(descriptor) }
        GroupWatchdog.shared.add(processID)
    }

    /// Kills the process and what it started.
    mutating func kill() {
        guard end == nil else { return }
        isKilled = true
        _ = Glibc.kill(-processID, SIGKILL)
    }

    /// Looks whether the process has ended. Then what it left behind in its group is ended too, and its number let go.
    mutating func noteEnd() -> Bool {
        guard end == nil, switchyard_has_ended(processID) != 0 else { return false }
        // The group's number is ours as long as the leader is a zombie.
        _ = Glibc.kill(-processID, SIGKILL)
        GroupWatchdog.shared.remove(processID)
        let status = switchyard_reap(processID)
        if ending >= 0 { close(ending) }
        ending = -1
        end =
            status >= 0
            ? .init(status: status, description: "exited with status \(status)")
            : .init(
                status: nil, description: "was killed by signal \(-status) (\(String(cString: strsignal(-status))))")
        return true
    }

    /// Kills the process, waits a moment for its end, and closes all that is open.
    mutating func finish() {
        kill()
        for _ in 0..<ShellLimits.endChecks where end == nil {
            if noteEnd() { break }
            var entry = pollfd(fd: ending, events: Int16(POLLIN), revents: 0)
            _ = poll(&entry, 1, ShellLimits.endCheckMilliseconds)
        }
        if ending >= 0 { close(ending) }
        ending = -1
        closePipes()
    }

    /// Closes what is still open.
    mutating func closePipes() {
        closeInput()
        closeOutput()
        if errors >= 0 { close(errors) }
        errors = -1
    }

    mutating func closeInput() {
        if input >= 0 { close(input) }
        input = -1
        outgoing = OutputBuffer()
    }

    mutating func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    /// Reads what stderr has, keeps the last lines, and hands each to `body`.
    mutating func readErrors(_ buffer: UnsafeMutableRawBufferPointer, _ body: (String) -> Void) {
        guard errors >= 0 else { return }
        let count = read(errors, buffer.baseAddress, buffer.count)
        if count == 0 {
            close(errors)
            errors = -1
        }
        guard count > 0 else { return }
        var lines: [String] = []
        errorFramer.push(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { event in
            switch event {
            case .line(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
            case .overlong(let prefix, let length):
                lines.append("\(String(decoding: prefix, as: UTF8.self))… (\(length) bytes)")
            }
        }
        for line in lines { body(line) }
        lastErrors = (lastErrors + lines).suffix(ShellLimits.errorLinesKept)
    }
}

/// Bytes that count later than they came.
struct DelayedBytes {
    private var chunks: [(due: Int64, bytes: [UInt8])] = []
    /// Chunks before this one are worked off.
    private var first = 0
    /// How much waits: the bytes, and something for each chunk.
    private var weight = 0

    var isEmpty: Bool { first == chunks.count }
    /// When the first of them count.
    var due: Int64? { isEmpty ? nil : chunks[first].due }
    /// Whether no more should be read before some of them are worked off.
    var isFull: Bool { weight >= ShellLimits.delayedBytes }

    private static func weight(_ bytes: [UInt8]) -> Int { bytes.count + 64 }

    mutating func append(_ bytes: [UInt8], due: Int64) {
        chunks.append((due, bytes))
        weight += DelayedBytes.weight(bytes)
    }

    /// Takes out the first that are due.
    mutating func next(at now: Int64) -> [UInt8]? {
        guard let due, due <= now else { return nil }
        let bytes = chunks[first].bytes
        chunks[first].bytes = []
        first += 1
        weight -= DelayedBytes.weight(bytes)
        if first * 2 > chunks.count {
            chunks.removeFirst(first)
            first = 0
        }
        return bytes
    }

    mutating func removeAll() { self = DelayedBytes() }
}

/// How far the faults put in on purpose have come for one process.
struct FaultState {
    let plan: FaultPlan
    private var lines = 0
    private var placements = 0
    private var samples = 0

    init(plan: FaultPlan) { self.plan = plan }

    /// Counts a line; true when garbage is due after it.
    mutating func garbageIsDue() -> [UInt8]? {
        guard let every = plan.garbageEvery else { return nil }
        lines &+= 1
        guard lines % every == 0 else { return nil }
        samples &+= 1
        return FaultPlan.garbage(samples)
    }

    /// Counts placements; true when the process is to be killed for them.
    mutating func killIsDue(after message: SchedulerMessage) -> Bool {
        guard let every = plan.killEvery else { return false }
        switch message {
        case .place(_, let proposals), .transaction(_, _, let proposals, _): placements += proposals.count
        case .preempt: placements += 1
        default: return false
        }
        return placements >= every
    }
}
