import ClusterModel

/// Which pods of a node go, and which are spared.
extension Preemption {
    struct Refusal: Error { var texts: [String] }

    /// Evicts every pod of lower priority, as far as their groups can lose them, then takes back as many as still fit, the
    /// most important first, those that a budget guards before the others.
    ///
    /// Source: Kubernetes' `SelectVictimsOnNode`; the groups are ours.
    func victims(
        _ index: ClassIndex, on node: NodeIndex, adding added: AddedRules, in cell: inout Cell
    ) -> Result<PreemptionCandidate, Refusal> {
        let priority = cell.spec(of: index).priority
        let lower = cell.pods(on: node).filter { isEvictable($0, below: priority, cell) }
        guard !lower.isEmpty else { return .failure(Refusal(texts: [Preemption.noVictims])) }
        let plans = groups.isEmpty ? [lower.map { VictimUnit(pods: [$0]) }] : units(of: lower, below: priority, cell)
        var result: Result<PreemptionCandidate, Refusal> = .failure(Refusal(texts: [Preemption.noVictims]))
        for units in plans where !units.isEmpty {
            result = reprieve(units, for: index, on: node, adding: added, in: &cell)
            if case .success = result { break }
        }
        return result
    }

    private func isEvictable(_ pod: PodID, below priority: Int32, _ cell: Cell) -> Bool {
        !protected.contains(pod) && self.priority(pod, cell) < priority
    }

    /// What may be evicted so that no group is left with too few members, in one or two ways: first so that the groups go
    /// on, then so that groups which stand on this node alone go whole.
    private func units(of lower: [PodID], below priority: Int32, _ cell: Cell) -> [[VictimUnit]] {
        var single: [VictimUnit] = []
        var members: [Int32: [PodID]] = [:]
        for pod in lower {
            if let group = groupOf[pod], groups[group] != nil {
                members[group, default: []].append(pod)
            } else {
                single.append(VictimUnit(pods: [pod]))
            }
        }
        var (going, whole) = (single, single)
        var hasChoice = false
        for (number, present) in members.sorted(by: { $0.key < $1.key }) {
            guard let group = groups[number] else { continue }
            let ordered = present.sorted { isMoreImportant($0, $1, cell) }
            if group.goesWhole {
                let all = Set(membersOf[number] ?? []).union(present).filter { cell.pods[$0].node >= 0 }
                guard all.allSatisfy({ isEvictable($0, below: priority, cell) }) else { continue }
                let unit = VictimUnit(pods: all.sorted { isMoreImportant($0, $1, cell) })
                going.append(unit)
                whole.append(unit)
                continue
            }
            let spared = ordered.suffix(group.spare).map { VictimUnit(pods: [$0]) }
            going += spared
            if ordered.count > group.spare, group.mayLose(ordered.count) {
                whole.append(VictimUnit(pods: ordered))
                hasChoice = true
            } else {
                whole += spared
            }
        }
        return hasChoice ? [going, whole] : [going]
    }

    /// The pods among those proposed as victims that must go so that a pod of the class fits on the node; none where it
    /// fits anyway, nil where it does not fit even without all of them.
    ///
    /// Whole groups among them stay whole. Nothing is left evicted; the cell is as before.
    /// - Precondition: the pods proposed stand on nodes, each once.
    public func needed(
        _ proposed: [PodID], for index: ClassIndex, on node: NodeIndex, in cell: inout Cell
    ) -> PreemptionCandidate? {
        if cell.fitBesideNominated(index, on: node).isFit {
            return PreemptionCandidate(node: node, victims: [], budgetViolations: 0)
        }
        var units: [VictimUnit] = []
        var members: [Int32: [PodID]] = [:]
        for pod in proposed {
            if let group = groupOf[pod], groups[group] != nil {
                members[group, default: []].append(pod)
            } else {
                units.append(VictimUnit(pods: [pod]))
            }
        }
        for (number, pods) in members.sorted(by: { $0.key < $1.key }) {
            guard let group = groups[number] else { continue }
            let goesOn = pods.count <= group.spare
            units +=
                goesOn
                ? pods.map { VictimUnit(pods: [$0]) }
                : [VictimUnit(pods: pods.sorted { isMoreImportant($0, $1, cell) })]
        }
        guard !units.isEmpty,
            case .success(let found) = reprieve(units, for: index, on: node, adding: .none, in: &cell)
        else { return nil }
        return found
    }

    /// How many of the pods exceed some budget when all of them are evicted.
    public func budgetViolations(of pods: [PodID], in cell: Cell) -> Int {
        budgets.isEmpty ? 0 : guardedPods(pods.sorted { isMoreImportant($0, $1, cell) }, cell).count
    }

    /// Counts evictions against the budgets, which never fall below nothing.
    ///
    /// - Precondition: the pods stand in the cell.
    public mutating func spend(on victims: [PodID], in cell: Cell) {
        for victim in victims where !budgets.isEmpty {
            let spec = cell.spec(of: cell.pods[victim].classIndex)
            for number in budgets.indices
            where budgets[number].guards(spec) && !budgets[number].disrupted.contains(victim) {
                budgets[number].allowed = max(0, budgets[number].allowed - 1)
            }
        }
    }

    /// Takes all the units off their nodes and puts back as many as still leave room; the cell is afterwards as before.
    private func reprieve(
        _ units: [VictimUnit], for index: ClassIndex, on node: NodeIndex, adding added: AddedRules, in cell: inout Cell
    ) -> Result<PreemptionCandidate, Refusal> {
        let all = units.flatMap(\.pods)
        let records = Dictionary(all.map { ($0, cell.pods[$0]) }, uniquingKeysWith: { $1 })
        let ordered = all.sorted { isMoreImportant($0, $1, cell) }
        let guarded = guardedPods(ordered, cell)
        let places = Dictionary(ordered.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
        func place(_ unit: VictimUnit) -> Int { unit.pods.first.flatMap { places[$0] } ?? 0 }
        // The classes of the pods must outlive their absence.
        for record in records.values { cell.retain(class: record.classIndex) }
        for pod in all { cell.release(pod) }
        defer {
            for pod in all.reversed() where cell.pods[pod].node < 0 { restore(pod, records, &cell) }
            for record in records.values { cell.release(class: record.classIndex) }
        }
        let verdict = cell.fitBesideNominated(index, on: node, adding: added)
        guard verdict.isFit else { return .failure(Refusal(texts: verdict.reasons.map(\.message))) }
        let byImportance = units.sorted { place($0) < place($1) }
        let isGuarded = { (unit: VictimUnit) in unit.pods.contains { guarded.contains($0) } }
        var victims: [PodID] = []
        for unit in byImportance.filter(isGuarded) + byImportance.filter({ !isGuarded($0) }) {
            for pod in unit.pods { restore(pod, records, &cell) }
            if cell.fitBesideNominated(index, on: node, adding: added).isFit { continue }
            for pod in unit.pods { cell.release(pod) }
            victims += unit.pods
        }
        victims.sort { places[$0] ?? 0 < places[$1] ?? 0 }
        return .success(
            PreemptionCandidate(
                node: node, victims: victims, budgetViolations: victims.count { guarded.contains($0) }))
    }

    private func restore(_ pod: PodID, _ records: [PodID: PodRecord], _ cell: inout Cell) {
        guard let record = records[pod] else { return }
        cell.place(pod, class: record.classIndex, on: record.node, devices: record.devices)
    }
}
