import ClusterModel

/// Appends JSON to a byte buffer, piece by piece, without a tree in between.
///
/// Commas are set by the writer; that keys and values alternate and that brackets match is up to the caller (and checked in
/// debug builds). A message is written as `beginObject(); key("type"); string("ping"); endObject(); newline()`.
public struct JSONWriter {
    /// What was written so far.
    public private(set) var bytes: [UInt8]

    /// Whether a comma goes before the next key or item of the container at hand.
    private var needsComma = false
    /// Whether the next value belongs to a key that was just written, and so goes on the same line.
    private var afterKey = false
    private var depth = 0
    private let pretty: Bool

    /// Starts with an empty buffer; a pretty writer puts each field and item on a line of its own.
    public init(pretty: Bool = false, capacity: Int = 0) {
        self.bytes = []
        self.pretty = pretty
        bytes.reserveCapacity(capacity)
    }

    /// Empties the buffer and keeps its memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        depth = 0
    }

    /// Ends a message of a stream with a newline; the next value starts afresh.
    public mutating func newline() {
        assert(depth == 0, "a message ends inside an object or an array")
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// Writes the line that sets apart the documents of a YAML stream (JSON documents are YAML too).
    public mutating func separator() {
        assert(depth == 0, "a document ends inside an object or an array")
        append("---\n")
        needsComma = false
    }

    /// Opens an object.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Closes an object.
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Closes an array.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A key, which must need no escape; its value comes next.
    public mutating func key(_ name: StaticString) {
        let comma = commaIsDue()
        piece(upTo: name.utf8CodeUnitCount + 4) { piece in
            if comma { piece.append(UInt8(ascii: ",")) }
            piece.append(UInt8(ascii: "\""))
            piece.append(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            piece.append(UInt8(ascii: "\""))
            piece.append(UInt8(ascii: ":"))
        }
        if pretty { bytes.append(UInt8(ascii: " ")) }
        needsComma = false
        afterKey = true
    }

    /// A key that is known only at run time; its value comes next.
    public mutating func key(named name: String) {
        quoted(name, comma: commaIsDue())
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(UInt8(ascii: " ")) }
        needsComma = false
        afterKey = true
    }

    /// The value `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// A boolean.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// A whole number, which must fit in 64 bits with a sign.
    @inlinable
    public mutating func int(_ value: some BinaryInteger) { int(Int64(value)) }

    /// A whole number.
    public mutating func int(_ value: Int64) {
        digits(value, comma: commaIsDue())
    }

    /// A number in the shortest form that reads back as the same; what is not a number, and infinity, become `null`.
    public mutating func double(_ value: Double) {
        separate()
        guard value.isFinite else { return append("null") }
        var text = value.description
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// A string.
    public mutating func string(_ text: String) {
        quoted(text, comma: commaIsDue())
    }

    /// A string that is known when compiling and needs no escape.
    public mutating func literal(_ text: StaticString) {
        let comma = commaIsDue()
        piece(upTo: text.utf8CodeUnitCount + 3) { piece in
            if comma { piece.append(UInt8(ascii: ",")) }
            piece.append(UInt8(ascii: "\""))
            piece.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            piece.append(UInt8(ascii: "\""))
        }
    }

    /// A whole tree.
    public mutating func value(_ value: Value) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .int(let number): int(number)
        case .double(let number): double(number)
        case .string(let text): string(text)
        case .array(let items):
            beginArray()
            for item in items { self.value(item) }
            endArray()
        case .object(let fields):
            beginObject()
            for field in fields {
                key(named: field.key)
                self.value(field.value)
            }
            endObject()
        }
    }
}

extension JSONWriter {
    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
        depth += 1
    }

    private mutating func end(_ bracket: UInt8) {
        assert(depth > 0, "a bracket closes what was never opened")
        depth -= 1
        // Without a comma due, the container is empty and stays on its line.
        if pretty, needsComma { lineBreak() }
        bytes.append(bracket)
        needsComma = true
    }

    /// Sets what goes between the last value and the next key or item.
    private mutating func separate() {
        if commaIsDue() { bytes.append(UInt8(ascii: ",")) }
    }

    /// Answers whether a comma goes before the next key or item, for those that write it along with themselves; a pretty
    /// writer, which breaks the line behind it, writes it here.
    private mutating func commaIsDue() -> Bool {
        let comma = needsComma
        needsComma = true
        guard pretty else { return comma }
        if comma { bytes.append(UInt8(ascii: ",")) }
        if depth > 0, !afterKey { lineBreak() }
        afterKey = false
        return false
    }

    /// A few bytes on the stack. Appending them to the buffer in one go costs a fraction of appending each.
    private struct Piece {
        let start: UnsafeMutablePointer<UInt8>
        var count = 0

        mutating func append(_ byte: UInt8) {
            start[count] = byte
            count += 1
        }

        mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
            guard let base = source.baseAddress else { return }
            (start + count).update(from: base, count: source.count)
            count += source.count
        }
    }

    private mutating func piece(upTo capacity: Int, _ fill: (inout Piece) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            guard let start = buffer.baseAddress else { return }
            var piece = Piece(start: start)
            fill(&piece)
            assert(piece.count <= capacity, "a piece longer than its room")
            bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: piece.count))
        }
    }

    private mutating func lineBreak() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func digits(_ value: Int64, comma: Bool) {
        piece(upTo: 21) { piece in
            if comma { piece.append(UInt8(ascii: ",")) }
            if value < 0 { piece.append(UInt8(ascii: "-")) }
            var rest = value.magnitude
            var length = 1
            var bound: UInt64 = 10
            while length < 19, rest >= bound {
                length += 1
                bound &*= 10
            }
            var place = piece.count + length
            piece.count = place
            repeat {
                place -= 1
                piece.start[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
        }
    }

    private mutating func quoted(_ text: String, comma: Bool) {
        var text = text
        text.withUTF8 { source in
            let escaped = source.contains(where: JSONWriter.needsEscape)
            guard source.count > 250 || escaped else {
                return piece(upTo: source.count + 3) { piece in
                    if comma { piece.append(UInt8(ascii: ",")) }
                    piece.append(UInt8(ascii: "\""))
                    piece.append(source)
                    piece.append(UInt8(ascii: "\""))
                }
            }
            if comma { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            // Runs of plain bytes are copied whole.
            var runStart = 0
            for index in source.indices where JSONWriter.needsEscape(source[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[runStart..<index]))
                escape(source[index])
                runStart = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[runStart...]))
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            let hexDigits: StaticString = "0123456789abcdef"
            append("u00")
            bytes.append(hexDigits.utf8Start[Int(byte >> 4)])
            bytes.append(hexDigits.utf8Start[Int(byte & 15)])
        }
    }
}
