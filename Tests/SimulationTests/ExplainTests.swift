import Foundation
import Testing

/// What `explain` says about a pod, and what `simulate` does with it.
@Suite(.serialized) struct ExplainTests {
    /// Where a pod goes, and who is evicted for it.
    private struct Answer: Equatable {
        var node: String?
        var evicted: Set<String> = []
        /// Whether some of the victims are leaving already, so that the pod must wait for them.
        var waits = false
    }

    private static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

    private func run(_ arguments: [String]) throws -> [String: Any] {
        let process = Process()
        process.executableURL = ExplainTests.programs.appendingPathComponent("switchyard")
        process.arguments = arguments + ["-o", "json"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func explained(_ file: String, _ seed: UInt64, leaving: Set<String>) throws -> Answer {
        let said = try run(["explain", "--nodes", file, "--pod", "default/first", "--seed", "\(seed)"])
        if let node = said["chosen"] as? String { return Answer(node: node) }
        guard let preemption = said["preemption"] as? [String: Any] else { return Answer() }
        let victims = Set((preemption["victims"] as? [String] ?? []).map { String($0.dropFirst("default/".count)) })
        let waits = !victims.isDisjoint(with: leaving)
        return Answer(
            node: waits ? nil : preemption["node"] as? String, evicted: victims.subtracting(leaving), waits: waits)
    }

    private func simulated(_ file: String, _ seed: UInt64) throws -> Answer {
        let did = try run(["simulate", "--nodes", file, "--seed", "\(seed)"])
        let placements = did["placements"] as? [[String: Any]] ?? []
        let evicted = (did["evicted"] as? [[String: Any]] ?? []).filter { $0["by"] as? String == "default/first" }
        return Answer(
            node: placements.first { $0["name"] as? String == "first" }?["node"] as? String,
            evicted: Set(evicted.compactMap { $0["name"] as? String }))
    }

    @Test func explainAndSimulateGiveOneAnswer() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("explain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var kinds: [String: Int] = [:]
        for seed in 1...40 as ClosedRange<UInt64> {
            let scene = RandomScene(seed: seed)
            let file = folder.appendingPathComponent("scene-\(seed).yaml")
            try scene.documents.joined(separator: "\n---\n").write(to: file, atomically: true, encoding: .utf8)
            let said = try explained(file.path, seed, leaving: scene.leaving)
            var did = try simulated(file.path, seed)
            // Who waits for others to leave may find room elsewhere before they have left.
            if said.waits { (did.node, did.waits) = (nil, true) }
            #expect(said == did, "seed \(seed)")
            kinds[
                said.waits ? "waits" : said.node == nil ? "none" : said.evicted.isEmpty ? "fits" : "evicts", default: 0] +=
                1
        }
        #expect(kinds.count == 4, "the scenes are not diverse: \(kinds)")
    }
}
