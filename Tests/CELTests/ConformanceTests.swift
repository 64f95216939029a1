import Foundation
import Testing

@testable import CEL

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
            let cases = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
            var passed = 0
            for (index, fields) in cases.enumerated() {
                let section = fields["section"] as? String ?? ""
                let name = "\(file)/\(section)/\(fields["name"] as? String ?? String(index))"
                let problem = ConformanceTests.problem(fields)
                if problem == nil { passed += 1 }
                if let reason = ConformanceTests.exceptions[name] {
                    #expect(problem != nil, "\(name) passes; it need not be an exception any more: \(reason)")
                } else if let problem {
                    Issue.record("\(name): \(fields["expr"] as? String ?? ""): \(problem)")
                }
            }
            print("conformance \(file): \(passed) of \(cases.count)")
            passedInAll += passed
            casesInAll += cases.count
        }
        print("conformance in all: \(passedInAll) of \(casesInAll)")
    }

    /// What is wrong with a case's outcome; nil where it passes.
    private static func problem(_ fields: [String: Any]) -> String? {
        guard let source = fields["expr"] as? String else { return "no expression" }
        let bindings = fields["bindings"] as? [String: Any] ?? [:]
        let declared = fields["declared"] as? [String] ?? []
        let names = Set(declared).union(bindings.keys).sorted()
        let environment = CELEnvironment(
            variables: names.map { CELVariable($0) }, container: fields["container"] as? String ?? "")
        var activation = CELActivation(environment)
        for (name, value) in bindings {
            guard let tagged = TaggedJSON.read(value), let bound = tagged.value else { return "bad binding \(name)" }
            activation[name] = bound
        }
        let isUnchecked = fields["disable_check"] as? Bool ?? false
        let outcome: Result<CELValue, CELError>
        do throws(CELError) {
            let program = isUnchecked ? try environment.compileUnchecked(source) : try environment.compile(source)
            outcome = .success(try program.evaluate(activation))
        } catch {
            outcome = .failure(error)
        }
        switch outcome {
        case .failure(let error):
            return fields["error"] == nil ? "failed: \(error)" : nil
        case .success(let value):
            guard fields["error"] == nil else { return "an error was expected, found \(value)" }
            guard let wanted = fields["value"].flatMap(TaggedJSON.read) else { return "no value to compare with" }
            let found = TaggedValue(value)
            return found == wanted ? nil : "expected \(wanted), found \(found.map { "\($0)" } ?? "\(value)")"
        }
    }
}

/// Tagged values as JSON has them.
enum TaggedJSON {
    static func read(_ json: Any) -> TaggedValue? {
        guard let object = json as? [String: Any], object.count == 1, let (tag, value) = object.first else {
            return nil
        }
        switch tag {
        case "null": return .null
        case "bool": return (value as? Bool).map { .bool($0) }
        case "int": return (value as? String).map { .int($0) }
        case "uint": return (value as? String).map { .uint($0) }
        case "double": return (value as? String).map { .double($0) }
        case "string": return (value as? String).map { .string($0) }
        case "bytes": return (value as? String).map { .bytes($0) }
        case "type": return (value as? String).map { .type($0) }
        case "timestamp": return (value as? String).map { .timestamp($0) }
        case "duration": return (value as? String).map { .duration($0) }
        case "list":
            guard let elements = value as? [Any] else { return nil }
            let read = elements.compactMap(TaggedJSON.read)
            return read.count == elements.count ? .list(read) : nil
        case "map":
            guard let pairs = value as? [[Any]] else { return nil }
            var entries = [(key: TaggedValue, value: TaggedValue)]()
            for pair in pairs {
                guard pair.count == 2, let key = read(pair[0]), let value = read(pair[1]) else { return nil }
                entries.append((key, value))
            }
            return .map(entries)
        default: return nil
        }
    }
}
