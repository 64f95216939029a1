import JSON

/// Runs: pods that are numbered one after the other and have the same template, written by the number of the first.
///
/// Pods mostly come, and are placed, in the order of their numbers. As a run a placement is one number instead of a list of
/// three, which is a third of the bytes and of the time to parse them.
///
/// ```
/// pods     [pod, template, count] or [pod, template, count, group]
/// placed   [pod, template, node, node, …]
/// place    [pod, node, node, …]
/// ```
///
/// Schedulers are sent runs if they have the capability `runs`; what they send may have either form.
enum Runs {
    /// The most pods that one run may stand for.
    static let maxPods = 1 << 24

    /// Writes items as runs, each as long as can be.
    ///
    /// - Parameters:
    ///   - continues: whether the item at the second position belongs to a run that starts at the first.
    ///   - run: writes what stands between the brackets.
    @inline(__always)
    static func write(
        _ count: Int, as name: StaticString = "runs", to json: inout JSONWriter, continues: (Int, Int) -> Bool,
        run: (Range<Int>, inout JSONWriter) -> Void
    ) {
        json.key(name)
        json.beginArray()
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, continues(start, end) { end += 1 }
            json.beginArray()
            run(start..<end, &json)
            json.endArray()
            start = end
        }
        json.endArray()
    }

    static func write(_ pods: [PendingPod], to json: inout JSONWriter) {
        write(pods.count, to: &json) { first, next in
            pods[next].pod == pods[first].pod + next - first && pods[next].template == pods[first].template
                && pods[next].group == pods[first].group
        } run: { run, json in
            let first = pods[run.lowerBound]
            json.int(first.pod)
            json.int(first.template)
            json.int(run.count)
            if let group = first.group { json.int(group) }
        }
    }

    /// Whether placements can be told as runs: devices and groups have no place in them.
    static func canWrite(_ pods: [PlacedPod]) -> Bool { pods.allSatisfy { $0.devices == 0 && $0.group == nil } }

    static func write(_ pods: [PlacedPod], to json: inout JSONWriter) {
        write(pods.count, to: &json) { first, next in
            pods[next].pod == pods[first].pod + next - first && pods[next].template == pods[first].template
        } run: { run, json in
            json.int(pods[run.lowerBound].pod)
            json.int(pods[run.lowerBound].template)
            for position in run { json.int(pods[position].node) }
        }
    }

    /// Whether proposals can be told as runs: devices have no place in them.
    static func canWrite(_ proposals: [ProposedPlacement]) -> Bool { proposals.allSatisfy { $0.devices == 0 } }

    static func write(_ proposals: [ProposedPlacement], to json: inout JSONWriter) {
        write(proposals.count, to: &json) { first, next in
            proposals[next].pod == proposals[first].pod + next - first
        } run: { run, json in
            json.int(proposals[run.lowerBound].pod)
            for position in run { json.int(proposals[position].node) }
        }
    }
}

extension MessageNode {
    /// The runs of a message, each a list of whole numbers with at least so many; none where there are no runs.
    func eachRun(
        _ name: StaticString, _ form: String, least: Int,
        _ body: (UnsafeBufferPointer<Int>, MessageNode) throws(MessageError) -> Void
    ) throws(MessageError) {
        guard let runs = child(name) else { return }
        guard runs.json.kind == .array else { throw runs.fail("a list of runs") }
        var numbers: [Int] = []
        for index in 0..<runs.json.count {
            guard let run = runs.element(index) else { break }
            numbers.removeAll(keepingCapacity: true)
            guard run.json.appendIntegers(to: &numbers), numbers.count >= least else { throw run.fail(form) }
            // A run's pods must have numbers too.
            guard numbers[0] >= 0, numbers[0] <= Int.max - max(numbers.count, Runs.maxPods) else {
                throw run.fail(form)
            }
            var failure: MessageError?
            numbers.withUnsafeBufferPointer { buffer in
                do throws(MessageError) { try body(buffer, run) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    /// Pods to be placed, in both forms.
    func pendingPods() throws(MessageError) -> [PendingPod] {
        var pods = try list("pods", PendingPod.init)
        let form = "[pod, template, count] or [pod, template, count, group]"
        try eachRun("runs", form, least: 3) { run, node throws(MessageError) in
            guard (1...Runs.maxPods).contains(run[2]) else { throw node.fail(form) }
            let group = run.count > 3 ? run[3] : nil
            pods.reserveCapacity(pods.count + run[2])
            for offset in 0..<run[2] {
                pods.append(PendingPod(pod: run[0] + offset, template: run[1], group: group))
            }
        }
        return pods
    }

    /// Pods that others placed, in both forms.
    func placedPods() throws(MessageError) -> [PlacedPod] {
        var pods = try list("pods", PlacedPod.init)
        try eachRun("runs", "[pod, template, node, node, ...]", least: 3) { run, _ throws(MessageError) in
            for offset in 0..<run.count - 2 {
                pods.append(PlacedPod(pod: run[0] + offset, template: run[1], node: run[2 + offset]))
            }
        }
        return pods
    }

    /// Proposed placements, in both forms.
    func proposals() throws(MessageError) -> [ProposedPlacement] {
        var proposals = try list("pods", ProposedPlacement.init)
        try eachRun("runs", "[pod, node, node, ...]", least: 2) { run, _ throws(MessageError) in
            for offset in 0..<run.count - 1 {
                proposals.append(ProposedPlacement(pod: run[0] + offset, node: run[1 + offset]))
            }
        }
        return proposals
    }
}
