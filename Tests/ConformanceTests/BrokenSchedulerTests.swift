import Conformance
import DispatcherShell
import Foundation
import Testing

/// Where the examples and the broken schedulers are.
enum Fixture {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of the Python examples.
    static let python = package.appendingPathComponent("examples/python").path

    static func example(_ name: String) -> ProcessSpec {
        ProcessSpec(executable: "python3", arguments: ["\(python)/\(name).py"])
    }

    static func broken(_ mode: String) -> ProcessSpec {
        let script = package.appendingPathComponent("Tests/ConformanceTests/Fixtures/broken.py").path
        return ProcessSpec(executable: "python3", arguments: [script, python, mode])
    }
}

/// Runs the kit on a thread of its own.
///
/// It sleeps in `poll`; in a thread of Swift's pool it would keep that from the tasks that start and watch processes.
func check(
    _ spec: ProcessSpec, patience: Patience = Patience(seconds: 60), only: Set<String> = []
) async -> (report: ConformanceReport, sent: [String], received: [String], heard: [String]) {
    await onOwnThread {
        let log = Transcript()
        var heard: [String] = []
        let report = Conformance.check(spec, patience: patience, only: only, log: log) { heard.append($0.name) }
        return (report, log.toScheduler, log.fromScheduler, heard)
    }
}

/// Each broken scheduler fails the check that shows what is broken, by name.
@Suite(.serialized) struct BrokenSchedulerTests {
    @Test(arguments: [
        ("dies", "handshake", "cannot find its configuration"), ("never-reads", "handshake", "expected ready within"),
        ("hangs", "handshake", "expected ready within"),
        ("wrong-version", "handshake", "ready.protocol: expected version 1, found 2"),
        ("no-window", "handshake", "window: expected at least 1, found 0"),
        ("flood", "idle", "expected silence with no pod at hand"),
        ("deaf-while-busy", "ping", "expected a pong"),
        ("ignores-stop", "stop", "expected an end within"),
        ("stops-with-error", "stop", "exited with status 4"),
        ("ignores-nodes", "nodes", "node(s) were unschedulable"),
        ("ignores-placed", "placements", "it does not fit: Insufficient cpu"),
        ("never-decides", "batches", "none decided within"),
        ("not-its-own", "batches", "which was never given to it"), ("twice", "batches", "twice"),
        ("unknown-node", "batches", "which does not exist"),
        ("over-capacity", "fits", "where it does not fit"), ("poison", "fits", "RuntimeError: poison"),
        ("ignores-placed-spread", "fits", "constraints of placed pods"),
        ("no-reasons", "full", "expected reasons with node counts"),
        ("ignores-rejections", "conflict", "were not decided within"),
        ("keeps-gone", "gone", "takes no room"),
        ("after-withdrawal", "withdraw", "not its to decide"),
        ("half-a-group", "groups", "which needs 4"),
        ("silent-explain", "explain", "expected an explanation"),
        ("dies-on-garbage", "garbage", "JSONDecodeError"),
        ("dies-on-unknown-type", "unknown-types", "what is that?"),
        ("garbage", "stdout", "not JSON"), ("binary", "stdout", "not JSON"),
        ("huge-line", "stdout", "a line of 9437184 bytes"),
    ])
    func failsTheCheckThatShowsIt(mode: String, check name: String, message: String) async throws {
        // A handshake that is waited for in vain takes all the patience there is; Python starts well within it.
        let report = await check(Fixture.broken(mode), patience: patience(mode), only: scenes(name)).report
        let result = try #require(report[name])
        #expect(result.verdict == .failed, "\(report.text)")
        #expect(result.message.contains(message), "\(report.text)")
        #expect(!report.passed)
    }

    /// What goes to stdout is judged by what other checks saw.
    private func scenes(_ check: String) -> Set<String> { check == "stdout" ? ["stdout", "batches"] : [check] }

    /// Generous, because other tests may keep the machine busy; short where something is waited for in vain.
    private func patience(_ mode: String) -> Patience {
        var patience = Patience(seconds: 60)
        if ["never-reads", "hangs"].contains(mode) { patience.handshake = 2 }
        if mode == "ignores-stop" { patience.exit = 2 }
        if ["deaf-while-busy", "never-decides", "ignores-rejections", "silent-explain"].contains(mode) {
            patience.answer = 2
        }
        return patience
    }

    @Test func oneThatIsNotThereFailsTheHandshakeAndSkipsTheRest() async {
        let report = await check(ProcessSpec(executable: "/nowhere/scheduler")).report
        #expect(report["handshake"]?.verdict == .failed)
        #expect(report["handshake"]?.message.contains("could not be started") == true, "\(report.text)")
        #expect(report["fits"]?.verdict == .skipped)
        #expect(!report.passed)
    }

    @Test func randomChoiceIsNotedAndNoFailure() async {
        let report = await check(Fixture.broken("random"), only: ["determinism"]).report
        #expect(report["determinism"]?.verdict == .noted, "\(report.text)")
        #expect(report.passed)
    }

    @Test func aSmallWindowIsKept() async {
        let report = await check(Fixture.broken("small-window")).report
        #expect(report.passed, "\(report.text)")
    }
}
