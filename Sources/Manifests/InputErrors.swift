/// All that is wrong with an input.
public struct InputErrors: Error, Sendable, CustomStringConvertible {
    /// The errors, by file and line.
    public var errors: [InputError]
    /// How many more there are that were only counted.
    public var omitted: Int

    /// A list of errors, which must not be empty.
    public init(_ errors: [InputError], omitted: Int = 0) {
        precondition(!errors.isEmpty, "an error without a cause")
        self.errors = errors
        self.omitted = omitted
    }

    /// How many errors there are in all.
    public var count: Int { errors.count + omitted }

    /// The first errors, one a line, and how many more there are.
    public var description: String { lines.joined(separator: "\n") }

    /// The lines of `description`.
    public var lines: [String] {
        var lines = errors.prefix(InputLimits.shownErrors).map(\.description)
        let rest = errors.count - lines.count + omitted
        if rest > 0 { lines.append("and \(rest) more") }
        return lines
    }
}
