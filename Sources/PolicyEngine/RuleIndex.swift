import ClusterModel

/// Finds the few rules that can match a pod among the many that there are.
///
/// Each rule stands under one guard: a condition without which it cannot match. A rule guarded by a label is looked at
/// only for pods that have the label, one guarded by an owner's kind only for pods of such owners, and so on; a rule
/// without a guard is looked at for every pod. What rules ask about the namespace is not looked at (`RulesByNamespace`).
///
/// Rules are numbered as they stand in the index, in the order of evaluation, and sets of rules are bit sets of `wordCount` words. What a pod is asked
/// for leads to a run of numbers; all runs stand in one buffer:
///
/// ```
///   byLabel   "app" ──┬── any value ────────┐
///                     └── "web" ──┐         │
///   byOwner   "Job" ────────────┐ │         │
///   numbers   … │ 0  4  7 │ … │ 3 │ 1  9 │ 2  5  6 │ …
/// ```
///
/// A class, so that asking it copies nothing.
final class RuleIndex: Sendable {
    /// The rules, in the order of evaluation.
    let rules: ContiguousArray<CompiledRule>
    /// How many 64-bit words a set of rules takes.
    let wordCount: Int
    /// Rules that do nothing but route.
    let routing: ContiguousArray<UInt64>
    /// Rules that have no guard.
    private let unguarded: ContiguousArray<UInt64>
    /// Rules guarded by a label of the pod: by its key, then by its value.
    private let byLabel: LabelTable
    /// Rules guarded by an annotation of the pod, likewise.
    private let byAnnotation: LabelTable
    /// Rules guarded by the least amount of a resource that they ask for: runs of `requests` by the resource.
    private let byRequest: TextTable<Run>
    private let requests: FixedBuffer<Threshold<Quantity>>
    /// Rules guarded by the least priority that they ask for.
    private let byPriority: FixedBuffer<Threshold<Int64>>
    /// Rules guarded by the kind of the pod's owner.
    private let byOwner: TextTable<Run>
    /// Rules guarded by the name of the pod's priority class.
    private let byPriorityClass: TextTable<Run>
    /// Rules guarded by the pod's having a group.
    private let byGroup: Run
    /// Rules guarded by the pod's naming a scheduler.
    private let byNamed: Run
    /// What the runs are of.
    private let numbers: FixedBuffer<UInt32>

    /// Some numbers of rules, or some thresholds, one after the other.
    struct Run: BitwiseCopyable, Sendable {
        var start: Int32
        var end: Int32
    }

    /// A rule that asks for at least so much; in ascending order, so that those beyond a pod's are not looked at.
    struct Threshold<Amount: Comparable & Sendable>: Sendable {
        let least: Amount
        let number: UInt32
    }

    /// Rules by the labels that they want.
    struct LabelTable: ~Copyable, Sendable {
        /// The rules guarded by a label of some key for which any value will do.
        let keys: TextTable<Run>
        /// By the place of a key: the rules that want one of some values.
        let values: FixedBuffer<TextTable<Run>>
    }

    init(_ rules: ContiguousArray<CompiledRule>) {
        self.rules = rules
        let filing = RuleFiling(rules)
        var numbers: [UInt32] = []
        (wordCount, routing, unguarded) = (filing.wordCount, filing.routing, filing.unguarded)
        byLabel = LabelTable(filing.byLabel, &numbers)
        byAnnotation = LabelTable(filing.byAnnotation, &numbers)
        byOwner = TextTable(filing.byOwner) { Run($0, in: &numbers) }
        byPriorityClass = TextTable(filing.byPriorityClass) { Run($0, in: &numbers) }
        byGroup = Run(filing.byGroup, in: &numbers)
        byNamed = Run(filing.byNamed, in: &numbers)
        self.numbers = FixedBuffer(numbers)
        var requests: [Threshold<Quantity>] = []
        byRequest = TextTable(filing.byRequest) { Run($0.sorted { $0.least < $1.least }, in: &requests) }
        self.requests = FixedBuffer(requests)
        byPriority = FixedBuffer(filing.byPriority.sorted { $0.least < $1.least })
    }

    /// Writes into `words` those of the `allowed` rules that can match the pod.
    ///
    /// - Complexity: O(words + labels + rules found).
    func candidates(
        _ pod: Pod, _ facts: inout PodFacts, allowed: ContiguousArray<UInt64>,
        into words: UnsafeMutableBufferPointer<UInt64>
    ) {
        assert(words.count == wordCount && allowed.count == wordCount)
        for word in words.indices { words[word] = unguarded[word] }
        addGuarded(by: pod.metadata.labels, byLabel, to: words)
        addGuarded(by: pod.metadata.annotations, byAnnotation, to: words)
        addGuardedByRequests(pod, &facts, to: words)
        for index in 0..<byPriority.count {
            if byPriority[index].least > facts.priority { break }
            RuleIndex.add(byPriority[index].number, to: words)
        }
        if !byOwner.isEmpty, let run = byOwner.entry(of: pod.ownerKind) { add(run, to: words) }
        if !byPriorityClass.isEmpty, let run = byPriorityClass.entry(of: pod.priorityClassName) { add(run, to: words) }
        if facts.group != nil { add(byGroup, to: words) }
        if facts.named != nil { add(byNamed, to: words) }
        for word in words.indices { words[word] &= allowed[word] }
    }

