#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `'%s and %d'.format([...])`.
struct Formatter {
    private let format: [UInt8]
    private let arguments: CELList
    private var position = 0
    private var used = 0

    /// More digits than this after the point are refused.
    private static let largestPrecision = 1000

    init(_ format: String, _ arguments: CELList) {
        self.format = Array(format.utf8)
        self.arguments = arguments
    }

    mutating func formatted(_ frame: inout Frame) throws(Failure) -> String {
        try frame.charge(bytes: format.count)
        var output = [UInt8]()
        while position < format.count {
            let byte = format[position]
            position += 1
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard position < format.count else { throw .invalid("format: a '%' at the end") }
            if format[position] == UInt8(ascii: "%") {
                output.append(byte)
                position += 1
                continue
            }
            let text = try clause(&frame)
            try frame.charge(bytes: text.utf8.count)
            output.append(contentsOf: text.utf8)
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func clause(_ frame: inout Frame) throws(Failure) -> String {
        let precision = try self.precision()
        guard position < format.count else { throw .invalid("format: an unfinished clause") }
        let verb = Unicode.Scalar(format[position])
        position += 1
        guard used < arguments.count else { throw .invalid("format: there is no argument for clause \(used + 1)") }
        let value = arguments[used]
        used += 1
        switch verb {
        case "s": return try Formatter.text(value, &frame)
        case "d": return try decimal(value)
        case "f": return try real(value, precision ?? 6, isScientific: false)
        case "e": return try real(value, precision ?? 6, isScientific: true)
        case "b":
            if case .bool(let flag) = value { return flag ? "1" : "0" }
            return try integer(value, radix: 2, verb)
        case "o": return try integer(value, radix: 8, verb)
        case "x", "X": return try hexadecimal(value, isUpper: verb == "X", &frame)
        default: throw .invalid("format: unknown clause '%\(verb)'")
        }
    }

    private mutating func precision() throws(Failure) -> Int? {
        guard format[position] == UInt8(ascii: ".") else { return nil }
        position += 1
        var value: Int?
        while position < format.count, Lexer.isDigit(format[position]) {
            value = (value ?? 0) * 10 + Int(format[position] - UInt8(ascii: "0"))
            guard value ?? 0 <= Formatter.largestPrecision else { throw .invalid("format: the precision is too large") }
            position += 1
        }
        guard let value else { throw .invalid("format: a precision needs digits") }
        return value
    }

    private func refused(_ value: CELValue, _ verb: String) -> Failure {
        .invalid("format: \(verb) does not take a value of type \(value.typeName)")
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : nil
    }

    private func decimal(_ value: CELValue) throws(Failure) -> String {
        switch value {
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return Formatter.special(number) ?? NumberText.plain(number)
        default: throw refused(value, "%d")
        }
    }

    private func real(_ value: CELValue, _ precision: Int, isScientific: Bool) throws(Failure) -> String {
        let number: Double
        switch value {
        case .int(let value): number = Double(value)
        case .uint(let value): number = Double(value)
        case .double(let value): number = value
        default: throw refused(value, isScientific ? "%e" : "%f")
        }
        if let special = Formatter.special(number) { return special }
        // The longest double has 309 digits before the point.
        var buffer = [CChar](repeating: 0, count: precision + 320)
        let length = withVaList([Int32(precision), number]) {
            vsnprintf(&buffer, buffer.count, isScientific ? "%.*e" : "%.*f", $0)
        }
        guard length >= 0, length < buffer.count else { throw .invalid("format: the number is too long") }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func integer(_ value: CELValue, radix: Int, _ verb: Unicode.Scalar) throws(Failure) -> String {
        switch value {
        case .int(let number): return String(number, radix: radix)
        case .uint(let number): return String(number, radix: radix)
        default: throw refused(value, "%\(verb)")
        }
    }

    private func hexadecimal(_ value: CELValue, isUpper: Bool, _ frame: inout Frame) throws(Failure) -> String {
        let bytes: [UInt8]
        switch value {
        case .int(let number): return String(number, radix: 16, uppercase: isUpper)
        case .uint(let number): return String(number, radix: 16, uppercase: isUpper)
        case .string(let text): bytes = Array(text.utf8)
        case .bytes(let value): bytes = value
        default: throw refused(value, "%x")
        }
        try frame.charge(bytes: bytes.count * 2)
        let digits = Array((isUpper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A value as `%s` shows it.
    static func text(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> String {
        try frame.charge(1)
        switch value {
        case .null: return "null"
        case .double(let number): return special(number) ?? NumberText.plain(number)
        case .bytes(let bytes):
            try frame.charge(bytes: bytes.count)
            return String(decoding: bytes, as: UTF8.self)
        case .type(let name): return name
        case .list(let list):
            var parts = [String]()
            for index in 0..<list.count { parts.append(try text(list[index], &frame)) }
            return "[" + parts.joined(separator: ", ") + "]"
        case .map, .object:
            var parts = [(key: String, value: String)]()
            for key in value.keys {
                guard let entry = value.entry(key) else { continue }
                parts.append((try text(key, &frame), try text(entry, &frame)))
            }
            parts.sort { compareText($0.key, $1.key) < 0 }
            return "{" + parts.map { $0.key + ": " + $0.value }.joined(separator: ", ") + "}"
        case .opaque(let opaque):
            guard let text = opaque.text else { throw .invalid("format: %s does not take a \(opaque.typeName)") }
            return text
        case .optional: throw .invalid("format: %s does not take an optional")
        default:
            guard case .string(let text) = try StandardLibrary.toString(value, &frame) else { return "" }
            try frame.charge(bytes: text.utf8.count)
            return text
        }
    }
}
