import Dispatcher
import JSON
import SchedulerProtocol

/// Runs that repeat exactly, however many schedulers there are and however fast each is.
///
/// Time is cut into rounds. In a round every scheduler that was told something is also sent a `ping`, and what all of them
/// say counts only once each has answered it, scheduler by scheduler in the order of registration. A scheduler answers
/// pings in turn with its work, so its decisions are there by then, and no race among processes decides who is first.
struct Rounds {
    /// Pings with numbers from here on are the shell's own; the dispatcher counts from 1.
    static let firstPing = 1 << 40

    /// What each scheduler has said in this round.
    fileprivate var inbox: [[SchedulerMessage]]
    /// Whether each was told something since its last ping.
    fileprivate var isTold: [Bool]
    /// The number of the ping that each has not answered yet.
    fileprivate var owed: [Int?]
    private var pings = Rounds.firstPing
    /// When the round began.
    fileprivate var since: Instant?

    init(schedulers: Int) {
        inbox = Array(repeating: [], count: schedulers)
        isTold = Array(repeating: false, count: schedulers)
        owed = Array(repeating: nil, count: schedulers)
    }

    /// Whether somebody has not finished with what it was told.
    var isOpen: Bool { owed.contains { $0 != nil } || isTold.contains(true) }

    mutating func noteSent(_ message: DispatcherMessage, to index: Int) {
        switch message {
        // One that is not ready yet answers `hello` first of all.
        case .hello, .ping, .stop, .drain: break
        default: isTold[index] = true
        }
    }

    fileprivate mutating func nextPing(for index: Int) -> DispatcherMessage? {
        guard isTold[index] else { return nil }
        isTold[index] = false
        pings += 1
        owed[index] = pings
        return .ping(pings)
    }

    fileprivate mutating func forget(_ index: Int) {
        isTold[index] = false
        owed[index] = nil
    }
}

extension Shell {
    /// Lets messages count round by round from now on, so that a run with a seed repeats exactly.
    ///
    /// To be called while nothing is under way. It costs a pipe's round trip for every round.
    public func beginRounds() { rounds = Rounds(schedulers: processes.count) }

    /// Asks everybody who was told something to say when it is done with it.
    func endRoundOfSending() {
        guard rounds != nil else { return }
        for index in processes.indices {
            guard processes[index] != nil else {
                rounds?.forget(index)
                continue
            }
            guard let ping = rounds?.nextPing(for: index) else { continue }
            json.removeAll()
            ping.write(to: &json)
            traffic[index].bytesSent += json.bytes.count
            observer.sent?(index, json.bytes, now)
            processes[index]?.outgoing.append(json.bytes)
            if rounds?.since == nil { rounds?.since = now }
        }
    }

    /// Takes note of a message: at once, or when the round ends.
    func hear(_ message: SchedulerMessage, from index: Int) {
        if rounds != nil {
            if case .pong(let id) = message {
                if rounds?.owed[index] == id { rounds?.owed[index] = nil }
            } else {
                rounds?.inbox[index].append(message)
                return
            }
        }
        // A sign of life counts at once, or a long round would look like silence.
        dispatcher.handle(.received(scheduler: index, message), at: now)
    }

    /// Hands over what was said, if the round is over; false where there was nothing.
    func deliverRound() -> Bool {
        guard let rounds, rounds.inbox.contains(where: { !$0.isEmpty }) else { return false }
        // A round that lasts is cut short, or a scheduler that decides much would look like one that decides nothing.
        let isLate = rounds.since.map { now.seconds(since: $0) > dispatcher.limits.decisionSeconds / 2 } ?? false
        let isFull = rounds.inbox.contains { $0.count > ShellLimits.roundMessages }
        guard !rounds.isOpen || isLate || isFull else { return false }
        self.rounds?.since = nil
        for index in processes.indices { deliver(from: index) }
        return true
    }

    /// Hands over the last words of a process before word of its end.
    func deliverLast(of index: Int) {
        guard rounds != nil else { return }
        deliver(from: index)
        rounds?.forget(index)
    }

    private func deliver(from index: Int) {
        guard let messages = rounds?.inbox[index] else { return }
        rounds?.inbox[index].removeAll(keepingCapacity: true)
        for message in messages { dispatcher.handle(.received(scheduler: index, message), at: now) }
    }
}
