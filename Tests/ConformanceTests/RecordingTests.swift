import ClusterModel
import Conformance
import Dispatcher
import DispatcherShell
import Foundation
import ProtocolTestKit
import Testing

/// Recording a run, and replaying it.
@Suite(.serialized) struct RecordingTests {
    /// Lines as they may stand in a recording, garbage included.
    @Test func aRecordingReadsBackAsItWasWritten() throws {
        let entries = [
            Recording.Entry(seconds: 0, direction: .toScheduler, line: #"{"type":"hello"}"#),
            Recording.Entry(seconds: 0.25, direction: .fromScheduler, line: "Warning: \"\u{1}ü🚂\\"),
            Recording.Entry(seconds: 3, direction: .toScheduler, line: #"{"type":"hello"}"#),
        ]
        let read = try Recording(parsing: entries.map(\.text).joined())
        #expect(read.entries == entries)
        #expect(read.processes.map(\.entries.count) == [2, 1])
    }

    @Test(arguments: [
        ("{\"at\":1,\"to\":\"x\"}\nhello\n", "line 2: not JSON"),
        ("{\"at\":1}\n", "line 1: expected {\"at\": seconds, \"to\" or \"from\": \"line\"}, found a mapping of 1"),
        ("[]\n", "line 1: expected"),
    ])
    func whatIsNoRecordingIsNamed(text: String, message: String) {
        do {
            _ = try Recording(parsing: text)
            Issue.record("expected an error")
        } catch {
            #expect(error.description.hasPrefix(message), "\(error)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aRunIsRecordedAsTheSchemaSaysAndReplaysTheSame() async throws {
        let text = try await recordedRun()
        let recording = try Recording(parsing: text)
        let sent = recording.entries.filter { $0.direction == .toScheduler }.map(\.line)
        let received = recording.entries.filter { $0.direction == .fromScheduler }.map(\.line)
        #expect(sent.contains { $0.hasPrefix(#"{"type":"pods""#) })
        #expect(received.contains { $0.hasPrefix(#"{"type":"place""#) })
        if let faults = try ProtocolSchema.faults(sent, .toScheduler) { #expect(faults == []) }
        if let faults = try ProtocolSchema.faults(received, .fromScheduler) { #expect(faults == []) }

        let same = await replay(recording, on: Fixture.example("first_fit"))
        #expect(same.matches, "\(same.text)")
        #expect(same.recorded.count == same.replayed.count)
        let other = await replay(recording, on: Fixture.broken("random"))
        #expect(!other.matches)
        #expect(!other.differences.isEmpty, "\(other.text)")
        let dead = await replay(recording, on: Fixture.broken("dies"))
        #expect(dead.faults.count == 1, "\(dead.text)")
    }

    private func replay(_ recording: Recording, on spec: ProcessSpec) async -> ReplayReport {
        await onOwnThread { Replay.run(recording.processes[0], on: spec, patience: 5) }
    }

    /// Runs 60 pods, of which some fit nowhere, through the first-fit example; the text of the recording.
    private func recordedRun() async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recording-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fault: String? = await onOwnThread {
            do throws(Recorder.WriteError) {
                let recorder = try Recorder(schedulers: ["first-fit"], folder: folder.path)
                var observer = Shell.Observer()
                recorder.attach(to: &observer)
                run(observer)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(fault == nil)
        return try String(contentsOf: folder.appendingPathComponent("first-fit.ndjson"), encoding: .utf8)
    }

    private func run(_ observer: Shell.Observer) {
        let shell = Shell(
            dispatcher: Dispatcher(schedulers: [Registration(name: "first-fit")]),
            specs: [Fixture.example("first_fit")], observer: observer)
        for number in 0..<10 { shell.submit(.nodeChanged(node("node-\(number)", cpus: 4))) }
        let arrivals = (0..<60).map { number in
            Arrival(
                key: ObjectKey(namespace: "default", name: "pod-\(number)"),
                spec: SchedulingSpec(requests: ["cpu": Quantity(milli: 500 + 250 * Int64(number % 4))]),
                route: PodRoute(scheduler: "first-fit"))
        }
        shell.submit(.podsArrived(arrivals))
        shell.run { $0.dispatcher.isSettled }
        shell.stop()
    }
}

/// Runs `body` on a thread of its own, because it sleeps in `poll`.
func onOwnThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

func node(_ name: String, cpus: Int64) -> Node {
    Node(
        metadata: ObjectMeta(name: name),
        allocatable: ["cpu": Quantity(cpus), "memory": Quantity(64 << 30), "pods": Quantity(110)])
}
