/// Kubernetes' quantities: `500m`, `1.5Gi`, `2e3`.
enum QuantityLibrary {
    private static let name = Quantity.name

    static let functions: [Function] = [
        .unary("quantity", "(string) -> \(name)") { (value, frame) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("quantity", value) }
            try frame.charge(bytes: text.utf8.count)
            guard let quantity = Quantity(text) else {
                throw .invalid("'\(StandardLibrary.shortened(text))' is no quantity")
            }
            return .opaque(quantity)
        },
        .unary("isQuantity", "(string) -> bool") { (value, frame) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("isQuantity", value) }
            try frame.charge(bytes: text.utf8.count)
            return .bool(Quantity(text) != nil)
        },
        .unary("isInteger", "\(name).() -> bool") { (value, _) throws(Failure) in
            .bool(try quantity("isInteger", value).integer != nil)
        },
        .unary("asInteger", "\(name).() -> int") { (value, _) throws(Failure) in
            guard let integer = try quantity("asInteger", value).integer else {
                throw .invalid("the quantity is no integer, or is outside the range of int")
            }
            return .int(integer)
        },
        .unary("asApproximateFloat", "\(name).() -> double") { (value, _) throws(Failure) in
            .double(Double(try quantity("asApproximateFloat", value).nanos) / 1e9)
        },
        .unary("sign", "\(name).() -> int") { (value, _) throws(Failure) in
            .int(Int64(try quantity("sign", value).nanos.signum()))
        },
        sum("add", sign: 1),
        sum("sub", sign: -1),
        .binary("isLessThan", "\(name).(\(name)) -> bool") { (left, right, _) throws(Failure) in
            .bool(try quantity("isLessThan", left).nanos < quantity("isLessThan", right).nanos)
        },
        .binary("isGreaterThan", "\(name).(\(name)) -> bool") { (left, right, _) throws(Failure) in
            .bool(try quantity("isGreaterThan", left).nanos > quantity("isGreaterThan", right).nanos)
        },
        .binary("compareTo", "\(name).(\(name)) -> int") { (left, right, _) throws(Failure) in
            let (left, right) = (try quantity("compareTo", left).nanos, try quantity("compareTo", right).nanos)
            return .int(left < right ? -1 : (left == right ? 0 : 1))
        },
    ]

    private static func quantity(_ name: String, _ value: CELValue) throws(Failure) -> Quantity {
        guard case .opaque(let opaque) = value, let quantity = opaque as? Quantity else {
            throw Failure.noOverload(name, value)
        }
        return quantity
    }

    private static func sum(_ operation: String, sign: Int128) -> Function {
        .binary(operation, "\(name).(\(name)) -> \(name)", "\(name).(int) -> \(name)") {
            (left, right, _) throws(Failure) in
            let first = try quantity(operation, left).nanos
            let second: Int128
            if case .int(let number) = right {
                second = Int128(number) * 1_000_000_000
            } else {
                second = try quantity(operation, right).nanos
            }
            let (total, over) = first.addingReportingOverflow(sign * second)
            if over { throw Arithmetic.overflow("quantity") }
            return .opaque(Quantity(nanos: total))
        }
    }
}

/// An amount, exact to a billionth.
final class Quantity: CELOpaque {
    static let name = "kubernetes.Quantity"

    let nanos: Int128
    /// The text was past the largest amount, which stands in its place.
    private let isCapped: Bool

    private static let largest = Int128(Int64.max) * 1_000_000_000

    init(nanos: Int128) {
        self.nanos = nanos
        isCapped = false
    }

    /// Reads a number and its suffix; nil where it is malformed.
    init?(_ text: String) {
        guard let (value, isCapped) = Quantity.parse(Array(text.utf8)) else { return nil }
        nanos = value
        self.isCapped = isCapped
    }

    var typeName: String { Quantity.name }
    var text: String? { nil }

    func isEqual(to other: any CELOpaque) -> Bool {
        (other as? Quantity).map { $0.nanos == nanos } ?? false
    }

    /// The amount as an int; nil where it has a fraction or is too large.
    var integer: Int64? {
        if isCapped || nanos % 1_000_000_000 != 0 { return nil }
        return Int64(exactly: nanos / 1_000_000_000)
    }

    private static func parse(_ bytes: [UInt8]) -> (Int128, Bool)? {
        var position = 0
        var isNegative = false
        if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            isNegative = first == UInt8(ascii: "-")
            position = 1
        }
        var mantissa: Int128 = 0
        var decimals = 0
        var hasDigits = false
        var hasPoint = false
        var isLarge = false
        // Digits past what is kept: those that are not zero round the amount up, as Kubernetes does.
        var isInexact = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if Lexer.isDigit(byte) {
                hasDigits = true
                let digit = Int128(byte - UInt8(ascii: "0"))
                if mantissa < 1_000_000_000_000_000_000_000_000_000 {
                    mantissa = mantissa * 10 + digit
                    if hasPoint { decimals += 1 }
                } else if hasPoint {
                    isInexact = isInexact || digit != 0
                } else {
                    isLarge = true
                }
            } else {
                break
            }
            position += 1
        }
        guard hasDigits, let suffix = suffix(Array(bytes[position...])) else { return nil }
        let (magnitude, isCapped) = scaled(mantissa, decimals, suffix, isLarge: isLarge, isInexact: isInexact)
        return (isNegative ? -magnitude : magnitude, isCapped)
    }

    /// The powers of two and of ten that a suffix stands for; nil where there is no such suffix.
    private static func suffix(_ bytes: [UInt8]) -> (binary: Int, decimal: Int)? {
        switch String(decoding: bytes, as: UTF8.self) {
        case "": return (0, 0)
        case "n": return (0, -9)
        case "u": return (0, -6)
        case "m": return (0, -3)
        case "k": return (0, 3)
        case "M": return (0, 6)
        case "G": return (0, 9)
        case "T": return (0, 12)
        case "P": return (0, 15)
        case "E": return (0, 18)
        case "Ki": return (10, 0)
        case "Mi": return (20, 0)
        case "Gi": return (30, 0)
        case "Ti": return (40, 0)
        case "Pi": return (50, 0)
        case "Ei": return (60, 0)
        default: break
        }
        guard let first = bytes.first, first | 0x20 == UInt8(ascii: "e"), bytes.count <= 8,
            let exponent = Int(String(decoding: bytes.dropFirst(), as: UTF8.self))
        else { return nil }
        return (0, exponent)
    }

    private static func scaled(
        _ mantissa: Int128, _ decimals: Int, _ suffix: (binary: Int, decimal: Int), isLarge: Bool, isInexact: Bool
    ) -> (Int128, Bool) {
        if mantissa == 0 { return (0, false) }
        if isLarge { return (largest, true) }
        // Kubernetes caps amounts with a binary suffix alone; others end where the numbers of this code do.
        let most = suffix.binary > 0 ? largest : Int128.max / 16
        var value = mantissa
        var exponent = suffix.decimal - decimals + 9
        var isInexact = isInexact
        let (shifted, over) = value.multipliedReportingOverflow(by: Int128(1) << Int128(suffix.binary))
        if over { return (largest, true) }
        value = shifted
        while exponent > 0 {
            if value > most / 10 { return (most, true) }
            value *= 10
            exponent -= 1
        }
        while exponent < 0, value > 0 {
            isInexact = isInexact || value % 10 != 0
            value /= 10
            exponent += 1
        }
        if isInexact { value += 1 }
        return value > most ? (most, true) : (value, false)
    }
}
