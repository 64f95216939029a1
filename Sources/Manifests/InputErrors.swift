/// All that is wrong with some input, in the order found.
public struct InputErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The errors; at least one.
    public var all: [InputError]

    /// Several errors.
    public init(_ all: [InputError]) { self.all = all }

    /// One error.
    public init(_ one: InputError) { self.all = [one] }

    /// The first errors, a line each, and how many more there are.
    public var lines: [String] {
        let shown = all.prefix(InputLimits.shownErrors).map(\.description)
        let rest = all.count - shown.count
        return rest > 0 ? shown + ["and \(rest) more"] : shown
    }

    /// The lines as one text.
    public var description: String { lines.joined(separator: "\n") }
}
