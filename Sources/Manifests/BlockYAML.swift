import ClusterModel

/// Reads the plain block style in which Kubernetes' tools print YAML, some twenty times faster than `GeneralYAML`.
///
/// It knows block mappings and lists, scalars on one line (plain, single- and double-quoted), literal blocks (`|`), comments,
/// `[]` and `{}`. Whatever else it meets (anchors, tags, flow style, strings over several lines, tabs, carriage returns, a
/// repeated key, anything malformed) it leaves to `GeneralYAML`, which also words all errors. So it may answer nil for good
/// YAML, but never a value that `GeneralYAML` would not answer too.
///
/// What nobody asks for is read by the same code and with the same strictness, but no strings are made of it.
struct BlockYAML {
    /// Something that is left to `GeneralYAML`.
    private struct Unsure: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    /// Keys whose lists and mappings are left out of the result.
    private let skipped: Set<String>
    /// Whether what is read now is for nobody.
    private var isPassing = false
    private var passed = PassedKeys()
    /// The first byte of the content that comes next; the end of the text where nothing does.
    private var index = 0
    /// The column of `index`, from 0; -1 at the end of the text.
    private var indent = 0
    private var depth = 0

    /// The value of a text; nil where `GeneralYAML` has to say.
    ///
    /// A text of comments alone is null.
    ///
    /// - Parameters:
    ///   - skipped: keys whose lists and mappings are of no interest; they are left out of the result.
    ///   - isPlain: whether it is known that the text is printable ASCII.
    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, skipping skipped: Set<String> = [], isPlain: Bool = false
    ) -> Value? {
        guard isPlain || isPlainText(bytes) else { return nil }
        var parser = BlockYAML(bytes, skipped)
        return try? parser.document()
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ skipped: Set<String>) {
        self.bytes = bytes
        self.skipped = skipped
    }

    /// Whether there is no character that YAML 1.1 takes for a line break of its own, or forbids.
    private static func isPlainText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in SourceText.plainPrefix(bytes)..<bytes.count {
            switch bytes[index] {
            case 0x09, 0x0A, 0x20...0x7E, 0x80...0xC1, 0xC3...0xE1, 0xE3...0xEE, 0xF0...0xFF: continue
            // U+0080 to U+009F.
            case 0xC2 where index + 1 < bytes.count && bytes[index + 1] >= 0xA0: continue
            // U+2028 and U+2029 stand among U+2000 to U+203F.
            case 0xE2 where index + 1 < bytes.count && bytes[index + 1] != 0x80: continue
            default: return false
            }
        }
        return true
    }

    private mutating func document() throws(Unsure) -> Value {
        try nextContent(from: 0)
        guard indent >= 0 else { return .null }
        let value = try node(parent: -1)
        guard indent < 0 else { throw Unsure() }
        return value
    }
}

// Lines
extension BlockYAML {
    /// Moves to the first content at or after the start of a line, past blank lines and comments.
    private mutating func nextContent(from lineStart: Int) throws(Unsure) {
        var start = lineStart
        while start < bytes.count {
            var position = start
            while position < bytes.count, bytes[position] == 0x20 { position += 1 }
            guard position < bytes.count else { break }
            switch bytes[position] {
            case 0x0A: start = position + 1
            case UInt8(ascii: "#"): start = SourceSplitter.lineEnd(bytes, position) + 1
            case 0x09: throw Unsure()
            case UInt8(ascii: "-") where position == start && isMarker(position),
                UInt8(ascii: ".") where position == start && isMarker(position):
                throw Unsure()
            default:
                (index, indent) = (position, position - start)
                return
            }
        }
        (index, indent) = (bytes.count, -1)
    }

    /// Whether three dashes or dots stand here, which in the first column bound a document.
    private func isMarker(_ position: Int) -> Bool {
        position + 2 < bytes.count && bytes[position + 1] == bytes[position] && bytes[position + 2] == bytes[position]
    }

