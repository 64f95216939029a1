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
        return Double(spelled).map { .double($0) }
    }
}
