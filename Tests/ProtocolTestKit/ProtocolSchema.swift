import Foundation

/// Checks lines against `docs/protocol.schema.json` with Debian's `python3-jsonschema`.
public enum ProtocolSchema {
    /// Who sent the lines.
    public enum Direction: String, Sendable {
        case toScheduler
        case fromScheduler
    }

    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What is wrong with the lines, each fault with its line; empty where all are as the schema says.
    ///
    /// - Returns: nil, with a line that says so, where Python lacks the module; the test is skipped then.
    public static func faults(
        _ lines: [String], _ direction: Direction, test: String = #function
    ) throws -> [String]? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", package.appendingPathComponent("Tests/ProtocolTestKit/validate_lines.py").path,
            package.appendingPathComponent("docs/protocol.schema.json").path, direction.rawValue,
        ]
        // A file, because a pipe that nobody empties while this writes would fill up.
        let input = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 3 {
            print("skipped \(test): python3-jsonschema is not installed")
            return nil
        }
        let found = text.split(separator: "\n").map(String.init)
        return process.terminationStatus == 0 || !found.isEmpty
            ? found : ["the validator ended with status \(process.terminationStatus)"]
    }
}
