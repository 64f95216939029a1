/// A token of the source.
struct Token {
    enum Kind: Equatable {
        case end
        case name(String)
        /// A name in backquotes, which only a field may have.
        case quotedName(String)
        case int(magnitude: UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        /// An operator or a bracket.
        case symbol(Symbol)
    }

    let kind: Kind
    let offset: Int
}

/// Operators and brackets.
enum Symbol: String {
    case leftParen = "(", rightParen = ")", leftBracket = "[", rightBracket = "]", leftBrace = "{", rightBrace = "}"
    case dot = ".", comma = ",", colon = ":", question = "?"
    case plus = "+", minus = "-", star = "*", slash = "/", percent = "%", not = "!"
    case and = "&&", or = "||", equal = "==", notEqual = "!="
    case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
}

/// Cuts the source into tokens, one at a time.
struct Lexer {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        let index = position + ahead
        return index < bytes.count ? bytes[index] : 0
    }

    /// The next token.
    mutating func next() throws(Failure) -> Token {
        skipBlank()
        let start = position
        guard start < bytes.count else { return Token(kind: .end, offset: start) }
        let first = bytes[start]
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Token(kind: try number(), offset: start)
        case UInt8(ascii: ".") where Lexer.isDigit(byte(1)):
            return Token(kind: try number(), offset: start)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return Token(kind: try text(raw: false, isBytes: false, at: start), offset: start)
        case UInt8(ascii: "`"):
            return Token(kind: try quotedName(), offset: start)
        case _ where Lexer.startsName(first):
            if let literal = try prefixedText() { return Token(kind: literal, offset: start) }
            while Lexer.startsName(byte()) || Lexer.isDigit(byte()) { position += 1 }
            return Token(kind: .name(String(decoding: bytes[start..<position], as: UTF8.self)), offset: start)
        default:
            return Token(kind: .symbol(try symbol()), offset: start)
        }
    }

    private mutating func skipBlank() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D:
                position += 1
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
            default:
                return
            }
        }
    }

    private mutating func symbol() throws(Failure) -> Symbol {
        if position + 1 < bytes.count,
            let symbol = Symbol(rawValue: String(decoding: bytes[position...(position + 1)], as: UTF8.self))
        {
            position += 2
            return symbol
        }
        if let symbol = Symbol(rawValue: String(decoding: bytes[position...position], as: UTF8.self)) {
            position += 1
            return symbol
        }
        var end = position + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let found = String(decoding: bytes[position..<end], as: UTF8.self)
        throw Failure(.syntax, "unexpected character '\(found)'", offset: position)
    }

    private mutating func quotedName() throws(Failure) -> Token.Kind {
        let start = position
        position += 1
        while byte() != UInt8(ascii: "`") {
            let next = byte()
            let allowed = Lexer.startsName(next) || Lexer.isDigit(next) || " ./-".utf8.contains(next)
            guard position < bytes.count, allowed else {
                throw Failure(
                    .syntax,
                    "a name in backquotes may have letters, digits, '_', '.', '-', '/' and spaces, "
                        + "and ends with a backquote", offset: start)
            }
            position += 1
        }
        position += 1
        guard position - start > 2 else { throw Failure(.syntax, "empty name in backquotes", offset: start) }
        return .quotedName(String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self))
    }

    // MARK: Numbers

    private mutating func number() throws(Failure) -> Token.Kind {
        let start = position
        if byte() == UInt8(ascii: "0"), byte(1) == UInt8(ascii: "x"), Lexer.hexDigit(byte(2)) != nil {
            position += 2
            return try integer(digitsFrom: position, radix: 16, start: start)
        }
        while Lexer.isDigit(byte()) { position += 1 }
        var isDouble = false
        if byte() == UInt8(ascii: "."), Lexer.isDigit(byte(1)) {
            isDouble = true
            position += 1
            while Lexer.isDigit(byte()) { position += 1 }
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let signed = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
            if Lexer.isDigit(byte(signed ? 2 : 1)) {
                isDouble = true
                position += signed ? 2 : 1
                while Lexer.isDigit(byte()) { position += 1 }
            }
        }
        guard isDouble else {
            position = start
            return try integer(digitsFrom: start, radix: 10, start: start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text), value.isFinite else {
            throw Failure(.syntax, "the number is outside the range of double", offset: start)
        }
        return .double(value)
    }

    private mutating func integer(digitsFrom first: Int, radix: UInt64, start: Int) throws(Failure) -> Token.Kind {
        position = first
        var value: UInt64 = 0
        var overflows = false
        while let digit = Lexer.hexDigit(byte()), UInt64(digit) < radix {
            let (product, over) = value.multipliedReportingOverflow(by: radix)
            let (sum, overSum) = product.addingReportingOverflow(UInt64(digit))
            overflows = overflows || over || overSum
            value = sum
            position += 1
        }
        let isUnsigned = byte() | 0x20 == UInt8(ascii: "u")
        if isUnsigned { position += 1 }
        // One past the largest int is let through here: it may follow a minus.
        guard !overflows, isUnsigned || value <= UInt64(Int64.max) + 1 else {
            throw Failure(.syntax, "the number is outside the range of \(isUnsigned ? "uint" : "int")", offset: start)
        }
        return isUnsigned ? .uint(value) : .int(magnitude: value)
    }

    // MARK: Characters

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func startsName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
