/// A Kubernetes resource quantity, exact: `250m`, `16Gi`, `1e3`, `0.5`.
///
/// Kept as a whole number of billionths in 128 bits, so no arithmetic rounds. As in Kubernetes, digits finer than a
/// billionth round away from zero, and magnitudes beyond 2⁶³−1 are capped there.
public struct Quantity: Hashable, Comparable, Sendable {
    /// The value in billionths (10⁻⁹).
    public private(set) var nanos: Int128
    /// How the quantity prefers to be written.
    public private(set) var format: Format

    /// The notations of a quantity.
    public enum Format: Hashable, Sendable {
        /// Powers of ten: `n u m k M G T P E`.
        case decimalSI
        /// Powers of 1,024: `Ki Mi Gi Ti Pi Ei`.
        case binarySI
        /// Scientific: `1e3`.
        case decimalExponent
    }

    static let nanosPerUnit: Int128 = 1_000_000_000
    static let limit: Int128 = Int128(Int64.max) * nanosPerUnit

    /// The quantity zero.
    public static let zero = Quantity(0)

    /// A whole number of units.
    public init(_ value: Int64, format: Format = .decimalSI) {
        self.nanos = Int128(value) * Quantity.nanosPerUnit
        self.format = format
    }

    /// A whole number of thousandths.
    public init(milli: Int64) {
        self.nanos = Int128(milli) * 1_000_000
        self.format = .decimalSI
    }

    init(nanos: Int128, format: Format) {
        self.nanos = min(max(nanos, -Quantity.limit), Quantity.limit)
        self.format = format
    }

    /// The value in whole units, rounded up, as the scheduler counts memory and devices.
    public var value: Int64 { roundedUp(by: Quantity.nanosPerUnit) }

    /// The value in thousandths, rounded up and capped, as the scheduler counts CPU.
    public var milliValue: Int64 { roundedUp(by: 1_000_000) }

    private func roundedUp(by unit: Int128) -> Int64 {
        let (quotient, remainder) = nanos.quotientAndRemainder(dividingBy: unit)
        return Int64(clamping: remainder > 0 ? quotient + 1 : quotient)
    }

    /// Equal values are equal however they are written: `1` is `1000m`.
    public static func == (a: Quantity, b: Quantity) -> Bool { a.nanos == b.nanos }

    /// Feeds the value alone to the hasher, in step with `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }

    /// Orders by value.
    public static func < (a: Quantity, b: Quantity) -> Bool { a.nanos < b.nanos }

    /// The exact sum, in the notation of the left side.
    public static func + (a: Quantity, b: Quantity) -> Quantity {
        Quantity(nanos: a.nanos + b.nanos, format: a.nanos == 0 ? b.format : a.format)
    }

    /// The exact difference, in the notation of the left side.
    public static func - (a: Quantity, b: Quantity) -> Quantity {
        Quantity(nanos: a.nanos - b.nanos, format: a.format)
    }

    /// Adds in place.
    public static func += (a: inout Quantity, b: Quantity) { a = a + b }

    /// The quantity times a whole number, capped.
    public static func * (a: Quantity, times: Int64) -> Quantity {
        let (product, overflow) = a.nanos.multipliedReportingOverflow(by: Int128(times))
        let cap = (a.nanos < 0) == (times < 0) ? limit : -limit
        return Quantity(nanos: overflow ? cap : product, format: a.format)
    }
}

/// Amounts by resource name, as `requests`, `limits` and `allocatable` hold them.
public typealias ResourceList = [String: Quantity]

