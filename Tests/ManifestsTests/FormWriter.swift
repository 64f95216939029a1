import ClusterModel

/// Writes a value in each of the forms that people's files have; which of several spellings, a seed decides.
struct FormWriter {
    /// How a text is written.
    enum Form: CaseIterable {
        case block, flow, flowOverLines, jsonOnOneLine, jsonIndented
    }

    let form: Form
    var generator: SeededGenerator

    init(_ form: Form, seed: UInt64) {
        self.form = form
        self.generator = SeededGenerator(seed: seed)
    }

    /// One document, with a newline at its end.
    mutating func document(_ value: Value) -> String {
        switch form {
        case .block:
            if case .object(let fields) = value, !fields.isEmpty { return block(value, 0) }
            if case .array(let items) = value, !items.isEmpty { return block(value, 0) }
            return flow(value, nil) + "\n"
        case .flow: return flow(value, nil) + "\n"
        case .flowOverLines: return flow(value, 1) + "\n"
        case .jsonOnOneLine: return json(value, nil) + "\n"
        case .jsonIndented: return json(value, 0) + "\n"
        }
    }

    private mutating func chance(_ count: Int) -> Bool { generator.next(below: count) == 0 }

    private func pad(_ column: Int) -> String { String(repeating: " ", count: column) }

    // Block style

    private mutating func block(_ value: Value, _ column: Int) -> String {
        var text = ""
        switch value {
        case .object(let fields):
            for field in fields {
                if chance(20) { text += "\(pad(column))# it's: a \"comment\n" }
                text += "\(pad(column))\(key(field.key)):\(content(field.value, column, isItem: false))"
            }
        case .array(let items):
            for item in items { text += "\(pad(column))-\(content(item, column, isItem: true))" }
        default: break
        }
        return text
    }

    /// What stands behind a colon or a dash, to the end of its last line.
    private mutating func content(_ value: Value, _ column: Int, isItem: Bool) -> String {
        switch value {
        case .object(let fields) where !fields.isEmpty:
            if isItem, chance(2) { return " " + String(block(value, column + 2).drop { $0 == " " }) }
            return "\n" + block(value, column + 2)
        case .array(let items) where !items.isEmpty:
            return "\n" + block(value, !isItem && chance(2) ? column : column + 2)
        case .string(let text):
            if chance(2), let literal = literal(text, column + 2) { return literal }
            return " \(scalar(text, inFlow: false))\(chance(12) ? "  # why" : "")\n"
        default: return " \(flow(value, nil))\n"
        }
    }

    /// A literal block, for text that one can hold.
    private func literal(_ text: String, _ column: Int) -> String? {
        guard text.contains("\n"), let first = text.unicodeScalars.first, first != " ", first != "\n", first != "\t",
            text.unicodeScalars.allSatisfy({ $0 == "\n" || FormWriter.isPrintable($0) })
        else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = text.hasSuffix("\n\n") ? "+" : text.hasSuffix("\n") ? "" : "-"
        let body = text.hasSuffix("\n") ? lines.dropLast() : lines[...]
        return " |\(kept)\n" + body.map { $0.isEmpty ? "\n" : "\(pad(column))\($0)\n" }.joined()
    }

    // Flow style

    private mutating func flow(_ value: Value, _ column: Int?) -> String {
        let inner = column.map { $0 + 2 }
        let open = inner.map { "\n\(pad($0))" } ?? ""
        let comma = inner.map { ",\n\(pad($0))" } ?? ", "
        switch value {
        case .null: return chance(2) ? "null" : "~"
        case .bool(let flag): return flag ? (chance(2) ? "true" : "yes") : (chance(2) ? "false" : "off")
        case .int(let number): return String(number)
        case .double(let number): return "\(number)"
        case .string(let text): return scalar(text, inFlow: true)
        case .array(let items):
            let texts = items.map { flow($0, inner) }
            return texts.isEmpty ? "[]" : "[\(open)\(texts.joined(separator: comma))]"
        case .object(let fields):
            let texts = fields.map { field in "\(key(field.key)): \(flow(field.value, inner))" }
            return texts.isEmpty ? "{}" : "{\(open)\(texts.joined(separator: comma))}"
        }
    }

    private mutating func key(_ text: String) -> String {
        let scalar = scalar(text, inFlow: true)
        return scalar.utf8.count < 900 ? scalar : quoted(text)
    }

    /// A string that stands on one line.
    private mutating func scalar(_ text: String, inFlow: Bool) -> String {
        if FormWriter.isPlain(text), !chance(4) { return text }
        if chance(2), text.unicodeScalars.allSatisfy(FormWriter.isPrintable) {
            return "'\(text.replacing("'", with: "''"))'"
        }
        return quoted(text)
    }

    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += chance(2) ? "\\t" : "\\x09"
            case _ where scalar.value > 0xFFFF && (!FormWriter.isPrintable(scalar) || chance(3)):
                result += "\\U" + hex(scalar.value, 8)
            case _ where !FormWriter.isPrintable(scalar): result += "\\u" + hex(scalar.value, 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    // JSON

    private mutating func json(_ value: Value, _ column: Int?) -> String {
        let inner = column.map { $0 + 4 }
        let open = inner.map { "\n\(pad($0))" } ?? ""
        let close = column.map { "\n\(pad($0))" } ?? ""
        switch value {
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        case .int(let number): return String(number)
        case .double(let number): return "\(number)"
        case .string(let text): return jsonString(text)
        case .array(let items):
            let texts = items.map { json($0, inner) }
            return texts.isEmpty ? "[]" : "[\(open)\(texts.joined(separator: ",\(open)"))\(close)]"
        case .object(let fields):
            let texts = fields.map { field in "\(jsonString(field.key)): \(json(field.value, inner))" }
            return texts.isEmpty ? "{}" : "{\(open)\(texts.joined(separator: ",\(open)"))\(close)}"
        }
    }

    private mutating func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "/": result += chance(3) ? "\\/" : "/"
            case _ where scalar.value < 0x20 || (scalar.value > 0x7E && chance(3)):
                for unit in String(scalar).utf16 { result += "\\u" + hex(UInt32(unit), 4) }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// Whether YAML lets a character stand for itself, and it is not a break of lines.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
        default: false
        }
    }

    /// Whether a string is surely the same without quotes.
    private static func isPlain(_ text: String) -> Bool {
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        guard let first = text.unicodeScalars.first, first.value < 0x80, first.properties.isAlphabetic else {
            return false
        }
        let allowed = text.unicodeScalars.allSatisfy { scalar in
            scalar.value < 0x80 && (scalar.properties.isAlphabetic || "0123456789-./_".unicodeScalars.contains(scalar))
        }
        return allowed && !words.contains(text.lowercased())
    }
}
