import Foundation
import Testing

/// What the design forbids, found by reading the sources.
@Suite struct LayeringTests {
    /// The project's targets that each target may import.
    static let allowed: [String: Set<String>] = [
        "ClusterModel": [],
        "JSON": ["CJansson", "ClusterModel"],
        "Manifests": ["ClusterModel", "JSON"],
        "Placement": ["CScoring", "ClusterModel"],
        "SchedulerProtocol": ["ClusterModel", "JSON"],
        "BatchQueue": ["ClusterModel"],
        "BatchBench": ["BatchQueue", "ClusterModel", "Manifests", "Replay", "Traces"],
        "Replay": ["ClusterModel", "Dispatcher", "DispatcherShell", "Placement", "Simulation"],
        "SchedulerKit": ["BatchQueue", "ClusterModel", "JSON", "Placement", "SchedulerProtocol"],
        "Dispatcher": ["ClusterModel", "Placement", "SchedulerProtocol"],
        "CEL": [],
        "CELCases": ["CEL", "ClusterModel"],
        "PolicyEngine": ["CEL", "CPrefetch", "ClusterModel", "Manifests"],
        "Admission": ["ClusterModel", "PolicyEngine"],
        "DispatcherShell": ["CLinux", "ClusterModel", "Dispatcher", "JSON", "SchedulerProtocol"],
        "SchedulerRegistry": ["ClusterModel", "Dispatcher", "DispatcherShell", "Manifests", "Placement"],
        "Report": [],
        "Bench": [
            "Admission", "ClusterModel", "CoreBench", "Dispatcher", "DispatcherShell", "JSON", "Manifests", "Placement",
            "PolicyEngine", "Report", "SchedulerRegistry", "Simulation",
        ],
        "Traces": ["ClusterModel", "JSON", "Manifests"],
    ]

    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources")

    @Test(arguments: allowed.keys.sorted())
    func importsNothingFromAbove(target: String) throws {
        let folder = LayeringTests.sources.appendingPathComponent(target)
        let targets = Set(try FileManager.default.contentsOfDirectory(atPath: LayeringTests.sources.path))
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        try #require(!files.isEmpty, "\(target) has no sources")
        for file in files {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let position = words.firstIndex(of: "import"), position <= 1, words.count > position + 1 else {
                    continue
                }
                let module = String(words[position + 1])
                guard targets.contains(module), module != target else { continue }
                #expect(
                    LayeringTests.allowed[target]?.contains(module) ?? false,
                    "\(file.lastPathComponent) imports \(module), which \(target) must not know")
            }
        }
    }
}
