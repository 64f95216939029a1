import ClusterModel
import Dispatcher
import DispatcherShell

/// Hears what happens in the shell and writes it down.
final class Scribe {
    var ledger = PodLedger()
    var log = RunLog()
    /// Pods bound for the first time, by stream.
    var boundByStream: [Int] = []
    var isMeasured: [Bool] = []
    /// Bindings of all pods.
    var bindings = 0
    var firstMeasured: Int64?
    var lastMeasured: Int64 = 0
    /// Lines sent and received, by scheduler, as far as they were asked for.
    private(set) var lines: [Lines]
    private var recorded = 0
    weak var shell: Shell?

    /// The bytes that went over the pipes of one scheduler.
    struct Lines: Sendable {
        /// To the scheduler, newlines included.
        var sent: [UInt8] = []
        /// From the scheduler, newlines included.
        var received: [UInt8] = []
    }

    init(schedulers: Int) { lines = Array(repeating: Lines(), count: schedulers) }

    func observer(recordsLines: Bool) -> Shell.Observer {
        var observer = Shell.Observer()
        observer.note = { [unowned self] note in if note.level != .info { log.add(note: note.description) } }
        observer.errorLine = { [unowned self] name, line in
            let program = name.split(separator: "/").last.map(String.init) ?? name
            log.add(note: "scheduler \(program) on stderr: \(line)")
        }
        observer.bound = { [unowned self] in note($0) }
        observer.evicted = { [unowned self] in for eviction in $0 { ledger.release(eviction.pod) } }
        if recordsLines {
            observer.sent = { [unowned self] index, line, _ in record(\.sent, index, line) }
            observer.received = { [unowned self] index, line, _ in
                record(\.received, index, line)
                if recorded < BenchmarkLimits.recordedBytes { lines[index].received.append(UInt8(ascii: "\n")) }
            }
        }
        return observer
    }

    /// Keeps nothing of what was said before what is measured.
    func forgetLines() {
        lines = lines.map { _ in Lines() }
        recorded = 0
    }

    private func record(_ way: WritableKeyPath<Lines, [UInt8]>, _ index: Int, _ line: some Sequence<UInt8>) {
        guard recorded < BenchmarkLimits.recordedBytes else { return }
        let before = lines[index][keyPath: way].count
        lines[index][keyPath: way].append(contentsOf: line)
        recorded += lines[index][keyPath: way].count - before
    }

    private func note(_ batch: [Binding]) {
        guard let now = shell?.now.nanoseconds else { return }
        bindings += batch.count
        if Scribe.note(batch, now, isMeasured, &ledger, &log, &boundByStream) { lastMeasured = now }
    }

    /// Notes the bindings of a batch, with one access to each part of the scribe for them all.
    ///
    /// - Returns: whether a measured pod is among them.
    private static func note(
        _ batch: [Binding], _ now: Int64, _ isMeasured: [Bool], _ ledger: inout PodLedger, _ log: inout RunLog,
        _ boundByStream: inout [Int]
    ) -> Bool {
        var isAnyMeasured = false
        for binding in batch {
            guard let intended = ledger.bind(binding.pod, to: binding.node) else { continue }
            let stream = Int(ledger.streams[binding.pod])
            boundByStream[stream] += 1
            guard isMeasured[stream] else { continue }
            isAnyMeasured = true
            log.bound(at: now, latency: now - intended, by: binding.scheduler)
        }
        return isAnyMeasured
    }
}
