import ClusterModel
import Manifests

/// What a trace tells of a pod beyond its requests: when it came, how long it ran, what it is a replica of.
public struct PodHistory: Hashable, Sendable {
    /// When it was created, in whole seconds on the trace's clock; 0 where it was there before the trace began.
    public var submitted: Int
    /// How many seconds it ran; nil where it outlived the trace.
    public var run: Int?
    /// The service that it is a replica of.
    public var service: String?
    /// How many pods of the service may stand on one node; nil for any number.
    public var mostPerNode: Int?

    /// Reads the columns `creation_time`, `scheduled_time` and `deletion_time`.
    ///
    /// A pod ran from when it was scheduled, or else created, until it was deleted. An empty creation time stands for a pod
    /// that was there before, an empty deletion time for one that stayed.
    init(_ row: TraceTable.Row, of table: TraceTable) throws(InputError) {
        let created = try table.seconds(row, PodHistory.created)
        let begun = try table.seconds(row, PodHistory.scheduled) ?? created ?? 0
        submitted = created ?? 0
        guard let end = try table.seconds(row, PodHistory.deleted) else { return }
        guard end >= max(begun, submitted) else {
            throw table.fault(
                row, PodHistory.deleted, expected: "a time of at least \(max(begun, submitted)), when the pod began")
        }
        run = max(1, end - begun)
    }

    private static let created = "creation_time"
    private static let scheduled = "scheduled_time"
    private static let deleted = "deletion_time"

    /// Refuses a table without times.
    static func check(_ table: TraceTable) throws(InputErrors) {
        for column in [created, scheduled, deleted] where !table.has(column) {
            throw InputErrors([
                InputError(
                    .field, file: table.file, line: 1, path: FieldPath(column),
                    expected: "a column of this name, by which pods come and go",
                    found: "none; without --replay it needs none"
                )
            ])
        }
    }
}

extension TraceTable {
    /// A field that holds a time in seconds, to the nearest whole one; nil where it is empty.
    fileprivate func seconds(_ row: Row, _ column: String) throws(InputError) -> Int? {
        let text = text(row, column)
        if text.isEmpty { return nil }
        guard let number = Double(text), number >= 0, number <= Double(TraceLimits.seconds) else {
            throw fault(row, column, expected: "seconds, 0 to \(TraceLimits.seconds), or nothing")
        }
        return Int(number.rounded())
    }
}

extension TraceInput {
    /// The GPU time that pods ask for over what the GPUs offer between the first and the last arrival; 0 where nothing does.
    ///
    /// Pods that stay for ever are left out.
    public var offeredGPULoad: Double {
        let devices = nodes.reduce(0) { $0 + ($1.allocatable[GPU.deviceResource]?.value ?? 0) }
        let times = histories.values.map(\.submitted)
        guard let first = times.min(), let last = times.max(), last > first, devices > 0 else { return 0 }
        let work = pods.reduce(0.0) { sum, pod in
            sum + Double(pod.requestedGPUMilli) * Double(histories[pod.metadata.name]?.run ?? 0)
        }
        return work / (Double(devices * GPU.milliPerDevice) * Double(last - first))
    }

    /// Moves arrivals closer together, or apart, until the GPU time offered is this many times what there is.
    ///
    /// Run times stay as they are.
    public mutating func scale(toGPULoad load: Double) {
        let offered = offeredGPULoad
        guard load > 0, offered > 0, let first = histories.values.map(\.submitted).min() else { return }
        histories = histories.mapValues { history in
            var history = history
            let after = (Double(history.submitted - first) * offered / load).rounded()
            history.submitted = first + TraceLimits.time(after)
            return history
        }
    }
}
