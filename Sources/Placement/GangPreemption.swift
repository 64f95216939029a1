import ClusterModel

/// A way for a gang to start: places for as many members as it needs at once, and the pods that must leave for them.
public struct GangPreemption: Hashable, Sendable {
    /// Where the members go; those that it does not need stand in `left`.
    public var plan: GangPlan
    /// The pods to evict, the most important first.
    public var victims: [PodID]
    /// How many of them a disruption budget guards.
    public var budgetViolations: Int
}

extension Preemption {
    /// Places for as many members as a gang needs at once and the victims that make room for them all; nil where there
    /// are none, and then nobody needs to leave. The cell is afterwards as before.
    ///
    /// First the least that must be open to eviction is found: pods that no budget guards before those that one does, then
    /// by priority. Within it two ways are tried, in each domain that the gang may lie in: to plan as if all of them were
    /// gone, and to take one node after the other where few evictions make room for many members. Of each way every victim
    /// is put back that is not needed. The best by Kubernetes' order of candidates is taken.
    ///
    /// - Complexity: O(pods × log levels + domains × (nodes × pods on them + members × cost of a selection)); off the hot
    ///   path.
    ///
    /// Groups go on with what they need; where that leaves no way, groups go whole.
    public func choose(_ gang: Gang, by engine: inout Engine, in cell: inout Cell) -> GangPreemption? {
        if groups.isEmpty { return search(gang, by: &engine, in: &cell) }
        var sparing = self
        sparing.protected.formUnion(membersNotSpared(in: cell))
        return sparing.search(gang, by: &engine, in: &cell) ?? takeWholeGroups(for: gang, by: &engine, in: &cell)
    }

    private func search(_ gang: Gang, by engine: inout Engine, in cell: inout Cell) -> GangPreemption? {
        let core = gang.core
        guard var search = GangSearch(core, self, &engine, &cell), search.couldFit(cell) else { return nil }
        search.begin(&cell)
        defer { search.end(&cell) }
        guard search.openLevels(&engine, &cell) else { return nil }
        var best: (key: [Int64], found: GangPreemption)?
        func consider(_ way: GangSearch.Way?) {
            guard let way else { return }
            let found = preemption(way, gang, cell)
            let key = key(
                PreemptionCandidate(node: -1, victims: found.victims, budgetViolations: found.budgetViolations), cell)
            if best.map({ key.lexicographicallyPrecedes($0.key) }) ?? true { best = (key, found) }
        }
        for scope in search.scopes(&engine, &cell) {
            let planned = search.planAsIfGone(scope, &engine, &cell)
            let taken = search.takeNodes(scope, &engine, &cell)
            // The candidates stand on their nodes now, where they can be compared.
            consider(planned)
            consider(taken)
            // What is best for one node need not be best for all: other beginnings are tried where they are few.
            for node in search.beginnings(scope, cell) {
                consider(search.takeNodes(scope, startingAt: node, &engine, &cell))
            }
            search.close(&cell)
        }
        return best?.found
    }

    /// The placed members of each group, the most important first.
    private func placedMembers(in cell: Cell) -> [Int32: [PodID]] {
        var members: [Int32: [PodID]] = [:]
        for (pod, group) in groupOf where cell.pods[pod].node >= 0 { members[group, default: []].append(pod) }
        return members.mapValues { pods in pods.sorted { isMoreImportant($0, $1, cell) } }
    }

    /// Members without which their groups do not go on, the most important of each.
    private func membersNotSpared(in cell: Cell) -> [PodID] {
        placedMembers(in: cell).flatMap { number, pods in
            groups[number].map { pods.dropLast($0.spare) } ?? []
        }
    }

    /// Victims among which groups that cannot go on go whole; a group of which somebody must stay is left alone.
    private func takeWholeGroups(
        for gang: Gang, by engine: inout Engine, in cell: inout Cell
    ) -> GangPreemption? {
        let members = placedMembers(in: cell)
        let floor = gang.members.map { cell.spec(of: $0.classIndex).priority }.min() ?? .min
        var preemption = self
        for (number, pods) in members where groups[number] != nil {
            let stays = pods.contains { protected.contains($0) || priority($0, cell) >= floor }
            if stays { preemption.protected.formUnion(pods.dropLast(groups[number]?.spare ?? 0)) }
        }
        guard var found = preemption.search(gang, by: &engine, in: &cell) else { return nil }
        var losing: [Int32: Int] = [:]
        for victim in found.victims { if let group = groupOf[victim] { losing[group, default: 0] += 1 } }
        var victims = Set(found.victims)
        for (number, count) in losing where groups[number]?.mayLose(count) == false {
            victims.formUnion(members[number] ?? [])
        }
        found.victims = victims.sorted { isMoreImportant($0, $1, cell) }
        found.budgetViolations = budgetViolations(of: found.victims, in: cell)
        return found
    }

    private func preemption(_ way: GangSearch.Way, _ gang: Gang, _ cell: Cell) -> GangPreemption {
        let placed = Set(way.seats.map(\.pod))
        let left = gang.members.flatMap(\.pods).filter { !placed.contains($0) }
        let victims = way.victims.sorted { isMoreImportant($0, $1, cell) }
        return GangPreemption(
            plan: GangPlan(items: way.seats, left: left), victims: victims,
            budgetViolations: guardedPods(victims, cell).count)
    }
}

extension Gang {
    /// The gang of those members alone that it needs: first those that some task needs, then in their order.
    var core: Gang {
        let needed = max(minMember, tasks.reduce(0) { $0 + $1.minMember })
        guard needed < count else { return self }
        var core = self
        var room = needed
        core.members = membersByNeed.compactMap { run in
            let pods = Array(run.pods.prefix(room))
            room -= pods.count
            return pods.isEmpty ? nil : Members(class: run.classIndex, pods: pods)
        }
        core.minMember = core.count
        return core
    }
}
