import ClusterTestKit
import Foundation
import Testing

/// What can never work is said before anything runs; what the machine refuses is said with the limit.
@Suite(.serialized) struct StartTests {
    @Test(arguments: [
        ("[no-such-program]", "", "spec.command[0]", "a name that no folder of PATH has"),
        ("[./evil.py]", "", "spec.command[0]", "cannot be executed"),
        ("[/tmp]", "", "spec.command[0]", "cannot be executed"),
        ("[./nothing/here]", "", "spec.command[0]", "no such file"),
        ("[switchyard-binpack]", #"environment: {"A=B": c}"#, "spec.environment.A=B", "a name without ="),
        ("[switchyard-binpack]", #"environment: {"": c}"#, "spec.environment", "that is not empty"),
        (
            "[switchyard-binpack]",
            "profile: {plugins: {score: {enabled: [{name: NodeResourcesFit, weight: -1}]}}}",
            "spec.profile.plugins.score.enabled[0].weight", "-1"
        ),
        ("[switchyard-binpack]", "profile: nonsense", "spec.profile", "\"nonsense\""),
    ])
    func aRegistrationThatCannotWorkIsBadInput(
        command: String, more: String, field: String, says: String
    ) throws {
        let scene = try Scene()
        _ = try scene.folder.write("schedulers.yaml", text: Scene.registration("evil", command, more))
        let outcome = try scene.run("-o", "json")
        #expect(outcome.code == 2, "\(outcome.output)")
        #expect(outcome.output.isEmpty)
        for part in ["schedulers.yaml", field, says] {
            #expect(outcome.errors.contains(part), "\(part) is missing: \(outcome.errors)")
        }
    }

    @Test func aLackOfDescriptorsNamesTheLimit() throws {
        let scene = try Scene()
        let outcome = try Program.run(
            ["/bin/sh", "-c", "ulimit -n 14; exec \"$@\"", "sh"] + [Program.switchyard] + Scene.files + ["-o", "json"],
            in: scene.folder)
        #expect(outcome.code == 0 || outcome.code == 1, "\(outcome.code) \(outcome.errors)")
        #expect((outcome.output + outcome.errors).contains("the limit is 14 (ulimit -n)"), "\(outcome.output)")
    }

    /// A program that was copied without those beside it.
    @Test func builtInSchedulersThatAreNotThereAreNamed() throws {
        let scene = try Scene()
        let alone = scene.folder.path + "/switchyard"
        try FileManager.default.copyItem(atPath: Program.switchyard, toPath: alone)
        let outcome = try Program.run([alone] + Scene.files, in: scene.folder)
        #expect(outcome.code == 2, "\(outcome.output)")
        #expect(
            outcome.errors.contains("/switchyard-binpack: Scheduler binpack: expected the program"), "\(outcome.errors)"
        )
    }

    @Test func oneThatNeverComesUpFailsTheRun() throws {
        let scene = try Scene(beforeHello: "sys.exit('cannot find its configuration')")
        let outcome = try scene.run("-o", "json")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("scheduler evil never became ready"), "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot find its configuration"), "\(outcome.errors)")
    }

    @Test func aSlowHandshakeDelaysNobodyElse() throws {
        let scene = try Scene(beforeHello: "time.sleep(8)")
        let registrations = [
            Scene.registration("good", "[switchyard-binpack]", "default: true"),
            Scene.registration("evil", "[python3, evil.py]"),
        ]
        _ = try scene.folder.write("schedulers.yaml", text: registrations.joined(separator: "\n---\n"))
        let begin = Date()
        let outcome = try scene.run("-o", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(#""bound": 4"#), "\(outcome.output)")
        #expect(Date().timeIntervalSince(begin) < 6)
    }
}

/// What schedulers write without end costs a fixed amount of memory.
@Suite(.serialized) struct FloodTests {
    @Test func linesOnStderr() throws {
        let scene = try Scene(
            atPods: "[os.write(2, b'%d ' % i + b'e' * 1000 + b'\\n') for i in range(100_000)]; "
                + "say(type='unschedulable', pods=pods, reasons={'x': 1}, events=[])")
        let outcome = try scene.run("-o", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.peakKilobytes < 200_000)
        #expect(outcome.output.utf8.count < 1_000_000)
        #expect(outcome.output.contains("scheduler evil on stderr: further lines are left out"))
    }

    @Test func placementsOfBoundPodsByOneThatDoesNotRead() throws {
        let scene = try Scene(
            atPods: "os.write(1, b'{\"type\":\"place\",\"runs\":[[0,0]]}\\n'); "
                + "line = b'{\"type\":\"place\",\"pods\":[' + b','.join([b'[0,0]'] * 10_000) + b']}\\n'; "
                + "[os.write(1, line) for i in range(2_000)]; time.sleep(60)")
        let outcome = try scene.run("-o", "json", "--patience", "3", within: 120)
        #expect(outcome.peakKilobytes < 700_000)
        #expect(outcome.output.contains("does not read what it is sent"), "\(outcome.output.suffix(2_000))")
    }
}
