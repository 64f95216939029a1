import ArgumentParser
import Conformance
import DispatcherShell
import JSON
import SchedulerRegistry

struct SchedulerCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Start a scheduler and check that it keeps to the protocol, a line a check.",
        discussion: """
            Each check plays the dispatcher to a fresh process, with deadlines.

            Examples:
              switchyard scheduler check python3 examples/python/first_fit.py
              switchyard scheduler check --only conflict --only drain \\
                  -- ./my-scheduler --fast
              switchyard scheduler check binpack
            """)

    @Option(help: ArgumentHelp("Run this check alone; may be given several times.", valueName: "check"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Seconds to wait for an answer.", valueName: "seconds"))
    var patience: Double = 10

    @Flag(help: "Print every line that is sent and received, on stderr.")
    var verbose = false

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp(
            "The scheduler's command and its arguments, or the name of a built-in one.", valueName: "command"))
    var command: [String]

    func validate() throws {
        guard (0.1...3_600).contains(patience) else {
            throw ValidationError("--patience must be from 0.1 to 3,600 seconds")
        }
    }

    /// How the scheduler of a command line is started: a command, or a built-in scheduler by its name.
    static func spec(_ command: [String]) throws -> ProcessSpec {
        var words = command.first == "--" ? Array(command.dropFirst()) : command
        guard let name = words.first else { throw Failure.input(["expected the command of a scheduler"]) }
        for builtIn in SchedulerRegistry.builtIn(folder: "").names
        where [builtIn, "switchyard-\(builtIn)"].contains(name) {
            words[0] = "\(Tool.folder)/switchyard-\(builtIn)"
        }
        return ProcessSpec(executable: words[0], arguments: Array(words.dropFirst()))
    }

    func run() throws {
        // The command's own flags begin after its name; before it, help is asked of this tool.
        if ["-h", "--help"].contains(command.first) { throw CleanExit.helpRequest(self) }
        let spec = try SchedulerCheck.spec(command)
        let names = Set(Conformance.catalogue.map(\.name))
        for check in only where !names.contains(check) {
            throw Failure.input([
                "--only \(check): expected one of \(names.sorted().joined(separator: ", "))"
            ])
        }
        let transcript = verbose ? Transcript() : nil
        let width = names.map(\.count).max() ?? 0
        let report = Conformance.check(
            spec,
            patience: Patience(seconds: patience),
            only: Set(only), log: transcript
        ) { result in
            if output == .text { Terminal.print(ConformanceReport.line(result, nameWidth: width)) }
        }
        if let transcript {
            for line in transcript.toScheduler { Terminal.complain("> \(line)") }
            for line in transcript.fromScheduler { Terminal.complain("< \(line)") }
        }
        if output == .json { Terminal.print(report.value.prettyJSON) }
        let failed = report.results.count { $0.verdict == .failed }
        if output == .text {
            let passed = report.results.count { $0.verdict == .passed }
            Terminal.print("\(passed) passed, \(failed) failed")
        }
        if !report.passed { throw Failure.found("") }
    }
}
