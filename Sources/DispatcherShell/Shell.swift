import Dispatcher
import Glibc
import JSON
import SchedulerProtocol

/// Runs a dispatcher for real: owns the clock, the processes and their pipes, and carries out directives.
///
/// One thread does everything: it waits in `poll`, reads what schedulers say, lets the dispatcher decide, writes what
/// there is to say. No write waits for a scheduler, so a slow one delays nobody.
public final class Shell {
    /// The dispatcher; to be read between calls of `run`, and in the condition of one.
    public internal(set) var dispatcher: Dispatcher
    private let specs: [ProcessSpec]
    private let faults: FaultPlan
    let observer: Observer
    private let mailbox = Mailbox()
    var processes: [SchedulerProcess?]
    private var incarnations: [Int]
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    var json = JSONWriter(capacity: 1 << 16)
    /// The rounds of a run that must repeat exactly; nil where messages count as they come.
    var rounds: Rounds?
    /// Bytes over all pipes, by scheduler.
    public internal(set) var traffic: [Traffic]

    /// When `run` is to look at its condition again even if nothing happens, for callers that wait for a moment; or nil.
    public var alarm: Instant?

    /// The process of each scheduler, or nil where none runs.
    public var processIDs: [pid_t?] { processes.map { $0?.processID } }

    /// What went over the pipes of one scheduler.
    public struct Traffic: Hashable, Sendable {
        /// Bytes sent to it.
        public var bytesSent = 0
        /// Bytes received from it.
        public var bytesReceived = 0
        /// Messages received from it.
        public var messagesReceived = 0
    }

    /// Who wants to hear what happens while it happens.
    public struct Observer {
        /// Called with every note of the dispatcher.
        public var note: (Note) -> Void = { _ in }
        /// Called with every line that a scheduler writes to stderr: its name, the line.
        public var errorLine: (String, String) -> Void = { _, _ in }
        /// Called with every batch of bindings.
        public var bound: ([Binding]) -> Void = { _ in }
        /// Called with every batch of evictions.
        public var evicted: ([Eviction]) -> Void = { _ in }
        /// Called with every line sent to a scheduler, its newline included; nil costs nothing.
        public var sent: ((_ scheduler: Int, _ line: [UInt8], _ now: Instant) -> Void)?
        /// Called with every line received from a scheduler, as it came; nil costs nothing.
        public var received: ((_ scheduler: Int, _ line: UnsafeRawBufferPointer, _ now: Instant) -> Void)?

        /// An observer that hears nothing until its closures are set.
        public init() {}
    }

