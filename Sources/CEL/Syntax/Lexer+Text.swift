/// String and bytes literals.
extension Lexer {
    /// A literal with a prefix, `r'…'`, `b'…'` or `br'…'`, in letters of either size; nil where the letters are a name.
    mutating func prefixedText() throws(Failure) -> Token.Kind? {
        let start = position
        func isLetter(_ letter: Unicode.Scalar, at place: Int) -> Bool {
            place < bytes.count && bytes[place] | 0x20 == UInt8(ascii: letter)
        }
        func isQuote(at place: Int) -> Bool {
            place < bytes.count && (bytes[place] == UInt8(ascii: "'") || bytes[place] == UInt8(ascii: "\""))
        }
        if isLetter("r", at: start), isLetter("b", at: start + 1), isQuote(at: start + 2) {
            throw Failure(.syntax, "raw bytes are written br'…', not rb'…'", offset: start)
        }
        let isBytes = isLetter("b", at: start)
        let isRaw = isLetter("r", at: isBytes ? start + 1 : start)
        let quote = start + (isBytes ? 1 : 0) + (isRaw ? 1 : 0)
        guard quote > start, isQuote(at: quote) else { return nil }
        position = quote
        return try text(raw: isRaw, isBytes: isBytes, at: start)
    }

    /// The literal whose opening quote stands at `position`.
    mutating func text(raw: Bool, isBytes: Bool, at start: Int) throws(Failure) -> Token.Kind {
        let quote = bytes[position]
        let isTriple = position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
        position += isTriple ? 3 : 1
        var content = [UInt8]()
        while true {
            guard position < bytes.count else { throw Failure(.syntax, "unterminated string", offset: start) }
            let byte = bytes[position]
            if byte == quote {
                if !isTriple {
                    position += 1
                    break
                }
                if position + 2 < bytes.count, bytes[position + 1] == quote, bytes[position + 2] == quote {
                    position += 3
                    break
                }
            }
            if byte == 0x0A || byte == 0x0D, !isTriple {
                throw Failure(.syntax, "a string ends on its line, unless it stands in triple quotes", offset: start)
            }
            if byte == UInt8(ascii: "\\"), !raw {
                try escape(into: &content, isBytes: isBytes)
            } else if byte == 0x0D {
                // Line ends are one line feed, however the file was saved.
                position += position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : 1
                content.append(0x0A)
            } else {
                content.append(byte)
                position += 1
            }
        }
        return isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
    }

    /// The backslash at `position` and what follows it.
    private mutating func escape(into content: inout [UInt8], isBytes: Bool) throws(Failure) {
        let start = position
        guard start + 1 < bytes.count else { throw Failure(.syntax, "unterminated string", offset: start) }
        let code = bytes[start + 1]
        position += 2
        switch code {
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            content.append(code)
        case UInt8(ascii: "a"): content.append(0x07)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "v"): content.append(0x0B)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            append(try hexadecimal(2, from: start), to: &content, isOctet: isBytes)
        case UInt8(ascii: "u") where !isBytes:
            append(try codePoint(4, from: start), to: &content, isOctet: false)
        case UInt8(ascii: "U") where !isBytes:
            append(try codePoint(8, from: start), to: &content, isOctet: false)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            append(try octal(from: start), to: &content, isOctet: isBytes)
        default:
            throw Failure(.syntax, "unknown escape sequence", offset: start)
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard position < bytes.count, let digit = Lexer.hexDigit(bytes[position]) else {
                throw Failure(.syntax, "the escape sequence needs \(count) hexadecimal digits", offset: start)
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private mutating func octal(from start: Int) throws(Failure) -> UInt32 {
        position = start + 1
        var value: UInt32 = 0
        for _ in 0..<3 {
            guard position < bytes.count, let digit = Lexer.hexDigit(bytes[position]), digit < 8 else {
                throw Failure(.syntax, "the escape sequence needs three octal digits", offset: start)
            }
            value = value << 3 | digit
            position += 1
        }
        return value
    }

    /// A code point, or two surrogates that make one.
    private mutating func codePoint(_ digits: Int, from start: Int) throws(Failure) -> UInt32 {
        let value = try hexadecimal(digits, from: start)
        if digits == 4, value >= 0xD800, value < 0xDC00, position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimal(4, from: start)
            if low >= 0xDC00, low < 0xE000 { return 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
            throw Failure(.syntax, "a high surrogate without a low one", offset: start)
        }
        guard Unicode.Scalar(value) != nil else {
            throw Failure(.syntax, "the escape sequence is no Unicode code point", offset: start)
        }
        return value
    }

    private func append(_ value: UInt32, to content: inout [UInt8], isOctet: Bool) {
        if isOctet {
            content.append(UInt8(truncatingIfNeeded: value))
        } else if let scalar = Unicode.Scalar(value) {
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
