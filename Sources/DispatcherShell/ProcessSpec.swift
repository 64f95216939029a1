/// How the process of a scheduler is started.
public struct ProcessSpec: Hashable, Sendable {
    /// The program, as a path, or as a name looked up in `PATH`.
    public var executable: String
    /// Its arguments.
    public var arguments: [String]
    /// The folder it runs in, or nil for the current one.
    public var workingDirectory: String?
    /// Variables set for it beyond those inherited.
    public var environment: [String: String]
    /// Whether it inherits no variables at all.
    var isBare = false

    /// A command of the given parts.
    public init(
        executable: String, arguments: [String] = [], workingDirectory: String? = nil,
        environment: [String: String] = [:]
    ) {
        self.executable = executable
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.environment = environment
    }

    /// A command of our own, which needs nothing of the environment.
    init(executable: String, arguments: [String], isBare: Bool) {
        self.init(executable: executable, arguments: arguments)
        self.isBare = isBare
    }
}
