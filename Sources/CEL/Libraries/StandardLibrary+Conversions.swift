/// Conversions between types.
extension StandardLibrary {
    static let conversions: [Function] = [
        .unary("bool", "(bool) -> bool", "(string) -> bool", body: toBool),
        .unary("bytes", "(bytes) -> bytes", "(string) -> bytes", body: toBytes),
        .unary(
            "string", "(string) -> string", "(bool) -> string", "(int) -> string", "(uint) -> string",
            "(double) -> string", "(bytes) -> string", "(timestamp) -> string", "(duration) -> string",
            body: toString),
        .unary(
            "timestamp", "(timestamp) -> timestamp", "(string) -> timestamp", "(int) -> timestamp",
            body: toTimestamp),
        .unary("duration", "(duration) -> duration", "(string) -> duration", body: toDuration),
    ]

    static let numbers: [Function] = [
        .unary(
            "int", "(int) -> int", "(uint) -> int", "(double) -> int", "(string) -> int", "(timestamp) -> int",
            "(duration) -> int",
            body: toInt),
        .unary("uint", "(uint) -> uint", "(int) -> uint", "(double) -> uint", "(string) -> uint", body: toUint),
        .unary(
            "double", "(double) -> double", "(int) -> double", "(uint) -> double", "(string) -> double",
            body: toDouble),
    ]

    private static func toBool(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("T"), .string("true"), .string("TRUE"), .string("True"):
            return .bool(true)
        case .string("0"), .string("f"), .string("F"), .string("false"), .string("FALSE"), .string("False"):
            return .bool(false)
        case .string(let text): throw .invalid("'\(shortened(text))' is no bool")
        default: throw Failure.noOverload("bool", value)
        }
    }

    private static func toBytes(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .bytes: return value
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            return .bytes(Array(text.utf8))
        default: throw Failure.noOverload("bytes", value)
        }
    }

    static func toString(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .string: return value
        case .bool(let value): return .string(value ? "true" : "false")
        case .int(let value): return .string(String(value))
        case .uint(let value): return .string(String(value))
        case .double(let value): return .string(NumberText.shortest(value))
        case .bytes(let bytes):
            try frame.charge(bytes: bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalid("the bytes are no UTF-8") }
            return .string(text)
        case .timestamp(let instant): return .string(instant.description)
        case .duration(let span): return .string(span.description)
        default: throw Failure.noOverload("string", value)
        }
    }

    private static func toTimestamp(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .timestamp: return value
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            guard let instant = CELTimestamp(text) else {
                throw .invalid("'\(shortened(text))' is no RFC 3339 timestamp of the years 1 to 9999")
            }
            return .timestamp(instant)
        case .int(let seconds):
            guard let instant = CELTimestamp(seconds: seconds) else { throw Arithmetic.overflow("timestamp") }
            return .timestamp(instant)
        default: throw Failure.noOverload("timestamp", value)
        }
    }

    private static func toDuration(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .duration: return value
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            guard let span = CELDuration(text) else {
                throw .invalid("'\(shortened(text))' is no duration, or is outside its range of ±292 years")
            }
            return .duration(span)
        default: throw Failure.noOverload("duration", value)
        }
    }

    private static func toInt(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let whole = Int64(exactly: number) else { throw Arithmetic.overflow("int") }
            return .int(whole)
        case .double(let number):
            // The ends are excluded: a double there stands for integers on both sides.
            guard number > -0x1p63, number < 0x1p63 else { throw Arithmetic.overflow("int") }
            return .int(Int64(number))
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            guard let number = Int64(text) else { throw .invalid("'\(shortened(text))' is no int") }
            return .int(number)
        case .timestamp(let instant): return .int(instant.seconds)
        case .duration(let span): return .int(span.nanoseconds)
        default: throw Failure.noOverload("int", value)
        }
    }

    private static func toUint(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let whole = UInt64(exactly: number) else { throw Arithmetic.overflow("uint") }
            return .uint(whole)
        case .double(let number):
            guard number >= 0, number < 0x1p64 else { throw Arithmetic.overflow("uint") }
            return .uint(UInt64(number))
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            guard !text.hasPrefix("+"), !text.hasPrefix("-"), let number = UInt64(text) else {
                throw .invalid("'\(shortened(text))' is no uint")
            }
            return .uint(number)
        default: throw Failure.noOverload("uint", value)
        }
    }

    private static func toDouble(_ value: CELValue, _ frame: inout Frame) throws(Failure) -> CELValue {
        switch value {
        case .double: return value
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            guard let number = double(text) else { throw .invalid("'\(shortened(text))' is no double") }
            return .double(number)
        default: throw Failure.noOverload("double", value)
        }
    }

    /// A number as Go's `ParseFloat` reads it: one out of range is none, nor are hexadecimal digits without an exponent.
    private static func double(_ text: String) -> Double? {
        guard let number = Double(text), !text.utf8.contains(UInt8(ascii: "(")) else { return nil }
        let letters = text.utf8.map { $0 | 0x20 }
        if letters.contains(UInt8(ascii: "x")), !letters.contains(UInt8(ascii: "p")) { return nil }
        return number.isInfinite && !letters.contains(UInt8(ascii: "n")) ? nil : number
    }

    /// A text as a message shows it; of a long one only the beginning is looked at.
    static func shortened(_ text: String) -> String {
        let beginning = text.unicodeScalars.prefix(61)
        return beginning.count <= 60 ? text : String(beginning.dropLast()) + "…"
    }
}

/// Numbers as text.
enum NumberText {
    /// The shortest text that reads back as the same double; with an exponent below 10⁻⁴ and from 10⁶ on,
    /// as the reference implementation prints it.
    static func shortest(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        let place = exponent - 1
        guard place < -4 || place >= 6 else { return sign + plain(digits, exponent) }
        let rest = digits.count > 1 ? "." + text(digits.dropFirst()) : ""
        let power = place.magnitude < 10 ? "0\(place.magnitude)" : "\(place.magnitude)"
        return "\(sign)\(text(digits.prefix(1)))\(rest)e\(place < 0 ? "-" : "+")\(power)"
    }

    /// The shortest text that reads back as the same double, without an exponent.
    static func plain(_ value: Double) -> String {
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(value.magnitude)
        return (value < 0 ? "-" : "") + plain(digits, exponent)
    }

    private static func text(_ digits: some Sequence<UInt8>) -> String {
        String(decoding: Array(digits), as: UTF8.self)
    }

    private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
        if exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + text(digits) }
        if exponent >= digits.count { return text(digits) + String(repeating: "0", count: exponent - digits.count) }
        return text(digits.prefix(exponent)) + "." + text(digits.dropFirst(exponent))
    }

    /// The shortest digits d₁d₂… and the exponent e of 0.d₁d₂… × 10ᵉ, from the standard library's shortest form.
    private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        let parts = value.description.split(separator: "e")
        var digits = [UInt8]()
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var seenPoint = false
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") {
                seenPoint = true
                continue
            }
            digits.append(byte)
            if !seenPoint { exponent += 1 }
        }
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }
}
