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

    static func write(_ pods: [PendingPod], to json: inout JSONWriter) {
        json.key("runs")
        json.beginArray()
        var start = 0
        while start < pods.count {
            let first = pods[start]
            var end = start + 1
            while end < pods.count, pods[end].pod == first.pod + end - start, pods[end].template == first.template,
                pods[end].group == first.group
            {
                end += 1
            }
            json.beginArray()
            json.int(first.pod)
            json.int(first.template)
            json.int(end - start)
            if let group = first.group { json.int(group) }
            json.endArray()
            start = end
        }
        json.endArray()
    }

    /// Whether placements can be told as runs: devices and groups have no place in them.
    static func canWrite(_ pods: [PlacedPod]) -> Bool { pods.allSatisfy { $0.devices == 0 && $0.group == nil } }

    static func write(_ pods: [PlacedPod], to json: inout JSONWriter) {
        json.key("runs")
        json.beginArray()
        var start = 0
        while start < pods.count {
            let first = pods[start]
            json.beginArray()
            json.int(first.pod)
            json.int(first.template)
            var end = start
            while end < pods.count, pods[end].pod == first.pod + end - start, pods[end].template == first.template {
                json.int(pods[end].node)
                end += 1
            }
            json.endArray()
            start = end
        }
        json.endArray()
    }

    /// Whether proposals can be told as runs: devices have no place in them.
    static func canWrite(_ proposals: [ProposedPlacement]) -> Bool { proposals.allSatisfy { $0.devices == 0 } }

    static func write(_ proposals: [ProposedPlacement], to json: inout JSONWriter) {
        json.key("runs")
        json.beginArray()
        var start = 0
        while start < proposals.count {
            let first = proposals[start].pod
            json.beginArray()
            json.int(first)
            var end = start
            while end < proposals.count, proposals[end].pod == first + end - start {
                json.int(proposals[end].node)
                end += 1
            }
            json.endArray()
            start = end
        }
        json.endArray()
    }
}

extension MessageNode {
    /// The runs of a message, each a list of whole numbers with at least so many; none where there are no runs.
    private func eachRun(
        _ form: String, least: Int, _ body: (UnsafeBufferPointer<Int>, MessageNode) throws(MessageError) -> Void
    ) throws(MessageError) {
        guard let runs = child("runs") else { return }
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
        try eachRun(form, least: 3) { run, node throws(MessageError) in
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
        try eachRun("[pod, template, node, node, ...]", least: 3) { run, _ throws(MessageError) in
            for offset in 0..<run.count - 2 {
                pods.append(PlacedPod(pod: run[0] + offset, template: run[1], node: run[2 + offset]))
            }
        }
        return pods
    }

    /// Proposed placements, in both forms.
    func proposals() throws(MessageError) -> [ProposedPlacement] {
        var proposals = try list("pods", ProposedPlacement.init)
        try eachRun("[pod, node, node, ...]", least: 2) { run, _ throws(MessageError) in
            for offset in 0..<run.count - 1 {
                proposals.append(ProposedPlacement(pod: run[0] + offset, node: run[1 + offset]))
            }
        }
        return proposals
    }
}
