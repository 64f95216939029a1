import ClusterModel

/// Gives plain (unquoted) YAML scalars their types.
///
/// The rules are those of kubectl's YAML library (sigs.k8s.io/yaml, which is go-yaml 2): YAML 1.1's words for booleans, null
/// as `~`, `null` or nothing; integers in base 10, 16 (`0x`), 8 (`0o`, or a leading `0`) and 2 (`0b`), with `_` between
/// digits; floats; timestamps stay strings.
enum PlainScalar {
    /// The value of a plain scalar.
    static func value(_ bytes: UnsafeBufferPointer<UInt8>) -> Value {
        guard let first = bytes.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(bytes) ?? .string(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"),
            UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "o"), UInt8(ascii: "O"),
            UInt8(ascii: "~"):
            let text = String(decoding: bytes, as: UTF8.self)
            return bytes.count <= 5 ? words[text] ?? .string(text) : .string(text)
        default:
            return .string(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// The value of a plain scalar.
    static func value(_ text: String) -> Value {
        var text = text
        return text.withUTF8 { value($0) }
    }

    /// The key that a value makes: JSON has strings alone, so a number or a boolean becomes what it would be written as;
    /// nil where the value cannot be a key.
    static func key(_ value: Value) -> String? {
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): floatKey(Float(number))
        case .null, .array, .object: nil
        }
    }

    /// The key that a plain scalar makes; nil where it is null.
    static func key(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        mayResolve(bytes) ? key(value(bytes)) : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a plain scalar may be something else than a string.
    static func mayResolve(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): return true
        case UInt8(ascii: "."): return bytes.count > 1
        case UInt8(ascii: "~"): return bytes.count == 1
        default: return isWordLike(bytes)
        }
    }

    /// Whether a text has the length and the first two letters of a word for a boolean or null.
    ///
    /// `name` and `type` have not, and are most of the keys there are.
    private static func isWordLike(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let second = bytes.count > 1 ? bytes[1] | 0x20 : 0
        switch (bytes[0] | 0x20, second, bytes.count) {
        case (UInt8(ascii: "y"), _, 1), (UInt8(ascii: "n"), _, 1): return true
        case (UInt8(ascii: "n"), UInt8(ascii: "o"), 2), (UInt8(ascii: "o"), UInt8(ascii: "n"), 2): return true
        case (UInt8(ascii: "y"), UInt8(ascii: "e"), 3), (UInt8(ascii: "o"), UInt8(ascii: "f"), 3): return true
        case (UInt8(ascii: "t"), UInt8(ascii: "r"), 4), (UInt8(ascii: "n"), UInt8(ascii: "u"), 4): return true
        case (UInt8(ascii: "f"), UInt8(ascii: "a"), 5): return true
        default: return false
        }
    }

    /// As Go's `FormatFloat(x, 'g', -1, 32)`, which sigs.k8s.io/yaml takes for keys.
    private static func floatKey(_ number: Float) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let sign = number.sign == .minus ? "-" : ""
        // Swift's description has the shortest digits too, and other rules for where the point goes.
        let parts = number.magnitude.description.split(separator: "e")
        let halves = parts[0].split(separator: ".")
        let whole = halves[0] == "0" ? "" : String(halves[0])
        let fraction = halves.count < 2 || halves[1] == "0" ? "" : String(halves[1])
        let leading = whole.isEmpty ? fraction.prefix { $0 == "0" }.count : 0
        var digits = String((whole + fraction).dropFirst(leading))
        var point = whole.utf8.count - leading + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.last == "0" { digits.removeLast() }
        guard let first = digits.first else { return sign + "0" }
        point -= 1
        let rest = digits.dropFirst()
        guard (-4..<6).contains(point) else {
            let exponent = String(point.magnitude)
            let padded = exponent.utf8.count < 2 ? "0" + exponent : exponent
            return "\(sign)\(first)\(rest.isEmpty ? "" : ".")\(rest)e\(point < 0 ? "-" : "+")\(padded)"
        }
        if point < 0 { return "\(sign)0.\(String(repeating: "0", count: -point - 1))\(digits)" }
        let filled = digits + String(repeating: "0", count: max(0, point + 1 - digits.utf8.count))
        let end = filled.index(filled.startIndex, offsetBy: point + 1)
        return sign + filled[..<end] + (end == filled.endIndex ? "" : "." + filled[end...])
    }

    private static let words: [String: Value] = {
        var words: [String: Value] = [:]
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        for word in ["~", "null", "Null", "NULL"] { words[word] = .null }
        return words
    }()

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        // Short runs of digits are nearly all numbers there are.
        if bytes.count <= 18, bytes[0] != UInt8(ascii: "0") || bytes.count == 1, bytes.allSatisfy(isDigit) {
            return .int(bytes.reduce(0) { $0 * 10 + Int64($1 & 15) })
        }
        // Letters that no number has rule out the many strings that begin with a digit or a sign: 250m, 10.0.0.1, -x.
        guard bytes.allSatisfy(mayBeInNumber) else { return nil }
        let text = String(decoding: bytes.lazy.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        return integer(text) ?? float(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func mayBeInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "x"),
            UInt8(ascii: "X"), UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "i"), UInt8(ascii: "I"),
            UInt8(ascii: "n"), UInt8(ascii: "N"):
            return true
        default: return false
        }
    }

    private static func integer(_ text: String) -> Value? {
        var digits = Substring(text)
        let negative = digits.first == "-"
        if negative || digits.first == "+" { digits = digits.dropFirst() }
        var radix = 10
        if digits.first == "0", digits.count > 1 {
            switch digits.dropFirst().first {
            case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
            case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
            case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
        }
        // `Int64.init` would take a second sign.
        guard let lead = digits.first, lead != "-", lead != "+" else { return nil }
        return Int64((negative ? "-" : "") + digits, radix: radix).map { .int($0) }
    }

    private static func float(_ text: String) -> Value? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        // Sign, digits with at most one point, exponent: what `Double.init` takes beyond that (hex, "inf") is a string.
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit).count
        rest = rest.dropFirst(whole)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(fraction)
        }
        guard whole + fraction > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard !rest.isEmpty else { return nil }
            rest = rest.drop(while: isDigit)
        }
        guard rest.isEmpty else { return nil }
        // A point without digits behind it is no number to `Double.init`.
        let spelled = text.replacing(".", with: fraction == 0 ? "" : ".")
        // What is too large for a float is a string, as in Go.
        return Double(spelled).flatMap { $0.isFinite ? .double($0) : nil }
    }
}
