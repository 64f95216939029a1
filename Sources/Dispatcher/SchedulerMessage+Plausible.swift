import SchedulerProtocol

/// What a scheduler says, brought into the range that anything can be done with.
///
/// A number that cannot be, like a revision that is yet to come, is a fault that harms nobody; the decision beside it may
/// still be sound.
extension SchedulerMessage {
    /// The message with revisions from 0 to the newest, counts of nodes not below 0, and reasons of a length to be kept.
    func plausible(upTo newest: Int, _ limits: Limits) -> SchedulerMessage {
        func known(_ revision: Int?) -> Int? { revision.map { min(max($0, 0), newest) } }
        switch self {
        case .place(let revision, let proposals): return .place(revision: known(revision), proposals)
        case .transaction(let id, let revision, let proposals, let victims):
            return .transaction(id: id, revision: known(revision), proposals, victims: victims)
        case .preempt(let revision, let pod, let node, let victims, let violations):
            return .preempt(
                revision: known(revision), pod: pod, node: node, victims: victims, violations: violations)
        case .unschedulable(var report):
            report.revision = known(report.revision)
            report.trimReasons(limits)
            return .unschedulable(report)
        case .hold(var hold):
            hold.reason = hold.reason.shortened(toBytes: limits.reasonBytes)
            return .hold(hold)
        default: return self
        }
    }
}

extension Unschedulable {
    /// Counts beyond this are no numbers of nodes.
    private static let mostNodes = Int(Int32.max)

    fileprivate mutating func trimReasons(_ limits: Limits) {
        let isPlain =
            reasons.count <= limits.reasonsKept
            && reasons.allSatisfy {
                (0...Unschedulable.mostNodes).contains($0.value) && $0.key.utf8.count <= limits.reasonBytes
            }
        if isPlain { return }
        var kept: [String: Int] = [:]
        let sorted = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (reason, count) in sorted.prefix(limits.reasonsKept) {
            kept[reason.shortened(toBytes: limits.reasonBytes)] = min(max(count, 0), Unschedulable.mostNodes)
        }
        reasons = kept
    }
}

extension String {
    /// The text, or as much of its beginning as so many bytes hold, with a sign that more followed.
    package func shortened(toBytes most: Int) -> String {
        guard utf8.count > most else { return self }
        // Cut between characters: a character that is cut in two would show as none.
        var end = utf8.index(startIndex, offsetBy: most)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
