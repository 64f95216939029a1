import ClusterTestKit
import Foundation
import Testing

/// Numbers on the command line and in traces are refused with exit code 2, or taken; none ends the program.
@Suite(.serialized) struct NumberTests {
    private static let values = [
        "nan", "inf", "-inf", "1e308", "-1e308", "1e-308", "1e11", "1e19", "-1", "0", "-0.0", "4e-324", "",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
    ]

    /// Options with a number, each in a command that does next to nothing where the number is taken.
    private static let commands: [[String]] = [
        Scene.files + ["--patience", "N"], Scene.files + ["--rate", "N"], Scene.files + ["--seed", "N"],
        Scene.files + ["--inject", "delay=N"], Scene.files + ["--inject", "kill-every=N"],
        Scene.files + ["--inject", "garbage-every=N"],
        ["simulate", "--trace", "openb", "--data", "none", "--load", "N"],
        ["simulate", "--trace", "swf", "--data", "jobs.swf", "--load", "N"],
        ["simulate", "--trace", "jobs", "--data", "jobs.csv", "--capacity", "N"],
        ["simulate", "--trace", "jobs", "--data", "jobs.csv", "--capacity", "4", "--gpus-per-node", "N"],
        ["scheduler", "check", "--patience", "N", "true"], ["bench", "run", "none.yaml", "--runs", "N"],
        ["bench", "core", "--workload", "none", "--nodes", "N"],
        ["bench", "core", "--workload", "none", "--pods", "N"], ["policy", "bench", "--rounds", "N", "none"],
        ["policy", "check", "none", "--interval", "N"],
    ]

    @Test(arguments: commands) func onTheCommandLine(command: [String]) throws {
        let scene = try Scene(nodes: 1, pods: 1)
        _ = try scene.folder.write("jobs.csv", text: "id,submit,run,procs\n1,0,1,1\n2,10,1,1\n")
        _ = try scene.folder.write("jobs.swf", text: swf("1", "0", "1") + swf("2", "10", "1"))
        for value in Self.values {
            let words = command.map { $0.replacingOccurrences(of: "N", with: value) }
            let outcome = try Program.run([Program.switchyard] + words, in: scene.folder, within: 30)
            #expect((0...2).contains(outcome.code), "\(words): exit code \(outcome.code): \(outcome.errors)")
        }
    }

    @Test(arguments: values) func inTraces(value: String) throws {
        let scene = try Scene(nodes: 1, pods: 1)
        for column in 0..<4 {
            var fields = ["2", "10", "1", "1"]
            fields[column] = value
            let text = "id,submit,run,procs\n1,0,1,1\n\(fields.joined(separator: ","))\n"
            _ = try scene.folder.write("jobs.csv", text: text)
            let outcome = try Program.run(
                [Program.switchyard, "simulate", "--trace", "jobs", "--data", "jobs.csv", "--capacity", "4"],
                in: scene.folder, within: 30)
            #expect((0...2).contains(outcome.code), "\(text): exit code \(outcome.code): \(outcome.errors)")
        }
        for fields in [(value, "10", "1"), ("2", value, "1"), ("2", "10", value)] {
            let text = "; MaxProcs: 4\n" + swf("1", "0", "1") + swf(fields.0, fields.1, fields.2)
            _ = try scene.folder.write("jobs.swf", text: text)
            let outcome = try Program.run(
                [Program.switchyard, "simulate", "--trace", "swf", "--data", "jobs.swf", "--load", "0.001"],
                in: scene.folder, within: 30)
            #expect((0...2).contains(outcome.code), "\(text): exit code \(outcome.code): \(outcome.errors)")
        }
        _ = try scene.folder.write("jobs.swf", text: "; MaxProcs: \(value)\n" + swf("1", "0", "1"))
        let outcome = try Program.run(
            [Program.switchyard, "simulate", "--trace", "swf", "--data", "jobs.swf"], in: scene.folder, within: 30)
        #expect((0...2).contains(outcome.code), "MaxProcs \(value): exit code \(outcome.code): \(outcome.errors)")
    }

    /// A time that is later than nanoseconds can count ends no replay.
    @Test func timesThatAddUpBeyondTheClock() throws {
        let scene = try Scene(nodes: 1, pods: 1)
        let lines = (1...8).map { "\($0),4294967295,4294967296,4" }.joined(separator: "\n")
        _ = try scene.folder.write("jobs.csv", text: "id,submit,run,procs\n\(lines)\n")
        let outcome = try Program.run(
            [Program.switchyard, "simulate", "--trace", "jobs", "--data", "jobs.csv", "--capacity", "4", "-o", "json"],
            in: scene.folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(#""bound": 32"#), "\(outcome.output.prefix(600))")
    }

    /// A line of a trace in the Standard Workload Format.
    private func swf(_ id: String, _ submitted: String, _ run: String) -> String {
        "\(id) \(submitted) 0 \(run) 1 -1 -1 1 \(run) -1 1 1 1 1 1 1 -1 -1\n"
    }
}
