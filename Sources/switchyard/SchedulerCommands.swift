import ArgumentParser
import ClusterModel
import Conformance
import Dispatcher
import DispatcherShell
import JSON
import SchedulerRegistry

struct SchedulerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "List and check schedulers.", subcommands: [SchedulerList.self, SchedulerCheck.self])
}

struct SchedulerList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedulers that would run.")

    @Option(name: .long, parsing: .upToNextOption, help: "Registrations; without it, the built-in ones.")
    var schedulers: [String] = []

    @Option(name: .shortAndLong, help: "text or json.")
    var output: OutputFormat = .text

    func run() throws {
        let registry: SchedulerRegistry =
            schedulers.isEmpty
            ? .builtIn(folder: Tool.folder) : try SchedulerRegistry(files: schedulers, toolFolder: Tool.folder)
        switch output {
        case .json: Terminal.print(Value.array(registry.entries.map { value($0, registry) }).prettyJSON)
        case .text:
            var table = Table(["scheduler", "default", ">window", "command", "registered in"])
            for entry in registry.entries {
                let isDefault = entry.registration.name == registry.defaultScheduler
                table.add([
                    entry.registration.name, isDefault ? "yes" : "", entry.registration.window.map(String.init) ?? "-",
                    ([entry.process.executable] + entry.process.arguments).joined(separator: " "),
                    entry.file.isEmpty ? "built in" : entry.file,
                ])
            }
            Terminal.print(table.text)
        }
    }

    private func value(_ entry: SchedulerRegistry.Entry, _ registry: SchedulerRegistry) -> Value {
        .object([
            .init("name", .string(entry.registration.name)),
            .init("default", .bool(entry.registration.name == registry.defaultScheduler)),
            .init("command", .strings([entry.process.executable] + entry.process.arguments)),
            .init("window", entry.registration.window.map { .int(Int64($0)) } ?? .null),
            .init("config", entry.registration.config), .init("file", .string(entry.file)),
        ])
    }
}

struct SchedulerCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Start a scheduler and check that it keeps to the protocol, a line a check.",
        discussion: """
            Each check plays the dispatcher to a fresh process, with deadlines.

            Examples:
              switchyard scheduler check python3 examples/python/first_fit.py
              switchyard scheduler check --only conflict --only drain -- ./my-scheduler --fast
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
        help: ArgumentHelp("The scheduler's command and its arguments, or the name of a built-in one.", valueName: "command"))
    var command: [String]

    func run() throws {
        var words = command.first == "--" ? Array(command.dropFirst()) : command
        guard let name = words.first else { throw Failure.input(["expected the command of a scheduler"]) }
        if SchedulerRegistry.builtIn(folder: "").names.contains(name) { words[0] = "\(Tool.folder)/switchyard-\(name)" }
        let names = Set(Conformance.catalogue.map(\.name))
        for check in only where !names.contains(check) {
            throw Failure.input([
                "--only \(check): expected one of \(names.sorted().joined(separator: ", "))"
            ])
        }
        let transcript = verbose ? Transcript() : nil
        let width = names.map(\.count).max() ?? 0
        let report = Conformance.check(
            ProcessSpec(executable: words[0], arguments: Array(words.dropFirst())), patience: Patience(seconds: patience),
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
