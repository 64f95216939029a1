import Glibc

/// Cuts files into pieces that are parsed on their own.
enum SourceSplitter {
    /// The documents of a file, in order.
    ///
    /// Pieces that hold only comments are among them.
    ///
    /// A line that begins with `---` always opens a document, and one that begins with `...` closes it: YAML allows neither
    /// inside of anything.
    static func documents(of text: SourceText) -> [SourceUnit] {
        text.bytes.withUnsafeBufferPointer { bytes in
            var units: [SourceUnit] = []
            var start = text.start
            var lineStart = start
            // One document beyond the limit is enough to see that there are too many.
            while lineStart < bytes.count, units.count <= InputLimits.objects {
                let lineEnd = lineEnd(bytes, lineStart)
                // Where files were joined, a byte order mark may stand anywhere.
                let textStart = lineStart + byteOrderMark(bytes, lineStart)
                if let marker = marker(bytes, textStart..<max(textStart, lineEnd)),
                    !keepsDirectives(bytes, start..<lineStart)
                {
                    add(start..<lineStart, bytes, text, &units)
                    start = marker
                }
                lineStart = lineEnd + 1
            }
            add(start..<bytes.count, bytes, text, &units)
            return units
        }
    }

    /// The offset of the newline that ends the line at `start`, or the end of the text.
    static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        guard start < bytes.count, let base = bytes.baseAddress else { return bytes.count }
        guard let newline = memchr(base + start, 0x0A, bytes.count - start) else { return bytes.count }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(newline))
    }

    /// The length of the byte order mark that stands here; 0 where none does.
    private static func byteOrderMark(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        guard index + 3 <= bytes.count, bytes[index] == 0xEF, bytes[index + 1] == 0xBB, bytes[index + 2] == 0xBF else {
            return 0
        }
        return 3
    }

    /// Whether a piece names handles for the tags of the document behind it, which goes with them then.
    ///
    /// Other directives say nothing that matters here.
    private static func keepsDirectives(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard let start = firstContent(bytes, range), bytes[start] == UInt8(ascii: "%") else { return false }
        var line = start
        while line < range.upperBound, bytes[line] == UInt8(ascii: "%") {
            if bytes[line..<range.upperBound].starts(with: "%TAG".utf8) { return !holdsMarker(bytes, range) }
            line = lineEnd(bytes, line) + 1
        }
        return false
    }

    private static func holdsMarker(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var line = range.lowerBound
        while line < range.upperBound {
            let end = min(lineEnd(bytes, line), range.upperBound)
            if marker(bytes, line..<end) != nil { return true }
            line = end + 1
        }
        return false
    }

    /// Where the text behind a document marker begins, or nil where the line is none.
    private static func marker(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Int? {
        guard line.count >= 3 else { return nil }
        let first = bytes[line.lowerBound]
        guard first == UInt8(ascii: "-") || first == UInt8(ascii: "."), bytes[line.lowerBound + 1] == first,
            bytes[line.lowerBound + 2] == first
        else { return nil }
        let end = line.lowerBound + 3
        guard end < line.upperBound else { return end }
        return bytes[end] == 0x20 || bytes[end] == 0x09 ? end : nil
    }

    private static func add(
        _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ text: SourceText, _ units: inout [SourceUnit]
    ) {
        var range = range
        guard var start = firstContent(bytes, range) else { return }
        let mark = byteOrderMark(bytes, start)
        if mark > 0 {
            range = min(start + mark, range.upperBound)..<range.upperBound
            guard let content = firstContent(bytes, range) else { return }
            start = content
        }
        let document = (units.last?.document ?? -1) + 1
        guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
            // A document of directives alone (%YAML 1.1) says nothing.
            guard bytes[start] != UInt8(ascii: "%") || holdsMarker(bytes, range) else { return }
            return units.append(SourceUnit(text: text, range: range, document: document, item: nil, syntax: .yaml))
        }
        let found = jsonValues(bytes, start..<range.upperBound) ?? [(start..<range.upperBound, nil)]
        for (index, value) in found.enumerated() {
            var unit = SourceUnit(text: text, range: value.range, document: document + index, item: nil, syntax: .json)
            unit.list = value.list
            units.append(unit)
        }
    }

    /// The JSON values that follow one another; nil where the text is not made so.
    private static func jsonValues(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> [(range: Range<Int>, list: JSONList?)]? {
        var scanner = JSONScanner(UnsafeBufferPointer(rebasing: bytes[..<range.upperBound]), at: range.lowerBound)
        var values: [(range: Range<Int>, list: JSONList?)] = []
        while let byte = scanner.peek(), values.count <= InputLimits.objects {
            let start = scanner.index
            if byte == UInt8(ascii: "{") {
                let list = scanner.object()
                guard let list else { return nil }
                values.append((start..<scanner.index, list.items.isEmpty ? nil : list))
            } else {
                guard byte == UInt8(ascii: "["), let value = scanner.value() else { return nil }
                values.append((value, nil))
            }
        }
        return values
    }

    /// The first byte that is neither white space nor part of a comment.
    static func firstContent(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case UInt8(ascii: "#"): index = bytes[index..<range.upperBound].firstIndex(of: 0x0A) ?? range.upperBound
            default: return index
            }
        }
        return nil
    }
}
