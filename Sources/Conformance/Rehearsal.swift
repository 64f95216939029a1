import ClusterModel
import DispatcherShell
import JSON
import Placement
import SchedulerProtocol

/// How long the kit waits, in seconds.
public struct Patience: Hashable, Sendable {
    /// From the start to `ready`.
    public var handshake = 10.0
    /// The most that anything is waited for.
    public static let longest = 3_600.0
    /// For an answer: a decision, a `pong`.
    public var answer = 10.0
    /// For silence: so long nothing may come.
    public var quiet = 0.3
    /// For the end after `stop`.
    public var exit = 5.0

    /// The dispatcher's own figures, or less.
    public init() {}

    /// The same patience for everything that is waited for.
    ///
    /// No number is too large or small: what cannot be waited for counts as the longest, or as nothing.
    public init(seconds: Double) {
        let seconds = seconds.isNaN ? 0 : min(max(seconds, 0), Patience.longest)
        handshake = seconds
        answer = seconds
        exit = seconds
    }
}

/// Plays the dispatcher to one process of a scheduler: says what a check wants said, and judges what comes back.
final class Rehearsal {
    let patience: Patience
    private(set) var ready = Ready(window: 1, capabilities: [])
    private(set) var ledger = Ledger()
    /// Lines that were no messages, as far as they were read.
    private(set) var strays: [Fault] = []
    /// How many such lines there were.
    private(set) var strayCount = 0
    private static let straysKept = 100
    private let connection: SchedulerConnection
    private let log: Transcript?
    private var pongs: Set<Int> = []
    private var explanations: [Int: Value] = [:]
    private var pings = 0
    private let clock = ContinuousClock()
    /// Whether messages carry fields that no version knows.
    var extraFields = false
    /// How many messages came, `pong` aside.
    private(set) var messageCount = 0

    /// Starts a process; it is not greeted yet.
    init(_ spec: ProcessSpec, patience: Patience, log: Transcript? = nil) throws(Fault) {
        do throws(StartFailure) {
            connection = try SchedulerConnection(spec)
        } catch {
            throw Fault("it could not be started: \(error)")
        }
        self.patience = patience
        self.log = log
    }

    // MARK: - Listening

    /// The next message within so many seconds, or nil. Decisions are in the ledger then; a wrong one is thrown.
    func next(within seconds: Double) throws(Fault) -> SchedulerMessage? {
        let deadline = clock.now + .seconds(seconds)
        while true {
            switch connection.next(before: deadline) {
            case nil: return nil
            case .ended(let end): throw ended(end)
            case .overlong(let prefix, let length):
                note(stray: Fault("a line of \(length) bytes", line: Fault.shown(prefix)))
            case .line(let line):
                log?.received(line)
                guard !line.isEmpty else { continue }
                if let message = try interpret(line) { return message }
            }
        }
    }

    private func interpret(_ line: [UInt8]) throws(Fault) -> SchedulerMessage? {
        var decoded: Result<SchedulerMessage, MessageError> = .success(.unknown(type: ""))
        line.withUnsafeBytes { bytes in
            do throws(MessageError) { decoded = .success(try .decode(bytes)) } catch { decoded = .failure(error) }
        }
        switch decoded {
        case .failure(let error):
            let fault = Fault(error.description, line: Fault.shown(line))
            note(stray: fault)
            // A message that was meant as one and has a wrong element in it: nothing after it can be as it should.
            if Rehearsal.isMeantAsMessage(line) { throw fault }
            return nil
        case .success(let message):
            do throws(Fault) { try note(message) } catch { throw Fault(error.message, line: Fault.shown(line)) }
            return message
        }
    }

    /// Keeps the first lines that are no messages, and counts the others.
    private func note(stray: Fault) {
        strayCount += 1
        if strays.count < Rehearsal.straysKept { strays.append(stray) }
    }

    /// Whether a line is an object with a `type` that is known, and so no stray print.
    private static func isMeantAsMessage(_ line: [UInt8]) -> Bool {
        line.withUnsafeBytes { bytes in
            guard let document = try? JSONDocument(bytes) else { return false }
            return document.withRoot { root in root["type"]?.string.map(SchedulerMessage.typeNames.contains) ?? false }
        }
    }

    private func note(_ message: SchedulerMessage) throws(Fault) {
        switch message {
        case .pong(let id): pongs.insert(id)
        case .explanation(let id, let value): explanations[id] = value
        default: messageCount += 1
        }
        let placed = try ledger.take(message)
        guard ready.capabilities.contains(.echo), !placed.isEmpty else { return }
        send(.placed(revision: ledger.nextRevision(), placed.compactMap { ledger.placedPod($0) }))
    }

