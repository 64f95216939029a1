import Glibc
import JSON
import SchedulerProtocol
import Subprocess
import SystemPackage

/// One process of a scheduler, and the dispatcher's ends of its pipes.
///
/// Owned by the loop's thread. The task that waits for the process reports to the mailbox and touches nothing here.
struct SchedulerProcess {
    /// Counts the processes of one scheduler, so that word of an old one is not taken for the new one's.
    let incarnation: Int
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var errors: Int32
    var processID: pid_t?
    var outgoing = OutputBuffer()
    /// How many bytes of `outgoing` the dispatcher was last told of.
    var reportedBytes = 0
    var framer = LineFramer(maxLineBytes: SchedulerProtocol.maxLineBytes)
    var errorFramer = LineFramer(maxLineBytes: 4_096)
    var faults: FaultState
    /// The last lines of its stderr.
    var lastErrors: [String] = []
    /// Bytes read and not acted upon yet, with when they count: a delay put in on purpose.
    var delayed: [(due: Int64, bytes: [UInt8])] = []
    /// Set when the process has ended and its last output is being worked off.
    var exitReason: String?
    /// A kill that was asked for before the process was known to run.
    var killWanted = false
    /// Bytes written and read, for the figures.
    var bytesIn = 0
    var bytesOut = 0

    static let errorLinesKept = 20

    /// Starts the process; the mailbox hears when it runs and when it has ended. Nil where there are no descriptors left.
    init?(scheduler: Int, incarnation: Int, spec: ProcessSpec, faults: FaultPlan, mailbox: Mailbox) {
        guard let input = Pipe(), let output = Pipe(), let errors = Pipe() else { return nil }
        self.incarnation = incarnation
        self.input = input.writeEnd
        self.output = output.readEnd
        self.errors = errors.readEnd
        self.faults = FaultState(plan: faults)
        for descriptor in [input.writeEnd, output.readEnd, errors.readEnd] { setNonBlocking(descriptor) }
        let configuration = SchedulerProcess.configuration(spec)
        // Not on the shared pool: its threads may all be waiting for what this process does.
        Task.detached(executorPreference: ProcessExecutor.shared) {
            let reason: String
            var status: Int32?
            do {
                let result = try await Subprocess.run(
                    configuration,
                    input: .fileDescriptor(.init(rawValue: input.readEnd), closeAfterSpawningProcess: true),
                    output: .fileDescriptor(.init(rawValue: output.writeEnd), closeAfterSpawningProcess: true),
                    error: .fileDescriptor(.init(rawValue: errors.writeEnd), closeAfterSpawningProcess: true)
                ) { execution in
                    mailbox.post(
                        .started(
                            scheduler: scheduler, incarnation: incarnation,
                            processID: execution.processIdentifier.value))
                }
                switch result.terminationStatus {
                case .exited(let code):
                    reason = "exited with status \(code)"
                    status = code
                case .signaled(let signal):
                    reason = "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
                }
            } catch {
                reason = "could not be started: \(error)"
            }
            mailbox.post(
                .exited(scheduler: scheduler, incarnation: incarnation, reason: reason, status: status))
        }
    }

    private static func configuration(_ spec: ProcessSpec) -> Configuration {
        var options = PlatformOptions()
        // A group of its own, so that what the scheduler starts dies with it.
        options.processGroupID = 0
        let changes = Dictionary(
            uniqueKeysWithValues: spec.environment.map { key, value in
                (Environment.Key(stringLiteral: key), Optional(value))
            })
        let executable: Executable =
            spec.executable.contains("/")
            ? .path(FilePath(spec.executable)) : .name(spec.executable)
        return Configuration(
            executable: executable, arguments: Arguments(spec.arguments), environment: .inherit.updating(changes),
            workingDirectory: spec.workingDirectory.map { FilePath($0) }, platformOptions: options)
    }

    /// Kills the process and what it started; if it is not known to run yet, as soon as it is.
    mutating func kill() {
        guard let processID else {
            killWanted = true
            return
        }
        guard exitReason == nil else { return }
        _ = Glibc.kill(-processID, SIGKILL)
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
        lastErrors = (lastErrors + lines).suffix(SchedulerProcess.errorLinesKept)
    }
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
        lines += 1
        guard lines % every == 0 else { return nil }
        samples += 1
        return FaultPlan.garbage(samples)
    }

    /// Counts placements; true when the process is to be killed for them.
    mutating func killIsDue(after message: SchedulerMessage) -> Bool {
        guard let every = plan.killEvery else { return false }
        switch message {
        case .place(_, let proposals), .transaction(_, _, let proposals): placements += proposals.count
        case .preempt: placements += 1
        default: return false
        }
        return placements >= every
    }
}
