extension String {
    /// The text on one line of a terminal: what tenants have written cannot move the cursor, change colours, begin a line,
    /// or turn around what stands beside it.
    ///
    /// Control characters, breaks of lines and marks that override the direction of writing are written out as JSON writes
    /// them; all other text, in whatever script, stays as it is.
    public var printable: String { PrintableText.written(self, keepsNewlines: false) }

    /// The text on any number of lines of a terminal: as `printable`, but for its newlines.
    public var printableLines: String { PrintableText.written(self, keepsNewlines: true) }
}

/// What a terminal shows as it is, and what it would act on.
private enum PrintableText {
    static func written(_ text: String, keepsNewlines: Bool) -> String {
        var text = text
        let isPlain = text.withUTF8 { bytes in
            bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A && keepsNewlines }
        }
        if isPlain { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where keepsNewlines: result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where acts(scalar):
                for unit in String(scalar).utf16 {
                    let code = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - code.utf8.count) + code
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a terminal does something else with a character than to show it.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DELETE and C1, which has a one-byte form of ESC [.
        case 0..<0x20, 0x7F..<0xA0: true
        // Breaks of lines and paragraphs; embeddings and overrides of direction; isolates; the Arabic letter mark.
        case 0x2028...0x202E, 0x2066...0x2069, 0x061C: true
        // The last of those for private use, some of which stand for styles of our own.
        case 0x10FFF0...0x10FFFF: true
        default: false
        }
    }
}