    @inline(__always)
    private static func add(_ number: UInt32, to words: UnsafeMutableBufferPointer<UInt64>) {
        words[Int(number >> 6)] |= 1 << UInt64(number & 63)
    }

    @inline(__always)
    private func add(_ run: Run, to words: UnsafeMutableBufferPointer<UInt64>) {
        for index in run.start..<run.end { RuleIndex.add(numbers[Int(index)], to: words) }
    }

    /// Adds the thresholds of one resource that an amount reaches.
    @inline(__always)
    private func add(_ thresholds: Run, upTo amount: Quantity, to words: UnsafeMutableBufferPointer<UInt64>) {
        for index in thresholds.start..<thresholds.end {
            if requests[Int(index)].least > amount { return }
            RuleIndex.add(requests[Int(index)].number, to: words)
        }
    }

    /// Goes through the pod's labels once, however many rules ask for labels.
    @inline(__always)
    private func addGuarded(
        by labels: [String: String], _ table: borrowing LabelTable, to words: UnsafeMutableBufferPointer<UInt64>
    ) {
        if table.keys.isEmpty || labels.isEmpty || addPlainlyGuarded(by: labels, table, to: words) { return }
        for (key, value) in labels {
            guard let place = table.keys.place(of: key) else { continue }
            add(table.keys[place], to: words)
            if let run = table.values[place].entry(of: value) { add(run, to: words) }
        }
    }

    /// Does so where the slots of the tables tell, as they nearly always do; false where they do not.
    @inline(never)
    private func addPlainlyGuarded(
        by labels: [String: String], _ table: borrowing LabelTable, to words: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        for (key, value) in labels {
            let place = table.keys.plainPlace(of: key)
            if place < 0 {
                if place == TextTable<Run>.onlyPlacesTell { return false }
                continue
            }
            add(table.keys[place], to: words)
            let valuePlace = table.values[place].plainPlace(of: value)
            if valuePlace < 0 {
                if valuePlace == TextTable<Run>.onlyPlacesTell { return false }
                continue
            }
            add(table.values[place][valuePlace], to: words)
        }
        return true
    }

    /// Goes through the requests of a pod of one container once; for others each resource is added up that some rule
    /// asks for.
    private func addGuardedByRequests(
        _ pod: Pod, _ facts: inout PodFacts, to words: UnsafeMutableBufferPointer<UInt64>
    ) {
        if byRequest.isEmpty { return }
        if pod.requestsOfOneContainerAlone,
            addPlainlyGuarded(by: pod.$spec.wrappedValue.containers[0].requests, to: words)
        {
            return
        }
        for place in 0..<byRequest.count {
            add(byRequest[place], upTo: facts.request(of: byRequest.text(at: place), pod), to: words)
        }
    }

    /// Goes through requests where the slots of the table tell, as they nearly always do; false where they do not.
    @inline(never)
    private func addPlainlyGuarded(
        by requests: ResourceList, to words: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        for (resource, amount) in requests {
            let place = byRequest.plainPlace(of: resource)
            if place < 0 {
                if place == TextTable<Run>.onlyPlacesTell { return false }
                continue
            }
            add(byRequest[place], upTo: amount, to: words)
        }
        return true
    }
}

extension RuleIndex.Run {
    /// The run of some elements, which are put at the end of the others.
    fileprivate init<Element>(_ elements: [Element], in all: inout [Element]) {
        start = Int32(all.count)
        all += elements
        end = Int32(all.count)
    }
}

extension TextTable {
    /// A table of what is filed under texts, each turned into an entry.
    fileprivate init<Filed>(_ filed: [String: Filed], _ entry: (Filed) -> Entry) {
        self.init(filed.sorted { $0.key < $1.key }.map { ($0.key, entry($0.value)) })
    }
}

extension RuleIndex.LabelTable {
    fileprivate init(_ filed: [String: RuleFiling.Labels], _ numbers: inout [UInt32]) {
        let sorted = filed.sorted { $0.key < $1.key }
        keys = TextTable(sorted.map { ($0.key, RuleIndex.Run($0.value.anyValue, in: &numbers)) })
        values = FixedBuffer(count: sorted.count) { index in
            TextTable(sorted[index].value.byValue) { RuleIndex.Run($0, in: &numbers) }
        }
    }
}