    private func ended(_ end: SchedulerConnection.End) -> Fault {
        var text = "it ended when it should not: \(end)"
        if let last = connection.lastErrors.last { text += "; its last word on stderr: \(last)" }
        return Fault(text)
    }

    /// The last lines that the process wrote to stderr, those that are on their way included.
    var lastErrors: [String] {
        // Its end may follow the fault at once, and the traceback that explains it with it.
        _ = connection.next(before: clock.now + .milliseconds(50))
        return connection.lastErrors
    }

    // MARK: - The handshake and the end

    /// Says hello and waits for `ready`.
    func greet(seed: UInt64 = 7, config: Value = .object([])) throws(Fault) {
        send(.hello(Hello(scheduler: "rehearsal", seed: seed, protectsPlacedSpread: true, config: config)))
        let deadline = clock.now + .seconds(patience.handshake)
        while let message = try next(within: seconds(until: deadline)) {
            guard case .ready(let ready) = message else {
                if clock.now < deadline { continue }
                throw Fault("expected ready within \(patience.handshake) s of hello, found other messages")
            }
            guard ready.version == SchedulerProtocol.version else {
                throw Fault(
                    "ready.protocol: expected version \(SchedulerProtocol.version), found \(ready.version)")
            }
            self.ready = ready
            return
        }
        let stray = strays.first
        throw Fault(
            "expected ready within \(patience.handshake) s of hello, found "
                + (stray.map { "no ready but a line that is no message (\($0.message))" } ?? "nothing"),
            line: stray?.line ?? "")
    }

    /// Waits for the process's end; nil where it does not come in time.
    func end(within seconds: Double) throws(Fault) -> SchedulerConnection.End? {
        let deadline = clock.now + .seconds(seconds)
        while true {
            switch connection.next(before: deadline) {
            case nil: return nil
            case .ended(let end): return end
            case .overlong(let prefix, let length):
                note(stray: Fault("a line of \(length) bytes", line: Fault.shown(prefix)))
            case .line(let line):
                log?.received(line)
                if !line.isEmpty { _ = try interpret(line) }
            }
        }
    }

    func closeInput() { connection.closeInput() }

    func kill() { connection.kill() }

    // MARK: - Saying

    func send(_ message: DispatcherMessage) {
        var json = JSONWriter()
        message.write(to: &json, runs: ready.capabilities.contains(.runs))
        guard extraFields, let tree = try? Value(json: json.bytes) else { return send(json.bytes) }
        send(Array(Rehearsal.withUnknownFields(tree).json.utf8) + [0x0A])
    }

    /// The tree with a field in every object that no version knows; maps of names get none, there it would be a name.
    private static func withUnknownFields(_ tree: Value) -> Value {
        switch tree {
        case .array(let items): return .array(items.map(withUnknownFields))
        case .object(let fields):
            let isMap = fields.allSatisfy { if case .string = $0.value { $0.key != "type" } else { false } }
            let inner = fields.map { Value.Field($0.key, withUnknownFields($0.value)) }
            return .object(isMap ? inner : [Value.Field("x-later", .array([.null, .int(1)]))] + inner)
        default: return tree
        }
    }

    func nextRevision() -> Int { ledger.nextRevision() }

