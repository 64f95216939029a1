import CLinux
import Glibc

/// What can be known of a command before it is run.
extension ProcessSpec {
    /// What no system could start, or nil: a text with a zero byte in it, a variable whose name cannot be one.
    public var fault: String? {
        for (key, value) in environment.sorted(by: { $0.key < $1.key }) {
            if !ProcessSpec.isVariableName(key) {
                return "\"\(key)\" is no name of a variable: it must not be empty nor hold = or a zero byte"
            }
            if value.utf8.contains(0) { return "the environment variable \(key) has a zero byte in its value" }
        }
        let texts = [executable] + arguments + [workingDirectory ?? ""]
        return texts.contains { $0.utf8.contains(0) } ? "the command has a zero byte in it" : nil
    }

    /// Whether an environment can have a variable of that name.
    public static func isVariableName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(0) && !name.utf8.contains(UInt8(ascii: "="))
    }

    /// The program to run: `executable` itself where that is a path, otherwise the first of that name in `PATH`, or nil.
    var resolvedPath: String? {
        if executable.contains("/") { return executable }
        if executable.isEmpty { return nil }
        let path = environment["PATH"] ?? getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "./\(executable)" : "\($0)/\(executable)" }.first(where: ProcessSpec.isProgram)
    }

    /// Why the program cannot be run, as far as its file tells; nil where it can.
    public var programFault: String? {
        guard executable.contains("/") else {
            return resolvedPath == nil ? "a name that no folder of PATH has" : nil
        }
        let isRelative = !executable.hasPrefix("/")
        let path = isRelative ? (workingDirectory.map { "\($0)/" } ?? "") + executable : executable
        if ProcessSpec.isProgram(path) { return nil }
        return access(path, F_OK) == 0 ? "a file that cannot be executed" : "no such file"
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }

    /// The variables inherited with those of this spec, as `NAME=value`.
    var wholeEnvironment: [String] {
        var all: [String] = []
        var next = isBare ? nil : switchyard_environment()
        while let variables = next, let entry = variables.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if environment[String(name)] == nil { all.append(text) }
            next = variables + 1
        }
        return all + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
