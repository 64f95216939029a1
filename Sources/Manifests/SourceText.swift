import ClusterModel
import Glibc

/// The text of one file: checked to be UTF-8 without NUL, and able to tell lines and columns.
final class SourceText: Sendable {
    /// The file as the user named it; `-` is the standard input.
    let file: String
    /// The text.
    let bytes: [UInt8]
    /// Whether all of it is printable ASCII and newlines, which spares readers a closer look.
    let isPlain: Bool

    /// Takes a text that is in memory.
    init(file: String, bytes: [UInt8]) throws(InputError) {
        self.file = file
        self.bytes = bytes
        let plain = bytes.withUnsafeBufferPointer(SourceText.plainPrefix)
        self.isPlain = plain == bytes.count
        if !isPlain { try checkEncoding(from: plain) }
    }

    /// Reads a whole file, or the standard input where the path is `-`.
    convenience init(path: String) throws(InputError) {
        try self.init(file: path, bytes: SourceText.read(path))
    }

    /// Where the text begins: behind the byte order mark, if there is one.
    var start: Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// The line and the column, both from 1, of an offset; columns count characters (Unicode scalars).
    ///
    /// - Complexity: O(offset). Only errors ask, so no table of lines is kept.
    func position(of offset: Int) -> (line: Int, column: Int) {
        let before = bytes[start..<max(start, min(offset, bytes.count))]
        return (before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }, column(of: offset))
    }

    /// The column, from 1, of an offset.
    func column(of offset: Int) -> Int {
        let before = bytes[start..<max(start, min(offset, bytes.count))]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
        return bytes[lineStart..<before.endIndex].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    /// An error at an offset.
    func error(_ code: InputError.Code, at offset: Int, expected: String, found: String) -> InputError {
        let (line, column) = position(of: offset)
        return InputError(code, file: file, line: line, column: column, expected: expected, found: found)
    }

    private func checkEncoding(from start: Int) throws(InputError) {
        guard let offset = bytes.withUnsafeBufferPointer({ SourceText.firstBadByte($0, from: start) }) else { return }
        let found =
            bytes[offset] == 0
            ? "a NUL byte at offset \(offset)"
            : "the byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) at offset \(offset), which is not UTF-8"
        throw error(.encoding, at: offset, expected: "UTF-8 text", found: found)
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

extension SourceText {
    private static func read(_ path: String) throws(InputError) -> [UInt8] {
        if path == "-" { return try readAll(STDIN_FILENO, "-", sizeHint: 0) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: InputError.Code = errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable
            throw InputError(code, file: path, expected: "a readable file", found: message(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw InputError(.unreadable, file: path, expected: "a readable file", found: message(errno))
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw InputError(.unreadable, file: path, expected: "a file", found: "a folder")
        }
        return try readAll(descriptor, path, sizeHint: Int(status.st_size))
    }

    private static func readAll(_ descriptor: Int32, _ file: String, sizeHint: Int) throws(InputError) -> [UInt8] {
        let limit = InputLimits.fileBytes
        let tooLarge = { (size: String) in
            InputError(.tooLarge, file: file, expected: "at most \(limit >> 20) MiB", found: size)
        }
        guard sizeHint <= limit else { throw tooLarge("\(sizeHint >> 20) MiB") }
        // One byte more than the file has shows its end without growing the buffer.
        var bytes = [UInt8](repeating: 0, count: max(sizeHint + 1, 64 << 10))
        var count = 0
        while true {
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw InputError(.unreadable, file: file, expected: "a readable file", found: message(errno))
            }
            if got == 0 { break }
            count += got
            guard count <= limit else { throw tooLarge("more") }
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    private static func message(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
