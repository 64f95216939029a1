import ClusterTestKit
import Foundation
import Testing

/// Nothing that a tenant writes reaches a terminal raw, whatever command shows it.
@Suite struct TerminalSafetyTests {
    /// What terminals act on: escape sequences, moves of the cursor, bells, C1, breaks of lines, overrides of direction.
    static let hostile =
        "x\u{1B}[2J\u{1B}]0;t\u{7}\r\u{8}\u{9B}31m\u{85}\u{7F}\u{202E}y\u{2066}\u{2028}z\nfake: refused\tw"

    /// The text as it stands between the quotes of a JSON string.
    private static var escaped: String {
        hostile.unicodeScalars.map { scalar in
            scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
                ? String(scalar)
                : "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                    + String(scalar.value, radix: 16)
        }.joined()
    }

    private static func filled(_ text: String) -> String { text.replacing("HOSTILE", with: escaped) }

    private static let node = #"""
        {"kind":"Node","metadata":{"name":"n","labels":{"zone":"a"}},
         "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"9","HOSTILE":"3"}}}
        """#

    private static let pods = #"""
        {"kind":"Pod","metadata":{"name":"a","annotations":{"note":"HOSTILE"}},
         "spec":{"containers":[{"name":"HOSTILE","image":"HOSTILE"}],"schedulerName":"HOSTILE"}}
        {"kind":"Pod","metadata":{"name":"b"},
         "spec":{"containers":[{"name":"c","resources":{"requests":{"HOSTILE":"7"}}}],"nodeSelector":{"zone":"HOSTILE"}}}
        {"kind":"Pod","metadata":{"name":"c"},
         "spec":{"containers":[{"name":"c"}],"tolerations":[{"key":"HOSTILE","operator":"HOSTILE"}]}}
        {"kind":"Pod","metadata":{"name":"HOSTILE"},"spec":{"containers":[{"name":"c"}]}}
        {"kind":"Pod","metadata":{"name":"d","namespace":"HOSTILE","labels":{"HOSTILE":"HOSTILE"}},
         "spec":{"containers":[{"name":"c"}]}}
        {"kind":"Pod","metadata":{"name":"e"},"spec":{"containers":[{"name":"c"}],"priority":"HOSTILE"}}
        {"kind":"Pod","metadata":{"name":"f"},
         "spec":{"containers":[{"name":"c"}],"schedulingGates":[{"name":"HOSTILE"}],"priorityClassName":"HOSTILE"}}
        {"kind":"Pod","metadata":{"name":"g"},
         "spec":{"containers":[{"name":"c"}],"nodeName":"HOSTILE","schedulingGroup":{"podGroupName":"HOSTILE"}}}
        {"kind":"Pod","metadata":{"name":"h"},
         "spec":{"containers":[{"name":"c"}],"schedulingGroup":{"podGroupName":"HOSTILE"}}}
        {"kind":"HOSTILE","apiVersion":"HOSTILE/v1","metadata":{"name":"HOSTILE"}}
        {"kind":"Pood","apiVersion":"v1","metadata":{"name":"HOSTILE"}}
        {"kind":"PriorityClass","metadata":{"name":"HOSTILE"},"value":"HOSTILE"}
        """#

    private static let policy = #"""
        {"apiVersion":"switchyard.dev/v1alpha1","kind":"SchedulingPolicy","metadata":{"name":"p"},"spec":{"rules":[
        {"name":"r","match":{"annotations":{"note":["HOSTILE"]}},"actions":{"reject":"HOSTILE"}},
        {"name":"s","actions":{"scheduler":"gang","annotations":{"x":"HOSTILE"},"warn":"HOSTILE"}}]}}
        """#

    private static let test = #"""
        {"apiVersion":"switchyard.dev/v1alpha1","kind":"SchedulingPolicyTest","metadata":{"name":"HOSTILE"},"spec":{"cases":[
        {"name":"HOSTILE","pod":{"metadata":{"name":"a","annotations":{"note":"HOSTILE"}},"spec":{"containers":[{"name":"c"}]}},
         "expect":{"scheduler":"HOSTILE"}}]}}
        """#

    /// The program that was built with these tests.
    private static var program: String {
        // The tests run from their own bundle, beside which the programs stand.
        let folders = [
            URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent(),
            URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent(".build/debug"),
        ]
        let candidates = folders.map { $0.appendingPathComponent("switchyard").path }
        return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[1]
    }

    /// Runs a command and answers all that it printed.
    private static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> (out: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }

    private static func scene() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write("nodes.json", text: filled(node))
        _ = try folder.write("pods.json", text: filled(pods))
        try FileManager.default.createDirectory(
            atPath: folder.path + "/policies/tests", withIntermediateDirectories: true)
        _ = try folder.write("policies/p.yaml", text: filled(policy))
        _ = try folder.write("policies/tests/t.yaml", text: filled(test))
        _ = try folder.write("broken.yaml", text: filled(policy).replacing("\"warn\"", with: "\"HOSTILE\""))
        _ = try folder.write("broken.json", text: filled("{\"a\": 1, \"HOSTILE\": 2, \"HOSTILE\": 3}"))
        _ = try folder.write("raw.yaml", text: "a: \u{1B}[31m\n")
        return folder
    }

    @Test(arguments: [
        ["simulate", "--nodes", "nodes.json", "--pods", "pods.json", "--policies", "policies", "--placements"],
        ["simulate", "--nodes", "nodes.json", "--pods", "pods.json"],
        ["simulate", "--nodes", "nodes.json", "--pods", "pods.json", "-o", "json"],
        ["simulate", "--nodes", "nodes.json", "--pods", "pods.json", "--strict"],
        ["explain", "--nodes", "nodes.json", "--pods", "pods.json", "--pod", "default/b"],
        ["explain", "--nodes", "nodes.json", "--pods", "pods.json", "--pod", "default/f", "--policies", "policies"],
        ["explain", "--nodes", "nodes.json", "--pods", "pods.json", "--pod", hostile],
        ["policy", "explain", "policies", "--pods", "pods.json"], ["policy", "test", "policies"],
        ["policy", "test", "policies", "-o", "json"], ["policy", "check", "policies"],
        ["policy", "check", "broken.yaml"],
        ["policy", "diff", "policies", "broken.yaml", "--pods", "pods.json"], ["policy", "check", "broken.json"],
        ["policy", "eval", "-e", "\"\(hostile)\" + 1"], ["policy", "eval", "-e", "\"\\u001b\\u202e\\u0085\""],
        ["simulate", "--nodes", "raw.yaml", "--pods", "broken.json"], ["simulate", "--nodes", hostile], [hostile],
    ])
    func printsNothingThatATerminalActsOn(arguments: [String]) throws {
        let (out, code) = try TerminalSafetyTests.run(arguments, in: TerminalSafetyTests.scene())
        #expect(!out.isEmpty)
        #expect(code == 0 || code == 1 || code == 2 || code == 64, "\(code)")
        let acting = out.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        #expect(acting.isEmpty, "\(acting.map { String($0.value, radix: 16) }): \(out.debugDescription.prefix(1_500))")
        // The parser of arguments shows the command line as it was typed by whom it is shown to.
        if arguments[0] != TerminalSafetyTests.hostile, !arguments.contains("eval") {
            #expect(!out.contains("\nfake: refused"), "a name cannot begin a line: \(out.prefix(1_500))")
        }
    }

    /// What is escaped in JSON for the terminal's sake is the same text to whoever parses it.
    @Test func jsonMeansWhatItDid() throws {
        let (out, _) = try TerminalSafetyTests.run(
            ["policy", "eval", "-e", "\"\\u001b\\u202e\\u0085\\u007f\\u00e9\"", "-o", "json"],
            in: TerminalSafetyTests.scene())
        let value = try #require(try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: [String: String]])
        #expect(value["value"]?["string"] == "\u{1B}\u{202E}\u{85}\u{7F}é")
        #expect(!out.utf8.contains(0x7F) && out.contains("é"))
    }
}
