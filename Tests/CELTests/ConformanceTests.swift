import CEL
import CELCases
import ClusterModel
import Foundation
import JSON
import Testing

/// The cases of the public conformance suite that lie beside the package, one file an area.
@Suite struct ConformanceTests {
    /// Cases that do not pass, and why: `file/section/name`. A case that passes may not stand here.
    private static let exceptions: [String: String] = [:]

    /// The folder of the cases: in `SWITCHYARD_SHARED`, or beside the package.
    private static var folder: URL? {
        let environment = ProcessInfo.processInfo.environment["SWITCHYARD_SHARED"].map { URL(fileURLWithPath: $0) }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appendingPathComponent("shared")
        let folder = (environment ?? beside).appendingPathComponent("cel")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

    @Test func everyCase() throws {
        guard let folder = ConformanceTests.folder else {
            print("conformance cases: skipped, there is no folder shared/cel")
            return
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        #expect(!files.isEmpty)
        var passedInAll = 0
        var casesInAll = 0
        for file in files {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            let cases = try Value(json: Array(data), allowsNUL: true).decodeList { $0 }
            var passed = 0
            for (index, value) in cases.enumerated() {
                let fields = try ObjectReader(value)
                let name = "\(file)/\(try fields.string("section") ?? "")/\(try fields.string("name") ?? String(index))"
                let item = try CELCase(value)
                let problem = try ConformanceTests.problem(item)
                if problem == nil { passed += 1 }
                if let reason = ConformanceTests.exceptions[name] {
                    #expect(problem != nil, "\(name) passes; it need not be an exception any more: \(reason)")
                } else if let problem {
                    Issue.record("\(name): \(item.expression): \(problem)")
                }
            }
            print("conformance \(file): \(passed) of \(cases.count)")
            passedInAll += passed
            casesInAll += cases.count
        }
        print("conformance in all: \(passedInAll) of \(casesInAll)")
    }

    /// What is wrong with a case's outcome; nil where it passes.
    private static func problem(_ item: CELCase) throws -> String? {
        let result = item.evaluate()
        let outcome = CELOutcome.json(result)
        switch try #require(item.expected, "the case says what to expect") {
        case .error: return outcome["error"] == nil ? "an error was expected, found \(outcome.json)" : nil
        case .value(let wanted):
            guard let found = outcome["value"] else { return "failed: \(outcome.json)" }
            // Through JSON and back, as a reader of `policy eval --batch` gets it.
            let read = try TaggedValue(Value(json: Array(found.json.utf8), allowsNUL: true))
            return read == wanted ? nil : "expected \(wanted.json.json), found \(found.json)"
        }
    }
}
