import ClusterModel
import Dispatcher
import DispatcherShell
import Manifests

/// The schedulers of a cluster: their names, how each is started and configured, and which of them is the generic one.
public struct SchedulerRegistry: Hashable, Sendable {
    /// One scheduler as it is registered.
    public struct Entry: Hashable, Sendable {
        /// Its name, configuration and window.
        public var registration: Registration
        /// Its command.
        public var process: ProcessSpec
        /// The file that registered it; empty for a built-in one.
        public var file: String
        /// Why its program cannot be run on this machine, as far as its file tells; nil where it can.
        public var programFault: InputError?
    }

    /// The schedulers, in the order of the files.
    public var entries: [Entry]
    /// The name of the scheduler that gets pods which no policy routes.
    public var defaultScheduler: String

    /// The names of the schedulers, in order.
    public var names: [String] { entries.map(\.registration.name) }

    /// Every process by itself: an entry for each shard of each scheduler, with a seed of its own.
    public var processes: [Entry] {
        entries.flatMap { entry in
            (0..<entry.registration.shards).map { shard in
                var process = entry
                process.registration.shard = shard
                process.registration.seed &+= UInt64(shard) &* 0xD1B5_4A32_D192_ED03
                return process
            }
        }
    }

    /// The three that come with Switchyard; `binpack` is the generic one.
    ///
    /// - Parameter folder: where their programs are.
    public static func builtIn(folder: String) -> SchedulerRegistry {
        let entries = ["binpack", "gang", "spread"].map { name in
            Entry(
                registration: Registration(name: name),
                process: ProcessSpec(executable: "\(folder)/switchyard-\(name)"), file: "")
        }
        return SchedulerRegistry(entries: entries, defaultScheduler: "binpack")
    }

    /// Gives every scheduler a seed of its own, made of `seed` and its place in the list.
    public mutating func seed(_ seed: UInt64) {
        for index in entries.indices {
            entries[index].registration.seed = seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
        }
    }
}

extension SchedulerRegistry {
    /// The API version of a registration.
    public static let apiVersion = "switchyard.dev/v1alpha1"

    /// Reads registrations: YAML or JSON documents of kind `Scheduler`.
    ///
    /// - Parameter toolFolder: where a command without a slash is looked for before `PATH`.
    public init(files: [String], toolFolder: String) throws(InputErrors) {
        var errors: [InputError] = []
        entries = []
        defaultScheduler = ""
        var defaults: [String] = []
        for file in files {
            do throws(InputError) {
                for document in try SourceReader.documents(path: file) {
                    do throws(FieldError) {
                        var (entry, isDefault) = try SchedulerRegistry.entry(document, toolFolder)
                        entry.programFault = SchedulerRegistry.programFault(entry, document)
                        if names.contains(entry.registration.name) {
                            errors.append(SchedulerRegistry.duplicate(entry, document))
                            continue
                        }
                        entries.append(entry)
                        if isDefault { defaults.append(entry.registration.name) }
                    } catch {
                        errors.append(document.error(error, object: "Scheduler"))
                    }
                }
            } catch {
                errors.append(error)
            }
        }
        if defaults.count > 1 {
            errors.append(
                InputError(
                    .danglingReference, file: files.last ?? "", path: FieldPath("spec", "default"),
                    expected: "one default scheduler", found: defaults.joined(separator: ", ")))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        defaultScheduler = defaults.first ?? (names.contains("binpack") ? "binpack" : names.first ?? "")
    }

    private static func duplicate(_ entry: Entry, _ document: SourceDocument) -> InputError {
        document.error(
            FieldError(
                path: FieldPath("metadata", "name"), expected: "a name that no other scheduler has",
                found: "the second \"\(entry.registration.name)\""),
            object: "Scheduler", code: .duplicateName)
    }

    private static let fields: Set<String> = [
        "command", "default", "window", "config", "environment", "profile", "shards",
    ]

    private static func entry(
        _ document: SourceDocument, _ toolFolder: String
    ) throws(FieldError) -> (Entry, isDefault: Bool) {
        let object = try ObjectReader(document.value)
        try expect(object, "apiVersion", apiVersion)
        try expect(object, "kind", "Scheduler")
        let name = try object.object("metadata") { meta throws(FieldError) in try meta.string("name") ?? "" } ?? ""
        let allowed = name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
        guard !name.isEmpty, allowed else {
            throw FieldError(
                path: FieldPath("metadata", "name"), expected: "a name of a-z, 0-9 and -", found: "\"\(name)\"")
        }
        let read = try object.object("spec") { spec throws(FieldError) -> (Entry, Bool) in
            for field in spec.fields where !fields.contains(field.key) {
                throw FieldError(
                    path: FieldPath(field.key), expected: "one of \(fields.sorted().joined(separator: ", "))",
                    found: "an unknown field")
            }
            let command = try spec.stringList("command")
            guard let program = command.first, !program.isEmpty else {
                throw FieldError(path: FieldPath("command"), expected: "a program and its arguments", found: "nothing")
            }
            var config = spec.value("config") ?? .object([])
            if let profile = spec.value("profile"), case .object(let others) = config {
                config = .object(others + [Value.Field("profile", profile)])
            }
            let window = try spec.int("window", in: 1...65_536).map { Int($0) }
            try checkProfile(config["profile"], isOfSpec: spec.value("profile") != nil)
            let process = ProcessSpec(
                executable: locate(program, beside: document.file, toolFolder), arguments: Array(command.dropFirst()),
                workingDirectory: folder(of: document.file), environment: try environment(spec))
            try checkCommand(command)
            var registration = Registration(name: name, config: config, window: window)
            registration.shards = try spec.int("shards", in: 1...64).map { Int($0) } ?? 1
            return (
                Entry(registration: registration, process: process, file: document.file),
                try spec.bool("default") ?? false
            )
        }
        guard let read else { throw FieldError(path: FieldPath("spec"), expected: "a spec", found: "nothing") }
        return read
    }

    private static func expect(_ object: ObjectReader, _ key: String, _ wanted: String) throws(FieldError) {
        let found = try object.string(key)
        guard found == wanted else {
            throw FieldError(
                path: FieldPath(key), expected: "\"\(wanted)\"", found: found.map { "\"\($0)\"" } ?? "nothing")
        }
    }
}
