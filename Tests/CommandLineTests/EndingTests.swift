import ClusterTestKit
import Foundation
import Testing

/// However a run ends, nothing is left behind, and the exit code tells.
@Suite(.serialized) struct EndingTests {
    private static let hang = "while True: time.sleep(60)"
    /// A helper in the scheduler's own process group, as a wrapper script has.
    private static let helper = "subprocess.Popen(['sleep', '311'])"

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func aSignalStopsInOrder(signal: Int32, code: Int32) throws {
        let scene = try Scene(beforeHello: Self.helper, atPods: Self.hang)
        let run = try scene.start("-o", "json")
        wait { !Program.processes(tagged: scene.tag, saying: "evil.py").isEmpty }
        usleep(700_000)
        run.send(signal)
        let outcome = run.end(within: 20)
        #expect(outcome.code == code, "\(outcome.errors)")
        #expect(outcome.output.contains(#""interrupted": true"#), "what was known must be printed: \(outcome.output)")
        #expect(outcome.output.contains(#""pending": 4"#))
        #expect(Program.leftBehind(tagged: scene.tag, saying: "evil.py") == 0)
        #expect(Program.leftBehind(tagged: scene.tag, saying: "311") == 0)
    }

    @Test func aKillLeavesNothingBehind() throws {
        let scene = try Scene(beforeHello: Self.helper, atPods: Self.hang)
        let run = try scene.start()
        wait { !Program.processes(tagged: scene.tag, saying: "311").isEmpty }
        run.send(SIGKILL)
        #expect(run.end().code == 128 + SIGKILL)
        #expect(Program.leftBehind(tagged: scene.tag, saying: "evil.py") == 0)
        #expect(Program.leftBehind(tagged: scene.tag, saying: "311") == 0)
    }

    @Test func whatASchedulerLeavesIsEndedWithIt() throws {
        let scene = try Scene(beforeHello: Self.helper, atPods: "sys.exit(3)")
        let outcome = try scene.run("-o", "json")
        #expect(outcome.output.contains(#""timesGivenUp": 1"#), "\(outcome.output)")
        #expect(Program.leftBehind(tagged: scene.tag, saying: "311", within: 1) == 0)
    }

    @Test func oneThatLeftItsPipesToAnotherIsNotWaitedFor() throws {
        // The helper is in a session of its own and holds stdout and stderr open.
        let scene = try Scene(
            beforeHello: "subprocess.Popen(['sleep', '30'], start_new_session=True)",
            atPods: "say(type='unschedulable', pods=pods, reasons={'x': 1}, events=[])")
        let begin = Date()
        let outcome = try scene.run("-o", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(Date().timeIntervalSince(begin) < 15)
        _ = Program.leftBehind(tagged: scene.tag, saying: "sleep", within: 0)
    }

    @Test func schedulersAreNotJudgedForTimeInWhichNobodyListened() throws {
        let scene = try Scene(nodes: 20, pods: 120)
        let run = try Program.Run(
            [Program.switchyard] + Scene.files + ["--rate", "40", "--patience", "2", "-o", "json"], in: scene.folder)
        usleep(1_500_000)
        run.send(SIGSTOP)
        usleep(3_500_000)
        run.send(SIGCONT)
        let outcome = run.end()
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(!outcome.output.contains("killed"), "\(outcome.output.suffix(2_000))")
        #expect(outcome.output.contains(#""bound": 120"#))
    }

    @Test func enforceFailsWherePodsStayPending() throws {
        let scene = try Scene(atPods: "sys.exit(3)")
        #expect(try scene.run("-o", "json").code == 0)
        let outcome = try scene.run("-o", "json", "--enforce")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("scheduler evil was given up"), "\(outcome.errors)")
        #expect(outcome.errors.contains("4 pods stayed pending"), "\(outcome.errors)")
    }

    private func wait(until isSo: () -> Bool) {
        let deadline = Date().addingTimeInterval(20)
        while !isSo(), Date() < deadline { usleep(20_000) }
    }
}