extension Quantity {
    /// Reads the notation of Kubernetes; nil where `text` is not a quantity.
    ///
    /// Grammar: `sign? digits (. digits)? suffix?`, where the suffix is one of `n u m k M G T P E Ki Mi Gi Ti Pi Ei` or an
    /// exponent `e3`, `E-2`.
    public init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        guard let number = Mantissa(consuming: &bytes), let suffix = Suffix(bytes) else { return nil }
        guard let nanos = number.nanos(times: suffix) else { return nil }
        self.init(nanos: nanos, format: suffix.format)
    }

    /// A number scanned from text: digits without their point, and how many of them stood behind it.
    private struct Mantissa {
        var negative = false
        var digits: Int128 = 0
        var scale = 0
        /// Digits that no longer fitted were not all zero, so the value must be rounded away from zero.
        var inexact = false
        /// Digits before the point that no longer fitted.
        var extraScale = 0

        init?(consuming bytes: inout ArraySlice<UInt8>) {
            if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                negative = sign == UInt8(ascii: "-")
                bytes = bytes.dropFirst()
            }
            var seen = 0
            var inFraction = false
            while let byte = bytes.first {
                if byte == UInt8(ascii: "."), !inFraction {
                    inFraction = true
                } else if byte >= 0x30, byte <= 0x39 {
                    seen += 1
                    append(Int128(byte - 0x30), inFraction: inFraction)
                } else {
                    break
                }
                bytes = bytes.dropFirst()
            }
            guard seen > 0 else { return nil }
        }

        private mutating func append(_ digit: Int128, inFraction: Bool) {
            // 28 digits hold every value below the cap with a billionth's precision.
            guard digits < 1_000_000_000_000_000_000_000_000_000 else {
                if digit != 0 { inexact = true }
                if !inFraction { extraScale += 1 }
                return
            }
            digits = digits * 10 + digit
            if inFraction { scale += 1 }
        }

        /// The value in billionths, rounded away from zero and capped.
        func nanos(times suffix: Suffix) -> Int128? {
            var exponent = suffix.powerOfTen + 9 - scale + extraScale
            var value = digits
            guard value != 0 else { return 0 }
            let cap = Quantity.limit
            var rounded = inexact
            for _ in 0..<suffix.powersOf1024 {
                // Where there is no room, digits that go in the end anyway go first; without such ones it is too large.
                while value > Int128.max >> 10 {
                    guard exponent < 0 else { return negative ? -cap : cap }
                    if value % 10 != 0 { rounded = true }
                    value /= 10
                    exponent += 1
                }
                value *= 1024
            }
            while exponent > 0 {
                guard value <= cap else { return negative ? -cap : cap }
                value *= 10
                exponent -= 1
            }
            while exponent < 0, value > 0 {
                if value % 10 != 0 { rounded = true }
                value /= 10
                exponent += 1
            }
            if rounded { value += 1 }
            value = min(value, cap)
            return negative ? -value : value
        }
    }

    private struct Suffix {
        var powerOfTen = 0
        var powersOf1024 = 0
        var format = Format.decimalSI

        init?(_ bytes: ArraySlice<UInt8>) {
            guard let first = bytes.first else { return }
            let text = String(decoding: bytes, as: UTF8.self)
            if let power = Suffix.decimal[text] {
                powerOfTen = power
            } else if let power = Suffix.binary[text] {
                powersOf1024 = power
                format = .binarySI
            } else if first == UInt8(ascii: "e") || first == UInt8(ascii: "E"), let power = Int(text.dropFirst()) {
                // Beyond these every value is zero or capped; the clamp keeps the loops short on hostile input.
                powerOfTen = min(max(power, -60), 60)
                format = .decimalExponent
            } else {
                return nil
            }
        }

        static let decimal: [String: Int] = [
            "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
        ]
        static let binary: [String: Int] = ["Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6]
    }
}

extension Quantity: CustomStringConvertible {
    /// The canonical form: no fraction, and the largest suffix that leaves none.
    public var description: String {
        guard nanos != 0 else { return "0" }
        if format == .binarySI, nanos % Quantity.nanosPerUnit == 0 {
            var (number, power) = (nanos / Quantity.nanosPerUnit, 0)
            while number % 1024 == 0, power < 6 { (number, power) = (number / 1024, power + 1) }
            return "\(number)\(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power])"
        }
        var (number, power) = (nanos, -9)
        while number % 1000 == 0, power < 18 { (number, power) = (number / 1000, power + 3) }
        if format == .decimalExponent { return power == 0 ? "\(number)" : "\(number)e\(power)" }
        return "\(number)\(["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][(power + 9) / 3])"
    }
}

extension Value {
    /// A quantity, written as a string or as a plain number.
    public func decodeQuantity() throws(FieldError) -> Quantity {
        let text: String
        switch self {
        case .string(let string): text = string
        case .int(let number): text = String(number)
        // The shortest decimal that reads back as the same double is the text that stood in the file, so no precision is
        // lost on the way through a floating-point number.
        case .double(let number): text = number.description
        default: throw FieldError(expected: "a quantity such as 250m or 16Gi", found: summary)
        }
        guard let quantity = Quantity(text) else {
            throw FieldError(expected: "a quantity such as 250m or 16Gi", found: summary)
        }
        return quantity
    }

    /// Amounts by resource name; none may be negative.
    public func decodeResources() throws(FieldError) -> ResourceList {
        try decodeMap { value throws(FieldError) in
            let quantity = try value.decodeQuantity()
            guard quantity >= .zero else {
                throw FieldError(expected: "a quantity that is not negative", found: value.summary)
            }
            return quantity
        }
    }

    /// Amounts by resource name in canonical notation, sorted by name.
    public static func resources(_ amounts: ResourceList) -> Value {
        .object(amounts.sorted { $0.key < $1.key }.map { Field($0.key, .string($0.value.description)) })
    }
}
