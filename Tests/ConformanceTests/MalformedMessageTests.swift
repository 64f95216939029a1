import Conformance
import DispatcherShell
import Testing

/// A message with something wrong in it is named at once, with the element, and with what the scheduler says of it.
@Suite(.serialized) struct MalformedMessageTests {
    private static func scheduler(_ decision: String) -> ProcessSpec {
        let script = """
            import json, os, sys
            def say(text): os.write(1, (text + "\\n").encode())
            for line in sys.stdin.buffer:
                try: m = json.loads(line); t = m["type"]
                except Exception: continue
                if t == "hello": say('{"type":"ready","protocol":1,"window":64,"capabilities":[]}')
                elif t == "ping": say(json.dumps({"type": "pong", "id": m["id"]}))
                elif t == "stop": break
                elif t == "pods":
                    for i in range(30): print("line", i, file=sys.stderr, flush=True)
                    say('\(decision)')
            """
        return ProcessSpec(executable: "python3", arguments: ["-c", script])
    }

    @Test(arguments: [
        (#"{"type":"place","pods":[["a","b"]]}"#, #"pods[0]: expected [pod, node]"#),
        (#"{"type":"place","pods":{}}"#, "pods: expected a list"),
        (#"{"type":"unschedulable","pods":[100,"x"],"reasons":{}}"#, "pods[1]: expected a whole number"),
        (#"{"type":"place","pods":[],"revision":1.5}"#, "revision: expected a whole number"),
    ])
    func theElementIsNamedAtOnce(decision: String, message: String) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let report = await check(Self.scheduler(decision), patience: Patience(seconds: 60), only: ["batches"]).report
        let result = try #require(report["batches"])
        #expect(result.verdict == .failed)
        #expect(result.message.contains(message), "\(report.text)")
        #expect(result.line == decision)
        #expect(clock.now - begin < .seconds(30), "nobody waits for what can no longer come")
        #expect(result.errorLines.count == 20, "\(result.errorLines)")
        #expect(result.errorLines.last == "line 29")
        #expect(report.text.contains("stderr: line 10\n"))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e308, -1, 0])
    func noPatienceIsTooLargeOrTooSmall(seconds: Double) {
        let patience = Patience(seconds: seconds)
        #expect((0...Patience.longest).contains(patience.handshake))
        #expect(patience.handshake == patience.answer)
    }

    @Test func patienceBoundsTheHandshake() async {
        let clock = ContinuousClock()
        let begin = clock.now
        let sleeper = ProcessSpec(executable: "sleep", arguments: ["60"])
        let report = await check(sleeper, patience: Patience(seconds: 0.5)).report
        #expect(report["handshake"]?.message.contains("expected ready within 0.5 s") == true, "\(report.text)")
        #expect(clock.now - begin < .seconds(5))
    }
}
