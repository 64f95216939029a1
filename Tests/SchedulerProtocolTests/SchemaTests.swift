import ProtocolTestKit
import SchedulerProtocol
import Testing

@Suite struct SchemaTests {
    @Test func everyMessageOfTheDispatcherIsAsTheSchemaSays() throws {
        var lines: [String] = []
        for seed in 1...60 {
            var messages = SeededMessages(seed: UInt64(seed))
            lines += messages.dispatcherMessages().map { text(RoundTripTests.line($0)) }
        }
        guard let faults = try ProtocolSchema.faults(lines, .toScheduler) else { return }
        #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "\n"))")
    }

    @Test func everyMessageOfASchedulerIsAsTheSchemaSays() throws {
        var lines: [String] = []
        for seed in 1...60 {
            var messages = SeededMessages(seed: UInt64(seed))
            lines += messages.schedulerMessages().map { text(RoundTripTests.line($0)) }
        }
        guard let faults = try ProtocolSchema.faults(lines, .fromScheduler) else { return }
        #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "\n"))")
    }

    /// A schema that allows everything would pass the tests above.
    @Test(arguments: [
        #"{"type":"ready","protocol":1,"window":0}"#, #"{"type":"place","pods":[[1]]}"#,
        #"{"type":"place","pods":[[1,2,[64]]]}"#, #"{"type":"place","pods":[[1,2]],"revison":3}"#,
        #"{"type":"unschedulable","reasons":{}}"#, #"{"type":"teleport"}"#, #"{"type":"preempt","pod":1,"node":"a"}"#,
    ])
    func theSchemaFindsFaults(line: String) throws {
        guard let faults = try ProtocolSchema.faults([line], .fromScheduler) else { return }
        #expect(faults.count == 1)
    }

    private func text(_ line: [UInt8]) -> String { String(decoding: line.dropLast(), as: UTF8.self) }
}
