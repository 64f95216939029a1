import ClusterModel
import JSON

extension SourceSplitter {
    /// A `List` document in pieces: what it says of itself, and its items, each of which is parsed on its own.
    struct ListPieces {
        /// The document without its items.
        var header: Value
        /// The items in order.
        var items: [SourceUnit]
    }

    /// The pieces of a document that is a `List` (or a `PodList`, `NodeList` …) with items; nil for any other, which is then
    /// parsed as a whole.
    ///
    /// Lists are how `kubectl get -o yaml` prints everything there is. In pieces they are read on all cores, without a tree of
    /// the whole in memory, and an error in one item is found without reading the others again.
    static func list(_ unit: SourceUnit) -> ListPieces? {
        let found = unit.text.bytes.withUnsafeBufferPointer { bytes in
            unit.syntax == .json ? jsonList(bytes, unit) : yamlList(bytes, unit.range)
        }
        guard let found, !found.items.isEmpty else { return nil }
        guard case .string(let kind)? = found.header["kind"], kind.hasSuffix("List") else { return nil }
        let syntax: SourceUnit.Syntax = unit.syntax == .json ? .json : .yamlItem
        let items = found.items.enumerated().map { index, range in
            SourceUnit(text: unit.text, range: range, document: unit.document, item: index, syntax: syntax)
        }
        return ListPieces(header: found.header, items: items)
    }

    private typealias Found = (header: Value, items: [Range<Int>])

    private static func jsonList(_ bytes: UnsafeBufferPointer<UInt8>, _ unit: SourceUnit) -> Found? {
        guard let list = unit.list else { return nil }
        let header =
            Array(bytes[unit.range.lowerBound..<list.range.lowerBound]) + Array("[]".utf8)
            + Array(bytes[list.range.upperBound..<unit.range.upperBound])
        // A fault in the header sends the whole document to the parser, which says where it is.
        guard let value = try? Value(json: header) else { return nil }
        return (value, list.items)
    }

    private static func yamlList(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Found? {
        let bytes = UnsafeBufferPointer(rebasing: bytes[..<range.upperBound])
        guard let key = itemsKey(bytes, range), var line = firstDash(bytes, after: key.upperBound) else { return nil }
        let column = line.content - line.start
        var items: [Range<Int>] = []
        var itemStart = line.start
        while let next = nextLine(bytes, after: line.start) {
            line = next
            let indent = line.content - line.start
            if indent > column { continue }
            let isItem = indent == column && isDash(bytes, line.content)
            items.append(itemStart..<line.start)
            itemStart = line.start
            if !isItem { break }
        }
        // What follows the last item, if anything does, belongs to the header.
        let endsList = items.last?.upperBound == line.start && !isDash(bytes, line.content)
        if !endsList { items.append(itemStart..<range.upperBound) }
        let rest = endsList ? line.start..<range.upperBound : range.upperBound..<range.upperBound
        let header = Array(bytes[range.lowerBound..<key.lowerBound]) + Array(bytes[rest])
        guard let value = header.withUnsafeBufferPointer({ BlockYAML.parse($0) }), value["items"] == nil else {
            return nil
        }
        return (value, items)
    }

    /// The line `items:` in the first column.
    private static func itemsKey(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        var start = range.lowerBound
        while start < bytes.count {
            let end = lineEnd(bytes, start)
            if end - start >= 6, bytes[start..<start + 6].elementsEqual("items:".utf8),
                bytes[(start + 6)..<end].allSatisfy({ $0 == 0x20 })
            {
                return start..<min(end + 1, bytes.count)
            }
            start = end + 1
        }
        return nil
    }

    private typealias Line = (start: Int, content: Int)

    private static func firstDash(_ bytes: UnsafeBufferPointer<UInt8>, after end: Int) -> Line? {
        guard let line = content(bytes, from: end), isDash(bytes, line.content) else { return nil }
        return line
    }

    private static func nextLine(_ bytes: UnsafeBufferPointer<UInt8>, after start: Int) -> Line? {
        content(bytes, from: lineEnd(bytes, start) + 1)
    }

    /// The first line from `start` on that holds more than blanks and a comment.
    private static func content(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Line? {
        var start = start
        while start < bytes.count {
            var position = start
            while position < bytes.count, bytes[position] == 0x20 { position += 1 }
            guard position < bytes.count else { return nil }
            if bytes[position] != 0x0A, bytes[position] != UInt8(ascii: "#") { return (start, position) }
            start = lineEnd(bytes, position) + 1
        }
        return nil
    }

    private static func isDash(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "-") else { return false }
        return position + 1 >= bytes.count || bytes[position + 1] == 0x20 || bytes[position + 1] == 0x0A
    }
}