/// A result that could not be written is a failure, and the one of before is kept.
@Suite(.serialized) struct WritingTests {
    private func simulate(_ more: String...) -> [String] { [Program.switchyard] + Scene.files + more }

    @Test func aFullDiskUnderStdoutIsAnError() throws {
        let scene = try Scene()
        let outcome = try Program.run(simulate("-o", "json"), in: scene.folder, output: "/dev/full")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("cannot be written to the standard output: No space left"), "\(outcome.errors)")
    }

    @Test func aReportOnAFullDiskLeavesTheOneOfBefore() throws {
        let scene = try Scene()
        _ = try scene.folder.write("report.html", text: "the one of before")
        // A limit on the size of files stands for a disk with as much room.
        let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\""
        let outcome = try Program.run(
            ["/bin/sh", "-c", script, "sh"] + simulate("--report", "report.html"), in: scene.folder)
        #expect(outcome.code == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("report.html: cannot be written"), "\(outcome.errors)")
        #expect(try text(scene, "report.html") == "the one of before")
        let names = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path)
        #expect(!names.contains { $0.hasSuffix(".part") }, "\(names)")
        #expect(try Program.run(simulate("--report", "report.html"), in: scene.folder).code == 0)
        #expect(try text(scene, "report.html").hasSuffix("</html>\n"))
    }

    @Test func aReportWhereNoneCanBeIsBadUsage() throws {
        let scene = try Scene()
        let outcome = try Program.run(simulate("--report", "/proc/none/report.html"), in: scene.folder)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("/proc/none/report.html: cannot be written"), "\(outcome.errors)")
    }

    @Test func aReaderThatHasGoneIsNoSuccess() throws {
        let scene = try Scene(nodes: 40, pods: 300)
        let script = "\"$@\" | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}"
        let outcome = try Program.run(
            ["/bin/bash", "-c", script, "bash"] + simulate("-o", "json", "--placements"), in: scene.folder)
        // The pipe may have taken all of it before the reader went.
        #expect(["141\n", "0\n"].contains(outcome.output), "\(outcome.output)\(outcome.errors)")
        let closed = try Program.run(
            ["/bin/bash", "-c", "\"$@\" >&-", "bash"] + simulate("-o", "json"), in: scene.folder)
        #expect(closed.code == 1, "\(closed.errors)")
        // Nor does anything that is opened later take the numbers of those that are closed.
        let allClosed = try Program.run(
            ["/bin/bash", "-c", "\"$@\" <&- >&- 2>&-; echo $?", "bash"] + simulate("--report", "report.html"),
            in: scene.folder)
        #expect(allClosed.output == "1\n")
        #expect(try text(scene, "report.html").hasSuffix("</html>\n"))
    }

    @Test func aPipeThatDoesNotBlockGetsEverything() throws {
        let scene = try Scene(nodes: 40, pods: 300)
        let script = """
            import fcntl, os, subprocess, sys, time
            r, w = os.pipe()
            fcntl.fcntl(w, fcntl.F_SETFL, fcntl.fcntl(w, fcntl.F_GETFL) | os.O_NONBLOCK)
            fcntl.fcntl(w, 1031, 4096)
            p = subprocess.Popen(sys.argv[1:], stdout=w); os.close(w); time.sleep(2)
            text = b""
            while b := os.read(r, 65536): text += b
            print(p.wait(), text.rstrip().endswith(b"}"), len(text) > 10000)
            """
        let outcome = try Program.run(
            ["/usr/bin/env", "python3", "-c", script] + simulate("-o", "json"), in: scene.folder)
        #expect(outcome.output == "0 True True\n", "\(outcome.output)\(outcome.errors)")
    }

    private func text(_ scene: Scene, _ name: String) throws -> String {
        try String(contentsOfFile: scene.folder.path + "/" + name, encoding: .utf8)
    }
}