    /// Takes the rest of a line, which may hold blanks and a comment alone, and moves to the next content.
    ///
    /// `parent` is the column of the block that the value stands in: content further right would belong to the value.
    private mutating func endLine(_ end: Int, parent: Int) throws(Unsure) {
        let rest = skipSpaces(end)
        if rest < bytes.count, bytes[rest] != 0x0A {
            guard bytes[rest] == UInt8(ascii: "#"), rest > end else { throw Unsure() }
        }
        try nextContent(from: SourceSplitter.lineEnd(bytes, rest) + 1)
        if indent > parent { throw Unsure() }
    }

    private func skipSpaces(_ start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
        return position
    }

    /// Whether nothing but a comment follows on the line.
    private func endsLine(_ position: Int) -> Bool {
        position >= bytes.count || bytes[position] == 0x0A || bytes[position] == UInt8(ascii: "#")
    }

    private func isBlank(_ position: Int) -> Bool {
        position >= bytes.count || bytes[position] == 0x20 || bytes[position] == 0x0A
    }

    /// Whether the dash of a list's item stands at the content that comes next.
    private var isAtDash: Bool { index < bytes.count && bytes[index] == UInt8(ascii: "-") && isBlank(index + 1) }
}

// Blocks
extension BlockYAML {
    /// The block that begins at the content that comes next.
    private mutating func node(parent: Int) throws(Unsure) -> Value {
        if isAtDash { return try sequence() }
        if let first = try key() { return try mapping(first) }
        // A block scalar's indentation counts from its parent, which is not at hand here.
        if bytes[index] == UInt8(ascii: "|") { throw Unsure() }
        return try inlineValue(index, parent: parent)
    }

    private mutating func enter() throws(Unsure) {
        depth += 1
        guard depth <= InputLimits.depth else { throw Unsure() }
    }

    private mutating func sequence() throws(Unsure) -> Value {
        try enter()
        defer { depth -= 1 }
        let column = indent
        var items: [Value] = []
        repeat {
            let content = skipSpaces(index + 1)
            if endsLine(content) {
                try nextContent(from: SourceSplitter.lineEnd(bytes, content) + 1)
                let item = indent > column ? try node(parent: column) : .null
                if !isPassing { items.append(item) }
            } else {
                indent = column + content - index
                index = content
                let item = try itemOnLine(parent: column)
                if !isPassing { items.append(item) }
            }
            if indent > column { throw Unsure() }
        } while indent == column && isAtDash
        return .array(items)
    }

    /// The item that begins on the line of its dash.
    private mutating func itemOnLine(parent: Int) throws(Unsure) -> Value {
        if isAtDash { return try node(parent: parent) }
        if let first = try key() { return try mapping(first) }
        return try inlineValue(index, parent: parent)
    }

    private typealias Key = (name: String, text: Range<Int>, end: Int)

    private mutating func mapping(_ first: Key) throws(Unsure) -> Value {
        try enter()
        defer { depth -= 1 }
        let column = indent
        var list = FieldList()
        let mark = passed.mark
        defer { passed.close(mark) }
        var next = first
        while true {
            let isNew = isPassing ? passed.insert(next.text, after: mark, bytes) ?? false : list.isNew(next.name)
            guard isNew else { throw Unsure() }
            if isPassing {
                _ = try value(of: next, column: column)
            } else if mayHoldMore(next), skipped.contains(next.name) {
                try passOver(next, column, &list)
            } else {
                list.add(next.name, try value(of: next, column: column))
            }
            if indent > column { throw Unsure() }
            guard indent == column, !isAtDash else { break }
            guard let key = try key() else { throw Unsure() }
            next = key
        }
        // A dash in the column of the keys belongs to a list around the mapping only if that list is in this column, which
        // a mapping inside of it never is.
        if indent == column { throw Unsure() }
        return .object(list.fields)
    }

    /// Whether the value of a key is not just a scalar on its line.
    private func mayHoldMore(_ key: Key) -> Bool {
        let content = skipSpaces(key.end)
        return endsLine(content) || bytes[content] == UInt8(ascii: "[") || bytes[content] == UInt8(ascii: "{")
    }

