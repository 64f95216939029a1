import ClusterModel
import JSON
import ProtocolTestKit
import SchedulerProtocol
import Testing

@Suite struct RoundTripTests {
    static func line(_ message: DispatcherMessage) -> [UInt8] {
        var json = JSONWriter()
        message.write(to: &json)
        return json.bytes
    }

    static func line(_ message: SchedulerMessage) -> [UInt8] {
        var json = JSONWriter()
        message.write(to: &json)
        return json.bytes
    }

    /// A line is one line: its only newline is its last byte.
    private func expectOneLine(_ bytes: [UInt8]) {
        #expect(bytes.last == 0x0A)
        #expect(!bytes.dropLast().contains(0x0A))
    }

    @Test(arguments: 1...200) func dispatcherMessagesReadBackAsTheyWereWritten(seed: UInt64) throws {
        var messages = SeededMessages(seed: seed)
        for message in messages.dispatcherMessages() {
            let line = Self.line(message)
            expectOneLine(line)
            let read = try line.dropLast().withUnsafeBytes { try DispatcherMessage.decode($0) }
            #expect(read == message, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
    }

    @Test(arguments: 1...200) func schedulerMessagesReadBackAsTheyWereWritten(seed: UInt64) throws {
        var messages = SeededMessages(seed: seed)
        for message in messages.schedulerMessages() {
            let line = Self.line(message)
            expectOneLine(line)
            let read = try line.dropLast().withUnsafeBytes { try SchedulerMessage.decode($0) }
            #expect(read == message, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
    }

    @Test(arguments: 1...40) func unknownFieldsArePassedOver(seed: UInt64) throws {
        var messages = SeededMessages(seed: seed)
        for message in messages.dispatcherMessages() {
            let more = try Self.withUnknownFields(Self.line(message))
            #expect(try more.withUnsafeBytes { try DispatcherMessage.decode($0) } == message)
        }
        for message in messages.schedulerMessages() {
            let more = try Self.withUnknownFields(Self.line(message))
            #expect(try more.withUnsafeBytes { try SchedulerMessage.decode($0) } == message)
        }
    }

    /// The message with one more field, first and of a name that no version has.
    private static func withUnknownFields(_ line: [UInt8]) throws -> [UInt8] {
        guard case .object(let fields) = try Value(json: line) else { return line }
        let extra = Value.Field("x-later", .object([.init("a", .array([.int(1), .null]))]))
        return Array(Value.object([extra] + fields).json.utf8)
    }

    @Test func unknownTypesArePassedOver() throws {
        let line = Array(#"{"type":"teleport","pods":"all of them"}"#.utf8)
        #expect(try line.withUnsafeBytes { try DispatcherMessage.decode($0) } == nil)
        #expect(try line.withUnsafeBytes { try SchedulerMessage.decode($0) } == .unknown(type: "teleport"))
    }

    @Test func unknownCapabilitiesAndEventsArePassedOver() throws {
        let ready = Array(#"{"type":"ready","protocol":1,"window":8,"capabilities":["telepathy","explain"]}"#.utf8)
        #expect(
            try ready.withUnsafeBytes { try SchedulerMessage.decode($0) }
                == .ready(Ready(window: 8, capabilities: .explain)))
        let report = Array(#"{"type":"unschedulable","pods":[1],"events":["fullMoon","podReleased"]}"#.utf8)
        #expect(
            try report.withUnsafeBytes { try SchedulerMessage.decode($0) }
                == .unschedulable(Unschedulable(pods: [1], revision: nil, reasons: [:], events: .podReleased)))
    }

    @Test func whatMayBeAbsentHasADefault() throws {
        let report = Array(#"{"type":"unschedulable","pods":[1]}"#.utf8)
        #expect(
            try report.withUnsafeBytes { try SchedulerMessage.decode($0) }
                == .unschedulable(Unschedulable(pods: [1], revision: nil, reasons: [:], events: .all)))
        let transaction = Array(#"{"type":"transaction","pods":[[1,2]]}"#.utf8)
        #expect(
            try transaction.withUnsafeBytes { try SchedulerMessage.decode($0) }
                == .transaction(id: 0, revision: nil, [ProposedPlacement(pod: 1, node: 2)]))
    }
}
