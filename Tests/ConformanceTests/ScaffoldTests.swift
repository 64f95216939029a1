import Conformance
import DispatcherShell
import Foundation
import SchedulerScaffold
import Testing

/// New schedulers run and pass as they stand.
@Suite(.serialized) struct ScaffoldTests {
    @Test func aNewPythonSchedulerPassesEveryCheck() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("new-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scaffold = try SchedulerScaffold(name: "my-scheduler", language: .python)
        let paths = try scaffold.write(into: folder)
        #expect(paths.contains("\(folder)/my_scheduler.py"))
        let report = await check(
            ProcessSpec(executable: "python3", arguments: ["my_scheduler.py"], workingDirectory: folder)
        ).report
        #expect(report.passed, "\(report.text)")

        #expect(throws: SchedulerScaffold.ScaffoldError.self) { try scaffold.write(into: folder) }
    }

    @Test(arguments: [SchedulerScaffold.Language.c, .shell])
    func aNewSchedulerOfAnotherLanguagePassesEveryCheck(language: SchedulerScaffold.Language) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("new-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try SchedulerScaffold(name: "my-scheduler", language: language).write(into: folder)
        var spec = ProcessSpec(executable: "sh", arguments: ["my_scheduler.sh"], workingDirectory: folder)
        if language == .c {
            // The compiler that comes with Swift, so that none need be installed.
            let make = Process()
            make.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            make.arguments = ["make", "-s", "-C", folder, "CC=clang", "CFLAGS=-O1 -Wall -Wextra -Werror"]
            try make.run()
            make.waitUntilExit()
            #expect(make.terminationStatus == 0, "the kit does not compile")
            spec = ProcessSpec(executable: "\(folder)/my_scheduler", workingDirectory: folder)
        }
        let report = await check(spec).report
        #expect(report.passed, "\(report.text)")
        let skipped = report.results.filter { $0.verdict == .skipped }.map(\.name)
        #expect(skipped == ["groups", "group-topology", "explain"], "\(report.text)")
    }

    @Test func aNewSwiftSchedulerHasItsPackage() throws {
        let files = try SchedulerScaffold(name: "my-scheduler", language: .swift, package: "../yard").files
        #expect(
            files.map(\.path).sorted() == [
                "Package.swift", "README.md", "Sources/my-scheduler/MyScheduler.swift", "my-scheduler.yaml",
            ])
        let manifest = try #require(files.first { $0.path == "Package.swift" })
        #expect(manifest.text.contains(#"path: "../yard""#))
    }

    @Test(arguments: ["", "My", "a b", "1st", "../x", "-a"]) func aNameThatIsNoneIsRefused(name: String) {
        #expect(throws: SchedulerScaffold.ScaffoldError.self) {
            try SchedulerScaffold(name: name, language: .python)
        }
    }
}
