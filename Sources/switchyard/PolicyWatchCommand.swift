import ArgumentParser
import ClusterModel
import JSON
import PolicyEngine
import SchedulerRegistry

struct PolicyWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch a folder of policies as a running system does, and tell of every set put in force or refused.",
        discussion: """
            A sound folder is put in force whole; of a broken one the errors are told, and the last good set stays. Runs until it is \
            interrupted.

            Examples:
              switchyard policy watch policies
              switchyard policy watch policies --schedulers schedulers.yaml -o json
            """)

    @OptionGroup var folder: PolicyFolderArgument

    @Option(name: .long, parsing: .upToNextOption, help: "Registrations of the schedulers that policies may name.")
    var schedulers: [String] = []

    @Option(help: ArgumentHelp("Seconds between two looks at the folder.", valueName: "seconds"))
    var interval = 0.5

    @Option(name: .shortAndLong, help: "text, or json: one object a line.")
    var output: OutputFormat = .text

    func validate() throws {
        guard interval >= 0.01, interval <= 3_600 else { throw ValidationError("--interval must be 0.01 to 3600") }
    }

    func run() async throws {
        var options = PolicySceneOptions()
        options.schedulers = schedulers
        let names = Set(try options.registry().names)
        let policies: PolicySet
        do { policies = try PolicyFolder(path: folder.path, withTests: false).policySet(schedulers: names) } catch {
            throw Failure.faults(error.findings)
        }
        let shows = output
        PolicyWatchCommand.show(.putInForce(policies), shows)
        let feed = PolicyFeed(path: folder.path, current: policies, schedulers: names, interval: interval) {
            PolicyWatchCommand.show($0, shows)
        }
        while true {
            try await Task.sleep(for: .seconds(3_600))
            _ = feed.take()
        }
    }

    private static func show(_ directive: PolicyReloader.Directive, _ output: OutputFormat) {
        switch output {
        case .json: Terminal.print(directive.value.json)
        case .text: Terminal.print(directive.text)
        }
    }
}
