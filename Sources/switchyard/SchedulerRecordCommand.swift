import ArgumentParser
import Conformance
import Dispatcher
import DispatcherShell
import Glibc
import SchedulerRegistry
import Simulation

struct SchedulerRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Run a simulation and keep every line between the dispatcher and its schedulers.",
        discussion: """
            Each scheduler gets a file, FOLDER/NAME.ndjson, of lines {"at": seconds, "to" or "from": "line"}.

            Examples:
              switchyard scheduler record --nodes nodes.yaml --pods pods.yaml --out recordings
              switchyard scheduler replay recordings/binpack.ndjson ./my-scheduler
            """)

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("The seed of every random choice.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("The folder for the files, which is made if there is none.", valueName: "dir"))
    var out: String

    func run() throws {
        var setup = SimulationSetup(registry: try input.registry())
        try setup.registry.requirePrograms()
        setup.seed = seed
        let policies = try input.policySet(setup.registry)
        let cluster = try Cluster(input)
        setup.take(cluster)
        cluster.complain()
        _ = setup.admit(
            cluster.pods, policies: policies, rules: cluster.rules,
            serviceSelector: cluster.serviceSelector)
        mkdir(out, 0o755)
        do throws(Recorder.WriteError) {
            let recorder = try Recorder(schedulers: setup.registry.processes.map(\.registration.label), folder: out)
            var observer = Shell.Observer()
            recorder.attach(to: &observer)
            let result = Simulation(setup).run(observer)
            try recorder.finish()
            Terminal.print(
                "\(Format.count(result.counts.bound)) of \(Format.count(result.counts.total)) pods placed\n"
                    + recorder.paths.map { "wrote \($0)" }.joined(separator: "\n"))
        } catch {
            throw Failure.input([error.description])
        }
    }
}

struct SchedulerReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Feed a recording to a scheduler, and tell which pods it decides differently.",
        discussion: """
            Before each recorded line the replay waits until as much was decided as in the recording. Exits with 1 where \
            something differs.

            Examples:
              switchyard scheduler replay recordings/binpack.ndjson switchyard-binpack
              switchyard scheduler replay --process 2 recordings/mine.ndjson -- ./mine --fast
            """)

    @Option(help: ArgumentHelp("Seconds to wait for a decision.", valueName: "seconds"))
    var patience: Double = 10

    @Option(help: ArgumentHelp("Which of the processes in the file, from 1; without it the first.", valueName: "n"))
    var process = 1

    @Argument(help: ArgumentHelp("The recording.", valueName: "file"))
    var file: String

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

    func run() throws {
        if ["-h", "--help"].contains(command.first) { throw CleanExit.helpRequest(self) }
        let spec = try SchedulerCheck.spec(command)
        let text = try Tool.text(of: file)
        let recording: Recording
        do throws(Recording.ParseError) {
            recording = try Recording(parsing: text)
        } catch {
            throw Failure.input(["\(file): \(error.description)"])
        }
        let processes = recording.processes
        guard processes.indices.contains(process - 1) else {
            throw Failure.input(["--process \(process): expected 1 to \(processes.count), the processes in \(file)"])
        }
        let report = Replay.run(processes[process - 1], on: spec, patience: patience)
        Terminal.print(report.text.hasSuffix("\n") ? String(report.text.dropLast()) : report.text)
        if !report.matches { throw Failure.found("") }
    }
}
