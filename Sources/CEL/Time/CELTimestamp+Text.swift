extension CELTimestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many digits of the fraction as are needed.
    public var description: String {
        let time = CivilTime(seconds: seconds)
        let date = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        return "\(date)T\(clock)\(fraction(Int64(nanoseconds)))Z"
    }

    /// Reads RFC 3339; nil where the text is malformed or outside the years 1 to 9999.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t"), let hour = reader.digits(2),
            reader.take(":"), let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2)
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.take(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset: Int64 = 0
        if !(reader.take("Z") || reader.take("z")) {
            let sign: Int64 = reader.take("-") ? -1 : 1
            guard sign == -1 || reader.take("+"), let hours = reader.digits(2), reader.take(":"),
                let minutes = reader.digits(2), hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard reader.isAtEnd, month >= 1, month <= 12, day >= 1,
            day <= CivilTime.monthLength(year: year, month: month), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = CivilTime.days(year: year, month: month, day: day)
        self.init(
            seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }
}

extension CELDuration: CustomStringConvertible {
    /// Seconds with as many digits of the fraction as are needed: `90s`, `-0.5s`.
    public var description: String {
        let magnitude = nanoseconds.magnitude
        let rest = fraction(Int64(magnitude % 1_000_000_000))
        return "\(nanoseconds < 0 ? "-" : "")\(magnitude / 1_000_000_000)\(rest)s"
    }

    /// Reads a sequence of numbers with units (`1h30m`, `1.5s`, `-20ms`); nil where it is malformed or out of range.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        let isNegative = reader.take("-")
        if !isNegative { _ = reader.take("+") }
        if reader.take("0"), reader.isAtEnd {
            self.init(nanoseconds: 0)
            return
        }
        reader = DigitReader(text)
        if !reader.take("-") { _ = reader.take("+") }
        var total: Int64 = 0
        repeat {
            guard let part = reader.durationPart() else { return nil }
            let (sum, over) = total.subtractingReportingOverflow(part)
            if over { return nil }
            total = sum
        } while !reader.isAtEnd
        // Counted downwards: the range reaches one further there.
        if !isNegative && total == Int64.min { return nil }
        self.init(nanoseconds: isNegative ? total : -total)
    }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// `.5` for 500,000,000; empty for 0.
private func fraction(_ nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "" }
    var digits = Array(padded(nanoseconds, 9).utf8)
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return "." + String(decoding: digits, as: UTF8.self)
}

/// Reads digits and signs from a text.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, Lexer.isDigit(bytes[position]) else { return nil }
        position += 1
        return Int64(bytes[position - 1] - UInt8(ascii: "0"))
    }

    /// Exactly that many digits.
    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The digits after a decimal point, as nanoseconds; digits past the ninth are dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var unit: Int64 = 100_000_000
        guard position < bytes.count, Lexer.isDigit(bytes[position]) else { return nil }
        while let digit = digit() {
            value += digit * unit
            unit /= 10
        }
        return value
    }

    /// A number and its unit, in nanoseconds.
    mutating func durationPart() -> Int64? {
        var whole: Int64 = 0
        var hasDigits = false
        while let digit = digit() {
            let (product, over) = whole.multipliedReportingOverflow(by: 10)
            let (sum, overSum) = product.addingReportingOverflow(digit)
            if over || overSum { return nil }
            whole = sum
            hasDigits = true
        }
        // As Go reads it: as many digits of the fraction as an int holds, and what is less than a nanosecond is dropped.
        var fraction: Int64 = 0
        var unit = 1.0
        if take(".") {
            while let digit = digit() {
                hasDigits = true
                guard fraction <= (Int64.max - 9) / 10 else { continue }
                fraction = fraction * 10 + digit
                unit *= 10
            }
        }
        guard hasDigits, let scale = scale() else { return nil }
        let (product, over) = whole.multipliedReportingOverflow(by: scale)
        let (sum, overSum) = product.addingReportingOverflow(Int64(Double(fraction) * (Double(scale) / unit)))
        return over || overSum ? nil : sum
    }

    private mutating func scale() -> Int64? {
        if take("h") { return 3_600_000_000_000 }
        if take("s") { return 1_000_000_000 }
        if take("n") { return take("s") ? 1 : nil }
        if take("u") { return take("s") ? 1_000 : nil }
        // Both signs for micro: U+00B5 and U+03BC.
        if position + 2 < bytes.count,
            (bytes[position] == 0xC2 && bytes[position + 1] == 0xB5)
                || (bytes[position] == 0xCE && bytes[position + 1] == 0xBC)
        {
            position += 2
            return take("s") ? 1_000 : nil
        }
        if take("m") { return take("s") ? 1_000_000 : 60_000_000_000 }
        return nil
    }
}
