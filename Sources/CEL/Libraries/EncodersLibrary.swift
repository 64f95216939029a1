/// Base64.
enum EncodersLibrary {
    static let functions: [Function] = [
        .unary("base64.encode", "(bytes) -> string") { (value, frame) throws(Failure) in
            guard case .bytes(let bytes) = value else { throw Failure.noOverload("base64.encode", value) }
            try frame.charge(bytes: bytes.count * 2)
            return .string(Base64.encode(bytes))
        },
        .unary("base64.decode", "(string) -> bytes") { (value, frame) throws(Failure) in
            guard case .string(let text) = value else { throw Failure.noOverload("base64.decode", value) }
            try frame.charge(bytes: text.utf8.count)
            guard let bytes = Base64.decode(text) else { throw .invalid("the text is no base64") }
            return .bytes(bytes)
        },
    ]
}

/// RFC 4648, the standard alphabet.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var output = [UInt8]()
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group = UInt32(0)
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * index)) & 63
                output.append(index <= count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes; nil where the text is malformed. Padding may be left out, as the reference implementation has it.
    static func decode(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        if digits.count % 4 == 0 {
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var output = [UInt8]()
        output.reserveCapacity(digits.count * 3 / 4)
        var group = UInt32(0)
        var bits = 0
        for byte in digits {
            guard let digit = value(of: byte) else { return nil }
            group = group << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return output
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
