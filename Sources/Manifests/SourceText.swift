import ClusterModel
import Glibc
import Synchronization

/// The text of one file: UTF-8 without NUL, its lines ended by newlines alone, and able to tell lines and columns.
final class SourceText: Sendable {
    /// The file as the user named it; `-` is the standard input.
    let file: String
    /// The text.
    let bytes: [UInt8]
    /// Whether all of it is printable ASCII and newlines, which spares readers a closer look.
    let isPlain: Bool
    /// Where lines are, once somebody has asked.
    private let lines = Mutex<LineTable?>(nil)

    /// Takes a text that is in memory: UTF-8, or UTF-16 with a byte order mark.
    init(file: String, bytes: [UInt8]) throws(InputError) {
        let text = try SourceText.decoded(bytes, file)
        let plain = text.withUnsafeBufferPointer(SourceText.plainPrefix)
        self.file = file
        if plain == text.count {
            self.bytes = text
            self.isPlain = true
        } else {
            try SourceText.checkEncoding(text, from: plain, file)
            self.bytes = SourceText.withNewlines(text)
            self.isPlain = self.bytes.withUnsafeBufferPointer(SourceText.plainPrefix) == self.bytes.count
        }
    }

    /// Reads a whole file, or the standard input where the path is `-`.
    convenience init(path: String) throws(InputError) {
        try self.init(file: path, bytes: SourceText.read(path))
    }

    /// The bytes of a file as they are, but in UTF-8.
    static func verbatim(path: String) throws(InputError) -> [UInt8] {
        let text = try decoded(read(path), path)
        try checkEncoding(text, from: 0, path)
        return text
    }

    /// Where the text begins: behind the byte order mark, if there is one.
    var start: Int { SourceText.start(bytes) }

    private static func start(_ bytes: [UInt8]) -> Int { bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0 }

    /// The line and the column, both from 1, of an offset; columns count characters (Unicode scalars).
    ///
    /// - Complexity: O(bytes) when first asked, so that texts without errors pay nothing; then O(1).
    func position(of offset: Int) -> (line: Int, column: Int) {
        lines.withLock { lines in
            let table = lines ?? LineTable(bytes, start: start)
            lines = table
            return table.position(of: offset, in: bytes)
        }
    }

    /// An error at an offset.
    func error(_ code: InputError.Code, at offset: Int, expected: String, found: String) -> InputError {
        let (line, column) = position(of: offset)
        return InputError(code, file: file, line: line, column: column, expected: expected, found: found)
    }

    private static func checkEncoding(_ bytes: [UInt8], from start: Int, _ file: String) throws(InputError) {
        guard let offset = bytes.withUnsafeBufferPointer({ SourceText.firstBadByte($0, from: start) }) else { return }
        let found =
            bytes[offset] == 0
            ? "a NUL byte at offset \(offset)"
            : "the byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) at offset \(offset), which is not UTF-8"
        let (line, column) = LineTable(bytes, start: SourceText.start(bytes)).position(of: offset, in: bytes)
        throw InputError(
            .encoding, file: file, line: line, column: column, expected: "UTF-8 text", found: found)
    }

    /// How many bytes at the beginning (at least to within 8) are printable ASCII or newlines.
    ///
    /// Eight bytes at a time: with the top bit of each byte set aside, sums cannot carry into the next byte, and the top bit
    /// of the sum answers a comparison.
    static func plainPrefix(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let low = word & everyByte(0x7F)
            let atLeastBlank = low &+ everyByte(0x60)
            let notNewline = (low ^ everyByte(0x0A)) &+ everyByte(0x7F)
            let delete = low &+ everyByte(0x01)
            if (~atLeastBlank & notNewline | delete | word) & everyByte(0x80) != 0 { return index }
            index += 8
        }
        let rest = bytes[index...]
        return rest.allSatisfy { $0 == 0x0A || ($0 >= 0x20 && $0 < 0x7F) } ? bytes.count : index
    }

    private static func everyByte(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// The offset of the first byte from `start` on that is NUL or not UTF-8.
    private static func firstBadByte(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index < bytes.count {
            if index + 8 <= bytes.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let notZero = (word & everyByte(0x7F)) &+ everyByte(0x7F)
                if (~notZero | word) & everyByte(0x80) == 0 {
                    index += 8
                    continue
                }
            }
            let byte = bytes[index]
            if byte == 0 { return index }
            if byte < 0x80 {
                index += 1
                continue
            }
            guard let length = sequenceLength(bytes, index) else { return index }
            index += length
        }
        return nil
    }

    /// The length of the well-formed UTF-8 sequence at `index`, or nil (Unicode 15, table 3-7).
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        for offset in 2..<max(2, length) where bytes[index + offset] & 0xC0 != 0x80 { return nil }
        return length
    }
}
