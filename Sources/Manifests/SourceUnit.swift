import ClusterModel
import JSON

/// A piece of a file that is parsed on its own: a document, or one item of a `List` document.
struct SourceUnit: Sendable {
    /// How the piece is written.
    enum Syntax: Sendable {
        case json
        case yaml
        /// YAML that begins with the dash of a list's item.
        case yamlItem
    }

    /// The file.
    let text: SourceText
    /// The bytes of the piece.
    let range: Range<Int>
    /// The document in the file, from 0.
    let document: Int
    /// The item in the document's list, from 0; nil where the piece is the whole document.
    let item: Int?
    /// How it is written.
    let syntax: Syntax
    /// Where the items of the document's list stand, if it was seen to have one while its end was looked for.
    var list: JSONList?
    /// The line that the piece begins on, from 1, where it was counted already; 0 where not.
    var line = 0

    /// The piece as a value; nil where it holds nothing but comments.
    ///
    /// - Parameter skipped: keys whose nested blocks are of no interest; they may be left out of the result.
    func parse(skipping skipped: Set<String> = []) throws(InputError) -> Value? {
        switch syntax {
        case .json: try parseJSON(skipped)
        case .yaml, .yamlItem: try parseYAML(skipped)
        }
    }

    private func parseJSON(_ skipped: Set<String>) throws(InputError) -> Value {
        // The condensed text is a fraction of what kubectl prints. If it has a fault, the text itself shows where.
        if !skipped.isEmpty {
            let condensed = text.bytes.withUnsafeBufferPointer { bytes in
                JSONCondenser.condense(UnsafeBufferPointer(rebasing: bytes[range]), skipping: skipped)
            }
            if let condensed, let value = try? Value(json: condensed) { return value }
        }
        do {
            return try text.bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
                try Value(json: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
            }
        } catch {
            // Flow style that is not JSON, such as {a: b}, is YAML all the same.
            if !text.file.hasSuffix(".json"), range.count <= InputLimits.generalYAMLBytes,
                let value = try? GeneralYAML.parse(string)
            {
                return value
            }
            let code: InputError.Code = error.text.hasPrefix("duplicate object key") ? .duplicateKey : .syntax
            let (line, column) = absolute(error.line, error.column)
            throw InputError(
                code, file: text.file, line: line, column: column, expected: "valid JSON",
                found: "a syntax error (\(error.text))")
        }
    }

    private func parseYAML(_ skipped: Set<String>) throws(InputError) -> Value? {
        let simple = text.bytes.withUnsafeBufferPointer { bytes in
            BlockYAML.parse(UnsafeBufferPointer(rebasing: bytes[range]), skipping: skipped, isPlain: text.isPlain)
        }
        if let simple { return content(simple) }
        guard range.count <= InputLimits.generalYAMLBytes else {
            let limit = InputLimits.generalYAMLBytes >> 20
            throw text.error(
                .tooLarge, at: range.lowerBound,
                expected: "a document in plain block style, or at most \(limit) MiB of YAML",
                found: "\(range.count >> 20) MiB")
        }
        do {
            return try GeneralYAML.parse(string).map(content)
        } catch {
            let (line, column) = absolute(error.line, error.column)
            throw InputError(
                error.code, file: text.file, line: line, column: column, expected: expectation(error.code),
                found: error.found)
        }
    }

    /// The item itself, out of the list of one that its dash makes it.
    private func content(_ value: Value) -> Value {
        guard syntax == .yamlItem, case .array(let items) = value, let item = items.first else { return value }
        return item
    }

    private func expectation(_ code: InputError.Code) -> String {
        switch code {
        case .duplicateKey: "each key once"
        case .tooLarge: "a document of reasonable size"
        default: "valid YAML"
        }
    }

    /// What places of YAML are found in.
    struct Tree: @unchecked Sendable {
        // Nodes of Yams are values that nobody changes once they are read.
        let root: YAMLNode?
    }

    /// The piece as a tree with places; without a root where it is JSON, or too large.
    var tree: Tree {
        guard range.count <= InputLimits.generalYAMLBytes else { return Tree(root: nil) }
        return Tree(root: try? GeneralYAML.compose(string))
    }

    /// The line and column in the file of a value of the piece, or of its nearest ancestor that exists.
    func location(of path: FieldPath) -> (line: Int, column: Int)? {
        var tree: Tree?
        return location(of: path, in: &tree)
    }

    /// Does so in a tree that was read before, or reads it if there is need.
    func location(of path: FieldPath, in known: inout Tree?) -> (line: Int, column: Int)? {
        if syntax == .json {
            let offset = text.bytes.withUnsafeBufferPointer { bytes in
                JSONScanner(UnsafeBufferPointer(rebasing: bytes[range])).offset(of: path)
            }
            if let offset {
                let newlines = text.bytes[range.lowerBound..<range.lowerBound + offset].reduce(0) {
                    $1 == 0x0A ? $0 + 1 : $0
                }
                return (begin.line + newlines, text.column(of: range.lowerBound + offset))
            }
        }
        let tree = known ?? tree
        known = tree
        guard let root = tree.root else { return place }
        var path = path
        if syntax == .yamlItem { path.elements.insert(.index(0), at: 0) }
        return GeneralYAML.location(of: path, from: root).map { absolute($0.line, $0.column) }
    }

    private var string: String { String(decoding: text.bytes[range], as: UTF8.self) }

    /// A place in the file from a place in the piece.
    private func absolute(_ line: Int, _ column: Int) -> (Int, Int) {
        let start = begin
        return (start.line + line - 1, line == 1 ? start.column + column - 1 : column)
    }

    /// The line and column of the first byte.
    private var begin: (line: Int, column: Int) {
        line > 0 ? (line, text.column(of: range.lowerBound)) : text.position(of: range.lowerBound)
    }

    /// The line and column of the piece's content.
    var place: (line: Int, column: Int) {
        text.bytes.withUnsafeBufferPointer { bytes in
            let content = SourceSplitter.firstContent(bytes, range) ?? range.lowerBound
            let newlines = bytes[range.lowerBound..<content].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
            return (begin.line + newlines, text.column(of: content))
        }
    }
}
