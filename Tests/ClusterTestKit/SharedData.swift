import Foundation

/// Data and tools that stand outside the package: traces, cases, checkers.
public enum SharedData {
    /// The folder that holds them: `$SWITCHYARD_SHARED`, or `../shared` beside the package.
    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWITCHYARD_SHARED"], !path.isEmpty {
            return URL(fileURLWithPath: path)
        }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared")
    }()

    /// The path of a file or folder in it, or nil, with a line that says so, where it is absent.
    ///
    /// A test that gets nil returns: it is skipped.
    public static func path(_ relative: String, test: String = #function) -> String? {
        let path = folder.appendingPathComponent(relative).path
        if FileManager.default.fileExists(atPath: path) { return path }
        print("skipped \(test): no \(relative) in the shared folder (set SWITCHYARD_SHARED)")
        return nil
    }
}
