import ClusterModel
import SchedulerProtocol
import Testing

@testable import Dispatcher

/// A dispatcher with schedulers that a test plays, in a time of its own that runs only when nothing else happens.
struct Theatre {
    /// What a scheduler does.
    enum Act {
        case say(SchedulerMessage)
        /// A line that goes through the decoder, as text.
        case write(String)
        case crash
    }

    /// How a run ended.
    struct Result {
        var starts: [Int]
        var kills: [Int]
        /// How often each pod was given out.
        var handouts: [Int: Int]
        var messages: Int
        var notes: [String]
        var seconds: Double
        var isSettled: Bool
    }

    var dispatcher: Dispatcher
    var now = Instant.start
    /// Whether a process that is killed ends.
    var killsWork = true
    private var starts: [Int]
    private var kills: [Int]
    private var handouts: [Int: Int] = [:]
    private var messages = 0
    private var notes: [String] = []

    init(_ names: [String] = ["evil"], nodes: Int = 2, limits: Limits = Limits()) {
        dispatcher = Dispatcher(schedulers: names.map { Registration(name: $0) }, limits: limits, seed: 1)
        starts = names.map { _ in 0 }
        kills = starts
        for number in 0..<nodes {
            dispatcher.handle(.nodeChanged(VirtualCluster.node("node-\(number)", 1_000)), at: now)
        }
    }

    static func key(_ number: Int) -> ObjectKey { ObjectKey(namespace: "default", name: "pod-\(number)") }

    /// Pods that ask for so much cpu arrive.
    mutating func arrive(
        _ count: Int, milli: Int64 = 100, to name: String = "evil", unavailable: PodRoute.Unavailable = .queue,
        group: ObjectKey? = nil, shadow: String? = nil, priority: Int32 = 0
    ) {
        let first = dispatcher.podCount
        var spec = SchedulingSpec(requests: ["cpu": Quantity(milli: milli)])
        spec.priority = priority
        dispatcher.handle(
            .podsArrived(
                (first..<first + count).map {
                    Arrival(
                        key: Theatre.key($0), spec: spec, group: group,
                        route: PodRoute(scheduler: name, unavailable: unavailable, shadow: shadow))
                }), at: now)
    }

    func outcome(_ number: Int) -> Outcome {
        dispatcher.outcome(of: dispatcher.number(of: Theatre.key(number)) ?? -1)
    }

    /// Goes on until everything is settled, or so many messages were sent, or so much time has passed.
    mutating func run(
        seconds: Double = 3_600, messages limit: Int = 100_000,
        _ react: (_ scheduler: Int, _ message: DispatcherMessage) -> [Act]
    ) -> Result {
        let end = now.advanced(bySeconds: seconds)
        var isQuiet = false
        while messages < limit, now < end, !(isQuiet && dispatcher.isSettled) {
            isQuiet = true
            for directive in dispatcher.flush(at: now) {
                isQuiet = false
                carryOut(directive, react)
            }
            if isQuiet, !dispatcher.isSettled {
                let next = dispatcher.deadline ?? end
                now = max(now.advanced(byNanoseconds: 1_000), min(next, now.advanced(bySeconds: 1)))
                isQuiet = false
            }
        }
        return Result(
            starts: starts, kills: kills, handouts: handouts, messages: messages, notes: notes,
            seconds: now.seconds(since: .start), isSettled: dispatcher.isSettled)
    }

    private mutating func carryOut(_ directive: Directive, _ react: (Int, DispatcherMessage) -> [Act]) {
        switch directive {
        case .start(let index):
            starts[index] += 1
            dispatcher.handle(.started(scheduler: index), at: now)
        case .kill(let index):
            kills[index] += 1
            if killsWork { dispatcher.handle(.exited(scheduler: index, reason: "was killed"), at: now) }
        case .send(let index, let message):
            messages += 1
            if case .pods(let pods, _) = message { for pod in pods { handouts[pod.pod, default: 0] += 1 } }
            for act in react(index, message) {
                switch act {
                case .say(let words): dispatcher.handle(.received(scheduler: index, words), at: now)
                case .write(let line): write(line, index)
                case .crash:
                    dispatcher.handle(.exited(scheduler: index, reason: "crashed"), at: now)
                    return
                }
            }
        case .note(let note): notes.append(note.description)
        case .bind, .evict: break
        }
    }

    private mutating func write(_ line: String, _ index: Int) {
        Array(line.utf8).withUnsafeBytes { bytes in
            do throws(MessageError) {
                dispatcher.handle(.received(scheduler: index, try SchedulerMessage.decode(bytes)), at: now)
            } catch {
                dispatcher.handle(.badLine(scheduler: index, reason: error.description), at: now)
            }
        }
    }
}

/// What a well-behaved scheduler answers to what is no decision.
func politely(_ message: DispatcherMessage, window: Int = 256) -> [Theatre.Act] {
    switch message {
    case .hello: [.say(.ready(Ready(window: window, capabilities: [.transaction])))]
    case .ping(let id): [.say(.pong(id))]
    case .stop: [.crash]
    default: []
    }
}
