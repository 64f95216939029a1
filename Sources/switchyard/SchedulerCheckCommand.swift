import ArgumentParser
import Conformance
import DispatcherShell
import JSON

struct SchedulerCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check that a scheduler keeps to the protocol.",
        discussion: """
            Starts the command anew for each check and plays the dispatcher to it. Options of this command stand before
            the scheduler's own command:

              switchyard scheduler check --patience 5 python3 my_scheduler.py
            """)

    @Option(name: .long, help: "The longest wait for an answer, in seconds.")
    var patience: Double = 10

    @Option(name: .long, help: "Only the check of this name; may be given several times.")
    var only: [String] = []

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    @Argument(parsing: .captureForPassthrough, help: "The scheduler's command and its arguments.")
    var command: [String]

    func validate() throws {
        guard patience > 0 else { throw ValidationError("--patience: expected a number above 0, found \(patience)") }
        let names = Conformance.catalogue.map(\.name)
        for name in only where !names.contains(name) {
            throw ValidationError("--only: expected one of \(names.joined(separator: ", ")), found \"\(name)\"")
        }
        guard command.first?.isEmpty == false else { throw ValidationError("expected the scheduler's command") }
    }

    func run() throws {
        let spec = ProcessSpec(executable: command[0], arguments: Array(command.dropFirst()))
        let width = Conformance.catalogue.map(\.name.count).max() ?? 0
        let report = Conformance.check(spec, patience: Patience(seconds: patience), only: Set(only)) { result in
            if output == .text { Terminal.print(ConformanceReport.line(result, nameWidth: width)) }
        }
        switch output {
        case .json: Terminal.print(report.value.prettyJSON)
        case .text: Terminal.print(report.summary)
        }
        if !report.passed { throw Failure.found("") }
    }
}
