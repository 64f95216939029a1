import SchedulerProtocol

/// Keeping schedulers apart that keep choosing the same nodes.
///
/// Schedulers that pack all want the fullest node, so they meet on it however far apart they began, and one loses. Those
/// that meet too often, winners and losers alike, are each told of a share of the nodes to look at first. When they have
/// not met for long they may look everywhere again. It is advice: a scheduler may pass it over, and one that finds no room
/// in its share looks at all nodes.
extension Dispatcher {
    /// Takes note of a placement that another scheduler's commit made impossible.
    mutating func noteMeeting(of loser: Int, with winner: Int) {
        for index in [loser, winner] where slots.indices.contains(index) {
            slots[index].contention += 1 / limits.contentionMemory
        }
    }

    /// Tells schedulers of their shares where these have changed.
    mutating func keepApart() {
        guard slots.contains(where: { $0.contention > limits.contentionHigh || $0.share.of > 1 }) else { return }
        let apart = slots.indices.filter { index in
            // Shards keep to shares of their own from the start.
            guard slots[index].phase == .ready, slots[index].registration.shards == 1 else { return false }
            return slots[index].contention > (slots[index].share.of > 1 ? limits.contentionLow : limits.contentionHigh)
        }
        for index in slots.indices where slots[index].phase == .ready && slots[index].registration.shards == 1 {
            let which = apart.count > 1 ? apart.firstIndex(of: index) : nil
            let share = (which: which ?? 0, of: which == nil ? 1 : apart.count)
            guard share != slots[index].share else { continue }
            slots[index].share = share
            send(index, .share(share: share.which, shares: share.of))
        }
    }
}
