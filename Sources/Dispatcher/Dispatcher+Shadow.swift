import ClusterModel
import DequeModule
import Placement
import SchedulerProtocol

/// Shadow schedulers: copies of pods go to them when the pods go to their schedulers.
///
/// Nothing waits for a shadow. Its copies take what is left of its window after the pods that are its own, and at most
/// half of it; one that is silent is asked for its copies back after `Limits.shadowSeconds`.
extension Dispatcher {
    /// What came of the copies so far, by pair of scheduler and shadow.
    public var shadowFigures: [ShadowFigures] { shadows.pairs }

    /// Whether no shadow has a copy to decide; comes true by itself after a while.
    public var areShadowsSettled: Bool { shadows.openUnits == 0 }

    // MARK: - Handing out

    /// Copies pods that go to their scheduler now, if their policy says so: one that is alone, or all of a group.
    mutating func copy(_ members: [Int], from index: Int, _ now: Instant) {
        guard let first = members.first(where: { !pods[$0].wasCopied }) else { return }
        let group = Int(pods[first].group)
        let route = group >= 0 ? groups[group].route : pods[first].route
        guard route >= 0, let name = shadows.shadow(ofRoute: route) else { return }
        let copied = members.filter { !pods[$0].wasCopied }
        for pod in copied { pods[pod].wasCopied = true }
        let shadow = chooseShard(shards(ofSchedulerNamed: name)) ?? shards(ofSchedulerNamed: name).first ?? -1
        // A pod that fell back to its own shadow has nothing to be compared with.
        guard shadow != index else { return }
        let known = shadows.pairs.count
        let pair = shadows.pair(slots[index].registration.name, name)
        if shadow < 0, pair == known {
            note(.warning, index, "no scheduler named \(name) is registered, which was to shadow it")
        }
        let number = shadows.add(
            ShadowBook.Unit(
                shadow: shadow, pair: pair, group: group, since: now,
                members: copied.map { ShadowBook.Member(pod: $0) }))
        guard shadow >= 0, slots[shadow].isAvailable,
            shadows.queues[shadow]?.count ?? 0 < limits.shadowQueueLength
        else {
            giveUp(unit: number)
            return
        }
        shadows.queues[shadow, default: []].append(number)
    }

    /// Hands out the copies that shadows have room for.
    mutating func tellShadows(_ now: Instant) {
        for index in slots.indices where slots[index].phase == .ready {
            guard slots[index].outputBytes < limits.outputHighWaterBytes else { continue }
            var batch: [PendingPod] = []
            while shadowCredit(index) > 0, let number = shadows.queues[index]?.popFirst() {
                guard let unit = shadows.units[number], unit.stage == .queued else { continue }
                if unit.members.contains(where: { isDecidedAlready($0) }) {
                    giveUp(unit: number, isLate: true)
                    continue
                }
                hand(number, to: index, &batch, now)
                if batch.count >= limits.podsPerMessage { sendPods(&batch, index) }
            }
            sendPods(&batch, index)
        }
    }

    /// Copies that a scheduler may have now. Pods of its own come first.
    private func shadowCredit(_ index: Int) -> Int {
        guard slots[index].queue.isEmpty else { return 0 }
        let window = min(slots[index].window, slots[index].windowLimit)
        return min(window - slots[index].undecided, max(1, window / 2)) - slots[index].copiesInHand
    }

    private func isDecidedAlready(_ member: ShadowBook.Member) -> Bool {
        member.outcome != nil || pods[member.pod].state == .bound || pods[member.pod].state == .staged
    }

    private mutating func hand(_ number: Int, to index: Int, _ batch: inout [PendingPod], _ now: Instant) {
        guard var unit = shadows.units[number] else { return }
        unit.stage = .handed
        unit.since = now
        var copyGroup: Int?
        if unit.group >= 0, var described = numbered(unit.group, for: index) {
            let first = shadows.copyNumber()
            described.id = first
            described.started = nil
            // Members bound before stay bound for the copies: those that come later only join.
            sendPods(&batch, index)
            send(index, .groups([described]))
            copyGroup = first
        }
        for position in unit.members.indices {
            let copy = shadows.copyNumber()
            unit.members[position].copy = copy
            unit.members[position].seen = slots[index].cursor
            shadows.copies[copy] = (number, position)
            let pod = unit.members[position].pod
            batch.append(PendingPod(pod: copy, template: Int(pods[pod].spec), group: copyGroup))
        }
        slots[index].copiesInHand += unit.members.count
        shadows.units[number] = unit
        shadows.handed.append(number)
        if copyGroup != nil { sendPods(&batch, index) }
    }

    /// The name of the pod that a copy is of; nil for one that nobody has any more.
    func original(of copy: Int) -> Int? {
        guard ShadowBook.isCopy(copy), let (unit, position) = shadows.copies[copy] else { return nil }
        return shadows.units[unit]?.members[position].pod
    }

    // MARK: - Taking back

    /// Takes copies back from shadows that do not answer.
    mutating func expireShadows(_ now: Instant) {
        let limit = limits.shadowSeconds
        while let number = shadows.handed.first {
            if let unit = shadows.units[number], unit.stage == .handed {
                guard unit.since.advanced(bySeconds: limit) <= now else { break }
                giveUp(unit: number)
            }
            shadows.handed.removeFirst()
        }
        for index in Array(shadows.queues.keys) {
            while let number = shadows.queues[index]?.first {
                if let unit = shadows.units[number], unit.stage == .queued {
                    guard unit.since.advanced(bySeconds: limit) <= now else { break }
                    giveUp(unit: number, isLate: unit.members.contains { isDecidedAlready($0) })
                }
                shadows.queues[index]?.removeFirst()
            }
        }
    }

    /// When `expireShadows` has something to do, or nil.
    var shadowDeadline: Instant? {
        let oldest = ([shadows.handed.first] + shadows.queues.values.map(\.first))
            .compactMap { $0.flatMap { shadows.units[$0]?.since } }.min()
        return oldest?.advanced(bySeconds: limits.shadowSeconds)
    }

    /// The shadow has nothing more to say about a unit: what it did not decide stays undecided.
    ///
    /// `isLate` tells that it was not asked, because the pods were decided before it had room for their copies.
    mutating func giveUp(unit number: Int, isLate: Bool = false) {
        guard var unit = shadows.units[number], unit.stage != .answered else { return }
        let wasQueued = unit.stage == .queued
        unit.isLate = isLate
        for position in unit.members.indices where unit.members[position].shadow == nil {
            unit.members[position].shadow = .nothing
            unit.isGivenUp = true
            if !wasQueued { slots[unit.shadow].copiesInHand -= 1 }
        }
        shadows.units[number] = unit
        answer(number)
    }

    /// The process of a shadow has ended, and its copies with it.
    mutating func loseCopies(of index: Int) {
        for number in shadows.handed {
            guard let unit = shadows.units[number], unit.stage == .handed, unit.shadow == index else { continue }
            giveUp(unit: number)
        }
        // Whoever is started in its place has never heard of them.
        slots[index].rejections = []
        slots[index].withdrawals = []
        slots[index].retold = []
    }
}