    /// A shell around `dispatcher`, whose schedulers are started as `specs` say, in the same order.
    public init(
        dispatcher: Dispatcher, specs: [ProcessSpec], faults: FaultPlan = FaultPlan(), observer: Observer = Observer()
    ) {
        precondition(specs.count == dispatcher.schedulerNames.count, "a process spec for every scheduler")
        self.dispatcher = dispatcher
        self.specs = specs
        self.faults = faults
        self.observer = observer
        self.processes = specs.map { _ in nil }
        self.incarnations = specs.map { _ in 0 }
        self.traffic = specs.map { _ in Traffic() }
        self.origin = clock.now
        // A scheduler that dies must not take the dispatcher with it: a write to it gives an error instead.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        for index in processes.indices {
            processes[index]?.kill()
            processes[index]?.closePipes()
        }
        buffer.deallocate()
    }

    /// The time on the dispatcher's clock.
    public var now: Instant {
        let elapsed = (clock.now - origin).components
        return Instant(nanoseconds: elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
    }

    /// Tells the dispatcher what happened; what follows from it is done by the next turn of `run`.
    public func submit(_ event: Event) { dispatcher.handle(event, at: now) }

    /// Looks at the dispatcher where it is; to read the property takes a copy, with a count for each of its references.
    public func look<Seen>(_ body: (borrowing Dispatcher) -> Seen) -> Seen { Shell.look(at: &dispatcher, body) }

    private static func look<Seen>(at dispatcher: inout Dispatcher, _ body: (borrowing Dispatcher) -> Seen) -> Seen {
        body(dispatcher)
    }

    /// Goes on until `isDone` says so.
    public func run(until isDone: (Shell) -> Bool) {
        while true {
            carryOut(dispatcher.flush(at: now))
            endRoundOfSending()
            pump()
            if deliverRound() { continue }
            let isDone = rounds?.isOpen != true && isDone(self)
            if isDone, rounds != nil { return }
            // A caller that has something to do at every turn must not keep the schedulers from being heard.
            wait(upTo: isDone ? 0 : Int64(1_000_000_000))
            for index in processes.indices { readOutput(of: index) }
            for letter in mailbox.takeAll() { receive(letter) }
            for index in processes.indices { workOff(index) }
            if isDone { return }
        }
    }

    /// Lets the schedulers finish and stops them.
    public func stop() {
        submit(.shutDown)
        run { $0.look({ $0.isStopped }) }
    }

    // MARK: - Doing what the dispatcher wants

    private func carryOut(_ directives: [Directive]) {
        let takesRuns = directives.isEmpty ? [] : look({ $0.takesRuns })
        for directive in directives {
            switch directive {
            case .start(let index): start(index)
            case .kill(let index):
                if processes[index] == nil {
                    submit(.exited(scheduler: index, reason: "was not running"))
                } else {
                    processes[index]?.kill()
                }
            case .send(let index, let message):
                guard processes[index] != nil else { break }
                json.removeAll()
                message.write(to: &json, runs: takesRuns[index])
                traffic[index].bytesSent += json.bytes.count
                observer.sent?(index, json.bytes, now)
                processes[index]?.outgoing.append(json.bytes)
                rounds?.noteSent(message, to: index)
            case .bind(let bindings): observer.bound(bindings)
            case .evict(let evictions): observer.evicted(evictions)
            case .note(let note): observer.note(note)
            }
        }
    }

    private func start(_ index: Int) {
        incarnations[index] += 1
        processes[index] = SchedulerProcess(
            scheduler: index, incarnation: incarnations[index], spec: specs[index], faults: faults, mailbox: mailbox)
        if processes[index] == nil {
            submit(.exited(scheduler: index, reason: "could not be started: no file descriptors left"))
        }
    }

    /// Writes what each scheduler takes now.
    private func pump() {
        for index in processes.indices {
            guard var process = processes[index], process.input >= 0 else { continue }
            // Taken out meanwhile, so that the buffer is not copied.
            processes[index] = nil
            if process.outgoing.count > 0, !process.outgoing.drain(into: process.input) { process.closeInput() }
            let pending = process.outgoing.count
            if pending != process.reportedBytes {
                process.reportedBytes = pending
                dispatcher.handle(.outputPending(scheduler: index, bytes: pending), at: now)
            }
            processes[index] = process
        }
    }

    // MARK: - Waiting and listening

    /// Sleeps until something can be read or written, or a deadline comes, or so many nanoseconds have passed.
    private func wait(upTo limit: Int64) {
        var descriptors = [pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)]
        var due = min(look({ $0.deadline })?.nanoseconds ?? Int64.max, alarm?.nanoseconds ?? Int64.max)
        for process in processes {
            guard let process else { continue }
            if process.exitReason != nil {
                due = min(due, process.delayed.first?.due ?? 0)
                continue
            }
            if let first = process.delayed.first { due = min(due, first.due) }
            if process.output >= 0 {
                descriptors.append(pollfd(fd: process.output, events: Int16(POLLIN), revents: 0))
            }
            if process.errors >= 0 {
                descriptors.append(pollfd(fd: process.errors, events: Int16(POLLIN), revents: 0))
            }
            if process.input >= 0, process.outgoing.count > 0 {
                descriptors.append(pollfd(fd: process.input, events: Int16(POLLOUT), revents: 0))
            }
        }
        let remaining = limit == 0 ? 0 : min(limit, max(0, due - now.nanoseconds))
        // Rounded up, so that the loop does not spin through the last millisecond.
        let milliseconds = Int32(clamping: (remaining + 999_999) / 1_000_000)
        _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }

    /// Reads what a scheduler has said, up to a share, so that one that floods does not starve the others.
    private func readOutput(of index: Int) {
        processes[index]?.readErrors(buffer) { line in observer.errorLine(specs[index].executable, line) }
        guard let output = processes[index]?.output, output >= 0 else { return }
        for _ in 0..<4 {
            let count = read(output, buffer.baseAddress, buffer.count)
            if count > 0 {
                traffic[index].bytesReceived += count
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: index)
                if count < buffer.count { return }
            } else {
                if count == 0 { processes[index]?.closeOutput() }
                return
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, from index: Int) {
        if let delay = faults.delayMilliseconds {
            let due = now.nanoseconds + Int64(delay) * 1_000_000
            processes[index]?.delayed.append((due, Array(bytes)))
        } else {
            interpret(bytes, from: index)
        }
    }

    /// Cuts bytes into lines, lines into messages, and tells the dispatcher.
    private func interpret(_ bytes: UnsafeRawBufferPointer, from index: Int) {
        guard var framer = processes[index]?.framer else { return }
        framer.push(bytes) { event in
            switch event {
            case .line(let line): receive(line, from: index)
            case .overlong(let prefix, let length):
                reportBadLine(index, "a line of \(length) bytes", UnsafeRawBufferPointer(start: nil, count: 0), prefix)
            }
        }
        processes[index]?.framer = framer
    }

    private func receive(_ line: UnsafeRawBufferPointer, from index: Int) {
        if line.isEmpty { return }
        observer.received?(index, line, now)
        do throws(MessageError) {
            let message = try SchedulerMessage.decode(line)
            traffic[index].messagesReceived += 1
            hear(message, from: index)
            if processes[index]?.faults.killIsDue(after: message) == true { processes[index]?.kill() }
        } catch {
            reportBadLine(index, error.description, line, [])
        }
        if let garbage = processes[index]?.faults.garbageIsDue() {
            garbage.dropLast().withUnsafeBytes { bytes in
                do throws(MessageError) {
                    hear(try SchedulerMessage.decode(bytes), from: index)
                } catch {
                    reportBadLine(index, error.description, bytes, [])
                }
            }
        }
    }

    private func reportBadLine(_ index: Int, _ reason: String, _ line: UnsafeRawBufferPointer, _ prefix: [UInt8]) {
        let shown = prefix.isEmpty ? Array(line.prefix(LineFramer.prefixBytes)) : prefix
        let text = String(decoding: shown, as: UTF8.self).unicodeScalars.map {
            $0.properties.generalCategory == .control ? "\\u{\(String($0.value, radix: 16))}" : String($0)
        }.joined()
        dispatcher.handle(.badLine(scheduler: index, reason: "\(reason): \"\(text)\""), at: now)
    }

    /// Acts on delayed bytes that are due, and on an exit once nothing is left to read.
    private func workOff(_ index: Int) {
        while let first = processes[index]?.delayed.first, first.due <= now.nanoseconds {
            processes[index]?.delayed.removeFirst()
            first.bytes.withUnsafeBytes { interpret($0, from: index) }
        }
        guard let process = processes[index], let reason = process.exitReason, process.delayed.isEmpty else { return }
        var why = reason
        if let last = process.lastErrors.last { why += "; its last word on stderr: \(last)" }
        processes[index]?.closePipes()
        processes[index] = nil
        deliverLast(of: index)
        dispatcher.handle(.exited(scheduler: index, reason: why), at: now)
    }

    private func receive(_ letter: Mailbox.Letter) {
        switch letter {
        case .started(let index, let incarnation, let processID):
            guard processes[index]?.incarnation == incarnation else { return }
            processes[index]?.processID = processID
            if processes[index]?.killWanted == true { processes[index]?.kill() }
            dispatcher.handle(.started(scheduler: index), at: now)
        case .exited(let index, let incarnation, let reason, _):
            guard processes[index]?.incarnation == incarnation else { return }
            // What it said last may still be in the pipe.
            readOutput(of: index)
            processes[index]?.exitReason = reason
        }
    }
}