    /// The scheduler has heard of all that was taken from it, as a `pong` shows.
    func endGrace() { ledger.endGrace() }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) {
        log?.sent(bytes)
        connection.send(bytes)
    }

    /// Tells of nodes; numbers go up from `first`.
    func join(_ nodes: [Node], first: WireNode = 0) {
        for (offset, node) in nodes.enumerated() { ledger.set(node, at: first + offset) }
        send(
            .nodes(
                revision: ledger.nextRevision(),
                upsert: nodes.enumerated().map { NumberedNode(id: first + $0.offset, node: $0.element) }, remove: []))
    }

    func remove(node: WireNode) {
        ledger.remove(node: node)
        send(.nodes(revision: ledger.nextRevision(), upsert: [], remove: [node]))
    }

    private func teach(_ specs: [SchedulingSpec]) -> [WireTemplate] {
        var new: [NumberedTemplate] = []
        let numbers = specs.map { spec in
            let (number, isNew) = ledger.template(spec)
            if isNew { new.append(NumberedTemplate(id: number, spec: spec)) }
            return number
        }
        if !new.isEmpty { send(.templates(new)) }
        return numbers
    }

    /// Tells of pods that others placed; the numbers of the pods.
    @discardableResult
    func placeForeign(_ specs: [SchedulingSpec], on node: WireNode) -> [WirePod] {
        let placed = teach(specs).map { ledger.placeForeign($0, on: node) }
        send(.placed(revision: ledger.nextRevision(), placed))
        return placed.map(\.pod)
    }

    func release(_ pods: [WirePod]) {
        for pod in pods { ledger.release(pod) }
        send(.released(revision: ledger.nextRevision(), pods))
    }

    /// Gives pods to the scheduler, in one message; their numbers.
    func give(_ specs: [SchedulingSpec], group: WireGroup? = nil) -> [WirePod] {
        let pods = teach(specs).map { template in
            PendingPod(pod: ledger.give(template, group: group), template: template, group: group)
        }
        let names = ready.capabilities.contains(.names) ? pods.map { "rehearsal/pod-\($0.pod)" } : []
        send(.pods(pods, names: names))
        return pods.map(\.pod)
    }

    func declare(_ group: PodGroup, id: WireGroup) {
        let numbered = NumberedGroup(id: id, group: group, bound: 0)
        ledger.declare(numbered)
        send(.groups([numbered]))
    }

    func withdraw(_ pods: [WirePod]) {
        for pod in pods { ledger.takeBack(pod) }
        send(.withdraw(pods))
    }

    /// Refuses placements; with `retry` the pods are the scheduler's to place again.
    func reject(_ pods: [WirePod], on node: WireNode, _ verdict: Rejection.Verdict, _ reason: String) {
        for pod in pods {
            switch verdict {
            case .retry: ledger.reject(pod)
            case .gone: ledger.takeBack(pod)
            }
        }
        let free = ledger.cell.freeResources(of: NodeIndex(node))
        send(
            .rejected(
                pods.map { Rejection(pod: $0, node: node, verdict: verdict, reason: reason, free: free) }))
    }

    // MARK: - Waiting

    /// Waits until all of the pods are decided.
    func settle(_ pods: [WirePod]) throws(Fault) {
        let deadline = clock.now + .seconds(patience.answer)
        while pods.contains(where: ledger.undecided.contains) {
            if try next(within: seconds(until: deadline)) != nil, clock.now < deadline { continue }
            let left = pods.filter(ledger.undecided.contains)
            throw Fault(
                "\(left.count) of \(pods.count) pods were not decided within \(patience.answer) s: "
                    + left.prefix(5).map { "\($0)" }.joined(separator: ", ") + (left.count > 5 ? ", …" : ""))
        }
    }

    /// Sends a ping and waits for its pong: afterwards the scheduler has read all that was sent before.
    func catchUp() throws(Fault) {
        pings += 1
        send(.ping(pings))
        let deadline = clock.now + .seconds(patience.answer)
        while !pongs.contains(pings) {
            if try next(within: seconds(until: deadline)) != nil, clock.now < deadline { continue }
            throw Fault("expected a pong with id \(pings) within \(patience.answer) s, found none")
        }
    }

    /// Sends `explain` and waits for the answer.
    func explanation(of spec: SchedulingSpec) throws(Fault) -> Value {
        pings += 1
        send(.explain(id: pings, template: teach([spec])[0]))
        let deadline = clock.now + .seconds(patience.answer)
        while true {
            if let found = explanations[pings] { return found }
            if try next(within: seconds(until: deadline)) != nil, clock.now < deadline { continue }
            throw Fault("expected an explanation with id \(pings) within \(patience.answer) s, found none")
        }
    }

    /// The node that a pod was placed on; throws where it was not placed.
    func node(of pod: WirePod, because: String) throws(Fault) -> WireNode {
        switch ledger.decisions[pod] {
        case .placed(let node): return node
        case .unschedulable(let reasons, _):
            let found = reasons.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            throw Fault("it says that pod \(pod) is unschedulable (\(found)), although \(because)")
        case nil: throw Fault("it has not decided pod \(pod), although \(because)")
        }
    }

    func expectPlaced(_ pod: WirePod, on node: WireNode, because: String) throws(Fault) {
        let found = try self.node(of: pod, because: because)
        guard found == node else {
            throw Fault("it placed pod \(pod) on node \(found), expected node \(node), because \(because)")
        }
    }

    private func seconds(until deadline: ContinuousClock.Instant) -> Double {
        let left = (deadline - clock.now).components
        return max(0, Double(left.seconds) + Double(left.attoseconds) / 1e18)
    }
}

/// What went over the pipes of the rehearsals, for tests to look at.
public final class Transcript {
    /// Lines that the kit sent, garbage included.
    public private(set) var toScheduler: [String] = []
    /// Lines that the scheduler sent.
    public private(set) var fromScheduler: [String] = []

    /// An empty transcript.
    public init() {}

    func sent(_ bytes: [UInt8]) {
        toScheduler += bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    func received(_ line: [UInt8]) { fromScheduler.append(String(decoding: line, as: UTF8.self)) }
}