    /// Reads the value of a key that nobody asks for; a scalar stays all the same.
    private mutating func passOver(_ key: Key, _ column: Int, _ list: inout FieldList) throws(Unsure) {
        if !endsLine(skipSpaces(key.end)) {
            let value = try value(of: key, column: column)
            switch value {
            case .array, .object: list.drop(key.name)
            default: list.add(key.name, value)
            }
            return
        }
        isPassing = true
        let value = try value(of: key, column: column)
        isPassing = false
        switch value {
        case .array, .object: list.drop(key.name)
        case .null: list.add(key.name, value)
        // A scalar on a line of its own was not kept.
        default: throw Unsure()
        }
    }

    private mutating func value(of key: Key, column: Int) throws(Unsure) -> Value {
        let content = skipSpaces(key.end)
        guard endsLine(content) else { return try inlineValue(content, parent: column) }
        try nextContent(from: SourceSplitter.lineEnd(bytes, content) + 1)
        if indent > column { return try node(parent: column) }
        // Lists may stand in the column of the key that they belong to.
        return indent == column && isAtDash ? try node(parent: column) : .null
    }

    /// The key at the content that comes next, and the end of its colon; nil where no mapping begins here.
    private func key() throws(Unsure) -> Key? {
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quotedKey()
        case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"),
            UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "%"), UInt8(ascii: "@"),
            UInt8(ascii: "`"):
            return nil
        default: break
        }
        var position = index
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: ":"), isBlank(position + 1) { break }
            if byte == 0x0A || (byte == UInt8(ascii: "#") && bytes[position - 1] == 0x20) { return nil }
            if byte == 0x09 { throw Unsure() }
            position += 1
        }
        guard position < bytes.count else { return nil }
        var end = position
        while end > index, bytes[end - 1] == 0x20 { end -= 1 }
        let name = UnsafeBufferPointer(rebasing: bytes[index..<end])
        // libyaml wants a key to be short, and `<<` merges.
        guard position - index < 1_000, !name.elementsEqual("<<".utf8) else { throw Unsure() }
        guard !isPassing else {
            guard !PlainScalar.mayResolve(name) else { throw Unsure() }
            return ("", index..<end, position + 1)
        }
        guard let text = PlainScalar.key(name) else { throw Unsure() }
        return (text, index..<end, position + 1)
    }

    private func quotedKey() throws(Unsure) -> Key? {
        let (text, end) = try quoted(index)
        guard end < bytes.count, bytes[end] == UInt8(ascii: ":"), isBlank(end + 1) else { return nil }
        let inner = index + 1..<end - 1
        // Two spellings of one key could not be told apart by their bytes.
        if isPassing, bytes[inner].contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "'") }) {
            throw Unsure()
        }
        return (text, inner, end + 1)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
}

