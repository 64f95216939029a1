import ClusterModel

/// The list under the key `items` of a JSON object.
struct JSONList: Sendable {
    /// From its bracket to its bracket; empty where there is none.
    var range: Range<Int>
    /// Its items.
    var items: [Range<Int>]
}

/// Finds its way through JSON text without building anything: where values begin and end.
///
/// It follows brackets and strings alone and leaves judging the rest to the parser; on text that is not JSON it may fail
/// (nil), and never reads beyond its end.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the next byte.
    private(set) var index: Int

    /// Scans a text from an offset on.
    init(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    /// The next byte that is not white space, without taking it.
    mutating func peek() -> UInt8? {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        return nil
    }

    /// Takes the next byte that is not white space, if it is this one.
    mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: wanted) else { return false }
        index += 1
        return true
    }

    /// Takes a string, and answers the range between its quotes.
    mutating func string() -> Range<Int>? {
        guard take("\"") else { return nil }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return start..<(index - 1) }
            if byte == UInt8(ascii: "\\") { index += 1 }
        }
        return nil
    }

    /// Takes a whole value and answers its range.
    mutating func value() -> Range<Int>? {
        guard let first = peek() else { return nil }
        let start = index
        switch first {
        case UInt8(ascii: "\""):
            return string().map { _ in start..<index }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return skipBrackets() ? start..<index : nil
        default:
            while index < bytes.count, !JSONScanner.endsWord(bytes[index]) { index += 1 }
            return index > start ? start..<index : nil
        }
    }

    /// Takes everything up to the bracket that closes the one at `index`.
    private mutating func skipBrackets() -> Bool {
        // A local copy, as the members of a structure in memory cost a load and a store for each byte.
        var position = index
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth > 0 else {
                    index = position
                    return true
                }
            default: break
            }
        }
        return false
    }

    /// Takes a whole object and answers the list under its key `items`, without items where it has none such; nil where the
    /// text cannot be followed.
    mutating func object() -> JSONList? {
        var list = JSONList(range: index..<index, items: [])
        guard take("{") else { return nil }
        if take("}") { return list }
        repeat {
            guard let key = string(), take(":") else { return nil }
            guard list.items.isEmpty, matches(key, "items"), peek() == UInt8(ascii: "[") else {
                guard value() != nil else { return nil }
                continue
            }
            let start = index
            guard take("[") else { return nil }
            if take("]") { continue }
            repeat {
                guard let item = value() else { return nil }
                list.items.append(item)
            } while take(",")
            guard take("]") else { return nil }
            list.range = start..<index
        } while take(",")
        return take("}") ? list : nil
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"): true
        default: false
        }
    }

    /// The offset of the value at a path, or of its nearest ancestor that exists; nil where the text cannot be followed.
    func offset(of path: FieldPath) -> Int? {
        var scanner = self
        guard scanner.peek() != nil else { return nil }
        var found = scanner.index
        for element in path.elements {
            guard scanner.enter(element), scanner.peek() != nil else { return found }
            found = scanner.index
        }
        return found
    }

    /// Moves to the value of one step of a path.
    private mutating func enter(_ element: FieldPath.Element) -> Bool {
        switch element {
        case .index(let wanted):
            guard take("[") else { return false }
            for _ in 0..<wanted {
                guard value() != nil, take(",") else { return false }
            }
            return peek() != UInt8(ascii: "]")
        case .key(let wanted):
            guard take("{") else { return false }
            while let key = string(), take(":") {
                if matches(key, wanted) { return true }
                guard value() != nil, take(",") else { return false }
            }
            return false
        }
    }

    private func matches(_ key: Range<Int>, _ wanted: String) -> Bool {
        // Keys of manifests have no escapes; one that does is not found, and its parent stands in for it.
        bytes[key].elementsEqual(wanted.utf8)
    }
}
