import ClusterModel

/// Reads JSON text straight into a value, without what nobody asks for.
///
/// It follows RFC 8259, with each key once and limits on nesting, and leaves the wording of errors to jansson.
struct PlainJSON {
    /// Why there is no value.
    enum Fault: Error {
        /// The text is not JSON, or holds a number that is none here; jansson says what is wrong.
        case syntax
        /// It is nested too deep at an offset.
        case depth(Int)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let skipped: Set<String>
    private var index = 0
    private var depth = 0
    private var passed = PassedKeys()

    /// The value of a text.
    ///
    /// - Parameter skipped: keys whose lists and objects are left out of the result; they are checked all the same.
    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, skipping skipped: Set<String> = []
    ) throws(Fault) -> Value {
        var parser = PlainJSON(bytes, skipped)
        let value = try parser.value()
        guard parser.peek() == nil else { throw .syntax }
        return value
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ skipped: Set<String>) {
        self.bytes = bytes
        self.skipped = skipped
    }

    /// The next byte that is not white space, without taking it.
    private mutating func peek() -> UInt8? {
        var position = index
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                index = position
                return byte
            }
            position += 1
        }
        index = position
        return nil
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard peek() == wanted else { return false }
        index += 1
        return true
    }

    private mutating func enter() throws(Fault) {
        depth += 1
        guard depth <= InputLimits.depth else { throw .depth(index) }
        index += 1
    }

    private static let comma = UInt8(ascii: ",")
    private static let colon = UInt8(ascii: ":")
    private static let quote = UInt8(ascii: "\"")
    private static let brace = UInt8(ascii: "{")
    private static let bracket = UInt8(ascii: "[")
}

// Values
extension PlainJSON {
    private mutating func value() throws(Fault) -> Value {
        switch peek() {
        case PlainJSON.quote: return .string(try string(try quoted()))
        case PlainJSON.brace: return try object()
        case PlainJSON.bracket: return try array()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(Fault) -> Value {
        try enter()
        var list = FieldList()
        if !take(UInt8(ascii: "}")) {
            repeat {
                let name = try string(try quoted())
                guard list.isNew(name), take(PlainJSON.colon) else { throw .syntax }
                let first = peek()
                if first == PlainJSON.brace || first == PlainJSON.bracket, skipped.contains(name) {
                    try passOver()
                    list.drop(name)
                } else {
                    list.add(name, try value())
                }
            } while take(PlainJSON.comma)
            guard take(UInt8(ascii: "}")) else { throw .syntax }
        }
        depth -= 1
        return .object(list.fields)
    }

    private mutating func array() throws(Fault) -> Value {
        try enter()
        var items: [Value] = []
        if !take(UInt8(ascii: "]")) {
            repeat { items.append(try value()) } while take(PlainJSON.comma)
            guard take(UInt8(ascii: "]")) else { throw .syntax }
        }
        depth -= 1
        return .array(items)
    }

    /// Takes a value that nobody asks for.
    private mutating func passOver() throws(Fault) {
        switch peek() {
        case PlainJSON.quote:
            let (range, isVerbatim) = try quoted()
            if !isVerbatim { _ = try unescaped(range) }
        case PlainJSON.brace: try passOverObject()
        case PlainJSON.bracket:
            try enter()
            if !take(UInt8(ascii: "]")) {
                repeat { try passOver() } while take(PlainJSON.comma)
                guard take(UInt8(ascii: "]")) else { throw .syntax }
            }
            depth -= 1
        default: _ = try value()
        }
    }

    private mutating func passOverObject() throws(Fault) {
        let start = (index, depth)
        try enter()
        let mark = passed.mark
        defer { passed.close(mark) }
        if !take(UInt8(ascii: "}")) {
            repeat {
                let (key, isVerbatim) = try quoted()
                guard isVerbatim, let isNew = passed.insert(key, after: mark, bytes) else {
                    // Keys with escapes, or very many of them: the plain way finds out whether they differ.
                    (index, depth) = start
                    _ = try object()
                    return
                }
                guard isNew, take(PlainJSON.colon) else { throw .syntax }
                try passOver()
            } while take(PlainJSON.comma)
            guard take(UInt8(ascii: "}")) else { throw .syntax }
        }
        depth -= 1
    }

    private mutating func word(_ text: StaticString, _ value: Value) throws(Fault) -> Value {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { throw .syntax }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { throw .syntax }
        index += count
        return value
    }

    private mutating func number() throws(Fault) -> Value {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let first = index
        takeDigits()
        guard index > first, bytes[first] != UInt8(ascii: "0") || index == first + 1 else { throw .syntax }
        var isWhole = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            let fraction = index
            takeDigits()
            guard index > fraction else { throw .syntax }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            let exponent = index
            takeDigits()
            guard index > exponent else { throw .syntax }
        }
        if isWhole, index - start <= 18, first == start {
            return .int(bytes[start..<index].reduce(0) { $0 &* 10 &+ Int64($1 & 15) })
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
        if isWhole, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw .syntax }
        return .double(number)
    }

    private mutating func takeDigits() {
        while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 { index += 1 }
    }
}

// Strings
extension PlainJSON {
    /// Takes a string, and answers what stands between its quotes and whether that is the text itself.
    private mutating func quoted() throws(Fault) -> (range: Range<Int>, isVerbatim: Bool) {
        guard take(PlainJSON.quote) else { throw .syntax }
        let start = index
        var position = start
        var isVerbatim = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == PlainJSON.quote {
                index = position + 1
                return (start..<position, isVerbatim)
            }
            guard byte >= 0x20 else { break }
            if byte == UInt8(ascii: "\\") {
                isVerbatim = false
                position += 1
            }
            position += 1
        }
        throw .syntax
    }

    private func string(_ found: (range: Range<Int>, isVerbatim: Bool)) throws(Fault) -> String {
        guard !found.isVerbatim else {
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[found.range]), as: UTF8.self)
        }
        return String(decoding: try unescaped(found.range), as: UTF8.self)
    }

    private func unescaped(_ range: Range<Int>) throws(Fault) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            let escape = bytes[position]
            position += 1
            switch escape {
            case PlainJSON.quote, UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try scalar(&position, range.upperBound)
                result.append(contentsOf: Array(String(Character(scalar)).utf8))
            default: throw .syntax
            }
        }
        return result
    }

    /// The character that the digits of `\u` stand for, and those of a second `\u` if it takes a pair.
    private func scalar(_ position: inout Int, _ end: Int) throws(Fault) -> Unicode.Scalar {
        let first = try hex(&position, end)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 2 <= end, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw .syntax }
        position += 2
        let second = try hex(&position, end)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw .syntax }
        return scalar
    }

    private func hex(_ position: inout Int, _ end: Int) throws(Fault) -> UInt32 {
        guard position + 4 <= end else { throw .syntax }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: code = code << 4 | (UInt32(byte | 0x20) - 0x57)
            default: throw .syntax
            }
        }
        position += 4
        return code
    }
}
