import CJansson

/// Text that is not JSON: where and why.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in characters.
    public var column: Int
    /// The offset in bytes, from 0.
    public var position: Int
    /// What is wrong, in jansson's words.
    public var text: String

    /// An error at a place.
    public init(line: Int, column: Int, position: Int, text: String) {
        self.line = line
        self.column = column
        self.position = position
        self.text = text
    }

    /// `line 3, column 7: duplicate object key near '"a"'`.
    public var description: String { "line \(line), column \(column): \(text)" }
}

/// One parsed JSON text, which owns its tree and frees it at the end of its life.
///
/// Duplicate keys, nesting deeper than 2,048, integers beyond 64 bits, and text that is not UTF-8 are errors; so is `\u0000`
/// unless it is asked for, since names and manifests have no use for it.
public struct JSONDocument: ~Copyable {
    private let tree: UnsafeMutablePointer<json_t>

    /// The largest text that is read: jansson counts positions in 32 bits.
    public static let maxBytes = Int(Int32.max)

    /// Parses a whole text, which may be any JSON value.
    ///
    /// - Complexity: O(bytes), about 80 MB/s.
    public init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        self.tree = try JSONDocument.parse(bytes, allowsNUL: false).get()
    }

    /// Parses a whole text, which may be any JSON value.
    ///
    /// - Parameter allowsNUL: whether strings, though never keys, may hold `\u0000`.
    public init(_ bytes: [UInt8], allowsNUL: Bool = false) throws(JSONError) {
        self.tree = try bytes.withUnsafeBytes { JSONDocument.parse($0, allowsNUL: allowsNUL) }.get()
    }

    /// Parses a whole text, which may be any JSON value.
    public init(_ text: String) throws(JSONError) {
        try self.init(Array(text.utf8))
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, allowsNUL: Bool
    ) -> Result<UnsafeMutablePointer<json_t>, JSONError> {
        guard bytes.count <= JSONDocument.maxBytes else {
            let text = "a text of \(bytes.count) bytes is too long"
            return .failure(JSONError(line: 1, column: 1, position: 0, text: text))
        }
        var error = json_error_t()
        let flags = switchyard_json_flags(allowsNUL)
        // An empty buffer may have no address, which jansson would take for a wrong argument.
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let tree =
            start.map { json_loadb($0, bytes.count, flags, &error) }
            ?? json_loadb("", 0, flags, &error)
        if let tree { return .success(tree) }
        // jansson's column is that of the last character read, 0 before the first.
        return .failure(
            JSONError(
                line: Int(max(error.line, 1)), column: Int(max(error.column, 1)), position: Int(max(error.position, 0)),
                text: String(cString: switchyard_json_error_text(&error))))
    }

    deinit { json_decref(tree) }

    /// Runs `body` with the root of the tree.
    ///
    /// Nodes are plain pointers into the document: they must not outlive the call of `body`.
    public borrowing func withRoot<R, E: Error>(_ body: (JSONNode) throws(E) -> R) throws(E) -> R {
        try body(JSONNode(pointer: tree))
    }
}
