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
                if let marker = marker(bytes, lineStart..<lineEnd) {
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

    /// Where the text behind a document marker begins, or nil where the line is none.
    private static func marker(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Int? {
        guard line.count >= 3 else { return nil }
        let first = bytes[line.lowerBound]
        guard first == UInt8(ascii: "-") || first == UInt8(ascii: "."), bytes[line.lowerBound + 1] == first,
            bytes[line.lowerBound + 2] == first
        else { return nil }
        let end = line.lowerBound + 3
        guard end < line.upperBound else { return end }
        return bytes[end] == 0x20 || bytes[end] == 0x09 || bytes[end] == 0x0D ? end : nil
    }

    private static func add(
        _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ text: SourceText, _ units: inout [SourceUnit]
    ) {
        guard let start = firstContent(bytes, range) else { return }
        let document = (units.last?.document ?? -1) + 1
        guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
            // A document of directives alone (%YAML 1.1) says nothing.
            guard bytes[start] != UInt8(ascii: "%") else { return }
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
