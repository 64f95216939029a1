import Glibc

/// Cuts a stream of bytes, however it arrives in pieces, into lines.
///
/// A line longer than the limit is thrown away up to its newline and reported once, so that a peer that floods costs no
/// more memory than the limit.
public struct LineFramer {
    /// What the stream holds next.
    public enum Event {
        /// A line without its newline. The bytes are valid during the call alone.
        case line(UnsafeRawBufferPointer)
        /// A line that was longer than the limit: its first bytes and its whole length.
        case overlong(prefix: [UInt8], length: Int)
    }

    /// The most bytes that a line may have, its newline not counted.
    public let maxLineBytes: Int

    /// How much of an over-long line is kept to be shown.
    public static let prefixBytes = 200

    /// The beginning of a line whose newline has not come yet; while a line is discarded, its first bytes.
    private var partial: [UInt8] = []
    /// How long the line being discarded is so far; 0 where none is.
    private var discarded = 0

    /// A framer for lines of at most `maxLineBytes`.
    public init(maxLineBytes: Int) {
        precondition(maxLineBytes > 0, "a line of no bytes is of no use")
        self.maxLineBytes = maxLineBytes
    }

    /// How many bytes wait for their newline.
    public var pendingBytes: Int { discarded > 0 ? discarded : partial.count }

    /// Takes the next bytes of the stream and hands every line that they complete to `body`, in order.
    ///
    /// - Complexity: O(bytes); a line that lies wholly in `chunk` is not copied.
    public mutating func push(_ chunk: UnsafeRawBufferPointer, _ body: (Event) -> Void) {
        var rest = chunk
        while let start = rest.baseAddress, !rest.isEmpty {
            guard let newline = memchr(start, 0x0A, rest.count) else { return keep(rest) }
            let length = start.distance(to: UnsafeRawPointer(newline))
            finishLine(UnsafeRawBufferPointer(rebasing: rest[..<length]), body)
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
    }

    /// Takes the next bytes of the stream.
    public mutating func push(_ chunk: [UInt8], _ body: (Event) -> Void) {
        chunk.withUnsafeBytes { push($0, body) }
    }

    /// Ends the stream: hands over what came after the last newline, if anything did.
    public mutating func finish(_ body: (Event) -> Void) {
        if pendingBytes > 0 { finishLine(UnsafeRawBufferPointer(start: nil, count: 0), body) }
    }

    private mutating func finishLine(_ end: UnsafeRawBufferPointer, _ body: (Event) -> Void) {
        if discarded == 0, partial.isEmpty, end.count <= maxLineBytes { return body(.line(end)) }
        keep(end)
        if discarded > 0 {
            body(.overlong(prefix: partial, length: discarded))
        } else {
            partial.withUnsafeBytes { body(.line($0)) }
        }
        partial.removeAll(keepingCapacity: true)
        discarded = 0
    }

    /// Adds bytes to the line at hand, or counts them where it is too long already.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        let length = (discarded > 0 ? discarded : partial.count) + bytes.count
        if length <= maxLineBytes { return partial.append(contentsOf: bytes) }
        // The first time round this is a new array, so that the memory of the long line goes back.
        if discarded == 0 { partial = Array(partial.prefix(LineFramer.prefixBytes)) }
        partial.append(contentsOf: bytes.prefix(max(0, LineFramer.prefixBytes - partial.count)))
        discarded = length
    }
}
