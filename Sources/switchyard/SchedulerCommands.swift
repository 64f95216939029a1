import ArgumentParser
import ClusterModel
import Dispatcher
import DispatcherShell
import JSON
import SchedulerRegistry

struct SchedulerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "List, check, begin, record and replay schedulers.",
        discussion: """
            Examples:
              switchyard scheduler list
              switchyard scheduler new my-scheduler
              switchyard scheduler check python3 my-scheduler/my_scheduler.py
            """,
        subcommands: [
            SchedulerList.self, SchedulerCheck.self, SchedulerNew.self, SchedulerRecord.self, SchedulerReplay.self,
        ])
}

struct SchedulerList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedulers that would run.",
        discussion: """
            Examples:
              switchyard scheduler list
              switchyard scheduler list --schedulers schedulers.yaml -o json
            """)

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
            var table = Table(["scheduler", "default", ">processes", ">window", "command", "registered in"])
            for entry in registry.entries {
                let isDefault = entry.registration.name == registry.defaultScheduler
                table.add([
                    entry.registration.name, isDefault ? "yes" : "", String(entry.registration.shards),
                    entry.registration.window.map(String.init) ?? "-",
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
            .init("shards", .int(Int64(entry.registration.shards))),
            .init("window", entry.registration.window.map { .int(Int64($0)) } ?? .null),
            .init("config", entry.registration.config), .init("file", .string(entry.file)),
        ])
    }
}
