import Conformance
import DispatcherShell
import ProtocolTestKit
import Testing

/// The examples keep to the protocol, and what goes over their pipes is what the schema says.
@Suite(.serialized) struct ExampleTests {
    @Test(arguments: ["first_fit", "minimal"]) func theExamplePassesEveryCheck(name: String) async throws {
        let (report, sent, received, heard) = await check(Fixture.example(name))
        #expect(report.passed, "\(report.text)")
        #expect(heard == Conformance.catalogue.map(\.name))
        let skipped = report.results.filter { $0.verdict == .skipped }.map(\.name)
        #expect(skipped == (name == "first_fit" ? [] : ["groups", "group-topology", "explain"]), "\(report.text)")

        if let faults = try ProtocolSchema.faults(received, .fromScheduler) {
            #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "\n"))")
        }
        // The kit also sends garbage and fields from the future, on purpose; those lines are left out.
        let known = sent.filter { line in
            line.hasPrefix(#"{"type":""#) && !line.contains("x-later") && !line.contains("teleport")
                && !line.contains("weather") && line.hasSuffix("}")
        }
        #expect(known.count > 100)
        if let faults = try ProtocolSchema.faults(known, .toScheduler) {
            #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "\n"))")
        }
    }
}
