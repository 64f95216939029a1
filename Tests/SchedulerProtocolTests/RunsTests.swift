import JSON
import ProtocolTestKit
import SchedulerProtocol
import Testing

/// Messages written with runs say what the lists say.
@Suite struct RunsTests {
    private static func line(_ message: DispatcherMessage) -> [UInt8] {
        var json = JSONWriter()
        message.write(to: &json, runs: true)
        return json.bytes
    }

    private static func line(_ message: SchedulerMessage) -> [UInt8] {
        var json = JSONWriter()
        message.write(to: &json, runs: true)
        return json.bytes
    }

    @Test(arguments: 1...200) func messagesReadBackAsTheyWereWritten(seed: UInt64) throws {
        var messages = SeededMessages(seed: seed)
        for message in messages.dispatcherMessages() + messages.podsInRows() {
            let line = Self.line(message)
            let read = try line.dropLast().withUnsafeBytes { try DispatcherMessage.decode($0) }
            #expect(read == message, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
        for message in messages.schedulerMessages() + messages.proposalsInRows() {
            let line = Self.line(message)
            let read = try line.dropLast().withUnsafeBytes { try SchedulerMessage.decode($0) }
            #expect(read == message, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
    }

    @Test func everyMessageIsAsTheSchemaSays() throws {
        var (sent, received): ([String], [String]) = ([], [])
        for seed in 1...40 {
            var messages = SeededMessages(seed: UInt64(seed))
            sent += messages.podsInRows().map { String(decoding: Self.line($0).dropLast(), as: UTF8.self) }
            received += messages.proposalsInRows().map { String(decoding: Self.line($0).dropLast(), as: UTF8.self) }
        }
        if let faults = try ProtocolSchema.faults(sent, .toScheduler) { #expect(faults.isEmpty, "\(faults)") }
        if let faults = try ProtocolSchema.faults(received, .fromScheduler) { #expect(faults.isEmpty, "\(faults)") }
    }

    @Test func whatARunSays() throws {
        let pods = (7..<10).map { PendingPod(pod: $0, template: 2) } + [PendingPod(pod: 11, template: 2, group: 5)]
        #expect(
            String(decoding: Self.line(.pods(pods, names: [])), as: UTF8.self)
                == #"{"type":"pods","runs":[[7,2,3],[11,2,1,5]]}"# + "\n")
        let places = [(7, 4), (8, 4), (9, 5), (3, 1)].map { ProposedPlacement(pod: $0.0, node: $0.1) }
        #expect(
            String(decoding: Self.line(.place(revision: 6, places)), as: UTF8.self)
                == #"{"type":"place","revision":6,"runs":[[7,4,4,5],[3,1]]}"# + "\n")
    }

    @Test(arguments: [
        #"{"type":"place","runs":{}}"#, #"{"type":"place","runs":[7,4]}"#, #"{"type":"place","runs":[[7]]}"#,
        #"{"type":"place","runs":[[7,"4"]]}"#, #"{"type":"place","runs":[[-1,4]]}"#,
        #"{"type":"place","runs":[[9223372036854775807,4,4]]}"#, #"{"type":"transaction","id":1,"runs":[[]]}"#,
    ])
    func aRunThatIsNoneIsRefused(line: String) {
        #expect(throws: MessageError.self) {
            try Array(line.utf8).withUnsafeBytes { try SchedulerMessage.decode($0) }
        }
    }

    @Test(arguments: [
        #"{"type":"pods","runs":[[1,2,0]]}"#, #"{"type":"pods","runs":[[1,2,99999999999]]}"#,
        #"{"type":"placed","revision":1,"runs":[[1,2]]}"#,
    ])
    func aRunOfTheDispatcherThatIsNoneIsRefused(line: String) {
        #expect(throws: MessageError.self) {
            _ = try Array(line.utf8).withUnsafeBytes { try DispatcherMessage.decode($0) }
        }
    }
}
