import DispatcherShell
import Foundation
import ProtocolTestKit
import Testing

/// The conversation in `docs/protocol.md` is a real one.
@Suite struct DocumentationTests {
    @Test func theConversationIsWhatTheExampleSays() async throws {
        let page = URL(fileURLWithPath: Fixture.python).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/protocol.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("> {") || $0.hasPrefix("< {") }.map(String.init)
        #expect(lines.count > 10)
        let answered: [String] = await onOwnThread { DocumentationTests.play(lines) }
        #expect(answered == lines.filter { $0.hasPrefix("<") }.map { String($0.dropFirst(2)) })

        let sent = lines.filter { $0.hasPrefix(">") }.map { String($0.dropFirst(2)) }
        if let faults = try ProtocolSchema.faults(sent, .toScheduler) { #expect(faults == []) }
        if let faults = try ProtocolSchema.faults(answered, .fromScheduler) { #expect(faults == []) }
    }

    /// Sends the lines, and waits at each answer until one has come.
    private static func play(_ lines: [String]) -> [String] {
        guard let connection = try? SchedulerConnection(Fixture.example("first_fit")) else { return [] }
        var answered: [String] = []
        for line in lines {
            if line.hasPrefix(">") {
                connection.send(Array((line.dropFirst(2) + "\n").utf8))
            } else if case .line(let answer)? = connection.next(before: ContinuousClock().now + .seconds(60)) {
                answered.append(String(decoding: answer, as: UTF8.self))
            }
        }
        return answered
    }
}
