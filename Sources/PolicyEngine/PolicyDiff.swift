import ClusterModel

/// Which pods two sets of policies decide about differently.
public struct PolicyDiff: Hashable, Sendable {
    /// The pods that are decided about differently, in the order given.
    public var changes: [Change]
    /// How many pods were looked at.
    public var podCount: Int
    /// How many pods moved from one scheduler to another, by the two names; a refused pod counts under `refused`.
    public var moves: [Move: Int]

    /// One pod that is decided about differently.
    public struct Change: Hashable, Sendable {
        /// The pod.
        public var pod: ObjectKey
        /// What the old policies decide.
        public var old: PolicyDecision
        /// What the new policies decide.
        public var new: PolicyDecision
    }

    /// From one scheduler to another.
    public struct Move: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// The scheduler under the old policies, or `refused`.
        public var from: String
        /// The scheduler under the new policies, or `refused`.
        public var to: String

        /// `gang -> binpack`, or `gang, changed otherwise`.
        public var description: String { from == to ? "\(from), changed otherwise" : "\(from) -> \(to)" }

        /// Orders by the old scheduler, then by the new one.
        public static func < (a: Move, b: Move) -> Bool { (a.from, a.to) < (b.from, b.to) }
    }

    /// Decides about each pod under both sets; a difference is a scheduler or its shadow, a refusal, or what is written, not
    /// a name of a rule alone.
    public init(old: PolicySet, new: PolicySet, pods: [Pod], cluster: PolicyCluster) {
        var before = PolicyEngine(old, cluster: cluster)
        var after = PolicyEngine(new, cluster: cluster)
        self.changes = []
        self.podCount = pods.count
        self.moves = [:]
        for pod in pods {
            let (a, b) = (before.decide(pod), after.decide(pod))
            let move = Move(from: a.route?.scheduler ?? "refused", to: b.route?.scheduler ?? "refused")
            guard move.from != move.to || Set(a.written) != Set(b.written) || a.route?.shadow != b.route?.shadow else {
                continue
            }
            changes.append(Change(pod: pod.metadata.key, old: a, new: b))
            moves[move, default: 0] += 1
        }
    }

    /// The difference as text: a line for each pod, then how many moved where.
    public var text: String {
        var lines: [String] = []
        for change in changes {
            lines.append("\(change.pod)")
            lines.append("    - \(change.old.headline)\(change.old.writtenText)")
            lines.append("    + \(change.new.headline)\(change.new.writtenText)")
        }
        lines += moves.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.counted("pod", "pods"))" }
        lines.append(
            "\(changes.count) of \(podCount.counted("pod", "pods")) \(changes.count == 1 ? "is" : "are") "
                + "decided about differently")
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    /// The difference as a JSON object.
    public var value: Value {
        .object([
            .init("pods", .int(Int64(podCount))),
            .init(
                "moves",
                .array(
                    moves.sorted { $0.key < $1.key }.map { move, count in
                        .object([
                            .init("from", .string(move.from)), .init("to", .string(move.to)),
                            .init("pods", .int(Int64(count))),
                        ])
                    })),
            .init(
                "changes",
                .array(
                    changes.map { change in
                        .object([
                            .init("namespace", .string(change.pod.namespace)), .init("name", .string(change.pod.name)),
                            .init("old", change.old.value), .init("new", change.new.value),
                        ])
                    })),
        ])
    }
}

extension PolicyDecision {
    /// What is written, whoever writes it: `label team=a`, `priority class high`.
    fileprivate var written: [String] {
        changes.map { change in
            let name = "\(change.target.rawValue) \(change.key)"
            return change.value.map { "\(name)=\($0)" } ?? "removes \(name)"
        } + specChanges.map(\.summary)
    }

    fileprivate var writtenText: String {
        (route?.shadow.map { ", with \($0) in its shadow" } ?? "")
            + (written.isEmpty ? "" : "; writes " + written.joined(separator: ", "))
    }
}
