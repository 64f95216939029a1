/// The limits on what is read; whatever lies beyond is refused with an error that states the limit.
public enum InputLimits {
    /// The largest file.
    public static let fileBytes = 1 << 30
    /// The largest single YAML document (or item of a list) that is written in more than plain block style: with
    /// anchors, flow style or strings over several lines.
    ///
    /// Reading those takes some dozens of bytes of memory for each byte.
    public static let generalYAMLBytes = 64 << 20
    /// The deepest nesting.
    public static let depth = 200
    /// How many values the aliases of one document may add.
    public static let aliasedValues = 1_000_000
    /// The most objects, that is documents and items of lists, of all files together.
    public static let objects = 2_000_000
    /// How many errors are shown; the rest is counted.
    public static let shownErrors = 20
}
