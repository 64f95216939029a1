extension SourceReader {
    /// The bytes of a text file in some other format than YAML or JSON, without a byte order mark.
    ///
    /// They are UTF-8 without NUL, and no more than `InputLimits.fileBytes`.
    public static func bytes(path: String) throws(InputError) -> [UInt8] {
        let text = try SourceText(path: path)
        return text.start == 0 ? text.bytes : Array(text.bytes[text.start...])
    }
}
