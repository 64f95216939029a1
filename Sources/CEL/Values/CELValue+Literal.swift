extension CELValue {
    /// The value as an expression that evaluates to it, for people: `[1, 2u, 'a']`.
    ///
    /// Host data reads as a map; a library's value as a call with its text, `ip('::1')`, or as its type where it has no text,
    /// `<kubernetes.Quantity>`. At most some 64 KiB are written, then `…` stands for the rest.
    public var literal: String {
        var writer = LiteralWriter()
        writer.add(self)
        return writer.text
    }
}

/// Writes values as expressions.
private struct LiteralWriter {
    private(set) var text = ""
    private static let limit = 65_536

    mutating func add(_ value: CELValue) {
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .uint(let number): text += "\(number)u"
        case .double(let number):
            if number.isFinite { text += number.description } else { call("double", LiteralWriter.name(number)) }
        case .string(let content): quote(content)
        case .bytes(let bytes): quote(bytes)
        case .list(let list): sequence("[", "]", list.count) { $0.add(list[$1]) }
        case .map, .object:
            let keys = value.keys
            sequence("{", "}", keys.count) { writer, index in
                writer.add(keys[index])
                writer.text += ": "
                writer.add(value.entry(keys[index]) ?? .null)
            }
        case .timestamp(let time): call("timestamp", time.description)
        case .duration(let span): call("duration", span.description)
        case .type(let name): text += name
        case .optional(let optional):
            guard let inner = optional.value else { return text += "optional.none()" }
            text += "optional.of("
            add(inner)
            text += ")"
        case .opaque(let value):
            let name = value.typeName.split(separator: ".").last.map { $0.lowercased() } ?? value.typeName
            if let content = value.text { call(name, content) } else { text += "<\(value.typeName)>" }
        }
    }

    private mutating func sequence(
        _ open: String, _ close: String, _ count: Int, _ item: (inout LiteralWriter, Int) -> Void
    ) {
        text += open
        for index in 0..<count {
            if index > 0 { text += ", " }
            if isFull() { break }
            item(&self, index)
        }
        text += close
    }

    /// Whether no more is to be written; then the mark that stands for the rest is.
    private mutating func isFull() -> Bool {
        guard text.utf8.count >= LiteralWriter.limit else { return false }
        text += "…"
        return true
    }

    /// A double that has no literal, as `double()` reads it.
    private static func name(_ number: Double) -> String { number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }

    private mutating func call(_ name: String, _ argument: String) {
        text += name + "("
        quote(argument)
        text += ")"
    }

    private mutating func quote(_ content: String) {
        text += "'"
        for scalar in content.unicodeScalars {
            if isFull() { break }
            switch scalar {
            case "'": text += "\\'"
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": text += "\\u" + LiteralWriter.hex(scalar.value, 4)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "'"
    }

    private mutating func quote(_ bytes: [UInt8]) {
        text += "b'"
        for byte in bytes {
            if isFull() { break }
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F: text.unicodeScalars.append(UnicodeScalar(byte))
            default: text += "\\x" + LiteralWriter.hex(UInt32(byte), 2)
            }
        }
        text += "'"
    }

    private static func hex(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
