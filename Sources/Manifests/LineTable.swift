/// Where the lines of a text are, in steps of some thousand bytes, so that a place is found at once however long its line is.
struct LineTable: Sendable {
    /// What lies before a step.
    private struct Step {
        /// Newlines.
        var newlines = 0
        /// Characters since the last of them.
        var characters = 0
    }

    private static let stride = 4_096
    private let start: Int
    private var steps: [Step] = []

    /// Counts the lines of a text that begins at an offset.
    init(_ bytes: [UInt8], start: Int) {
        self.start = start
        steps.reserveCapacity(bytes.count / LineTable.stride + 1)
        bytes.withUnsafeBufferPointer { bytes in
            var step = Step()
            var position = start
            while true {
                steps.append(step)
                guard position < bytes.count else { break }
                let next = min(position + LineTable.stride, bytes.count)
                LineTable.count(bytes, position..<next, &step)
                position = next
            }
        }
    }

    /// The line and the column, both from 1, of an offset.
    func position(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let offset = max(start, min(offset, bytes.count))
        let index = min((offset - start) / LineTable.stride, steps.count - 1)
        var step = steps[index]
        bytes.withUnsafeBufferPointer { bytes in
            LineTable.count(bytes, start + index * LineTable.stride..<offset, &step)
        }
        return (step.newlines + 1, step.characters + 1)
    }

    private static func count(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ step: inout Step) {
        var (newlines, characters) = (step.newlines, step.characters)
        for byte in UnsafeBufferPointer(rebasing: bytes[range]) {
            if byte == 0x0A {
                newlines += 1
                characters = 0
            } else if byte & 0xC0 != 0x80 {
                characters += 1
            }
        }
        step = Step(newlines: newlines, characters: characters)
    }
}
