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
    private let names: [String]
    private let faults: FaultPlan
    let observer: Observer
    var processes: [SchedulerProcess?]
    /// Processes that did not end when they were killed, and that nobody waits for any more.
    private var lost: [SchedulerProcess] = []
    /// When the loop last went round, and how long it meant to sleep then.
    private var lastTurn: (at: Instant, meantToSleep: Int64)?
    private var isStopping = false
    /// Whether the schedulers are stopped without waiting for what they have.
    private var isHurried = false
    /// Whether carrying out told the dispatcher something new, which has something to say to it.
    private var takesMore = false
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ShellLimits.readBytes, alignment: 16)
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
        self.names = dispatcher.schedulerNames
        self.faults = faults
        self.observer = observer
        self.processes = specs.map { _ in nil }
        self.traffic = specs.map { _ in Traffic() }
        self.origin = clock.now
        // A scheduler that dies must not take the dispatcher with it: a write to it gives an error instead.
        signal(SIGPIPE, SIG_IGN)
        Interruption.watch()
    }

    deinit {
        for index in processes.indices { processes[index]?.finish() }
        for index in lost.indices { lost[index].finish() }
        buffer.deallocate()
        Interruption.unwatch()
    }

    /// Whether a signal asked for the end; `run` comes back at once then, and `stop` hurries.
    public var isInterrupted: Bool { Interruption.signal != nil }

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

    /// Goes on until `isDone` says so, or until a signal asks for the end.
    public func run(until isDone: (Shell) -> Bool) {
        while true {
            noteAbsence()
            carryOut(dispatcher.flush(at: now))
            endRoundOfSending()
            pump()
            if isInterrupted {
                if !isStopping { return }
                if !isHurried {
                    hurry()
                    continue
                }
            }
            if deliverRound() || takesMore { continue }
            let isDone = rounds?.isOpen != true && isDone(self)
            if isDone, rounds != nil { return }
            // A caller that has something to do at every turn must not keep the schedulers from being heard.
            wait(upTo: isDone ? 0 : Int64(1_000_000_000))
            for index in processes.indices { readOutput(of: index) }
            for index in processes.indices { noteEnd(of: index) }
            for index in processes.indices { workOff(index) }
            if isDone { return }
        }
    }

    /// Waits until every scheduler is ready or has failed, or until the first has been ready for a while.
    public func warmUp() {
        while !look({ $0.isWarmEnough(at: now) }), !isInterrupted {
            let until = now.advanced(bySeconds: 0.02)
            alarm = until
            run { $0.now >= until || $0.look({ $0.isWarm }) }
        }
        alarm = nil
    }

    /// Lets the schedulers finish and stops them; after a signal they are stopped without waiting for what they have.
    public func stop() {
        isStopping = true
        if isInterrupted { hurry() } else { submit(.shutDown) }
        run { $0.look({ $0.isStopped }) }
    }

    private func hurry() {
        isHurried = true
        submit(.stopNow)
    }

    /// Tells the dispatcher of time in which nobody listened to the schedulers: this program was stopped, the machine
    /// slept, or the caller was busy. What they said meanwhile is in the pipes, so none of it may count against them.
    private func noteAbsence() {
        let now = now
        if let lastTurn {
            let away = now.nanoseconds - lastTurn.at.nanoseconds - lastTurn.meantToSleep
            let absence = away - ShellLimits.absenceNanoseconds
            if absence > 0 { submit(.wasAway(nanoseconds: absence)) }
        }
        lastTurn = (now, 0)
    }

    // MARK: - Doing what the dispatcher wants

    private func carryOut(_ directives: [Directive]) {
        takesMore = false
        let takesRuns = directives.isEmpty ? [] : look({ $0.takesRuns })
        for directive in directives {
            switch directive {
            case .start(let index): start(index)
            case .kill(let index):
                if processes[index] == nil {
                    takesMore = true
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
        for index in lost.indices { _ = lost[index].noteEnd() }
        lost.removeAll { $0.end != nil }
        takesMore = true
        if var old = processes[index] {
            old.closePipes()
            lost.append(old)
            processes[index] = nil
        }
        do throws(StartFailure) {
            processes[index] = try SchedulerProcess(spec: specs[index], faults: faults)
            submit(.started(scheduler: index))
        } catch {
            submit(.exited(scheduler: index, reason: "could not be started: \(error)"))
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
        var descriptors: [pollfd] = []
        if !isStopping { descriptors.append(pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0)) }
        var due = min(look({ $0.deadline })?.nanoseconds ?? Int64.max, alarm?.nanoseconds ?? Int64.max)
        for process in processes {
            guard let process else { continue }
            if process.end != nil {
                due = min(due, process.delayed.due ?? 0)
                continue
            }
            if let first = process.delayed.due { due = min(due, first) }
            if process.ending >= 0 {
                descriptors.append(pollfd(fd: process.ending, events: Int16(POLLIN), revents: 0))
            } else {
                due = min(due, now.nanoseconds + Int64(ShellLimits.endCheckMilliseconds) * 1_000_000)
            }
            if process.output >= 0, !process.delayed.isFull {
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
        lastTurn?.meantToSleep = Int64(milliseconds) * 1_000_000
        _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }

    /// Reads what a scheduler has said, up to a share, so that one that floods does not starve the others.
    private func readOutput(of index: Int) {
        processes[index]?.readErrors(buffer) { line in observer.errorLine(names[index], line) }
        guard let output = processes[index]?.output, output >= 0 else { return }
        for _ in 0..<ShellLimits.readsPerTurn where processes[index]?.delayed.isFull == false {
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
            let due = now.advanced(bySeconds: Double(delay) / 1_000).nanoseconds
            processes[index]?.delayed.append(Array(bytes), due: due)
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
        // What a killed process said counts no more, and nobody waits for word of one that has ended to stop.
        if let process = processes[index], process.end != nil, process.isKilled || isStopping {
            processes[index]?.delayed.removeAll()
        }
        while let bytes = processes[index]?.delayed.next(at: now.nanoseconds) {
            bytes.withUnsafeBytes { interpret($0, from: index) }
        }
        guard let process = processes[index], let end = process.end, process.delayed.isEmpty else { return }
        var why = end.description
        if let last = process.lastErrors.last { why += "; its last word on stderr: \(last)" }
        processes[index]?.closePipes()
        processes[index] = nil
        deliverLast(of: index)
        dispatcher.handle(.exited(scheduler: index, reason: why), at: now)
    }

    /// Looks whether a process has ended, and reads what it said last.
    private func noteEnd(of index: Int) {
        guard processes[index]?.noteEnd() == true else { return }
        readOutput(of: index)
    }
}
