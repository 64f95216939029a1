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

    /// Begins another document of a YAML stream, behind a `newline()`.
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
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(name)
        bytes.append(UInt8(ascii: "\""))
        endKey()
    }

    /// A key that is known only at run time; its value comes next.
    public mutating func key(_ name: String) {
        separate()
        quoted(name)
        endKey()
    }

    private mutating func endKey() {
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
    public mutating func int(_ value: some BinaryInteger) {
        separate()
        digits(Int64(value))
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
        separate()
        quoted(text)
    }

    /// A string that is known when compiling and needs no escape.
    public mutating func string(_ text: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(text)
        bytes.append(UInt8(ascii: "\""))
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
                key(field.key)
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
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        if pretty, depth > 0, !afterKey { lineBreak() }
        afterKey = false
    }

    private mutating func lineBreak() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func digits(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        if rest < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(rest)) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var start = 20
            repeat {
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start..<20]))
        }
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            // Runs of plain bytes are copied whole: in practice that is the whole string.
            var runStart = 0
            for index in source.indices where JSONWriter.needsEscape(source[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[runStart..<index]))
                escape(source[index])
                runStart = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[runStart...]))
        }
        bytes.append(UInt8(ascii: "\""))
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
