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

    private func withBytes<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
        try text.bytes.withUnsafeBufferPointer { bytes throws(E) in
            try body(UnsafeBufferPointer(rebasing: bytes[range]))
        }
    }

    private func parseJSON(_ skipped: Set<String>) throws(InputError) -> Value {
        do throws(PlainJSON.Fault) {
            return try withBytes { bytes throws(PlainJSON.Fault) in try PlainJSON.parse(bytes, skipping: skipped) }
        } catch {
            let fault = jsonError(error)
            guard !text.file.hasSuffix(".json"), range.count <= InputLimits.generalYAMLBytes else { throw fault.error }
            // Flow style that is not JSON, such as {a: b}, is YAML all the same.
            do throws(GeneralYAML.Fault) {
                return try withBytes { bytes throws(GeneralYAML.Fault) in
                    try GeneralYAML.parse(bytes, skipping: skipped)
                } ?? .null
            } catch {
                // Of the two, the one that came further knows what the text was meant to be.
                throw offset(of: error.place) > fault.offset ? yamlError(error) : fault.error
            }
        }
    }

    /// An error of JSON in the words of jansson, and the offset that it came to.
    private func jsonError(_ fault: PlainJSON.Fault) -> (error: InputError, offset: Int) {
        let start = range.lowerBound
        if case .depth(let offset) = fault {
            let error = text.error(
                .tooLarge, at: start + offset, expected: expectation(.tooLarge),
                found: "nesting deeper than \(InputLimits.depth)")
            return (error, start + offset)
        }
        do throws(JSONError) {
            try withBytes { bytes throws(JSONError) in
                try JSONDocument(UnsafeRawBufferPointer(bytes)).withRoot { _ in }
            }
            let error = text.error(
                .syntax, at: start, expected: "valid JSON", found: "a number that is beyond all limits")
            return (error, start)
        } catch {
            let code: InputError.Code = error.text.hasPrefix("duplicate object key") ? .duplicateKey : .syntax
            let place = text.position(of: start)
            let found = InputError(
                code, file: text.file, line: place.line + error.line - 1,
                column: error.line == 1 ? place.column + error.column - 1 : error.column, expected: "valid JSON",
                found: "a syntax error (\(error.text))")
            return (found, start + error.position)
        }
    }

    private func parseYAML(_ skipped: Set<String>) throws(InputError) -> Value? {
        let simple = withBytes { BlockYAML.parse($0, skipping: skipped, isPlain: text.isPlain) }
        if let simple { return content(simple) }
        guard range.count <= InputLimits.generalYAMLBytes else {
            let limit = InputLimits.generalYAMLBytes >> 20
            throw text.error(
                .tooLarge, at: range.lowerBound,
                expected: "a document in plain block style, or at most \(limit) MiB of YAML",
                found: "\(range.count >> 20) MiB")
        }
        do throws(GeneralYAML.Fault) {
            return try withBytes { bytes throws(GeneralYAML.Fault) in
                try GeneralYAML.parse(bytes, skipping: skipped)
            }.map(content)
        } catch { throw yamlError(error) }
    }

    /// An error of YAML with its place in the file.
    private func yamlError(_ fault: GeneralYAML.Fault) -> InputError {
        let offset = offset(of: fault.place)
        var found = fault.found
        if let context = fault.context {
            let line = text.position(of: self.offset(ofCharacter: context.begin)).line
            let around = context.text.isEmpty ? "" : " \(context.text) that begins on line \(line)"
            // Of a tab libyaml says that it cannot start a token.
            let isTab = offset < range.upperBound && text.bytes[offset] == 0x09
            found = isTab ? "a tab, where YAML allows only spaces" : "a syntax error (\(found)\(around))"
        }
        return text.error(fault.code, at: offset, expected: expectation(fault.code), found: found)
    }

    private func offset(of place: GeneralYAML.Place) -> Int {
        switch place {
        case .byte(let byte): range.lowerBound + byte
        case .character(let character): offset(ofCharacter: character)
        }
    }

    /// The offset in the file of a character of the piece.
    private func offset(ofCharacter character: Int) -> Int {
        guard !text.isPlain else { return min(range.lowerBound + character, range.upperBound) }
        var rest = character
        for index in range where text.bytes[index] & 0xC0 != 0x80 {
            if rest == 0 { return index }
            rest -= 1
        }
        return range.upperBound
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

    /// What places of YAML are found in: nil where the piece is JSON, too large, or nothing.
    struct Tree: Sendable {
        let root: YAMLPlaces?
    }

    private var tree: Tree {
        guard range.count <= InputLimits.generalYAMLBytes else { return Tree(root: nil) }
        return Tree(root: try? withBytes { bytes throws(GeneralYAML.Fault) in try GeneralYAML.places(bytes) })
    }

    /// The line and column in the file of a value of the piece, or of its nearest ancestor that exists.
    func location(of path: FieldPath) -> (line: Int, column: Int)? {
        var tree: Tree?
        return location(of: path, in: &tree)
    }

    /// Does so in a tree that was read before, or reads it if there is need.
    func location(of path: FieldPath, in known: inout Tree?) -> (line: Int, column: Int)? {
        if syntax == .json, let offset = withBytes({ JSONScanner($0).offset(of: path) }) {
            return text.position(of: range.lowerBound + offset)
        }
        let tree = known ?? self.tree
        known = tree
        guard let root = tree.root else { return place }
        var path = path
        if syntax == .yamlItem { path.elements.insert(.index(0), at: 0) }
        return text.position(of: offset(ofCharacter: root.place(of: path)))
    }

    /// The line and column of the piece's content.
    var place: (line: Int, column: Int) { text.position(of: content) }

    /// The line of the piece's content, which costs less than its place where `line` is known.
    var contentLine: Int {
        guard line > 0 else { return place.line }
        return text.bytes[range.lowerBound..<content].reduce(line) { $1 == 0x0A ? $0 + 1 : $0 }
    }

    /// The offset of the first byte that is neither white space nor part of a comment.
    private var content: Int {
        text.bytes.withUnsafeBufferPointer { SourceSplitter.firstContent($0, range) } ?? range.lowerBound
    }
}