// Scalars
extension BlockYAML {
    /// The value that begins on a line and, unless it is a literal block, ends on it.
    private mutating func inlineValue(_ start: Int, parent: Int) throws(Unsure) -> Value {
        switch bytes[start] {
        case UInt8(ascii: "|"): return try literal(start, parent: parent)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let (text, end) = try quoted(start)
            try endLine(end, parent: parent)
            return .string(text)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let close = bytes[start] + 2
            guard start + 1 < bytes.count, bytes[start + 1] == close else { throw Unsure() }
            try endLine(start + 2, parent: parent)
            return close == UInt8(ascii: "]") ? .array([]) : .object([])
        case UInt8(ascii: "-") where !isBlank(start + 1): break
        case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "]"),
            UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: ">"),
            UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "#"), 0x09:
            throw Unsure()
        default: break
        }
        var end = start
        scan: while end < bytes.count {
            switch bytes[end] {
            case 0x0A: break scan
            case 0x09: throw Unsure()
            case UInt8(ascii: ":") where isBlank(end + 1): throw Unsure()
            case UInt8(ascii: "#") where bytes[end - 1] == 0x20: break scan
            default: end += 1
            }
        }
        while bytes[end - 1] == 0x20 { end -= 1 }
        let value =
            isPassing ? .bool(true) : PlainScalar.value(UnsafeBufferPointer(rebasing: bytes[start..<end]))
        try endLine(end, parent: parent)
        return value
    }

    /// A quoted string that ends on its line, and where it ends.
    private func quoted(_ start: Int) throws(Unsure) -> (text: String, end: Int) {
        let quote = bytes[start]
        var end = start + 1
        var isVerbatim = true
        while end < bytes.count, bytes[end] != 0x0A {
            if bytes[end] == quote {
                guard quote == UInt8(ascii: "'"), end + 1 < bytes.count, bytes[end + 1] == quote else {
                    let inner = start + 1..<end
                    if isVerbatim { return (isPassing ? "" : text(inner), end + 1) }
                    return (try unescaped(inner, quote), end + 1)
                }
                isVerbatim = false
                end += 1
            } else if bytes[end] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                isVerbatim = false
                end += 1
            }
            end += 1
        }
        throw Unsure()
    }

    private func unescaped(_ range: Range<Int>, _ quote: UInt8) throws(Unsure) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "'"), quote == byte { position += 1 }
            guard byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") else {
                result.append(byte)
                continue
            }
            let escape = bytes[position]
            position += 1
            if let plain = BlockYAML.escapes[escape] {
                result.append(plain)
                continue
            }
            let digits: Int
            switch escape {
            case UInt8(ascii: "x"): digits = 2
            case UInt8(ascii: "u"): digits = 4
            case UInt8(ascii: "U"): digits = 8
            default: throw Unsure()
            }
            guard position + digits <= range.upperBound,
                let code = UInt32(text(position..<position + digits), radix: 16), code > 0,
                bytes[position] != UInt8(ascii: "+"), let scalar = Unicode.Scalar(code)
            else { throw Unsure() }
            result.append(contentsOf: Array(String(Character(scalar)).utf8))
            position += digits
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "\""): 0x22,
        UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "a"): 0x07, UInt8(ascii: "e"): 0x1B, UInt8(ascii: "v"): 0x0B,
    ]

    /// A literal block: `|`, `|-` or `|+`, and the lines below that are indented further than its parent.
    private mutating func literal(_ start: Int, parent: Int) throws(Unsure) -> Value {
        var header = start + 1
        var chomping: UInt8 = 0
        if header < bytes.count, bytes[header] == UInt8(ascii: "-") || bytes[header] == UInt8(ascii: "+") {
            chomping = bytes[header]
            header += 1
        }
        guard skipSpaces(header) < bytes.count, bytes[skipSpaces(header)] == 0x0A else { throw Unsure() }
        var line = skipSpaces(header) + 1
        var column = -1
        var result: [UInt8] = []
        var lineBreaks = 0
        while line < bytes.count {
            let end = SourceSplitter.lineEnd(bytes, line)
            // libyaml treats a last line without a newline in ways of its own.
            guard end < bytes.count else { throw Unsure() }
            let content = skipSpaces(line)
            if column < 0 {
                // Where the first lines are blank, the indentation is not plain to see.
                guard content < end, content - line > parent, content > line, bytes[content] != 0x09 else {
                    throw Unsure()
                }
                column = content - line
            }
            if content == end, end - line <= column {
                lineBreaks += 1
            } else if content - line >= column {
                result.append(contentsOf: repeatElement(0x0A, count: lineBreaks))
                result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[line + column..<end]))
                lineBreaks = 1
            } else {
                guard bytes[content] != 0x09 else { throw Unsure() }
                break
            }
            line = end + 1
        }
        guard column >= 0 else { throw Unsure() }
        let kept = chomping == UInt8(ascii: "-") ? 0 : chomping == UInt8(ascii: "+") ? lineBreaks : 1
        result.append(contentsOf: repeatElement(0x0A, count: kept))
        try nextContent(from: line)
        if indent > parent { throw Unsure() }
        return .string(String(decoding: result, as: UTF8.self))
    }
}
