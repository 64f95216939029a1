import ClusterModel
import DispatcherShell
import SchedulerProtocol

/// Feeds a recording to a scheduler and compares its decisions with the recorded ones.
///
/// The scheduler gets the recorded lines in their order. Before each, the replay waits until the scheduler has decided as
/// much as it had in the recording by then, so that decisions rest on the same state however fast either run was.
public enum Replay {
    /// Replays the recording of one process (see `Recording.processes`).
    ///
    /// - Parameter patience: the longest wait for a decision, in seconds.
    public static func run(_ recording: Recording, on spec: ProcessSpec, patience: Double = 10) -> ReplayReport {
        var report = ReplayReport()
        let connection: SchedulerConnection
        do throws(StartFailure) {
            connection = try SchedulerConnection(spec)
        } catch {
            report.faults.append("the scheduler could not be started: \(error)")
            return report
        }
        var run = Run(connection: connection, patience: patience)
        defer { connection.kill() }
        for entry in recording.entries {
            switch entry.direction {
            case .fromScheduler: report.recorded += Run.decisions(entry.line)
            case .toScheduler:
                if let fault = run.reach(report.recorded.count) {
                    report.faults.append("before the line \(entry.line.prefix(120)): \(fault)")
                    break
                }
                connection.send(Array(entry.line.utf8) + [0x0A])
            }
            if !report.faults.isEmpty { break }
        }
        if report.faults.isEmpty, let fault = run.reach(report.recorded.count) {
            report.faults.append("at the end: \(fault)")
        }
        report.replayed = run.decided
        return report
    }

    /// A decision: about which pod, and what.
    public struct Decision: Hashable, Sendable, CustomStringConvertible {
        /// The pod; nil for `ready`.
        public var pod: Int?
        /// What was decided: `on node 3`, `unschedulable`.
        public var text: String

        /// `pod 7: on node 3`
        public var description: String { pod.map { "pod \($0): \(text)" } ?? text }
    }

    private struct Run {
        let connection: SchedulerConnection
        let patience: Double
        var decided: [Decision] = []

        /// Waits until there are so many decisions; answers what went wrong otherwise.
        mutating func reach(_ count: Int) -> String? {
            let deadline = ContinuousClock().now + .seconds(patience)
            while decided.count < count {
                switch connection.next(before: deadline) {
                case nil: return "expected \(count) decisions by now, found \(decided.count) after \(patience) s"
                case .ended(let end): return "expected \(count) decisions by now, found \(decided.count): it \(end)"
                case .overlong: continue
                case .line(let line): decided += Run.decisions(String(decoding: line, as: UTF8.self))
                }
            }
            return nil
        }

        /// The decisions that a line holds; none for a line that is no message.
        static func decisions(_ line: String) -> [Decision] {
            var message: SchedulerMessage?
            Array(line.utf8).withUnsafeBytes { bytes in
                do throws(MessageError) { message = try SchedulerMessage.decode(bytes) } catch { message = nil }
            }
            switch message {
            case .ready: return [Decision(pod: nil, text: "ready")]
            case .place(_, let proposals), .transaction(_, _, let proposals, _):
                return proposals.map { Decision(pod: $0.pod, text: "on node \($0.node)") }
            case .unschedulable(let report): return report.pods.map { Decision(pod: $0, text: "unschedulable") }
            case .preempt(_, let pod, let node, let victims, _):
                let gone = victims.sorted().map { "\($0)" }.joined(separator: ", ")
                return [Decision(pod: pod, text: "on node \(node) instead of \(gone)")]
            default: return []
            }
        }
    }
}

/// How a replay went.
public struct ReplayReport: Hashable, Sendable {
    /// The decisions of the recording, in order.
    public var recorded: [Replay.Decision] = []
    /// Those of the replay.
    public var replayed: [Replay.Decision] = []
    /// Why the replay ended early, if it did.
    public var faults: [String] = []

    /// Decisions that differ, by pod: what was recorded, what the replay brought.
    public var differences: [String] {
        var pods: [Int] = []
        var before: [Int: [String]] = [:]
        var after: [Int: [String]] = [:]
        for decision in recorded {
            guard let pod = decision.pod else { continue }
            if before[pod] == nil { pods.append(pod) }
            before[pod, default: []].append(decision.text)
        }
        for decision in replayed {
            guard let pod = decision.pod else { continue }
            if before[pod] == nil, after[pod] == nil { pods.append(pod) }
            after[pod, default: []].append(decision.text)
        }
        let shown = { (texts: [String]?) in (texts ?? ["nothing"]).joined(separator: ", then ") }
        return pods.filter { before[$0] != after[$0] }.map {
            "pod \($0): recorded \(shown(before[$0])); replayed \(shown(after[$0]))"
        }
    }

    /// Whether the scheduler decided as it did in the recording.
    public var matches: Bool { faults.isEmpty && differences.isEmpty }

    /// The report for people: a line a difference, and a line that sums up.
    public var text: String {
        let differences = differences
        let lines = faults + differences
        return lines.map { $0 + "\n" }.joined()
            + "\(recorded.count) decisions recorded, \(replayed.count) replayed, \(differences.count) pods differ\n"
    }
}
