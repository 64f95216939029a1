import ClusterModel
import Dispatcher
import DispatcherShell
import Manifests
import Placement

/// What is found out about a registration before anything is started.
extension SchedulerRegistry {
    /// Throws where a program is not there: no run could do anything but fail to start it.
    public func requirePrograms() throws(InputErrors) {
        let faults = entries.compactMap { entry -> InputError? in
            // Those that come with Switchyard stand in no file; their program is all there is to name.
            guard entry.file.isEmpty, let fault = entry.process.programFault else { return entry.programFault }
            return InputError(
                .notFound, file: entry.process.executable, object: "Scheduler \(entry.registration.name)",
                expected: "the program of this built-in scheduler", found: fault)
        }
        if !faults.isEmpty { throw InputErrors(faults) }
    }

    static func programFault(_ entry: Entry, _ document: SourceDocument) -> InputError? {
        guard let fault = entry.process.programFault else { return nil }
        let name = entry.registration.name
        return document.error(
            FieldError(
                path: FieldPath([.key("spec"), .key("command"), .index(0)]), expected: "a program that can be run",
                found: "\"\(entry.process.executable)\", \(fault)"),
            object: "Scheduler \(name)", code: .danglingReference)
    }

    static func environment(_ spec: ObjectReader) throws(FieldError) -> [String: String] {
        let variables = try spec.strings("environment")
        for (key, value) in variables.sorted(by: { $0.key < $1.key }) {
            guard ProcessSpec.isVariableName(key) else {
                throw FieldError(
                    path: FieldPath("environment", key), expected: "a name without = that is not empty",
                    found: "\"\(key)\"")
            }
            guard !value.utf8.contains(0) else {
                throw FieldError(
                    path: FieldPath("environment", key), expected: "a text without a zero byte", found: "one with it")
            }
        }
        return variables
    }

    static func checkCommand(_ command: [String]) throws(FieldError) {
        for (index, word) in command.enumerated() where word.utf8.contains(0) {
            throw FieldError(
                path: FieldPath([.key("command"), .index(index)]), expected: "a text without a zero byte",
                found: "one with it")
        }
    }

    /// A profile that stands in the registration is what the schedulers of SchedulerKit read, so it must be one.
    ///
    /// What a scheduler of another make has in its own `config` is its own business.
    static func checkProfile(_ profile: Value?, isOfSpec: Bool) throws(FieldError) {
        guard isOfSpec, let profile, profile != .null else { return }
        do throws(FieldError) {
            if case .string(let name) = profile {
                guard Profile.named(name) == nil else { return }
                let names = Profile.builtIn.map(\.name).joined(separator: ", ")
                throw FieldError(path: FieldPath([]), expected: "one of \(names), or a profile", found: "\"\(name)\"")
            }
            _ = try Profile(profile)
        } catch {
            throw error.inside(.key("profile"))
        }
    }
}
