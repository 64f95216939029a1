import ClusterModel

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
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return start..<(index - 1)
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
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
            var depth = 0
            repeat {
                guard index < bytes.count else { return nil }
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return nil }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                index += 1
            } while depth > 0
            return start..<index
        default:
            while index < bytes.count, !JSONScanner.endsWord(bytes[index]) { index += 1 }
            return index > start ? start..<index : nil
        }
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
