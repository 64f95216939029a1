import ClusterModel

extension SourceText {
    /// The byte order mark in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text in UTF-8, whatever it was; UTF-16 is known by its byte order mark, as PowerShell's `>` writes it.
    static func decoded(_ bytes: [UInt8], _ file: String) throws(InputError) -> [UInt8] {
        guard bytes.count >= 2 else { return bytes }
        switch (bytes[0], bytes[1]) {
        case (0xFF, 0xFE):
            if bytes.count >= 4, bytes[2] == 0, bytes[3] == 0 { throw unknownEncoding("UTF-32", file) }
            return try utf8(fromUTF16: bytes, file) { UInt16($0) | UInt16($1) << 8 }
        case (0xFE, 0xFF): return try utf8(fromUTF16: bytes, file) { UInt16($1) | UInt16($0) << 8 }
        case (0, 0) where bytes.starts(with: [0, 0, 0xFE, 0xFF]): throw unknownEncoding("UTF-32", file)
        default: return bytes
        }
    }

    private static func unknownEncoding(_ name: String, _ file: String) -> InputError {
        InputError(
            .encoding, file: file, line: 1, column: 1, expected: "UTF-8 text, or UTF-16 with a byte order mark",
            found: "text in \(name)")
    }

    private static func utf8(
        fromUTF16 bytes: [UInt8], _ file: String, _ unit: (UInt8, UInt8) -> UInt16
    ) throws(InputError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2 + 16)
        var line = 1
        var lineStart = 2
        let fault = { (offset: Int, found: String) in
            InputError(
                .encoding, file: file, line: line, column: (offset - lineStart) / 2 + 1, expected: "text in UTF-16",
                found: found)
        }
        var index = 2
        while index < bytes.count {
            guard index + 1 < bytes.count else { throw fault(index, "half a character at the end") }
            let first = unit(bytes[index], bytes[index + 1])
            var scalar = Unicode.Scalar(first)
            if scalar == nil, first < 0xDC00, index + 3 < bytes.count {
                let second = unit(bytes[index + 2], bytes[index + 3])
                if (0xDC00...0xDFFF).contains(second) {
                    scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
                    index += 2
                }
            }
            guard let scalar else { throw fault(index, "half a surrogate pair at offset \(index)") }
            if scalar == "\0" { throw fault(index, "a NUL character at offset \(index)") }
            index += 2
            if scalar == "\n" { (line, lineStart) = (line + 1, index) }
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return result
    }

    /// The text with a newline for every carriage return, alone or with one: what YAML makes of them wherever they stand,
    /// and JSON allows between its tokens alone.
    static func withNewlines(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.firstIndex(of: 0x0D) else { return bytes }
        var result = Array(bytes[..<first])
        result.reserveCapacity(bytes.count)
        var index = first
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == 0x0D, index < bytes.count, bytes[index] == 0x0A { continue }
            result.append(byte == 0x0D ? 0x0A : byte)
        }
        return result
    }
}
