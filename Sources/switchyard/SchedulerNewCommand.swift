import ArgumentParser
import SchedulerScaffold

extension SchedulerScaffold.Language: ExpressibleByArgument {}

struct SchedulerNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write the first files of a scheduler of your own.",
        discussion: """
            Examples:
              switchyard scheduler new my-scheduler
              switchyard scheduler new my-scheduler --language swift \\
                  --package ../switchyard
              switchyard scheduler new my-scheduler --language c
            """)

    @Argument(help: "The scheduler's name: a-z, 0-9 and -.")
    var name: String

    @Option(name: .long, help: "python, swift, c (with jansson) or shell (with jq).")
    var language: SchedulerScaffold.Language = .python

    @Option(name: .long, help: "The folder to write into; without it, one of the scheduler's name.")
    var folder: String?

    @Option(name: .long, help: "Where Switchyard's package is, for a scheduler in Swift.")
    var package = "../switchyard"

    func run() throws {
        do throws(SchedulerScaffold.ScaffoldError) {
            let scaffold = try SchedulerScaffold(name: name, language: language, package: package)
            for path in try scaffold.write(into: folder ?? name) { Terminal.print(path) }
        } catch {
            throw Failure.input([error.description])
        }
    }
}
